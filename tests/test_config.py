"""collabtui.toml: what is read, and what an error says."""

from datetime import date, time, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collabtui.config import ConfigError, Deadline, Source, config_path, duration, load, parse
from collabtui.sources import open_connector

GOOD = """
timezone = "Europe/Berlin"
warehouse = "facts.db"
sync_every = "2m"
me = "Ada Obi"

[sources.prod]
kind = "airflow"
url = "https://airflow.example"

[[deadlines]]
dataset = "s3://warehouse/*"
by = "07:30"
timezone = "Europe/Berlin"
days = "weekdays"

[teams.platform]
projects = ["PLAT"]
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "collabtui.toml"
    path.write_text(text)
    return path


def test_a_whole_config(tmp_path):
    settings = load(write(tmp_path, GOOD))
    assert settings.warehouse == tmp_path / "facts.db"
    assert settings.sync_every_s == 120
    assert settings.me == "Ada Obi"
    assert settings.sources[0].name == "prod"
    assert settings.sources[0].options == {"url": "https://airflow.example"}
    assert settings.deadlines[0].by_time == time(7, 30)
    assert settings.deadlines[0].weekdays == {0, 1, 2, 3, 4}
    assert settings.teams[0].name == "platform"


def test_a_config_in_the_current_folder_is_never_picked_up(tmp_path, monkeypatch):
    write(tmp_path, GOOD)
    monkeypatch.chdir(tmp_path)
    assert tmp_path not in config_path().parents


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("sources = [", "is no valid TOML"),
        ("wharehouse = 'x'", "`wharehouse` is no key; did you mean `warehouse`?"),
        ("timezone = 'Berlin'", "'Berlin' is no time zone such as 'Europe/Berlin'"),
        ("sync_every = 'often'", "'often' is no length of time such as '90m'"),
        ("[sources.prod]\nurl = 'x'", r"\[sources.prod\] needs kind"),
        ("[[deadlines]]\nby = '07:30'", "exactly one of pipeline, dataset, tag"),
        ("[[deadlines]]\ntag = 'x'\nby = '7.30'", "'7.30' is no time of day"),
        ("[[deadlines]]\ntag = 'x'\nby = '07:30'\nafter_start = '1h'", "exactly one of by"),
        ("[[deadlines]]\ntag = 'x'\nby = '07:30'\ndays = ['Monday']", r"days takes names from mon, .*'Monday'"),
        ("[[deadlines]]\ntag = 'x'\nby = '07:30'\ntimezone = 'CET+9:99'", "is no time zone"),
        ("[[deadlines]]\ntag = 'x'\nafter_start = '1h'\ndays = 'weekdays'", "timezone and days go with by"),
        ("standup = 'nine'", "standup = 'nine' is no time of day such as '07:30'"),
        ("country = 'Germany'", r"country = 'Germany' is not known; near is DE \(Germany\)"),
        ("region = 'BE'", "region = 'BE' needs a country beside it"),
        ("country = 'DE'\n[teams.a]\nregion = 'XX'", r"\[teams.a\] region = 'XX' is not known; .* DE: BB, BE"),
        ("[[teams.a.absences]]\nfrom = 2026-12-28\nto = 2026-12-24", "ends .*12-24.* before it begins"),
        ("[[teams.a.absences]]\nfrom = 2026-12-24\nto = 2026-12-28\nwho = 'Eve'", "who = 'Eve', who is none of"),
        ("[teams.a]\nproject = 'A'", r"\[teams.a\] `project` is no key; did you mean `projects`\?"),
        ("[teams.a]\nprojects = 'A'", r'\[teams.a\] `projects` takes a list such as \["A", "B"\], not text'),
        ("[[teams.a.absences]]\nfro = 2026-12-24", r"\[teams.a\] in absences number 1: `fro` is no key; .*`from`"),
        ("[[teams.a.absences]]\nfrom = 2026-12-24", r"\[teams.a\] in absences number 1: `to` is missing"),
        ("[[teams.a.absences]]\nfrom = 'x'\nto = 'y'", r"\[teams.a\] in absences number 1, from: Invalid"),
        ("[[sources]]\nkind = 'git'", r"(?s)\[\[sources\]\] is a list, .* has its name.*\n  \[sources.prod\]\n"),
        ("[sources]\nkind = 'git'", r"(?s)`kind` stands right in \[sources\], .*\n  \[sources.prod\]\n"),
        ("sources = 'git'", r"(?s)`sources` is no table, .*\n  \[sources.prod\]\n"),
        ("[[teams]]\nname = 'a'", r"(?s)\[\[teams\]\] is a list, .*\n  \[teams.platform\]\n"),
        ("[deadlines]\nby = '07:30'", r"(?s)\[deadlines\] is a single table, .* two brackets.*\n  \[\[deadlines\]\]"),
        ("deadlines = ['07:30']", r"(?s)`deadlines` is no list of tables.*\n  \[\[deadlines\]\]\n"),
        (
            "[[deadlines]]\nby = '07:30'\ntag = 'x'\n[[deadlines]]\nby = 730\ntag = 'x'",
            r"\[\[deadlines\]\] number 2: `by` takes text in quotes, not a whole number",
        ),
        ("timezone = 1", r"`timezone` takes text in quotes, not a whole number"),
        ("standup_names = 'no'", "`standup_names` takes true or false, not text"),
        ("role = 'boss'", "`role` = 'boss' is none of engineers, analysts, leads, scientists"),
        ("[keys]\nzoom = 1", "each of `keys` takes text in quotes, not a whole number"),
        ("keys = 1", "`keys` takes a table, not a whole number"),
        ("stale_after = '5'", "stale_after: '5' is no length of time"),
        ("sync_every = '0s'", "sync_every = '0s' leaves no time between two syncs"),
        ("[[deadlines]]\ntag = 'x'\nafter_start = 'soon'", r"number 1: after_start: 'soon' is no length of time"),
        (
            "[sources.a]\nkind = 'git'\n[sources.a]\nkind = 'jira'",
            r"no valid TOML: \[sources.a\] is there twice \(at line 3",
        ),
    ],
)
def test_what_is_wrong_is_named_with_its_place(tmp_path, text, says):
    with pytest.raises(ConfigError, match=says) as caught:
        load(write(tmp_path, text))
    assert str(tmp_path) in str(caught.value)


@pytest.mark.parametrize(
    ("kind", "options", "says"),
    [
        ("airflow", {"token": {"env": "T"}}, r"\[sources.prod\] `url` is missing"),
        ("airflow", {"url": "x", "tokn": 1}, r"\[sources.prod\] `tokn` is no key; did you mean `token`\?"),
        ("airflow", {"url": 1}, r"\[sources.prod\] `url` takes text in quotes, not a whole number"),
        ("airflow", {"url": "x", "token": "hunter2"}, r"`token` takes a table such as \{ env = \"…\" \}, not text"),
        ("airflow", {"url": "x", "token": {"enw": "T"}}, r"in token: `enw` is no key; did you mean `env`\?"),
        ("airflow", {"url": "x"}, r"\[sources.prod\] an Airflow source takes username and password, or token"),
        ("jira", {"url": "x", "token": {"env": "T"}, "projects": "A"}, "`projects` takes a list"),
        ("airflo", {}, r"\[sources.prod\] kind = 'airflo' is not installed; there are airflow, git, jira"),
    ],
)
def test_what_is_wrong_with_a_source_is_named_and_no_secret_is_told(kind, options, says):
    with pytest.raises(ConfigError, match=says) as caught:
        open_connector(Source(name="prod", kind=kind, options=options))
    assert "hunter2" not in str(caught.value)


def test_a_file_in_another_encoding_is_told_with_its_line(tmp_path):
    path = tmp_path / "collabtui.toml"
    path.write_bytes("timezone = 'UTC'\nwarehouse = 'Büro.db'\n".encode("latin-1"))
    with pytest.raises(ConfigError, match=r"is no UTF-8 text \(at line 2\)"):
        load(path)


def test_an_empty_config_has_no_sources(tmp_path):
    assert load(write(tmp_path, "")).sources == []


def test_holidays_and_absences(tmp_path):
    text = """
country = "DE"
region = "BE"

[teams.platform]
members = ["Ada Obi"]
country = "US"

[[teams.platform.absences]]
from = 2026-12-24
to = "2026-12-31"
who = "Ada Obi"
"""
    settings = load(write(tmp_path, text))
    assert (settings.country, settings.region) == ("DE", "BE")
    (team,) = settings.teams
    assert (team.country, team.region) == ("US", None)
    (absence,) = team.absences
    assert (absence.first, absence.last, absence.who) == (date(2026, 12, 24), date(2026, 12, 31), "Ada Obi")


def test_a_missing_config_says_how_to_get_one(tmp_path):
    with pytest.raises(ConfigError, match="`collabtui init` makes it, `collabtui demo` needs none"):
        load(tmp_path / "no.toml")


@pytest.mark.parametrize(
    ("text", "length"),
    [("90m", timedelta(minutes=90)), ("2h", timedelta(hours=2)), ("1h 30m", timedelta(minutes=90)),
     ("1d", timedelta(days=1)), ("45s", timedelta(seconds=45)), ("15min", timedelta(minutes=15)),
     ("2w 1d", timedelta(days=15))],
)  # fmt: skip
def test_lengths_of_time(text, length):
    assert duration(text) == length


@given(st.text(max_size=20))
def test_any_text_is_a_length_of_time_or_a_value_error(text):
    try:
        assert duration(text) >= timedelta()
    except ValueError:
        return


def test_relative_paths_start_at_the_config():
    assert parse({"warehouse": "w/facts.db"}, folder=Path("/etc/x")).warehouse == Path("/etc/x/w/facts.db")


def test_a_deadline_after_the_interval():
    assert Deadline(pipeline="sales_*", after_interval="2h").after == timedelta(hours=2)
