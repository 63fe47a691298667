"""6,686 real tickets of a public tracker, read by Cloud's and by Data Center's paging while they shift."""

import gzip
import json
from pathlib import Path

import pytest

from collabtui.demo.faults import Fault
from collabtui.demo.jira_site import EPIC_LINK, SPRINT
from tests.jira.conftest import Server

ARCHIVE = Path(__file__).parents[3] / "shared" / "data" / "tickets.jsonl.gz"
pytestmark = pytest.mark.skipif(not ARCHIVE.exists(), reason=f"the archive of real tickets is not at {ARCHIVE}")


def rows() -> list[dict]:
    """The archive's tickets; its short forms of links, epics and sprints as Jira writes them."""
    with gzip.open(ARCHIVE, "rt") as lines:
        tickets = [json.loads(line) for line in lines]
    for ticket in tickets:
        fields = ticket["fields"]
        fields["issuelinks"] = [
            {"type": {"name": link["type"]}, f"{end}Issue": {"key": link[end]}}
            for link in fields["issuelinks"]
            for end in ("inward", "outward")
            if link.get(end)
        ]
        fields[EPIC_LINK] = fields.pop("epic", None)
        fields[SPRINT] = fields.pop("sprints", None)
        if isinstance(fields.get("parent"), str):
            del fields["parent"]
    return tickets


@pytest.mark.parametrize("deployment", ["Cloud", "Server"])
async def test_every_ticket_arrives_once_and_none_is_lost_while_pages_shift(tmp_path, deployment):
    server = Server(tmp_path, deployment=deployment)
    tickets = rows()
    server.site.load(tickets)
    doomed = iter(sorted((t["key"] for t in tickets), key=hash)[:60])

    def between() -> None:
        server.site.delete(next(doomed))
        server.ticket("made meanwhile", project="MOD", ago_min=0)

    server.faults.add([Fault("search", "change", skip=1, times=60, change=between)])
    result = await server.sync()
    assert result.error is None

    stayed = {str(issue.id) for issue in server.site.visible() if issue.fields["summary"] != "made meanwhile"}
    arrived = [i for (i,) in server.rows("SELECT ticket_id FROM ticket WHERE gone_at IS NULL")]
    assert len(arrived) == len(set(arrived))
    assert stayed <= set(arrived)
    assert len(stayed) == len(tickets) - 60
    by_key = {t["key"]: t["fields"] for t in tickets}
    for key, title, status in server.rows(
        "SELECT ticket_key, title, status FROM ticket WHERE title IS NOT 'made meanwhile'"
    ):
        assert (title, status) == (by_key[key]["summary"], by_key[key]["status"]["name"])
