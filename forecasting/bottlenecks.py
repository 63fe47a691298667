"""Where work is held: how long tickets stay in each status, and whether more come into it than leave.

A status is a queue as any other: what is in it grows by what comes less what leaves, and the time that tickets spend in
it is, of all the time they spend anywhere, its part of their lead time (Little, "A proof for the queuing formula
L = λW", Operations Research 9 (1961)).
"""

import math
from collections.abc import Sequence
from datetime import datetime, timedelta

import polars as pl

WEEKS = 8
"""How far back counts and stays go; and the weeks before are as many."""
CERTAINTY = 0.05
"""A status is said to grow where chance alone would give that less often, over all statuses that were looked at."""

Schema = dict[str, pl.DataType | type[pl.DataType]]
STAYS: Schema = {
    "source": pl.String, "ticket_id": pl.String, "team": pl.String, "status": pl.String, "category": pl.String,
    "entered_at": pl.Datetime("us", "UTC"), "left_at": pl.Datetime("us", "UTC"),
}  # fmt: skip
STATUSES: Schema = {
    "team": pl.String, "status": pl.String, "category": pl.String, "in_it": pl.Int64, "in_it_before": pl.Int64,
    "age_p50_days": pl.Float64, "age_p85_days": pl.Float64, "median_days": pl.Float64, "p85_days": pl.Float64,
    "median_days_before": pl.Float64, "history_n": pl.Int64, "came_week": pl.Float64, "left_week": pl.Float64,
    "share": pl.Float64, "p_chance": pl.Float64, "is_growing": pl.Boolean,
}  # fmt: skip


def stays(tickets: pl.DataFrame, moves: pl.DataFrame) -> pl.DataFrame:
    """Every stay of a ticket in a status that is not done.

    tickets: `source`, `ticket_id`, `team`, `status`, `status_category`, `created_at`. moves: `source`, `ticket_id`,
    `at`, `from_status`, `from_category`, `to_status`, `to_category`, each ticket's in their order.

    Returns source, ticket_id, team, status, category (new, indeterminate, or null), entered_at, left_at (null: still in
    it). A ticket without moves is in its status since it was created.
    """
    key = ["source", "ticket_id"]
    known = tickets.filter(pl.col("created_at").is_not_null() & pl.col("status").is_not_null())
    changes = moves.filter(pl.col("from_status").ne_missing(pl.col("to_status"))).join(known, on=key, how="semi")
    first = changes.group_by(key, maintain_order=True).first()
    born = known.join(first, on=key, how="left").select(
        *key,
        status=pl.coalesce("from_status", "status"),
        category=pl.when(pl.col("at").is_null()).then("status_category").otherwise("from_category"),
        entered_at="created_at",
        left_at="at",
    )
    moved = changes.select(
        *key,
        status="to_status",
        category="to_category",
        entered_at="at",
        left_at=pl.col("at").shift(-1).over(key),
    )
    return (
        pl.concat([born, moved])
        .filter(pl.col("category").ne_missing("done") & pl.col("status").is_not_null())
        .join(known.select(*key, "team"), on=key)
        .select(pl.col(name).cast(dtype) for name, dtype in STAYS.items())
    )


def statuses(known: pl.DataFrame, now: datetime, weeks: int = WEEKS) -> pl.DataFrame:
    """Each team's statuses, those that hold most of its tickets' time first.

    known: as of `stays`. Returns `STATUSES`: in_it (tickets now) and in_it_before (`weeks` ago), their age in it
    (days), how long stays took that ended in the last `weeks` (median_days, p85_days, of history_n; null without any)
    and in as many weeks before (median_days_before), came_week and left_week, share (0 to 1, the part of the time of
    all the team's open tickets in these weeks that they spent in it), p_chance and is_growing.

    p_chance: how likely so many more would come than leave if both were as usual as the other (the comparison of two
    Poisson counts by Przyborowski & Wilenski, Biometrika 31 (1940)); on the cautious side, since who comes mostly
    leaves as well. is_growing: that is too unlikely for chance, with as many statuses looked at as there are (Holm,
    "A simple sequentially rejective multiple test procedure", Scandinavian Journal of Statistics 6 (1979)).
    """
    since = now - timedelta(weeks=weeks)
    before = since - timedelta(weeks=weeks)
    here = known.filter(pl.col("entered_at") <= now).with_columns(
        left_at=pl.when(pl.col("left_at") <= now).then("left_at")
    )
    is_open = pl.col("left_at").is_null()
    days = _days(pl.col("left_at") - pl.col("entered_at")).clip(lower_bound=0)
    age = _days(pl.lit(now) - pl.col("entered_at"))
    ended = pl.col("left_at") > since
    within = pl.min_horizontal(pl.col("left_at").fill_null(now), pl.lit(now)) - pl.max_horizontal(
        "entered_at", pl.lit(since)
    )
    found = here.group_by("team", "status").agg(
        pl.col("category").drop_nulls().last(),
        in_it=is_open.sum(),
        in_it_before=((pl.col("entered_at") <= since) & (is_open | ended)).sum(),
        age_p50_days=age.filter(is_open).median(),
        age_p85_days=age.filter(is_open).quantile(0.85, "higher"),
        median_days=days.filter(ended).median(),
        p85_days=days.filter(ended).quantile(0.85, "higher"),
        median_days_before=days.filter((pl.col("left_at") > before) & ~ended).median(),
        history_n=ended.sum(),
        came=(pl.col("entered_at") > since).sum(),
        left=ended.sum(),
        held=within.dt.total_microseconds().clip(lower_bound=0).sum(),  # whole numbers: the same in any order
    )
    held = pl.col("held").sum().over("team")
    found = found.filter((pl.col("in_it") > 0) | (pl.col("came") > 0) | (pl.col("left") > 0)).with_columns(
        came_week=pl.col("came") / weeks,
        left_week=pl.col("left") / weeks,
        share=pl.when(held > 0).then(pl.col("held") / held),
    )
    chances = [chance_of_more(came, left) for came, left in found.select("came", "left").iter_rows()]
    found = found.with_columns(
        p_chance=pl.Series(chances, dtype=pl.Float64), is_growing=pl.Series(unlikely(chances), dtype=pl.Boolean)
    )
    return found.select(pl.col(name).cast(dtype) for name, dtype in STATUSES.items()).sort(
        "share", "team", "status", descending=[True, False, False], nulls_last=True
    )


def _days(span: pl.Expr) -> pl.Expr:
    return span.dt.total_microseconds() / 86_400e6


def chance_of_more(came: int, left: int) -> float:
    """How likely at least so many of came + left came, where both are as likely (a sum of the binomial's end)."""
    if came <= left:  # the other end is the shorter sum
        return 1.0 - chance_of_more(left + 1, came - 1) if came else 1.0
    count = came + left
    term = math.exp(math.lgamma(count + 1) - math.lgamma(came + 1) - math.lgamma(left + 1) - count * math.log(2))
    tail = 0.0
    for k in range(came, count + 1):
        tail += term
        term *= (count - k) / (k + 1)
    return min(1.0, tail)


def unlikely(chances: Sequence[float], certainty: float = CERTAINTY) -> list[bool]:
    """Which of so many chances are too small to be chance, by Holm's procedure."""
    found = [False] * len(chances)
    for place, (chance, n) in enumerate(sorted(zip(chances, range(len(chances)), strict=True))):
        if chance > certainty / (len(chances) - place):
            break
        found[n] = True
    return found
