"""Alarms against histories whose level shifts and incidents are known: found, false, and how many for one event.

The thresholds in `forecasting` were chosen on the times of `TUNED`; what is reported comes from others.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import polars as pl

from benchmarks.histories import SEEDER, History, history
from benchmarks.measure import Measurement
from forecasting.anomaly.anomalies import anomalies

DAGS = 40
LENGTHS = (100, 250, 500)
"""Runs of each pipeline."""
FIRST = datetime(2026, 3, 11, tzinfo=UTC)
TUNED, REPORTED = range(3), range(10, 16)
STEP = timedelta(hours=31)
"""Histories end at other hours and weekdays."""
NEAR_SHIFT, NEAR_INCIDENT = 10, 2
"""An alarm is of an event where it begins within so many runs."""
SOON = 14
VISIBLE = 2
"""An incident of fewer failed runs cannot be told from bad luck."""


def run() -> Iterator[Measurement]:
    """What is missed and false at each length of history."""
    if not SEEDER.exists():
        print("anomalies: no ../shared here, nothing to compare with")
        return
    for runs in LENGTHS:
        yield from measure(runs, [history(FIRST + STEP * n, runs=runs * DAGS, dags=DAGS) for n in REPORTED])


def measure(runs: int, histories: list[History]) -> Iterator[Measurement]:
    """Shares and rates over all these histories."""
    sums: Counter[str] = Counter()
    for each in histories:
        sums.update(score(each, anomalies(panels(each), each.runs["end_at"].max(), asof=last_ends(each))))
    name = f"anomalies: {runs} runs"
    shifts, incidents = sums["shifts"], sums["incidents"]
    yield Measurement(f"{name}, level shifts missed", 1 - sums["shifts found"] / shifts, 0.2, "share", f"of {shifts}")
    yield Measurement(
        f"{name}, level shifts false", 1 - sums["shift alarms right"] / max(1, sums["shift alarms"]), 0.2, "share",
        f"of {sums['shift alarms']}",
    )  # fmt: skip
    told = f"of {incidents} with {VISIBLE} failed runs or more; of all {sums['all incidents']}: "
    told += f"{1 - sums['all incidents found'] / sums['all incidents']:.2f}"
    yield Measurement(f"{name}, incidents missed", 1 - sums["incidents found"] / incidents, 0.2, "share", told)
    yield Measurement(
        f"{name}, incidents false", 1 - sums["failing alarms right"] / max(1, sums["failing alarms"]), 0.2, "share",
        f"of {sums['failing alarms']}",
    )  # fmt: skip
    events = sums["shifts found"] + sums["all incidents found"]
    yield Measurement(f"{name}, alarms for one event", sums["alarms of events"] / max(1, events), 1.1, "x")
    hundreds = len(histories) * DAGS * runs / 100
    told = ", ".join(f"{count} {kind[6:]}" for kind, count in sorted(sums.items()) if kind.startswith("false "))
    told += f"; {sums['retried']} of the spikes are runs with a second try"
    yield Measurement(f"{name}, false alarms a pipeline and 100 runs", sums["false"] / hundreds, 0.5, "", told)
    told = f"of {shifts}; shares missed after 10, {SOON} and 28 runs: "
    told += ", ".join(f"{1 - sum(told_after(each, n) for each in histories) / shifts:.2f}" for n in (10, SOON, 28))
    late = 1 - sum(told_after(each, SOON) for each in histories) / shifts
    yield Measurement(f"{name}, level shifts not told after {SOON} runs", late, 0.35, "share", told)


def told_after(known: History, runs: int) -> int:
    """How many level shifts are told when no more than so many runs of the new level are known."""
    shifted = {name: t["level_shift"]["at_run"] for name, t in known.truth.items() if t["level_shift"]}
    first = pl.col("id").replace_strict(shifted, default=None, return_dtype=pl.Int64)
    early = History(known.runs.filter(pl.col("n") < first + runs), known.truth)
    alarms = anomalies({"duration": panels(early)["duration"]}, early.runs["end_at"].max())
    return score(early, alarms)["shifts found"]


def panels(known: History) -> dict[str, pl.DataFrame]:
    """What `anomalies` is asked about a history."""
    landed = known.runs.filter(pl.col("state") == "success")

    def taken(since: str) -> pl.DataFrame:
        value = (pl.col("end_at") - pl.col(since)).dt.total_microseconds() / 1e6
        return landed.select("id", pl.col("due_at").alias("time"), value.alias("value"))

    failed = (pl.col("state") == "failed").cast(pl.Float64).alias("value")
    return {
        "landings": known.runs.select("id", pl.col("end_at").alias("time")),
        "failures": known.runs.select("id", pl.col("due_at").alias("time"), failed),
        "duration": taken("start_at"),
        "landing": taken("due_at"),
    }


def last_ends(known: History) -> dict[str, datetime]:
    """When the history of each pipeline ends."""
    return dict(known.runs.group_by("id").agg(pl.col("end_at").max()).iter_rows())


def score(known: History, alarms: pl.DataFrame) -> Counter[str]:
    """How many of each were there, found, right and false."""
    sums: Counter[str] = Counter()
    for (name,), runs in known.runs.group_by("id", maintain_order=True):
        places = dict(runs.select("due_at", "n").iter_rows())
        mine = []
        for kind, since, until in alarms.filter(pl.col("id") == name).select("kind", "since", "until").iter_rows():
            first = places.get(since, 0)
            last = places.get(until, runs.height) if until is not None else runs.height
            mine.append((kind, first, first if kind == "level shift" else last))
        truth = known.truth[str(name)]
        failed = set(runs.filter(pl.col("state") == "failed")["n"].to_list())
        retried = set(runs.filter(pl.col("has_second_try"))["n"].to_list())
        ours: set[tuple[str, int, int]] = set()
        if shift := truth["level_shift"]:
            of = [a for a in mine if abs(a[1] - shift["at_run"]) <= NEAR_SHIFT and a[0] != "failing"]
            is_found = any(kind == "level shift" for kind, *_ in of)
            sums.update({"shifts": 1, "shifts found": is_found, "alarms of events": len(of) if is_found else 0})
            ours.update(of)
        for incident in truth["incidents"]:
            first, end = incident["first"], incident["first"] + incident["runs"]
            of = [a for a in mine if a[1] < end + NEAR_INCIDENT and a[2] >= first - NEAR_INCIDENT and a not in ours]
            is_found = any(kind == "failing" for kind, *_ in of)
            sums.update({"all incidents": 1, "all incidents found": is_found})
            sums["alarms of events"] += len(of) if is_found else 0
            if len(failed & set(range(first, end))) >= VISIBLE:
                sums.update({"incidents": 1, "incidents found": is_found})
            sums["failing alarms right"] += sum(kind == "failing" for kind, *_ in of)
            ours.update(of)
        sums["shift alarms"] += sum(kind == "level shift" for kind, *_ in mine)
        sums["shift alarms right"] += sum(
            kind == "level shift" and bool(shift) and abs(first - shift["at_run"]) <= NEAR_SHIFT
            for kind, first, _ in mine
        )
        sums["failing alarms"] += sum(kind == "failing" for kind, *_ in mine)
        for alarm in mine:
            if alarm not in ours:
                sums.update({"false": 1, f"false {alarm[0]}": 1})
                sums["retried"] += alarm[0] == "spike" and alarm[1] in retried
    return sums
