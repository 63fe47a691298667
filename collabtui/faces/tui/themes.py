"""A dark, a light and a colour-blind theme, and what the tones of `formats` are in each.

The colours of the third are told apart with any kind of colour vision: Okabe and Ito, "Color universal design" (2008).
"""

from collections.abc import Mapping

from rich.style import Style
from textual.theme import Theme

from collabtui.faces.tui.formats import Tone

DARK = Theme(
    name="collabtui-dark",
    dark=True,
    primary="#7aa2f7",
    secondary="#9d7cd8",
    accent="#7dcfff",
    foreground="#c8d0e8",
    background="#12141d",
    surface="#12141d",
    panel="#1b1f2d",
    success="#8fc46d",
    warning="#e5b567",
    error="#f7768e",
    variables={
        "line": "#363d54", "muted": "#78829f", "good": "#8fc46d", "warn": "#e5b567", "bad": "#f7768e",
        "busy": "#7dcfff", "strong": "#eef2ff", "cursor": "#2b3557", "cursor-idle": "#202638", "band": "#4a5f8f",
    },
)  # fmt: skip
LIGHT = Theme(
    name="collabtui-light",
    dark=False,
    primary="#2f5fc4",
    secondary="#7847bd",
    accent="#006f94",
    foreground="#2b3044",
    background="#fafafc",
    surface="#fafafc",
    panel="#eceef4",
    success="#3f7a1e",
    warning="#8f5e00",
    error="#c02648",
    variables={
        "line": "#c3c8d6", "muted": "#6b7390", "good": "#3f7a1e", "warn": "#8f5e00", "bad": "#c02648",
        "busy": "#006f94", "strong": "#0d1020", "cursor": "#cfdcf7", "cursor-idle": "#e4e9f3", "band": "#9db4e6",
    },
)  # fmt: skip
COLOR_BLIND = Theme(
    name="collabtui-colour-blind",
    dark=True,
    primary="#56b4e9",
    secondary="#cc79a7",
    accent="#f0e442",
    foreground="#d8dbe2",
    background="#101114",
    surface="#101114",
    panel="#1c1e24",
    success="#56b4e9",
    warning="#f0e442",
    error="#e6762b",
    variables={
        "line": "#41454f", "muted": "#8a8f9c", "good": "#56b4e9", "warn": "#f0e442", "bad": "#e6762b",
        "busy": "#d9a0c0", "strong": "#ffffff", "cursor": "#2d3a4a", "cursor-idle": "#22262e", "band": "#5d6a80",
    },
)  # fmt: skip
THEMES = {"dark": DARK, "light": LIGHT, "colour-blind": COLOR_BLIND}
"""By the name that the config calls them."""
_TONES: tuple[Tone, ...] = ("muted", "good", "warn", "bad", "busy", "strong")


def tones(variables: Mapping[str, str]) -> dict[Tone, Style]:
    """The style of each tone in the theme with these variables."""
    styles: dict[Tone, Style] = {tone: Style(color=variables[tone], bold=tone == "strong") for tone in _TONES}
    return {**styles, "": Style.null()}
