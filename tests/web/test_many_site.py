"""The real web server while the chain is away: what a fresh index still tells, one by one and of many at once."""

import re
import socket
from collections.abc import Iterator

import pytest

from govseal.project.configuration import Configuration
from support import evidencework
from support.evidencework import Source
from support.ports import free_port
from support.sealed import Sealed, Site, serve

UNUSED_PORT = 9


@pytest.fixture(scope="module")
def site(sealed: Sealed) -> Iterator[Site]:
    """A site whose ledger is away, and whose index has just been followed."""
    told = Configuration.load(sealed.country.environment, running=False)
    source = Source(str(told.rpc_url), told.chain_id, told.genesis)
    found = [sealed.checker().text(one.link).store for one in (sealed.alone, sealed.revoked)]
    stores = [store for store in found if store is not None]
    sealed.country.office(evidencework.follow_stores, source, stores)
    sealed.country.office(evidencework.follow, source, {}, None)
    away = f"http://127.0.0.1:{UNUSED_PORT}"
    yield from serve(sealed.country, free_port(), GOVSEAL_RPC_URL=away, GOVSEAL_INDEX_LAG="3600")


def test_many_files_and_links_are_told_by_the_index(site: Site, sealed: Sealed) -> None:
    links = [sealed.alone.link, sealed.revoked.link, sealed.several[0].link, "https://elsewhere.example/s#1"]
    pdfs = [sealed.several[1].pdf, sealed.alone.pdf, b"%PDF-1.7 broken"]
    files = [("files", (f"{number}.pdf", content, "application/pdf")) for number, content in enumerate(pdfs)]
    answer = site.client.post("/many", data={"texts": "\n".join(links)}, files=files)
    assert answer.status_code == 200
    told = re.findall(r'<td><span class="told tone-(\w+)">', answer.text)
    assert told == ["good", "good", "unsure", "good", "bad", "good", "bad"]
    assert "The same document as 1.pdf." in answer.text
    signed = re.search(r'name="kept" value="([^"]+)"', answer.text)
    assert signed is not None
    for form, begins in (("xlsx", b"PK"), ("csv", b"\xef\xbb\xbf")):
        table = site.client.post("/many/table", data={"kept": signed[1], "form": form})
        assert table.content.startswith(begins)
    assert links[0] in table.text


def test_a_fresh_index_answers_in_the_place_of_a_chain_that_is_away(site: Site, sealed: Sealed) -> None:
    for sheet, word in ((sealed.alone, "Genuine"), (sealed.revoked, "Revoked")):
        assert f'<h1 id="verdict">{word}</h1>' in site.verify(sheet.link).text


def stalled(site: Site, path: str, body: bytes = b"") -> socket.socket:
    """Ask for something, and take no more of the answer than a window of a few packets."""
    reader = socket.socket()
    reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    reader.connect(("127.0.0.1", site.client.base_url.port))
    kind = b"Content-Type: application/x-www-form-urlencoded\r\n"
    method = b"POST" if body else b"GET"
    head = b"%s %s HTTP/1.1\r\nHost: localhost\r\n" % (method, path.encode())
    reader.sendall(head + kind + b"Content-Length: %d\r\n\r\n" % len(body) + body)
    return reader


def test_readers_who_take_nothing_hold_up_nobody(site: Site, sealed: Sealed) -> None:
    style = re.search(r'href="(/static/build/site[^"]*\.css)"', site.client.get("/").text)
    assert style is not None
    lines = b"%0A".join(
        b"%d%s" % (number, b"'" * 2_400) for number in range(200)
    )  # three megabytes as a page
    readers = [stalled(site, "/many", b"texts=" + lines) for _ in range(4)]
    readers += [stalled(site, style[1]) for _ in range(8)]
    try:
        assert site.client.get("/").status_code == 200
        sealed.country.until(lambda: "2 checked" in site.client.post("/many", data={"texts": "a\nb"}).text)
    finally:
        for reader in readers:
            reader.close()
