"""A repository can hold anything, and want anything: all of it is data, nothing of it is run."""

import os
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collabtui.doctor import check_source
from connectors.git.parse import text
from tests.git.conftest import Repo, Synced


async def test_names_can_hold_anything(repo, synced):
    names = ["--upload-pack=touch", "new\nline", "tab\there", 'quo"te', "‮emoji🦊", "[bold]x[/bold]", " space "]
    repo.commit("odd", dict.fromkeys(names, b"1\n") | {b"latin\xe9": b"1\n"})
    repo("tag", "-m", "x", "weird;$(touch${IFS}pwned)`x`")
    await synced()
    paths = {path for (path,) in synced.rows("SELECT path FROM file_change")}
    assert paths == {*names, "latin\\xe9"}
    assert synced.rows("SELECT name FROM git_ref WHERE kind = 'tag'") == [("weird;$(touch${IFS}pwned)`x`",)]


anything = st.binary(min_size=1, max_size=20).map(lambda raw: raw.replace(b"\0", b"/"))


@settings(max_examples=8)
@given(paths=st.sets(anything.map(lambda raw: raw.replace(b"/", b"_")), min_size=1, max_size=40), message=anything)
async def test_any_bytes_come_as_the_text_that_they_are(tmp_path_factory, paths, message):
    paths = {b"-" + path for path in paths}  # no name is ".git" or ".."
    folder = tmp_path_factory.mktemp("bytes")
    repo = Repo(folder / "repo", "--bare")
    files = b"".join(
        b'M 100644 inline "%s"\ndata 1\nx\n' % b"".join(b"\\%03o" % byte for byte in path) for path in paths
    )
    head = b"commit refs/heads/main\ncommitter Bo <bo@example.com> 1790000000 +0000\n"
    repo("fast-import", "--quiet", stdin=b"%sdata %d\n%s\n%s" % (head, len(message), message, files))
    synced = Synced(folder, repo.path)
    assert (await synced()).error is None
    assert {path for (path,) in synced.rows("SELECT path FROM file_change")} == {text(path) for path in paths}
    ((subject, body),) = synced.rows("SELECT subject, body FROM git_commit")
    assert "".join(f"{subject}{body}".split()) == "".join(text(message).split())


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


async def test_a_partial_clone_fetches_nothing_behind_the_users_back(tmp_path, repo):
    mark = tmp_path / "pwned"
    repo.commit("one", {"a": b"1\n"})
    repo("config", "uploadpack.allowFilter", "true")
    repo("clone", "-q", "--no-checkout", "--filter=blob:none", f"file://{repo.path}", str(tmp_path / "partial"))
    repo("-C", str(tmp_path / "partial"), "config", "remote.origin.url", f"ext::sh -c touch% {mark}")
    repo("-C", str(tmp_path / "partial"), "config", "protocol.ext.allow", "always")
    clone = Synced(tmp_path, tmp_path / "partial")
    assert (await clone()).error is None
    assert clone.subjects() == ["one"]
    assert clone.rows("SELECT * FROM file_change") == []
    assert any("partial" in finding.text for finding in (await check_source(clone.source)).findings)

    for name in ("promisor", "partialclonefilter"):  # now it hides what it is
        repo("-C", str(tmp_path / "partial"), "config", "--unset", f"remote.origin.{name}")
    assert "fsck" in ((await clone()).error or "")
    assert not mark.exists()


@pytest.mark.parametrize("name", ["-C", "--exec-path=x", "with space\nand line", "$(touch pwned)", "snow☃"])
async def test_the_folder_can_have_any_name(tmp_path, repo, name):
    repo.commit("one")
    (tmp_path / "repo").rename(tmp_path / name)
    moved = Synced(tmp_path, tmp_path / name)
    assert (await moved()).error is None
    assert moved.subjects() == ["one"]


async def test_a_broken_commit_comes_with_the_time_that_git_gives_it(repo, synced):
    repo.commit("one", {"a": b"1\n"})
    tree = repo("rev-parse", "HEAD^{tree}").decode().strip()
    broken = f"tree {tree}\nauthor nobody <>\ncommitter Bo <bo@example.com> 99999999999999 +9999\n\nodd\0more\n"
    sha = repo("hash-object", "-t", "commit", "-w", "--literally", "--stdin", stdin=broken.encode()).decode().strip()
    repo("update-ref", "refs/heads/broken", sha)
    assert (await synced()).error is None
    row = synced.warehouse.frame("SELECT * FROM git_commit WHERE subject = 'odd'").row(0, named=True)
    assert (row["author_name"], row["authored_at"].year, row["committed_at"].year) == ("nobody", 1970, 9999)


async def test_names_are_those_of_the_commit_whatever_mailmap_and_encoding_it_has(repo, synced):
    repo("config", "i18n.commitEncoding", "ISO-8859-1")
    repo.commit("Größe".encode("latin-1"), {".mailmap": b"Somebody Else <ada@example.com>\n"})
    await synced()
    assert synced.rows("SELECT author_name, subject FROM git_commit") == [("Ada Obi", "Größe")]


async def test_variables_of_another_repository_lead_nowhere(tmp_path, repo, synced, monkeypatch):
    repo.commit("one")
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere"))
    monkeypatch.setenv("GIT_EXTERNAL_DIFF", "false")
    assert (await synced()).error is None
    assert synced.rows("SELECT subject FROM git_commit") == [("one",)]


async def test_the_terminal_is_out_of_gits_reach(tmp_path, repo):
    """A fetch over ssh that wants a password fails; it does not write into the screen to ask for it."""
    repo.commit("one")
    probe = tmp_path / "ssh"
    probe.write_text(
        f"#!{sys.executable}\nimport os\nopen({str(tmp_path / 'session')!r}, 'w').write(str(os.getsid(0)))"
    )
    probe.chmod(0o755)
    repo("remote", "add", "origin", "ssh://nowhere.invalid/x")
    repo("config", "core.sshCommand", str(probe))
    result = await Synced(tmp_path, repo.path, fetch=True)()
    assert "git fetch" in (result.error or "")
    assert int((tmp_path / "session").read_text()) != os.getsid(0)  # a session of its own has no terminal
