"""The version, read by the build and by `collabtui --version`."""

__version__ = "0.1.0"
