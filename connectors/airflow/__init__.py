"""Pipelines, runs, task runs, pools and datasets of one Airflow 2 or 3."""

from connectors.airflow.connector import AirflowConnector, AirflowOptions

__all__ = ["AirflowConnector", "AirflowOptions"]
