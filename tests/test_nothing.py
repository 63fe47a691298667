"""Why there is nothing to show, and what to do about it."""

import pytest

from collabtui.faces.nothing import NO_SOURCE, not_connected, reasons

AIRFLOW = {"source": "prod", "kind": "airflow", "state": "fresh", "ok_at": 1, "error": None}
FAILED = {**AIRFLOW, "state": "failed", "ok_at": None, "error": "prod: GET /version: 401 Unauthorized\x1b[2J"}
NEVER = {**AIRFLOW, "state": "never", "ok_at": None}
SYNCING = {**NEVER, "state": "syncing"}
GIT = {**AIRFLOW, "source": "etl", "kind": "git"}


@pytest.mark.parametrize(
    ("kinds", "configured", "told"),
    [
        (["jira"], {"jira"}, None),
        (["jira"], {"git"}, "This comes from Jira, and no Jira is configured. `collabtui init` adds one."),
        (
            ["airflow", "jira"], {"git"},
            "This comes from Airflow or Jira, and none of these is configured. `collabtui init` adds one.",
        ),
        (["airflow", "jira"], {"jira"}, None),
        (["jira"], {"a third party's"}, None),
        (["jira"], set(), NO_SOURCE),
        ([], {"git"}, None),
    ],
)  # fmt: skip
def test_what_no_source_tells_of(kinds, configured, told):
    assert not_connected(kinds, configured) == told


@pytest.mark.parametrize(
    ("sources", "told"),
    [
        ([], [NO_SOURCE]),
        ([GIT], ["This comes from Airflow, and no Airflow is configured. `collabtui init` adds one."]),
        ([NEVER, GIT], ["prod was never synced.", "`collabtui sync` reads what is there."]),
        ([SYNCING], ["prod is being read."]),
        (
            [FAILED],
            [
                "prod could not be read: GET /version: 401 Unauthorized␛[2J",
                "`collabtui doctor` says what to do about it, `collabtui sync` tries again.",
            ],
        ),
        ([AIRFLOW, {**GIT, "error": "gone"}], ["Nothing to tell: what was read has none of it."]),
    ],
)
def test_why_an_answer_is_empty(sources, told):
    assert reasons(["airflow"], sources) == told
