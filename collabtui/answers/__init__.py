"""One module a question: functions of (warehouse, settings, now) that give frozen dataclasses of frames.

`ANSWERS` is what can be asked for by name. The modules behind it (polars, numpy) are imported when they are asked.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import polars as pl

    from collabtui.config import Settings
    from collabtui.warehouse import Warehouse


@dataclass(frozen=True)
class Question:
    """A question with a name: what it is about, and the frame of its answer that is its table."""

    name: str
    help: str
    table: str

    def ask(self, warehouse: "Warehouse", settings: "Settings", now: datetime, **more: Any) -> Any:
        """The answer: the dataclass that its module describes; `more` goes to the module's function."""
        ask: Callable[..., Any] = getattr(import_module(f"collabtui.answers.{self.name}"), self.name)
        return ask(warehouse, settings, now, **more)

    def frame(self, answer: Any) -> "pl.DataFrame":
        """The table of the answer."""
        frame: pl.DataFrame = getattr(answer, self.table)
        return frame


ANSWERS = {
    question.name: question
    for question in (
        Question("pipelines", "every pipeline, riskiest first, with the landing of its next run", "pipelines"),
        Question("runs", "the newest runs, and when those in flight will land", "runs"),
        Question("deliveries", "what data is due today and in the next days", "deliveries"),
        Question("epics", "when every open epic will be delivered", "epics"),
        Question("capacity", "what each team finishes, has in progress and will finish", "teams"),
        Question("sources", "how fresh each source is", "sources"),
    )
}
