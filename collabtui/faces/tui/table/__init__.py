"""The one table, and what its listings are made of."""
