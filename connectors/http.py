"""The one HTTP client: retries, a limit on what runs at once, time-outs, and answers decoded into typed structs."""

import asyncio
import random
import re
import ssl
import time
from collections.abc import AsyncGenerator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar

import httpx
import msgspec

from connectors.base import SourceError

T = TypeVar("T")
Params = Mapping[str, str | int | float | bool | list[str]]

TRIES = 7
RETRIED = frozenset({408, 429, 500, 502, 503, 504})
LONGEST_WAIT_S = 300.0
"""A server that asks for more patience than this is an error: the next sync goes on where this one was."""
TIMEOUT = httpx.Timeout(60.0, connect=10.0)


class HttpError(SourceError):
    """The server answered with an error; `status` is the HTTP status."""

    def __init__(self, text: str, status: int) -> None:
        super().__init__(text)
        self.status = status


def retry_after_s(headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds that a Retry-After header asks for (a number or an HTTP date), None where it says nothing usable."""
    value = headers.get("retry-after", "").strip()
    if re.fullmatch(r"\d+(\.\d+)?", value):
        return float(value)
    try:
        asked = parsedate_to_datetime(value)
    except ValueError:
        return None
    if asked.tzinfo is None:
        asked = asked.replace(tzinfo=UTC)
    return max(0.0, (asked - now).total_seconds())


def backoff_s(attempt: int, rng: random.Random) -> float:
    """Exponential backoff with full jitter, attempt counting from 0: up to 0.5, 1, 2, … 30 seconds.

    Source: M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.
    """
    return rng.uniform(0.05, min(30.0, 0.5 * 2**attempt))


class HttpClient:
    """Requests to one source.

    `source` names it in errors. `base_url` may hold a path (a context such as /jira). `auth` is asked for every
    request and never sent to another host. `limit` requests are under way at once at most. `ca_file` is a PEM file
    of an own certificate authority; certificates are always verified.
    """

    def __init__(
        self,
        source: str,
        base_url: str,
        *,
        auth: httpx.Auth | None = None,
        ca_file: str | None = None,
        limit: int = 8,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        url = httpx.URL(base_url)
        if url.scheme not in {"http", "https"} or not url.host:
            raise SourceError(f"{source}: url {base_url!r} is no http or https address")
        if url.userinfo:
            raise SourceError(f"{source}: the url holds a user or password; give them as secrets, see docs/connect.md")
        self.source = source
        self.base_url = base_url.rstrip("/")
        self.requests = 0
        """How many requests went out, logins and repeated ones included."""
        self.server_time: datetime | None = None
        """The server's clock by the Date header of its last answer; ours where it sends none."""
        self._rng = random.Random()  # noqa: S311 - jitter
        self._places = asyncio.Semaphore(limit)
        self._not_before = 0.0
        verify: ssl.SSLContext | bool = True
        if ca_file is not None:
            try:
                verify = ssl.create_default_context(cafile=ca_file)
            except (OSError, ssl.SSLError) as e:
                raise SourceError(f"{source}: ca_file {ca_file!r} could not be read: {e}") from e
        self._client = httpx.AsyncClient(
            auth=auth,
            http2=True,
            timeout=TIMEOUT,
            limits=httpx.Limits(max_connections=limit, max_keepalive_connections=limit),
            headers={"User-Agent": "collabtui", "Accept": "application/json"},
            transport=transport,
            verify=verify,
            event_hooks={"request": [self._count], "response": [self._read_clock]},
        )

    async def _count(self, _request: httpx.Request) -> None:
        self.requests += 1

    async def _read_clock(self, response: httpx.Response) -> None:
        try:
            self.server_time = parsedate_to_datetime(response.headers["date"])
        except (KeyError, ValueError):
            self.server_time = datetime.now(UTC)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def get(self, path: str, into: type[T], params: Params | None = None) -> T:
        """GET `path` (below the base URL) and decode the JSON answer into `into`.

        Raises `HttpError` for an error status and `SourceError` for no answer or an answer of another shape.
        """
        return self.decode(await self.send("GET", path, params=params), into)

    async def stream(
        self, path: str, *, params: Params | None = None, headers: Mapping[str, str] | None = None
    ) -> AsyncGenerator[bytes, None]:
        """GET `path` and hand over the body as it comes, however long. Raises like `get`.

        Only the asking is repeated where it fails: what broke off later is an error.
        """
        response = await self.send("GET", path, params=params, headers=headers, streamed=True)
        try:
            async for chunk in response.aiter_bytes():
                yield chunk
        except httpx.TransportError as e:
            raise SourceError(f"{self.source}: GET {response.url.path} broke off: {e or type(e).__name__}") from e
        finally:
            await response.aclose()

    async def post(self, path: str, into: type[T], json: object) -> T:
        """POST `json` to a reading endpoint (it may be sent again) and decode the answer into `into`."""
        return self.decode(await self.send("POST", path, json=json), into)

    def decode(self, response: httpx.Response, into: type[T]) -> T:
        """The JSON body as `into`; raises `SourceError` that names source, endpoint and field."""
        endpoint = f"{response.request.method} {response.request.url.path}"
        try:
            return msgspec.json.decode(response.content, type=into)
        except (msgspec.DecodeError, UnicodeDecodeError) as e:
            kind = response.headers.get("content-type", "an unknown type").partition(";")[0]
            hint = f" ({kind} came instead of JSON; is the url right, or a login page in between?)"
            shown = hint if "json" not in kind else ""
            raise SourceError(f"{self.source}: {endpoint}: {e}{shown}") from e
        except RecursionError as e:
            raise SourceError(f"{self.source}: {endpoint}: the answer is nested too deep to be read") from e

    async def send(
        self,
        method: str,
        path: str,
        *,
        params: Params | None = None,
        json: object = None,
        form: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        bare: bool = False,
        streamed: bool = False,
    ) -> httpx.Response:
        """One request, repeated where the server or the connection fails; the whole body has been read.

        Raises like `get`. A redirect is followed only to the same host. `bare` is for logging in: without the
        login, outside the limit (whoever waits for it holds a place), a redirect is the answer. `streamed`: the body
        of a good answer is left to be read, and the answer to be closed.
        """
        body = None if json is None else msgspec.json.encode(json)
        request = self._client.build_request(
            method,
            self.base_url + path,
            params=dict(params or {}) or None,
            content=body,
            data=form,
            headers={**({"Content-Type": "application/json"} if body is not None else {}), **(headers or {})},
        )
        for attempt in range(TRIES):
            last = attempt == TRIES - 1
            try:
                if bare:
                    response = await self._client.send(request, auth=None)
                else:
                    async with self._places:
                        await asyncio.sleep(max(0.0, self._not_before - time.monotonic()))
                        response = await self._exchange(request)
                if response.status_code >= 400 or not streamed:
                    await response.aread()
            except httpx.TransportError as e:
                if last or isinstance(e, httpx.UnsupportedProtocol):
                    raise SourceError(f"{self.source}: {_unreachable(e, request.url)}") from e
                await asyncio.sleep(backoff_s(attempt, self._rng))
                continue
            if response.status_code < 400:
                return response
            if response.status_code not in RETRIED or last:
                raise self._error(response)
            asked = retry_after_s(response.headers, datetime.now(UTC))
            if asked is not None and asked > LONGEST_WAIT_S:
                raise self._error(response, f" (asks to wait {asked:.0f} s; sync again then)")
            wait = backoff_s(attempt, self._rng) if asked is None else asked + self._rng.uniform(0, 0.25)
            if response.status_code == 429:  # the others wait too, or they would spend the next permits
                self._not_before = max(self._not_before, time.monotonic() + wait)
            await asyncio.sleep(wait)
        raise AssertionError("unreachable")

    async def _exchange(self, request: httpx.Request) -> httpx.Response:
        response = await self._client.send(request, stream=True)
        for _ in range(5):
            if response.next_request is None:
                return response
            target = response.next_request
            if target.method != request.method or not _same_server(request.url, target.url):
                break
            await response.aread()
            response = await self._client.send(target, stream=True)
        await response.aclose()
        where = response.next_request.url.copy_with(query=None) if response.next_request else request.url
        raise HttpError(
            f"{self.source}: {request.method} {request.url.path}: redirected to {where}; "
            "put the right url into collabtui.toml, or log in without single sign-on",
            response.status_code,
        )

    def _error(self, response: httpx.Response, more: str = "") -> HttpError:
        request = response.request
        said = error_text(response)
        status = f"{response.status_code} {response.reason_phrase}".strip()
        return HttpError(
            f"{self.source}: {request.method} {request.url.path}: {status}{': ' + said if said else ''}{more}",
            response.status_code,
        )


def _same_server(asked: httpx.URL, target: httpx.URL) -> bool:
    """Whether a login may go along: the same origin, or the same host's move from http to https."""
    if (asked.scheme, asked.host, asked.port) == (target.scheme, target.host, target.port):
        return True
    upgraded = (asked.scheme, target.scheme, asked.port, target.port) == ("http", "https", None, None)
    return upgraded and asked.host == target.host


def error_text(response: httpx.Response) -> str:
    """What an error answer says, in a line of 300 characters at most (Airflow's, Jira's, or a web page's text)."""
    body = response.text[:20_000]
    try:
        data: Any = msgspec.json.decode(response.content)
    except (msgspec.DecodeError, UnicodeDecodeError):
        text = re.sub(r"(?is)<(script|style).*?</\1>|<[^>]*>", " ", body)
    else:
        text = _said(data)
    return " ".join(text.split())[:300]


def _said(data: Any) -> str:
    if isinstance(data, dict):
        parts = [
            data.get(k) for k in ("detail", "error", "message", "errorMessages", "errors", "title", "reason", "msg")
        ]
        return "; ".join(filter(None, (_said(p) for p in parts if p)))
    if isinstance(data, list):
        return "; ".join(filter(None, map(_said, data)))
    return str(data)


def _unreachable(error: httpx.TransportError, url: httpx.URL) -> str:
    where = f"{url.scheme}://{url.netloc.decode()}"
    if "CERTIFICATE_VERIFY_FAILED" in str(error):
        return f"{where}: the certificate could not be verified ({error}); set ca_file to your authority's PEM file"
    if isinstance(error, httpx.TimeoutException):
        return f"{where} did not answer in time ({type(error).__name__}); is it up, and reachable from here?"
    return f"{where} could not be reached: {error or type(error).__name__}; is the url right, and the network there?"
