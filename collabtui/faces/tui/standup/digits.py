"""Digits that can be read from the back of a room: Textual's, and where there is room twice as large."""

from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual.app import RenderResult
from textual.geometry import Size
from textual.renderables.digits import Digits as Drawn
from textual.widgets import Digits

GOES_RIGHT = "━┏┗┣┻╺╋"
GOES_DOWN = "┃┏┓┣┫╻╋"
LONGEST = 3
"""What is longer stays small: cut off it would be another number."""


def doubled(lines: list[str]) -> list[str]:
    """Lines drawn with heavy box characters, each character two wide and two high."""
    found = []
    for line in lines:
        found.append("".join(c + ("━" if c in GOES_RIGHT else " ") for c in line))
        found.append("".join(("┃" if c in GOES_DOWN else " ") + " " for c in line))
    return found


class BigDigits(Digits):
    """Twice as large on screens with room for it (the classes `-wide`, and `-huge` or `-giant`)."""

    @property
    def is_big(self) -> bool:
        """Whether it is drawn large now."""
        has_room = self.screen.has_class("-wide") and bool({"-huge", "-giant"} & self.screen.classes)
        return has_room and len(self.value) <= LONGEST

    def render(self) -> RenderResult:
        """The digits, always heavy."""
        segments = Drawn(self.value).render(Style(bold=True))
        lines = [part.text for part in segments if isinstance(part, Segment) and part.text != "\n"]
        return Text("\n".join(doubled(lines)[:5] if self.is_big else lines), style=self.rich_style, no_wrap=True)

    def get_content_width(self, container: Size, viewport: Size) -> int:
        """Six cells a digit, or three."""
        return super().get_content_width(container, viewport) * (2 if self.is_big else 1)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Five lines, or three."""
        return 5 if self.is_big else 3
