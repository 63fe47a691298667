"""sqlite-utils without pandas.

It imports pandas where that is there, to know its values; the forecasting libraries bring pandas, and the warehouse has
no use for it: 0.25 s at every start, and 70 MB.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def _without(name: str) -> Iterator[None]:
    """A module that has not been imported yet cannot be, meanwhile."""
    if name in sys.modules:
        yield
        return
    sys.modules[name] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        del sys.modules[name]


with _without("pandas"):
    from sqlite_utils import Database, Migrations

__all__ = ["Database", "Migrations"]
