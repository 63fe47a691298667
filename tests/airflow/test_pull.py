"""What a sync brings from an Airflow, first and later."""

from datetime import timedelta

from tests.airflow.conftest import MINUTE, Server

HOUR = timedelta(hours=1)


def test_pipelines_tasks_runs_tries_pools_and_errors_are_there(server):
    dag = server.dag()
    server.site.pools["small"] = 2
    server.site.import_errors.append(("dags/bad.py", server.now - HOUR, "SyntaxError: [bold]"))
    for n in range(5):
        server.run(dag, HOUR * (n + 1), tries=3 if n == 2 else 1)
    result = server.sync()
    assert result.error is None
    server.assert_same()
    assert server.rows("SELECT pipeline_id, schedule, is_paused, gone_at FROM pipeline") == [
        ("p", "0 2 * * *", False, None)
    ]
    assert server.rows("SELECT task_id, downstream FROM task ORDER BY 1") == [("extract", ["load"]), ("load", [])]
    assert server.rows("SELECT name, slots FROM pool ORDER BY 1") == [("default_pool", 128), ("small", 2)]
    assert server.rows("SELECT file, text FROM import_problem") == [("dags/bad.py", "SyntaxError: [bold]")]
    latest = server.rows("SELECT try_number, is_latest FROM task_run WHERE task_id = 'extract' ORDER BY 1")
    assert latest.count((1, False)) == 1
    assert (3, True) in latest


def test_datasets_lead_from_the_pipeline_that_writes_to_the_one_that_waits(server):
    server.dag("stage", produces={"load": "s3://staged"})
    server.dag("mart", schedule=None, scheduled_by=["s3://staged"])
    assert server.sync().error is None
    edges = server.rows("SELECT uri, pipeline_id, role FROM dataset_edge ORDER BY role")
    assert edges == [("s3://staged", "stage", "produces"), ("s3://staged", "mart", "schedules")]


def test_only_what_changed_is_asked_for_later(server):
    dag = server.dag()
    for n in range(300):
        server.run(dag, HOUR * (n + 1))
    first = server.sync()
    server.sync()
    nothing = server.sync()
    assert first.records > 900
    assert nothing.records == 0
    assert len(server.faults.requests) <= 3
    server.run(dag, timedelta())
    assert server.sync().error is None
    server.assert_same()


def test_a_run_is_asked_about_until_it_has_ended(server):
    dag = server.dag()
    flying = server.run(dag, MINUTE, state="running")
    server.sync()
    assert server.rows("SELECT state FROM run") == [("running",)]
    server.now += HOUR
    server.sync()
    server.now += HOUR
    server.end(flying)
    server.sync()
    assert server.rows("SELECT state FROM run") == [("success",)]
    server.assert_same()


def test_of_runs_that_were_open_one_stays_one_ended_unnoticed_and_one_was_deleted(server, monkeypatch):
    monkeypatch.setattr("connectors.airflow.increment.OPEN_RUNS", 3)  # fewer than there are runs
    dag = server.dag()
    for n in range(5):
        server.run(dag, HOUR * (n + 1))
    flying, by_hand, deleted = (server.run(dag, MINUTE * n, state="running") for n in (3, 2, 1))
    server.sync()
    by_hand.state, by_hand.end_at = "success", server.now  # in the database: `updated_at` does not tell
    server.site.runs.remove(deleted)
    del server.site.by_id["p", deleted.run_id]
    server.now += HOUR
    assert server.sync().error is None
    known = {name: (state, gone) for name, state, gone in server.rows("SELECT run_id, state, gone_at NOTNULL FROM run")}
    assert known[flying.run_id] == ("running", 0)
    assert known[by_hand.run_id] == ("success", 0)
    assert known[deleted.run_id][1] == 1


def test_a_pipeline_that_disappeared_is_marked_and_comes_back(server):
    kept, dropped = server.dag("kept"), server.dag("dropped")
    server.run(kept, HOUR)
    server.run(dropped, HOUR)
    server.sync()
    del server.site.dags["dropped"]
    server.now += timedelta(hours=2)
    server.sync()
    gone = dict(server.rows("SELECT pipeline_id, gone_at IS NOT NULL FROM pipeline"))
    assert gone == {"kept": 0, "dropped": 1}
    assert len(server.run_ids()) == 2, "its runs stay"
    server.site.dags["dropped"] = dropped
    server.now += timedelta(hours=2)
    server.sync()
    assert dict(server.rows("SELECT pipeline_id, gone_at IS NOT NULL FROM pipeline"))["dropped"] == 0


def test_the_servers_ceiling_hides_nothing(tmp_path, monkeypatch):
    """Airflow 3 may count no further than 50,000; here to 40 of 250 runs."""
    monkeypatch.setattr("connectors.airflow.windows.COUNTED_TO", 40)
    monkeypatch.setattr("connectors.airflow.api.COUNTED_TO", 40)
    server = Server(tmp_path, 3, counted_to=40)
    dag = server.dag()
    for n in range(250):
        server.run(dag, MINUTE * 20 * (n + 1))
    assert server.sync().error is None
    server.assert_same()


def test_runs_of_one_moment_are_all_there(server):
    """A backfill or a thousand DAGs at midnight: more runs of one time than a window holds."""
    for n in range(260):
        server.run(server.dag(f"p{n:03}"), HOUR)
    assert server.sync().error is None
    assert len(server.rows("SELECT DISTINCT pipeline_id FROM run")) == 260
    assert server.rows("SELECT count(*) FROM task_run") == [(520,)]


def test_pages_that_move_while_they_are_read_lose_nothing(server):
    dag = server.dag()
    for n in range(450):
        server.run(dag, HOUR * (n + 1))
    server.sync()
    server.now += MINUTE
    for run in server.site.runs[:320]:
        server.site.touch(run, server.now)  # somebody adds a note to each: four pages of news

    def more() -> None:
        for _ in range(3):
            new = server.run(dag, MINUTE * 10 + timedelta(seconds=len(server.site.runs)))
            for instance in new.tasks:
                server.site.touch(new, server.now, instance)
            server.site.touch(new, server.now)

    for skip in (0, 1, 2):
        server.trouble("/dagRuns", kind="change", change=more, skip=skip)
    assert server.sync().error is None
    server.sync()
    server.assert_same()
