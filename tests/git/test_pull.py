"""What of a repository arrives in the warehouse, the first time and later."""

import re
from datetime import UTC, datetime

import pytest

from collabtui.config import ConfigError, Source
from collabtui.doctor import check_source
from collabtui.sources import open_connector
from tests.git.conftest import Synced


async def test_a_commit_with_its_people_files_and_tickets(repo, synced):
    sha = repo.commit(
        "DATA-7: fix the load\n\nAlso PLAT-12 and data-9, not UTF8 or X-0.\n", {"dags/load.py": b"a\nb\n"}
    )
    assert (await synced()).error is None
    row = synced.warehouse.frame("SELECT * FROM git_commit").row(0, named=True)
    assert (row["sha"], row["author_name"], row["committer_email"]) == (sha, "Ada Obi", "bo@example.com")
    assert (row["subject"], row["body"]) == ("DATA-7: fix the load", "Also PLAT-12 and data-9, not UTF8 or X-0.")
    assert row["authored_at"].timestamp() == 1_790_000_060
    assert synced.rows("SELECT path, added, deleted FROM file_change") == [("dags/load.py", 2, 0)]
    assert synced.rows("SELECT ticket_key FROM commit_ticket ORDER BY 1") == [("DATA-7",), ("PLAT-12",)]


async def test_renames_and_binary_files(repo, synced):
    repo.commit("one", {"old.sql": b"select 1;\n" * 20, "logo.png": b"\0\1\2"})
    repo("mv", "old.sql", "new.sql")
    repo.commit("two", {"new.sql": b"select 1;\n" * 20 + b"-- more\n"})
    await synced()
    assert synced.rows("SELECT path, old_path, added, deleted FROM file_change ORDER BY path") == [
        ("logo.png", None, None, None), ("new.sql", "old.sql", 1, 0), ("old.sql", None, 20, 0),
    ]  # fmt: skip


async def test_a_merge_has_two_parents_and_no_files_of_its_own(repo, synced):
    repo.commit("base", {"a": b"1\n"})
    repo("checkout", "-q", "-b", "side")
    repo.commit("side", {"b": b"1\n"})
    repo("checkout", "-q", "main")
    repo.commit("main", {"c": b"1\n"})
    repo.commits += 1
    repo("merge", "-q", "--no-ff", "-m", "merge", "side")
    await synced()
    (parents,) = synced.warehouse.frame("SELECT parents FROM git_commit WHERE subject = 'merge'")["parents"].to_list()
    assert len(parents) == 2
    assert len(synced.rows("SELECT * FROM file_change")) == 3


async def test_branches_and_tags_are_as_the_repository_has_them_now(repo, synced):
    sha = repo.commit("one")
    repo("branch", "gone-soon")
    repo("tag", "-a", "v1", "-m", "release")
    await synced()
    refs = "SELECT kind, name, sha FROM git_ref ORDER BY 1, 2"
    assert synced.rows(refs) == [("branch", "gone-soon", sha), ("branch", "main", sha), ("tag", "v1", sha)]
    repo("branch", "-D", "gone-soon")
    await synced()
    assert [name for _, name, _ in synced.rows(refs)] == ["main", "v1"]


async def test_only_what_is_new_is_read(repo, synced):
    repo.commit("one", {"a": b"1\n"})
    await synced()
    repo.commit("two", {"a": b"2\n"})
    result = await synced()
    assert result.records == 3  # the branch, the commit, its file
    assert (await synced()).records == 0


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
    result = await synced()
    assert result.error is None
    assert "two, better" in synced.subjects()


async def test_a_bare_and_a_shallow_clone(tmp_path, repo):
    repo.commit("one", {"a": b"1\n"})
    repo.commit("two", {"a": b"2\n"})
    for name, words, subjects in (
        ("bare", ["--bare"], ["one", "two"]),
        ("shallow", ["--depth", "1"], ["two"]),
    ):
        repo("clone", "-q", *words, f"file://{repo.path}", str(tmp_path / name))
        clone = Synced(tmp_path / f"of-{name}", tmp_path / name)
        assert (await clone()).error is None
        assert clone.subjects() == subjects


async def test_an_empty_repository_is_fine_and_fills_later(repo, synced):
    assert (await synced()).error is None
    repo.commit("one")
    await synced()
    assert synced.subjects() == ["one"]


async def test_names_can_hold_anything(repo, synced):
    names = ["--upload-pack=touch", "new\nline", "tab\there", 'quo"te', "‮emoji🦊", "[bold]x[/bold]", " space "]
    repo.commit("odd", dict.fromkeys(names, b"1\n") | {b"latin\xe9": b"1\n"})
    repo("tag", "-m", "x", "weird;$(touch${IFS}pwned)`x`")
    await synced()
    paths = {path for (path,) in synced.rows("SELECT path FROM file_change")}
    assert paths == {*names, "latin\\xe9"}
    assert synced.rows("SELECT name FROM git_ref WHERE kind = 'tag'") == [("weird;$(touch${IFS}pwned)`x`",)]


async def test_messages_can_hold_anything(repo, synced):
    message = "\x1b[31mred\x1b[0m [link=x]‮ DATA-1\n\n\x01\x02 body\n\nlast\n"
    repo.commit(message)
    repo.commit("")
    await synced()
    subjects = synced.subjects()
    assert subjects == ["\x1b[31mred\x1b[0m [link=x]‮ DATA-1", ""]


async def test_nothing_of_a_hostile_repository_is_run(tmp_path, repo, synced):
    mark = tmp_path / "pwned"
    script = tmp_path / "evil.sh"
    script.write_text(f"#!/bin/sh\ntouch '{mark}'\necho x\n")
    script.chmod(0o755)
    repo.commit("one", {"a.txt": b"1\n", ".gitattributes": b"* diff=evil filter=evil\n"})
    repo.commit("two", {"a.txt": b"2\n"})
    for setting in (
        "core.fsmonitor", "core.pager", "diff.external", "diff.evil.textconv", "diff.evil.command",
        "filter.evil.clean", "filter.evil.smudge", "core.sshCommand", "alias.log", "gpg.program",
    ):  # fmt: skip
        repo("config", setting, f"!{script}" if setting == "alias.log" else str(script))
    repo("config", "log.showSignature", "true")
    for hook in ("post-checkout", "reference-transaction", "post-index-change"):
        (repo.path / ".git/hooks" / hook).write_text(script.read_text())
        (repo.path / ".git/hooks" / hook).chmod(0o755)
    assert (await synced()).error is None
    assert synced.subjects() == ["one", "two"]
    assert not mark.exists()


@pytest.mark.parametrize("stop_after", range(1, 12))
async def test_stopped_after_any_batch_nothing_is_lost(tmp_path, repo, monkeypatch, stop_after):
    monkeypatch.setattr("connectors.git.connector.COMMITS_A_BATCH", 3)
    monkeypatch.setattr("connectors.git.connector.STATS_A_COMMAND", 4)
    for n in range(11):
        repo.commit(f"commit {n}", {f"file-{n}": b"1\n"})
    synced = Synced(tmp_path, repo.path)
    connector = open_connector(synced.source)
    batches = connector.pull(None)
    for _ in range(stop_after):
        batch = await anext(batches, None)
        if batch is not None:
            synced.warehouse.apply("repo", batch, datetime.now(UTC))
    await batches.aclose()
    repo.commit("while it stood", {"late": b"1\n"})
    assert (await synced()).error is None
    assert synced.subjects() == [*(f"commit {n}" for n in range(11)), "while it stood"]
    assert len(synced.rows("SELECT path FROM file_change")) == 12


@pytest.mark.parametrize(("make", "says"), [
    (lambda p: None, "cannot change to .* set path to a clone"),
    (lambda p: p.mkdir(), "not a git repository.* set path to a clone"),
    (lambda p: p.write_text("x"), "Not a directory|cannot change to"),
])  # fmt: skip
async def test_a_path_that_is_no_repository_is_named(tmp_path, make, says):
    make(tmp_path / "no-repo")
    result = await Synced(tmp_path, tmp_path / "no-repo")()
    assert re.search(says, result.error or "")


async def test_a_damaged_repository_is_an_error_and_nothing_is_lost(repo, synced):
    repo.commit("one", {"a": b"1\n"})
    await synced()
    sha = repo.commit("two", {"a": b"2\n"})
    damaged = repo.path / ".git/objects" / sha[:2] / sha[2:]
    damaged.chmod(0o644)
    damaged.write_bytes(b"garbage")
    result = await synced()
    assert result.error
    assert synced.subjects() == ["one"]


async def test_check_says_what_is_there(tmp_path, repo, synced, monkeypatch):
    repo.commit("one")
    diagnosis = await check_source(synced.source)
    assert diagnosis.version.startswith("git version")
    assert "1 commits" in diagnosis.findings[0].text
    monkeypatch.setenv("PATH", str(tmp_path))
    diagnosis = await check_source(synced.source)
    assert "install git" in diagnosis.findings[0].text


def test_a_pattern_that_is_none_is_refused():
    with pytest.raises(ConfigError, match=r"\[sources.r\] ticket_pattern is no regular expression"):
        open_connector(Source(name="r", kind="git", options={"path": "/x", "ticket_pattern": "("}))
