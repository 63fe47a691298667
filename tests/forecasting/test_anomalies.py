"""What raises an alarm, what does not, and that one event raises one."""

import math
from datetime import UTC, date, datetime, timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from forecasting.anomaly.alarms import ALARMS
from forecasting.anomaly.anomalies import anomalies
from forecasting.oddities import shifts

START = datetime(2026, 1, 5, tzinfo=UTC)
"""A Monday."""
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def panel(times, values=None, name="p") -> pl.DataFrame:
    frame = pl.DataFrame(
        {"id": [name] * len(times), "time": times}, schema={"id": pl.String, "time": pl.Datetime("us", "UTC")}
    )
    return frame if values is None else frame.with_columns(value=pl.Series(list(values), dtype=pl.Float64))


def every(step: timedelta, count: int, start: datetime = START) -> list[datetime]:
    return [start + step * n for n in range(count)]


def noisy(count: int, seed: int = 1, noise: float = 0.1) -> np.ndarray:
    """Lengths around ten minutes."""
    return 600 * np.exp(np.random.default_rng(seed).normal(0, noise, count))


def told(panels, now=None, **more) -> list[tuple[str, str]]:
    """Kinds and texts, newest first."""
    now = now or max(frame["time"].max() for frame in panels.values())
    return list(anomalies(panels, now, **more).select("kind", "text").iter_rows())


# --- lengths ---


def test_a_new_level_is_told_with_its_factor_and_its_day():
    values = noisy(90)
    values[60:] *= 1.6
    assert told({"duration": panel(every(DAY, 90), values)}) == [
        ("level shift", "runs take 1.6× as long since Fri 6 Mar")
    ]


def test_a_level_that_went_back_is_one_alarm_from_first_to_last():
    values = noisy(90, noise=0.05)
    values[40:60] *= 2
    ((kind, text),) = told({"duration": panel(every(DAY, 90), values)})
    assert (kind, text) == ("level shift", "runs took 2.0× as long from Sat 14 Feb to Fri 6 Mar")


def test_one_long_run_is_a_spike():
    values = noisy(90)
    values[80] = 600 * 3.1
    ((kind, text),) = told({"duration": panel(every(DAY, 90), values)})
    assert kind == "spike"
    assert text.startswith("one run took 3.")
    assert text.endswith("as long on Thu 26 Mar")


def test_long_runs_that_come_again_and_again_are_usual():
    values = noisy(200)
    values[::15] *= 4
    assert told({"duration": panel(every(DAY, 200), values)}) == []


@pytest.mark.parametrize("growth", [0.3, 0.6, 2.0])
def test_a_trend_is_no_shift(growth):
    """Hardly ever: of 20 histories at most one."""
    trends = [noisy(250, seed) * (1 + growth * np.arange(250) / 250) for seed in range(20)]
    assert sum(len(told({"duration": panel(every(DAY, 250), values)})) for values in trends) <= 1


def test_hours_and_weekends_are_no_shifts():
    times = every(HOUR, 24 * 25)
    usual = [1 + 0.5 * math.sin(t.hour / 4) - 0.3 * (t.weekday() >= 5) + 0.4 * (t.weekday() == 0) for t in times]
    assert told({"duration": panel(times, noisy(len(times)) * usual)}) == []


def test_the_clock_of_the_viewer_need_not_be_that_of_the_schedule():
    """Mondays are heavy in UTC; in Berlin they begin an hour earlier."""
    times = every(HOUR, 24 * 25)
    usual = [1.0 + 1.5 * (t.weekday() == 0) for t in times]
    panels = {"duration": panel(times, noisy(len(times), noise=0.03) * usual)}
    assert told(panels, zone="Europe/Berlin") == []


def test_lengths_that_differ_by_seconds_do_not_matter():
    values = np.array([4.0 + n % 2 for n in range(60)] + [9.0 + n % 2 for n in range(60)])
    assert told({"duration": panel(every(DAY, 120), values)}) == []


def test_small_changes_are_found_in_noise_and_no_change_is_not():
    """A factor of 1.35 in noise of 12 %, 60 times; and 60 times nothing."""
    found = false = 0
    for seed in range(60):
        logs = np.log(noisy(150, seed, 0.12))
        false += len(shifts(logs))
        logs[90:] += math.log(1.35)
        found += any(abs(place - 90) <= 5 for place, _ in shifts(logs))
    assert found >= 54
    assert false == 0


def test_two_levels_one_after_the_other_are_both_found():
    logs = np.random.default_rng(3).normal(0, 0.1, 150)
    logs[50:] += 0.5
    logs[100:] += 0.5
    assert [abs(place - true) <= 3 for (place, _), true in zip(shifts(logs), (50, 100), strict=True)] == [True, True]


# --- failures ---


def failures(*failed: int, count: int = 120) -> pl.DataFrame:
    return panel(every(DAY, count), [float(n in failed) for n in range(count)])


def test_a_cluster_of_failures_is_one_alarm():
    assert told({"failures": failures(20, 60, 61, 63, 64, 66)}) == [
        ("failing", "5 of 7 runs failed from Fri 6 Mar to Thu 12 Mar, usually 1 in 113")
    ]


def test_failures_that_go_on_have_no_end():
    found = anomalies({"failures": failures(117, 118, 119)}, START + DAY * 120)
    assert found["until"].to_list() == [None]
    assert found["text"].to_list() == ["3 runs in a row failed since Sat 2 May, usually none"]


def test_two_incidents_are_two_alarms():
    assert len(told({"failures": failures(30, 31, 32, 80, 81, 83)})) == 2


def test_lone_failures_steady_failures_and_what_never_worked_are_none():
    assert told({"failures": failures(10, 40, 77)}) == []
    assert told({"failures": failures(*range(0, 120, 3))}) == []
    assert told({"failures": failures(*range(120))}) == []


# --- silence ---


def test_nothing_for_hours_where_something_comes_each_hour():
    times = every(HOUR, 24 * 10)
    assert told({"landings": panel(times)}, times[-1] + 14 * HOUR) == [
        ("silence", "nothing landed for 14 h, usually every 1 h")
    ]
    assert told({"landings": panel(times)}, times[-1] + 2 * HOUR) == []


def test_a_weekend_is_no_silence_where_there_never_are_runs():
    times = [t for t in every(DAY, 40, START + 6 * HOUR) if t.weekday() < 5]  # until Friday
    assert told({"landings": panel(times)}, times[-1] + 3 * DAY) == []
    assert told({"landings": panel(times)}, times[-1] + 7 * DAY)[0][0] == "silence"


def test_the_first_weekend_of_a_new_pipeline_is_no_silence():
    times = every(HOUR / 4, 4 * 24 * 5)  # Monday to Friday
    assert told({"landings": panel(times)}, times[-1] + 2 * DAY) == []
    assert told({"landings": panel(times[: 4 * 24 * 3])}, times[4 * 24 * 3] + 6 * HOUR)[0][0] == "silence"


def test_a_silence_that_is_over_says_until_when():
    times = [t for t in every(HOUR, 24 * 12) if not (t.day == 13 and t.hour < 9)]
    assert told({"landings": panel(times)}) == [
        ("silence", "nothing landed for 10 h until Tue 13 Jan 09:00, usually every 1 h")
    ]


def test_silence_is_told_as_of_when_something_was_known_last():
    times = every(HOUR, 24 * 10)
    assert told({"landings": panel(times)}, times[-1] + 9 * DAY, asof={"p": times[-1] + HOUR}) == []


def test_who_waits_for_another_is_not_silent_on_its_own():
    times = every(HOUR, 24 * 10)
    panels = {"landings": pl.concat([panel(times, name="first"), panel(times, name="second")])}
    found = anomalies(panels, times[-1] + DAY, feeders={"second": {"first"}})
    assert found["id"].to_list() == ["first"]


# --- counts ---


def arrivals(rates, seed=5, start=START) -> pl.DataFrame:
    """Events spread over each day, so many on average; none at weekends."""
    rng = np.random.default_rng(seed)
    days = [(start + DAY * n, rate) for n, rate in enumerate(rates) if (start + DAY * n).weekday() < 5]
    times = sorted(t + 9 * HOUR + 9 * HOUR * float(x) for t, rate in days for x in rng.random(rng.poisson(rate)))
    return panel(times)


def test_more_events_from_a_day_on():
    found = told({"tickets arrived": arrivals([8] * 80 + [16] * 40)}, START + 120 * DAY)
    assert [kind for kind, _ in found] == ["level shift"]
    assert found[0][1].split("× ")[1].startswith("as many tickets arrived since")


def test_one_day_with_many():
    found = told({"tickets arrived": arrivals([4] * 99 + [60] + [4] * 20)}, START + 120 * DAY)
    assert [kind for kind, _ in found] == ["spike"]
    assert " tickets arrived on Tue 14 Apr, usually " in found[0][1]


def test_steady_events_raise_no_alarm():
    assert sum(len(told({"commits": arrivals([5] * 150, seed)}, START + 150 * DAY)) for seed in range(20)) <= 1


# --- days off ---

MONTHS = START - 98 * DAY
"""Monday, 29 September."""
CLOSED = {date(2025, 12, 22) + DAY * n: 0.0 for n in range(14)}
"""The two weeks of Christmas: until Sunday, 4 January."""


def worked(rate: float, days: int, closed=CLOSED, seed: int = 5) -> pl.DataFrame:
    """Events on the weekdays from `MONTHS` on: so many on average, in proportion to who is there."""
    starts = [MONTHS + DAY * n for n in range(days)]
    return arrivals([rate * closed.get(start.date(), 1.0) for start in starts], seed, MONTHS)


def test_christmas_is_no_silence_where_it_is_off():
    panels = {"commits": worked(8, 98)}  # until the last day off
    (alarm,) = told(panels, START)
    assert alarm[0] == "silence"
    assert told(panels, START, worked={"p": CLOSED}) == []
    assert told(panels, START, worked={"q": CLOSED}) == [alarm]


def test_when_all_are_back_christmas_was_neither_silence_nor_a_level():
    panels = {"commits": worked(8, 140)}
    assert "silence" in [kind for kind, _ in told(panels, MONTHS + 140 * DAY)]
    assert told(panels, MONTHS + 140 * DAY, worked={"p": CLOSED}) == []


def test_a_silence_that_goes_on_after_christmas_is_one_alarm_without_the_days_off():
    found = told({"tickets arrived": worked(8, 84)}, START + 14 * DAY, worked={"p": CLOSED})
    assert found == [("silence", "no tickets arrived for 16.3 days and 14 days off, usually every 52 min")]


def test_a_day_off_begins_at_midnight_of_the_zone():
    """In Auckland the first Monday of the year begins 13 hours earlier: more than a day of it is silent."""
    panels = {"commits": panel(every(HOUR, 84 * 24, MONTHS))}
    known = {"now": START + 20 * HOUR, "worked": {"p": CLOSED}}
    assert told(panels, **known) == []
    assert [kind for kind, _ in told(panels, **known, zone="Pacific/Auckland")] == ["silence"]


@pytest.mark.parametrize("share", [0.2, 0.5])
@pytest.mark.parametrize("slower", [True, False])
def test_where_some_are_away_fewer_may_come_or_as_many(share, slower):
    """Five weeks with fewer people: tickets are finished in proportion, or come as ever."""
    few = {date(2025, 12, 1) + DAY * n: share for n in range(35)}
    panels = {"tickets": worked(20, 150, few if slower else {})}
    assert told(panels, MONTHS + 150 * DAY, worked={"p": few}) == []
    if slower:
        assert "level shift" in [kind for kind, _ in told(panels, MONTHS + 150 * DAY)]


def test_a_level_that_falls_further_than_absences_explain_is_told():
    panels = {"tickets": arrivals([10] * 98 + [2] * 52, start=MONTHS)}
    most = {date(2026, 1, 5) + DAY * n: 0.8 for n in range(52)}
    found = told(panels, MONTHS + 150 * DAY, worked={"p": most})
    assert [kind for kind, _ in found] == ["level shift"]


def test_many_events_on_a_day_off_are_told():
    christmas = MONTHS + 87 * DAY
    usual = worked(4, 130)
    panels = {"tickets arrived": pl.concat([usual, panel(every(HOUR / 4, 50, christmas))])}
    ((kind, text),) = told(panels, MONTHS + 130 * DAY, worked={"p": CLOSED})
    assert (kind, text) == ("spike", "50 tickets arrived on Thu 25 Dec, usually 3")


def test_who_is_never_there_is_not_missed():
    never = dict.fromkeys((MONTHS.date() + DAY * n for n in range(200)), 0.0)
    assert told({"commits": worked(8, 84)}, START, worked={"p": never}) == []


# --- one event, one alarm ---


def test_an_incident_with_long_runs_and_late_landings_is_one_alarm():
    times = every(HOUR, 300)
    is_failed = np.isin(np.arange(300), [200, 201, 203, 204, 205])
    values = noisy(300)
    values[[199, 202, 206]] *= 4
    worked = [t for t, failed in zip(times, is_failed, strict=True) if not failed]
    panels = {
        "failures": panel(times, is_failed.astype(float)),
        "duration": panel(worked, values[~is_failed]),
        "landing": panel(worked, values[~is_failed] + 5),
        "landings": panel(times),
    }
    assert [kind for kind, _ in told(panels)] == ["failing"]


def test_a_longer_duration_is_not_told_again_as_a_later_landing():
    values = noisy(120)
    values[70:] *= 1.8
    panels = {"duration": panel(every(DAY, 120), values), "landing": panel(every(DAY, 120), values + 20)}
    assert anomalies(panels, START + 120 * DAY)["what"].to_list() == ["duration"]


# --- whatever comes in ---

odd = st.one_of(st.none(), st.floats(), st.floats(0, 1e6), st.sampled_from([0.0, -5.0, math.inf, 1e-300, 1e300, 600.0]))
WHATS = ["duration", "landing", "failures", "landings", "tickets arrived"]


def is_sound(found: pl.DataFrame) -> None:
    assert dict(found.schema) == {name: dtype() if isinstance(dtype, type) else dtype for name, dtype in ALARMS.items()}
    assert found.drop("until").null_count().sum_horizontal().sum() == 0
    assert all(math.isfinite(size) for size in found["size"])
    assert all("nan" not in text and "inf" not in text for text in found["text"])
    assert all(until is None or until >= since for since, until in found.select("since", "until").iter_rows())


@hypothesis_settings(max_examples=150)
@given(
    st.lists(st.tuples(st.integers(0, 90 * 24), odd), max_size=80),
    st.sampled_from(WHATS),
    st.sampled_from(["UTC", "Europe/Berlin", "Pacific/Apia", "Asia/Kathmandu"]),
    st.sampled_from([timedelta(0), DAY, 3650 * DAY]),
    st.dictionaries(st.dates(date(2025, 12, 1), date(2026, 6, 1)) | st.dates(), st.floats(0, 1), max_size=60),
)
def test_any_events_give_alarms_without_nan(rows, what, zone, later, share):
    frame = panel([START + HOUR * h for h, _ in rows], [v for _, v in rows])
    is_sound(anomalies({what: frame}, START + 90 * DAY + later, zone=zone, worked={"p": share}))


@pytest.mark.parametrize("what", WHATS)
@pytest.mark.parametrize(
    "values",
    [[], [600.0], [None] * 50, [600.0] * 50, [0.0] * 50, [math.inf] * 50, [-1.0] * 50, [1e300, 1e-300] * 25],
)
def test_what_tells_nothing_raises_nothing(what, values):
    found = anomalies({what: panel(every(DAY, len(values)), values)}, START + 50 * DAY)
    is_sound(found)
    assert found.is_empty() or what in ("landings", "tickets arrived")


@pytest.mark.parametrize("what", WHATS)
def test_a_gap_of_ten_years_is_survived(what):
    times = every(DAY, 40) + every(DAY, 40, START + 3650 * DAY)
    is_sound(anomalies({what: panel(times, [600.0] * 80)}, times[-1] + DAY))


def test_what_is_missing_is_named():
    with pytest.raises(ValueError, match="'duration' has no column value"):
        anomalies({"duration": panel([START])}, START)
