"""What is related to the thing of that name?"""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime

from collabtui.answers import relations
from collabtui.answers.humans import humans
from collabtui.answers.related import Related, related
from collabtui.config import ConfigError, Settings
from collabtui.warehouse import Warehouse, related_reads
from collabtui.warehouse.related_reads import Thing

KINDS = ("pipeline", "dataset", "ticket", "epic", "commit", "person", "team")


def named(warehouse: Warehouse, settings: Settings, now: datetime, *, about: str) -> Related:
    """Of the pipeline, dataset, ticket, epic, commit, person or team of that name, key, hash or e-mail, in any case.

    Where several are called so, `about` begins with the kind (`pipeline:orders`), or with kind and source
    (`pipeline:airflow:orders`). Raises `ConfigError` where nothing or more than one thing is meant.
    """
    found = list(_meant(warehouse, settings, about))
    if not found:
        raise ConfigError(
            f"nothing is called {about!r}; give the name of a pipeline, dataset, person or team, "
            "a ticket's key or a commit's hash"
        )
    if len(found) > 1:
        names = "\n".join(f"  {name}" for name in _told_apart(found))
        raise ConfigError(f"{about!r} may be one of these; say which:\n{names}")
    (one,) = found
    return related(warehouse, settings, now, kind=one.kind, source=one.source, id=one.id)


def _meant(warehouse: Warehouse, settings: Settings, about: str) -> Iterator[Thing]:
    yield from _called(warehouse, settings, about.strip())
    kind, _, name = (part.strip() for part in about.partition(":"))
    source, colon, rest = (part.strip() for part in name.partition(":"))
    if kind in KINDS:
        kinds = {"ticket": ("ticket", "epic")}.get(kind, (kind,))
        yield from (thing for thing in _called(warehouse, settings, name) if thing.kind in kinds)
        if colon:
            found = _called(warehouse, settings, rest)
            yield from (thing for thing in found if thing.kind in kinds and thing.source == source)


def _told_apart(found: list[Thing]) -> list[str]:
    counted = Counter((thing.kind, thing.key) for thing in found)
    return [
        f"{thing.kind}:{thing.key}"
        if counted[thing.kind, thing.key] == 1
        else f"{thing.kind}:{thing.source}:{thing.id}"
        for thing in found
    ]


def _called(warehouse: Warehouse, settings: Settings, name: str) -> Iterator[Thing]:
    yield from related_reads.called(warehouse, name)
    folded = name.casefold()
    for human in dict.fromkeys(humans(warehouse).values()):
        if folded in (human.name.casefold(), *human.emails, *(account.casefold() for _, account in human.accounts)):
            yield human.thing
    for team in relations.teams(warehouse, settings):
        if team.casefold() == folded:
            yield relations.team(team)
