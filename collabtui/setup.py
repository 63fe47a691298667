"""`collabtui init`: asks for each source, tests it, and writes collabtui.toml."""

import asyncio
import os
import shlex
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import tomlkit
import typer

from collabtui.config import ConfigError, Source, load
from collabtui.doctor import check_source
from collabtui.faces.report.health import diagnosis_lines

Options = dict[str, Any]

HEADER = """\
# collabtui's config. Secrets never stand here: { env = "NAME" }, { keyring = "service/user" } or
# { command = ["op", "read", "op://…"] } say where each is to be had. `collabtui doctor` checks it all.

# timezone = "Europe/Berlin"     # in which times are shown; yours by default
# me = "Ada Obi"                 # who looks, by name or e-mail: assignee:me in a filter
# sync_every = "5m"              # how often the app looks for news
# stale_after = "15m"            # older facts are marked as stale

"""
"""What a new file begins with: keys of no table stand above the first one."""

EXAMPLES = """
# [[deadlines]]                  # pipeline, dataset or tag; by, after_interval or after_start
# dataset = "s3://warehouse/*"
# by = "07:30"
# timezone = "Europe/Berlin"
# days = "weekdays"
#
# [teams.platform]               # without teams, every Jira project is one
# projects = ["PLAT"]
# owners = ["data-eng"]          # of pipelines
#
# [[teams.platform.absences]]    # of the whole team, or of `who`
# from = 2026-12-24
# to = 2027-01-01
"""


def interview(path: Path) -> None:
    """Ask, test and write; what stands in the file already is kept. Raises `ConfigError`."""
    document = tomlkit.parse(HEADER)
    if path.exists():
        load(path)  # an unusable file is named before anybody answers questions
        document = tomlkit.parse(path.read_text(encoding="utf-8"))
        typer.echo(f"{path} is there; new sources are added to it.")
    sources = document.setdefault("sources", tomlkit.table(is_super_table=True))
    added = 0
    for kind, (title, ask) in KINDS.items():
        while typer.confirm(f"Connect {title}?" if not added else f"Connect {title} too?", default=not added):
            name = _name(kind, set(sources))
            options = ask(name)
            if _works(Source(name=name, kind=kind, options=options)) or typer.confirm("Keep it anyway?", default=False):
                sources[name] = _table({"kind": kind, **options})
                added += 1
                break
    if not added:
        typer.echo("Nothing to write. `collabtui demo` shows the app without any of them.")
        return
    text = tomlkit.dumps(document)
    write_safely(path, text if "[[deadlines]]" in text else text + EXAMPLES)
    typer.echo(f"Wrote {path}. `collabtui` starts the app; the first sync brings the newest facts first.")


def write_safely(path: Path, text: str) -> None:
    """Write a file that only its owner reads, whole or not at all. Raises `ConfigError`."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, written = tempfile.mkstemp(dir=path.parent, prefix=path.name)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        Path(written).replace(path)
    except OSError as e:
        raise ConfigError(f"{path} could not be written: {e.strerror}; name another place with --config") from e


def _works(source: Source) -> bool:
    typer.echo(f"testing {source.name} …")
    diagnosis = asyncio.run(check_source(source))
    for line in diagnosis_lines(diagnosis):
        typer.echo(line)
    return diagnosis.ok


def _name(kind: str, taken: set[str]) -> str:
    free = next(n for n in (kind, *(f"{kind}-{i}" for i in range(2, 1000))) if n not in taken)
    while True:
        name: str = typer.prompt("  a name for it", default=free)
        if name.replace("-", "").replace("_", "").isalnum() and name not in taken:
            return name
        typer.echo("  letters, digits, - and _, and not one that is taken")


def _airflow(name: str) -> Options:
    url: str = typer.prompt("  its address, such as https://airflow.example.com")
    typer.echo("  Log in by password (1), or with a token (2: Astronomer, Cloud Composer, MWAA, or one you made)?")
    if typer.prompt("  1 or 2", default="1") == "1":
        username: str = typer.prompt("  user name")
        return {"url": url, "username": username, "password": _secret("password", name, username)}
    return {"url": url, "token": _secret("token", name, "token")}


def _jira(name: str) -> Options:
    url: str = typer.prompt("  its address, such as https://your-team.atlassian.net")
    email: str = typer.prompt("  your e-mail address there (empty for Data Center)", default="", show_default=False)
    login = {"email": email} if email else {}
    options: Options = {"url": url, **login, "token": _secret("API token", name, email or "token")}
    projects: str = typer.prompt("  project keys to read, with commas between (empty for all)", default="")
    keys = [key.strip().upper() for key in projects.split(",") if key.strip()]
    return {**options, "projects": keys} if keys else options


def _git(name: str) -> Options:
    return {"path": str(Path(typer.prompt("  the folder of the clone or bare repository")).expanduser().resolve())}


def _secret(what: str, name: str, user: str) -> Options:
    """A reference to the secret; the secret itself is only ever put into the keyring."""
    typer.echo(f"  Where is the {what}? In an environment variable (1), the system keyring (2), or from a command (3)?")
    where: str = typer.prompt("  1, 2 or 3", default="1")
    if where == "2":
        import keyring
        from keyring.errors import KeyringError

        entry = f"collabtui-{name}"
        try:
            keyring.set_password(entry, user, typer.prompt(f"  {what} (not shown)", hide_input=True))
        except KeyringError as e:
            typer.echo(f"  this system's keyring cannot be used ({type(e).__name__}); choose another place")
            return _secret(what, name, user)
        return {"keyring": f"{entry}/{user}"}
    if where == "3":
        return {"command": shlex.split(typer.prompt("  the command, such as: op read op://Work/Airflow/password"))}
    return {"env": typer.prompt("  its name", default=f"{name.upper().replace('-', '_')}_{what.split()[-1].upper()}")}


def _table(options: Options) -> Any:
    table = tomlkit.table()
    for key, value in options.items():
        if isinstance(value, dict):
            inline = tomlkit.inline_table()
            inline.update(value)
            table[key] = inline
        else:
            table[key] = value
    return table


KINDS: dict[str, tuple[str, Callable[[str], Options]]] = {
    "airflow": ("Airflow", _airflow),
    "jira": ("Jira", _jira),
    "git": ("a Git repository", _git),
}
