"""What of a repository arrives in the warehouse."""

import pytest

from tests.git.conftest import Repo, Synced


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


async def test_a_submodule_is_a_file_that_changes_by_a_line(tmp_path, repo, synced):
    part = Repo(tmp_path / "part")
    part.commit("of the part", {"x": b"1\n"})
    repo("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(part.path), "part")
    repo.commit("with a submodule")
    assert (await synced()).error is None
    assert ("part", 1, 0) in synced.rows("SELECT path, added, deleted FROM file_change")
    assert synced.subjects() == ["with a submodule"]


@pytest.mark.parametrize("kind", ["sha1", "sha256"])
async def test_either_kind_of_commit_id(tmp_path, kind):
    repo = Repo(tmp_path / kind, f"--object-format={kind}")
    sha = repo.commit("one", {"a": b"1\n"})
    synced = Synced(tmp_path, repo.path)
    await synced()
    assert synced.rows("SELECT sha, path FROM file_change") == [(sha, "a")]
