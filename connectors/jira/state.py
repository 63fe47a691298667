"""The cursor of the Jira connector."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from connectors.jira.tickets import CustomFields


class State(msgspec.Struct, omit_defaults=True):
    """Where a pull goes on.

    `url`: the server that all this is of. `since`: the server's time when the last complete pull began; what was
    touched later is asked for. `began`: the same of the pull under way, `until` the creation time that it has
    reached, going back, and `done` how many tickets it has read.

    `visible`: the projects that we may browse. `loaded`: those whose whole history is here; one that comes in sight
    later is read from its beginning, for its old tickets are in no increment. `loading`: those that the pull under
    way reads so.
    """

    url: str = ""
    deployment: str = ""
    since: datetime | None = None
    began: datetime | None = None
    until: datetime | None = None
    done: int = 0
    visible: list[str] = []
    loaded: list[str] = []
    loading: list[str] = []
    open_sprints: list[str] = []
    custom: CustomFields = msgspec.field(default_factory=CustomFields)
    catalogue_at: datetime | None = None
    census_at: datetime | None = None

    def see(self, visible: Sequence[str], wanted: Sequence[str]) -> None:
        """These projects may be browsed. One that was out of sight meanwhile is read anew."""
        self.visible = [key for key in visible if not wanted or key in wanted]
        self.loaded = [key for key in self.loaded if key in self.visible]

    def begin(self, now: datetime) -> None:
        """A pull begins, unless one is under way."""
        if self.began is None:
            self.began = now
            self.loading = [key for key in self.visible if key not in self.loaded]

    def end_loading(self) -> None:
        """The whole history of the projects that were loading is here."""
        self.loaded = sorted({*self.loaded, *self.loading})
        self.loading, self.done = [], 0

    def end(self) -> None:
        """The pull is complete."""
        self.since, self.began, self.until, self.done = self.began, None, None, 0
