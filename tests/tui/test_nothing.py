"""Where a list has no rows it says why, and what to do: whichever sources there are."""

import msgspec
import pytest

from collabtui.config import Source
from tests.answers.building import NOW, pipeline, ticket
from tests.tui.driving import office_of, opened, press, screen, settled, table

NO_AIRFLOW = "This comes from Airflow, and no Airflow is configured."
NO_JIRA = "This comes from Jira, and no Jira is configured."
NO_SOURCE = "No source is configured: `collabtui init` connects Airflow, Jira and Git."
NEITHER = "This comes from Airflow or Jira, and none of these is configured."
LISTS = {
    "git": {"pipelines": NO_AIRFLOW, "runs": NO_AIRFLOW, "deliveries": NO_AIRFLOW, "teams": NO_JIRA, "epics": NO_JIRA,
            "tickets": NO_JIRA, "people": NO_JIRA, "bottlenecks": NEITHER, "series": "Nothing here yet."},
    "airflow": {"runs": "Nothing here yet.", "deliveries": "Nothing here yet.", "teams": NO_JIRA, "epics": NO_JIRA,
                "bottlenecks": "Nothing holds up work"},
    "jira": {"pipelines": NO_AIRFLOW, "deliveries": NO_AIRFLOW, "epics": "No open epics.",
             "people": "Nobody has a ticket in progress."},
    "": dict.fromkeys(("pipelines", "deliveries", "teams", "epics", "tickets", "people", "series"), NO_SOURCE),
}  # fmt: skip
FACTS = {"airflow": [pipeline("mart")], "jira": [ticket(1, NOW, project="P")]}


def office_with(tmp_path, kind: str):
    """A team that has configured one source of that kind; "" is none."""
    office = office_of(tmp_path, FACTS.get(kind, []))
    sources = [Source(name="air", kind=kind, options={})] if kind else []
    office.settings = msgspec.structs.replace(office.settings, sources=sources)
    return office


@pytest.mark.parametrize("size", [(80, 24), (200, 60)], ids=["80x24", "200x60"])
@pytest.mark.parametrize("kind", LISTS, ids=[kind or "none" for kind in LISTS])
async def test_lists_say_which_source_they_miss(tmp_path, size, kind):
    async with opened(office_with(tmp_path, kind)).run_test(size=size) as pilot:
        await settled(pilot)
        for key, names in (
            ("1", ("pipelines", "runs")),
            ("2", ("deliveries",)),
            ("3", ("teams", "epics", "tickets", "people", "bottlenecks")),
            ("4", ("series",)),
        ):
            await press(pilot, key)
            for name in names:
                if name in LISTS[kind]:
                    pilot.app.panes[int(key) - 1]._use(table(pilot, name))
                    await settled(pilot)
                    words = " ".join(screen(pilot).split())
                    assert LISTS[kind][name] in words, name
                    assert "is configured" not in LISTS[kind][name] or "adds one." in words or not kind, name


async def test_without_a_source_the_line_at_the_bottom_says_what_to_do(tmp_path):
    async with opened(office_with(tmp_path, "")).run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        assert NO_SOURCE in screen(pilot).splitlines()[-2]


async def test_the_sum_of_all_teams_is_no_team(tmp_path):
    office = office_of(tmp_path, [ticket(1, NOW, project="A"), ticket(2, NOW, project="B")])
    async with opened(office).run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await press(pilot, "3")
        assert len(table(pilot, "teams").rows) == 3
        assert "Teams 2 · by name" in screen(pilot)
        await press(pilot, "slash", *"all", "enter")
        assert "Teams 0 of 2" in screen(pilot)


async def test_the_runs_to_come_say_so_too(tmp_path):
    async with opened(office_with(tmp_path, "git")).run_test(size=(100, 40)) as pilot:
        await settled(pilot)
        await press(pilot, "n")
        await pilot.pause(0.3)
        assert NO_AIRFLOW in screen(pilot)
