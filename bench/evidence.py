"""What verifiers go by: the index rebuilt from the chain, and how much is published for ten million documents.

Events are real ones, a hundred in each block of a real chain. Sizes are those of tokens signed here by the office's
keys; those for ten million documents are reckoned from one full list and one receipt.
"""

import math
import os
import random
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import httpx
from bench.measure import FLAT, Row
from bench.office import Opened, now, opened

from govseal.adapters.evm import EvmEvents, EvmLedger
from govseal.adapters.localchain import LocalChain
from govseal.core import receipt, status
from govseal.core.ports import LedgerQuestion
from govseal.core.trustlist import StoreRef

if TYPE_CHECKING:
    from govseal.project.wiring.office import Office

EVENTS = 20_000
PER_BLOCK = 100
ASKED = 100
DOCUMENTS = 10_000_000
REVOKED = 0.01
LIST_FILL = 0.75
"""Share of a list's places that are taken when the next list begins (`services.places`)."""
MEBIBYTE = 1 << 20
_BULK_ISSUE = "0x7df20826"
_GAS = 10_000_000


def rows(*, quick: bool) -> Iterator[Row]:
    """Yield the rows; `quick` has as many events and repeats less."""
    with opened() as office:
        yield from _rebuilding(office, 3 if quick else 10)
        yield from _published(office)


# --- the index ----------------------------------------------------------------------------------------


def _rebuilding(office: Opened, repetitions: int) -> Iterator[Row]:
    issuer, taken, issued = Issuer(office.chain), [], 0
    office.call(follow, issuer.store)
    for size in (EVENTS // 10, EVENTS):
        issuer.issue(size - issued)
        issued = size
        taken.append(min(office.call(rebuilt, size) for _ in range(repetitions)) / size)
    small, large = taken
    yield Row(f"rebuild the index of {EVENTS:,} events", 1 / large, None, "events/s", None)
    name = f"growth: rebuild {EVENTS:,} events, each, against {EVENTS // 10:,}"
    yield Row(name, large * 1000, small * 1000, "ms", FLAT)
    index, chain = office.call(asked, issuer.store, repetitions)
    yield Row(f"tell where {ASKED} documents stand, by the index", index, None, "ms", None)
    yield Row(f"tell where {ASKED} documents stand, by the chain on this machine", chain, None, "ms", None)


def asked(office: "Office", store: StoreRef, repetitions: int) -> tuple[float, float]:
    """Ask the index and the chain about `ASKED` registered documents at once; return the milliseconds of each."""
    from govseal.apps.evidence import services  # noqa: PLC0415 - as above
    from govseal.apps.evidence.models import Event  # noqa: PLC0415 - needs Django, which is set up by now

    live = _events(office)
    index = services.IndexedLedger(live, lag=timedelta(days=1), clock=now)
    roots = [bytes(one) for one in Event.objects.values_list("value", flat=True)[:ASKED]]
    questions = [LedgerQuestion(store, (os.urandom(32), root)) for root in roots]
    taken = []
    for ledger in (index, live):
        times = []
        for _ in range(repetitions):
            begin = time.perf_counter()
            assert all(one.anchor and one.revoked is False for one in ledger.facts(questions))
            times.append(time.perf_counter() - begin)
        taken.append(min(times) * 1000)
    live.close()
    return taken[0], taken[1]


class Issuer:
    """A document store that is made to speak much.

    Attributes:
        store: it.
    """

    def __init__(self, chain: LocalChain) -> None:
        self._chain, self._account = chain, chain.account(0)
        ledger = EvmLedger(chain.rpc_url, chain.chain_id, chain.genesis, {"bench": self._account})
        try:
            self.store = ledger.deploy(account="bench", name="Bench")
        finally:
            ledger.close()

    def issue(self, events: int) -> None:
        """Issue so many random hashes, `PER_BLOCK` in each transaction, which is a block."""
        nonce = int(self._ask("eth_getTransactionCount", self._account.address, "latest"), 16)
        end = nonce + events // PER_BLOCK
        for each in range(nonce, end):
            self._send(each, [os.urandom(32) for _ in range(PER_BLOCK)])
        deadline = time.monotonic() + 60
        while int(self._ask("eth_getTransactionCount", self._account.address, "latest"), 16) < end:
            assert time.monotonic() < deadline, "the chain mines too slowly"
            time.sleep(0.05)

    def _send(self, nonce: int, hashes: list[bytes]) -> None:
        words = [(32).to_bytes(32), len(hashes).to_bytes(32), *hashes]
        fields = {
            "to": self.store.address,
            "data": _BULK_ISSUE + b"".join(words).hex(),
            "nonce": nonce,
            "gas": _GAS,
            "gasPrice": 0,
            "value": 0,
            "chainId": self._chain.chain_id,
        }
        self._ask("eth_sendRawTransaction", "0x" + self._account.sign_transaction(fields).hex())

    def _ask(self, method: str, *params: Any) -> Any:
        request = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
        return httpx.post(self._chain.rpc_url, json=request, trust_env=False, timeout=30).json()["result"]


def follow(office: "Office", store: StoreRef) -> None:
    """Begin to follow a store."""
    from govseal.apps.evidence import services  # noqa: PLC0415 - needs Django, which this process has set up

    services.stores_follow(stores=[store], ledger=_events(office), clock=now)


def rebuilt(office: "Office", events: int) -> float:
    """Rebuild the index, of so many events; return the seconds."""
    from govseal.apps.evidence import services  # noqa: PLC0415 - as above
    from govseal.apps.evidence.models import Event  # noqa: PLC0415 - needs Django, which is set up by now

    ledger, policy = _events(office), services.IndexPolicy()
    begin = time.perf_counter()
    services.index_rebuild(ledger=ledger, policy=policy, clock=now)
    seconds = time.perf_counter() - begin
    ledger.close()
    assert Event.objects.count() == events
    return seconds


def _events(office: "Office") -> EvmEvents:
    told = office.configuration
    assert told.rpc_url is not None
    return EvmEvents(told.rpc_url, told.chain_id, told.genesis)


# --- what is published --------------------------------------------------------------------------------


def _published(office: Opened) -> Iterator[Row]:
    seconds, jwt, cwt, one_receipt = office.call(signed)
    lists = math.ceil(DOCUMENTS / (status.ENTRIES * LIST_FILL))
    batches = math.ceil(DOCUMENTS / office.configuration.batch_size)
    yield Row("build and sign a status list, 1 % revoked, both forms", seconds * 1000, None, "ms", None)
    yield Row("that list as JWT", jwt / 1024, None, "KiB", None)
    yield Row("that list as CWT", cwt / 1024, None, "KiB", None)
    of = f"of {DOCUMENTS:,} documents"
    yield Row(f"the {lists} lists {of}, both forms", lists * (jwt + cwt) / MEBIBYTE, None, "MiB", None)
    name = f"the {batches:,} receipts {of}, {office.configuration.batch_size:,} a batch"
    yield Row(name, batches * one_receipt / MEBIBYTE, None, "MiB", None)


def signed(office: "Office") -> tuple[float, int, int, int]:
    """Sign a full list and a receipt; return the list's seconds (the shortest of some) and the bytes of all three."""
    from govseal.project.wiring import publishers  # noqa: PLC0415 - as above

    key = publishers.status_signer(office.configuration)
    with_key = {"certificate": key.certificate, "signer": key.sign}
    taken = int(status.ENTRIES * LIST_FILL)
    revoked = random.Random(1).sample(range(status.ENTRIES), int(taken * REVOKED))
    times = []
    for _ in range(10):
        begin = time.perf_counter()
        made = _list(f"https://verify.gov.example/status/{DOCUMENTS}", revoked)
        jwt, cwt = status.sign_jwt(made, **with_key), status.sign_cwt(made, **with_key)
        times.append(time.perf_counter() - begin)
    return min(times), len(jwt), len(cwt), len(_receipt(office))


def _list(uri: str, revoked: list[int]) -> status.StatusList:
    issued_at = now().replace(microsecond=0)
    array = status.build(dict.fromkeys(revoked, status.State.REVOKED))
    return status.StatusList(uri, issued_at, issued_at + status.OFFLINE_AGE, timedelta(minutes=5), array)


def _receipt(office: "Office") -> str:
    from govseal.project.wiring import publishers  # noqa: PLC0415 - as above

    key, moment = publishers.anchor_signer(office.configuration), now().replace(microsecond=0)
    store = StoreRef(office.configuration.chain_id, office.configuration.genesis, "0x" + "00" * 20)
    hashes = [os.urandom(32) for _ in range(3)]
    stated = receipt.Receipt(store, hashes[0], 12_345_678, hashes[1], moment, hashes[2], moment)
    return receipt.sign(stated, certificate=key.certificate, signer=key.sign)
