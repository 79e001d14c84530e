"""The anchoring worker killed, doubled, cut off and deceived: every document is anchored once, none is lost."""

import os
import signal
from pathlib import Path

import pytest

from support.country import GOVSEAL, PATIENCE, Country
from support.officework import prepare, release, revoke
from support.waiting import until


@pytest.fixture
def institution(country: Country) -> str:
    return country.institution()


def numbers(count: int, name: str = "N") -> list[str]:
    return [f"{name}-{number}" for number in range(count)]


@pytest.mark.parametrize("point", ["before-send", "after-send"])
def test_a_killed_worker_s_batch_is_finished_by_the_next(
    country: Country, institution: str, point: str
) -> None:
    documents = country.office(prepare, institution, numbers(3))
    country.worker_that_dies(point, institution)
    ((root, size),) = country.batches(institution)
    assert size == 3
    assert country.states(institution) == {"batched": 3}
    if point == "after-send":  # the chain mines it when it will
        country.until(lambda: country.events(institution) == [root])
    else:
        assert country.events(institution) == []
    with country.worker():
        country.until_anchored(institution, 3)
    assert country.events(institution) == [root]
    assert country.batches(institution) == [(root, 3)]
    for document in documents:
        assert country.office(release, document)[0] == "genuine"


def test_a_worker_killed_while_it_revokes_has_revoked_once(country: Country, institution: str) -> None:
    (document,) = country.office(prepare, institution, numbers(1))
    country.office(revoke, document)
    country.worker_that_dies("after-revoke", institution)
    query = "SELECT state FROM issuance_revocation WHERE document_id = %s"
    assert country.rows(query, document) == [("sent",)]
    with country.worker():
        country.until(lambda: country.rows(query, document) == [("confirmed",)])
    assert len(country.events(institution, "DocumentRevoked")) == 1


def test_two_workers_anchor_everything_once(country: Country, institution: str) -> None:
    with country.worker(GOVSEAL_BATCH_SIZE="2"), country.worker(GOVSEAL_BATCH_SIZE="2"):
        country.office(prepare, institution, numbers(9))
        country.until_anchored(institution, 9)
    roots = [root for root, _ in country.batches(institution)]
    assert sorted(country.events(institution)) == sorted(roots)
    assert sum(size for _, size in country.batches(institution)) == 9


def test_what_the_chain_has_lost_is_sent_again_in_order(country: Country, institution: str) -> None:
    with country.worker(GOVSEAL_BATCH_AGE="0"):
        (kept,) = country.office(prepare, institution, numbers(1, "KEPT"))
        country.until_anchored(institution, 1)
        before = country.rpc("evm_snapshot")
        (lost,) = country.office(prepare, institution, numbers(1, "LOST"))
        country.until_anchored(institution, 2)
        (newest,) = country.office(prepare, institution, numbers(1, "NEWEST"))
        country.until_anchored(institution, 3)
        country.office(revoke, kept)
        country.office(revoke, lost)
        asked = "SELECT state FROM issuance_revocation WHERE document_id IN (%s, %s)"
        country.until(lambda: country.rows(asked, kept, lost) == [("confirmed",)] * 2)
        issued, revoked = country.events(institution), country.events(institution, "DocumentRevoked")
        assert (len(issued), len(revoked)) == (3, 2)
        assert country.rpc("evm_revert", before) is True  # the workers may be at it again at once
        country.until(lambda: country.events(institution, "DocumentRevoked") == revoked)
        assert country.events(institution) == issued
        country.until(lambda: country.rows(asked, kept, lost) == [("confirmed",)] * 2)
    assert country.office(release, newest)[0] == "genuine"


def test_a_chain_that_is_away_and_comes_back_gets_everything(country: Country, institution: str) -> None:
    country.office(prepare, institution, numbers(2))
    process = country.chain.pid
    assert process is not None
    os.kill(process, signal.SIGSTOP)
    try:
        with country.worker():
            country.until(lambda: "The ledger does not answer" in country.log())
            os.kill(process, signal.SIGCONT)
            country.until_anchored(institution, 2)
    finally:
        os.kill(process, signal.SIGCONT)
    assert len(country.events(institution)) == 1


def test_a_root_that_the_store_refuses_says_why_and_goes_on_once_it_may(
    country: Country, institution: str
) -> None:
    keys = country.home / "keys" / "ledger"
    own, foreign = keys / f"{institution}.ledger.json", keys / f"{country.institution()}.ledger.json"
    account = own.read_bytes()
    own.write_bytes(foreign.read_bytes())
    country.office(prepare, institution, numbers(1))
    with country.worker():
        country.until(lambda: "It keeps its place: mend the cause" in country.log())
    assert country.states(institution) == {"batched": 1}
    own.write_bytes(account)
    with country.worker():
        country.until_anchored(institution, 1)
    assert len(country.events(institution)) == 1


def test_the_worker_needs_no_key_that_signs_seals(country: Country, institution: str) -> None:
    country.office(prepare, institution, numbers(1))
    hidden = [country.home / "keys" / name for name in ("seal", "authority", "trust-list")]
    for folder in hidden:
        folder.rename(folder.with_name(f"{folder.name}.away"))
    try:
        with country.worker():
            country.until_anchored(institution, 1)
    finally:
        for folder in hidden:
            folder.with_name(f"{folder.name}.away").rename(folder)


def test_a_worker_whose_database_goes_away_begins_anew_once_it_is_back(
    country: Country, institution: str
) -> None:
    """Every connection is cut, as when the database is killed; the process stays and its work goes on."""

    def has_begun_anew() -> bool:
        """Say so, or cut what there is: it may have been none yet."""
        if "the worker begins anew" in country.log():
            return True
        country.rows(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
            " AND pid <> pg_backend_pid()"
        )
        return False

    with country.worker() as process:
        country.until(lambda: catches(process.pid, signal.SIGTERM))
        until(has_begun_anew, lambda: country.log()[-3000:], pause=2.0)  # it is given time to connect
        country.office(prepare, institution, numbers(1))
        country.until_anchored(institution, 1)
        assert process.poll() is None
    assert process.returncode == 0


def test_a_worker_that_is_asked_to_end_ends(country: Country) -> None:
    process = country.start([*GOVSEAL, "worker"])
    country.until(lambda: catches(process.pid, signal.SIGTERM))
    process.terminate()
    assert process.wait(PATIENCE) == 0


def catches(pid: int, number: signal.Signals) -> bool:
    """Say whether a process has a handler of its own for a signal (proc(5), SigCgt)."""
    status = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    return bool(int(status["SigCgt"], 16) >> (number - 1) & 1)
