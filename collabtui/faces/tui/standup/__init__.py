"""The stand-up on a shared screen."""
