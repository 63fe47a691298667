"""What is related to a pipeline, a dataset, a ticket, an epic, a commit, a person or a team, and how?"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import polars as pl

from collabtui.answers import relations
from collabtui.answers.humans import humans
from collabtui.answers.relations import Relation
from collabtui.config import ConfigError, Settings
from collabtui.warehouse import Warehouse, related_reads
from collabtui.warehouse.columns import to_us
from collabtui.warehouse.related_reads import First, Thing

LATELY = timedelta(days=14)
"""What touched a pipeline within so long is the first to explain why it fails or is late."""


@dataclass(frozen=True)
class Related:
    """kind, source, id: what is asked about; key: what people call it (name, ticket key, commit hash); name: in full.

    related: relation (in words, from what is asked about to the row), kind (pipeline, dataset, ticket, epic, commit,
    person, team), source, id, key, name, state (of a pipeline its last run's, of a ticket its status), category (of a
    ticket's status: new, indeterminate, done), at (when it last changed), who, text (what there is to say of it, of a
    commit also its files), url, cut (where not all of this relation are told: "20 of 39"). What most likely explains
    trouble first; within a relation the newest first. Nothing stands there twice.
    """

    now: datetime
    kind: str
    source: str
    id: str
    key: str
    name: str
    related: pl.DataFrame


def related(
    warehouse: Warehouse,
    settings: Settings,
    now: datetime,
    *,
    kind: str,
    source: str,
    id: str,  # noqa: A002
) -> Related:
    """Of the thing of that kind, source and id; a team's id is its name. Raises `ConfigError` where there is none."""
    about = thing(warehouse, settings, kind, source, id)
    if about is None:
        raise ConfigError(f"there is no {kind} {id!r} in the warehouse; `collabtui sync` brings what is new")
    of_kind: Mapping[str, Callable[..., Iterable[Relation]]] = {
        "pipeline": relations.of_pipeline, "dataset": relations.of_dataset, "ticket": relations.of_ticket,
        "epic": relations.of_ticket, "commit": relations.of_commit, "person": relations.of_person,
        "team": relations.of_team,
    }  # fmt: skip
    found: dict[tuple[str, str, str], tuple[str, Thing]] = {}
    cut: dict[str, str] = {}
    for words, rows in of_kind[about.kind](warehouse, settings, about, to_us(now - LATELY)):
        for row in rows:
            if row[:3] != about[:3]:
                found.setdefault(row[:3], (words, row))
        if isinstance(rows, First) and len(rows) < rows.total:
            cut[words] = f"{len(rows)} of {rows.total}"
    columns = ("relation", *Thing._fields, "cut")
    told = [(words, *row, cut.get(words)) for words, row in _with_files(warehouse, list(found.values()))]
    frame = warehouse.as_frame(columns, told).with_columns(pl.col(c).cast(pl.String) for c in columns if c != "at")
    return Related(now, about.kind, about.source, about.id, about.key, about.name or about.key, frame)


def _with_files(warehouse: Warehouse, rows: list[tuple[str, Thing]]) -> list[tuple[str, Thing]]:
    """Commits tell which files they changed."""
    changed: dict[tuple[str, str], list[str]] = defaultdict(list)
    commits = [(row.source, row.id) for _, row in rows if row.kind == "commit"]
    for source, sha, path in related_reads.files_of_commits(warehouse, commits):
        changed[source, sha].append(path)
    return [
        (words, row._replace(text="\n".join([*filter(None, [row.text]), *(f"± {path}" for path in paths)])))
        if (paths := changed.get((row.source, row.id)))
        else (words, row)
        for words, row in rows
    ]


def thing(warehouse: Warehouse, settings: Settings, kind: str, source: str, id: str) -> Thing | None:  # noqa: A002
    """The thing itself."""
    if kind == "team":
        return next((relations.team(name) for name in relations.teams(warehouse, settings) if name == id), None)
    if kind == "person":
        human = humans(warehouse).get((source, id))
        return human.thing if human is not None else None
    reads = {
        "pipeline": related_reads.pipelines, "dataset": related_reads.datasets, "ticket": related_reads.tickets,
        "epic": related_reads.tickets, "commit": related_reads.commits,
    }  # fmt: skip
    return next(iter(reads[kind](warehouse, [(source, id)])), None)
