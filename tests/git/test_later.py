"""What a later pull does: what is new, what was lost, what was interrupted."""

import asyncio
from datetime import UTC, datetime

import pytest

from collabtui.sources import open_connector
from tests.git.conftest import Synced

FACTS = (
    "SELECT * FROM git_commit ORDER BY sha", "SELECT * FROM file_change ORDER BY sha, path",
    "SELECT * FROM commit_ticket ORDER BY sha, ticket_key", "SELECT * FROM git_ref ORDER BY kind, name",
)  # fmt: skip


async def test_only_what_is_new_is_read(repo, synced):
    repo.commit("one", {"a": b"1\n"})
    await synced()
    repo.commit("two", {"a": b"2\n"})
    result = await synced()
    assert result.records == 3  # the branch, the commit, its file
    assert (await synced()).records == 0


async def test_nothing_new_costs_three_commands_and_no_batch(repo, synced):
    repo.commit("one", {"a": b"1\n"})
    await synced()
    connector = open_connector(synced.source)
    assert [batch async for batch in connector.pull(synced.warehouse.cursor("repo"))] == []
    assert connector.repository.git.commands <= 3


async def test_a_rewritten_history_marks_what_was_lost(repo, synced):
    repo.commit("one")
    repo.commit("two")
    lost = repo.commit("three")
    await synced()
    repo("reset", "-q", "--hard", "HEAD~2")
    repo.commit("two, better")
    await synced()
    assert synced.subjects() == ["one", "two, better"]

    repo("branch", "rescued", lost)
    await synced()
    assert synced.subjects() == ["one", "two", "three", "two, better"]


async def test_a_rewritten_history_whose_old_commits_were_pruned(repo, synced):
    repo.commit("one")
    repo.commit("two")
    await synced()
    repo("reset", "-q", "--hard", "HEAD~1")
    repo.commit("two, better")
    repo("reflog", "expire", "--expire=now", "--all")
    repo("gc", "-q", "--prune=now")
    assert (await synced()).error is None
    assert synced.subjects() == ["one", "two, better"]


async def test_an_empty_repository_is_fine_and_fills_later(repo, synced):
    assert (await synced()).error is None
    repo.commit("one")
    await synced()
    assert synced.subjects() == ["one"]


async def test_a_shallow_clone_that_is_deepened_brings_the_older_commits(tmp_path, repo):
    for n in range(4):
        repo.commit(f"commit {n}", {"a": b"%d\n" % n})
    repo("clone", "-q", "--depth", "2", f"file://{repo.path}", str(tmp_path / "shallow"))
    clone = Synced(tmp_path, tmp_path / "shallow")
    await clone()
    assert clone.subjects() == ["commit 2", "commit 3"]
    assert clone.rows("SELECT count(*) FROM file_change") == [(2,)]
    repo("-C", str(tmp_path / "shallow"), "fetch", "-q", "--unshallow")
    await clone()
    assert clone.subjects() == [f"commit {n}" for n in range(4)]
    assert clone.rows("SELECT count(*) FROM file_change") == [(4,)]


async def test_what_a_shallow_clone_cuts_off_is_not_called_gone(tmp_path, repo):
    repo.commit("one")
    repo("clone", "-q", "--depth", "1", f"file://{repo.path}", str(tmp_path / "shallow"))
    clone = Synced(tmp_path, tmp_path / "shallow")
    await clone()
    repo.commit("two")
    repo("-C", str(tmp_path / "shallow"), "fetch", "-q", "--depth", "1")
    repo("-C", str(tmp_path / "shallow"), "reset", "-q", "--hard", "FETCH_HEAD")
    await clone()
    assert clone.subjects() == ["one", "two"]


async def test_another_ticket_pattern_is_used_on_the_whole_history(tmp_path, repo, synced):
    repo.commit("DATA-7 and #12")
    await synced()
    tickets = "SELECT ticket_key FROM commit_ticket"
    assert synced.rows(tickets) == [("DATA-7",)]
    other = Synced(tmp_path, repo.path, ticket_pattern=r"#\d+")
    await other()
    assert other.rows(tickets) == [("#12",)]


async def test_a_source_that_moves_to_another_repository_forgets_the_first(tmp_path, repo, synced):
    repo.commit("one")
    await synced()
    repo("checkout", "-q", "--orphan", "fresh")
    repo.commit("another story")
    repo("clone", "-q", "--single-branch", "-b", "fresh", f"file://{repo.path}", str(tmp_path / "other"))
    moved = Synced(tmp_path, tmp_path / "other")
    await moved()
    assert moved.subjects() == ["another story"]


async def test_fetch_gets_what_the_remote_has(tmp_path, repo):
    repo.commit("one")
    repo("branch", "short-lived")
    repo("clone", "-q", "--mirror", f"file://{repo.path}", str(tmp_path / "mirror"))
    mirror = Synced(tmp_path, tmp_path / "mirror", fetch=True)
    await mirror()
    repo.commit("two")
    repo("branch", "-D", "short-lived")
    assert (await mirror()).error is None
    assert mirror.subjects() == ["one", "two"]
    assert mirror.rows("SELECT name FROM git_ref") == [("main",)]


@pytest.fixture
def small_batches(monkeypatch):
    for name, size in (("COMMITS_A_BATCH", 3), ("FILES_A_BATCH", 3), ("STATS_A_COMMAND", 4)):
        monkeypatch.setattr(f"connectors.git.connector.{name}", size)
    monkeypatch.setattr("connectors.git.program.READ_BYTES", 300)


async def pull_some(synced: Synced, batches: int) -> None:
    """Write that many batches and stop there, as a process does that is killed."""
    pulled = open_connector(synced.source).pull(synced.warehouse.cursor("repo"))
    for _ in range(batches):
        if (batch := await anext(pulled, None)) is not None:
            synced.warehouse.apply("repo", batch, datetime.now(UTC))
    await pulled.aclose()


@pytest.mark.parametrize("stop_after", range(1, 16))
async def test_stopped_after_any_batch_the_warehouse_is_the_same_in_the_end(tmp_path, repo, small_batches, stop_after):
    for n in range(6):
        repo.commit(f"DATA-{n + 1} commit {n}", {f"file-{n}-{m}": b"1\n" for m in range(n)})
    straight = Synced(tmp_path / "straight", repo.path)
    stopped = Synced(tmp_path / "stopped", repo.path)
    await pull_some(stopped, stop_after)
    repo.commit("while it stood", {"late": b"1\n"})
    for synced in (straight, stopped):
        assert (await synced()).error is None
    for fact in FACTS:
        assert stopped.rows(fact) == straight.rows(fact) != []


@pytest.mark.parametrize("stop_after", range(1, 7))
async def test_stopped_and_half_of_it_pruned_nothing_else_is_lost(tmp_path, repo, small_batches, stop_after):
    for n in range(4):
        repo.commit(f"commit {n}", {f"file-{n}": b"1\n"})
        repo("checkout", "-q", "-B", "other", "other" if n else "HEAD")
        repo.commit(f"other {n}", {f"other-{n}": b"1\n"})
        repo("checkout", "-q", "main")
    synced = Synced(tmp_path, repo.path)
    await pull_some(synced, stop_after)
    repo("branch", "-q", "-D", "other")
    repo("reflog", "expire", "--expire=now", "--all")
    repo("gc", "-q", "--prune=now")
    assert (await synced()).error is None
    assert synced.subjects() == [f"commit {n}" for n in range(4)]
    assert synced.rows("SELECT count(*) FROM file_change WHERE path LIKE 'file-%'") == [(4,)]


async def test_stopping_in_the_middle_of_much_output_takes_no_time(repo, synced, small_batches):
    """Asyncio holds a process for alive until its output was read to the end."""
    commit = b"commit refs/heads/main\ncommitter Bo <bo@example.com> 1790000000 +0000\ndata 500\n%s\n"
    repo("fast-import", "--quiet", stdin=b"".join(commit % (b"%0500d" % n) for n in range(2000)))
    pulled = open_connector(synced.source).pull(None)
    await anext(pulled)
    await anext(pulled)
    await asyncio.sleep(0.3)  # git goes on until nobody takes more
    async with asyncio.timeout(10):
        await pulled.aclose()
