"""The scientists' tab: any series, and what is known of its forecast."""

import pytest

from collabtui.faces.tui.app import CollabTui
from tests.answers.building import DAY, HOUR, MINUTE, NOW, filled, pipeline, run, settings, ticket
from tests.tui.driving import office_of, opened, press, screen, screen_lines, settled, table


def said(pilot) -> str:
    return " ".join(screen(pilot).replace("│", " ").split())


@pytest.mark.parametrize("size", [(80, 24), (160, 45)], ids=["80x24", "160x45"])
async def test_a_series_shows_its_forecast_champion_rivals_and_chart(office, size):
    async with opened(office).run_test(size=size) as pilot:
        await settled(pilot)
        await press(pilot, "4")
        await pilot.press("slash", *"tickets finished analytics")
        await press(pilot, "enter", "z")
        assert table(pilot, "series").selected["series"] == "tickets finished: Analytics"
        for words in (
            "week of Mon 16 Mar: P50",
            "this week so far",
            "80 % within",
            "champion:",
            "candidates alone, best in hindsight",
            "ready by data",
            "MASE",
        ):
            assert words in said(pilot)
        assert "░" in screen(pilot).split("95 %")[-1], "the chart"
        assert "now" in screen(pilot).split("95 %")[-1], "where the past ends"


async def test_what_is_silent_or_just_began_says_why_it_has_no_forecast(tmp_path):
    silent = [run("silent", NOW - HOUR * back, MINUTE) for back in range(240, 40, -1)]
    began = [ticket(n, NOW - n * HOUR) for n in range(1, 4)]
    async with opened(office_of(tmp_path, [pipeline("silent"), *silent, *began])).run_test(size=(160, 45)) as pilot:
        await settled(pilot)
        await press(pilot, "4", "z")
        assert table(pilot, "series").selected["series"] == "duration: silent"
        assert "no forecast: nothing came for longer than it looks ahead" in said(pilot)
        await press(pilot, "z", "end", "z")
        assert table(pilot, "series").selected["series"] == "tickets arrived: P"
        for words in ("this week so far 3 tickets", "not forecast yet"):
            assert words in said(pilot)


async def test_a_series_leads_to_what_is_related_to_its_pipeline_or_team(office):
    async with opened(office).run_test(size=(160, 45)) as pilot:
        await settled(pilot)
        await press(pilot, "4")
        for name, first in (("tickets finished analytics", "Analytics"), ("duration ingest_orders", "ingest_orders")):
            await pilot.press("slash", *name)
            await press(pilot, "enter", "x")
            assert screen_lines(pilot)[0] == f" what is related to {first}"
            await press(pilot, "escape", "escape")


@pytest.mark.own_process
async def test_more_series_than_one_process_should_do_are_worked_out_beside_the_screen(tmp_path):
    names = [f"p{n:02}" for n in range(30)]
    runs = [run(name, NOW - DAY * back, (40 + back % 5) * MINUTE) for name in names for back in range(1, 25)]
    filled(tmp_path, [*(pipeline(name) for name in names), *runs]).close()
    known = settings(tmp_path)
    async with CollabTui(known.warehouse, known, clock=lambda: NOW).run_test(size=(160, 45)) as pilot:
        await settled(pilot)
        await press(pilot, "4", "j", "z")
        assert "P50" in said(pilot)
        assert "could not be read" not in said(pilot)
