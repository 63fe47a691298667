"""What goes wrong between here and an Airflow, and what is told of it."""

import json
from datetime import timedelta

import pytest

from tests.airflow.conftest import Server

HOUR = timedelta(hours=1)


def filled(server: Server, runs: int = 120) -> Server:
    dag = server.dag()
    for n in range(runs):
        server.run(dag, HOUR * (n + 1), tries=2 if n % 40 == 0 else 1)
    return server


@pytest.mark.parametrize(
    "what",
    [
        {"status": 429, "retry_after": "0", "times": 2},
        {"status": 429, "times": 1},
        {"status": 500, "times": 2},
        {"status": 502, "html": True, "times": 2},
        {"status": 503, "retry_after": "Sat, 21 Nov 2026 07:30:00 GMT", "times": 1},
        {"kind": "cut", "times": 2},
        {"kind": "slow", "seconds": 0.2},
    ],
    ids=lambda what: " ".join(map(str, what.values())),
)
@pytest.mark.parametrize("path", ["/dagRuns/list", "/taskInstances/list", "/tries", "/dags", "/pools"])
def test_trouble_that_passes_is_outlived(server, what, path):
    filled(server)
    server.trouble(path, **what)
    assert server.sync().error is None
    server.assert_same()


def test_trouble_that_stays_is_told_and_the_next_sync_goes_on_there(server):
    filled(server, 2500)
    server.trouble("/taskInstances/list", times=99, skip=2)
    result = server.sync()
    assert result.error is not None
    assert result.error.startswith("air: POST /api/v")
    assert "500" in result.error
    there = len(server.run_ids())
    assert 0 < there < 2500
    server.faults.faults.clear()
    again = server.sync()
    assert again.error is None
    server.sync()
    server.assert_same()
    assert again.records < 7700 - there, "what was there is not read again"


def test_a_wrong_password_is_told_without_the_password(server, monkeypatch):
    monkeypatch.setenv("TEST_AIRFLOW", "hunter2")
    result = filled(server).sync()
    assert result.error is not None
    assert "hunter2" not in result.error
    assert "air" in result.error


def test_a_secret_that_is_not_there_is_named(server, monkeypatch):
    monkeypatch.delenv("TEST_AIRFLOW")
    assert "TEST_AIRFLOW" in (filled(server).sync().error or "")


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ({"dags": [{"dag_id": 7}], "total_entries": 1}, ["/dags", "dag_id"]),
        ({"dags": [{}], "total_entries": 1}, ["/dags", "dag_id"]),
        ({"total_entries": 1}, ["/dags", "dags"]),
        ("no JSON at all", ["/dags"]),
    ],
)
def test_an_answer_of_another_shape_names_source_endpoint_and_field(server, answer, told, monkeypatch):
    async def odd(self, request):
        from starlette.responses import Response

        return Response(json.dumps(answer) if isinstance(answer, dict) else answer, media_type="application/json")

    monkeypatch.setattr("collabtui.demo.airflow_app.Airflow.dags", odd)
    result = filled(server, 3).sync()
    assert result.error is not None
    assert result.error.startswith("air: ")
    for words in told:
        assert words in result.error


def test_a_token_that_runs_out_is_fetched_anew(airflow3, monkeypatch):
    filled(airflow3)
    airflow3.trouble("/dagRuns/list", status=401, times=1)
    assert airflow3.sync().error is None
    assert airflow3.faults.requests.count("POST /auth/token") == 2
    airflow3.assert_same()
