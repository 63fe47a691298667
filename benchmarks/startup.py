"""How quickly the command line and the app are there."""

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from benchmarks.measure import Measurement, python, ratio

LATE = ("polars", "httpx", "numpy", "sqlite_utils", "simpy", "plotext", "starlette", "statsmodels", "prophet")


def run() -> Iterator[Measurement]:
    """`collabtui --version` against the import of Textual, and what it imports."""
    program = shutil.which("collabtui", path=str(Path(sys.executable).parent)) or "collabtui"
    times, ours_s, theirs_s = ratio([program, "--version"], python("import textual.app"))
    yield Measurement(
        "startup: collabtui --version / import textual.app", times, 1.5, "x", f"{ours_s:.3f} s / {theirs_s:.3f} s"
    )
    yield Measurement("startup: costly libraries imported by --version", len(imported_early()), 0, "modules")


def imported_early() -> list[str]:
    """The libraries of `LATE` that `collabtui --version` has imported when it ends."""
    import subprocess

    code = (
        "import sys\n"
        "sys.argv = ['collabtui', '--version']\n"
        "from collabtui.cli import main\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        f"print(*(m for m in {LATE!r} if m in sys.modules))"
    )
    done = subprocess.run(python(code), check=True, capture_output=True, text=True)
    return done.stdout.splitlines()[-1].split()
