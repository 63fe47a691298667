"""The leads' list of tickets: work in progress, what is to do, then what was finished lately."""

from collabtui.answers import ANSWERS
from collabtui.faces.tui.formats import text
from collabtui.faces.tui.table.columns import (
    age_column,
    day_column,
    share_column,
    sign_column,
    text_column,
)
from collabtui.faces.tui.table.listing import WORDS, Column, Listing, about
from collabtui.faces.tui.tabs.ticket import closely, describe_ticket

TICKETS = Listing(
    name="tickets",
    title="Tickets",
    order="in progress oldest first, then to do, then newest done",
    key=("source", "ticket_id"),
    label="ticket_key",
    called=("ticket_key", "title"),
    about=about("ticket", "source", "ticket_id", "ticket_key"),
    home_of="ticket",
    opens=WORDS,
    is_readable=True,
    empty="No ticket is open, and nothing was finished in twelve weeks.",
    kinds=ANSWERS["tickets"].kinds,
    more=closely,
    describe=describe_ticket,
    columns=(
        sign_column(),
        text_column("ticket_key", "Key", 10, means="its key in Jira"),
        text_column("title", "Ticket", 30, grows=True, also=("summary",), means="what it is about"),
        age_column("days", "Days", 0, means="age of what is in progress, or cycle time"),
        text_column("status", "Status", 12, 1, means="its status in Jira"),
        share_column("older_than", "Older", 6, 6, means="how many finished tickets took less time"),
        text_column("assignee", "With", 14, 2, also=("who", "owner"), is_people=True, means="who works on it"),
        text_column("team", "Team", 10, 3, tone="muted", means="whose it is"),
        text_column("epic", "Epic", 18, 4, tone="muted", means="the epic that it is part of"),
        day_column("done_on", "Done", 5, means="when it was finished"),
        Column(
            name="priority_rank", title="Priority", width=8, priority=7, cell=lambda row, _: text(row["priority"])
        , means="its priority in Jira"),
        day_column("due_on", "Due", 8, means="by when it is due"),
        text_column("type", "Type", 8, 9, tone="muted", means="story, bug, task, …"),
        text_column("sprint", "Sprint", 16, 10, tone="muted", means="the sprint that it is in"),
    ),
)  # fmt: skip
