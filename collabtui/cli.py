"""The command line: a command a function, thin.

Everything but typer is imported inside the commands: `collabtui --version` and completion stay quick.
"""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from collabtui.config import Settings
    from collabtui.faces.tui.standup.meeting import Meeting
    from collabtui.workspace import Workspace

app = typer.Typer(
    name="collabtui",
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

ConfigOption = Annotated[
    Path | None,
    typer.Option("--config", "-c", help="Read this config instead of the one in your config folder.", dir_okay=False),
]


RoleOption = Annotated[
    str | None, typer.Option(help="Whose tab to show first: engineers, analysts, leads or scientists.")
]


def _print_version(wanted: bool) -> None:
    if wanted:
        from collabtui.version import __version__

        typer.echo(f"collabtui {__version__}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def start(
    context: typer.Context,
    config: ConfigOption = None,
    role: RoleOption = None,
    log: Annotated[Path | None, typer.Option(help="Write what happens to this file.", dir_okay=False)] = None,
    _version: Annotated[
        bool, typer.Option("--version", help="Show the version.", callback=_print_version, is_eager=True)
    ] = False,
) -> None:
    """Airflow, Jira and Git in one terminal: what is late, what lands when, and how sure that is.

    Without a command the app starts. `collabtui demo` needs no account and no network.
    """
    if log is not None:
        _log_to(log)
    context.obj = config
    if context.invoked_subcommand is None:
        from collabtui.workspace import Workspace

        _run_app(Workspace(_settings(context)), role=role)


def _log_to(path: Path) -> None:
    import logging

    from collabtui.config import ConfigError

    try:
        logging.basicConfig(filename=path, level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    except OSError as e:
        raise ConfigError(f"--log {path} cannot be written: {e.strerror}") from e


@app.command()
def init(
    context: typer.Context,
    config: Annotated[
        Path | None, typer.Option("--config", "-c", help="Write this file instead.", dir_okay=False)
    ] = None,
) -> None:
    """Connect Airflow, Jira and Git, and write the config.

    Each is asked for and tested. The config is collabtui.toml in your config folder; what stands in it already is kept.
    """
    from collabtui.setup import interview

    interview(_config_path(context, config))


@app.command()
def doctor(context: typer.Context, config: ConfigOption = None) -> None:
    """Say what works, and what to do about what does not."""
    import asyncio

    from collabtui.doctor import examine
    from collabtui.faces.report.health import diagnosis_lines

    path = _config_path(context, config)
    settings = _settings(context, config)

    async def run() -> bool:
        healthy = True
        async for diagnosis in examine(settings, path):
            for line in diagnosis_lines(diagnosis):
                typer.echo(line)
            healthy &= diagnosis.ok
        return healthy

    if not asyncio.run(run()):
        raise typer.Exit(1)


@app.command()
def sync(
    context: typer.Context,
    every: Annotated[str | None, typer.Option(help='Keep going: sync again after so long, such as "5m".')] = None,
    config: ConfigOption = None,
) -> None:
    """Pull what is new into the warehouse. Stopped at any moment, it goes on there the next time."""
    from collabtui.config import ConfigError, duration
    from collabtui.faces.report.progress import run_with_bars
    from collabtui.workspace import Workspace

    try:
        pause_s = duration(every).total_seconds() if every else None
    except ValueError as e:
        raise ConfigError(f"--every: {e}") from e
    if pause_s == 0:
        raise ConfigError(f"--every: {every!r} leaves no time between two syncs; 5m is usual")
    settings = _settings(context, config)
    if not settings.sources:
        raise ConfigError("no source is configured, so there is nothing to sync; `collabtui init` connects one")
    if not run_with_bars(Workspace(settings), pause_s):
        raise typer.Exit(1)


@app.command()
def show(
    context: typer.Context,
    answer: Annotated[str, typer.Argument(help="What to show; without it, what there is to show.")] = "",
    about: Annotated[str, typer.Argument(help="Of what, where that must be named.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="As JSON, times in UTC.")] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="As CSV, times in UTC.")] = False,
    as_markdown: Annotated[bool, typer.Option("--markdown", help="As a Markdown table.")] = False,
    demo: Annotated[bool, typer.Option("--demo", help="Of the demo's team instead of yours.")] = False,
    config: ConfigOption = None,
) -> None:
    """Print a table of the app. Without a name: which there are."""
    import asyncio
    import shutil

    from collabtui.answers import ANSWERS
    from collabtui.config import ConfigError
    from collabtui.faces.nothing import reasons, troubles
    from collabtui.faces.report import render
    from collabtui.warehouse import Warehouse
    from collabtui.workspace import Workspace

    if answer not in ANSWERS:
        known = "\n".join(f"  {name:<15} {question.help}" for name, question in ANSWERS.items())
        if not answer:
            typer.echo(known)
            return
        raise ConfigError(f"there is no answer {answer!r}; there are:\n{known}")
    question = ANSWERS[answer]
    if bool(about) != bool(question.about):
        wanted = f"about one {question.about}: collabtui show {answer} NAME"
        raise ConfigError(f"{answer} is {wanted if question.about else f'not about one thing; leave {about!r} out'}")
    formats = [name for name, chosen in (("json", as_json), ("csv", as_csv), ("markdown", as_markdown)) if chosen]
    if len(formats) > 1:
        raise ConfigError("--json, --csv and --markdown are one or the other")
    workspace = _demo_workspace() if demo else Workspace(_settings(context, config))
    if demo and not workspace.settings.warehouse.exists():
        asyncio.run(workspace.refresh())
    warehouse = Warehouse(workspace.settings.warehouse)
    more = {"about": about} if about else {}
    known = ANSWERS["sources"].ask(warehouse, workspace.settings, workspace.clock()).sources.to_dicts()
    try:
        table = question.frame(question.ask(warehouse, workspace.settings, workspace.clock(), **more))
    except ConfigError:  # what is asked about may be there once it is synced
        _tell(troubles(question.kinds, known))
        raise
    form = formats[0] if formats else "table"
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    zone = workspace.settings.timezone
    typer.echo(render(table, form=form, zone=zone, columns=question.columns, width=width), nl=False)
    if table.is_empty():
        _tell(reasons(question.kinds, known))


def _tell(sentences: "Sequence[str]") -> None:
    """Beside what programs read."""
    for sentence in sentences:
        typer.echo(sentence, err=True)


@app.command()
def standup(
    context: typer.Context,
    minutes: Annotated[int, typer.Option(help="How long the meeting is.", min=1)] = 15,
    every: Annotated[int, typer.Option(help="Turn the page after so many seconds.", min=5, max=600)] = 30,
    no_names: Annotated[bool, typer.Option("--no-names", help="Do not show who has what; n shows it.")] = False,
    since: Annotated[
        str | None, typer.Option(help='What changed since then, such as "2d" or "2026-03-09 09:15".')
    ] = None,
    demo: Annotated[bool, typer.Option("--demo", help="Of the demo's team instead of yours.")] = False,
    config: ConfigOption = None,
) -> None:
    """The stand-up, for a shared screen.

    What changed since the last one, the risks of the week, each team.
    `collabtui show standup --markdown` prints it as notes.
    """
    from collabtui.faces.tui.standup.meeting import Meeting
    from collabtui.workspace import Workspace

    workspace = _demo_workspace() if demo else Workspace(_settings(context, config))
    since_at = _since(since, workspace) if since else None
    meeting = Meeting(minutes, every, has_names=False if no_names else None, since=since_at)
    _run_app(workspace, meeting=meeting)


def _since(text: str, workspace: "Workspace") -> "datetime":
    from collabtui.answers.standup.since import since_of
    from collabtui.config import ConfigError

    try:
        return since_of(text, workspace.settings, workspace.clock())
    except ValueError as e:
        raise ConfigError(f"--since: {e}") from e


@app.command()
def demo(
    speed: Annotated[float, typer.Option(help="How many times faster than the wall its clock runs.", min=0.1)] = 20.0,
    fresh: Annotated[bool, typer.Option("--fresh", help="Begin the demo anew.")] = False,
    role: RoleOption = None,
) -> None:
    """The app on a simulated data team: no account, no network."""
    _run_app(_demo_workspace(speed, fresh=fresh), title=f"demo · {speed:g}×", role=role)


def _demo_workspace(speed: float = 20.0, *, fresh: bool = False) -> "Workspace":
    import shutil

    from collabtui.config import data_folder
    from collabtui.demo.demo import Demo
    from collabtui.workspace import Workspace

    folder = data_folder() / "demo"
    if fresh:
        shutil.rmtree(folder, ignore_errors=True)
    simulated = Demo(folder, speed=speed)
    return Workspace(
        simulated.settings, clock=simulated.clock, transports=simulated.transports, before_sync=simulated.advance
    )


def _config_path(context: typer.Context, config: Path | None) -> Path:
    from collabtui.config import config_path

    named: Path | None = config or context.obj
    return named or config_path()


def _settings(context: typer.Context, config: Path | None = None) -> "Settings":
    from collabtui.config import load

    return load(_config_path(context, config))


def _run_app(
    workspace: "Workspace", title: str = "", role: str | None = None, meeting: "Meeting | None" = None
) -> None:
    from collabtui.config import ConfigError
    from collabtui.faces.tui.app import ROLES, CollabTui

    settings = workspace.settings
    if role is not None and role not in (names := [known.name for known in ROLES]):
        raise ConfigError(f"--role {role}: there are {', '.join(names)}")
    CollabTui(
        settings.warehouse, settings, clock=workspace.clock, sync=workspace.refresh_aside, title=title, role=role,
        memory=settings.warehouse.with_suffix(".views.json"), meeting=meeting,
        read_log=workspace.log_aside, read_code=workspace.code_aside, read_ticket=workspace.ticket_aside,
    ).run()  # fmt: skip


def main() -> None:
    """Run the command line; what the user can mend is told in a line, without a traceback."""
    try:
        app(standalone_mode=True)
    except KeyboardInterrupt:
        sys.stderr.write("stopped; the next time goes on from here\n")
        sys.exit(130)
    except Exception as e:
        if os.environ.get("COLLABTUI_DEBUG"):
            raise
        sys.stderr.write(_told(e))
        sys.exit(1)


def _told(error: Exception) -> str:
    from collabtui.config import ConfigError
    from collabtui.faces.plain import plain
    from collabtui.warehouse import WarehouseError
    from connectors.base import SourceError

    if isinstance(error, ConfigError | WarehouseError | SourceError):
        return f"collabtui: {error}\n"
    what = plain(f"{type(error).__name__}: {error}")
    return f"collabtui: something went wrong that should not ({what}); COLLABTUI_DEBUG=1 shows where\n"
