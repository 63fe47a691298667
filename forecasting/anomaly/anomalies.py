"""What is off in runs, counts and volumes: changes of level, spikes, silence and clusters of failures.

Lengths are compared by their logarithms, counts by Anscombe's square roots, both without what hour and weekday explain;
the noise is measured by medians. One event gives one alarm, whichever of the series of an id show it.
"""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

import polars as pl

from forecasting.anomaly.alarms import Alarm, frame, one_each
from forecasting.anomaly.failing import failing
from forecasting.anomaly.levels import counts, lengths
from forecasting.anomaly.points import Points, points
from forecasting.anomaly.silence import silences
from forecasting.anomaly.worked import Worked

LENGTHS = {"duration": "as long", "landing": "as long to land"}
"""What is measured in seconds, and how it is said: runs take 1.6× …"""
SHORTEST_SILENCE, SHORTEST_LULL = timedelta(hours=1), timedelta(days=1)
"""Of machines and of people: the latter go home."""


def anomalies(
    panels: Mapping[str, pl.DataFrame],
    now: datetime,
    *,
    zone: str = "UTC",
    asof: Mapping[str, datetime] | None = None,
    feeders: Mapping[str, Collection[str]] | None = None,
    worked: Mapping[str, Worked] | None = None,
) -> pl.DataFrame:
    """What was off in the series of each id, newest first.

    panels: by what is measured, frames of `id`, `time` (aware) and `value`, in any order: "duration" and "landing"
    (seconds), "failures" (1 for a run that failed, 0 for one that did not), "landings" (when runs ended; no value), and
    any other name, such as "tickets arrived", for events (no value) that are counted day by day.
    now: nothing later is looked at; asof: by id, until when silence can be told, where that is not `now`. feeders: by
    id those whose failures or silence explain its own silence. worked: by id, the share of the people behind its events
    who work on a day in `zone`, on days that are no usual ones; on days off (0) nothing is expected of them.
    zone: of hours, weekdays and words.

    Returns id, what (the panel's name), kind (silence, failing, level shift, spike), since, until (null: it goes on),
    size (a factor of what is usual) and text ("runs take 1.6× as long since Tue 3 Mar"). Values that cannot be (null,
    not finite, negative) are left out; what is too short to tell (fewer than 10 to 14 points) gives nothing.
    Raises `ValueError` for a missing column.
    """
    found: list[Alarm] = []
    for what, panel in panels.items():
        needed = {"id", "time", "value"} if what in LENGTHS or what == "failures" else {"id", "time"}
        if missing := needed - set(panel.columns):
            raise ValueError(f"the panel {what!r} has no column {', '.join(sorted(missing))}")
        for name, series in points(panel, now, zone):
            found += _told(what, name, series, (asof or {}).get(name, now), zone, (worked or {}).get(name, {}))
    return frame(one_each(found, feeders or {}))


def _told(what: str, name: str, series: Points, asof: datetime, zone: str, worked: Worked) -> list[Alarm]:
    if what == "failures":
        return failing(name, series, zone)
    if what in LENGTHS:
        return lengths(name, what, LENGTHS[what], series, zone)
    if what == "landings":
        return silences(name, what, "nothing landed", series, asof, zone, SHORTEST_SILENCE, worked)
    silent = silences(name, what, f"no {what}", series, asof, zone, SHORTEST_LULL, worked)
    return [*silent, *counts(name, what, series, asof, zone, worked)]
