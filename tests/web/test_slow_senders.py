"""The real web server, and senders who stop half-way: telephones that lose their network do."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from support.ports import free_port
from support.sealed import Sealed, Site, serve

SENDERS = 200  # more than any server has threads
HEAD = (
    b"POST /verify HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    b"Content-Length: 1000\r\n\r\ntext="
)


@pytest.fixture(scope="module")
def site(sealed: Sealed) -> Iterator[Site]:
    yield from serve(sealed.country, free_port())


def test_senders_who_stop_half_way_hold_up_nobody(site: Site, sealed: Sealed) -> None:
    with ExitStack() as open_ones:
        for _ in range(SENDERS):
            port = site.client.base_url.port
            sender = open_ones.enter_context(socket.create_connection(("127.0.0.1", port)))
            sender.sendall(HEAD)
        assert "Genuine" in site.verify(sealed.alone.link).text
