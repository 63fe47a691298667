"""What somebody waits for: kept with how the app was left, told by the answer of what became of it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Outcome = Literal["landed", "landed late", "failed", "late"]


@dataclass(frozen=True)
class Watch:
    """Somebody waits for a run of this pipeline: for `run_id`, or without it for the first that had not ended.

    ended: the runs that had, as far as the warehouse knew; by the clock one would miss a run that ended just before and
    is synced just after. is_told: that it slipped past `deadline_at` has been told.
    """

    source: str
    pipeline_id: str
    name: str
    ended: frozenset[str]
    run_id: str | None = None
    deadline_at: datetime | None = None
    is_told: bool = False


@dataclass(frozen=True)
class News:
    """What became of it, and when; "late" is past its deadline and has not ended."""

    watch: Watch
    outcome: Outcome
    at: datetime
