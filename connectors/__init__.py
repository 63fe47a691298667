"""The outside world: one folder a system, typed records out. Knows nothing of the rest of the house."""
