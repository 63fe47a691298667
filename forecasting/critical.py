"""The critical path of one run: the chain of tasks that its landing waited for, and the slack of all others.

It is walked backwards: from the task that ended last to the one of those it waited for that ended last, and so on. Each
link holds the run up from the end of the one before to its own end, so the links add up to the whole. Slack is what a
task could have taken longer with the run landing no later. Source: Kelley and Walker, "Critical-path planning and
scheduling", Eastern Joint Computer Conference (1959).
"""

from collections.abc import Mapping
from dataclasses import dataclass

from forecasting.taskgraph import Graph

Times = Mapping[str, tuple[float, float]]
"""By task, when it started and ended, in seconds since the run began."""
TOLERANCE_S = 1.0
"""A task may be noted to start so much before those that it waited for are noted to have ended."""


@dataclass(frozen=True)
class Critical:
    """held_s: the tasks of the critical path, first to last, and the seconds each held the run up, waiting included.
    slack_s: of every task with times.
    """

    held_s: Mapping[str, float]
    slack_s: Mapping[str, float]


@dataclass(frozen=True)
class Typical:
    """What is usual of a task: how long it waits once those before it have ended, and how long it takes, seconds."""

    wait_s: float
    length_s: float


def critical(graph: Graph, times: Times) -> Critical:
    """The critical path of a run with these times; a task without times (skipped, say) is looked through.

    A task that started before another one it follows had ended did not wait for that one (trigger rules allow it).
    """
    ready, waited_for = _ready(graph, times)
    return Critical(_held(times, waited_for), _slack(graph, times, ready))


def projected(graph: Graph, times: Times, open_: Mapping[str, Typical], now_s: float) -> Times:
    """`times` with those of the tasks that are still to come, each as long as it typically takes, none before now."""
    known = dict(times)
    reached = [0.0] * len(graph.names)
    for n, (name, before) in enumerate(zip(graph.names, graph.upstream, strict=True)):
        ready = max((reached[b] for b in before), default=0.0)
        if name not in known and (typical := open_.get(name)) is not None:
            start = max(ready + typical.wait_s, now_s)
            known[name] = start, start + typical.length_s
        reached[n] = known[name][1] if name in known else ready
    return known


def levels(graph: Graph) -> Mapping[str, int]:
    """How many tasks must end one after the other before each may start, at most."""
    found: list[int] = []
    for before in graph.upstream:
        found.append(max((found[b] + 1 for b in before), default=0))
    return dict(zip(graph.names, found, strict=True))


def _ready(graph: Graph, times: Times) -> tuple[Mapping[str, float], Mapping[str, str | None]]:
    """When each task could start, and which task it waited for (None: for none)."""
    last: list[tuple[float, str | None]] = []  # of each place: when it was passed, and the task that this hung on
    ready, waited_for = {}, {}
    for name, before in zip(graph.names, graph.upstream, strict=True):
        if name not in times:
            last.append(max((last[b] for b in before), key=lambda one: one[0], default=(0.0, None)))
            continue
        start, end = times[name]
        ended = [last[b] for b in before if last[b][0] <= start + TOLERANCE_S]
        ready[name], waited_for[name] = max(ended, key=lambda one: one[0], default=(0.0, None))
        last.append((end, name))
    return ready, waited_for


def _held(times: Times, waited_for: Mapping[str, str | None]) -> Mapping[str, float]:
    path: list[str] = []
    at = max((name for name in waited_for), key=lambda name: times[name][1], default=None)
    while at is not None:
        path.append(at)
        at = waited_for[at]
    held, since = {}, 0.0
    for name in reversed(path):
        held[name] = times[name][1] - since
        since = times[name][1]
    return held


def _slack(graph: Graph, times: Times, ready: Mapping[str, float]) -> Mapping[str, float]:
    landed = max((times[name][1] for name in ready), default=0.0)
    latest = [landed] * len(graph.names)  # when each place may be passed at the latest
    slack = {}
    for n in range(len(graph.names) - 1, -1, -1):
        name, must_begin = graph.names[n], latest[n]
        if name in times:
            start, end = times[name]
            slack[name] = max(0.0, latest[n] - end)
            must_begin = latest[n] - (end - min(start, ready[name]))
        for b in graph.upstream[n]:
            if name not in times or _passed(graph, times, b) <= times[name][0] + TOLERANCE_S:
                latest[b] = min(latest[b], must_begin)
    return slack


def _passed(graph: Graph, times: Times, place: int) -> float:
    return times.get(graph.names[place], (0.0, 0.0))[1]
