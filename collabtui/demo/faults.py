"""Trouble on purpose: an ASGI middleware that makes a server fail as real ones do."""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Literal

import httpx
from starlette.types import ASGIApp, Receive, Scope, Send

HTML = b"<html><head><title>Error</title></head><body><h1>Something went wrong</h1></body></html>"


@dataclass
class Fault:
    """What happens to requests whose path holds `path`: after `skip` of them to the next `times`.

    `kind`: a status to answer with (`html`: as a web page, `retry_after`: with that header), "cut" for a connection
    that breaks, "slow" for an answer that takes `seconds`, "change" for a call of `change` before the answer.
    """

    path: str
    kind: Literal["status", "cut", "slow", "change"] = "status"
    status: int = 500
    times: int = 1
    skip: int = 0
    html: bool = False
    retry_after: str | None = None
    seconds: float = 0.0
    change: Callable[[], None] | None = None


@dataclass
class Faults:
    """The faults of one server, and the requests that it has had (method and path)."""

    faults: list[Fault] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def add(self, faults: Iterable[Fault]) -> None:
        """More trouble."""
        self.faults += faults

    def due(self, path: str) -> Fault | None:
        """The fault that strikes this request, counted down."""
        for fault in self.faults:
            if fault.path in path and fault.times > 0:
                if fault.skip > 0:
                    fault.skip -= 1
                    continue
                fault.times -= 1
                return fault
        return None

    def wrap(self, app: ASGIApp) -> ASGIApp:
        """The app with these faults in front of it."""

        async def guarded(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] != "http":
                await app(scope, receive, send)
                return
            self.requests.append(f"{scope['method']} {scope['path']}")
            fault = self.due(scope["path"])
            if fault is None:
                await app(scope, receive, send)
            elif fault.kind == "cut":
                raise httpx.ReadError("the connection was cut")
            elif fault.kind == "status":
                await _answer(send, fault)
            else:
                await asyncio.sleep(fault.seconds)
                if fault.change is not None:
                    fault.change()
                await app(scope, receive, send)

        return guarded


async def _answer(send: Send, fault: Fault) -> None:
    kind = b"text/html; charset=utf-8" if fault.html else b"application/json"
    headers = [(b"content-type", kind)]
    if fault.retry_after is not None:
        headers.append((b"retry-after", fault.retry_after.encode()))
    await send({"type": "http.response.start", "status": fault.status, "headers": headers})
    await send({"type": "http.response.body", "body": HTML if fault.html else b'{"errorMessages":["out of order"]}'})
