"""Secrets by reference: where they come from, and that errors never show them."""

import asyncio
import sys

import keyring
import msgspec
import pytest
from keyring.backend import KeyringBackend

from connectors.base import SourceError
from connectors.secrets import Secret


def parse(data: dict) -> Secret:
    return msgspec.convert(data, Secret)


async def test_from_the_environment(monkeypatch):
    monkeypatch.setenv("JIRA_TOKEN", "abc")
    assert await parse({"env": "JIRA_TOKEN"}).read() == "abc"


async def test_from_a_command_without_a_shell():
    secret = parse({"command": [sys.executable, "-c", "import sys; print(sys.argv[1])", "$(id); `id`"]})
    assert await secret.read() == "$(id); `id`"


async def test_from_the_keyring(monkeypatch):
    class Memory(KeyringBackend):
        priority = 1

        def get_password(self, service, username):
            return {("jira", "ada"): "pw"}.get((service, username))

        def set_password(self, service, username, password):
            raise NotImplementedError

    monkeypatch.setattr(keyring.core, "_keyring_backend", Memory())
    assert await parse({"keyring": "jira/ada"}).read() == "pw"
    with pytest.raises(SourceError, match="keyring entry jira/bo gives no secret"):
        await parse({"keyring": "jira/bo"}).read()


async def test_what_is_missing_is_named(monkeypatch):
    monkeypatch.delenv("NOT_SET", raising=False)
    with pytest.raises(SourceError, match="environment variable NOT_SET gives no secret; set it"):
        await parse({"env": "NOT_SET"}).read()


async def test_a_failing_command_shows_its_name_but_not_what_it_printed():
    secret = parse({"command": [sys.executable, "-c", "print('hunter2'); raise SystemExit(3)"]})
    with pytest.raises(SourceError, match="ended with 3") as caught:
        await secret.read()
    assert "hunter2" not in str(caught.value)


async def test_a_command_that_is_not_there():
    with pytest.raises(SourceError, match="'no-such-program' could not be run: No such file"):
        await parse({"command": ["no-such-program"]}).read()


@pytest.mark.parametrize(
    "data",
    [{}, {"env": "A", "keyring": "s/u"}, {"keyring": "no-slash"}, {"command": []}, {"value": "plain"}, {"env": 3}],
)
def test_anything_but_one_reference_is_refused(data):
    with pytest.raises(msgspec.ValidationError):
        parse(data)


async def test_a_command_that_hangs_with_its_children_is_given_up(monkeypatch):
    monkeypatch.setattr("connectors.secrets.COMMAND_TIMEOUT_S", 0.3)
    secret = Secret(command=["sh", "-c", "sleep 60 & sleep 60"])
    async with asyncio.timeout(5):
        with pytest.raises(SourceError, match="gave nothing within"):
            await secret.read()
