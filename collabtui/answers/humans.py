"""Who is who: the same human as several sources know her, by e-mail or by full name."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from collabtui.warehouse import Warehouse
from collabtui.warehouse.related_reads import Key, Thing, identities


@dataclass(frozen=True)
class Human:
    """accounts: source and id in each source, of a repository the e-mail; the first is the one shown."""

    name: str
    accounts: tuple[Key, ...]
    emails: tuple[str, ...]

    @property
    def thing(self) -> Thing:
        """As a row."""
        source, account = self.accounts[0]
        known = ", ".join(dict.fromkeys(source for source, _ in self.accounts))
        return Thing("person", source, account, self.name, self.name, who=", ".join(self.emails), text=f"in {known}")


def humans(warehouse: Warehouse) -> Mapping[Key, Human]:
    """By each of their accounts."""
    return warehouse.kept(("humans",), lambda: _joined(identities(warehouse)))


def names_of(warehouse: Warehouse, name: str) -> Sequence[str]:
    """All names and e-mails of who is called so, has that e-mail or that account; the name itself comes first."""
    asked, known = name.casefold(), identities(warehouse)
    by_account = humans(warehouse)
    mine = {by_account[row[:2]] for row in known if asked in {text.casefold() for text in row[1:] if text}}
    named = [name for source, account, name, _ in known if by_account[source, account] in mine]
    return list(dict.fromkeys([name, *named, *(email for human in mine for email in human.emails)]))


def _joined(known: list[tuple[str, str, str, str | None]]) -> dict[Key, Human]:
    """Equal e-mails are one human. Equal full names are too, unless one source has two accounts of that name.

    Commits of one name under two e-mails are not two accounts: people commit from home.
    """
    counted = Counter((source, name.casefold()) for source, account, name, email in known if account != email)
    twice = {name for (_, name), count in counted.items() if count > 1}
    leader: dict[object, object] = {}

    def find(node: object) -> object:
        while leader.setdefault(node, node) != node:
            node = leader[node]
        return node

    for source, account, name, email in known:
        marks = [("email", email)] if email else []
        if " " in name.strip() and name.casefold() not in twice:
            marks.append(("name", name.casefold()))
        for mark in marks:
            leader[find(mark)] = find((source, account))
    groups: dict[object, list[tuple[str, str, str, str | None]]] = defaultdict(list)
    for row in known:
        groups[find(row[:2])].append(row)
    found: dict[Key, Human] = {}
    for rows in groups.values():
        accounts = tuple(dict.fromkeys(row[:2] for row in rows))
        human = Human(rows[0][2], accounts, tuple(dict.fromkeys(row[3] for row in rows if row[3])))
        found.update(dict.fromkeys(accounts, human))
    return found
