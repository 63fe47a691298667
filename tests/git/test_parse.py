"""Git's output in pieces, with anything in it."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from connectors.git import parse

field = st.binary(max_size=12).map(lambda b: b.replace(b"\0", b""))
times = st.integers(0, 4_000_000_000).map(lambda n: str(n).encode())
commits = st.lists(
    st.tuples(st.just(b"a" * 40), st.just(b""), field, field, times, field, field, times, field, field), max_size=5
)


@given(commits, st.lists(st.integers(0, 400), max_size=6))
def test_commits_are_the_same_however_the_output_is_cut(rows, cuts):
    printed = b"".join(b"\0".join(row) + b"\0" for row in rows)
    edges = [0, *sorted(min(c, len(printed)) for c in cuts), len(printed)]
    parser = parse.Commits("repo")
    found = [c for start, end in pairwise(edges) for c in parser.feed(printed[start:end])]
    assert [c.subject for c in found] == [parse.text(row[8]) for row in rows]
    assert [c.author_name for c in found] == [parse.text(row[2]) for row in rows]


paths = st.binary(min_size=1, max_size=12).map(lambda b: b.replace(b"\0", b"x"))
files = st.lists(st.tuples(st.sampled_from([b"-", b"0", b"17"]), paths, st.none() | paths), max_size=6)


@given(st.lists(files, max_size=4))
def test_file_changes_with_any_names(history):
    printed = b""
    expected = []
    for n, changes in enumerate(history):
        sha = f"{n:040x}"
        printed += sha.encode() + b"\0"
        for lines, path, old in changes:
            printed += lines + b"\t" + lines + b"\t" + (path if old is None else b"\0" + old + b"\0" + path) + b"\0"
            expected.append((sha, parse.text(path), None if old is None else parse.text(old)))
    found = [(c.sha, c.path, c.old_path) for c in parse.file_changes("repo", printed)]
    assert found == expected


@given(st.binary())
def test_text_never_fails_and_can_be_stored(raw):
    parse.text(raw).encode("utf-8")


@given(st.integers(-(10**20), 10**20))
def test_any_time_is_a_time(seconds):
    assert parse.at(str(seconds).encode()).tzinfo is not None
