"""Real servers for the live tests, each started once."""

from collections.abc import Iterator

import pytest

from tests.live.airflow_server import PASSWORD, AirflowServer, MissingError


def started(version: int, **what) -> Iterator[AirflowServer]:
    try:
        server = AirflowServer(version, **what)
    except MissingError as e:
        pytest.skip(f"no Airflow {version} here: {e}")
    with server:
        yield server


@pytest.fixture(scope="module", params=[3, 2], ids=["airflow3", "airflow2"])
def airflow(request) -> Iterator[AirflowServer]:
    """10,000 runs with 60,000 task runs, and DAGs that run."""
    yield from started(request.param, runs=10_000)


@pytest.fixture(scope="module")
def large_airflow() -> Iterator[AirflowServer]:
    """100,000 runs of Airflow 3, only to be read."""
    yield from started(3, runs=100_000, dags=100, tasks=False, scheduler=False)


@pytest.fixture(autouse=True)
def _password(monkeypatch) -> None:
    monkeypatch.setenv("LIVE_AIRFLOW", PASSWORD)
