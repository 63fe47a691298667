"""What stands around all views: the tabs' line, the sources' line, the keys' line, and sheets over them."""
