"""A tab a role: its lists, and the detail of what is selected in them."""
