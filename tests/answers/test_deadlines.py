"""When a run is due to have landed."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from collabtui.answers.deadlines import deadline_at, time_of_day_after
from collabtui.answers.pipelines import pipelines
from collabtui.answers.runs import runs
from collabtui.config import Deadline
from tests.answers.building import DAY, HOUR, MINUTE, NOW, feeds, filled, nightly, pipeline, run, settings

BERLIN = ZoneInfo("Europe/Berlin")
WEEKDAYS = Deadline(pipeline="*", by="07:30", timezone="Europe/Berlin", days="weekdays")


def berlin(*when: int) -> datetime:
    return datetime(*when, tzinfo=BERLIN).astimezone(UTC)


@pytest.mark.parametrize(
    ("due", "awaited"),
    [
        (berlin(2026, 3, 11, 2), berlin(2026, 3, 11, 7, 30)),
        (berlin(2026, 3, 11, 7, 30), berlin(2026, 3, 11, 7, 30)),
        (berlin(2026, 3, 11, 7, 31), berlin(2026, 3, 12, 7, 30)),
        (berlin(2026, 3, 13, 8), berlin(2026, 3, 16, 7, 30)),  # Friday, after it: Monday
        (berlin(2026, 3, 28, 8), berlin(2026, 3, 30, 7, 30)),  # summer time begins on Sunday
        (berlin(2026, 10, 25, 8), berlin(2026, 10, 26, 7, 30)),  # and has ended
    ],
)
def test_a_time_of_day_is_of_the_wall_clock_in_its_zone(due, awaited):
    assert time_of_day_after(WEEKDAYS, due, "UTC") == awaited


def test_a_time_that_clocks_skip_comes_as_much_later():
    skipped = Deadline(pipeline="*", by="02:30", timezone="Europe/Berlin")
    assert time_of_day_after(skipped, berlin(2026, 3, 29, 1), "UTC") == berlin(2026, 3, 29, 3, 30)


def test_a_time_that_clocks_show_twice_is_the_first():
    twice = Deadline(pipeline="*", by="02:30", timezone="Europe/Berlin")
    assert time_of_day_after(twice, datetime(2026, 10, 24, 23, tzinfo=UTC), "UTC") == datetime(
        2026, 10, 25, 0, 30, tzinfo=UTC
    )


zones = st.sampled_from(
    ["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Pacific/Apia", "Africa/Casablanca"]
)
days = st.sampled_from(["daily", "weekdays", "weekends", ("mon",), ("wed", "sun")])


@given(
    st.integers(0, 40 * 366 * 86400).map(lambda s: datetime(2000, 1, 1, tzinfo=UTC) + timedelta(seconds=s)),
    st.times(),
    zones,
    days,
)
def test_it_is_the_next_such_time_whatever_the_clocks_do(due, by, zone, on):
    rule = Deadline(pipeline="*", by=f"{by:%H:%M}", timezone=zone, days=on)
    found = time_of_day_after(rule, due, "UTC")
    assert due <= found <= due + timedelta(days=9)
    local = found.astimezone(ZoneInfo(zone))
    is_skipped = (local.hour, local.minute) != (by.hour, by.minute)
    assert not is_skipped or timedelta(0) < local.replace(tzinfo=None) - datetime.combine(
        local.date(), by.replace(second=0, microsecond=0)
    ) <= timedelta(hours=24)
    assert is_skipped or local.weekday() in rule.weekdays


def test_what_counts_from_the_interval_and_from_the_start():
    interval = Deadline(pipeline="*", after_interval="2h")
    start = Deadline(pipeline="*", after_start="90m")
    due, began = NOW, NOW + HOUR
    assert deadline_at([interval], due, began, "UTC") == due + 2 * HOUR
    assert deadline_at([start], due, began, "UTC") == began + 90 * MINUTE
    assert deadline_at([start], due, None, "UTC") == due + 90 * MINUTE
    assert deadline_at([interval, start], due, began, "UTC") == due + 2 * HOUR
    assert deadline_at([], due, began, "UTC") is None


def deadlines_of(tmp_path, records, rule) -> dict[str, datetime]:
    """By pipeline and due time, the deadline of each run."""
    warehouse = filled(tmp_path, records)
    frame = runs(warehouse, settings(tmp_path, [rule]), NOW).runs
    return {(p, due): at for p, due, at in frame.select("pipeline_id", "due_at", "deadline_at").iter_rows()}


def test_only_the_last_run_before_a_time_of_day_has_it(tmp_path):
    hourly = [run("p", NOW - HOUR * back, 10 * MINUTE) for back in range(48)]
    rule = Deadline(pipeline="p", by="07:30")
    found = deadlines_of(tmp_path, [pipeline("p"), *hourly], rule)
    with_one = sorted(due for (_, due), at in found.items() if at is not None)
    assert with_one == [NOW.replace(hour=7) - DAY, NOW.replace(hour=7)]


def test_saturdays_run_has_no_deadline_on_weekdays(tmp_path):
    found = deadlines_of(tmp_path, [pipeline("p"), *nightly("p", 2 * HOUR, HOUR, 14)], WEEKDAYS)
    without = {due.strftime("%a") for (_, due), at in found.items() if at is None}
    assert without == {"Sat", "Sun"}


def test_a_run_by_hand_does_not_take_the_deadline_away(tmp_path):
    nights = nightly("p", 2 * HOUR, HOUR, 5)
    by_hand = run("p", NOW.replace(hour=5), HOUR, run_type="manual")
    found = deadlines_of(tmp_path, [pipeline("p"), *nights, by_hand], WEEKDAYS)
    assert found["p", nights[-1].due_at] == berlin(2026, 3, 11, 7, 30)


def test_a_pipeline_that_its_datasets_start_is_of_the_round_that_feeds_it(tmp_path):
    """The mart usually starts at 05:00; today its staging was so late that it starts after the deadline."""
    rule = Deadline(pipeline="mart", by="06:30")
    fed = {"run_type": "asset_triggered"}
    marts = nightly("mart", 5 * HOUR, HOUR, 9, **fed)[:-1]
    late = run("mart", NOW.replace(hour=8), HOUR, **fed)
    records = [
        pipeline("stage"), pipeline("mart"), *feeds("stage", "mart"),
        *nightly("stage", 2 * HOUR, 3 * HOUR, 9), *marts, late,
    ]  # fmt: skip
    found = deadlines_of(tmp_path, records, rule)
    assert found["mart", late.due_at] == NOW.replace(hour=6, minute=30)
    assert found["mart", marts[-1].due_at] == NOW.replace(hour=6, minute=30) - DAY


@pytest.mark.parametrize("run_type", ["asset_triggered", "manual"])
def test_one_more_run_of_a_round_that_has_landed_is_not_late(tmp_path, run_type):
    """The mart landed at 06:00 and runs again at noon; where the first one failed the second is the late one."""
    rule = Deadline(pipeline="mart", by="06:30")
    marts = nightly("mart", 5 * HOUR, HOUR, 9, run_type="asset_triggered")
    again = run("mart", NOW, None, run_type=run_type)
    stages = [pipeline("stage"), pipeline("mart"), *feeds("stage", "mart"), *nightly("stage", 2 * HOUR, 3 * HOUR, 9)]
    found = deadlines_of(tmp_path, [*stages, *marts, again], rule)
    assert found["mart", marts[-1].due_at] == NOW.replace(hour=6, minute=30)
    assert found["mart", again.due_at] is None
    (tmp_path / "failed").mkdir()
    broken = [*marts[:-1], replace(marts[-1], state="failed")]
    found = deadlines_of(tmp_path / "failed", [*stages, *broken, again], rule)
    assert found["mart", again.due_at] == NOW.replace(hour=6, minute=30)


def test_what_should_have_started_by_now_is_expected_and_late(tmp_path):
    """At noon the mart, started by its staging at 05:00 on other days, has not run yet."""
    fed = {"run_type": "asset_triggered"}
    records = [
        pipeline("stage"), pipeline("mart"), *feeds("stage", "mart"), *nightly("stage", 2 * HOUR, 3 * HOUR, 9),
        *nightly("mart", 5 * HOUR, HOUR, 9, **fed)[:-1],
    ]  # fmt: skip
    warehouse = filled(tmp_path, records)
    known = pipelines(warehouse, settings(tmp_path, [Deadline(pipeline="mart", by="13:30")]), NOW).pipelines
    mart = known.filter(known["pipeline_id"] == "mart").row(0, named=True)
    assert mart["deadline_at"] == NOW.replace(hour=13, minute=30)
    assert mart["due_at"] == NOW
    assert NOW + 50 * MINUTE < mart["p50_at"] < NOW + 70 * MINUTE
    strict = pipelines(warehouse, settings(tmp_path, [Deadline(pipeline="mart", by="11:30")]), NOW).pipelines
    assert strict.filter(strict["pipeline_id"] == "mart")["p_late"].to_list() == [1.0]


@pytest.mark.parametrize(
    ("rule", "held"),
    [
        (Deadline(pipeline="stage_*", by="06:00"), {"stage_a"}),
        (Deadline(tag="tier-1", by="06:00"), {"mart"}),
        (Deadline(dataset="s3://stage_*", by="06:00"), {"stage_a"}),
        (Deadline(pipeline="*", source="another", by="06:00"), set()),
    ],
)
def test_a_rule_names_pipelines_tags_or_datasets(tmp_path, rule, held):
    records = [
        pipeline("stage_a"), pipeline("mart", tags=("tier-1",)), *feeds("stage_a", "mart"),
        run("stage_a", NOW - HOUR, MINUTE), run("mart", NOW - HOUR, MINUTE),
    ]  # fmt: skip
    found = deadlines_of(tmp_path, records, rule)
    assert {name for (name, _), at in found.items() if at is not None} == held
