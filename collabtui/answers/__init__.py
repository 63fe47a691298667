"""What one can ask: every question has a module of its name here, and an answer that all faces share.

An answer is a function `(warehouse, settings, now) -> frozen dataclass` of polars frames and a few scalars. Columns:
times `_at` in UTC, days `_on`, lengths `_s` in seconds, chances `p_late` from 0 to 1 (null without deadline or
forecast). No answer reads the clock, none raises for what a source sent.
"""

import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:  # polars and numpy cost 0.3 s: they come with the first question asked
    import polars as pl

    from collabtui.config import Settings
    from collabtui.warehouse import Warehouse


@dataclass(frozen=True)
class Question:
    """Something one can ask by `name`; `table` is the field of the answer that is shown as its table."""

    name: str
    help: str
    table: str

    def ask(self, warehouse: "Warehouse", settings: "Settings", now: datetime, **more: Any) -> Any:
        """The answer; `more` goes to the function of the module."""
        module = importlib.import_module(f"collabtui.answers.{self.name}")
        return getattr(module, self.name)(warehouse, settings, now, **more)

    def frame(self, answer: object) -> "pl.DataFrame":
        """The table of an answer to this question."""
        return cast("pl.DataFrame", getattr(answer, self.table))


ANSWERS: Mapping[str, Question] = {
    question.name: question
    for question in (
        Question("pipelines", "every pipeline, when its run lands, the riskiest first", "pipelines"),
        Question("runs", "the newest runs, and when those in flight land", "runs"),
        Question("deliveries", "what has a deadline, and how likely it is to be met", "deliveries"),
        Question("epics", "open epics and when they will be done", "epics"),
        Question("capacity", "what each team has to do and gets done", "teams"),
        Question("sources", "how fresh what is shown is", "sources"),
    )
}
