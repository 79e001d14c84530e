"""Full verification of anchored documents, against the unmodified oa-verify on the same chain.

Ours takes the text of a code through all nine steps of docs/protocol.md section 7: trust list, fetched file,
decryption, integrity, ledger, revocations, status list, dates, seal. The peer is given the attested document itself,
and DNS's answer; it checks integrity, store, revocations and domain. Both ask one document after another, of the
same node, over connections that stay open; the node's own time is in both figures.
"""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.measure import Peer, Row, raced, written
from bench.office import DOMAIN, Opened, now, opened, prepare
from bench.outbox import anchored

from govseal.adapters.blobs import FolderBlobs
from govseal.core import envelope, jsjson, qrtext
from govseal.core.secret import document_key
from govseal.core.verdict import Outcome
from govseal.project.configuration import Configuration
from govseal.project.wiring.checking import Checker

if TYPE_CHECKING:
    from govseal.project.wiring.office import Office

DOCUMENTS = 20
REACH = 40.0


def rows(*, quick: bool) -> Iterator[Row]:
    """Yield the rows; `quick` repeats less."""
    with tempfile.TemporaryDirectory() as folder, opened() as office:
        texts = office.call(prepare, range(DOCUMENTS))
        office.call(anchored, DOCUMENTS)
        office.call(publish)
        row = _raced(office, texts, Path(folder), 4 if quick else 15)
        yield row
        yield Row("full verifications", DOCUMENTS / row.ours, None, "/s", None)


def publish(office: "Office") -> None:
    """Publish status lists and receipts, as the worker does."""
    from govseal.apps.issuance import services  # noqa: PLC0415 - needs Django, which this process has set up
    from govseal.project.wiring import worker  # noqa: PLC0415

    ports = worker.publishing(office.configuration)
    where = {"host": ports.host, "published": ports.published, "clock": now}
    services.status_lists_publish(signer=ports.status_signer, **where)
    services.receipts_publish(signer=ports.anchor_signer, **where)


def _raced(office: Opened, texts: list[str], scratch: Path, repetitions: int) -> Row:
    documents = [_document(office.configuration, text) for text in texts]
    store = documents[0]["data"]["issuers"][0]["documentStore"].rpartition(":")[2]
    record = f"openatts net=ethereum netId={office.chain.chain_id} addr={store}"
    given = {"documents": documents, "rpc": office.chain.rpc_url, "domain": DOMAIN, "record": record}
    checker = Checker(office.configuration)

    def ours() -> None:
        for text in texts:
            assert checker.text(text).verdict.outcome is Outcome.GENUINE

    name = f"verify {DOCUMENTS} anchored documents, all steps"
    try:
        with Peer("oa_verify.mjs", "verify", written(given, scratch)) as peer:
            return raced(name, ours, peer, repetitions=repetitions, reach=REACH)
    finally:
        checker.close()


def _document(configuration: Configuration, text: str) -> dict[str, Any]:
    """Return the attested document of a code, as published."""
    code = qrtext.read(text)
    assert isinstance(code, qrtext.CompactCode)
    blobs, key = FolderBlobs(configuration.published_folder), document_key(code.secret)
    content = blobs.get(configuration.host, f"d/{code.id}", max_bytes=1 << 20)
    document: dict[str, Any] = jsjson.parse(envelope.open(content, key=key, document_id=code.id))
    return document
