"""What is wrong, where, and what to do, in words."""

import os
import re

import pytest

from collabtui.config import ConfigError, Source
from collabtui.doctor import check_source
from collabtui.sources import open_connector
from tests.git.conftest import Repo, Synced


@pytest.mark.parametrize(("make", "says"), [
    (lambda p: None, "cannot change to .* set path to the top folder"),
    (lambda p: p.mkdir(), "not a git repository.* set path to the top folder"),
    (lambda p: p.write_text("x"), "Not a directory|cannot change to"),
])  # fmt: skip
async def test_a_path_that_is_no_repository_is_named(tmp_path, make, says):
    make(tmp_path / "no-repo")
    result = await Synced(tmp_path, tmp_path / "no-repo")()
    assert re.search(says, result.error or "")


async def test_a_folder_within_another_repository_is_not_that_repository(tmp_path, repo):
    repo.commit("one", {"sub/a": b"1\n"})
    assert "not a git repository" in ((await Synced(tmp_path, repo.path / "sub")()).error or "")


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


async def test_lost_files_are_an_error_that_says_what_to_do(repo, synced):
    repo.commit("one", {"a": b"1\n"})
    blob = repo("rev-parse", "HEAD:a").decode().strip()
    (repo.path / ".git/objects" / blob[:2] / blob[2:]).unlink()
    (repo.path / "a").unlink()  # git would take it from there
    error = (await synced()).error or ""
    assert "git diff-tree" in error
    assert "fsck tells which" in error
    assert synced.subjects() == ["one"]


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can give a folder away")
async def test_a_repository_of_somebody_else_is_explained(repo, synced):
    repo.commit("one")
    os.chown(repo.path, 12345, 12345)
    os.chown(repo.path / ".git", 12345, 12345)
    assert f"safe.directory {repo.path}" in ((await synced()).error or "")


async def test_check_says_what_is_there(tmp_path, repo, synced, monkeypatch):
    repo.commit("one")
    diagnosis = await check_source(synced.source)
    assert diagnosis.version.startswith("git version")
    assert "1 commits" in diagnosis.findings[0].text
    monkeypatch.setenv("PATH", str(tmp_path))
    diagnosis = await check_source(synced.source)
    assert "install git" in diagnosis.findings[0].text


async def test_check_warns_of_what_is_missing(tmp_path, repo):
    repo.commit("one")
    repo.commit("two")
    repo("clone", "-q", "--depth", "1", f"file://{repo.path}", str(tmp_path / "shallow"))
    diagnosis = await check_source(Synced(tmp_path / "s", tmp_path / "shallow").source)
    assert [f.advice for f in diagnosis.findings] == ["", "git fetch --unshallow"]

    Repo(tmp_path / "empty")
    diagnosis = await check_source(Synced(tmp_path / "e", tmp_path / "empty").source)
    assert "no commits yet" in diagnosis.findings[1].text


async def test_a_remote_that_does_not_answer_is_named_without_its_password(tmp_path, repo):
    repo("remote", "add", "origin", "http://ada:hunter2@localhost:1/x.git")
    fetching = Synced(tmp_path, repo.path, fetch=True)
    error = (await fetching()).error or ""
    assert "localhost:1" in error
    assert "fetch = false" in error
    assert "hunter2" not in error
    assert "git fetch" in (await check_source(fetching.source)).findings[0].text


def test_a_pattern_that_is_none_is_refused():
    with pytest.raises(ConfigError, match=r"\[sources.r\] ticket_pattern is no regular expression"):
        open_connector(Source(name="r", kind="git", options={"path": "/x", "ticket_pattern": "("}))


@pytest.mark.parametrize("path", ["", "repo", "-x", "~nobody-of-this-name/x"])
def test_a_path_that_depends_on_where_one_stands_is_refused(path):
    with pytest.raises(ConfigError, match=r"\[sources.r\] path = "):
        open_connector(Source(name="r", kind="git", options={"path": path}))
