"""Documents sealed, anchored, revoked and released for real: by the office and its outbox, on a real chain."""

import base64
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from govseal.adapters.blobs import FolderBlobs
from govseal.core import envelope, jsjson, qrtext
from govseal.core.secret import document_key
from govseal.project import supervisor
from govseal.project.configuration import Configuration
from govseal.project.wiring.checking import Checker
from support import officework, publishwork
from support.country import PATIENCE, Country

if TYPE_CHECKING:
    from govseal.project.wiring.office import Office

HOST = "http://localhost:8080"
"""What the country's codes name; its published files answer for it, on whatever port a server runs."""


@dataclass(frozen=True)
class SealedSheet:
    """A released sheet.

    Attributes:
        id: public id.
        link: text of its code.
        pdf: the sealed PDF with its attested JSON.
        institution: code of its issuer.
    """

    id: str
    link: str
    pdf: bytes
    institution: str

    @property
    def code(self) -> qrtext.CompactCode:
        code = qrtext.read(self.link)
        assert isinstance(code, qrtext.CompactCode)
        return code


@dataclass(frozen=True)
class Sealed:
    """What `sealed` made.

    Attributes:
        country: the country they are of.
        alone: anchored in a batch of its own.
        several: anchored in one batch, none revoked.
        revoked: of that batch too, then revoked on the chain.
        waiting: sealed, and not anchored: nothing is published under its code.
        closing: ends what tests open, with the run.
    """

    country: Country
    alone: SealedSheet
    several: tuple[SealedSheet, ...]
    revoked: SealedSheet
    waiting: str
    closing: ExitStack

    def wrapped(self, sheet: SealedSheet) -> dict[str, Any]:
        """Return the attested document, decrypted from what is published."""
        content = FolderBlobs(self.country.home / "published").get(HOST, f"d/{sheet.id}", max_bytes=1 << 20)
        key = document_key(sheet.code.secret)
        document: dict[str, Any] = jsjson.parse(envelope.open(content, key=key, document_id=sheet.id))
        return document

    def checker(self, **changes: Any) -> Checker:
        """Return what `govseal verify` checks with; `changes` are of its configuration."""
        configuration = replace(Configuration.load(self.country.environment, running=False), **changes)
        checker = Checker(configuration)
        self.closing.callback(checker.close)
        return checker


def released(office: "Office", document_id: str) -> tuple[str, str, str]:
    """Release a document; return its code's text, the PDF in base64, and its issuer."""
    from govseal.apps.issuance.models import Document  # noqa: PLC0415 - needs Django, which this process sets up

    sheet = office.release(document_id)
    issuer = Document.objects.select_related("institution").get(pk=document_id).institution.code
    return sheet.code_text, base64.b64encode(sheet.pdf).decode(), issuer


def code_of_waiting(office: "Office", document_id: str) -> str:
    """Return the code of a document that was never released, as whoever printed it early would have it."""
    from govseal.apps.issuance.models import Document  # noqa: PLC0415 - needs Django, which is set up by now
    from govseal.project.wiring import keys  # noqa: PLC0415 - needs Django, which is set up by now

    document = Document.objects.select_related("institution").get(pk=document_id)
    escrow = keys.escrow(office.configuration, document.institution.code)
    secret = escrow.reveal(bytes(document.escrow), context=document_id)
    return qrtext.CompactCode(office.configuration.host, secret).text


@pytest.fixture(scope="session")
def sealed(lasting_country: Country) -> Iterator[Sealed]:
    """Letters of two institutions, sealed and anchored for the whole run; no test may change them."""
    country = lasting_country
    lone, busy = country.institution(), country.institution()

    def anchor(institution: str, numbers: list[str]) -> list[str]:
        ids: list[str] = country.office(officework.prepare, institution, numbers)
        assert country.office(officework.run_outbox, institution, 100, 0.0) is None
        country.office(publishwork.publish)
        return ids

    def release(document_id: str) -> SealedSheet:
        link, pdf, institution = country.office(released, document_id)
        return SealedSheet(document_id, link, base64.b64decode(pdf), institution)

    (alone,) = map(release, anchor(lone, ["A-1"]))
    *several, revoked = map(release, anchor(busy, ["B-1", "B-2", "B-3", "B-4", "B-5"]))
    country.office(officework.revoke, revoked.id)
    assert country.office(officework.run_outbox, busy, 100, 0.0) is None
    country.office(publishwork.publish)
    (waiting,) = country.office(officework.prepare, lone, ["A-2"])
    with ExitStack() as closing:
        code = country.office(code_of_waiting, waiting)
        yield Sealed(country, alone, tuple(several), revoked, code, closing)


@dataclass(frozen=True)
class Site:
    """A running web server of the country.

    Attributes:
        client: asks it, in English.
        log: everything that it has said.
    """

    client: httpx.Client
    log: Path

    def verify(self, text: str) -> httpx.Response:
        """Hand in a code's text."""
        return self.client.post("/verify", data={"text": text})

    def upload(self, content: bytes, name: str = "file") -> httpx.Response:
        """Hand in a file."""
        return self.client.post("/verify", files={"file": (name, content)})

    def report(self, text: str) -> dict[str, Any]:
        """Return a check's report, as a program asks for it."""
        answer = self.client.post("/verify", data={"text": text}, headers={"Accept": "application/json"})
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found


def serve(country: Country, port: int, **environment: str) -> Iterator[Site]:
    """Run the real web server with the real settings; end it with the generator."""
    process = country.start(supervisor._web_command(port), **environment)
    client = httpx.Client(
        limits=httpx.Limits(max_keepalive_connections=0),  # a server may close after a refused upload
        base_url=f"http://localhost:{port}",
        headers={"Accept-Language": "en"},
        trust_env=False,
        timeout=PATIENCE,
    )
    try:
        country.until(lambda: process.poll() is not None or supervisor._answers(str(client.base_url)))
        assert process.poll() is None, country.log()
        yield Site(client, country.home / "processes.log")
    finally:
        client.close()
        process.terminate()
        process.wait(PATIENCE)
