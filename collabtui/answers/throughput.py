"""Finished tickets by team and week: what delivery dates and capacity are forecast from."""

from datetime import datetime, timedelta

import polars as pl

HISTORY_WEEKS = 26


def weekly_counts(
    tickets: pl.DataFrame, now: datetime, *, at: str = "done_at", weeks: int = HISTORY_WEEKS
) -> dict[str, list[int]]:
    """By team, how many tickets have their `at` in each of the last `weeks` times seven days before `now`.

    tickets: `team` and `at`. Oldest week first; weeks without any count as 0, but only from the team's first one on.
    """
    recent = tickets.filter(pl.col(at).is_not_null() & (pl.col(at) <= now)).with_columns(
        back=((pl.lit(now) - pl.col(at)).dt.total_seconds() // (7 * 86400)).cast(pl.Int64)
    )
    by_team: dict[str, dict[int, int]] = {}
    for team, back, count in recent.group_by("team", "back").len().iter_rows():
        by_team.setdefault(team, {})[back] = count
    return {
        team: [by_week.get(back, 0) for back in range(min(max(by_week), weeks - 1), -1, -1)]
        for team, by_week in by_team.items()
    }


def week_starts(now: datetime, weeks: int) -> list[datetime]:
    """When each of the last `weeks` times seven days before `now` began, oldest first."""
    return [now - timedelta(weeks=back + 1) for back in range(weeks - 1, -1, -1)]
