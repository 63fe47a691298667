"""Which files are a pipeline's, which commits touched them, and what is still to do about it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import takewhile
from pathlib import PurePosixPath

import polars as pl

from collabtui.answers.mentions import open_tickets
from collabtui.warehouse import Warehouse
from collabtui.warehouse.related_reads import Key, Thing, keys_in_commits, last_commits, paths, pipeline_ends

ALIKE = 2
"""Two paths that end in so many equal parts are the same file, seen from other folders."""

WORK: dict[str, pl.DataType] = {
    "open_tickets": pl.Int64(), "touched_at": pl.Datetime("us", "UTC"), "touched_by": pl.String(),
    "touched_sha": pl.String(), "touched_subject": pl.String(), "touched_keys": pl.List(pl.String()),
}  # fmt: skip


def files_of(pipeline_id: str, file: str | None, known: "Paths") -> list[Key]:
    """The files (source, path) of a repository that a pipeline is made of: its own, and those named like it.

    Airflow tells where a file lies on its machine, Git where in the repository: they are compared from their ends.
    Where only the last part is equal and several files have it (`dag.py`), none is taken.
    """
    found = {*known.by_stem.get(pipeline_id, ())}
    if file is not None:
        own = PurePosixPath(file).parts
        ends = {key: _same_end(own, PurePosixPath(key[1]).parts) for key in known.by_name.get(own[-1], ())}
        best = max(ends.values(), default=0)
        nearest = [key for key, end in ends.items() if end == best]
        whole = [key for key in nearest if best in (len(own), len(PurePosixPath(key[1]).parts))]
        if best >= ALIKE or len(nearest) == len(whole) == 1:
            found.update(nearest)
    return sorted(found)


def _same_end(one: Sequence[str], other: Sequence[str]) -> int:
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(reversed(one), reversed(other), strict=False)))


class Paths:
    """The files of all repositories, by their names with and without ending."""

    def __init__(self, keys: Iterable[Key]) -> None:
        self.by_name: Mapping[str, list[Key]] = defaultdict(list)
        self.by_stem: Mapping[str, list[Key]] = defaultdict(list)
        for key in keys:
            name = key[1].rpartition("/")[2]
            self.by_name[name].append(key)
            self.by_stem[name.partition(".")[0]].append(key)


def pipeline_files(warehouse: Warehouse) -> Mapping[Key, list[Key]]:
    """Of every pipeline (source, pipeline_id) its files."""

    def find() -> Mapping[Key, list[Key]]:
        known = Paths(paths(warehouse))
        return {(source, name): files_of(name, file, known) for source, name, file, *_ in pipeline_ends(warehouse)}

    return warehouse.kept(("pipeline_files",), find)


def pipelines_of_files(warehouse: Warehouse) -> Mapping[Key, list[Key]]:
    """Of every such file its pipelines."""
    found: dict[Key, list[Key]] = defaultdict(list)
    for pipeline, files in pipeline_files(warehouse).items():
        for file in files:
            found[file].append(pipeline)
    return found


def last_touches(warehouse: Warehouse) -> Mapping[Key, Thing]:
    """Of every pipeline that a commit touched the newest one."""

    def find() -> Mapping[Key, Thing]:
        files = pipeline_files(warehouse)
        last = last_commits(warehouse, {file for its in files.values() for file in its})
        touched = {pipeline: [last[file] for file in its if file in last] for pipeline, its in files.items() if its}
        return {pipeline: max(its, key=lambda commit: commit.at or 0) for pipeline, its in touched.items() if its}

    return warehouse.kept(("last_touches",), find)


def with_work(warehouse: Warehouse, pipelines: pl.DataFrame) -> pl.DataFrame:
    """Add to pipelines (source, pipeline_id) what people do about each: the columns of `WORK`."""
    keys = list(pipelines.select("source", "pipeline_id").iter_rows())
    work = warehouse.kept(("with_work", *keys), lambda: _work(warehouse, keys))
    return pipelines.hstack(work)


def _work(warehouse: Warehouse, keys: Sequence[Key]) -> pl.DataFrame:
    last = last_touches(warehouse)
    named: dict[Key, list[str]] = defaultdict(list)
    for source, sha, ticket in keys_in_commits(warehouse, {(commit.source, commit.id) for commit in last.values()}):
        named[source, sha].append(ticket)
    counted = open_tickets(warehouse, frozenset(name for _, name in keys))
    rows: list[tuple[object, ...]] = []
    for key in keys:
        known: tuple[object, ...] = (None,) * 5
        if (commit := last.get(key)) is not None:
            known = (commit.at, commit.who, commit.id, commit.name, named[commit.source, commit.id])
        rows.append((counted.get(key[1], 0), *known))
    return pl.DataFrame(rows, schema=WORK, orient="row")
