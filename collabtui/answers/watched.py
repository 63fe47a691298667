"""Has what somebody waits for landed, failed, or slipped past its deadline?"""

from collections.abc import Sequence
from datetime import datetime

from collabtui.answers.upcoming import ENDED
from collabtui.config import Settings
from collabtui.warehouse import Warehouse, reads
from collabtui.watches import News, Watch

LOOKED_AT = 40


def watch(
    warehouse: Warehouse,
    _settings: Settings,
    now: datetime,
    *,
    source: str,
    pipeline_id: str,
    name: str,
    run_id: str | None,
    deadline_at: datetime | None,
) -> Watch:
    """Begin to wait."""
    runs = reads.runs_of(warehouse, [(source, pipeline_id)], LOOKED_AT)
    ended = frozenset(run for run, state in runs.select("run_id", "state").iter_rows() if state in ENDED)
    is_past = deadline_at is not None and deadline_at < now
    return Watch(source, pipeline_id, name, ended, None if run_id in ended else run_id, deadline_at, is_told=is_past)


def watched(warehouse: Warehouse, settings: Settings, now: datetime, *, watches: Sequence[Watch]) -> Sequence[News]:
    """What there is to tell of these; nothing of those that are still on their way."""
    del settings  # the deadline was known when the watch began
    found = (_news(warehouse, watch, now) for watch in watches)
    return [news for news in found if news is not None]


def _news(warehouse: Warehouse, watch: Watch, now: datetime) -> News | None:
    runs = reads.runs_of(warehouse, [(watch.source, watch.pipeline_id)], LOOKED_AT)
    for row in sorted(runs.iter_rows(named=True), key=lambda row: row["end_at"] or now):
        end_at, is_it = row["end_at"], watch.run_id in (None, row["run_id"]) and row["run_id"] not in watch.ended
        if is_it and row["state"] in ENDED and end_at is not None:
            if row["state"] == "failed":
                return News(watch, "failed", end_at)
            is_late = watch.deadline_at is not None and end_at > watch.deadline_at
            return News(watch, "landed late" if is_late else "landed", end_at)
    if watch.deadline_at is not None and watch.deadline_at < now and not watch.is_told:
        return News(watch, "late", watch.deadline_at)
    return None
