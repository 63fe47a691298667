"""What hangs together: pipelines, datasets, tickets, commits and people, one row each, and the ways between them."""

import json
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from collabtui.warehouse.store import Warehouse


class Thing(NamedTuple):
    """A pipeline, dataset, ticket, epic, commit, person or team.

    id tells it from the others of its kind and source, key is what people call it (a ticket's key, a commit's hash).
    category: of a ticket's status (new, indeterminate, done). at: microseconds since 1970, when it last changed.
    """

    kind: str
    source: str
    id: str
    key: str
    name: str | None = None
    state: str | None = None
    category: str | None = None
    at: int | None = None
    who: str | None = None
    text: str | None = None
    url: str | None = None


Key = tuple[str, str]
"""Source and id."""


class First(list[Thing]):
    """The first of several things; `total` says of how many."""

    def __init__(self, things: Iterable[Thing], total: int) -> None:
        super().__init__(things)
        self.total = total


_LAST_RUN = (
    "(SELECT {} FROM run r WHERE r.source = p.source AND r.pipeline_id = p.pipeline_id AND r.gone_at IS NULL "
    "ORDER BY r.due_at DESC LIMIT 1)"
)
_PIPELINE = (
    "SELECT 'pipeline', p.source, p.pipeline_id, p.pipeline_id, p.name, "  # noqa: S608 - our own names
    f"coalesce({_LAST_RUN.format('r.state')}, CASE WHEN p.is_paused THEN 'paused' ELSE 'never ran' END), NULL, "
    f"{_LAST_RUN.format('coalesce(r.end_at, r.start_at, r.due_at)')}, "
    "(SELECT group_concat(value, ', ') FROM json_each(p.owners)), p.description, p.url FROM pipeline p "
    "WHERE p.gone_at IS NULL AND "
)
_DATASET = (
    "SELECT 'dataset', d.source, d.uri, d.uri, coalesce(d.name, d.uri), NULL, NULL, (SELECT max(v.at) FROM "
    "dataset_event v WHERE v.source = d.source AND v.uri = d.uri), NULL, d.group_name, NULL FROM dataset d "
    "WHERE d.gone_at IS NULL AND "
)
_TICKET = (
    "SELECT CASE WHEN t.is_epic THEN 'epic' ELSE 'ticket' END, t.source, t.ticket_id, t.ticket_key, t.title, t.status, "
    "t.status_category, coalesce(t.resolved_at, t.updated_at, t.created_at) AS at, (SELECT n.name FROM person n "
    "WHERE n.source = t.source AND n.person_id = t.assignee_id), coalesce(t.type, 'Ticket') || "
    "coalesce(' · ' || t.priority, '') || coalesce(' · due ' || t.due_on, '') || "
    "coalesce(' · part of ' || t.epic_key, ''), t.url FROM ticket t WHERE t.gone_at IS NULL AND "
)
_COMMIT = (
    "SELECT 'commit', g.source, g.sha, g.sha, g.subject, NULL, NULL, g.committed_at AS at, g.author_name, "
    "trim(g.body), NULL FROM git_commit g WHERE g.gone_at IS NULL AND "
)
_NEWEST = "at DESC"
_AT_WORK = "t.status_category IS NOT 'indeterminate', at DESC"


def _things(warehouse: Warehouse, sql: str, params: Sequence[str | int]) -> list[Thing]:
    return [Thing(*row) for row in warehouse.rows(sql, params)]


def _first(warehouse: Warehouse, sql: str, params: Sequence[str | int], order: str, limit: int) -> First:
    """So many of them in this order; the others are only counted."""
    found = _things(warehouse, f"{sql} ORDER BY {order} LIMIT ?", [*params, limit])
    if len(found) < limit:
        return First(found, len(found))
    ((total,),) = warehouse.rows(f"SELECT count(*) FROM ({sql})", params)  # noqa: S608 - our own
    return First(found, total)


def _of_keys(keys: Iterable[Key], source: str, name: str) -> tuple[str, list[str]]:
    """The condition that a row is one of these, and its value."""
    some = "SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]') FROM json_each(?)"
    return f"({source}, {name}) IN ({some})", [json.dumps(list(keys))]


def _among(values: Iterable[str], name: str) -> tuple[str, list[str]]:
    """The same for one column."""
    return f"{name} IN (SELECT value FROM json_each(?))", [json.dumps(list(values))]  # noqa: S608


# --- one by its name ---


def pipelines(warehouse: Warehouse, keys: Iterable[Key]) -> list[Thing]:
    """These pipelines, with the state of their last run, and when that changed."""
    where, params = _of_keys(keys, "p.source", "p.pipeline_id")
    return _things(warehouse, f"{_PIPELINE}{where} ORDER BY 8 DESC", params)


def datasets(warehouse: Warehouse, keys: Iterable[Key]) -> list[Thing]:
    """These datasets, and when they were last written."""
    where, params = _of_keys(keys, "d.source", "d.uri")
    return _things(warehouse, f"{_DATASET}{where} ORDER BY 8 DESC", params)


def tickets(warehouse: Warehouse, keys: Iterable[Key]) -> list[Thing]:
    """These tickets and epics by source and ticket_id, newest first."""
    where, params = _of_keys(keys, "t.source", "t.ticket_id")
    return _things(warehouse, f"{_TICKET}{where} ORDER BY at DESC", params)


def commits(warehouse: Warehouse, keys: Iterable[Key]) -> list[Thing]:
    """These commits, newest first."""
    where, params = _of_keys(keys, "g.source", "g.sha")
    return _things(warehouse, f"{_COMMIT}{where} ORDER BY at DESC", params)


def called(warehouse: Warehouse, name: str) -> list[Thing]:
    """All pipelines, datasets, tickets and commits of that name, key or hash (of at least six digits), any case."""
    folded = name.casefold()
    found = _things(warehouse, f"{_PIPELINE}? IN (lower(p.pipeline_id), lower(p.name))", [folded])
    found += _things(warehouse, f"{_DATASET}? IN (lower(d.uri), lower(d.name))", [folded])
    found += tickets(warehouse, tickets_of_keys(warehouse, [name.upper()]))
    if 6 <= len(name) <= 40 and not folded.strip("0123456789abcdef"):
        found += _things(warehouse, f"{_COMMIT}g.sha >= ? AND g.sha < ?", [folded, folded + "g"])
    return found


# --- files and commits ---


def paths(warehouse: Warehouse) -> list[Key]:
    """Every file that a commit ever changed: source, path."""
    return warehouse.kept(
        ("paths",), lambda: [(s, p) for s, p in warehouse.rows("SELECT DISTINCT source, path FROM file_change")]
    )


def commits_of_files(warehouse: Warehouse, files: Iterable[Key], limit: int) -> First:
    """The newest commits that changed one of these files (source, path)."""
    where, params = _of_keys(files, "f.source", "f.path")
    sql = f"{_COMMIT}(g.source, g.sha) IN (SELECT f.source, f.sha FROM file_change f WHERE {where})"  # noqa: S608
    return _first(warehouse, sql, params, _NEWEST, limit)


def last_commits(warehouse: Warehouse, files: Iterable[Key]) -> dict[Key, Thing]:
    """Of each of these files the newest commit."""
    where, params = _of_keys(files, "f.source", "f.path")
    rows = warehouse.rows(
        "SELECT f.source, f.path, g.sha, g.subject, max(g.committed_at), g.author_name "  # noqa: S608 - question marks
        "FROM file_change f JOIN git_commit g USING (source, sha) "
        f"WHERE {where} AND g.gone_at IS NULL GROUP BY f.source, f.path",
        params,
    )  # SQLite takes the other columns from the row of the maximum
    return {
        (source, path): Thing("commit", source, sha, sha, subject, at=at, who=who)
        for source, path, sha, subject, at, who in rows
    }


def files_of_commits(warehouse: Warehouse, shas: Iterable[Key]) -> list[tuple[str, str, str]]:
    """The files that these commits (source, sha) changed: source, sha, path."""
    where, params = _of_keys(shas, "source", "sha")
    return [(s, c, p) for s, c, p in warehouse.rows(f"SELECT source, sha, path FROM file_change WHERE {where}", params)]  # noqa: S608


def commits_of_tickets(warehouse: Warehouse, keys: Iterable[str], limit: int) -> First:
    """The newest commits that name one of these ticket keys."""
    where, params = _among(keys, "ticket_key")
    sql = f"{_COMMIT}(g.source, g.sha) IN (SELECT source, sha FROM commit_ticket WHERE {where} AND gone_at IS NULL)"  # noqa: S608
    return _first(warehouse, sql, params, _NEWEST, limit)


def keys_in_commits(warehouse: Warehouse, shas: Iterable[Key]) -> list[tuple[str, str, str]]:
    """The ticket keys that these commits (source, sha) name: source, sha, ticket_key."""
    where, params = _of_keys(shas, "source", "sha")
    sql = f"SELECT source, sha, ticket_key FROM commit_ticket WHERE {where} AND gone_at IS NULL"  # noqa: S608
    return [(source, sha, key) for source, sha, key in warehouse.rows(sql, params)]


# --- tickets ---


def tickets_of_keys(warehouse: Warehouse, keys: Iterable[str]) -> list[Key]:
    """The tickets (source, ticket_id) of these keys, also of those they had before they were moved."""
    where, params = _among(keys, "ticket_key")
    sql = " UNION ".join(
        f"SELECT source, ticket_id FROM {table} WHERE {where} AND gone_at IS NULL"  # noqa: S608
        for table in ("ticket", "ticket_alias")
    )
    return [(source, ticket_id) for source, ticket_id in warehouse.rows(sql, params * 2)]


def keys_of_ticket(warehouse: Warehouse, source: str, ticket_id: str) -> list[str]:
    """Its key, and those it had before."""
    sql = " UNION ".join(
        f"SELECT ticket_key FROM {table} WHERE source = ? AND ticket_id = ?"  # noqa: S608
        for table in ("ticket", "ticket_alias")
    )
    return [key for (key,) in warehouse.rows(sql, [source, ticket_id] * 2)]


def ticket_texts(warehouse: Warehouse, *, is_open: bool | None, part: str = "") -> list[tuple[str, str, str, str]]:
    """Tickets with `part` in what people call them: source, ticket_id, title, and labels and components as one text."""
    done = {None: "", True: "status_category IS NOT 'done' AND ", False: "status_category = 'done' AND "}[is_open]
    sql = (
        "SELECT source, ticket_id, coalesce(title, '') AS title, labels || components AS marks FROM ticket "  # noqa: S608
        f"WHERE {done}gone_at IS NULL AND instr(lower(coalesce(title, '') || ' ' || labels || components), ?) "
    )
    return [(s, i, title, marks) for s, i, title, marks in warehouse.rows(sql, [part.casefold()])]


def ticket_ends(warehouse: Warehouse, source: str, ticket_id: str) -> tuple[str | None, ...]:
    """Of a ticket: project, parent_id, epic_id, assignee_id, reporter_id, title, and labels and components."""
    sql = (
        "SELECT project, parent_id, epic_id, assignee_id, reporter_id, coalesce(title, ''), labels || components "
        "FROM ticket WHERE source = ? AND ticket_id = ?"
    )
    return next(iter(warehouse.rows(sql, [source, ticket_id])), (None,) * 7)


def parts_of(warehouse: Warehouse, source: str, ticket_id: str, limit: int) -> First:
    """The tickets of an epic, and the sub-tasks of a ticket: those that are open first, newest first."""
    sql, params = f"{_TICKET}t.source = ? AND (t.epic_id = ? OR t.parent_id = ?)", [source, ticket_id, ticket_id]
    return _first(warehouse, sql, params, "t.status_category IS 'done', at DESC", limit)


def movers(warehouse: Warehouse, source: str, ticket_id: str) -> list[Key]:
    """Who changed a ticket's status: source and person_id, the last first."""
    sql = (
        "SELECT author_id FROM transition WHERE source = ? AND ticket_id = ? AND author_id IS NOT NULL "
        "GROUP BY author_id ORDER BY max(at) DESC"
    )
    return [(source, author) for (author,) in warehouse.rows(sql, [source, ticket_id])]


def tickets_of_people(warehouse: Warehouse, accounts: Iterable[Key], *, is_open: bool, limit: int) -> First:
    """Tickets and epics assigned to these accounts; the open ones in progress first, then newest first."""
    where, params = _of_keys(accounts, "t.source", "t.assignee_id")
    sql = f"{_TICKET}{where} AND t.status_category {'IS NOT' if is_open else 'IS'} 'done'"
    return _first(warehouse, sql, params, _AT_WORK, limit)


def projects_of_people(warehouse: Warehouse, accounts: Iterable[Key]) -> list[str]:
    """The projects of the tickets assigned to these accounts, the one of the newest first."""
    where, params = _of_keys(accounts, "source", "assignee_id")
    sql = f"SELECT project FROM ticket WHERE {where} GROUP BY project ORDER BY max(created_at) DESC"  # noqa: S608
    return [project for (project,) in warehouse.rows(sql, params)]


def tickets_of_projects(warehouse: Warehouse, projects: Sequence[str], *, is_epic: bool, limit: int) -> First:
    """The open epics, or the open tickets, of these projects; those in progress first, then newest first."""
    where, params = _among(projects, "t.project")
    sql = f"{_TICKET}{where} AND t.is_epic = ? AND t.status_category IS NOT 'done'"
    return _first(warehouse, sql, [*params, int(is_epic)], _AT_WORK, limit)


def people_of_projects(warehouse: Warehouse, projects: Sequence[str], since_us: int) -> list[Key]:
    """Whose tickets in these projects changed since then: source and person_id, who had most of them first."""
    where, params = _among(projects, "project")
    sql = (
        f"SELECT source, assignee_id FROM ticket WHERE {where} AND updated_at >= ? "  # noqa: S608 - a question mark
        "AND assignee_id IS NOT NULL GROUP BY 1, 2 ORDER BY count(*) DESC"
    )
    return [(source, person) for source, person in warehouse.rows(sql, [*params, since_us])]


# --- people ---


def identities(warehouse: Warehouse) -> list[tuple[str, str, str, str | None]]:
    """Everybody as each source knows them: source, id (a commit's author: the e-mail), name, e-mail."""
    sql = (
        "SELECT source, person_id, name, lower(email) FROM person WHERE gone_at IS NULL UNION ALL "
        "SELECT DISTINCT source, lower(author_email), author_name, lower(author_email) FROM git_commit"
    )
    return [(source, person, name, email) for source, person, name, email in warehouse.rows(sql)]


def commits_of_people(warehouse: Warehouse, accounts: Iterable[Key], limit: int) -> First:
    """The newest commits whose author is one of these (source, e-mail)."""
    where, params = _of_keys(accounts, "g.source", "lower(g.author_email)")
    return _first(warehouse, f"{_COMMIT}{where}", params, _NEWEST, limit)


def author_of(warehouse: Warehouse, source: str, sha: str) -> list[Key]:
    """Who wrote a commit, and who committed it where that is another: source and e-mail."""
    sql = (
        "SELECT lower(author_email) FROM git_commit WHERE source = ?1 AND sha = ?2 UNION "
        "SELECT lower(committer_email) FROM git_commit WHERE source = ?1 AND sha = ?2 "
        "AND lower(committer_email) != lower(author_email)"
    )
    return [(source, email) for (email,) in warehouse.rows(sql, [source, sha])]


# --- data ---


def edges(warehouse: Warehouse) -> list[tuple[str, str, str, str]]:
    """How datasets and pipelines hang together: source, uri, pipeline_id, role (produces, consumes, schedules)."""
    sql = "SELECT DISTINCT source, uri, pipeline_id, role FROM dataset_edge WHERE gone_at IS NULL"
    return warehouse.kept(("edges",), lambda: [(s, u, p, r) for s, u, p, r in warehouse.rows(sql)])


def pipeline_ends(warehouse: Warehouse) -> list[tuple[str, str, str | None, str, str]]:
    """Of every pipeline: source, pipeline_id, file, and owners and tags as JSON texts."""
    sql = "SELECT source, pipeline_id, file, owners, tags FROM pipeline WHERE gone_at IS NULL"
    return warehouse.kept(("pipeline_ends",), lambda: [(s, p, f, o, t) for s, p, f, o, t in warehouse.rows(sql)])
