"""The charts of the detail panes, drawn by plotext: axes, units, and the forecast beside the past."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rich.text import Text

if TYPE_CHECKING:
    import polars as pl

    from collabtui.answers.pipeline import PipelineDetail

LEAST_WIDTH, LEAST_HEIGHT = 24, 6
TICKS = 5


@dataclass(frozen=True)
class Line:
    """Points of one kind: braille dots joined by lines, or a mark at each."""

    x: Sequence[float]
    y: Sequence[float]
    colour: str
    mark: str = "braille"
    joined: bool = True


def draw(lines: Sequence[Line], ticks: Sequence[tuple[float, str]], top: float, width: int, height: int) -> Text:
    """The lines in a frame of so many cells; `ticks` name places on the x axis, the y axis goes from 0 to `top`."""
    if width < LEAST_WIDTH or height < LEAST_HEIGHT:
        return Text("")
    import plotext  # 40 ms, and only when a chart is looked at

    figure: Any = plotext.figure
    figure.clear()
    figure.plot_size(width, height)
    for line in lines:
        if not line.x:
            continue
        signal = figure.signal(list(line.x), list(line.y), marker=plotext.marker(line.mark, plotext.pixel(line.colour)))
        if line.joined:
            signal.lines()
        figure.draw(signal)
    figure.ruler(0).ticks([place for place, _ in ticks], [name for _, name in ticks])
    figure.ruler(1).lim(0, max(top, 1e-9))
    return Text.from_ansi(_on_our_background(figure.build().string()))


def _on_our_background(ansi: str) -> str:
    """Without plotext's own background, and its axes and labels in the text's colour."""
    return re.sub(r"\x1b\[(48;5;\d+|38;5;(0|12|15))m", "", ansi)


def landings(detail: "PipelineDetail", names: Sequence[str], width: int, height: int) -> tuple[str, Text]:
    """How late after being due the last runs landed, and the band in which the next one is expected.

    `names`: what to call each run on the axis. The title says the unit.
    """
    runs = detail.runs
    if runs.is_empty():
        return "no run has ended yet", Text("")
    unit, scale = _unit(runs["landing_delay_s"].max())
    delays = [value / scale for value in runs["landing_delay_s"].fill_null(0).to_list()]
    good = [n for n, s in enumerate(runs["state"]) if s == "success"]
    bad = [n for n, s in enumerate(runs["state"]) if s != "success"]
    allowed = [
        (n, (deadline - due).total_seconds() / scale)
        for n, (deadline, due) in enumerate(runs.select("deadline_at", "due_at").iter_rows())
        if deadline is not None and due is not None
    ]
    lines = [
        Line(good, [delays[n] for n in good], "green"),
        Line(bad, [delays[n] for n in bad], "red", "x", joined=False),
    ]
    seen = [*delays]
    if detail.forecast is not None and detail.forecast["p50_at"] is not None:
        due = detail.forecast["due_at"]
        p50, p85, p95 = ((detail.forecast[p] - due).total_seconds() / scale for p in ("p50_at", "p85_at", "p95_at"))
        place = len(delays) + max(1, len(delays) // 20)
        lines += [
            Line([place, place], [p50, p95], "cyan"),
            Line([place + 1, place + 1], [p50, p85], "cyan"),
            Line([place], [p50], "cyan", "●", joined=False),
        ]
        seen.append(p95)
    top = max(seen) * 1.1
    inside = [(n, y) for n, y in allowed if y <= 3 * max(top, 1e-9)]
    if inside:
        lines.append(Line([n for n, _ in inside], [y for _, y in inside], "yellow"))
        top = max(top, *(y * 1.05 for _, y in inside))
    step = max(1, len(names) // TICKS)
    ticks = [(n, names[n]) for n in range(0, len(names), step)]
    return f"{unit} from due to landed", draw(lines, ticks, top, width, height)


def weeks(frame: "pl.DataFrame", names: Sequence[str], width: int, height: int) -> Text:
    """Arrivals and throughput a week, and the band of what will be finished in the weeks to come."""
    past = frame.filter(~frame["is_forecast"])
    ahead = frame.filter(frame["is_forecast"])
    x = list(range(past.height))
    next_x = list(range(past.height, past.height + ahead.height))
    lines = [
        Line(x, past["arrivals"].to_list(), "magenta"),
        Line(x, past["throughput"].to_list(), "green"),
        Line(next_x, ahead["p50"].to_list(), "cyan"),
        Line(next_x, ahead["p15"].to_list(), "blue"),
        Line(next_x, ahead["p85"].to_list(), "blue"),
    ]
    values = [v for line in lines for v in line.y]
    step = max(1, len(names) // TICKS)
    ticks = [(n, names[n]) for n in range(0, len(names), step)]
    return draw(lines, ticks, max(values, default=1.0) * 1.15, width, height)


def _unit(longest_s: Any) -> tuple[str, float]:
    return ("hours", 3600.0) if (longest_s or 0) > 3 * 3600 else ("minutes", 60.0)
