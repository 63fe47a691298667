"""What changed: pipelines that failed, landings against their forecasts, and dates that slipped."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl

from collabtui.answers.standup.items import CHANGES, Item
from collabtui.answers.standup.words import Words, length
from collabtui.warehouse import Warehouse, ledger_reads
from collabtui.warehouse.columns import to_us

Row = Mapping[str, Any]
NOTICED_S = 300.0
"""What lands less than this after its P85 is not talked about."""
SLIPPED = timedelta(minutes=10)
SLIPPED_DAYS = 2
"""A day later may be no more than another draw."""


def failed(pipelines: Sequence[Row], words: Words) -> list[Item]:
    """Pipelines whose last run failed, the newest first: whenever that was, they are not repaired yet."""
    broken = [row for row in pipelines if row["recent"] and row["recent"][-1] == "failed" and not row["is_paused"]]
    broken.sort(key=lambda row: row["last_end_at"], reverse=True)
    return [
        Item(CHANGES, row["team"], "failed", "failed", f"{row['name']} {words.at(row['last_end_at'])}{_again(row)}")
        for row in broken
    ]


def _again(row: Row) -> str:
    return ", is running again" if row["run_id"] is not None else ", not repaired"


def landed(
    warehouse: Warehouse, pipelines: Sequence[Row], deliveries: Sequence[Row], since: datetime, words: Words
) -> list[Item]:
    """Of each pipeline the run that landed farthest from what was forecast before it, missed deadlines first.

    Late is after its deadline or its P85, early is farther before its P50 than its P85 was after.
    """
    names = {(row["source"], row["pipeline_id"]): (row["name"], row["team"]) for row in pipelines}
    seen = _against_forecasts(warehouse, since)
    late = {(row["source"], row["pipeline_id"]): row for row in _farthest(seen, "is_late", ["overdue_s", "late_s"])}
    for row in deliveries:  # also where no forecast was kept
        if row["state"] == "landed late" and row["landed_at"] >= since:
            overdue_s = (row["landed_at"] - row["deadline_at"]).total_seconds()
            told = {"outcome_at": row["landed_at"], "overdue_s": overdue_s, "late_s": 0.0}
            late.setdefault((row["source"], row["pipeline_id"]), told)
    found = []
    for key, row in sorted(late.items(), key=lambda known: (-known[1]["overdue_s"], -known[1]["late_s"])):
        name, team = names.get(key, (key[1], None))
        after = [f"{length(row['overdue_s'])} after its deadline"] if row["overdue_s"] else []
        after += [f"{length(row['late_s'])} after its P85"] if row["late_s"] else []
        text = f"{name} {words.at(row['outcome_at'])}, {', '.join(after)}"
        found.append(Item(CHANGES, team, "late", "landed late" if row["overdue_s"] else "after P85", text))
    for row in _farthest(seen, "is_early", ["early_s"]):
        name, team = names.get((row["source"], row["pipeline_id"]), (row["pipeline_id"], None))
        text = f"{name} {words.at(row['outcome_at'])}, {length(row['early_s'])} before its P50"
        found.append(Item(CHANGES, team, "early", "early", text))
    return found


def _against_forecasts(warehouse: Warehouse, since: datetime) -> pl.DataFrame:
    """Runs that landed since, with the first forecast of each: overdue_s (after the deadline), late_s (after P85; both
    0 where it was not, or hardly), early_s (before P50), is_late, is_early.
    """
    landings = ledger_reads.landings_since(warehouse, since)
    first = landings.unique(["source", "pipeline_id", "outcome_at"], keep="first", maintain_order=True)

    def seconds(of: pl.Expr) -> pl.Expr:
        return of.dt.total_microseconds() / 1e6

    late_s, early_s = seconds(pl.col("outcome_at") - pl.col("p85_at")), seconds(pl.col("p50_at") - pl.col("outcome_at"))
    spread_s = seconds(pl.col("p85_at") - pl.col("p50_at")).clip(NOTICED_S)
    return first.with_columns(
        overdue_s=seconds(pl.col("outcome_at") - pl.col("deadline_at")).clip(0).fill_null(0.0),
        late_s=pl.when(late_s > NOTICED_S).then(late_s).otherwise(0.0),
        early_s=early_s,
        is_early=early_s > spread_s,
    ).with_columns(is_late=(pl.col("overdue_s") > 0) | (pl.col("late_s") > 0))


def _farthest(seen: pl.DataFrame, which: str, by: Sequence[str]) -> Sequence[Row]:
    """Of each pipeline the run with the most of that, the most of all first."""
    ordered = seen.filter(which).sort(by, descending=True, maintain_order=True)
    return ordered.unique(["source", "pipeline_id"], keep="first", maintain_order=True).to_dicts()


def slipped(
    kept: pl.DataFrame, pipelines: Sequence[Row], epics: Sequence[Row], since: datetime, words: Words
) -> list[Item]:
    """Epics and deliveries whose P85 is later than when it was kept: of an epic the newest until `since`, of a run
    with a deadline the first.

    kept: forecasts that are open, the first made first (see `ledger_reads.open_forecasts`).
    """
    return [*_slipped_runs(kept, pipelines, words), *_slipped_epics(kept, epics, since, words)]


def _slipped_runs(kept: pl.DataFrame, pipelines: Sequence[Row], words: Words) -> list[Item]:
    runs = kept.filter(pl.col("question") != "delivery").reverse()
    first = {(source, subject): p85 for source, subject, p85 in runs.select("source", "subject", "p85_at").iter_rows()}
    found = []
    for row in pipelines:
        if row["deadline_at"] is None or row["p85_at"] is None:
            continue
        due, in_flight = f"{row['pipeline_id']}\n{to_us(row['due_at'])}", f"{row['pipeline_id']}\n{row['run_id']}"
        then = first.get((row["source"], due), first.get((row["source"], in_flight)))
        if then is not None and row["p85_at"] - then >= SLIPPED:
            told = f"{row['name']}: P85 {words.at(row['p85_at'])}, was {words.at(then)}"
            text = f"{told}, due {words.at(row['deadline_at'])}"
            found.append((row["p85_at"] - then, Item(CHANGES, row["team"], "slipped", "slipped", text)))
    return [item for _, item in sorted(found, key=lambda known: known[0], reverse=True)]


def _slipped_epics(kept: pl.DataFrame, epics: Sequence[Row], since: datetime, words: Words) -> list[Item]:
    before = kept.filter((pl.col("question") == "delivery") & (pl.col("made_at") <= since))
    was = {(source, subject): at for source, subject, at in before.select("source", "subject", "p85_at").iter_rows()}
    found = []
    for row in epics:
        then_at = was.get((row["source"], row["epic_id"]))
        if then_at is None or row["state"] in ("ready to close", "no tickets"):
            continue
        then = (then_at.astimezone(UTC) - timedelta(days=1)).date()  # it is kept as the end of the day
        if row["p85_on"] is None:
            days, told = 10_000, "not within two years"
        else:
            days, told = (row["p85_on"] - then).days, words.day(row["p85_on"])
        if days >= SLIPPED_DAYS:
            text = f"{_epic(row)}: P85 {told}, was {words.day(then)}"
            found.append((days, Item(CHANGES, row["team"], "slipped", "slipped", text)))
    return [item for _, item in sorted(found, key=lambda known: known[0], reverse=True)]


def _epic(row: Row) -> str:
    return f"{row['epic_key']} {row['title'] or ''}".strip()
