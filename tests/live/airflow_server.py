"""Real Airflow servers on 127.0.0.1: installed from pins and seeded once (in .cache/airflow), started for the tests.

Airflow 2.11 runs on Python 3.11, Airflow 3.3 on 3.12, from PATH or pyenv. Tasks really run unless `scheduler` is off.
"""

import base64
import contextlib
import hashlib
import json
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.live.airflow_history import seed

HERE = Path(__file__).with_name("airflow")
CACHE = Path(__file__).parents[2] / ".cache" / "airflow"
PYTHON = {2: "3.11", 3: "3.12"}
HEALTH = {2: "/health", 3: "/api/v2/monitor/health"}
API = {2: "/api/v1", 3: "/api/v2"}
USER = PASSWORD = "admin"
SECRET = "no-secret-only-for-local-test-servers-0123456789abcdefghijklmnopqrstuv"
START_TIMEOUT_S = 180


class MissingError(Exception):
    """What a server needs is not on this machine; the text says what."""


def find_python(version: str) -> str:
    """An interpreter of this minor version. Raises `MissingError`."""
    root = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    for found in (shutil.which(f"python{version}"), *sorted(root.glob(f"versions/{version}.*/bin/python"))):
        if found and subprocess.run([found, "-c", ""], capture_output=True).returncode == 0:
            return str(found)
    raise MissingError(f"Python {version} is neither on PATH nor in pyenv")


def environment(version: int) -> Path:
    """The virtual environment of this Airflow, made from its pins where it is missing. Raises `MissingError`."""
    pins = HERE / "pins" / f"airflow{version}.txt"
    venv = CACHE / f"venv{version}-{hashlib.sha256(pins.read_bytes()).hexdigest()[:8]}"
    if not (venv / ".ready").exists():
        python = find_python(PYTHON[version])
        subprocess.run([python, "-m", "venv", "--clear", venv], check=True)
        install = [venv / "bin/python", "-m", "pip", "install", "-q", "--no-deps", "-r", pins]
        done = subprocess.run(install, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if done.returncode:
            raise MissingError(f"{pins.name} could not be installed:\n{done.stdout[-2000:]}")
        (venv / ".ready").touch()
    return venv


class AirflowServer:
    """One server with its own home: `runs` runs of `dags` paused DAGs, with task runs unless not `tasks`."""

    def __init__(self, version: int, *, runs: int, dags: int = 40, tasks: bool = True, scheduler: bool = True) -> None:
        self.version = version
        self.runs, self.dags, self.tasks, self.scheduler = runs, dags, tasks, scheduler
        self.venv = environment(version)
        made_of = [*sorted((HERE / "dags").glob("*.py")), Path(__file__).with_name("airflow_history.py")]
        self._made_of = hashlib.sha256(b"".join(path.read_bytes() for path in made_of)).hexdigest()
        self.home = CACHE / f"home{version}-{runs}x{dags}"
        self.database = self.home / "airflow.db"
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            self.port = s.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self._token = ""

    def __enter__(self) -> "AirflowServer":
        try:
            self._prepare()
            self._start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    # --- running it ---

    def _env(self) -> dict[str, str]:
        conf: dict[str, object] = {
            "core.dags_folder": self.home / "dags", "core.load_examples": False, "core.fernet_key": "",
            "core.dags_are_paused_at_creation": False, "core.parallelism": 4, "core.default_timezone": "utc",
            "database.sql_alchemy_conn": f"sqlite:///{self.database}", "scheduler.min_file_process_interval": 30,
            "scheduler.enable_health_check": False, "usage_data_collection.enabled": False,
        }  # fmt: skip
        if self.version == 2:
            auth = "airflow.providers.fab.auth_manager"
            conf |= {
                "core.executor": "SequentialExecutor", "webserver.secret_key": SECRET, "webserver.workers": 2,
                "webserver.base_url": self.url, "core.auth_manager": f"{auth}.fab_auth_manager.FabAuthManager",
                "api.auth_backends": f"{auth}.api.auth.backend.basic_auth,airflow.api.auth.backend.session",
            }  # fmt: skip
        else:
            conf |= {
                "core.executor": "LocalExecutor", "core.simple_auth_manager_users": f"{USER}:admin",
                "core.simple_auth_manager_passwords_file": self.home / "passwords.json",
                "core.execution_api_server_url": f"{self.url}/execution/", "api.base_url": self.url,
                "api.host": "127.0.0.1", "api.port": self.port, "api.workers": 2, "api.secret_key": SECRET,
                "api_auth.jwt_secret": SECRET, "dag_processor.min_file_process_interval": 30,
            }  # fmt: skip
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("AIRFLOW", "PYTHON", "VIRTUAL_ENV"))}
        named = {f"AIRFLOW__{key.upper().replace('.', '__')}": str(value) for key, value in conf.items()}
        path = f"{self.venv / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}"
        local = {"NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}
        return {**kept, **named, **local, "PATH": path, "AIRFLOW_HOME": str(self.home), "LIVE_FLEET": str(self.dags)}

    def _airflow(self, *words: str, may_fail: bool = False) -> None:
        done = subprocess.run(
            ["airflow", *words], env=self._env(), cwd=self.home, text=True, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, executable=self.venv / "bin/airflow",
        )  # fmt: skip
        if done.returncode and not may_fail:
            raise RuntimeError(f"airflow {' '.join(words)} failed:\n{done.stdout[-3000:]}")

    def _prepare(self) -> None:
        ready = self.home / ".ready"
        if ready.exists() and ready.read_text() == self._made_of:
            return
        shutil.rmtree(self.home, ignore_errors=True)
        shutil.copytree(HERE / "dags", self.home / "dags", ignore=shutil.ignore_patterns("__pycache__"))
        (self.home / "passwords.json").write_text(json.dumps({USER: PASSWORD}))
        self._airflow("db", "migrate")
        if self.version == 2:
            who = ("-f", "Ada", "-l", "Obi", "-e", "ada@example.com")
            self._airflow("users", "create", "-u", USER, "-p", PASSWORD, "-r", "Admin", *who)
        self._airflow("dags", "reserialize", may_fail=True)  # it complains of the broken one
        seed(self.database, self.version, runs=self.runs, dags=self.dags, tasks=self.tasks)
        ready.write_text(self._made_of)

    def _start(self) -> None:
        if self.version == 2:
            wanted = {"webserver": ["webserver", "-H", "127.0.0.1", "-p", str(self.port)]}
        else:
            wanted = {"api-server": ["api-server", "-H", "127.0.0.1", "-p", str(self.port)]}
        if self.scheduler:
            wanted |= {"scheduler": ["scheduler"]} | ({"dag-processor": ["dag-processor"]} if self.version == 3 else {})
        for name, words in wanted.items():
            for stale in self.home.glob(f"airflow-{name}*.pid"):
                stale.unlink()
            with (self.home / f"{name}.log").open("wb") as log:
                self._processes[name] = subprocess.Popen(
                    ["airflow", *words], env=self._env(), cwd=self.home, stdout=log, stderr=log,
                    stdin=subprocess.DEVNULL, start_new_session=True, executable=self.venv / "bin/airflow",
                )  # fmt: skip
        deadline = time.monotonic() + START_TIMEOUT_S
        while not self._answers():
            died = [name for name, process in self._processes.items() if process.poll() is not None]
            if died or time.monotonic() > deadline:
                name = (died or list(self._processes))[0]
                raise RuntimeError(f"{name} did not start:\n{(self.home / f'{name}.log').read_text()[-3000:]}")
            time.sleep(0.2)

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(self.url + HEALTH[self.version], timeout=5) as response:
                return response.status == 200
        except OSError:
            return False

    def stop(self) -> None:
        """End all its processes."""
        for sent, wait_s in ((signal.SIGTERM, 15), (signal.SIGKILL, 5)):
            for process in self._processes.values():
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, sent)  # each leads a group of its own
            for process in self._processes.values():
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(wait_s)
        self._processes = {}

    # --- using it ---

    @property
    def options(self) -> dict[str, object]:
        """The options of a source that reads it; the password is in the environment variable LIVE_AIRFLOW."""
        return {"url": self.url, "username": USER, "password": {"env": "LIVE_AIRFLOW"}}

    def call(self, method: str, path: str, body: Mapping[str, object] | None = None) -> Any:
        """One request to its API as admin."""
        if self.version == 2:
            login = "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        else:
            credentials = {"username": USER, "password": PASSWORD}
            self._token = self._token or self._ask("POST", "/auth/token", credentials, {})["access_token"]
            login = f"Bearer {self._token}"
        return self._ask(method, API[self.version] + path, body, {"Authorization": login})

    def _ask(self, method: str, path: str, body: Mapping[str, object] | None, headers: Mapping[str, str]) -> Any:
        data = None if body is None else json.dumps(body).encode()
        sent = {**headers, "Content-Type": "application/json"}
        request = urllib.request.Request(self.url + path, data, sent, method=method)
        with urllib.request.urlopen(request, timeout=60) as response:
            return json.loads(response.read() or b"{}")

    def run(self, dag_ids: Sequence[str], *, timeout_s: float = 180) -> None:
        """Trigger these DAGs now and wait until every run of a DAG that is not paused has ended."""
        for dag_id in dag_ids:
            self.call("POST", f"/dags/{dag_id}/dagRuns", {} if self.version == 2 else {"logical_date": None})
        deadline = time.monotonic() + timeout_s
        is_open = (
            "SELECT count(*) FROM dag_run JOIN dag USING (dag_id) "
            "WHERE state IN ('queued', 'running') AND NOT is_paused"
        )
        while self.rows(is_open) != [(0,)]:
            if time.monotonic() > deadline:
                raise TimeoutError(f"{dag_ids} did not end within {timeout_s} s")
            time.sleep(0.5)

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """What its database answers."""
        with contextlib.closing(sqlite3.connect(f"file:{self.database}?mode=ro", uri=True, timeout=30)) as db:
            return db.execute(sql).fetchall()
