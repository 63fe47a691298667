"""What people wrote about a ticket, read on demand from both kinds of Jira."""

import asyncio
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from collabtui.config import ConfigError, Source
from collabtui.demo.faults import Fault
from collabtui.demo.jira_documents import bullets, document, link, mention, paragraph
from collabtui.demo.jira_site import Said, Told
from collabtui.texts import TicketWords, read_text
from connectors.base import SourceError
from tests.jira.conftest import NOW, Server

BERLIN = ZoneInfo("Europe/Berlin")
WHY = document(
    paragraph("Rows come twice, ask ", mention("bo", "Bo Ek"), " or see ", link("the log", "https://x/1"), "."),
    bullets("find out why", "mend it"),
)


def asked(server: Server, ticket_id: str = "10001", source: str = "jira") -> str:
    pieces: list[bytes] = []
    what = TicketWords(ticket_id, BERLIN)
    asyncio.run(read_text([server.source], {"jira": server.transport}, source, what, pieces.append))
    return b"".join(pieces).decode()


def telling(server: Server, description=WHY, *comments: Said) -> None:
    """A ticket about which this was written."""
    server.ticket()
    server.site.told = lambda _: Told(description, comments)


def said(minutes_ago: float, by: str, body, **more) -> Said:
    return Said(NOW - timedelta(minutes=minutes_ago), by, body, more)


def test_the_description_then_the_comments_with_who_and_when(server):
    telling(
        server,
        WHY,
        said(50, "ada", document(paragraph("Since Monday."))),
        said(5, "bo", document(paragraph("Mended."))),
    )
    text = asked(server)
    first, *comments = text.split("── ")
    if server.how.deployment == "Cloud":
        assert first == "Rows come twice, ask @Bo Ek or see the log (https://x/1).\n\n- find out why\n- mend it\n\n"
    else:
        assert first == "Rows come twice, ask [~bo] or see [the log|https://x/1].\n\n* find out why\n* mend it\n\n"
    assert comments == [
        "Ada Obi · Sat 21 Nov 2026 07:40 CET\nSince Monday.\n\n",
        "Bo Ek · Sat 21 Nov 2026 08:25 CET\nMended.\n",
    ]


def test_a_ticket_about_which_nobody_wrote_anything(server):
    telling(server, None)
    assert asked(server) == "No description.\n\nNo comments.\n"


def test_all_comments_come_however_few_a_page_has(server):
    server.how.most_comments = 50
    telling(server, WHY, *(said(300 - n, "ada", f"comment {n}.") for n in range(237)))
    lines = asked(server).split("\n")
    assert [line for line in lines if line.startswith("comment")] == [f"comment {n}." for n in range(237)]
    pages = [path for path in server.faults.requests if path.endswith("/comment")]
    assert len(pages) == 5


def test_a_comment_says_when_it_was_changed_and_who_may_not_see_it_and_its_author_may_be_gone(server):
    role = {"type": "role", "value": "Developers"}
    telling(
        server, WHY, said(50, "", "a", visibility=role), said(40, "ada", "b", updated="2026-11-21T09:00:00.000+0200"),
        said(30, "ada", "c", created="yesterday"), said(20, "ada", None),
    )  # fmt: skip
    text = asked(server)
    assert "── somebody unknown · Sat 21 Nov 2026 07:40 CET · only for Developers\na\n" in text
    assert "── Ada Obi · Sat 21 Nov 2026 07:50 CET · edited Sat 21 Nov 2026 08:00 CET\nb\n" in text
    assert "── Ada Obi · yesterday\nc\n" in text
    assert text.endswith("── Ada Obi · Sat 21 Nov 2026 08:10 CET\n\n")


@pytest.mark.parametrize(
    ("status", "says"),
    [(401, "the login is wrong"), (403, "may not read this ticket"), (404, "it was deleted, or"), (410, "own log")],
)
def test_trouble_is_one_line_that_says_what_to_do(server, status, says):
    telling(server)
    server.faults.add([Fault("/issue/", status=status, times=9)])
    with pytest.raises(SourceError, match=says) as found:
        asked(server)
    assert "\n" not in str(found.value)
    assert str(found.value).startswith("jira: GET /rest/api/")


def test_comments_that_cannot_be_read_leave_the_description(server):
    telling(server)
    server.faults.add([Fault("/comment", status=403, times=9)])
    pieces: list[bytes] = []
    with pytest.raises(SourceError, match="may not read"):
        asyncio.run(read_text([server.source], {"jira": server.transport}, "jira", TicketWords("10001"), pieces.append))
    assert b"Rows come twice" in b"".join(pieces)


def test_a_deleted_ticket_and_one_of_another_source(server):
    telling(server)
    with pytest.raises(SourceError, match="it was deleted, or the login may not see it"):
        asked(server, "99999")
    with pytest.raises(ConfigError, match="is no longer in"):
        asked(server, source="other")


def test_a_connector_without_tickets_says_so(tmp_path):
    git = Source(name="git", kind="git", options={"path": str(tmp_path)})
    with pytest.raises(ConfigError, match="cannot read tickets"):
        asyncio.run(read_text([git], None, "git", TicketWords("1"), lambda _: None))
