"""Answers as text: for programs exact and whole, for people short and harmless."""

import csv
import io
import json
from datetime import UTC, date, datetime

import polars as pl
import pytest

from collabtui.answers import ANSWERS
from collabtui.faces.report import render
from collabtui.faces.tui.formats import percent
from tests.conftest import asked_of

AT = datetime(2026, 3, 11, 5, 40, 30, tzinfo=UTC)
FRAME = pl.DataFrame(
    {
        "name": ["[red]a|b[/red] <i>", "\x1b[31mnext\nline\u202e", None],
        "p50_at": [AT, None, AT], "due_on": [date(2026, 3, 12), None, None], "p_late": [0.254, None, 1.0],
        "landing_s": [5400.0, None, -12.0], "tags": [["x", "y"], [], None], "n": [1, None, 3],
    },
    schema_overrides={"p50_at": pl.Datetime("us", "UTC")},
)  # fmt: skip


def test_json_is_whole_and_in_utc():
    rows = json.loads(render(FRAME, form="json", zone="Europe/Berlin", columns=["name"]))
    assert rows[0] == {
        "name": "[red]a|b[/red] <i>", "p50_at": "2026-03-11T05:40:30Z", "due_on": "2026-03-12", "p_late": 0.254,
        "landing_s": 5400.0, "tags": ["x", "y"], "n": 1,
    }  # fmt: skip
    assert rows[1]["name"] == "\x1b[31mnext\nline\u202e", "programs get text as it is, escaped by JSON"
    assert rows[2]["name"] is None


def test_csv_can_be_read_back():
    rows = list(csv.DictReader(io.StringIO(render(FRAME, form="csv", zone=None))))
    assert rows[0]["p50_at"] == "2026-03-11T05:40:30Z"
    assert rows[0]["tags"] == "x;y"
    assert rows[1]["name"] == "\x1b[31mnext\nline\u202e"
    assert rows[2]["p_late"] == "1.0"


def test_people_get_their_zone_units_and_harmless_text():
    text = render(FRAME, form="table", zone="Europe/Berlin")
    first, second, *_ = text.splitlines()[1:]
    assert "p50 (CET)" in text
    assert "Wed 11 Mar 06:40" in first
    assert "[red]a|b[/red] <i>" in first
    assert "25 %" in first
    assert "90 min" in first
    assert "␛[31mnext line" in second
    assert "\x1b" not in text


@pytest.mark.parametrize(
    ("share", "told"), [(0.0, "0 %"), (0.001, "<1 %"), (0.25, "25 %"), (0.999, ">99 %"), (1.0, "100 %")]
)
def test_a_chance_is_said_as_on_the_screen(share, told):
    for name in ("p_late", "on_time_rate", "load", "older_than"):
        assert render(pl.DataFrame({name: [share]}), form="table", zone="UTC").splitlines()[1] == told
    assert percent(share) == told


def test_markdown_escapes_what_would_be_markup():
    lines = render(FRAME, form="markdown", zone="UTC").splitlines()
    assert all(line.startswith("| ") for line in lines)
    assert len(lines) == 5
    assert "a\\|b" in lines[2]
    assert "&lt;i>" in lines[2]


def test_a_table_is_cut_to_the_terminal():
    assert max(map(len, render(FRAME, form="table", zone="UTC", width=40).splitlines())) <= 40


@pytest.mark.parametrize("form", ["table", "json", "csv", "markdown"])
@pytest.mark.parametrize("name", ANSWERS)
def test_every_answer_has_every_form(name, form, office, warehouse):
    answer = ANSWERS[name]
    more = asked_of(answer)
    frame = answer.frame(answer.ask(warehouse, office.settings, office.now, **more))
    text = render(frame, form=form, zone="UTC", columns=answer.columns)
    assert text.endswith("\n")
    assert text.count("\n") >= min(frame.height, 60)
    empty = render(frame.clear(), form=form, zone="UTC", columns=answer.columns)
    assert empty.strip()
