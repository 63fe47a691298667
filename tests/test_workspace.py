"""A workspace keeps its warehouse fresh, and its forecasts with what came true."""

import asyncio
from datetime import timedelta

import polars as pl

from collabtui import ledger
from collabtui.sync import SyncProgress
from collabtui.warehouse import Warehouse
from collabtui.workspace import Workspace
from tests.conftest import open_office


def test_forecasts_are_kept_and_settled_when_the_truth_comes(tmp_path):
    office = open_office(tmp_path, history=timedelta(days=40))
    workspace = Workspace(office.settings, clock=lambda: office.now, transports=office.transports)
    asyncio.run(workspace.refresh())
    warehouse = Warehouse(office.settings.warehouse)
    kept = warehouse.frame("SELECT * FROM forecast")
    landing = kept.filter(pl.col("question") == "landing")
    assert landing.height >= 3, "some runs are in flight"
    assert landing["outcome_at"].is_null().all()
    assert (landing["p50_at"] <= landing["p95_at"]).all()
    assert set(landing["made_at"].to_list()) == {office.now}
    assert set(kept["question"].to_list()) == {"landing", "landing ahead", "delivery"}
    assert kept.filter(pl.col("question") != "delivery")["naive_at"].is_not_null().all()
    of_values = set(warehouse.rows("SELECT question FROM value_forecast WHERE outcome IS NULL"))
    assert of_values == {("throughput",), ("arrivals",), ("slot-hours day",), ("slot-hours week",)}

    asyncio.run(workspace.refresh())
    assert warehouse.frame("SELECT * FROM forecast").height == kept.height, "the same run is forecast once"

    office.later(timedelta(hours=6))
    asyncio.run(workspace.refresh())
    came_true = warehouse.frame("SELECT * FROM forecast WHERE outcome_at IS NOT NULL")
    settled = came_true.filter(pl.col("question") == "landing")
    assert settled.height >= landing.height * 0.8
    assert (came_true["score"] >= 0).all()
    assert "landing ahead" in came_true["question"].to_list()
    ends = dict(warehouse.frame("SELECT pipeline_id || char(10) || run_id AS s, end_at FROM run").iter_rows())
    assert all(ends[subject] == at for subject, at in settled.select("subject", "outcome_at").iter_rows())


def test_progress_is_told_in_the_callers_loop(tmp_path):
    office = open_office(tmp_path, history=timedelta(days=20))
    workspace = Workspace(office.settings, clock=lambda: office.now, transports=office.transports)
    told: list[SyncProgress] = []

    async def refresh() -> None:
        loop = asyncio.get_running_loop()

        def note(progress: SyncProgress) -> None:
            assert asyncio.get_running_loop() is loop
            told.append(progress)

        results = await workspace.refresh_aside(note)
        assert [result.error for result in results] == [None] * 3

    asyncio.run(refresh())
    assert {progress.source for progress in told} == {"airflow", "jira", "repository"}
    assert ledger.settle(Warehouse(office.settings.warehouse), office.settings, office.now) == 0
