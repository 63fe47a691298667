"""Logging in: a token (Airflow 3, or any provider's), basic auth or one web session (Airflow 2)."""

import asyncio
import re
from collections.abc import AsyncGenerator

import httpx
import msgspec

from connectors.base import SourceError
from connectors.http import HttpClient, HttpError
from connectors.secrets import Secret

SESSION_AFTER = 20
"""So many requests a web session is worth its two: Airflow 2 hashes the password anew for every basic login."""


class AccessToken(msgspec.Struct):
    """What POST /auth/token answers."""

    access_token: str


class Login(httpx.Auth):
    """Puts the login on every request; what the server refuses is renewed once.

    `version` is the server's major version; 0 until it is known, and then only a token is sent. `expects_many`:
    whether so many requests are to come that a web session is worth its two. `http` is the client that this login
    belongs to.
    """

    http: HttpClient

    def __init__(self, *, username: str | None, password: Secret | None, token: Secret | None) -> None:
        self.version = 0
        self.expects_many = False
        self._username = username or ""
        self._password = password
        self._token = token
        self._lock = asyncio.Lock()
        self._header = ""
        self._session: httpx.Cookies | None = None
        self._session_refused = False
        self._sent = 0
        self._renewals = 0

    async def async_auth_flow(self, request: httpx.Request) -> AsyncGenerator[httpx.Request, httpx.Response]:
        """The request with the login on it, and once more with a new one where the first was refused."""
        if not self.version and self._token is None:
            yield request
            return
        async with self._lock:
            self._sent += 1
            if not self._header:
                self._header = await self._obtain()
            if self._wants_session():
                await self._open_session()
        renewals = self._renewals
        self._dress(request)
        response = yield request
        if await self._is_refused(response):
            async with self._lock:
                if renewals == self._renewals:  # nobody else has renewed it meanwhile
                    await self._renew()
            self._dress(request)
            yield request

    def _dress(self, request: httpx.Request) -> None:
        for name in ("Cookie", "Authorization"):
            request.headers.pop(name, None)
        if self._session is not None:
            self._session.set_cookie_header(request)
        else:
            request.headers["Authorization"] = self._header

    async def _is_refused(self, response: httpx.Response) -> bool:
        if response.status_code not in {401, 403}:
            return False
        await response.aread()
        # Airflow 2 answers 403 to a session that ended, Airflow 3 ("Invalid JWT token", "Token Expired") to a token
        return response.status_code == 401 or self._session is not None or "token" in response.text.lower()

    async def _renew(self) -> None:
        self._renewals += 1
        if self._session is not None:
            self._session, self._session_refused = None, True
        else:
            self._header = await self._obtain()

    async def _obtain(self) -> str:
        if self._token is not None:
            return f"Bearer {await self._token.read()}"
        assert self._password is not None  # noqa: S101 - held by the options
        password = await self._password.read()
        if self.version >= 3:
            return f"Bearer {await self._fetch_token(password)}"
        basic = next(httpx.BasicAuth(self._username, password).auth_flow(httpx.Request("GET", self.http.base_url)))
        return basic.headers["Authorization"]

    async def _fetch_token(self, password: str) -> str:
        body = {"username": self._username, "password": password}
        try:
            answer = await self.http.send("POST", "/auth/token", json=body, bare=True)
        except HttpError as e:
            if e.status in {401, 403}:
                raise HttpError(f"{e}; check username and password", e.status) from e
            raise
        try:
            return self.http.decode(answer, AccessToken).access_token
        except SourceError as e:
            raise SourceError(f"{e}; where it has another login, give a token, see docs/connect.md") from e

    def _wants_session(self) -> bool:
        is_possible = self.version == 2 and self._token is None and not self._session_refused
        return is_possible and self._session is None and (self.expects_many or self._sent > SESSION_AFTER)

    async def is_right(self) -> bool | None:
        """Whether Airflow 2 takes this login at its web page, which its API does not say; None: it cannot be known."""
        if self.version != 2 or self._password is None:
            return None
        async with self._lock:
            try:
                self._session = await self._logged_in()
            except HttpError:
                return None
        return self._session is not None

    async def _open_session(self) -> None:
        try:
            self._session = await self._logged_in()
        except HttpError:
            self._session = None
        self._session_refused = self._session is None  # then basic auth goes on

    async def _logged_in(self) -> httpx.Cookies | None:
        """The cookies of a web login, done as a browser does it; None where it is refused."""
        assert self._password is not None  # noqa: S101 - held by the options
        cookies = httpx.Cookies()
        page = await self.http.send("GET", "/login/", bare=True)
        cookies.extract_cookies(page)
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.text)
        form = {"username": self._username, "password": await self._password.read()}
        form |= {"csrf_token": token.group(1)} if token else {}
        shown = httpx.Request("POST", f"{self.http.base_url}/login/")
        cookies.set_cookie_header(shown)
        headers = {"Cookie": shown.headers.get("Cookie", ""), "Referer": str(shown.url)}
        answer = await self.http.send("POST", "/login/", form=form, headers=headers, bare=True)
        cookies.extract_cookies(answer)
        return cookies if answer.is_redirect and "login" not in answer.headers.get("location", "") else None
