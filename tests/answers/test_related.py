"""It joins: from a pipeline to its commits, tickets and people, and back."""

import pytest

from collabtui.answers.humans import humans, names_of
from collabtui.answers.mentions import named_in
from collabtui.answers.named import named
from collabtui.answers.pipelines import pipelines
from collabtui.answers.touches import Paths, files_of
from collabtui.config import ConfigError, Team
from connectors.records import CommitTicket, FileChange, Person, TicketLink, Transition
from tests.answers.building import DAY, HOUR, NOW, commit, feeds, filled, nightly, pipeline, settings, ticket

SHA = f"{3:040x}"


def small_world():
    """`mart_sales` is fed by `stage_sales`; Ada changed it yesterday for P-1, which blocks P-2."""
    return [
        pipeline("stage_sales"),
        pipeline("mart_sales", file="/opt/airflow/dags/sales/mart.py", owners=("data",)),
        *nightly("mart_sales", 2 * HOUR, HOUR, 3),
        *feeds("stage_sales", "mart_sales"),
        commit(1, NOW - 90 * DAY, "Bob Ray", "bob@x"),
        commit(3, NOW - DAY, "Ada Low", "ada@home", subject="P-1 Faster", body="By half.\n"),
        FileChange(source="air", sha=f"{1:040x}", path="airflow/dags/sales/mart.py"),
        FileChange(source="air", sha=SHA, path="airflow/dags/sales/mart.py"),
        CommitTicket(source="air", sha=SHA, ticket_key="P-1"),
        CommitTicket(source="air", sha=SHA, ticket_key="UTF-8"),
        ticket(1, NOW - 5 * DAY, NOW, title="Faster", assignee_id="u1", epic_id="9", epic_key="P-9"),
        ticket(2, NOW - 4 * DAY, title="mart_sales is late", status_category="new"),
        ticket(9, NOW - 50 * DAY, title="Sales", is_epic=True),
        TicketLink(source="air", ticket_id="1", type="Blocks", direction="outward", other_key="P-2", label="blocks"),
        Transition(source="air", ticket_id="1", history_id="1", ordinal=0, at=NOW, author_id="u2"),
        Person(source="air", person_id="u1", name="Ada Low", email="ada@x"),
        Person(source="air", person_id="u2", name="Bob Ray", email="BOB@x"),
    ]


@pytest.fixture
def ask(tmp_path):
    """Asks what is related, and gives (relation, kind, key)."""
    warehouse = filled(tmp_path, small_world())
    teams = [Team(name="Data", projects=["P"], owners=["data"])]

    def related(about: str) -> list[tuple[str, str, str]]:
        found = named(warehouse, settings(tmp_path, teams=teams), NOW, about=about)
        return list(found.related.select("relation", "kind", "key").iter_rows())

    return related


def test_a_pipeline_was_touched_lately_and_a_ticket_names_it(ask):
    found = ask("mart_sales")
    assert found[:3] == [
        ("touched by", "commit", SHA), ("named in", "ticket", "P-2"), ("is fed by", "pipeline", "stage_sales")
    ]  # fmt: skip
    assert ("reads", "dataset", "s3://stage_sales") in found
    assert ("owned by", "team", "Data") in found
    assert ("changed for", "ticket", "P-1") in found
    assert ("worked on by", "person", "Ada Low") in found
    assert found[-1] == ("touched before by", "commit", f"{1:040x}")


def test_a_ticket_leads_to_commits_pipelines_epic_people_and_links(ask):
    assert ask("P-1") == [
        ("done in", "commit", SHA), ("changes", "pipeline", "mart_sales"), ("blocks", "ticket", "P-2"),
        ("part of epic", "epic", "P-9"), ("assigned to", "person", "Ada Low"), ("moved on by", "person", "Bob Ray"),
        ("worked on by", "team", "Data"),
    ]  # fmt: skip
    assert ("names", "pipeline", "mart_sales") in ask("p-2")
    assert ("consists of", "ticket", "P-1") in ask("epic:P-9")


def test_a_commit_leads_to_its_ticket_pipeline_and_author(ask):
    assert ask(SHA) == [
        ("made for", "ticket", "P-1"), ("touches", "pipeline", "mart_sales"), ("author", "person", "Ada Low")
    ]  # fmt: skip


def test_one_human_has_tickets_in_one_source_and_commits_under_another_e_mail(ask):
    found = ask("ada low")
    assert ("committed", "commit", SHA) in found
    assert ("finished", "ticket", "P-1") in found
    assert ("touched", "pipeline", "mart_sales") in found
    assert ask("ada@home") == ask("ada@x") == found
    assert ("committed", "commit", f"{1:040x}") in ask("bob@x")


def test_a_dataset_and_a_team(ask):
    assert ask("s3://stage_sales") == [
        ("is written by", "pipeline", "stage_sales"),
        ("starts", "pipeline", "mart_sales"),
    ]
    assert ask("data") == [
        ("plans", "epic", "P-9"), ("owns", "pipeline", "mart_sales"), ("works on", "ticket", "P-2"),
        ("people", "person", "Ada Low"),
    ]  # fmt: skip


def test_two_of_a_name_are_told_apart_by_their_kind(tmp_path):
    warehouse = filled(tmp_path, [pipeline("sales"), Person(source="air", person_id="u1", name="Sales")])
    with pytest.raises(ConfigError, match=r"(?s)pipeline:sales.*person:Sales"):
        named(warehouse, settings(tmp_path), NOW, about="sales")
    assert named(warehouse, settings(tmp_path), NOW, about="pipeline:sales").kind == "pipeline"
    assert named(warehouse, settings(tmp_path), NOW, about="person:air:u1").kind == "person"
    with pytest.raises(ConfigError, match="nothing is called"):
        named(warehouse, settings(tmp_path), NOW, about="nobody")


@pytest.mark.parametrize(
    ("title", "labels", "is_named"),
    [
        ("mart_sales fails", "[]", True), ("fix MART_SALES: null rows", "[]", True), ("(mart_sales)", "[]", True),
        ("mart_sales_old fails", "[]", False), ("sales are down", "[]", False), ("later", '["dag:mart_sales"]', True),
    ],
)  # fmt: skip
def test_a_name_is_a_whole_word(title, labels, is_named):
    assert (named_in(["mart_sales"], title, labels) == {"mart_sales"}) is is_named


def test_an_ordinary_word_is_a_pipelines_name_only_as_a_label():
    assert not named_in(["orders"], "Fix orders page", "[]")
    assert named_in(["orders"], "Fix page", '["orders"]')


@pytest.mark.parametrize(
    ("file", "paths", "found"),
    [
        ("/opt/airflow/dags/mart.py", ["dags/mart.py", "tests/mart.py"], ["dags/mart.py"]),
        ("mart.py", ["dags/mart.py"], ["dags/mart.py"]),
        ("mart.py", ["a/mart.py", "b/mart.py"], []),
        ("/opt/sales/dag.py", ["src/costs/dag.py"], []),
        (None, ["sql/mart_sales.sql", "sql/mart_sales_old.sql"], ["sql/mart_sales.sql"]),
    ],
)
def test_a_pipelines_files_are_those_of_its_path_and_its_name(file, paths, found):
    assert [path for _, path in files_of("mart_sales", file, Paths(("git", path) for path in paths))] == found


def test_pipelines_tell_their_last_commit_and_open_tickets(tmp_path):
    warehouse = filled(tmp_path, small_world())
    rows = {row["name"]: row for row in pipelines(warehouse, settings(tmp_path), NOW).pipelines.to_dicts()}
    mart, stage = rows["mart_sales"], rows["stage_sales"]
    assert (mart["open_tickets"], mart["touched_by"], mart["touched_subject"]) == (1, "Ada Low", "P-1 Faster")
    assert mart["touched_at"] == NOW - DAY
    assert (stage["open_tickets"], stage["touched_at"]) == (0, None)


def test_the_office_joins_from_every_late_or_failed_pipeline_to_a_ticket(office, warehouse):
    rows = pipelines(warehouse, office.settings, office.now).pipelines.to_dicts()
    for row in [row for row in rows if row["state"] in ("late", "failed")]:
        found = named(warehouse, office.settings, office.now, about=row["name"]).related
        assert "ticket" in found["kind"].to_list()
        assert found["relation"][0] == "touched by"
        assert found["at"][0] > office.now - DAY, "the demo shows why: somebody changed it"


def test_the_offices_incident_names_the_ticket_that_caused_it(office, warehouse):
    incidents = warehouse.rows(
        "SELECT ticket_key FROM ticket WHERE labels LIKE '%incident%' AND status_category IS NOT 'done'"
    )
    assert incidents
    for (key,) in incidents:
        found = named(warehouse, office.settings, office.now, about=key).related
        assert {"names", "is caused by"} <= set(found["relation"])


def test_two_accounts_of_one_name_in_one_source_are_two_people(tmp_path):
    known = [Person(source="air", person_id=f"u{n}", name="Ada Low", email=f"ada{n}@x") for n in (1, 2)]
    warehouse = filled(tmp_path, [*known, commit(1, NOW, "Ada Low", "ada1@x"), commit(2, NOW, "Ada Low", "ada@home")])
    known_humans = humans(warehouse)
    assert known_humans["air", "u1"] != known_humans["air", "u2"]
    assert known_humans["air", "u1"].accounts == (("air", "u1"), ("air", "ada1@x"))
    assert known_humans["air", "ada@home"].accounts == (("air", "ada@home"),)


def test_what_is_cut_says_of_how_many(tmp_path):
    parts = [ticket(n, NOW - n * DAY, None if n % 2 else NOW, epic_id="100", epic_key="P-100") for n in range(1, 40)]
    epic = ticket(100, NOW - 50 * DAY, title="Sales", is_epic=True, assignee_id="u1")
    warehouse = filled(tmp_path, [epic, *parts, Person(source="air", person_id="u1", name="Ada Low")])
    found = named(warehouse, settings(tmp_path), NOW, about="P-100").related
    consists = found.filter(relation="consists of")
    assert (consists.height, consists["cut"].unique().to_list()) == (20, ["20 of 39"])
    assert consists["state"].to_list() == ["Doing"] * 20, "what is open comes first"
    assert found.filter(relation="assigned to")["cut"].to_list() == [None]


@pytest.mark.parametrize("asked", ["ADA low", "ada@home", "u1", "Ada (work)"])
def test_all_names_of_one_human(tmp_path, asked):
    known = [
        Person(source="air", person_id="u1", name="Ada Low", email="ada@work"),
        Person(source="jira", person_id="7", name="Ada (work)", email="ada@work"),
        Person(source="air", person_id="u2", name="Bo Lind", email="bo@x"),
    ]
    warehouse = filled(tmp_path, [*known, commit(2, NOW, "Ada Low", "ada@home")])
    assert names_of(warehouse, asked)[0] == asked
    assert {"Ada Low", "Ada (work)", "ada@home", "ada@work"} <= set(names_of(warehouse, asked)) <= {
        "Ada Low", "Ada (work)", "ada@home", "ada@work", asked,
    }  # fmt: skip
    assert names_of(warehouse, "Cy") == ["Cy"]
