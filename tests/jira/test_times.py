"""Jira's times and its older ways to write a sprint."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.jira.tickets import sprint_ids
from connectors.jira.times import in_jql, minute, next_minute, parse_time

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


@given(moments, zones)
def test_a_time_in_jql_is_its_minute_in_the_account_s_zone(at, zone):
    text = in_jql(at, zone)
    read = datetime.strptime(text, '"%Y-%m-%d %H:%M"').replace(tzinfo=zone, fold=at.astimezone(zone).fold)
    assert read == minute(at)


@given(moments)
def test_without_a_zone_it_is_milliseconds(at):
    assert parse_time(int(in_jql(at, None))) == minute(at) or at.year < 1974


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
