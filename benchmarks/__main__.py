"""Run the benchmarks: all, or those named on the command line. Ends with 1 where one falls short."""

import importlib
import sys
from pathlib import Path

from benchmarks.measure import Measurement, write_results

NAMES = (
    "startup", "answers", "git", "sync", "forecasts", "landings", "calendar", "deliveries", "epics", "anomalies",
    "screen",
)  # fmt: skip
RESULTS = Path(__file__).with_name("results.json")


def main() -> int:
    """Print a line for each measurement as it comes; all of it also goes to results.json."""
    names = sys.argv[1:] or list(NAMES)
    if unknown := sorted(set(names) - set(NAMES)):
        print(f"no benchmark is called {', '.join(unknown)}; there are {', '.join(NAMES)}", file=sys.stderr)
        return 2
    results: list[Measurement] = []
    for name in names:
        for measurement in importlib.import_module(f"benchmarks.{name}").run():
            results.append(measurement)
            print(measurement.line(), flush=True)
    write_results(results, RESULTS)
    short = [r.name for r in results if not r.ok]
    limited = [r for r in results if r.limit is not None]
    print(f"{len(limited) - len(short)} ok, {len(short)} short; figures in {RESULTS.relative_to(Path.cwd())}")
    return 1 if short else 0


if __name__ == "__main__":
    sys.exit(main())
