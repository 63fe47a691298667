"""The HTTP client: what it repeats, what it refuses, and what its errors say."""

import asyncio
import random
from datetime import UTC, datetime, timedelta

import httpx
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors import http
from connectors.base import SourceError
from connectors.http import HttpClient, HttpError, backoff_s, retry_after_s

NOW = datetime(2026, 11, 21, 7, 30, tzinfo=UTC)


class Row(msgspec.Struct):
    dag_id: str


class Page(msgspec.Struct):
    dags: list[Row]


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch):
    monkeypatch.setattr(http, "backoff_s", lambda attempt, rng: 0.0)


def client(answer, **more) -> HttpClient:
    return HttpClient("prod", "https://airflow.example/ctx/", transport=httpx.MockTransport(answer), **more)


def in_turn(*answers):
    """A server that gives these answers one after another; an exception is a broken connection."""
    rest = list(answers)

    def answer(request):
        told = rest.pop(0)
        if isinstance(told, Exception):
            raise told
        return told

    return answer


GOOD = httpx.Response(200, json={"dags": [{"dag_id": "a"}]})


@pytest.mark.parametrize(
    "trouble",
    [
        httpx.Response(429),
        httpx.Response(500, html="<html>oops</html>"),
        httpx.Response(503, headers={"Retry-After": "0"}),
        httpx.ConnectError("refused"),
        httpx.ReadError("cut"),
        httpx.RemoteProtocolError("peer closed"),
        httpx.ReadTimeout("slow"),
    ],
    ids=str,
)
async def test_trouble_that_passes_is_waited_for(trouble):
    page = await client(in_turn(trouble, GOOD)).get("/dags", Page)
    assert page.dags[0].dag_id == "a"


async def test_trouble_that_stays_ends_with_what_the_server_said():
    with pytest.raises(HttpError, match=r"prod: GET /ctx/dags: 500 Internal Server Error: db is down") as caught:
        await client(lambda _: httpx.Response(500, json={"detail": "db is down"})).get("/dags", Page)
    assert caught.value.status == 500


async def test_an_error_of_ours_is_not_repeated():
    asked = []

    def answer(request):
        asked.append(request)
        return httpx.Response(404, json={"errorMessages": ["No project X"], "errors": {}})

    with pytest.raises(HttpError, match="404 Not Found: No project X"):
        await client(answer).get("/search", Page)
    assert len(asked) == 1


async def test_retry_after_is_honoured_by_every_request_under_way(monkeypatch):
    waits = []
    sleep = asyncio.sleep
    monkeypatch.setattr(http.asyncio, "sleep", lambda s: waits.append(s) or sleep(0))
    await client(in_turn(httpx.Response(429, headers={"Retry-After": "7"}), GOOD)).get("/dags", Page)
    assert 7 <= max(waits) <= 7.5


async def test_a_server_that_asks_for_an_hour_is_an_error_at_once():
    answer = httpx.Response(429, headers={"Retry-After": "3600"})
    with pytest.raises(HttpError, match=r"429 .*asks to wait 3600 s; sync again then"):
        await client(lambda _: answer).get("/dags", Page)


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({"dags": [{"dag_id": 7}]}, r"prod: GET /ctx/dags: Expected `str`, got `int` - at `\$.dags\[0\].dag_id`"),
        ({"dags": [{}]}, r"missing required field `dag_id` - at `\$.dags\[0\]`"),
    ],
)
async def test_an_answer_of_another_shape_names_source_endpoint_and_field(body, says):
    with pytest.raises(SourceError, match=says):
        await client(lambda _: httpx.Response(200, json=body)).get("/dags", Page)


async def test_an_answer_that_is_nested_beyond_reading_is_an_error_in_a_line():
    body = b'{"dags": [], "more": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"
    with pytest.raises(SourceError, match=r"prod: GET /ctx/dags: .*deep"):
        await client(in_turn(httpx.Response(200, content=body))).get("/dags", Page)


async def test_a_web_page_instead_of_json_is_said_to_be_one():
    with pytest.raises(SourceError, match=r"text/html came instead of JSON; is the url right, or a login page"):
        await client(lambda _: httpx.Response(200, html="<h1>Sign in</h1>")).get("/dags", Page)


class Token(httpx.Auth):
    def auth_flow(self, request):
        request.headers["Authorization"] = "Bearer s3cret"
        yield request


async def test_a_redirect_never_carries_the_token_to_another_host():
    asked = []

    def answer(request):
        asked.append(request)
        return httpx.Response(302, headers={"Location": "https://evil.example/dags?x=1"})

    with pytest.raises(SourceError, match=r"redirected to https://evil\.example/dags;") as caught:
        await client(answer, auth=Token()).get("/dags", Page)
    assert [r.url.host for r in asked] == ["airflow.example"]
    assert "s3cret" not in str(caught.value)


async def test_a_redirect_on_the_same_host_is_followed():
    moved = httpx.Response(307, headers={"Location": "/ctx/dags/"})
    page = await client(in_turn(moved, GOOD), auth=Token()).get("/dags", Page)
    assert page.dags


async def test_no_more_requests_at_once_than_allowed():
    now = most = 0

    async def answer(request):
        nonlocal now, most
        now += 1
        most = max(most, now)
        await asyncio.sleep(0.001)
        now -= 1
        return GOOD

    ours = client(answer, limit=3)
    await asyncio.gather(*(ours.get("/dags", Page) for _ in range(20)))
    assert most == 3
    assert ours.requests == 20


@pytest.mark.parametrize("url", ["airflow.example", "ftp://airflow.example", "https://me:pw@airflow.example", ""])
def test_a_url_that_cannot_be_used_is_refused_without_showing_a_password(url):
    with pytest.raises(SourceError) as caught:
        HttpClient("prod", url)
    assert "pw" not in str(caught.value)


def test_a_missing_ca_file_is_named():
    with pytest.raises(SourceError, match=r"ca_file '/nowhere/ca.pem' could not be read"):
        HttpClient("prod", "https://airflow.example", ca_file="/nowhere/ca.pem")


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("0", 0), ("12", 12), ("1.5", 1.5),
     ("Sat, 21 Nov 2026 07:31:00 GMT", 60), ("Sat, 21 Nov 2026 07:00:00 GMT", 0),
     ("", None), ("soon", None), ("-3", None)],
)  # fmt: skip
def test_retry_after(value, seconds):
    assert retry_after_s({"retry-after": value}, NOW) == seconds


@given(st.text())
def test_retry_after_is_never_a_surprise(value):
    seconds = retry_after_s({"retry-after": value}, NOW)
    assert seconds is None or seconds >= 0


@given(st.integers(0, 50), st.integers())
def test_backoff_grows_to_a_ceiling(attempt, seed):
    assert 0 < backoff_s(attempt, random.Random(seed)) <= min(30.0, 0.5 * 2**attempt)


def test_now_is_only_needed_for_dates():
    assert retry_after_s({"retry-after": "5"}, NOW + timedelta(days=1)) == 5
