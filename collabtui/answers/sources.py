"""How fresh what is shown is."""

from dataclasses import dataclass
from datetime import datetime

import polars as pl

from collabtui.config import Settings
from collabtui.warehouse import Warehouse

AT = pl.Datetime("us", "UTC")
SCHEMA = {
    "source": pl.String, "kind": pl.String, "state": pl.String, "ok_at": AT, "age_s": pl.Float64, "error": pl.String,
}  # fmt: skip


@dataclass(frozen=True)
class Sources:
    """`sources`: one row a configured source, in the config's order (SCHEMA)."""

    now: datetime
    sources: pl.DataFrame


def sources(warehouse: Warehouse, settings: Settings, now: datetime) -> Sources:
    return Sources(now, pl.DataFrame(schema=SCHEMA))
