"""Draws screenshots/*.svg from the running app, on the demo's team: `make screenshots`."""

import asyncio
import re
import tempfile
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from tests.conftest import Office, open_office
from tests.tui.driving import opened, press, settled

FOLDER = Path(__file__).parents[1] / "screenshots"
SIZE = (140, 38)
KEYS = {
    "engineers": ["1"],
    "run": ["1", "enter", "enter"],
    "analysts": ["2"],
    "leads": ["3", "tab", "j"],
    "flow": ["3", "j", "c", "c"],
    "scientists": ["4", *["j"] * 14],
    "related": ["1", "x"],
    "standup": ["d", "space", "space"],
}
TOUR_SIZE = (110, 30)
TOUR: Sequence[Sequence[str]] = (
    ["1"],
    ["x"],
    ["enter"],
    ["escape", "escape", "enter", "enter"],
    ["escape", "2"],
    ["3"],
    ["4", "j"],
)
"""What is pressed before each picture of the moving one."""
SHOWN_S = 3.0


async def main() -> None:
    """One picture a view, and a tour through some of them."""
    with tempfile.TemporaryDirectory() as folder:
        office = await asyncio.to_thread(open_office, Path(folder), history=timedelta(days=365))
        for name, keys in KEYS.items():
            (picture,) = await _pictures(office, SIZE, [keys])
            (FOLDER / f"{name}.svg").write_text(picture)
        (FOLDER / "tour.svg").write_text(moving(await _pictures(office, TOUR_SIZE, TOUR)))


async def _pictures(office: Office, size: tuple[int, int], steps: Sequence[Sequence[str]]) -> list[str]:
    """A picture after each step."""
    taken = []
    async with opened(office, title="demo").run_test(size=size) as pilot:
        await settled(pilot)
        for keys in steps:
            await press(pilot, *keys)
            taken.append(pilot.app.export_screenshot(title="collabtui"))
    return taken


def moving(pictures: Sequence[str]) -> str:
    """One SVG that shows these in turn, all of one size."""
    (box,) = set(re.findall(r'viewBox="([^"]+)"', "\n".join(pictures)))
    total, share = SHOWN_S * len(pictures), 100 / len(pictures)
    style = (
        f"@keyframes turn {{ 0%, {share:.3f}% {{ visibility: visible }} {share + 0.001:.3f}%, 100% "
        f"{{ visibility: hidden }} }} .picture {{ visibility: hidden; animation: turn {total:g}s infinite }}"
    )
    frames = []
    for place, picture in enumerate(pictures):
        own = re.sub(r"terminal-\d+", f"picture-{place}", picture)  # or the styles of one would hold for all
        frames.append(f'<g class="picture" style="animation-delay: {SHOWN_S * place:g}s">{own}</g>')
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{box}"><style>{style}</style>{"".join(frames)}</svg>\n'


if __name__ == "__main__":
    asyncio.run(main())
