"""Draws screenshots/*.svg from the running app, on the demo's team: `make screenshots`."""

import asyncio
import tempfile
from datetime import timedelta
from pathlib import Path

from tests.conftest import open_office
from tests.tui.driving import opened, press, settled

FOLDER = Path(__file__).parents[1] / "screenshots"
SIZE = (140, 38)
KEYS = {"engineers": ["1"], "analysts": ["2"], "leads": ["3", "tab", "j"], "standup": ["d", "space", "space"]}


async def main() -> None:
    """One picture a role, and one of the stand-up."""
    with tempfile.TemporaryDirectory() as folder:
        office = await asyncio.to_thread(open_office, Path(folder), history=timedelta(days=365))
        for role, keys in KEYS.items():
            async with opened(office, title="demo").run_test(size=SIZE) as pilot:
                await settled(pilot)
                await press(pilot, *keys)
                (FOLDER / f"{role}.svg").write_text(pilot.app.export_screenshot(title="collabtui"))


if __name__ == "__main__":
    asyncio.run(main())
