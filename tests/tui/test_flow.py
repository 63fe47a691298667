"""The leads' charts of flow, and the tickets behind them."""

import re

import pytest
from textual.geometry import Offset

from collabtui.faces.tui.charts.canvas import Spot, draw
from collabtui.faces.tui.charts.flow_charts import CumulativeFlowChart, Dot, DotsChart, FlowDay, Level
from collabtui.faces.tui.charts.weeks import Week, WeeksChart
from collabtui.faces.tui.formats import Viewer
from collabtui.faces.tui.tabs.detail import Plot
from collabtui.faces.tui.themes import DARK
from tests.answers.building import NOW
from tests.tui.driving import opened, press, screen, settled, table

VIEWER = Viewer(NOW)


def drawn(chart, width=80, height=20):
    return draw(chart, width, height, VIEWER, DARK.variables)


@pytest.mark.parametrize("size", [(80, 24), (160, 45)], ids=["80x24", "160x45"])
async def test_c_turns_through_the_charts_of_a_team_and_names_each(office, size):
    async with opened(office).run_test(size=size) as pilot:
        await settled(pilot)
        await press(pilot, "3", "z")
        for name, following in (
            ("tickets a week", "cumulative flow"), ("cumulative flow", "cycle times"), ("cycle times", "ages"),
            ("ages", "tickets a week"),
        ):  # fmt: skip
            assert f"{name}  c: {following}" in screen(pilot)
            await press(pilot, "c")
        assert "tickets a week  c: cumulative flow" in screen(pilot)


async def test_the_chart_that_one_turned_to_stays_for_the_next_team_and_for_all_of_them(office):
    async with opened(office).run_test(size=(160, 45)) as pilot:
        await settled(pilot)
        await press(pilot, "3", "c", "c", "j")
        assert "cycle times  c: ages" in screen(pilot)
        await press(pilot, "G")
        assert table(pilot, "teams").selected["name"] == "all teams"
        assert "cycle times  c: ages" in screen(pilot)
        assert re.search(r"P85 [\d.]+ d", screen(pilot))


async def test_enter_on_a_team_leads_to_its_tickets_and_escape_back(office):
    async with opened(office).run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await press(pilot, "3", "j")
        team = table(pilot, "teams").selected["team"]
        await press(pilot, "enter")
        tickets = table(pilot, "tickets")
        assert tickets.has_focus
        assert {row["team"] for row in tickets._rows} == {team}
        ages = [row["days"] for row in tickets._rows if row["is_begun"] and row["state"] != "done"]
        assert ages == sorted(ages, reverse=True)
        open_n = sum(row["state"] != "done" for row in tickets._rows)
        assert open_n == next(row["open_tickets"] for row in table(pilot, "teams").rows if row["team"] == team)
        await press(pilot, "y")
        assert pilot.app.clipboard == tickets.selected["ticket_key"]
        assert tickets.selected["url"].endswith(tickets.selected["ticket_key"])
        await press(pilot, "escape", "G", "enter")
        assert len(tickets._rows) == len(tickets._all), "of all teams"
        await press(pilot, "escape")
        assert table(pilot, "teams").has_focus


async def test_a_ticket_is_marked_among_those_of_its_team(office):
    async with opened(office).run_test(size=(160, 45)) as pilot:
        await settled(pilot)
        await press(pilot, "3", "tab", "tab")
        for key, name in (("g", "age in days"), ("G", "days from start to end")):
            await press(pilot, key)
            said = " ".join(screen(pilot).replace("│", " ").split())
            assert name in said
            assert "◉" in said
            assert "of its team's finished" in said


async def test_the_mouse_on_a_dot_tells_which_ticket_it_is(office):
    async with opened(office).run_test(size=(160, 45)) as pilot:
        await settled(pilot)
        await press(pilot, "3", "c", "c")
        plot = pilot.app.query_one("#leads").query_one(Plot)
        spot = plot._drawing.spots[0]
        await pilot.hover(plot, offset=Offset(spot.column, spot.row))
        await settled(pilot)
        key = table(pilot, "tickets")._all
        assert spot.words.split(" ")[0] in {row["ticket_key"] for row in key}
        assert re.search(r"[A-Z]+-\d+ · [\d.]+ d · finished", screen(pilot))
        await pilot.hover("#clock")
        await settled(pilot)
        assert "cycle times  c: ages" in screen(pilot)


def test_what_is_pointed_at_is_where_it_is_drawn():
    dots = [Dot(f"P-{n}", n, days, 0, f"P-{n}") for n, days in enumerate((1.0, 9.0, 4.0, 6.5))]
    chart = drawn(DotsChart(dots, [], ["01 Mar", "02 Mar", "03 Mar", "04 Mar"]))
    lines = chart.text.plain.split("\n")
    assert [lines[spot.row][spot.column] for spot in chart.spots] == ["●"] * 4
    assert [chart.at(spot.column, spot.row) for spot in chart.spots] == ["P-0", "P-1", "P-2", "P-3"]
    assert chart.at(chart.spots[0].column + 9, 0) == ""


def test_dots_on_one_place_are_counted():
    dots = [Dot(f"P-{n}", 0, 3.0, 0, f"P-{n} · 3 d") for n in range(3)]
    chart = drawn(DotsChart(dots, [], ["01 Mar", "02 Mar"]))
    assert chart.at(chart.spots[0].column, chart.spots[0].row) == "P-0 · 3 d (and 2 more here)"


def test_a_week_is_told_wherever_one_points_above_it():
    weeks = [Week("02 Mar", 4, 3), Week("09 Mar", None, None, 1, 2, 5, 3)]
    chart = drawn(WeeksChart(weeks))
    past, ahead = chart.spots
    assert (past, ahead) == (Spot(past.column, None, past.words), Spot(ahead.column, None, ahead.words))
    assert chart.at(past.column, 2) == chart.at(past.column, 12) == "week from 02 Mar · came 4 · finished 3"
    assert chart.at(ahead.column, 5).startswith("week from 09 Mar · will finish P15 1 · P50 2 · P85 5")


def test_shapes_tell_what_colours_tell_and_lines_are_named():
    levels = [Level("P50", 2.0), Level("P85", 5.0), Level("P95", 5.1)]
    dots = [
        Dot("P-1", 0, 1.0, 0, ""),
        Dot("P-2", 1, 5.05, 1, ""),
        Dot("P-3", 1, 8.0, 2, ""),
        Dot("P-4", 0, 900.0, 2, ""),
    ]
    text = drawn(DotsChart(dots, levels, ["Doing 2", "Review 2"], is_spread=True, marked="P-1")).text.plain
    assert all(words in text for words in ("P50 2 d", "P85 5 d", "P95 5.1 d", "Doing 2", "Review 2"))
    assert all(text.count(sign) == 1 for sign in "◉◆▲↑")
    assert "900" not in text, "one odd ticket does not make a line of all others"


def test_a_large_backlog_leaves_room_for_what_is_worked_on():
    days = [FlowDay(f"{n:02d} Mar", 5000, 20, 2 * n) for n in range(1, 31)]
    chart = drawn(CumulativeFlowChart(days))
    lines = chart.text.plain.split("\n")
    assert sum("█" in line for line in lines) >= 5
    assert sum("▒" in line for line in lines) >= 3
    assert chart.at(78, 3) == "30 Mar · to do 5,000 · in progress 20 · done 60"


@pytest.mark.parametrize(
    "status", ["[red]x[/]", "\x1b[31mred", "进行中", "😀 on it", "عربي", "x" * 10_000], ids=range(6)
)
@pytest.mark.parametrize("size", [(28, 7), (78, 20), (200, 50)])
def test_any_name_of_a_status_leaves_the_chart_as_wide_as_it_is(status, size):
    text = drawn(DotsChart([Dot("P-1", 0, 1.0, 0, "")], [], [status], is_spread=True), *size).text
    assert "\x1b" not in text.plain
    assert {len(line) for line in text.plain.split("\n") if line} == {size[0]}


@pytest.mark.parametrize("chart", [DotsChart([], [Level("P50", 1.0)], ["a"]), CumulativeFlowChart([])])
def test_nothing_to_draw_is_nothing(chart):
    assert drawn(chart) is None


@pytest.mark.parametrize("keys", ["3 z c", "3 z c c", "3 z c c c"], ids=["cumulative", "cycle-times", "ages"])
def test_a_picture_of_each(office, snap_compare, keys):
    async def go_there(pilot) -> None:
        await settled(pilot)
        await press(pilot, *keys.split())

    assert snap_compare(opened(office), terminal_size=(100, 36), run_before=go_there)
