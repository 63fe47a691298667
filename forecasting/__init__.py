"""Pure functions over polars frames: no files, no network, no screen."""
