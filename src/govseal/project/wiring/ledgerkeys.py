"""What is done to ledger accounts by hand: prepare, rotate, retire, declare compromised.

A successor is given the roles on the institution's DocumentStore before it is used, and the account before loses them
when it is retired: a stolen account can do harm until then.

What is *not* here: signing keys (`ceremonies`).
"""

from contextlib import closing
from datetime import datetime

from govseal.adapters.evm.roles import StoreRoles
from govseal.adapters.keys.lifecycle import KeyVersion
from govseal.apps.issuance.services.accounts import account_change
from govseal.apps.registry import selectors as registry
from govseal.apps.registry import services as registry_services
from govseal.apps.registry.models import Institution
from govseal.core.errors import InputError, LedgerUnavailable, RefusedError
from govseal.core.ports import LedgerReader
from govseal.core.trustlist import StoreRef
from govseal.project.wiring import keyfolders, keylisting, shared, worker
from govseal.project.wiring.keyfolders import LEDGER
from govseal.project.wiring.office import Office

_STILL_SECONDS = 120.0  # as long as any command waits for the ledger
_ENDED = {"retired", "compromised"}


def revived(office: Office) -> list[str]:
    """Return the accounts that were put out of use and may write to their store again: a chain forgot their end.

    Raises:
        LedgerUnavailable: the chain is away.
        OperatorError: `KEY_FORBIDDEN`: this process may not look at the accounts.
    """
    ended = [one for one in keylisting.keys_in(office.configuration, LEDGER) if one.state in _ENDED]
    if not ended:
        return []
    roles = StoreRoles(worker.ledger(office.configuration))
    stores = {one.code: registry.store_of(one) for one in registry.institutions()}
    return [one.key for one in ended if roles.held(stores[one.key.partition(".")[0]], one.identity)]


def lost_stores(office: Office) -> list[str]:
    """Return the institutions whose store the chain has lost.

    Raises:
        LedgerUnavailable: the chain is away.
    """
    with closing(shared.ledger_reader(office.configuration)) as ledger:
        return [one.code for one in registry.institutions() if _is_lost(ledger, registry.store_of(one))]


def _is_lost(ledger: LedgerReader, store: StoreRef) -> bool:
    try:
        ledger.revoked(store, [bytes(32)])
    except LedgerUnavailable as error:
        if error.code != "LEDGER_STORE_MISSING":
            raise
        return True
    return False


class LedgerCeremonies:
    """Acts on ledger accounts, by named persons and for a reason; as `Ceremonies`."""

    def __init__(self, office: Office, *, by: str, reason: str) -> None:
        keyfolders.take_over(office.configuration, LEDGER)
        self._office = office
        self._said = {"by": by, "reason": reason}
        self._keys = keyfolders.ledger_keys(office.configuration)
        self._roles = StoreRoles(worker.ledger(office.configuration))

    def prepare(self, name: str) -> KeyVersion:
        """Make the next version of an account and give it its roles; it does not sign yet."""
        institution = registry.institution_get(name)
        successor = self._keys.prepare(name, **self._said)
        with account_change(institution=institution, seconds=_STILL_SECONDS):
            self._roles.grant(registry.store_of(institution), successor.address, account=name)
        return self._keys.versions(name)[-1]

    def rotate(self, name: str) -> KeyVersion:
        """Let the prepared account sign, or one made now. On a chain with fees it must hold some first."""
        self.prepare(name)  # granting once more changes nothing
        with account_change(institution=registry.institution_get(name), seconds=_STILL_SECONDS):
            return self._keys.rotate(name, **self._said)

    def retire(self, key: str) -> KeyVersion:
        """Take an account's roles away and put it out of use.

        Raises:
            RefusedError: `KEY_IN_USE`: it is the one that signs.
        """
        institution, version = self._find(key)
        if self._keys.current(institution.code) == version:
            raise RefusedError(f"{key!r} is in use: rotate it first.", code="KEY_IN_USE")
        self._take_roles(institution, key)
        self._keys.retire(key, **self._said)
        return self._find(key)[1]

    def compromise(self, key: str, *, since: datetime) -> KeyVersion:
        """Declare that somebody else may have written to the institution's store since a moment.

        Verifiers are told first; then a successor signs and the thief's roles go; then the record is closed. When the
        ledger is away in between, the same call again goes on. What is anchored in that store after the moment, by
        whomever, stays "could not check": the institution needs a new store.

        Raises:
            InputError: a moment to come.
        """
        if since > shared.utc_now():
            raise InputError("A key cannot be stolen in the future.", code="MALFORMED_MOMENT")
        institution, version = self._find(key)
        registry_services.store_compromise(institution=institution, since=since)
        self._office.trust_list_ensure()
        if version.usable and self._keys.current(institution.code) == version:
            self.rotate(institution.code)
        self._take_roles(institution, key)
        self._keys.compromise(key, since=since, **self._said)
        return self._find(key)[1]

    def _take_roles(self, institution: Institution, key: str) -> None:
        store = keyfolders.key_store(self._office.configuration, LEDGER)
        with account_change(institution=institution, seconds=_STILL_SECONDS):
            address = store.ledger_account(key).address
            self._roles.take(registry.store_of(institution), address, account=institution.code)

    def _find(self, key: str) -> tuple[Institution, KeyVersion]:
        for name in self._keys.names():
            for version in self._keys.versions(name):
                if version.name == key:
                    return registry.institution_get(name), version
        raise RefusedError(
            f"There is no key {key!r}: `govseal keys list {LEDGER}` names them.", code="KEY_MISSING"
        )
