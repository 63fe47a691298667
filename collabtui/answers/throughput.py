"""Finished tickets by team and day, and what was and will be worked: what delivery dates and capacity come from."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property

import numpy as np
import polars as pl

from collabtui.answers.teams import team_tickets
from collabtui.config import Settings, Team, zone
from collabtui.warehouse import Warehouse
from forecasting.delivery import staffed
from forecasting.futures import HISTORY_WEEKS, HORIZON_WEEKS, Futures, futures
from forecasting.workdays import Absence, Place, Workdays, workdays

TYPICAL_WEEKS = 26
"""Of so many weeks a team's throughput is the median."""
WORK_ENDS_HOUR = 17
EVER_WEEKS = 1040
ACTIVE_DAYS = 56
"""Who finished something in so many days is active."""


@dataclass(frozen=True)
class Flow:
    """One team's tickets. weekly: finished in each past week, oldest first. most_week: finished in its best week ever.
    active: how many people finished something in eight weeks, and for this team most.
    """

    weekly: list[int]
    most_week: int
    futures: Futures
    active: int

    def staffed(self, by: int) -> Futures:
        """The futures with `by` people more, or less where it is negative; made once."""
        return self._staffed.setdefault(by, staffed(self.futures, self.active, by)) if by else self.futures

    @cached_property
    def _staffed(self) -> dict[int, Futures]:
        return {}


def team_flows(warehouse: Warehouse, settings: Settings, now: datetime) -> dict[str, Flow]:
    """Of all teams. Capacity, epics and the stand-up ask it of the same moment: it is made once."""
    return warehouse.kept(
        ("flows", repr(settings)), lambda: flows(team_tickets(warehouse, settings), settings, now), at=now
    )


def flows(
    tickets: pl.DataFrame, settings: Settings, now: datetime, *, teams: Collection[str] | None = None
) -> dict[str, Flow]:
    """By team, all or these; teams that never finished anything are not there.

    tickets: team, assignee_id, done_at; of all teams.
    """
    active = _active(tickets, now)
    mine = tickets if teams is None else tickets.filter(pl.col("team").is_in(list(teams)))
    found = {}
    for name, ever in daily_counts(mine, now, weeks=EVER_WEEKS).items():
        daily = ever[-7 * HISTORY_WEEKS :]
        weeks = len(daily) // 7
        calendar = team_workdays(settings, name, now, weeks, HORIZON_WEEKS)
        past, ahead = calendar.weeks[:weeks], calendar.weeks[weeks:]
        team = futures(daily, past_capacity=past, capacity=ahead, open_days=calendar.days[weeks:])
        found[name] = Flow(by_week(daily), max(by_week(ever)), team, active.get(name, 0))
    return found


def _active(tickets: pl.DataFrame, now: datetime) -> dict[str, int]:
    """How many people finished something for a team lately: each counts for the team for which it was most."""
    lately = tickets.filter(
        pl.col("done_at").is_between(now - timedelta(days=ACTIVE_DAYS), now) & pl.col("assignee_id").is_not_null()
    )
    anyone = dict.fromkeys(lately["team"].unique().to_list(), 1)
    mostly = lately.group_by("assignee_id").agg(pl.col("team").mode().sort().first())
    return {**anyone, **dict(mostly.group_by("team").len().iter_rows())}


def first_day(settings: Settings, now: datetime) -> date:
    """The date that the first day from now on goes by.

    Days are 24 hours from `now`. Until five o'clock the first is called today: something may still be done.
    """
    return (_here(settings, now) + timedelta(hours=24 - WORK_ENDS_HOUR)).date()


def today(settings: Settings, now: datetime) -> date:
    """The date where the viewer is."""
    return _here(settings, now).date()


def _here(settings: Settings, now: datetime) -> datetime:
    return now.astimezone(zone(settings.timezone) if settings.timezone else None)


def team_workdays(settings: Settings, name: str, now: datetime, back: int, ahead: int) -> Workdays:
    """How much of so many weeks before and after `now` the team works."""
    return workdays_from(settings, name, first_day(settings, now) - timedelta(weeks=back), back + ahead)


def workdays_from(settings: Settings, name: str | None, first: date, weeks: int) -> Workdays:
    """How much of so many weeks the team works; without a name, people of the place of the whole config."""
    team = next((team for team in settings.teams if team.name == name), Team())
    country, region = (
        (team.country, team.region) if team.country else (settings.country, team.region or settings.region)
    )
    away = [Absence(absence.first, absence.last, absence.who) for absence in team.absences]
    place = Place(country, region) if country else None
    return workdays(first, weeks, place=place, absences=away, members=len(team.members))


def daily_counts(
    tickets: pl.DataFrame, now: datetime, *, at: str = "done_at", weeks: int = HISTORY_WEEKS
) -> dict[str, list[int]]:
    """By team, how many tickets have their `at` in each of the last `weeks` times seven days before `now`.

    tickets: `team` and `at`. Oldest day first; days without any count as 0, but only from the team's first week on.
    """
    recent = tickets.filter(pl.col(at).is_not_null() & (pl.col(at) <= now)).with_columns(
        back=((pl.lit(now) - pl.col(at)).dt.total_seconds() // 86400).cast(pl.Int64)
    )
    found = {}
    teams = recent.group_by("team").agg("back")
    for team, back in zip(teams["team"], teams["back"], strict=True):
        days = back.to_numpy()
        shown = 7 * min(int(days.max()) // 7 + 1, weeks)
        found[str(team)] = np.bincount(days, minlength=shown)[:shown][::-1].tolist()
    return found


def weekly_counts(
    tickets: pl.DataFrame, now: datetime, *, at: str = "done_at", weeks: int = HISTORY_WEEKS
) -> dict[str, list[int]]:
    """`daily_counts` as the sums of weeks, oldest first."""
    return {team: by_week(daily) for team, daily in daily_counts(tickets, now, at=at, weeks=weeks).items()}


def by_week(daily: list[int]) -> list[int]:
    """The sums of seven days each."""
    return [sum(daily[n : n + 7]) for n in range(0, len(daily), 7)]


def week_starts(now: datetime, weeks: int) -> list[datetime]:
    """When each of the last `weeks` times seven days before `now` began, oldest first."""
    return [now - timedelta(weeks=back + 1) for back in range(weeks - 1, -1, -1)]
