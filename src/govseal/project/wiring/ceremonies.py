"""What is done to keys by hand: prepare, rotate, retire, declare compromised; for every folder of signing keys.

Each act is written in the folder's record first, then entered in the registry, then published in the trust list. Killed
in between, the same command once more finishes it: entering and publishing what is entered and published changes
nothing.

    acts = Ceremonies(office, by="Sok Dara, Chan Lina", reason="yearly rotation")
    acts.rotate("seal", "moeys")           # makes moeys.2, publishes its certificate, lets it seal
    acts.retire("seal", "moeys")

What is *not* here: ledger accounts, whose rotation is also the ledger's (`ledgerkeys`); what a date means for a document
(docs/protocol.md section 6, "Dates").
"""

from datetime import datetime, timedelta
from pathlib import Path

from django.db.models import Max

from govseal.adapters.keys.lifecycle import KeyVersion, SigningKeys
from govseal.apps.issuance.models import Batch, Document
from govseal.apps.registry import selectors as registry
from govseal.apps.registry import services as registry_services
from govseal.apps.registry.models import Institution
from govseal.core.errors import RefusedError
from govseal.core.trustlist import succession
from govseal.project.wiring import keys, shared
from govseal.project.wiring.keyfolders import AUTHORITY, SEAL, TRUST_LIST
from govseal.project.wiring.office import Office

_UNDER_WAY = timedelta(minutes=1)  # a document that was being sealed when its key was replaced
_UNFINISHED = (Document.State.WAITING, Document.State.BATCHED)


class Ceremonies:
    """Acts on signing keys, by named persons and for a reason.

    Args:
        office: the register and the list to publish; its process owns the folders.
        by: who does it, in the record.
        reason: why, in the record.
    """

    def __init__(self, office: Office, *, by: str, reason: str) -> None:
        self._office = office
        self._by = by
        self._reason = reason

    def prepare(self, folder: str, name: str) -> KeyVersion:
        """Make and certify the next version of a key and publish its certificate; it does not sign yet."""
        made = self._keys(folder).prepare(
            name, certify=self._certifier(folder, name), by=self._by, reason=self._reason
        )
        if folder not in {TRUST_LIST, AUTHORITY}:  # whose certificates stand in no list
            self._tell(folder, name)
        return made

    def rotate(self, folder: str, name: str) -> KeyVersion:
        """Put the prepared version of a key in use, or one made now; what older versions signed stays as good.

        A verifier that holds an older trust list does not know a key made now: where there is time, `prepare` first
        and wait until the list before has passed its `NextUpdate`. The trust list's own key needs no waiting: the key
        before it names it (`statement`).
        """
        self.prepare(folder, name)  # changes nothing where it is done already
        successor = self._keys(folder).versions(name)[-1]
        if folder == SEAL:
            registry_services.seal_key_rotate(
                institution=registry.institution_get(name),
                certificate=self._certificate(folder, successor.name),
                now=shared.utc_now(),
            )
        used = self._keys(folder).rotate(name, by=self._by, reason=self._reason)
        self._tell(folder, name)
        return used

    def retire(self, folder: str, key: str) -> KeyVersion:
        """Take one version out of use for good; what it signed before stays as good as it was.

        Raises:
            RefusedError: it is the one that the operator signs with (`KEY_IN_USE`), or documents that it sealed wait
                for their anchor (`DOCUMENTS_WAITING`): anchored later they would not be genuine.
        """
        name, version = self._version(folder, key)
        if folder == SEAL:
            self._require_anchored(registry.institution_get(name), version)
        elif version.usable and self._keys(folder).current(name) == version:
            raise RefusedError(f"{key!r} is in use: rotate it first.", code="KEY_IN_USE")
        if folder == TRUST_LIST:
            self._office.trust_list_ensure()  # a rotation that was cut short: what the key has to say, it says now
        self._keys(folder).retire(key, by=self._by, reason=self._reason)
        self._tell(folder, name)
        return self._version(folder, key)[1]

    def compromise(self, folder: str, key: str, *, since: datetime) -> KeyVersion:
        """Declare that somebody else may have used one version since a moment, and publish it.

        The trust list's own key is declared in its record alone: no list signed with it could be believed. Rotate it,
        and hand the new pin over in person: a key that is declared stolen names no successor.
        """
        name, _ = self._version(folder, key)
        self._keys(folder).compromise(key, since=since, by=self._by, reason=self._reason)
        if folder != TRUST_LIST:
            self._tell(folder, name)
        return self._version(folder, key)[1]

    def pin(self) -> Path:
        """Write the certificate of the trust list's key in use for partners to pin; return the file."""
        current = self._keys(TRUST_LIST).current(TRUST_LIST).name
        file = self._office.configuration.trust_pin_file.with_name(f"{current}.der")
        file.write_bytes(self._certificate(TRUST_LIST, current))
        return file

    def statement(self) -> str | None:
        """Return the published path of the statement by which the trust list's key before names the one in use.

        None when there is none: the key before was retired or stolen, so that only the new pin leads to this one.
        """
        newest = registry.trust_list_newest()
        return succession.path(newest.succeeded[-1]) if newest and newest.succeeded else None

    # --- telling ----------------------------------------------------------------------------------------

    def _tell(self, folder: str, name: str) -> None:
        """Enter in the register what the record says of a key, and publish the list where it changes."""
        if folder == SEAL:
            institution = registry.institution_get(name)
            for version in self._keys(folder).versions(name):
                self._enter(institution, version)
        self._office.trust_list_ensure()

    def _enter(self, institution: Institution, version: KeyVersion) -> None:
        now = shared.utc_now()
        for der in keys.certificates_of(self._office.configuration, SEAL, version.name):
            registry_services.seal_key_prepare(institution=institution, certificate=der, now=now)
            if version.retired_at is not None:
                registry_services.seal_key_retire(
                    institution=institution, certificate=der, last_anchor=_last_anchor(institution), now=now
                )
            if version.compromised_at is not None:
                registry_services.seal_key_compromise(
                    institution=institution, certificate=der, since=version.compromised_at, now=now
                )

    def _require_anchored(self, institution: Institution, version: KeyVersion) -> None:
        """Raise `RefusedError` while a document that the key may have sealed waits for its anchor."""
        waiting = Document.objects.filter(institution=institution, state__in=_UNFINISHED)
        later = registry.seal_certificates(institution).filter(
            pk__gt=registry.seal_certificate_get(institution, self._certificate(SEAL, version.name)).pk,
            used_from__isnull=False,
        )
        if (successor := later.first()) is not None:
            waiting = waiting.filter(prepared_at__lt=successor.used_from + _UNDER_WAY)
        if count := waiting.count():
            message = (
                f"{count} documents that this key may have sealed wait for their anchor: retire it later."
            )
            raise RefusedError(message, code="DOCUMENTS_WAITING")

    # --- finding ----------------------------------------------------------------------------------------

    def _keys(self, folder: str) -> SigningKeys:
        return keys.owned_keys(self._office.configuration, folder)

    def _version(self, folder: str, key: str) -> tuple[str, KeyVersion]:
        """Return a version's key and the version.

        Raises:
            RefusedError: there is none of that name.
        """
        for name in self._keys(folder).names():
            for version in self._keys(folder).versions(name):
                if version.name == key:
                    return name, version
        raise RefusedError(
            f"There is no key {key!r}: `govseal keys list {folder}` names them.", code="KEY_MISSING"
        )

    def _certificate(self, folder: str, version: str) -> bytes:
        (der,) = keys.certificates_of(self._office.configuration, folder, version)
        return der

    def _certifier(self, folder: str, name: str) -> keys.Certify:
        configuration, country = self._office.configuration, self._office.country
        if folder == AUTHORITY:
            return keys.authority_certifier(configuration, country)
        if folder == SEAL:
            names = registry.institution_names(registry.institution_get(name))
            return keys.institution_certifier(configuration, name, names, country)
        return keys.operator_certifier(configuration, country, folder)


def _last_anchor(institution: Institution) -> datetime | None:
    """Return the block time of the institution's newest anchor."""
    found: datetime | None = Batch.objects.filter(institution=institution).aggregate(
        newest=Max("block_time")
    )["newest"]
    return found
