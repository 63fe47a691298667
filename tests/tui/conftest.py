"""The other end of the reader is a thread unless a test asks for the process: two seconds a test, all else equal."""

import threading
from multiprocessing.connection import Connection
from socket import socket

import pytest

from collabtui.faces.tui.asking import answering, reading


def _in_a_thread(theirs: socket) -> None:
    threading.Thread(target=answering.main, args=[Connection(theirs.detach())], daemon=True).start()


@pytest.fixture(autouse=True)
def reader_end(request, monkeypatch) -> None:
    """Tests marked `own_process` have the process that people have."""
    if request.node.get_closest_marker("own_process") is None:
        monkeypatch.setattr(reading, "begin", _in_a_thread)
