"""Many short series at once: each is forecast by itself, on all processors; together they calibrate the intervals."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import index
from typing import SupportsIndex

import numpy as np
import polars as pl
from numpy.typing import NDArray

from forecasting import champion, few
from forecasting.intervals import Calibration
from forecasting.models import Floats, Model, arima, pooled
from forecasting.one import One, Tried, by_family, crowned
from forecasting.processes import Progress, spread
from forecasting.readiness import Readiness, data_quality, feature_efficiency, validation
from forecasting.rivals import BLEND, backtest, rivals
from forecasting.rows import completed
from forecasting.spacing import seasons_of, usual_step_s

LEVELS = (0.025, 0.10, 0.50, 0.85, 0.90, 0.95, 0.975)
MORE = ("arima", "prophet")
"""Candidates that are there only where they are asked for."""
LARGEST = 1e100


@dataclass(frozen=True)
class Forecasts:
    """quantiles: id, step (1 is the first after the last row of the series, also where that is null), and a column a
    level: p2_5, p10, p50, p85, p90, …

    series: id, points, model (the heaviest family of candidates, "few points", "constant", "last" or "none"), weights
    (a list of family and weight), mase and naive_mase (of the blend and of the naive one in the backtest; null without
    one), naive (which one that is: "naive 168", "last" where no season is known; null without), origins, data_quality,
    features, validation and readiness (see `forecasting.readiness`), reason (why there is no forecast, or why it is a
    plain one; null else). In the order of the panel.

    rivals and backtest: see `forecasting.rivals`.
    """

    quantiles: pl.DataFrame
    series: pl.DataFrame
    rivals: pl.DataFrame
    backtest: pl.DataFrame


def forecast(
    panel: pl.DataFrame,
    horizon: int,
    *,
    seasons: Sequence[int] | int | None = None,
    levels: Sequence[float] = LEVELS,
    also: Sequence[str] = (),
    holidays: pl.DataFrame | None = None,
    workers: int | None = None,
    progress: Progress = lambda done, total: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Forecasts:
    """Forecast each series of a panel `horizon` steps ahead.

    panel: `id`, `time`, `value` (or `unique_id`, `ds`, `y`), and `is_mended` and `is_closed` if these are known (see
    `forecasting.series`): regular series, in any order. Nulls, NaN and infinities are missing values, and so are rows
    that a series with regular steps does not have (see `forecasting.rows`): they are filled for the models, and cut off
    at the ends. Steps count from the last row on, whether it has a value or not.
    seasons: in steps, such as (24, 168) for hours; one counts where a series holds two of it. Where they are not given
    they follow from the times (see `forecasting.spacing`); () is none. levels: between 0 and 1. also: further
    candidates by name, of `MORE`. holidays: `name` and `date`, past and to come, for Prophet. workers: processes, all
    processors by default.

    Raises `ValueError` for a panel without these columns or with rows that cannot be told apart or put in order, a
    horizon or a season that is no whole number or below 1, a level that is not between 0 and 1 or an unknown candidate,
    and `CancelledError`.
    """
    panel, levels, horizon = completed(panel), _levels(levels), _whole(horizon, "a horizon")
    if horizon < 1:
        raise ValueError(f"a horizon of {horizon} steps is nothing to forecast")
    if unknown := set(also) - set(MORE):
        raise ValueError(f"no candidate {', '.join(sorted(unknown))}; there are {', '.join(MORE)}")
    order = [str(name) for name in panel["id"].unique(maintain_order=True).to_list()]
    groups = {str(name[0]): group for name, group in panel.sort("time").group_by("id")}
    values = {name: group["value"].cast(pl.Float64).to_numpy() for name, group in groups.items()}
    histories = {name: filled(each) for name, each in values.items()}
    behind = {name: _behind(each) for name, each in values.items()}
    seasons = _seasons(seasons, groups)
    more = {name: _more(also, groups[name], seasons, holidays) for name in order}
    ahead = {name: behind[name] + horizon for name in order if histories[name].size}
    jobs = [(name, histories[name], steps, seasons, more[name]) for name, steps in ahead.items()]
    as_they_came = dict(spread(jobs, workers, progress, cancelled))
    told = {name: as_they_came[name] for name, *_ in jobs}  # the order of sums must not depend on the processes
    pooled_in(told, histories, seasons)
    among = champion.usual(by_family(one).errors for one in told.values() if not one.plain)
    found = {name: crowned(histories[name], one, among) for name, one in told.items()}
    calibration = Calibration.of([one.errors for one in found.values()])
    rows, known = [], []
    for name in order:
        history = histories[name]
        one = found.get(name)
        known.append(_about(name, history, one, groups[name]))
        if one is not None:
            rows.append(_quantiles(name, history, one, calibration, levels, behind[name]))
    empty = pl.DataFrame(schema={"id": pl.String, "step": pl.Int64, **{column(v): pl.Float64 for v in levels}})
    about = pl.DataFrame(known, schema=SERIES, orient="row")
    return Forecasts(pl.concat([empty, *rows]), about, rivals(found), backtest(found, histories))


def _seasons(seasons: Sequence[int] | int | None, groups: Mapping[str, pl.DataFrame]) -> tuple[int, ...]:
    """As given, or as the usual step of most series has them."""
    if seasons is None:
        steps = [step for group in groups.values() if (step := usual_step_s(group["time"])) is not None]
        return seasons_of(float(np.median(steps)) if steps else None)
    found = tuple(_whole(season, "a season") for season in (seasons if isinstance(seasons, Iterable) else (seasons,)))
    if any(season < 1 for season in found):
        raise ValueError(f"seasons are in steps, 1 or more; got {found}")
    return found


def _whole(number: SupportsIndex, what: str) -> int:
    """Also of numpy's integers."""
    try:
        return index(number)
    except TypeError:
        raise ValueError(f"{what} is a whole number of steps; got {number!r}") from None


def _levels(levels: Sequence[float]) -> tuple[float, ...]:
    """Each column once."""
    if wrong := [level for level in levels if not 0 < level < 1]:
        raise ValueError(f"levels are between 0 and 1, such as 0.85; got {', '.join(map(str, wrong))}")
    return tuple({column(level): float(level) for level in levels}.values())


def _more(
    also: Sequence[str], group: pl.DataFrame, seasons: tuple[int, ...], holidays: pl.DataFrame | None
) -> dict[str, Model]:
    """The further candidates of one series."""
    more: dict[str, Model] = {"arima": arima.Arima(seasons)} if "arima" in also else {}
    if "prophet" not in also:
        return more
    from forecasting.models.prophet import Prophet

    if not group["time"].dtype.is_temporal():
        raise ValueError("Prophet needs times or dates")
    at = group["time"].cast(pl.Datetime("us")).to_numpy()
    there = np.flatnonzero(_is_known(group["value"].cast(pl.Float64).to_numpy()))
    days = [] if holidays is None else holidays.select(pl.col("name"), pl.col("date").cast(pl.Datetime("us"))).rows()
    away = tuple((str(name), np.datetime64(day)) for name, day in days)
    return {**more, "prophet": Prophet(at[there[0] : there[-1] + 1] if there.size else at[:0], seasons, away)}


SERIES: dict[str, pl.DataType | type[pl.DataType]] = {
    "id": pl.String, "points": pl.Int64, "model": pl.String,
    "weights": pl.List(pl.Struct({"family": pl.String, "weight": pl.Float64})), "mase": pl.Float64,
    "naive_mase": pl.Float64, "naive": pl.String, "origins": pl.Int64, "data_quality": pl.Float64,
    "features": pl.Float64, "validation": pl.Float64, "readiness": pl.Float64, "reason": pl.String,
}  # fmt: skip


def column(level: float) -> str:
    """The name of a quantile's column: 0.025 is p2_5."""
    return f"p{level * 100:g}".replace(".", "_")


def filled(values: Floats) -> Floats:
    """Without what is missing: ends cut off, gaps bridged by a line. What is too large to be squared is missing."""
    values = np.where(_is_known(values), values, np.nan)
    there = np.flatnonzero(~np.isnan(values))
    if not there.size:
        return np.empty(0)
    values = values[there[0] : there[-1] + 1]
    there = there - there[0]
    return np.asarray(np.interp(np.arange(values.size), there, values[there]))


def _behind(values: Floats) -> int:
    """How many of the newest are missing."""
    there = np.flatnonzero(_is_known(values))
    return values.size - 1 - int(there[-1]) if there.size else 0


def _is_known(values: Floats) -> NDArray[np.bool_]:
    return np.abs(values) < LARGEST


def _about(name: str, history: Floats, one: One | None, group: pl.DataFrame) -> tuple[object, ...]:
    ready = _readiness(one, group)
    parts = (ready.data_quality, ready.features, ready.validation, ready.value)
    if one is None:
        return name, 0, "none", [], None, None, None, 0, *parts, "no value at all"
    reasons = {
        "few points": f"only {history.size} points: the spread of these, no model",
        "constant": "it never changed",
        "last": "too short for a backtest",
    }
    ordered = sorted(one.weights.items(), key=lambda item: -item[1])
    weights = [{"family": n, "weight": w} for n, w in ordered if w > 0]
    origins = one.errors.residuals.shape[0]
    reason = None if weights else reasons.get(one.model)
    return (
        name, history.size, one.model, weights, one.mase.get(BLEND), one.mase.get(one.benchmark), one.benchmark or None,
        origins, *parts, reason,
    )  # fmt: skip


def _readiness(one: One | None, group: pl.DataFrame) -> Readiness:
    """Complete: not missing where it was open. Accurate: not mended. Valid: finite. The features are the champion's
    families.
    """
    values = group["value"].cast(pl.Float64)
    is_missing = values.is_null()
    open_ = max(1, group.height - int((is_missing & group["is_closed"].fill_null(value=False)).sum()))
    complete = int(values.is_not_null().sum()) / open_
    accurate = 1 - float(group["is_mended"].fill_null(value=False).sum()) / group.height
    valid = float(values.drop_nulls().is_finite().sum()) / max(1, group.height - values.null_count())
    selected = sum(weight > 0 for weight in one.weights.values()) if one else 0
    return Readiness(
        data_quality(complete, accurate, valid),
        feature_efficiency(selected, len(one.weights) if one else 0),
        validation(one.mase.get(BLEND), one.mase.get(one.benchmark)) if one else 0.0,
    )


def _quantiles(
    name: str, history: Floats, one: One, calibration: Calibration, levels: Sequence[float], behind: int
) -> pl.DataFrame:
    """behind: so many steps are over, though their values are not known; they are left out."""
    steps = np.arange(1, one.path.size + 1) - behind
    if one.model == "few points":
        found = few.quantiles(history, one.path.size, levels)
    else:
        found = calibration.quantiles(one.path, one.errors, levels)
    least = 0.0 if history.min() >= 0 else -np.inf  # what was never negative does not become so
    columns = {column(level): np.maximum(values, least) for level, values in found.items()}
    frame = pl.DataFrame({"id": [name] * one.path.size, "step": steps, **columns})
    return frame.select("id", "step", *(column(level) for level in levels)).slice(behind)


def pooled_in(told: dict[str, Tried], histories: Mapping[str, Floats], seasons: Sequence[int]) -> None:
    """Let one model of the whole panel be a candidate of each of its series, backtested as they are."""
    names = [name for name, one in told.items() if not one.plain]
    order = pooled.order_for(seasons, [histories[name].size for name in names])
    if order == 0:
        return
    horizons = [told[name].now["last"].size for name in names]
    now = pooled.paths([histories[name] for name in names], max(horizons), order)
    most = max(len(told[name].starts) for name in names)
    back: list[list[Floats | None]] = []
    for n in range(most):  # the n-th origin from the end, in every series that has it
        known = [histories[name][: told[name].starts[-1 - n]] if n < len(told[name].starts) else None for name in names]
        back.append(pooled.paths(known, max(told[name].tested.truth.shape[1] for name in names), order))
    for place, name in enumerate(names):
        one, ahead = told[name], now[place]
        each = [back[n][place] for n in reversed(range(len(one.starts)))]
        if ahead is not None and all(path is not None for path in each):
            paths = np.array([path[: one.tested.truth.shape[1]] for path in each if path is not None])
            told[name] = one.joined("pooled", histories[name], ahead[: horizons[place]], paths)
