"""The command line as people use it, as a process of its own."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from collabtui.demo.demo import SECRETS

PROGRAM = str(Path(sys.executable).with_name("collabtui"))


@pytest.fixture
def home(tmp_path) -> dict[str, str]:
    """An environment with a home of its own."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("XDG_", "COLLABTUI", "AIRFLOW", "JIRA"))}
    return {**kept, "HOME": str(tmp_path), "COLUMNS": "100"}


def run(home, *words: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run([PROGRAM, *words], env=home, input=stdin, capture_output=True, text=True, timeout=60)


@pytest.fixture
def config(home, tmp_path) -> Path:
    """A config with one source: a small repository."""
    repository = tmp_path / "repo"
    git = ["git", "-C", str(repository), "-c", "user.name=Ada", "-c", "user.email=ada@example.com"]
    subprocess.run(["git", "init", "-q", str(repository)], check=True)
    for n in range(3):
        (repository / "file").write_text(str(n))
        subprocess.run([*git, "add", "."], check=True)
        subprocess.run([*git, "commit", "-qm", f"DATA-{n + 1}: change {n}"], check=True)
    path = tmp_path / "team.toml"
    path.write_text(f'warehouse = "w.db"\n[sources.repo]\nkind = "git"\npath = "{repository}"\n')
    return path


def test_version_and_help(home):
    assert run(home, "--version").stdout.startswith("collabtui ")
    told = run(home, "--help").stdout
    for command in ("init", "doctor", "sync", "show", "standup", "demo"):
        assert command in told


def test_without_a_config_it_says_how_to_get_one(home):
    done = run(home, "doctor")
    assert done.returncode == 1
    assert "collabtui init" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_config_in_the_current_folder_is_never_picked_up(home, tmp_path):
    """A repository that one cloned must not be able to run a command."""
    trap = tmp_path / "cloned"
    trap.mkdir()
    evil = 'kind = "airflow"\nurl = "http://127.0.0.1:1"\ntoken = { command = ["touch", "evil"] }\n'
    (trap / "collabtui.toml").write_text(f"[sources.x]\n{evil}")
    done = subprocess.run([PROGRAM, "sync"], env=home, cwd=trap, capture_output=True, text=True)
    assert done.returncode == 1
    assert not (trap / "evil").exists()


def test_sync_then_show(home, config):
    done = run(home, "sync", "--config", str(config))
    assert done.returncode == 0, done.stderr
    assert "repo" in done.stderr
    shown = json.loads(run(home, "show", "sources", "--json", "--config", str(config)).stdout)
    assert [(row["source"], row["state"]) for row in shown] == [("repo", "fresh")]
    assert run(home, "-c", str(config), "show", "sources").stdout.splitlines()[1].startswith("repo")


def test_doctor_says_what_works_and_what_does_not(home, config):
    done = run(home, "doctor", "--config", str(config))
    assert done.returncode == 0
    assert f"config\n  ✔ {config}\nwarehouse\n  ✔ {config.parent / 'w.db'}" in done.stdout
    config.write_text(config.read_text().replace('repo"\n', 'nowhere"\n'))
    broken = run(home, "doctor", "--config", str(config))
    assert broken.returncode == 1
    assert "✖" in broken.stdout
    assert "Traceback" not in broken.stdout + broken.stderr


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["show", "everything"], "there is no answer 'everything'"),
        (["show", "runs", "--json", "--csv"], "one or the other"),
        (["sync", "--every", "often"], "--every: 'often' is no length of time"),
        (["sync", "--every", "0s"], "--every: '0s' leaves no time between two syncs"),
        (["--log", "/nowhere/log", "doctor"], "--log /nowhere/log cannot be written: No such file or directory"),
        (["standup", "--since", "monday"], "--since: 'monday' is neither a length of time"),
    ],
)
def test_wrong_words_are_told_in_a_line(home, config, words, told):
    done = run(home, "--config", str(config), *words)
    assert done.returncode == 1
    assert told in done.stderr
    assert "Traceback" not in done.stderr


def test_init_asks_tests_and_writes(home, config, tmp_path):
    new = tmp_path / "made" / "collabtui.toml"
    answers = ["n", "n", "y", "repo", str(tmp_path / "repo"), "n"]
    done = run(home, "init", "--config", str(new), stdin="\n".join(answers) + "\n")
    assert done.returncode == 0, done.stdout + done.stderr
    assert 'kind = "git"' in new.read_text()
    assert new.stat().st_mode & 0o077 == 0
    new.write_text(new.read_text().replace("# timezone", "timezone", 1).replace("# stale_after", "stale_after"))
    assert run(home, "sync", "--config", str(new)).returncode == 0


@pytest.mark.parametrize(("form", "printed"), [("--json", "[]\n"), ("--csv", "source,"), ("--markdown", "| state ")])
def test_an_empty_answer_says_why_beside_what_programs_read(home, config, form, printed):
    config.write_text(config.read_text() + '[sources.air]\nkind = "airflow"\nurl = "http://127.0.0.1:1"\n')
    done = run(home, "-c", str(config), "show", "runs", form)
    assert (done.returncode, done.stdout[: len(printed)]) == (0, printed)
    assert "air was never synced." in done.stderr
    assert "`collabtui sync`" in done.stderr
    assert run(home, "-c", str(config), "sync").returncode == 1
    failed = run(home, "-c", str(config), "show", "runs", form)
    assert failed.stdout == done.stdout
    assert "air could not be read: [sources.air] an Airflow source takes username" in failed.stderr
    assert "`collabtui doctor`" in failed.stderr
    tickets = run(home, "-c", str(config), "show", "tickets", form)
    assert "no Jira is configured" in tickets.stderr
    unknown = run(home, "-c", str(config), "show", "related", "mart", form)
    assert "air could not be read" in unknown.stderr
    assert "nothing is called 'mart'" in unknown.stderr


def test_sync_without_a_source_says_what_to_do(home, config):
    config.write_text('warehouse = "w.db"\n')
    done = run(home, "-c", str(config), "sync")
    assert done.returncode == 1
    assert "no source is configured" in done.stderr
    assert "`collabtui init`" in done.stderr


def test_init_says_what_is_wrong_with_the_file_that_is_there(home, config):
    config.write_text("warehouse = w.db\n")
    done = run(home, "init", "--config", str(config))
    assert done.returncode == 1
    assert "is no valid TOML: Invalid value (at line 1" in done.stderr


def test_sync_every_keeps_going_until_it_is_stopped(home, config):
    command = [PROGRAM, "sync", "--every", "1s", "--config", str(config)]
    with subprocess.Popen(command, env=home, stderr=subprocess.PIPE, text=True) as process:
        lines = []
        for line in process.stderr:
            lines.append(line)
            if sum("next sync" in known for known in lines) == 2:
                process.send_signal(signal.SIGINT)
                break
        process.wait(20)
    assert process.returncode == 130


def test_show_of_the_demo_needs_nothing(home):
    began = time.monotonic()
    done = run(home, "show", "pipelines", "--demo", "--json")
    assert done.returncode == 0, done.stderr
    assert len(json.loads(done.stdout)) == 41
    assert time.monotonic() - began < 55
    assert not any(value in done.stdout + done.stderr for value in SECRETS.values() if len(value) > 4)


def test_completion_is_there_for_the_usual_shells(home):
    for shell in ("bash", "zsh", "fish"):
        shown = run({**home, "_COLLABTUI_COMPLETE": f"source_{shell}"})
        assert "_COLLABTUI_COMPLETE" in shown.stdout
