"""Logging in to Jira: e-mail and token, name and password, or a bearer token."""

from collections.abc import AsyncGenerator

import httpx

from connectors.secrets import Secret


class Login(httpx.Auth):
    """Puts the login on every request. The secret is read once, when first needed; without `user` it is a token."""

    def __init__(self, user: str | None, secret: Secret) -> None:
        self._user = user
        self._secret = secret
        self._header = ""

    async def async_auth_flow(self, request: httpx.Request) -> AsyncGenerator[httpx.Request, httpx.Response]:
        """The request with the login on it."""
        if not self._header:
            value = await self._secret.read()
            if self._user is None:
                self._header = f"Bearer {value}"
            else:
                basic = next(httpx.BasicAuth(self._user, value).auth_flow(httpx.Request("GET", request.url)))
                self._header = basic.headers["Authorization"]
        request.headers["Authorization"] = self._header
        yield request
