"""Jira's times and its older ways to write a sprint."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from connectors.jira.tickets import sprint_ids
from connectors.jira.times import JqlTime, minute, next_minute, parse_time

moments = st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
zones = st.sampled_from(["UTC", "America/Los_Angeles", "Asia/Kolkata", "Pacific/Chatham", "Europe/Berlin"]).map(
    ZoneInfo
)


@pytest.mark.parametrize("value", ["2018-01-04T23:45:31.000+0000", "2018-01-04T18:45:31.000-0500",
                                   "2018-01-04T23:45:31.000Z", 1515109531, 1515109531000])  # fmt: skip
def test_every_way_that_jira_writes_a_time(value):
    assert parse_time(value) == datetime(2018, 1, 4, 23, 45, 31, tzinfo=UTC)


@pytest.mark.parametrize("value", ["yesterday", "2018-01-04T23:45:31", "", 10**300, float("nan")])
def test_what_is_no_time_is_said_to_be_none(value):
    with pytest.raises(ValueError):
        parse_time(value)


def as_read(text: str, zone: ZoneInfo, fold: int) -> datetime:
    """What a server in this zone takes the text for; `fold` says which of two equal clock times it takes."""
    return datetime.strptime(text, '"%Y-%m-%d %H:%M"').replace(tzinfo=zone, fold=fold)


@given(moments, zones, st.integers(0, 1))
@example(datetime(2038, 11, 7, 8, tzinfo=UTC), ZoneInfo("America/Los_Angeles"), 0)
def test_a_span_in_jql_never_leaves_out_a_moment_whichever_way_the_server_reads_clocks_put_back(at, zone, fold):
    times = JqlTime(zone)
    since, until = as_read(times.since(at), zone, fold), as_read(times.until(at), zone, fold)
    assert since <= at <= until
    assert at - since <= timedelta(hours=2), "a clock hour that comes twice is two hours long"
    assert until - at <= timedelta(hours=2)


@given(moments, st.integers(-14 * 60, 14 * 60))
def test_where_the_zone_is_a_guess_a_span_reaches_far_enough(at, offset_min):
    times = JqlTime(ZoneInfo("UTC"), timedelta(hours=24))
    off = timedelta(minutes=offset_min)
    since, until = (as_read(text, ZoneInfo("UTC"), 0) for text in (times.since(at), times.until(at)))
    assert since - off <= at <= until - off


@given(moments)
def test_without_a_zone_it_is_milliseconds(at):
    times = JqlTime()
    assert parse_time(int(times.since(at))) == minute(at) or at.year < 1974
    assert parse_time(int(times.until(at))) in {minute(at), next_minute(at)} or at.year < 1974


@given(moments)
def test_a_moment_is_within_its_minute(at):
    assert minute(at) <= at < next_minute(at)
    assert next_minute(at) - minute(at) == timedelta(minutes=1)


@given(st.lists(st.integers(1, 10**6)))
def test_sprints_as_objects_and_as_java_s_text(ids):
    objects = [{"id": i, "name": "S, id=9", "state": "active"} for i in ids]
    texts = [f"com.atlassian.greenhopper.service.sprint.Sprint@1f[completeDate=<null>,id={i},name=A b]" for i in ids]
    assert list(sprint_ids(objects)) == list(sprint_ids(texts)) == [str(i) for i in ids]


@given(st.none() | st.integers() | st.text() | st.lists(st.text() | st.none() | st.booleans()))
def test_any_other_value_names_no_sprint_or_only_digits(value):
    assert all(i.isdigit() for i in sprint_ids(value))
