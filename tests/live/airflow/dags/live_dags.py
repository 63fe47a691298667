"""DAGs that load unchanged on Airflow 2 and 3: a paused fleet that carries the seeded history, and some that run."""

import os
from datetime import UTC, datetime, timedelta

try:
    from airflow.sdk import DAG, Asset, task
except ImportError:  # Airflow 2
    from airflow import DAG
    from airflow.datasets import Dataset as Asset
    from airflow.decorators import task

START = datetime(2024, 1, 1, tzinfo=UTC)
TASKS = ("extract", "validate", "transform", "enrich", "load", "publish")


def arguments(**more):
    return {"owner": "data-eng", "retries": 0, "retry_delay": timedelta(seconds=1), **more}


def fleet(number):
    paused = {"is_paused_upon_creation": True, "start_date": START, "catchup": False}
    with DAG(f"fleet_{number:03}", schedule="0 * * * *", tags=["fleet"], default_args=arguments(), **paused) as dag:
        before = None
        for name in TASKS:

            @task(task_id=name)
            def body():
                print("done")

            now = body()
            if before is not None:
                before >> now
            before = now
    return dag


for _number in range(int(os.environ.get("LIVE_FLEET", "40"))):
    globals()[f"fleet_{_number:03}"] = fleet(_number)

ORDERS = Asset("s3://warehouse/orders.parquet")

with DAG("retried", schedule=None, start_date=START, catchup=False, default_args=arguments(retries=2)):

    @task
    def pull(ti=None):
        if ti.try_number < 2:
            raise RuntimeError("HTTP 503 Service Unavailable from partner api")

    @task
    def store():
        print("stored")

    pull() >> store()

with DAG("mapped", schedule=None, start_date=START, catchup=False, tags=["ml"], default_args=arguments()):

    @task
    def partitions():
        return ["eu", "us", "apac"]

    @task
    def train(partition):
        if partition == "us":
            raise ValueError("no data for us")

    @task
    def evaluate():
        print("best: eu")

    train.expand(partition=partitions()) >> evaluate()

with DAG("produces", schedule=None, start_date=START, catchup=False, default_args=arguments()):

    @task(outlets=[ORDERS])
    def write_orders():
        print("wrote")

    write_orders()

with DAG("consumes", schedule=[ORDERS], start_date=START, catchup=False, default_args=arguments()):

    @task
    def report():
        print("built")

    report()
