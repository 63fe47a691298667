"""The leads' list of tickets: work in progress, what is to do, then what was finished lately."""

from collabtui.answers import ANSWERS
from collabtui.faces.tui.columns import age_column, day_column, people_column, share_column, sign_column, text_column
from collabtui.faces.tui.formats import text
from collabtui.faces.tui.listing import WORDS, Column, Listing, about
from collabtui.faces.tui.ticket import closely, describe_ticket

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
        text_column("ticket_key", "Key", 10),
        text_column("title", "Ticket", 30, grows=True, also=("summary",)),
        age_column("days", "Days", 0),
        text_column("status", "Status", 12, 1),
        share_column("older_than", "Older", 6, 6),
        people_column("assignee", "With", 14, 2, also=("who", "owner")),
        text_column("team", "Team", 10, 3, tone="muted"),
        text_column("epic", "Epic", 18, 4, tone="muted"),
        day_column("done_on", "Done", 5),
        Column(
            name="priority_rank", title="Priority", width=8, priority=7, cell=lambda row, _: text(row["priority"])
        ),
        day_column("due_on", "Due", 8),
        text_column("type", "Type", 8, 9, tone="muted"),
        text_column("sprint", "Sprint", 16, 10, tone="muted"),
    ),
)  # fmt: skip
