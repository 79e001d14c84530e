"""Four worker processes and eight institutions: the work is shared, and no transaction is stuck or doubled."""

from contextlib import ExitStack

import pytest

from support import chaoswork
from support.country import GOVSEAL, Country
from support.officework import prepare, revoke

INSTITUTIONS = 8
LETTERS = 3
WORKERS = 4


@pytest.fixture
def institutions(country: Country) -> list[str]:
    return [country.institution() for _ in range(INSTITUTIONS)]


def confirmed(country: Country, document: str) -> bool:
    query = "SELECT state FROM issuance_revocation WHERE document_id = %s"
    return country.rows(query, document) == [("confirmed",)]


def test_four_workers_share_eight_institutions_work(country: Country, institutions: list[str]) -> None:
    numbers = [f"N-{one}" for one in range(LETTERS)]
    with ExitStack() as stack:
        for _ in range(WORKERS):
            stack.enter_context(country.worker(GOVSEAL_BATCH_SIZE="2", GOVSEAL_BATCH_AGE="0"))
        firsts = {one: country.office(prepare, one, numbers)[0] for one in institutions}
        for first in firsts.values():
            country.office(revoke, first)
        for one in institutions:
            country.until(lambda one=one: country.states(one) == {"anchored": LETTERS})
            country.until(lambda one=one: confirmed(country, firsts[one]))
    for one in institutions:
        roots = [root for root, _ in country.batches(one)]
        assert sorted(country.events(one)) == sorted(roots)
        assert len(country.events(one, "DocumentRevoked")) == 1
        # One deployment, each root, one revocation: had any been sent twice, the chain would have counted it.
        account = country.office(chaoswork.account, one)
        counts = [
            int(country.rpc("eth_getTransactionCount", account, at), 16) for at in ("latest", "pending")
        ]
        assert counts == [1 + len(roots) + 1] * 2


def test_the_job_of_a_worker_that_vanished_is_taken_from_it(country: Country) -> None:
    """Its heart stands still; the row says `doing` for ever unless somebody looks."""
    process = country.start([*GOVSEAL, "worker"])
    country.until(lambda: bool(country.rows("SELECT 1 FROM procrastinate_workers")))
    process.kill()
    process.wait()
    left = (
        "INSERT INTO procrastinate_jobs (queue_name, task_name, status, worker_id)"
        " SELECT 'default', 'outbox_run', 'doing', max(id) FROM procrastinate_workers RETURNING id"
    )
    ((job,),) = country.rows(left)
    country.rows(
        "UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 minute'"
        " WHERE id = (SELECT worker_id FROM procrastinate_jobs WHERE id = %s) RETURNING id",
        job,
    )
    with country.worker():
        country.until(lambda: not country.rows("SELECT 1 FROM procrastinate_jobs WHERE id = %s", job))
