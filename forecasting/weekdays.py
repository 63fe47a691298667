"""What a run asks on each weekday: its pipeline's level, times how far that weekday is from the usual.

How far a weekday is from the usual is drawn towards "not at all", the more the fewer weeks tell of it and the more
these differ: Bühlmann's credibility n / (n + k) of what n weeks say, where k is the variance of a weekday from week to
week over the variance between weekdays (H. Bühlmann, "Experience Rating and Credibility", ASTIN Bulletin 4(3), 1967;
both variances as in H. Bühlmann and E. Straub, "Glaubwürdigkeit für Schadensätze", 1970). One week alone says nothing:
its Monday may be odd.
"""

import polars as pl

WEEK_DAYS = 7
LEVEL_RUNS = 10
"""The level is that of the last seven days, and of so many runs at least."""
WHOLE = 6 / 7
"""A week with less than this share of the days of the fullest one is not compared: what is usual in it is not known."""
THURSDAY = 3
"""1 January 1970 was one."""
KEY = ("source", "pipeline_id", "pool")


def by_weekday(days: pl.DataFrame) -> pl.DataFrame:
    """What one run is expected to ask.

    days: `source`, `pipeline_id`, `pool`, `day` (days since 1970), `runs` (due on it; one at least), `asked` (by all of
    them, 0 where they asked nothing), in any order.

    Returns `source`, `pipeline_id`, `pool`, `weekday` (0: Monday, all seven), `asked` (by one run, in the same unit).
    """
    ago = pl.col("day").max().over(KEY) - pl.col("day")
    weekday = (pl.col("day") + THURSDAY) % WEEK_DAYS
    known = days.with_columns(week=ago // WEEK_DAYS, weekday=weekday, a_run=pl.col("asked") / pl.col("runs"))
    factors = _factors(known)
    level = (
        known.join(factors, on=[*KEY, "weekday"], how="left")
        .sort("day", descending=True)
        .filter((pl.col("week") == 0) | (pl.col("runs").cum_sum().over(KEY) - pl.col("runs") < LEVEL_RUNS))
        .group_by(KEY)
        .agg(level=pl.col("asked").sum() / (pl.col("runs") * pl.col("factor").fill_null(1.0)).sum())
    )
    every = level.join(pl.DataFrame({"weekday": range(WEEK_DAYS)}), how="cross")
    asked = (pl.col("level") * pl.col("factor").fill_null(1.0)).fill_nan(0.0)
    return every.join(factors, on=[*KEY, "weekday"], how="left").select(*KEY, "weekday", asked=asked)


def _factors(known: pl.DataFrame) -> pl.DataFrame:
    """By how much each known weekday differs from the usual of its week: source, pipeline_id, pool, weekday, factor.

    known: source, pipeline_id, pool, week, weekday, a_run.
    """
    held = pl.len().over(*KEY, "week")
    usual = pl.col("a_run").mean().over(*KEY, "week")
    ratio = pl.when(usual > 0).then(pl.col("a_run") / usual).otherwise(1.0)
    ratios = known.with_columns(held=held, ratio=ratio).filter(pl.col("held") >= WHOLE * pl.col("held").max().over(KEY))
    within = (pl.col("ratio") - pl.col("ratio").mean()).pow(2).sum()
    of_day = ratios.group_by(*KEY, "weekday").agg(pl.len().alias("n"), pl.col("ratio").mean(), within.alias("within"))
    n, count, kinds = pl.col("n"), pl.col("n").sum().over(KEY), pl.len().over(KEY)
    mean = ((n * pl.col("ratio")).sum() / n.sum()).over(KEY)
    noise = pl.col("within").sum().over(KEY) / (count - kinds)
    spread = (n * (pl.col("ratio") - mean).pow(2)).sum().over(KEY) - (kinds - 1) * noise
    between = spread / (count - n.pow(2).sum().over(KEY) / count)
    is_telling = (count > kinds) & (kinds > 1) & (between > 0)
    credibility = pl.when(is_telling).then(n * between / (n * between + noise)).otherwise(0.0)
    return of_day.select(*KEY, "weekday", factor=1 + credibility * (pl.col("ratio") - 1))
