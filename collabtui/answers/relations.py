"""The ways that lead from one thing to others: each in words, with the things it leads to."""

import json
from collections.abc import Iterable, Iterator, Sequence

from collabtui.answers.humans import Human, humans
from collabtui.answers.mentions import mentioning, named_in
from collabtui.answers.teams import team_of_pipeline, team_of_project
from collabtui.answers.touches import pipeline_files, pipelines_of_files
from collabtui.config import Settings
from collabtui.warehouse import Warehouse, related_reads
from collabtui.warehouse.related_reads import First, Key, Thing
from collabtui.warehouse.ticket_reads import links

Relation = tuple[str, Iterable[Thing]]
"""Words, from what is asked about to the rows: "is fed by". A `First` is told to be cut."""
SHOWN = 20
FEW = 8


def of_pipeline(warehouse: Warehouse, settings: Settings, about: Thing, since_us: int) -> Iterator[Relation]:
    """What was changed lately and what is known to be wrong, then where its data come from and go to."""
    key = about.source, about.id
    commits = related_reads.commits_of_files(warehouse, pipeline_files(warehouse).get(key, ()), SHOWN)
    lately = [commit for commit in commits if (commit.at or 0) >= since_us]
    yield "touched by", lately
    yield "named in", _tickets(warehouse, mentioning(warehouse, about.id, is_open=True))
    changed_for = _tickets_in(warehouse, lately)
    yield "changed for", [ticket for ticket in changed_for if ticket.category != "done"]
    edges = [edge for edge in related_reads.edges(warehouse) if edge[0] == about.source]
    writes = {uri for _, uri, pipeline, role in edges if pipeline == about.id and role == "produces"}
    reads = {uri for _, uri, pipeline, role in edges if pipeline == about.id and role != "produces"}
    yield "is fed by", _pipelines(warehouse, ((s, p) for s, u, p, role in edges if u in reads and role == "produces"))
    yield "writes", related_reads.datasets(warehouse, [(about.source, uri) for uri in writes])
    yield "reads", related_reads.datasets(warehouse, [(about.source, uri) for uri in reads])
    yield "feeds", _pipelines(warehouse, ((s, p) for s, u, p, role in edges if u in writes and role != "produces"))
    yield from _owners(warehouse, settings, key)
    yield "worked on by", _few(_people(warehouse, _authors(warehouse, commits)))
    yield "changed for", changed_for
    yield "touched before by", commits
    yield "was named in", _few(_tickets(warehouse, mentioning(warehouse, about.id, is_open=False)))


def of_dataset(warehouse: Warehouse, _: Settings, about: Thing, since_us: int) -> Iterator[Relation]:
    """Who writes it and what was changed there, then who waits for it."""
    mine = [edge for edge in related_reads.edges(warehouse) if edge[:2] == (about.source, about.id)]
    writers = [(source, pipeline) for source, _, pipeline, role in mine if role == "produces"]
    yield "is written by", _pipelines(warehouse, writers)
    files = [file for writer in writers for file in pipeline_files(warehouse).get(writer, ())]
    commits = related_reads.commits_of_files(warehouse, files, SHOWN)
    yield "its pipeline was touched by", [commit for commit in commits if (commit.at or 0) >= since_us]
    yield "named in", _tickets(warehouse, mentioning(warehouse, about.id, is_open=True))
    yield "starts", _pipelines(warehouse, ((s, p) for s, _, p, role in mine if role == "schedules"))
    yield "is read by", _pipelines(warehouse, ((s, p) for s, _, p, role in mine if role == "consumes"))
    yield "was named in", _few(_tickets(warehouse, mentioning(warehouse, about.id, is_open=False)))


def of_ticket(warehouse: Warehouse, settings: Settings, about: Thing, _: int) -> Iterator[Relation]:
    """What it is about, what was done for it, what it hangs on, and who is at it; of an epic also its tickets."""
    project, parent, epic, assignee, reporter, title, marks = related_reads.ticket_ends(
        warehouse, about.source, about.id
    )
    pipelines = [(source, name) for source, name, *_ in related_reads.pipeline_ends(warehouse)]
    named = named_in({name for _, name in pipelines}, title or "", marks or "")
    yield "names", _pipelines(warehouse, (key for key in pipelines if key[1] in named))
    data = {(source, uri) for source, uri, *_ in related_reads.edges(warehouse)}
    told = named_in({uri for _, uri in data}, title or "", marks or "")
    yield "names", related_reads.datasets(warehouse, [key for key in data if key[1] in told])
    keys = related_reads.keys_of_ticket(warehouse, about.source, about.id)
    commits = related_reads.commits_of_tickets(warehouse, keys, SHOWN)
    yield "done in", commits
    yield "changes", _touched(warehouse, commits)
    for words, key in links(warehouse, about.source, about.id):
        yield words, _tickets(warehouse, related_reads.tickets_of_keys(warehouse, [key]))
    yield "part of epic", _tickets(warehouse, [(about.source, epic)] if epic else [])
    yield "part of", _tickets(warehouse, [(about.source, parent)] if parent else [])
    yield "assigned to", _people(warehouse, [(about.source, assignee)] if assignee else [])
    yield "consists of", related_reads.parts_of(warehouse, about.source, about.id, SHOWN)
    yield "moved on by", _people(warehouse, related_reads.movers(warehouse, about.source, about.id))
    yield "reported by", _people(warehouse, [(about.source, reporter)] if reporter else [])
    yield "worked on by", [team(team_of_project(settings, project))] if project else []


def of_commit(warehouse: Warehouse, _: Settings, about: Thing, __: int) -> Iterator[Relation]:
    """What it was made for, what it touched, and by whom."""
    tickets = _tickets_in(warehouse, [about])
    yield "made for", tickets
    yield "touches", _touched(warehouse, [about])
    yield "author", _people(warehouse, related_reads.author_of(warehouse, about.source, about.id))
    keys = {key for *_, key in related_reads.keys_in_commits(warehouse, [(about.source, about.id)])}
    yield "also made for that", related_reads.commits_of_tickets(warehouse, keys, FEW)


def of_person(warehouse: Warehouse, settings: Settings, about: Thing, _: int) -> Iterator[Relation]:
    """What is on her table, then what she did."""
    human = humans(warehouse)[about.source, about.id]
    mine = related_reads.tickets_of_people(warehouse, human.accounts, is_open=True, limit=SHOWN)
    yield "works on", [ticket for ticket in mine if ticket.category == "indeterminate"]
    yield "is assigned", mine
    commits = related_reads.commits_of_people(warehouse, human.accounts, SHOWN)
    yield "committed", commits
    yield "touched", _touched(warehouse, commits)
    yield "owns", _pipelines(warehouse, _owned(warehouse, human))
    projects = related_reads.projects_of_people(warehouse, human.accounts)
    yield "works in", map(team, dict.fromkeys(team_of_project(settings, project) for project in projects))
    yield "finished", related_reads.tickets_of_people(warehouse, human.accounts, is_open=False, limit=FEW)


def of_team(warehouse: Warehouse, settings: Settings, about: Thing, since_us: int) -> Iterator[Relation]:
    """Its plans, its pipelines, its work and its people."""
    known = next((team for team in settings.teams if team.name == about.id), None)
    projects = list(known.projects) if known is not None else [about.id]
    yield "plans", related_reads.tickets_of_projects(warehouse, projects, is_epic=True, limit=SHOWN)
    owners = related_reads.pipeline_ends(warehouse)
    yield (
        "owns",
        _pipelines(
            warehouse,
            (
                (s, p)
                for s, p, _, o, t in owners
                if team_of_pipeline(settings, json.loads(o), json.loads(t)) == about.id
            ),
        ),
    )
    yield "works on", related_reads.tickets_of_projects(warehouse, projects, is_epic=False, limit=SHOWN)
    yield "people", _people(warehouse, related_reads.people_of_projects(warehouse, projects, since_us))


def team(name: str) -> Thing:
    """A team as a row."""
    return Thing("team", "", name, name, name)


def teams(warehouse: Warehouse, settings: Settings) -> list[str]:
    """The teams of the config, and the projects that it gives to none."""
    projects = (project for (project,) in warehouse.rows("SELECT DISTINCT project FROM ticket"))
    return list(
        dict.fromkeys([*(t.name for t in settings.teams), *(team_of_project(settings, name) for name in projects)])
    )


def _owners(warehouse: Warehouse, settings: Settings, key: Key) -> Iterator[Relation]:
    """The team that owns a pipeline, and owners that are people."""
    owners, tags = next(
        ((json.loads(o), json.loads(t)) for s, p, _, o, t in related_reads.pipeline_ends(warehouse) if (s, p) == key),
        ((), ()),
    )
    name = team_of_pipeline(settings, owners, tags)
    yield "owned by", [team(name)] if name is not None else []
    called = {owner.casefold() for owner in owners}
    yield "owned by", [human.thing for human in _everybody(warehouse) if _names(human) & called]


def _owned(warehouse: Warehouse, human: Human) -> Iterator[Key]:
    for source, pipeline, _, owners, _ in related_reads.pipeline_ends(warehouse):
        if _names(human) & {owner.casefold() for owner in json.loads(owners)}:
            yield source, pipeline


def _everybody(warehouse: Warehouse) -> Iterable[Human]:
    return dict.fromkeys(humans(warehouse).values())


def _names(human: Human) -> set[str]:
    return {human.name.casefold(), *human.emails}


def _few(things: Sequence[Thing]) -> First:
    return First(things[:FEW], len(things))


def _people(warehouse: Warehouse, accounts: Iterable[Key]) -> list[Thing]:
    known = humans(warehouse)
    return list(dict.fromkeys(known[account].thing for account in accounts if account in known))


def _authors(warehouse: Warehouse, commits: Sequence[Thing]) -> Iterator[Key]:
    for commit in commits:
        yield from related_reads.author_of(warehouse, commit.source, commit.id)


def _tickets(warehouse: Warehouse, keys: Iterable[Key]) -> list[Thing]:
    some = list(keys)
    return related_reads.tickets(warehouse, some) if some else []


def _tickets_in(warehouse: Warehouse, commits: Sequence[Thing]) -> list[Thing]:
    """The tickets that commits name; what only looks like a ticket's key (UTF-8) is in no tracker."""
    named = related_reads.keys_in_commits(warehouse, [(commit.source, commit.id) for commit in commits])
    return _tickets(warehouse, related_reads.tickets_of_keys(warehouse, {key for *_, key in named}))


def _touched(warehouse: Warehouse, commits: Sequence[Thing]) -> list[Thing]:
    """The pipelines whose files commits changed."""
    known = pipelines_of_files(warehouse)
    files = related_reads.files_of_commits(warehouse, [(commit.source, commit.id) for commit in commits])
    return _pipelines(warehouse, {pipeline for source, _, path in files for pipeline in known.get((source, path), ())})


def _pipelines(warehouse: Warehouse, keys: Iterable[Key]) -> list[Thing]:
    some = set(keys)
    return related_reads.pipelines(warehouse, some) if some else []
