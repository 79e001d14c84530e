"""A chain that forgets, after an institution's ledger account was replaced: all comes back, and to the new account alone."""

from collections.abc import Callable

import pytest

from support import chaoswork, keyswork
from support.country import Country
from support.officework import may_issue, prepare, reconcile, revoke


def drain(country: Country, institution: str) -> None:
    def done() -> bool:
        return country.office(chaoswork.run_outbox, institution, country.chain.rpc_url) is None

    country.until(done)


def replace_account(country: Country, institution: str) -> None:
    country.office(keyswork.ledger_account, "rotate", institution)
    country.office(keyswork.ledger_account, "retire", institution)


def may(country: Country, institution: str) -> list[bool]:
    """Say of each of the institution's accounts, oldest first, whether its store takes roots from it."""
    addresses = country.office(keyswork.ledger_addresses, institution)
    return [country.office(may_issue, institution, one) for one in addresses]


def forgetting(country: Country) -> Callable[[], None]:
    """Return what lets the chain forget all that comes from now on."""
    before = country.rpc("evm_snapshot")
    return lambda: country.rpc("evm_revert", before)


@pytest.mark.parametrize("forgets", ["the store", "the handing-over"])
def test_what_was_anchored_before_and_after_comes_back_in_its_order(country: Country, forgets: str) -> None:
    forget = forgetting(country)
    institution = country.institution()
    (first,) = country.office(prepare, institution, ["N-0"])
    drain(country, institution)
    if forgets == "the handing-over":
        forget = forgetting(country)
    replace_account(country, institution)
    country.office(prepare, institution, ["N-1"])
    country.office(revoke, first)
    drain(country, institution)
    issued, revoked = country.events(institution), country.events(institution, "DocumentRevoked")
    assert (len(issued), len(revoked), may(country, institution)) == (2, 1, [False, True])
    forget()
    country.office(prepare, institution, ["N-2"])
    drain(country, institution)
    assert country.events(institution)[:2] == issued
    assert len(country.events(institution)) == 3
    assert country.events(institution, "DocumentRevoked") == revoked
    assert may(country, institution) == [False, True]


def test_a_lost_store_waits_for_the_key_that_deployed_it_and_comes_back_once_that_is_put_back(
    country: Country,
) -> None:
    forget = forgetting(country)
    institution = country.institution()
    country.office(prepare, institution, ["N-0"])
    drain(country, institution)
    replace_account(country, institution)
    issued = country.events(institution)
    forget()
    country.office(prepare, institution, ["N-1"])
    key = country.home / "keys" / "ledger" / f"{institution}.ledger.json"
    kept = key.rename(country.home / key.name)
    failed = country.office(chaoswork.outbox_error, institution, country.chain.rpc_url)
    assert failed == "LEDGER_STORE_LOST"
    well, found = country.office(keyswork.look, "document stores")
    assert (well, institution in found) == (False, True)
    kept.rename(key)
    country.office(reconcile, institution)
    assert country.office(keyswork.look, "document stores")[0]
    assert country.office(reconcile, institution) == 1
    drain(country, institution)
    assert sorted(country.events(institution)) == sorted(root for root, _ in country.batches(institution))
    assert issued[0] in country.events(institution)
    assert may(country, institution) == [False, True]


def test_that_the_chain_forgot_an_account_s_end_is_told_and_mended(country: Country) -> None:
    institution = country.institution()
    country.office(keyswork.ledger_account, "rotate", institution)
    forget = forgetting(country)
    country.office(keyswork.ledger_account, "retire", institution)
    assert country.office(keyswork.look, "ledger accounts")[0]
    forget()
    assert may(country, institution) == [True, True]
    well, found = country.office(keyswork.look, "ledger accounts")
    assert (well, institution in found) == (False, True)
    country.office(keyswork.ledger_account, "retire", institution)
    assert may(country, institution) == [False, True]
    assert country.office(keyswork.look, "ledger accounts")[0]
