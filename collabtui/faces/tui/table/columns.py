"""The kinds of column that the tabs' tables are made of."""

from collections.abc import Sequence

from collabtui.faces.tui.formats import STATES, UNTOLD, Part, Tone, days, length, number, percent, risk, state, text
from collabtui.faces.tui.table.listing import Column

HOW_IT_IS = "how it is; ? explains the signs"


def state_column(width: int = 11) -> Column:
    """How it is: a sign and a word."""
    return Column(name="state", title="State", width=width, cell=lambda row, _: state(row["state"]), means=HOW_IT_IS)


def sign_column() -> Column:
    """How it is, as a sign alone: for tables in which a word beside it says nearly the same."""
    return Column(
        name="state", title="State", width=1, heading=lambda *_: "", means=HOW_IT_IS,
        cell=lambda row, _: (Part(*STATES.get(row["state"], UNTOLD)),),
    )  # fmt: skip


def text_column(
    name: str,
    title: str,
    width: int,
    priority: int = 0,
    *,
    means: str,
    tone: Tone = "",
    grows: int = 0,
    also: Sequence[str] = (),
    is_people: bool = False,
) -> Column:
    """Text from outside; names of people, where it is that."""
    return Column(
        name=name, title=title, width=width, priority=priority, grows=grows, also=also, means=means,
        is_people=is_people, cell=lambda row, _: text(row[name], tone),
    )  # fmt: skip


def time_column(name: str, title: str, priority: int, *, means: str) -> Column:
    """Times in the viewer's zone."""
    return Column(
        name=name, title=title, width=9, right=True, priority=priority, means=means,
        cell=lambda row, viewer: (Part(viewer.brief(row[name]), "" if row[name] else "muted"),),
    )  # fmt: skip


def day_column(name: str, title: str, priority: int, *, means: str) -> Column:
    """Days."""
    return Column(
        name=name, title=title, width=11, right=True, priority=priority, means=means,
        cell=lambda row, viewer: (Part(viewer.day(row[name]), "" if row[name] else "muted"),),
    )  # fmt: skip


def length_column(name: str, title: str, priority: int, *, means: str) -> Column:
    """Lengths of time in seconds."""
    return Column(
        name=name, title=title, width=7, right=True, priority=priority, most_first=True, unit="seconds", means=means,
        cell=lambda row, _: (Part(length(row[name]), "" if row[name] is not None else "muted"),),
    )  # fmt: skip


def age_column(name: str, title: str, priority: int, *, means: str) -> Column:
    """Ages in days."""
    return Column(
        name=name, title=title, width=8, right=True, priority=priority, most_first=True, unit="days",
        also=("age",), means=means, cell=lambda row, _: (Part(days(row[name])),),
    )  # fmt: skip


def count_column(name: str, title: str, width: int, priority: int, *, means: str) -> Column:
    """Counts; none at all is muted."""
    return Column(
        name=name, title=title, width=width, right=True, priority=priority, most_first=True, means=means,
        cell=lambda row, _: (Part(number(row[name]), "" if row[name] else "muted"),),
    )  # fmt: skip


def share_column(
    name: str, title: str, width: int, priority: int, *, means: str, bad_above: float | None = None
) -> Column:
    """Shares of one as percentages, alarming above a limit."""

    def tone(share: float | None) -> Tone:
        return "bad" if bad_above is not None and (share or 0.0) > bad_above else ""

    return Column(
        name=name, title=title, width=width, right=True, priority=priority, most_first=True, unit="share", means=means,
        cell=lambda row, _: (Part(percent(row[name]), tone(row[name])),),
    )  # fmt: skip


def risk_column(priority: int = 0) -> Column:
    """The chance to miss the deadline, in the tone of how bad that is."""
    return Column(
        name="p_late", title="Miss", width=5, right=True, priority=priority, most_first=True, unit="share",
        means="the chance to be late, or to fail", cell=lambda row, _: risk(row["p_late"]),
    )  # fmt: skip
