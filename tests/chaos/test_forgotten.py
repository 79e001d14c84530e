"""What a chain forgets came to it last, and what a database forgets, when a backup is restored, was under way."""

from support import chaoswork, manywork
from support.country import Country
from support.officework import prepare, reconcile, revoke, run_outbox

OTHERS = 16
"""As many as one look at the newest takes in."""


def run(country: Country, institution: str) -> float | None:
    """Run the outbox until it waits for no block, each letter under a root of its own."""
    return country.office(run_outbox, institution, 1, 0.0)


def hold_up(country: Country, institution: str, until: str) -> None:
    """Let the batch that is in trouble be tried again at a moment."""
    country.rows(
        "UPDATE issuance_batch SET retry_at = %s::timestamptz WHERE trouble <> '' AND institution_id ="
        " (SELECT id FROM registry_institution WHERE code = %s) RETURNING id",
        until,
        institution,
    )


def told(country: Country, institution: str) -> tuple[list[bytes], list[bytes]]:
    """Return what the institution's store has issued and revoked, in the chain's order."""
    return country.events(institution), country.events(institution, "DocumentRevoked")


def test_what_trouble_held_up_for_long_is_missed_when_the_chain_forgets_it(country: Country) -> None:
    institution = country.institution()
    (late,) = country.office(prepare, institution, ["late"])
    country.office(chaoswork.run_outbox_on_a_full_disk, institution)
    hold_up(country, institution, "2100-01-01")
    for document in [late, *country.office(prepare, institution, [f"N-{one}" for one in range(OTHERS)])]:
        country.office(revoke, document)
    country.until(
        lambda: (
            run(country, institution) is not None
            and [len(one) for one in told(country, institution)] == [OTHERS, OTHERS]
        )
    )
    before = country.rpc("evm_snapshot")
    hold_up(country, institution, "now")
    country.until(lambda: run(country, institution) is None)
    issued, revoked = told(country, institution)
    assert (len(issued), len(revoked)) == (OTHERS + 1, OTHERS + 1)
    country.rpc("evm_revert", before)
    assert told(country, institution) == (issued[:-1], revoked[:-1])
    assert country.office(reconcile, institution) == 2
    country.until(lambda: run(country, institution) is None)
    assert told(country, institution) == (issued, revoked)


def test_a_document_that_waits_in_a_backup_and_was_anchored_since_is_anchored_again_and_not_set_aside(
    country: Country,
) -> None:
    institution = country.institution()
    document, other = country.office(prepare, institution, ["N-0", "N-1"])
    ((salted, key),) = country.rows("SELECT salted, key FROM issuance_document WHERE id = %s", document)
    assert country.office(run_outbox, institution, 2, 0.0) is None
    # As the database is after a backup from before is restored: the one waits, the other is not known.
    country.rows("DELETE FROM issuance_document WHERE id = %s RETURNING id", other)
    country.rows(
        "UPDATE issuance_document SET state = 'waiting', batch_id = NULL, salted = %s, key = %s WHERE id = %s RETURNING id",
        salted,
        key,
        document,
    )
    ((root, _),) = country.batches(institution)
    country.rows("DELETE FROM issuance_batch WHERE root = %s RETURNING id", root)
    country.until(lambda: country.office(run_outbox, institution, 2, 0.0) is None)
    assert country.states(institution) == {"anchored": 1}
    assert country.events(institution) == [root, country.batches(institution)[0][0]]
    (code,) = country.office(manywork.release, [document])
    assert code.startswith("http")
