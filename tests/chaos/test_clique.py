"""A chain of four signers that are killed, paused and parted: what is anchored stays, and nothing is lost or twice.

The depth asked for is three: three blocks in a row have three signers, which the lesser part of a network lacks.
"""

from collections.abc import Iterator

import pytest

from govseal.core.errors import LedgerUnavailable, RefusedError
from support import chaoswork, cliquework, evidencework, publishwork
from support.clique import Clique, Halves
from support.country import Country, new_country
from support.evidencework import Source
from support.geth import geth_binary
from support.officework import add_institution, prepare, release, revoke, topic, verify
from support.waiting import until

# Go-ethereum may be built in the first test's time.
pytestmark = pytest.mark.timeout(1800)

FINALITY = 3
OFFICE = "ministry"
ISSUED = "0x" + topic("DocumentIssued(bytes32)").hex()


@pytest.fixture(scope="module")
def clique(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clique]:
    with Clique(geth_binary(), tmp_path_factory.mktemp("clique")) as started:
        started.go_on()
        yield started


@pytest.fixture(scope="module")
def country(clique: Clique, tmp_path_factory: pytest.TempPathFactory, database_url: str) -> Iterator[Country]:
    """One institution, and a worker that gives each of its documents a root of its own."""
    made = new_country(tmp_path_factory.mktemp("land"), database_url, clique)
    made.environment |= {
        "GOVSEAL_FINALITY": str(FINALITY),
        "GOVSEAL_BATCH_AGE": "0",
        "GOVSEAL_BATCH_SIZE": "1",
    }
    made.migrate()
    clique.fund(made.office(cliquework.create_account, OFFICE))
    made.office(add_institution, OFFICE)
    with made.worker():
        yield made
    made.close()


@pytest.fixture(autouse=True)
def _right_in_the_end(country: Country, clique: Clique) -> Iterator[None]:
    """After each test: all signers tell the same, every root is there once, and the index knows it all."""
    clique.go_on()
    yield
    clique.stand_still()
    assert clique.agree()
    roots = [root for root, _ in country.batches(OFFICE)]
    assert sorted(country.events(OFFICE)) == sorted(roots)
    revoked = country.events(OFFICE, "DocumentRevoked")
    assert len(set(revoked)) == len(revoked)
    # One deployment, each root and each revocation: had any been sent twice, the chain would have counted it.
    account = country.office(chaoswork.account, OFFICE)
    counts = [int(country.rpc("eth_getTransactionCount", account, at), 16) for at in ("latest", "pending")]
    assert counts == [1 + len(roots) + len(revoked)] * 2
    head = clique.first.head()
    until_indexed(country, clique, head)
    found = country.office(evidencework.compare, source_of(clique), {}, {"last": head})
    assert (found.events, found.differing) == (len(roots) + len(revoked), 0)


def source_of(clique: Clique) -> Source:
    return Source(clique.rpc_url, clique.chain_id, clique.genesis)


def until_indexed(country: Country, clique: Clique, number: int) -> None:
    """Wait until the index has read a block of the first signer's chain, and so those below it."""
    asked = "SELECT 1 FROM evidence_keptblock WHERE number = %s AND hash = %s"

    def has_read() -> bool:
        block_hash = clique.first.block_hash(number) or ""
        return bool(country.rows(asked, number, bytes.fromhex(block_hash[2:])))

    country.until(has_read)


def entries(country: Country, block_hash: str) -> int:
    """Return how many events of a block the index holds."""
    asked = "SELECT 1 FROM evidence_event WHERE block_hash = %s"
    return len(country.rows(asked, bytes.fromhex(block_hash[2:])))


def state(country: Country, document: str) -> str:
    ((found,),) = country.rows("SELECT state FROM issuance_document WHERE id = %s", document)
    return found


def anchored(country: Country, *documents: str) -> None:
    """Wait until documents are anchored."""
    country.until(lambda: all(state(country, one) == "anchored" for one in documents))


def revocation(country: Country, document: str) -> str:
    ((found,),) = country.rows("SELECT state FROM issuance_revocation WHERE document_id = %s", document)
    return found


def confirmed(country: Country, document: str) -> None:
    """Wait until a revocation is confirmed."""
    country.until(lambda: revocation(country, document) == "confirmed")


def written(country: Country, number: str) -> str:
    """Seal a letter; return its id."""
    (document,) = country.office(prepare, OFFICE, [number])
    return document


def released(country: Country, document: str) -> str:
    """Release a letter, which is genuine; return its code."""
    outcome, code, _ = country.office(release, document)
    assert outcome == "genuine"
    return code


def depths(country: Country) -> dict[str, int]:
    """Return for each document how deep the first node holds its root, 0 for not at all."""
    head = int(country.rpc("eth_blockNumber"), 16)
    only = {"address": country.store(OFFICE).address, "topics": [ISSUED], "fromBlock": "0x0"}
    logs = country.rpc("eth_getLogs", only)
    depth = {bytes.fromhex(log["topics"][1][2:]): head - int(log["blockNumber"], 16) + 1 for log in logs}
    rows = country.rows(
        "SELECT d.id, b.root FROM issuance_document d JOIN issuance_batch b ON b.id = d.batch_id"
    )
    return {document: depth.get(bytes(root), 0) for document, root in rows}


def finality_is_honoured(country: Country) -> dict[str, int]:
    """Have the outbox see a chain that stands still: what is deep enough is anchored, and nothing else; return depths."""
    country.office(cliquework.look, OFFICE)
    found = depths(country)
    states = {document: state(country, document) for document in found}
    expected = {document: depth >= FINALITY for document, depth in found.items()}
    assert {one: states[one] in {"anchored", "released"} for one in found} == expected, (found, states)
    return found


def in_the_last_common_block(country: Country, clique: Clique) -> str:
    """Have a letter in the newest block of a chain that stands still, and the block signed by the first."""
    clique.let_first_be_free()
    document = written(country, "BEFORE")
    until(lambda: clique.first.waiting() == 1, "the letter is not under way")
    assert clique.sign_once(clique.first, among=clique.signers)
    assert finality_is_honoured(country)[document] == 1
    return document


def in_our_half_alone(country: Country, halves: Halves, taken_back: str) -> str:
    """Have a letter and a revocation wait for the block that our half will add."""
    document = written(country, "WITHIN")
    country.office(revoke, taken_back)
    until(
        lambda: all(one.waiting() == 2 for one in halves.lighter), "letter and revocation are not under way"
    )
    return document


def test_a_letter_anchored_among_four_signers_is_genuine_until_it_is_revoked(country: Country) -> None:
    document = written(country, "FIRST")
    anchored(country, document)
    code = released(country, document)
    country.office(revoke, document)
    confirmed(country, document)
    assert country.office(verify, code)[0] == "revoked"


def test_signers_parted_two_from_two_anchor_nothing_more_and_lose_nothing(
    country: Country, clique: Clique
) -> None:
    taken_back = written(country, "TAKEN-BACK")
    anchored(country, taken_back)
    code = released(country, taken_back)
    clique.stand_still()
    before = in_the_last_common_block(country, clique)
    halves = clique.part()
    within = in_our_half_alone(country, halves, taken_back)
    lost, kept = clique.fork(halves)

    # Parted: two blocks are not deep enough, nor is one.
    until_indexed(country, clique, halves.height + 1)
    assert entries(country, lost) == 2
    depth = finality_is_honoured(country)
    assert (depth[before], depth[within], revocation(country, taken_back)) == (2, 1, "sent")
    with pytest.raises(RefusedError, match="not anchored yet"):
        country.office(release, within)
    late = written(country, "LATE")
    country.until(lambda: country.office(publishwork.is_published, taken_back))

    # Joined, and nobody signs: what stood in our half's block is on no ledger, and is not forgotten.
    clique.join()
    assert clique.first.block_hash(halves.height + 1) == kept
    until_indexed(country, clique, halves.height + 2)
    assert entries(country, lost) == 0
    depth = finality_is_honoured(country)
    assert (depth[before], depth[within], revocation(country, taken_back)) == (3, 0, "sent")
    assert country.office(verify, code)[0] == "revoked"

    clique.go_on()
    anchored(country, before, within, late)
    confirmed(country, taken_back)
    assert country.office(verify, code)[0] == "revoked"
    assert country.office(verify, released(country, within))[0] == "genuine"


def test_the_signer_that_the_platform_asks_is_killed_and_has_forgotten_all(
    country: Country, clique: Clique
) -> None:
    known = written(country, "KNOWN")
    anchored(country, known)
    code = released(country, known)
    clique.kill(clique.first)
    head = clique.signers[1].head()
    late = written(country, "LATE-FOR-THE-KILLED")
    clique.go_on()
    until(lambda: clique.signers[1].head() > head + FINALITY, "three signers stand still without it")
    clique.stand_still()

    # Alone, it stands where the institution had no store yet, nor money: nothing is sent, and no index kept fresh.
    clique.first.start()
    assert clique.first.head() < head
    started = evidencework.now()
    source = source_of(clique)
    country.until(lambda: country.office(evidencework.position, source).looked_at > started)
    assert country.office(evidencework.position, source).complete_at < started
    with pytest.raises(LedgerUnavailable):
        country.office(cliquework.look, OFFICE)
    assert state(country, late) in {"waiting", "batched"}

    clique.let_in(clique.first)
    clique.go_on()
    anchored(country, late)
    assert country.office(verify, code)[0] == "genuine"


def test_three_signers_of_four_go_on_and_two_wait(country: Country, clique: Clique) -> None:
    first, second, paused, killed = clique.signers
    clique.kill(killed)
    clique.go_on()
    anchored(country, written(country, "ONE-KILLED"))
    clique.stand_still()
    with paused.paused():
        clique.go_on()
        document = written(country, "AND-ONE-PAUSED")
        until(lambda: clique.next_signer() is None, "two signers go on without the others")
        clique.stand_still()
        height = first.head()
        first.sign()
        second.sign()
        late = written(country, "LATE-FOR-TWO")
        assert finality_is_honoured(country)[late] == 0
        assert first.head() == height
        first.rest()
        second.rest()
    # What it has missed it takes in before it is asked for a block of its own.
    until(
        lambda: len({one.tip() for one in (first, second, paused)}) == 1, "the paused one does not catch up"
    )
    clique.go_on()
    anchored(country, document, late)
    clique.stand_still()
    killed.start()
    clique.let_in(killed)
