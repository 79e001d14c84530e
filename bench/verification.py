"""Full verification of anchored documents, against the unmodified oa-verify on the same chain.

Ours takes the text of a code through all nine steps of docs/protocol.md section 7: trust list, fetched file,
decryption, integrity, ledger, revocations, status list, dates, seal. The peer is given the attested document itself,
and DNS's answer; it checks integrity, store, revocations and domain. Both ask the same node over connections that stay
open, and the node's own time is in both figures.

Twice: one document after another, which is how long one takes; and all of them handed over at once, which is how many
a second. Then the peer begins all of them together, and ours asks the ledger about `PART` at a time. Nothing is
remembered of a document from one repetition to the next but the block in which its root was found, which is asked
along as a guess; the trust list and the status list are read each time, and judged anew when their bytes are others.
"""

import tempfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
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

ALONE = 20
TOGETHER = 400
PART = 100
REACH = 40.0


def rows(*, quick: bool) -> Iterator[Row]:
    """Yield the rows; `quick` has fewer documents and repeats less."""
    together = TOGETHER // 4 if quick else TOGETHER
    with tempfile.TemporaryDirectory() as folder, opened() as office:
        texts = office.call(prepare, range(together))
        office.call(anchored, together)
        office.call(publish)
        with closing(Checker(office.configuration)) as checker:
            race = Race(office, texts, checker, Path(folder), 3 if quick else 12)
            alone = race.row(
                f"verify {ALONE} documents one by one, all steps", "one-by-one", texts[:ALONE], 1
            )
            yield alone
            yield Row("one full verification", alone.ours / ALONE * 1000, None, "ms", None)
            name = f"verify {together} documents at once, all steps, one process each side"
            many = race.row(name, "together", texts, PART)
            yield many
            yield Row("full verifications at once, one process", together / many.ours, None, "/s", None)


def publish(office: "Office") -> None:
    """Publish status lists and receipts, as the worker does."""
    from govseal.apps.issuance import services  # noqa: PLC0415 - needs Django, which this process has set up
    from govseal.project.wiring import worker  # noqa: PLC0415 - needs Django, which is set up by now

    ports = worker.publishing(office.configuration)
    where = {"host": ports.host, "published": ports.published, "clock": now}
    services.status_lists_publish(signer=ports.status_signer, **where)
    services.receipts_publish(signer=ports.anchor_signer, **where)


@dataclass(frozen=True)
class Race:
    """Ours and the peer over the same documents.

    Attributes:
        office: where they were issued.
        texts: their codes.
        checker: ours.
        scratch: a folder for what the peer is given.
        repetitions: of which the shortest counts.
    """

    office: Opened
    texts: list[str]
    checker: Checker
    scratch: Path
    repetitions: int

    def row(self, name: str, task: str, texts: list[str], part: int) -> Row:
        """Return the row of verifying `texts`, ours in parts of so many, the peer by its own task."""

        def ours() -> None:
            for start in range(0, len(texts), part):
                for report in self.checker.texts(texts[start : start + part]):
                    assert report.verdict.outcome is Outcome.GENUINE, report.verdict.reason

        with Peer("oa_verify.mjs", task, self._given(texts)) as peer:
            return raced(name, ours, peer, repetitions=self.repetitions, reach=REACH)

    def _given(self, texts: list[str]) -> Path:
        documents = [_document(self.office.configuration, text) for text in texts]
        chain = self.office.chain
        store = documents[0]["data"]["issuers"][0]["documentStore"].rpartition(":")[2]
        record = f"openatts net=ethereum netId={chain.chain_id} addr={store}"
        given = {"documents": documents, "rpc": chain.rpc_url, "domain": DOMAIN, "record": record}
        return written(given, self.scratch)


def _document(configuration: Configuration, text: str) -> dict[str, Any]:
    """Return the attested document of a code, as published."""
    code = qrtext.read(text)
    assert isinstance(code, qrtext.CompactCode)
    blobs, key = FolderBlobs(configuration.published_folder), document_key(code.secret)
    content = blobs.get(configuration.host, f"d/{code.id}", max_bytes=1 << 20)
    document: dict[str, Any] = jsjson.parse(envelope.open(content, key=key, document_id=code.id))
    return document
