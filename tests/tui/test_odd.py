"""What is off with a pipeline stands in its detail."""

from collabtui.faces.tui.app import CollabTui
from tests.answers.building import HOUR, MINUTE, NOW, filled, pipeline, run, settings
from tests.tui.driving import screen, settled


def runs(pipeline_id: str, *, failed: int) -> list:
    """Two hundred hourly runs, the last of which failed."""
    states = ["success"] * (200 - failed) + ["failed"] * failed
    return [run(pipeline_id, NOW - HOUR * (200 - n), MINUTE, state=state) for n, state in enumerate(states)]


async def test_a_failing_pipeline_says_since_when_and_others_say_nothing(tmp_path):
    filled(tmp_path, [pipeline("broken"), pipeline("fine"), *runs("broken", failed=4), *runs("fine", failed=0)]).close()
    known = settings(tmp_path)
    app = CollabTui(known.warehouse, known, clock=lambda: NOW)
    async with app.run_test(size=(160, 45)) as pilot:
        await settled(pilot)
        assert "4 runs in a row failed since Wed 11 Mar 08:00, usually none" in screen(pilot)
        await pilot.press("j")
        await settled(pilot)
        assert "in a row" not in screen(pilot)
