"""The life of keys: made, certified, rotated, retired, stolen; and the record that is kept of it.

A key has versions: `moeys`, then `moeys.2`, `moeys.3`. The newest that is ready signs, unless it is retired or
compromised: then nothing signs until the key is rotated, and no older version comes back. All keep their
certificates, since old seals are judged by them for ever.

    life = SigningKeys(store, KeyRecord(folder), clock)
    life.create("moeys", by="Sok Dara, Chan Lina")
    life.certify("moeys", certificate, by="Sok Dara, Chan Lina")
    life.prepare("moeys", certify=authority_certifies, by="Sok Dara")  # moeys.2: publish its certificate first,
    life.rotate("moeys", by="Sok Dara", reason="yearly")               # then let it sign
    life.compromise("moeys", since=moment, by="Chan Lina", reason="laptop stolen")
    [(key.name, key.compromised_at) for key in life.versions("moeys")]
    seal = life.signer("moeys").sign(message)

    accounts = LedgerAccounts(ledger_store, KeyRecord(ledger_folder), clock)
    accounts.prepare("moeys", by="Sok Dara")  # moeys.2: give its address the roles on the DocumentStore, then rotate

Order, so that a killed process leaves nothing that the next call does not finish: the key is made, then recorded;
its certificate is kept, then recorded. The state of a key is read from the store (does it exist, is it certified)
and from the record (is it retired, compromised); a record that lacks what the store has is completed by `adopt`.

What is *not* here: the trust list, which tells verifiers of `retired_at` and `compromised_at` (docs/protocol.md
section 6, "Dates"), and the roles of a ledger account on its DocumentStore. Neither happens by itself.
"""

import hashlib
import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from govseal.adapters.keys.record import KeyEvent, KeyEventKind, KeyRecord, written_moment
from govseal.adapters.keys.store import KeyStore
from govseal.core.errors import OperatorError
from govseal.core.ports import LedgerAccount, Signer

_VERSIONED = re.compile(r"(.+)\.([2-9]|[1-9][0-9]{1,3})")
_DATED = (KeyEventKind.CREATED, KeyEventKind.RETIRED, KeyEventKind.COMPROMISED)


@dataclass(frozen=True, slots=True)
class KeyVersion:
    """One version of a key.

    Attributes:
        name: as the store knows it.
        number: 1, 2, ...
        ready: whether it was put in use: a later version by `rotate`, a first one when it is made and certified.
        created_at: when it was made (or adopted), or None when the record does not know it.
        retired_at: since when it is not to be used, or None.
        compromised_at: since when somebody else may have used it, or None; the earliest that was ever declared.
    """

    name: str
    number: int
    ready: bool
    created_at: datetime | None
    retired_at: datetime | None
    compromised_at: datetime | None

    @property
    def usable(self) -> bool:
        """Whether it may sign."""
        return self.ready and self.retired_at is None and self.compromised_at is None

    @property
    def begun(self) -> bool:
        """Whether it waits to be made ready."""
        return not self.ready and self.retired_at is None and self.compromised_at is None


class _Keys(ABC):
    """What is common to signing keys and ledger accounts.

    Args:
        store: where the keys are.
        record: of that store.
        clock: returns now, with its time zone.
    """

    def __init__(self, store: KeyStore, record: KeyRecord, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._record = record
        self._clock = clock

    def names(self) -> list[str]:
        """Return the names of the keys, without their versions."""
        return sorted({_base_and_number(held)[0] for held in self._held()})

    def versions(self, name: str) -> list[KeyVersion]:
        """Return every version of a key, oldest first; none where there is no such key.

        Raises:
            OperatorError: `KEY_RECORD_DAMAGED`.
        """
        events = self._record.read()
        ready = self._complete() & self._put_in_use(events)
        moments = {kind: _earliest(events, kind) for kind in _DATED}
        found = [
            KeyVersion(held, number, held in ready, *(moments[kind].get(held) for kind in _DATED))
            for held in self._held()
            for base, number in [_base_and_number(held)]
            if base == name
        ]
        return sorted(found, key=lambda version: version.number)

    def current(self, name: str) -> KeyVersion:
        """Return the version that signs: the newest that is ready.

        Raises:
            OperatorError: `NO_KEY_IN_USE`: there is none, or it is retired or compromised.
        """
        ready = [version for version in self.versions(name) if version.ready]
        if not ready or not ready[-1].usable:
            message = (
                f"The key {name!r} has no version in use: its newest is retired, declared stolen or not certified."
                " Rotate it, then do this again."
            )
            raise OperatorError(message, code="NO_KEY_IN_USE")
        return ready[-1]

    def retire(self, key: str, *, by: str, reason: str) -> None:
        """Take one version (by its own name) out of use from now on; what it signed stays as good as it was."""
        self._require(key)
        self._write(KeyEventKind.RETIRED, key, by, reason)

    def compromise(self, key: str, *, since: datetime, by: str, reason: str) -> None:
        """Declare that somebody else may have used one version since a moment, and take it out of use.

        It may be declared again; the earliest moment counts. Nothing undoes it.

        Args:
            key: the version's own name.
            since: not in the future; written in whole seconds, cut downwards.
            by: who declares it.
            reason: what is known.

        Raises:
            OperatorError: `KEY_MISSING`, or `MALFORMED_KEY_EVENT`: a moment to come.
        """
        self._require(key)
        if since > self._clock():
            raise OperatorError("A key cannot be stolen in the future.", code="MALFORMED_KEY_EVENT")
        self._write(KeyEventKind.COMPROMISED, key, by, reason, {"since": written_moment(since)})

    def adopt(self, *, by: str) -> list[str]:
        """Record what the store has and the record lacks, and return those keys' names.

        They are older than the record, or a process was killed between making and recording.
        """
        events = self._record.read()
        adopted = []
        for key in self._held():
            lacking = [kind for kind in self._evident(key) if key not in _earliest(events, kind)]
            for kind in lacking:
                self._write(kind, key, by, "found without a record", self._facts(key, kind))
            adopted += [key] if lacking else []
        return adopted

    def _new(self, name: str, by: str, reason: str, make: Callable[[str], object]) -> str:
        make(name)
        self._write(KeyEventKind.CREATED, name, by, reason, self._facts(name, KeyEventKind.CREATED))
        return name

    def _put_in_use(self, events: Sequence[KeyEvent]) -> set[str]:
        """Return the names of first versions and of those that a rotation named.

        Raises:
            OperatorError: `KEY_RECORD_DAMAGED`: later versions, and no record that would say what became of the first.
        """
        numbers = {key: _base_and_number(key)[1] for key in self._held()}
        if not events and max(numbers.values(), default=1) > 1:
            message = "Keys were rotated and their record is gone: bring it back from the backup, or adopt the keys."
            raise OperatorError(message, code="KEY_RECORD_DAMAGED")
        rotated = {event.facts.get("successor", "") for event in events if event.kind is KeyEventKind.ROTATED}
        return rotated | {key for key, number in numbers.items() if number == 1}

    def _rotated(self, name: str, by: str, reason: str) -> KeyVersion:
        """Put the prepared version in use, by recording it with the version that it replaces."""
        versions = self._require_versions(name)
        newest = versions[-1]
        if not newest.begun or newest.name not in self._complete():
            raise OperatorError(f"No successor of {name!r} is prepared.", code="KEY_MISSING")
        replaced = [version.name for version in versions if version.ready] or [
            newest.name
        ]  # the first may be lost
        self._write(KeyEventKind.ROTATED, replaced[-1], by, reason, {"successor": newest.name})
        return self.current(name)

    def _require_versions(self, name: str) -> list[KeyVersion]:
        versions = self.versions(name)
        if not versions:
            raise OperatorError(f"There is no key {name!r}.", code="KEY_MISSING")
        return versions

    def _require(self, key: str) -> None:
        if key not in self._held():
            raise OperatorError(f"There is no key {key!r}.", code="KEY_MISSING")

    def _write(
        self, kind: KeyEventKind, key: str, by: str, reason: str, facts: Mapping[str, str] | None = None
    ) -> None:
        self._record.append(kind, key, at=self._clock(), by=by, reason=reason, facts=facts)

    @abstractmethod
    def _held(self) -> list[str]:
        """Return the names of all versions of all keys in the store."""

    @abstractmethod
    def _complete(self) -> set[str]:
        """Return the names of the versions that lack nothing to be put in use."""

    @abstractmethod
    def _evident(self, key: str) -> list[KeyEventKind]:
        """Return the events that must have happened to a key, from what the store shows."""

    @abstractmethod
    def _facts(self, key: str, kind: KeyEventKind) -> dict[str, str]:
        """Return an event's facts, from what the store shows."""


class SigningKeys(_Keys):
    """P-256 keys with certificates: seals, lists, receipts, the authority."""

    def create(self, name: str, *, by: str, reason: str = "") -> ec.EllipticCurvePublicKey:
        """Make a key's first version and return its public half, to be certified.

        Raises:
            OperatorError: `KEY_EXISTS`, or `MALFORMED_NAME`: the name ends as a version does.
        """
        _require_unversioned(name)
        self._new(name, by, reason, self._store.create_signing_key)
        return self._store.public_key(name)

    def certify(self, key: str, certificate: bytes, *, by: str, reason: str = "") -> None:
        """Keep a version's certificate (DER), by which it is ready."""
        self._store.store_certificate(key, certificate)
        self._write(KeyEventKind.CERTIFIED, key, by, reason, self._facts(key, KeyEventKind.CERTIFIED))

    def prepare(
        self,
        name: str,
        *,
        certify: Callable[[ec.EllipticCurvePublicKey], bytes],
        by: str,
        reason: str = "",
    ) -> KeyVersion:
        """Make the next version and certify it; or finish what a killed call began. It does not sign yet.

        Args:
            name: the key.
            certify: returns the certificate (DER) for a public key.
            by: who does it.
            reason: why.
        """
        newest = self._require_versions(name)[-1]
        if newest.begun and newest.number == 1:
            raise OperatorError(f"The key {name!r} has no certificate yet: certify it.", code="NO_KEY_IN_USE")
        if newest.begun:
            key = newest.name
        else:
            key = self._new(f"{name}.{newest.number + 1}", by, reason, self._store.create_signing_key)
        if key not in self._complete():
            self.certify(key, certify(self._store.public_key(key)), by=by, reason=reason)
        return self.versions(name)[-1]

    def rotate(self, name: str, *, by: str, reason: str) -> KeyVersion:
        """Put the prepared version in use, and return it.

        Verifiers must know its certificate by now: to one that has an older trust list it is not recognised.

        Raises:
            OperatorError: `KEY_MISSING`: none is prepared.
        """
        return self._rotated(name, by, reason)

    def signer(self, name: str) -> Signer:
        """Return what signs with the version in use."""
        return self._store.signer(self.current(name).name)

    def outgoing(self, name: str, certificate: bytes) -> Signer | None:
        """Return what signs with a replaced version for the last time, to name the one that follows it.

        None for a version that was retired or declared compromised, whose word nobody may believe, and for one that is
        not here.
        """
        for version in self.versions(name):
            if version.usable and self._store.certificate(version.name) == certificate:
                return self._store.signer(version.name)
        return None

    def _held(self) -> list[str]:
        return self._store.signing_keys()

    def _complete(self) -> set[str]:
        return set(self._store.certified_keys())

    def _evident(self, key: str) -> list[KeyEventKind]:
        certified = key in self._store.certified_keys()
        return [KeyEventKind.CREATED, *([KeyEventKind.CERTIFIED] if certified else [])]

    def _facts(self, key: str, kind: KeyEventKind) -> dict[str, str]:
        if kind is KeyEventKind.CERTIFIED:
            return {"certificate": hashlib.sha256(self._store.certificate(key)).hexdigest()}
        form = (Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return {"public_key": hashlib.sha256(self._store.public_key(key).public_bytes(*form)).hexdigest()}


class LedgerAccounts(_Keys):
    """Secp256k1 accounts. A first version is ready when made, a later one when `rotate` puts it in use."""

    def create(self, name: str, *, by: str, reason: str = "") -> LedgerAccount:
        """Make an account's first version."""
        _require_unversioned(name)
        return self._store.ledger_account(self._new(name, by, reason, self._store.create_ledger_account))

    def prepare(self, name: str, *, by: str, reason: str = "") -> LedgerAccount:
        """Make the next version, which does not sign yet: it needs its roles on the DocumentStore first."""
        newest = self._require_versions(name)[-1]
        if newest.begun:
            key = newest.name
        else:
            key = self._new(f"{name}.{newest.number + 1}", by, reason, self._store.create_ledger_account)
        return self._store.ledger_account(key)

    def rotate(self, name: str, *, by: str, reason: str) -> KeyVersion:
        """Put the prepared version in use.

        Raises:
            OperatorError: `KEY_MISSING`: none is prepared.
        """
        return self._rotated(name, by, reason)

    def account(self, name: str) -> LedgerAccount:
        """Return the account in use."""
        return self._store.ledger_account(self.current(name).name)

    def _held(self) -> list[str]:
        return self._store.ledger_accounts()

    def _complete(self) -> set[str]:
        return set(self._held())

    def _evident(self, key: str) -> list[KeyEventKind]:
        del key
        return [KeyEventKind.CREATED]

    def _facts(self, key: str, kind: KeyEventKind) -> dict[str, str]:
        del kind
        return {"address": self._store.ledger_account(key).address}


def _base_and_number(key: str) -> tuple[str, int]:
    """Take `moeys.2` apart into `moeys` and 2."""
    versioned = _VERSIONED.fullmatch(key)
    return (versioned[1], int(versioned[2])) if versioned else (key, 1)


def _require_unversioned(name: str) -> None:
    if _VERSIONED.fullmatch(name):
        message = f"{name!r} ends as a version does: leave the number to rotation."
        raise OperatorError(message, code="MALFORMED_NAME")


def _earliest(events: Sequence[KeyEvent], kind: KeyEventKind) -> dict[str, datetime]:
    """Return for each key since when an event of a kind holds."""
    moments: dict[str, datetime] = {}
    for event in events:
        if event.kind is kind:
            moments[event.key] = min(event.since, moments.get(event.key, event.since))
    return moments
