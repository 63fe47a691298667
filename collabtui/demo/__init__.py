"""A simulated data team behind real HTTP APIs, and a real Git repository."""
