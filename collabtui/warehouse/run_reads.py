"""What answers ask the warehouse about one run, as polars frames."""

from collections.abc import Sequence
from typing import Any

import polars as pl

from collabtui.warehouse.store import Warehouse

RUN = ("source", "pipeline_id", "run_id", "state", "run_type", "due_at", "start_at", "end_at")
TRY = (
    "task_id", "map_index", "try_number", "is_latest", "state", "scheduled_at", "queued_at", "start_at", "end_at",
    "max_tries", "pool", "operator",
)  # fmt: skip


def run(warehouse: Warehouse, source: str, pipeline_id: str, run_id: str) -> dict[str, Any] | None:
    """One run; None where there is none."""
    sql = f"SELECT {', '.join(RUN)} FROM run WHERE source = ? AND pipeline_id = ? AND run_id = ?"  # noqa: S608
    return next(warehouse.frame(sql, [source, pipeline_id, run_id]).iter_rows(named=True), None)


def newest_run(warehouse: Warehouse, pipeline_id: str) -> tuple[str, str, str] | None:
    """The key (source, pipeline_id, run_id) of the newest run of a pipeline in any source that has begun."""
    found = warehouse.rows(
        "SELECT source, pipeline_id, run_id FROM run WHERE pipeline_id = ? AND start_at IS NOT NULL "
        "AND gone_at IS NULL ORDER BY due_at DESC LIMIT 1",
        [pipeline_id],
    )
    return found[0] if found else None


def named_run(warehouse: Warehouse, pipeline_id: str, run_id: str) -> tuple[str, str, str] | None:
    """The key of the run of this name in any source."""
    found = warehouse.rows(
        "SELECT source, pipeline_id, run_id FROM run WHERE pipeline_id = ? AND run_id = ? LIMIT 1",
        [pipeline_id, run_id],
    )
    return found[0] if found else None


def tries(warehouse: Warehouse, source: str, pipeline_id: str, run_id: str) -> pl.DataFrame:
    """Every try of every task and mapped part of a run, the first ones first: the columns of `TRY`."""
    rows = warehouse.rows(
        f"SELECT {', '.join(TRY)} FROM task_run WHERE source = ? AND pipeline_id = ? AND run_id = ? "  # noqa: S608
        "ORDER BY task_id, map_index, try_number",
        [source, pipeline_id, run_id],
    )
    return warehouse.as_frame(TRY, rows)


def failures(warehouse: Warehouse, source: str, pipeline_id: str, run_ids: Sequence[str]) -> pl.DataFrame:
    """The record of each task in these runs: task_id, past_n (runs that it ran in), failed_n (in how many of them it
    failed for good), retried_n (in how many it needed another try).
    """
    rows = warehouse.rows(
        "SELECT task_id, count(*), sum(failed), sum(retried AND NOT failed) FROM ("  # noqa: S608 - only question marks
        "SELECT run_id, task_id, max(is_latest AND state = 'failed') AS failed, max(try_number > 1) AS retried "
        "FROM task_run WHERE source = ? AND pipeline_id = ? AND start_at IS NOT NULL "
        f"AND run_id IN ({', '.join('?' * len(run_ids))}) GROUP BY run_id, task_id) GROUP BY task_id",
        [source, pipeline_id, *run_ids],
    )
    schema = {"task_id": pl.String, "past_n": pl.Int64, "failed_n": pl.Int64, "retried_n": pl.Int64}
    return pl.DataFrame(rows, schema=schema, orient="row")


def slot_hours(warehouse: Warehouse, since: Sequence[tuple[str, str, int]]) -> pl.DataFrame:
    """What runs that succeeded took of each pool that their pipeline uses, by the day that they were due: source,
    pipeline_id, pool, day (since 1970), runs (due on it), asked (slot-hours, of all of them).

    since: source, pipeline_id and the first moment, in microseconds.
    """
    day = "due_at / 86400000000"
    mine = "source = ? AND pipeline_id = ? AND due_at >= ? AND state = 'success' AND gone_at IS NULL"
    days: list[tuple[Any, ...]] = []
    took: list[tuple[Any, ...]] = []
    for key in since:
        days += [
            (*key[:2], *row)
            for row in warehouse.rows(f"SELECT {day}, count(*) FROM run WHERE {mine} GROUP BY 1", key)  # noqa: S608
        ]
        took += [
            (*key[:2], *row)
            for row in warehouse.rows(
                f"SELECT coalesce(t.pool, 'default_pool'), {day}, "  # noqa: S608 - only question marks
                "sum((t.end_at - t.start_at) * coalesce(t.pool_slots, 1)) / 3.6e9 "
                f"FROM (SELECT * FROM run WHERE {mine}) JOIN task_run t USING (source, pipeline_id, run_id) "
                "WHERE t.end_at >= t.start_at GROUP BY 1, 2",
                key,
            )
        ]
    named = {"source": pl.String, "pipeline_id": pl.String}
    runs = pl.DataFrame(days, schema={**named, "day": pl.Int64, "runs": pl.Int64}, orient="row")
    schema = {**named, "pool": pl.String, "day": pl.Int64, "asked": pl.Float64}
    asked = pl.DataFrame(took, schema=schema, orient="row")
    pools = asked.select("source", "pipeline_id", "pool").unique(maintain_order=True)
    every = pools.join(runs, on=["source", "pipeline_id"])
    found = every.join(asked, on=["source", "pipeline_id", "pool", "day"], how="left")
    return found.with_columns(pl.col("asked").fill_null(0.0))
