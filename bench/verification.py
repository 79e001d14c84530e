"""Full verification of anchored documents, against the unmodified oa-verify on the same chain.

Ours takes the text of a code through all nine steps of docs/protocol.md section 7: trust list, fetched file,
decryption, integrity, ledger, revocations, status list, dates, seal. The peer is given the attested document itself,
and DNS's answer; it checks integrity, store, revocations and domain. Both ask the same node over connections that stay
open, and the node's own time is in both figures.

Twice: one document after another, which is how long one takes; and all of them handed over at once, which is how many
a second. Then the peer begins all of them together, and ours asks the ledger about as many at a time as the
command does. Nothing is remembered of a document from one repetition to the next but the block in which its root was
found, which is asked along as a guess; the trust list and the status list are read each time, and judged anew when
their bytes are others.

Three figures have no peer. The floor: what of one verification is left when all of Python's part is taken away, one ES256
signature, id and key derived, one decryption, the leaves hashed. All documents by as many processes as the machine has
cores, which have begun and share nothing but the chain. And what of that reaches whoever calls `govseal verify LIST.csv`:
a long list (the same documents again and again), the start of the processes and the way of each answer included.
"""

import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from functools import cache, partial
from itertools import cycle, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.measure import Peer, Row, raced, written
from bench.office import DOMAIN, Opened, now, opened, prepare
from bench.outbox import anchored

from govseal.adapters.blobs import FolderBlobs
from govseal.apps.verification.many import PART, Item
from govseal.core import envelope, jsjson, native, qrtext, seal
from govseal.core.openattestation import leaves, reading
from govseal.core.secret import document_id, document_key
from govseal.core.verdict import Outcome
from govseal.project.configuration import Configuration
from govseal.project.wiring import checking_apart
from govseal.project.wiring.checking import Checker

if TYPE_CHECKING:
    from govseal.project.wiring.office import Office

ALONE = 20
TOGETHER = 400
LISTED = 40_000
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
            yield Row("the cryptography of one of them", race.floor() * 1000, None, "ms", None)
            processes = os.cpu_count() or 1
            name = f"full verifications at once, {processes} processes"
            yield Row(name, together / race.by_processes(processes), None, "/s", None)
            links = LISTED // 4 if quick else LISTED
            name = f"`govseal verify` of a list of {links:,} links, from start to end"
            yield Row(name, links / race.as_a_list(links), None, "/s", None)


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
        with Peer("oa_verify.mjs", task, self._given(texts)) as peer:
            ours = partial(_verify, self.checker, texts, part)
            return raced(name, ours, peer, repetitions=self.repetitions, reach=REACH)

    def floor(self) -> float:
        """Return the seconds of what is left of one verification without all that Python does."""
        code, content, document = _published(self.office.configuration, self.texts[0])
        certificate = self.checker.text(self.texts[0]).certificate
        assert certificate is not None
        sealed = native.read(reading.unsalt(document["data"])).seal
        found = reading.leaves(document["data"])

        def cryptography() -> None:
            key = document_key(code.secret)
            envelope.open(content, key=key, document_id=document_id(code.secret))
            leaves.digest(found)
            seal.verify(sealed, certificate)

        return min(_seconds(cryptography) for _ in range(100 * self.repetitions))

    def by_processes(self, processes: int) -> float:
        """Return the seconds of all documents, dealt out to so many processes that have begun."""
        hands = [self.texts[first::processes] for first in range(processes)]
        with self.office.workers(processes) as call_each:
            return min(_seconds(partial(call_each, _verify_own, hands)) for _ in range(self.repetitions))

    def as_a_list(self, links: int) -> float:
        """Return the seconds of a list of so many links, as the command checks it."""
        items = [Item(text, text=text) for text in islice(cycle(self.texts), links)]

        def check() -> None:
            for checked in checking_apart.many(self.checker, items, {}):
                assert checked.outcome is Outcome.GENUINE, checked.reason

        return min(_seconds(check) for _ in range(2))

    def _given(self, texts: list[str]) -> Path:
        documents = [_published(self.office.configuration, text)[2] for text in texts]
        chain = self.office.chain
        store = documents[0]["data"]["issuers"][0]["documentStore"].rpartition(":")[2]
        record = f"openatts net=ethereum netId={chain.chain_id} addr={store}"
        given = {"documents": documents, "rpc": chain.rpc_url, "domain": DOMAIN, "record": record}
        return written(given, self.scratch)


def _verify(checker: Checker, texts: list[str], part: int) -> None:
    for start in range(0, len(texts), part):
        for report in checker.texts(texts[start : start + part]):
            assert report.verdict.outcome is Outcome.GENUINE, report.verdict.reason


def _verify_own(office: "Office", texts: list[str]) -> None:
    _verify(_checker(office), texts, PART)


@cache
def _checker(office: "Office") -> Checker:
    """Return the one checker of a process of the office."""
    return Checker(office.configuration)


def _published(configuration: Configuration, text: str) -> tuple[qrtext.CompactCode, bytes, dict[str, Any]]:
    """Return a code, what is published under it, and the attested document therein."""
    code = qrtext.read(text)
    assert isinstance(code, qrtext.CompactCode)
    content = FolderBlobs(configuration.published_folder).get(
        configuration.host, f"d/{code.id}", max_bytes=1 << 20
    )
    opened_content = envelope.open(content, key=document_key(code.secret), document_id=code.id)
    return code, content, jsjson.parse(opened_content)


def _seconds(work: Callable[[], object]) -> float:
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin
