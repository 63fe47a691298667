"""What is off in runs, tickets and commits: longer runs, failures, silence, more or fewer than usual. Newest first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
from numpy.typing import NDArray

from collabtui.answers.teams import with_team
from collabtui.answers.throughput import workdays_from
from collabtui.answers.upcoming import ENDED
from collabtui.config import Settings
from collabtui.warehouse import Warehouse, reads
from forecasting.anomaly.alarms import span
from forecasting.anomaly.anomalies import anomalies as alarms_of
from forecasting.anomaly.worked import Worked

RECENT_DAYS = 14
LEVEL_DAYS = 28
"""A level that goes on for longer is what is usual now."""
HISTORY_RUNS, HISTORY_DAYS = 360, 90
"""Two weeks and a day of hourly runs: every weekday twice."""
COUNT_DAYS = 182
NOTICED_WAIT_S = 60
"""Where runs never wait longer to start, they land as late as they take: one of both is enough to look at."""
TOGETHER = 3
"""Where so many pipelines of a source or more begin to be silent or to fail within so long, that is one event:"""
WITHIN = {"silence": timedelta(hours=26), "failing": timedelta(hours=2)}
WORDS = {"silence": ("are silent", "were silent"), "failing": ("fail", "failed")}
NAMED = 3
SUBJECT = ["subject_type", "source", "subject"]


@dataclass(frozen=True)
class Anomalies:
    """anomalies: since_at, until_at (null: it goes on), subject_type (pipeline, source, team, repository), source
    (null for a team), subject (a pipeline's id, a team's name, …), what (duration, landing, failures, landings, tickets
    arrived, tickets finished, commits), kind (silence, failing, level shift, spike), size (a factor of what is usual),
    text ("runs take 1.6× as long since Tue 3 Mar"), pipelines (the ids of those concerned).
    """

    now: datetime
    anomalies: pl.DataFrame


def anomalies(warehouse: Warehouse, settings: Settings, now: datetime, *, days: int = RECENT_DAYS) -> Anomalies:
    """What began or ended in the last `days` or goes on, one row an event; a level that goes on for four weeks is
    usual now, and no longer shown. They are looked for once a minute: the stand-up and the series ask too.
    """
    minute = now.replace(second=0, microsecond=0)

    def made() -> pl.DataFrame:
        panels = {**_run_panels(warehouse, minute), **_count_panels(warehouse, settings, minute)}
        return _found(warehouse, settings, minute, panels, days)

    return Anomalies(now, warehouse.kept(("anomalies", repr(settings), days), made, at=minute))


def pipeline_anomalies(
    warehouse: Warehouse, settings: Settings, now: datetime, *, source: str, pipeline_id: str
) -> list[str]:
    """The texts of what is off with this pipeline now, newest first."""
    found = _found(warehouse, settings, now, _run_panels(warehouse, now), RECENT_DAYS)
    goes_on = (pl.col("source") == source) & pl.col("until_at").is_null()
    return found.filter(goes_on & pl.col("pipelines").list.contains(pipeline_id))["text"].to_list()


def _found(
    warehouse: Warehouse, settings: Settings, now: datetime, panels: Mapping[str, pl.DataFrame], days: int
) -> pl.DataFrame:
    panels = {what: panel.with_columns(_id(*SUBJECT)) for what, panel in panels.items()}
    subjects = pl.concat([panel.select("id", *SUBJECT, "seen_in") for panel in panels.values()]).unique()
    zone = settings.timezone or "UTC"
    asof, worked = _asof(warehouse, subjects, now), _worked(settings, subjects, now, zone)
    found = alarms_of(panels, now, zone=zone, asof=asof, feeders=_feeders(warehouse), worked=worked)
    ends = pl.col("until").fill_null(now)
    is_usual = (pl.col("kind") == "level shift") & pl.col("until").is_null()
    is_usual &= pl.col("since") < now - timedelta(days=max(days, LEVEL_DAYS))
    recent = found.filter((ends >= now - timedelta(days=days)) & ~is_usual)
    return _as_one(recent.join(subjects.unique("id"), on="id", how="left", maintain_order="left"), zone)


def _as_one(alarms: pl.DataFrame, zone: str) -> pl.DataFrame:
    """The rows of `Anomalies`, with one in place of those of many pipelines that began together."""
    is_pipeline = pl.col("subject_type") == "pipeline"
    rows = alarms.select(
        pl.col("since").alias("since_at"), pl.col("until").alias("until_at"), *SUBJECT, "what", "kind", "size", "text",
        pl.when(is_pipeline).then(pl.concat_list("subject")).otherwise([]).alias("pipelines"),
    )  # fmt: skip
    groups: list[list[dict[str, Any]]] = []
    may_belong = is_pipeline & pl.col("kind").is_in(list(WITHIN))
    for row in rows.filter(may_belong).sort("source", "kind", "since_at").iter_rows(named=True):
        first = groups[-1][0] if groups else None
        is_next = first is not None and (first["source"], first["kind"]) == (row["source"], row["kind"])
        if first is not None and is_next and row["since_at"] - first["since_at"] <= WITHIN[row["kind"]]:
            groups[-1].append(row)
        else:
            groups.append([row])
    together = [_event(group, zone) if len(group) >= TOGETHER else group[0] for group in groups]
    alone = [row for group in groups if len(group) < TOGETHER for row in group[1:]]
    return pl.concat([rows.filter(~may_belong), pl.DataFrame(together + alone, schema=rows.schema)]).sort(
        "since_at", descending=True, maintain_order=True
    )


def _event(group: Sequence[dict[str, Any]], zone: str) -> dict[str, Any]:
    """One row for several pipelines."""
    kind, source, since = group[0]["kind"], group[0]["source"], group[0]["since_at"]
    until = None if any(row["until_at"] is None for row in group) else max(row["until_at"] for row in group)
    names = sorted(row["subject"] for row in group)
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    does = WORDS[kind][0 if until is None else 1]
    text = f"{len(names)} pipelines {does} {span(since, until, zone, timedelta(0))}: {', '.join(names[:NAMED])}{more}"
    size = max(row["size"] for row in group)
    named = {"subject_type": "source", "source": source, "subject": source, "what": group[0]["what"], "kind": kind}
    return {"since_at": since, "until_at": until, **named, "size": size, "text": text, "pipelines": names}


def _id(*columns: str) -> pl.Expr:
    return pl.concat_str([pl.col(name).fill_null("") for name in columns], separator="\n").alias("id")


def _asof(warehouse: Warehouse, subjects: pl.DataFrame, now: datetime) -> Mapping[str, datetime]:
    """Until when something is known of each subject: silence after the last sync is none."""
    synced = reads.sync_states(warehouse).select(
        pl.col("source").alias("seen_in"), pl.max_horizontal("ok_at", "seen_at").alias("at")
    )
    known = subjects.join(synced, on="seen_in", how="left").group_by("id").agg(pl.col("at").fill_null(now).min())
    return {name: min(at, now) for name, at in known.iter_rows()}


def _worked(settings: Settings, subjects: pl.DataFrame, now: datetime, zone: str) -> dict[str, Worked]:
    """When the people behind each team and each repository have days off; pipelines have none.

    Whose commits a repository takes is not known: each team counts by its size.
    """
    first = (now - timedelta(days=COUNT_DAYS)).astimezone(ZoneInfo(zone)).date()

    def shares(team: str | None) -> NDArray[np.float64]:
        return workdays_from(settings, team, first, COUNT_DAYS // 7 + 1).days.ravel()

    def named(days: NDArray[np.float64]) -> Worked:
        return {first + timedelta(days=int(n)): float(days[n]) for n in np.flatnonzero(days < 1)}

    known = subjects.unique("id")
    teams = known.filter(subject_type="team").select("id", "subject").iter_rows()
    found = {name: named(shares(team)) for name, team in teams}
    repositories = known.filter(subject_type="repository")["id"]
    if len(repositories):
        sizes: dict[str | None, int] = {team.name: max(1, len(team.members)) for team in settings.teams}
        sizes = sizes or {None: 1}
        all_teams = np.average([shares(team) for team in sizes], axis=0, weights=list(sizes.values()))
        found |= dict.fromkeys(repositories, named(all_teams))
    return found


def _run_panels(warehouse: Warehouse, now: datetime) -> dict[str, pl.DataFrame]:
    """How long runs took and when they landed, which failed, and that they ended at all; by pipeline."""
    pipelines = reads.pipelines(warehouse)
    keys = list(pipelines.select("source", "pipeline_id").iter_rows())
    since = now - timedelta(days=HISTORY_DAYS)
    runs = reads.runs_since(warehouse, keys, since, HISTORY_RUNS).filter(
        pl.col("state").is_in(ENDED) & pl.col("due_at").is_not_null() & pl.col("end_at").is_not_null()
    )
    runs = runs.with_columns(subject_type=pl.lit("pipeline"), subject="pipeline_id", seen_in="source")
    paused = pipelines.filter(pl.col("is_paused").fill_null(value=False))
    going = runs.join(paused, on=["source", "pipeline_id"], how="anti")
    landed = runs.filter(pl.col("state") == "success")
    waited = (pl.col("start_at") - pl.col("due_at")).dt.total_seconds()
    waiting = landed.filter((waited > NOTICED_WAIT_S).any().over("source", "pipeline_id"))
    columns = [*SUBJECT, "seen_in", "time", "value"]

    def taken(of: pl.DataFrame, begin: str) -> pl.DataFrame:
        value = (pl.col("end_at") - pl.col(begin)).dt.total_microseconds() / 1e6
        return of.with_columns(time="due_at", value=value).select(columns)

    return {
        "landings": going.with_columns(time="end_at").select(columns[:-1]),
        "failures": runs.with_columns(time="due_at", value=(pl.col("state") == "failed").cast(pl.Float64)).select(
            columns
        ),
        "duration": taken(landed, "start_at"),
        "landing": taken(waiting, "due_at"),
    }


def _count_panels(warehouse: Warehouse, settings: Settings, now: datetime) -> dict[str, pl.DataFrame]:
    """When tickets came and were finished, by team; and commits, by repository."""
    since = now - timedelta(days=COUNT_DAYS)
    tickets = with_team(reads.ticket_times(warehouse, since), settings).with_columns(
        subject_type=pl.lit("team"), subject="team", seen_in="source", source=pl.lit(None, dtype=pl.String)
    )
    commits = reads.commit_times(warehouse, since).with_columns(
        subject_type=pl.lit("repository"), subject="source", seen_in="source", time="committed_at"
    )
    columns = [*SUBJECT, "seen_in", "time"]
    return {
        "tickets arrived": tickets.filter(pl.col("created_at") >= since)
        .with_columns(time="created_at")
        .select(columns),
        "tickets finished": tickets.filter(pl.col("done_at") >= since).with_columns(time="done_at").select(columns),
        "commits": commits.select(columns),
    }


def _feeders(warehouse: Warehouse) -> dict[str, set[str]]:
    """By the id of a pipeline those of all pipelines that it waits for, directly or not."""
    before: dict[tuple[str, str], set[str]] = {}
    for source, pipeline_id, feeds_id in reads.upstream_pipelines(warehouse).iter_rows():
        before.setdefault((source, feeds_id), set()).add(pipeline_id)
    found = {}
    for (source, pipeline_id), direct in before.items():
        seen: set[str] = set()
        ahead = set(direct)
        while ahead:
            seen.add(name := ahead.pop())
            ahead |= before.get((source, name), set()) - seen
        found[f"pipeline\n{source}\n{pipeline_id}"] = {f"pipeline\n{source}\n{name}" for name in seen - {pipeline_id}}
    return found
