"""The scientists' tab: every series of the warehouse, and the lab that looks at one of them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from collabtui.answers import ANSWERS
from collabtui.faces.plain import plain
from collabtui.faces.tui.asking.answering import plainly
from collabtui.faces.tui.charts.canvas import Titled
from collabtui.faces.tui.charts.series_chart import Ahead, Known, SeriesChart
from collabtui.faces.tui.formats import NONE, Line, Part, Row, Viewer, number, percent, state
from collabtui.faces.tui.table.columns import count_column, state_column, text_column, time_column
from collabtui.faces.tui.table.listing import EMPTY, Column, Description, Listing, Progress, Ref, Role
from collabtui.faces.tui.tabs.forecasts import readiness

if TYPE_CHECKING:
    from collabtui.config import Settings
    from collabtui.warehouse import Warehouse

LEGEND: Line = (
    Part("└┐ history", "good"), Part(" ✱ mended", "warn"), Part(" · backtest", "busy"),
    Part(" ━ P50 ", "busy"), Part("▒ 80 % ░ 95 %", "muted"),
)  # fmt: skip
NAMED_DAYS = 3
RIVALS = 4
NOTICED = 0.01
READY = 0.5
MODELS: Mapping[str, str] = {
    "last": "the last value stays",
    "median": "the middle of the last values",
    "naive": "what was a season ago comes again",
    "usual": "what is usual at that time of the season",
    "classical": "theta, ces, ets and ar together",
    "lags": "regression on its own past, seasons among it",
    "waves": "a trend that bends, and seasons as sums of waves",
    "pooled": "regression learned from all series",
    "intermittent": "counts with many zeros",
}
"""What the first word of a family's name means."""
RELATED_TYPES = ("pipeline", "team")
SILENT: Line = (Part("no forecast: nothing came for longer than it looks ahead", "warn"),)
NO_HISTORY: Line = (Part("not forecast yet: no hour, day or week of it is whole", "muted"),)
CHARTED = ("step", "at", "p2_5", "p10", "p50", "p90", "p97_5")


def read(warehouse: "Warehouse", settings: "Settings", now: datetime) -> Mapping[str, Sequence[Row]]:
    """Every series."""
    from collabtui.answers.series import series

    return {"series": series(warehouse, settings, now).series.to_dicts()}


def work_out(warehouse: "Warehouse", settings: "Settings", now: datetime, progress: Progress, *, row: Row) -> Row:
    """The lab of the row's series: seconds, once after a sync."""
    from collabtui.answers.lab import lab

    known = lab(warehouse, settings, now, about=row["series"], progress=progress.tell, cancelled=progress.is_cancelled)
    return plainly(known)


def describe_series(row: Row, known: Row | None, viewer: Viewer) -> Description:
    """What comes, how far to believe it, what was mended, who else was asked."""
    about: list[Line] = [
        *([(*state(row["state"]), Part(f": {plain(row['off'])}"))] if row["off"] else []),
        (
            Part(f"{number(row['points'])} {row['every']}s", ""),
            Part(f" since {viewer.at(row['first_at'])}, in {row['unit']}", "muted"),
        ),
    ]
    if known is None:
        return Description(row["series"], about)
    if not known["about"]:
        return Description(row["series"], [*_so_far(known), *about, NO_HISTORY])
    (found,) = known["about"]
    lines: list[Line] = [
        _next(known, viewer) if known["ahead"] else SILENT,
        *_so_far(known),
        *about,
        *([(Part(found["reason"], "warn"),)] if found["reason"] else []),
        *_champion(known, found),
        *([(Part("as shown on the other tabs: ", "muted"), Part(found["kept"]))] if found["kept"] else []),
        *_alone(known),
        *_mended(known, viewer),
        *_models(known, found),
    ]  # fmt: skip
    return Description(row["series"], lines, (Titled("history and forecast", _chart(known), LEGEND),))


def _next(known: Row, viewer: Viewer) -> Line:
    """The first whole hour, day or week to come, and how sure that is."""
    row = known["ahead"][0]
    when = viewer.at(row["at"]) if known["every"] == "hour" else f"{viewer.here(row['at']):%a %d %b}"
    return (
        Part(f"{known['every']} of {when}: P50 {number(row['p50'])} {known['unit']}", "strong"),
        Part(f", 80 % within {number(row['p10'])}–{number(row['p90'])}", "muted"),
        Part(f", 95 % within {number(row['p2_5'])}–{number(row['p97_5'])}", "muted"),
    )


def _so_far(known: Row) -> Sequence[Line]:
    """What has been counted in the one that goes on."""
    if known["so_far"] is None:
        return ()
    return ((Part(f"this {known['every']} so far {number(known['so_far'])} {known['unit']}"),),)


def _champion(known: Row, found: Row) -> Sequence[Line]:
    shares = [f"{percent(item['weight'])} {plain(item['family'])}" for item in _heaviest(found)]
    if not shares:
        return ()
    error, naive = found["mase"], found["naive_mase"]
    whose = "the last value" if found["naive"] == "last" else "seasonal naive"
    better = f"its error was {error:.2f}, {whose}'s {naive:.2f}" if error is not None else NONE
    return (
        (Part("champion: ", "muted"), Part(" + ".join(shares))),
        (
            Part(f"on {found['origins']} past cuts, each with weights from the others: ", "muted"),
            Part(better), Part(" (MASE)", "muted"),
        ),
        readiness(found),
        *(
            [(Part("not ready (below 50 %): take it for no better than plain history", "warn"),)]
            if found["readiness"] < READY
            else []
        ),
    )  # fmt: skip


def _heaviest(found: Row) -> Sequence[Row]:
    """The parts of the champion that weigh most."""
    return [item for item in found["weights"] if item["weight"] >= NOTICED][:RIVALS]


def _alone(known: Row) -> Sequence[Line]:
    """The best candidates by themselves: what is best in hindsight may be a part of the champion."""
    best = known["rivals"][:RIVALS]
    words = " · ".join(f"{plain(rival['candidate'])} {rival['mase']:.2f}" for rival in best)
    parts = ", some of them its parts" if any(rival["weight"] for rival in best) else ""
    return [(Part(f"candidates alone, best in hindsight{parts}: ", "muted"), Part(words))] if best else []


def _models(known: Row, found: Row) -> Sequence[Line]:
    """What the names of the champion's parts mean: last, for who has room."""
    words = dict.fromkeys(word for item in _heaviest(found) for word in item["family"].replace(",", "").split())
    told = [f"{word}: {MODELS[word]}" for word in words if word in MODELS]
    if any(word.isdigit() for name in words for word in name.split("+")):
        told.append(f"a number: the season, in {known['every']}s")
    if "linear" in words:
        told.append("linear: of the values as they are, else of their logarithms")
    return [(Part(" · ".join(told), "muted"),)] if told else []


def _mended(known: Row, viewer: Viewer) -> Sequence[Line]:
    texts = [_with_days(row, viewer) for row in known["mended"]]
    return [(Part(" · ".join(texts), "warn"),)] if texts else []


def _with_days(row: Row, viewer: Viewer) -> str:
    days = [viewer.day(on) for on in row["days"]]
    more = ", …" if len(days) > NAMED_DAYS else ""
    return plain(row["what"]) + (f": {', '.join(days[:NAMED_DAYS])}{more}" if days else "")


def _chart(known: Row) -> SeriesChart:
    told = {row["at"]: row["told"] for row in known["backtest"]}
    past = [Known(row["at"], row["value"], row["is_mended"], told.get(row["at"])) for row in known["history"]]
    ahead = [Ahead(*(row[name] for name in CHARTED)) for row in known["ahead"]]
    return SeriesChart(past, ahead, known["every"])


def _about(row: Row) -> Ref | None:
    """A series leads to what is related to its pipeline or team."""
    if row["subject_type"] not in RELATED_TYPES:
        return None
    return Ref(row["subject_type"], row["source"] or "", row["subject"], row["subject"])


SERIES = Listing(
    name="series",
    title="Series",
    order="what is off first, then by kind",
    key=("series",),
    label="series",
    about=_about,
    empty=EMPTY,
    kinds=ANSWERS["series"].kinds,
    work_out=work_out,
    describe=describe_series,
    columns=(
        state_column(11),
        text_column("what", "What", 16, means="what is counted or measured"),
        text_column("subject", "Of", 18, grows=True, means="of which pipeline, team, pool or repository"),
        text_column("every", "By", 5, 1, means="a value an hour, a day or a week"),
        count_column("points", "Points", 7, 3, means="how many values there are"),
        Column(
            name="last_value", title="Last", width=12, right=True,
            cell=lambda row, _: (Part(f"{number(row['last_value'])} {row['unit']}"),),
            means="the newest whole value",
        ),
        time_column("last_at", "Newest", 4, means="when the newest of it came"),
        text_column("source", "Source", 10, 5, tone="muted", means="where it comes from"),
    ),
)  # fmt: skip
SCIENTISTS = Role("scientists", "Scientists", (SERIES,), read)
