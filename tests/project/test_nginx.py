"""deploy/nginx.conf, run: the same answers as the web server's own, nothing logged of who reads what, nothing kept."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import Client

from govseal.adapters.blobs import FolderBlobs
from govseal.web.shared.security import HEADERS
from support import web
from support.nginx import Nginx, Upstream, nginx, upstream_of

KEY = "k3y-0f-an-0ld-c0de"
COMPARED = {*(name.lower() for name in HEADERS), "content-type", "access-control-allow-origin"}
LONG = b"e30." + b"QUJD" * 400


@pytest.fixture(scope="module")
def upstream() -> Iterator[Upstream]:
    """The web server behind: it names its own headers, as the real one does."""
    with upstream_of(b"<p>page</p>", {"Content-Type": "text/html", **HEADERS}) as made:
        yield made


@pytest.fixture(scope="module")
def server(upstream: Upstream, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nginx]:
    published = tmp_path_factory.mktemp("published")
    blobs = FolderBlobs(published)
    for path, content in {**web.PUBLISHED, "status/3": LONG, "status/3.notices": LONG}.items():
        blobs.replace(path, content)
    with nginx(tmp_path_factory.mktemp("nginx"), published, upstream.port) as running:
        yield running


@pytest.fixture(scope="module")
def django() -> Iterator[Client]:
    with web.configured():
        yield Client(raise_request_exception=False)


@pytest.mark.parametrize(
    "path",
    [
        *web.PUBLISHED,
        "d/" + "0e" * 16,
        "a/" + "7c" * 32,
        "a/x",
        ".well-known/govseal/successions/" + "5d" * 32,
        ".well-known/govseal/successions/x",
        "status/18",
        "status/017",
        "status/17.jwt",
        "d/x",
    ],
)
def test_what_is_published_is_answered_as_the_web_server_answers(
    server: Nginx, django: Client, path: str
) -> None:
    one, other = server.client.get(f"/{path}"), django.get(f"/{path}")
    assert (one.status_code, one.headers.get("Cache-Control")) == (
        other.status_code,
        other.headers["Cache-Control"],
    )
    if other.status_code == 200 or b"nothing is published" in other.content:
        assert one.content == other.content
        theirs = {name: value for name, value in one.headers.items() if name in COMPARED}
        assert theirs == {
            name.lower(): value for name, value in other.headers.items() if name.lower() in COMPARED
        }
    assert one.headers["Strict-Transport-Security"]


@pytest.mark.parametrize(
    ("path", "compressed"),
    [("status/3", True), ("status/3.notices", True), ("status/17.cwt", False), ("d/" + "0f" * 16, False)],
)
def test_lists_are_compressed_and_ciphertext_is_not(server: Nginx, path: str, *, compressed: bool) -> None:
    answer = server.client.get(f"/{path}", headers={"Accept-Encoding": "gzip"})
    assert (answer.headers.get("Content-Encoding") == "gzip") == compressed
    assert ("Accept-Encoding" in answer.headers.get("Vary", "")) == compressed


def test_a_list_that_did_not_change_is_not_sent_again(server: Nginx) -> None:
    first = server.client.get("/status/17")
    again = server.client.get("/status/17", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.headers["Cache-Control"]) == (304, "public, max-age=60")


def test_what_is_published_is_only_read(server: Nginx) -> None:
    assert server.client.post("/status/17", content=b"x").status_code == 405
    assert server.client.get("/d/../status/.hidden").status_code == 404


def test_no_log_holds_a_key_or_who_fetched_or_checked_a_document(server: Nginx) -> None:
    server.client.get(f"/verify/R-77?key={KEY}")
    server.client.get("/d/" + "0f" * 16)
    server.client.post(f"/verify?key={KEY}", data={"text": KEY})
    server.plain.get(f"/verify/R-77?key={KEY}")
    server.client.get(f"/other?key={KEY}", headers={"Referer": f"https://x.example/?key={KEY}"})
    for oversized in (f"/verify/R-77?key={KEY}&{'x' * 40_000}", f"/?key={KEY}&{'x' * 40_000}"):
        assert server.client.get(oversized).status_code in {400, 414}
    for lost in (
        b"POST /verify?key=%s HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999\r\n\r\n",
        b"GET ?key=%s\r\n\r\n",
    ):
        with socket.create_connection(("127.0.0.1", server.plain.base_url.port or 0)) as raw:
            raw.sendall(lost % KEY.encode())
            raw.recv(1000)
    logs = server.logs()
    assert KEY not in logs
    assert "R-77" not in logs
    assert "0f" * 16 not in logs
    for line in logs.splitlines():
        assert not ("127.0.0.1" in line and ("/d/" in line or "/verify" in line)), line
    assert any("/d/" in line for line in logs.splitlines())


def test_pages_come_from_the_web_server_with_its_headers_once_and_uncompressed(
    server: Nginx, upstream: Upstream
) -> None:
    answer = server.client.get("/", headers={"Accept-Encoding": "gzip"})
    assert answer.text == "<p>page</p>"
    for name, value in HEADERS.items():
        assert answer.headers.get_list(name) == [value]
    assert "Content-Encoding" not in answer.headers
    head = upstream.heads[-1]
    assert head["x-forwarded-proto"] == "https"
    assert not [name for name, value in head.items() if "forwarded-for" in name or "127.0.0.1" in value]


def test_an_upload_goes_through_memory_alone(server: Nginx, upstream: Upstream) -> None:
    assert server.client.post("/verify", content=b"%PDF" + bytes(3 << 20)).status_code == 200
    assert upstream.bodies[-1] == 4 + (3 << 20)
    assert server.client.post("/verify", content=bytes(22 << 20)).status_code == 413
    assert [
        file for name in ("bodies", "answers") for file in (server.folder / name).rglob("*") if file.is_file()
    ] == []


def test_an_error_of_its_own_carries_the_headers_too(server: Nginx) -> None:
    answer = server.client.post("/verify", content=bytes(22 << 20))
    assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS


def test_plain_http_leads_to_https(server: Nginx) -> None:
    answer = server.plain.get("/s")
    assert (answer.status_code, answer.headers["Location"]) == (301, "https://verify.example/s")


def test_one_address_cannot_have_all_checks(upstream: Upstream, tmp_path: Path) -> None:
    with nginx(tmp_path, tmp_path, upstream.port) as alone:  # the other tests have their checks left
        told = {alone.client.get("/verify").status_code for _ in range(110)}
    assert told == {200, 429}
