"""Fetching over the network: who is asked, where the way leads, and how much and how long we listen."""

import socket
import threading
import time
from pathlib import Path

import pytest

from govseal.adapters import http
from govseal.adapters.http import HttpPublished, HttpResponders
from govseal.core.errors import FetchFailed, NotPublished
from support.site import Answer, Redirected, reply, site, tls_contexts
from support.waiting import PATIENCE

HOST = "verify.example"
PUBLIC = "203.0.114.7"


def fetch(answer: Answer, *, max_bytes: int = 100, path: str = "d/0f", seconds: float = PATIENCE) -> bytes:
    """Fetch one object from a server of this machine."""
    with site(answer) as served:
        reader = HttpPublished([served.origin], seconds=seconds)
        return reader.get(served.origin, path, max_bytes=max_bytes)


# --- what is read -------------------------------------------------------------------------------------


def test_an_object_is_fetched_by_its_path_with_the_host_s_name() -> None:
    with site(reply(b"ciphertext")) as served:
        reader = HttpPublished([served.origin], seconds=PATIENCE)
        assert reader.get(served.origin, "d/0f/f/0", max_bytes=10) == b"ciphertext"
    head = served.requests[0].decode().splitlines()
    assert head[0] == "GET /d/0f/f/0 HTTP/1.1"
    assert f"Host: localhost:{served.port}" in head
    assert not [line for line in head if line.lower().startswith(("cookie", "referer", "authorization"))]


@pytest.mark.parametrize(
    ("path", "target"),
    [
        ("d/a?b", "/d/a%3Fb"),
        ("d/a#b", "/d/a%23b"),
        ("d/a b\r\nX: y", "/d/a%20b%0D%0AX%3A%20y"),
        ("d/ក", "/d/%E1%9E%80"),
        ("d/a%2fb", "/d/a%252fb"),
        ("d/\ud800", "/d/%3F"),
        ("d/a\\b", "/d/a%5Cb"),
        ("d/@evil.example", "/d/%40evil.example"),
    ],
)
def test_a_path_is_data_and_never_a_query_a_header_or_another_host(path: str, target: str) -> None:
    with site(reply(b"x")) as served:
        HttpPublished([served.origin], seconds=PATIENCE).get(served.origin, path, max_bytes=10)
    assert served.requests[0].startswith(f"GET {target} HTTP/1.1\r\n".encode())


@pytest.mark.parametrize("path", ["d/../x", "..", "d/./x", "/d/x", "d//x", ""])
def test_a_path_that_leads_up_is_never_asked_for(path: str) -> None:
    with site(reply(b"x")) as served, pytest.raises(FetchFailed):
        HttpPublished([served.origin], seconds=PATIENCE).get(served.origin, path, max_bytes=10)
    assert served.requests == []


@pytest.mark.parametrize("status", ["404 Not Found", "410 Gone"])
def test_a_host_that_has_none_says_not_published(status: str) -> None:
    with pytest.raises(NotPublished):
        fetch(reply(b"none", status))


@pytest.mark.parametrize(
    "status",
    ["500 Oops", "502 Bad Gateway", "503 Busy", "403 Forbidden", "401 Who", "204 Nothing", "206 Part"],
)
def test_any_other_answer_is_a_failure_and_never_not_published(status: str) -> None:
    with pytest.raises(FetchFailed):
        fetch(reply(b"", status))


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "307 Go", "308 Go"])
def test_a_redirect_is_refused(status: str) -> None:
    with site(reply(b"treasure")) as elsewhere:
        away = reply(b"", status, f"Location: {elsewhere.origin}/d/0f")
        with pytest.raises(FetchFailed):
            fetch(away)
    assert elsewhere.requests == []


# --- how much and how long ----------------------------------------------------------------------------


def test_an_object_is_read_to_the_bound_and_no_further() -> None:
    assert fetch(reply(b"x" * 100)) == b"x" * 100
    with pytest.raises(FetchFailed, match="more than 100 bytes"):
        fetch(reply(b"x" * 101))


def test_an_endless_object_is_left_at_the_bound() -> None:
    def endless(connection: socket.socket, _request: bytes) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while True:
            connection.sendall(b"1000\r\n" + b"x" * 4096 + b"\r\n")

    with pytest.raises(FetchFailed, match="more than 50,000 bytes"):
        fetch(endless, max_bytes=50_000)


def test_a_compressed_answer_is_taken_as_it_comes_and_never_inflated() -> None:
    assert (
        fetch(reply(b"\x1f\x8bnot inflated", "200 OK", "Content-Encoding: gzip")) == b"\x1f\x8bnot inflated"
    )


def test_an_object_cut_short_is_a_failure() -> None:
    def short(connection: socket.socket, _request: bytes) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")

    with pytest.raises(FetchFailed):
        fetch(short)


@pytest.mark.parametrize(
    "answer", [b"", b"\x16\x03\x01 not http", b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 50_000]
)
def test_an_answer_that_is_no_http_is_a_failure(answer: bytes) -> None:
    with pytest.raises(FetchFailed):
        fetch(lambda connection, _request: connection.sendall(answer))


@pytest.mark.parametrize("where", ["in the head", "in the body", "before a word"])
def test_a_slow_drip_is_left_when_the_time_is_over(where: str) -> None:
    """Each byte comes in time; all together never do: the drip ends when the reader has left."""

    def drip(connection: socket.socket, _request: bytes) -> None:
        if where == "in the body":
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        if where == "before a word":
            connection.recv(1)
        while True:
            connection.sendall(b"X" if where == "in the body" else b"H")
            time.sleep(0.05)

    with pytest.raises(FetchFailed):
        fetch(drip, max_bytes=100_000, seconds=0.4)


def test_a_look_up_without_end_is_left_when_the_time_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    left = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_names: left.wait(PATIENCE) and [])
    with pytest.raises(FetchFailed, match="in time"):
        HttpPublished([HOST], seconds=0.2).get(HOST, "d/0f", max_bytes=1)
    left.set()


@pytest.mark.parametrize("error", [OSError("no such name"), UnicodeError("label too long")])
def test_a_name_that_cannot_be_looked_up_is_a_failure(
    monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def fails(*_args: object, **_names: object) -> None:
        raise error

    monkeypatch.setattr(socket, "getaddrinfo", fails)
    with pytest.raises(FetchFailed, match="could not be looked up"):
        HttpPublished([HOST]).get(HOST, "d/0f", max_bytes=1)


def test_a_host_where_nobody_listens_is_a_failure() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(FetchFailed):
        HttpPublished([f"http://localhost:{port}"]).get(f"http://localhost:{port}", "d/0f", max_bytes=1)


# --- where the way leads ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "host",
    ["evil.example", "VERIFY.EXAMPLE", "verify.example:443", "verify.example.", "http://verify.example", ""],
)
def test_a_host_that_is_not_listed_is_not_even_looked_up(host: str) -> None:
    looked_up: list[str] = []

    def resolver(name: str, _port: int, _seconds: float) -> list[str]:
        looked_up.append(name)
        return [PUBLIC]

    with pytest.raises(FetchFailed, match="not on the list"):
        HttpPublished([HOST], resolver=resolver).get(host, "d/0f", max_bytes=1)
    assert looked_up == []


FORBIDDEN = [
    "127.0.0.1", "127.1.2.3", "0.0.0.0", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
    "224.0.0.1", "255.255.255.255", "192.0.2.1", "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "ff0e::1",
    "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "2002:7f00:1::", "2001:0:1::1",
    "not an address", "",
]  # fmt: skip


@pytest.mark.parametrize("address", FORBIDDEN)
def test_a_listed_name_that_leads_inside_is_refused_before_connecting(address: str) -> None:
    network = Redirected(0)
    for addresses in ([address], [PUBLIC, address]):
        reader = HttpPublished([HOST], resolver=lambda *_, found=addresses: found, network=network)
        with pytest.raises(FetchFailed, match="not public"):
            reader.get(HOST, "d/0f", max_bytes=1)
    assert network.dialled == []


@pytest.mark.parametrize("addresses", [[], [PUBLIC], ["127.0.0.1", PUBLIC], ["192.168.1.1"]])
def test_a_demonstration_s_host_is_on_this_machine_and_nowhere_else(addresses: list[str]) -> None:
    network = Redirected(0)
    origin = "http://localhost:8080"
    reader = HttpPublished([origin], resolver=lambda *_: addresses, network=network)
    with pytest.raises(FetchFailed, match="not public"):
        reader.get(origin, "d/0f", max_bytes=1)
    assert network.dialled == []


def test_a_name_is_looked_up_once_and_the_address_that_was_checked_is_the_one_connected_to(
    tmp_path: Path,
) -> None:
    """DNS rebinding: the second answer would be another one."""
    answers = iter([[PUBLIC], ["127.0.0.1"]])
    server, client = tls_contexts(HOST, tmp_path)
    with site(reply(b"ciphertext"), tls=server) as served:
        network = Redirected(served.port)
        reader = HttpPublished(
            [HOST], resolver=lambda *_: next(answers), network=network, tls=client, seconds=PATIENCE
        )
        assert reader.get(HOST, "d/0f", max_bytes=10) == b"ciphertext"
        assert network.dialled == [(PUBLIC, 443)]
        with pytest.raises(FetchFailed, match="not public"):
            reader.get(HOST, "d/0f", max_bytes=10)
    assert b"Host: verify.example\r\n" in served.requests[0]


def test_the_next_address_is_tried_when_nobody_lives_at_the_first(tmp_path: Path) -> None:
    server, client = tls_contexts(HOST, tmp_path)
    with site(reply(b"ciphertext"), tls=server) as served:
        network = Redirected(served.port)
        reader = HttpPublished(
            [HOST],
            resolver=lambda *_: ["203.0.114.255", "2606:4700::1111"],
            network=network,
            tls=client,
            seconds=PATIENCE,
        )
        assert reader.get(HOST, "d/0f", max_bytes=10) == b"ciphertext"
    assert network.dialled == [("203.0.114.255", 443), ("2606:4700::1111", 443)]


def test_a_certificate_of_another_name_is_refused_and_two_hosts_at_one_address_share_no_connection(
    tmp_path: Path,
) -> None:
    server, client = tls_contexts(HOST, tmp_path)
    with site(reply(b"ciphertext"), tls=server) as served:
        network = Redirected(served.port)
        reader = HttpPublished(
            [HOST, "other.example"],
            resolver=lambda *_: [PUBLIC],
            network=network,
            tls=client,
            seconds=PATIENCE,
        )
        assert reader.get(HOST, "d/0f", max_bytes=10) == b"ciphertext"
        with pytest.raises(FetchFailed, match="did not answer"):
            reader.get("other.example", "d/0f", max_bytes=10)
    assert len(served.requests) == 1


def test_a_certificate_of_nobody_we_believe_is_refused(tmp_path: Path) -> None:
    server, _ = tls_contexts(HOST, tmp_path)
    with site(reply(b"ciphertext"), tls=server) as served:
        reader = HttpPublished(
            [HOST], resolver=lambda *_: [PUBLIC], network=Redirected(served.port), seconds=PATIENCE
        )
        with pytest.raises(FetchFailed, match="did not answer"):
            reader.get(HOST, "d/0f", max_bytes=10)
    assert served.requests == []


def test_a_listed_host_that_speaks_no_tls_is_refused() -> None:
    with site(reply(b"plain")) as served:
        reader = HttpPublished(
            [HOST], resolver=lambda *_: [PUBLIC], network=Redirected(served.port), seconds=0.3
        )
        with pytest.raises(FetchFailed):
            reader.get(HOST, "d/0f", max_bytes=10)


def test_a_proxy_of_the_environment_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert fetch(reply(b"direct")) == b"direct"


# --- responders ---------------------------------------------------------------------------------------


def test_a_responder_is_asked_for_each_name_under_its_location_until_the_asker_has_enough() -> None:
    with site(reply(b"{}", "200 OK", "Connection: close")) as served:
        location = f"{served.origin}/v1"
        answers = HttpResponders([location], seconds=PATIENCE).answers(location, ["0xab", "0xcd", "0xef"])
        assert [next(answers), next(answers)] == [b"{}", b"{}"]
    assert [one.split(b" ")[1] for one in served.requests] == [b"/v1/0xab", b"/v1/0xcd"]


def test_a_responder_is_reached_by_tls_at_a_public_address(tmp_path: Path) -> None:
    server, client = tls_contexts(HOST, tmp_path)
    with site(reply(b"{}", "200 OK", "Connection: close"), tls=server) as served:
        network = Redirected(served.port)
        reader = HttpResponders(
            [f"https://{HOST}"],
            resolver=lambda *_: [PUBLIC],
            network=network,
            tls=client,
            seconds=PATIENCE,
        )
        assert list(reader.answers(f"https://{HOST}", ["0xab", "0xcd"])) == [b"{}", b"{}"]
        assert set(network.dialled) == {(PUBLIC, 443)}
        inside = HttpResponders(
            [f"https://{HOST}"], resolver=lambda *_: ["10.0.0.1"], network=network, tls=client
        )
        with pytest.raises(FetchFailed, match="not public"):
            list(inside.answers(f"https://{HOST}", ["0xab"]))


@pytest.mark.parametrize(
    "location",
    [
        "https://evil.example",
        f"https://{HOST}/",
        f"http://{HOST}",
        "http://localhost:8080",
        "ftp://x.example",
        "",
    ],
)
def test_a_location_that_is_not_listed_or_no_responder_s_is_not_asked(location: str) -> None:
    looked_up: list[str] = []

    def resolver(name: str, _port: int, _seconds: float) -> list[str]:
        looked_up.append(name)
        return [PUBLIC]

    with pytest.raises(FetchFailed, match="not on the list"):
        list(HttpResponders([f"https://{HOST}"], resolver=resolver).answers(location, ["0xab"]))
    if not location.startswith(("https:", "http://localhost")):
        with pytest.raises(FetchFailed, match="not on the list"):
            list(HttpResponders([location], resolver=resolver).answers(location, ["0xab"]))
    assert looked_up == []


def test_all_answers_of_a_responder_share_one_limit_of_time_and_each_has_one_of_bytes() -> None:
    def slow(connection: socket.socket, _request: bytes) -> None:
        time.sleep(0.15)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}")

    with site(slow) as served:
        answers = HttpResponders([served.origin], seconds=0.4).answers(served.origin, ["0xab"] * 50)
        with pytest.raises(FetchFailed):
            list(answers)
    assert len(served.requests) < 5
    with site(reply(b"x" * 5_000)) as served, pytest.raises(FetchFailed, match="more than"):
        list(HttpResponders([served.origin], seconds=PATIENCE).answers(served.origin, ["0xab"]))


def test_the_limit_of_time_is_that_of_the_protocol() -> None:
    assert http.TIME_LIMIT == 5.0
