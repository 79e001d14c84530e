"""An institution's and operator's own process: seal keys, escrow, typesetting, and the register.

Used by the command line; a portal will use the same. What is *not* here: ledger accounts for anchoring, which
are the worker's (`worker`); only adding an institution deploys a store with its account.
"""

import os
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path

from govseal.apps.issuance import selectors as documents
from govseal.apps.issuance import services as issuance
from govseal.apps.issuance.models import Document
from govseal.apps.registry import selectors as registry
from govseal.apps.registry import services as registry_services
from govseal.apps.registry.models import Institution, ListedDid
from govseal.apps.verification import files
from govseal.apps.verification import services as verification
from govseal.core.errors import InputError
from govseal.core.trustlist import Certificate, DocumentTypeRule
from govseal.core.verify import Report
from govseal.core.verify.binding import UNSEALED_TYPE
from govseal.project.wiring import keyfolders, keys, shared, worker
from govseal.project.wiring.checkpoints import checkpoint
from govseal.project.wiring.issuing import Issuing
from govseal.project.wiring.queue import outbox_enqueue

_UNSEALED_NAMES = {"en": "OpenAttestation document without a seal", "km": "ឯកសារ OpenAttestation គ្មានត្រាឌីជីថល"}


class Office(Issuing):
    """Everything an officer's command needs; `Issuing` has the sealing and releasing."""

    # --- institutions ---------------------------------------------------------------------------------

    def institutions(self) -> list[Institution]:
        """Return the register's institutions."""
        return list(registry.institutions())

    def institution_codes(self) -> set[str]:
        """Return their codes."""
        return {one.code for one in self.institutions()}

    def institution_add(
        self, *, code: str, names: Mapping[str, str], domain: str, document_types: Collection[str]
    ) -> Institution:
        """Make an institution's keys, deploy its store, enter it, and publish the trust list."""
        allowed = {*self.country.document_types, UNSEALED_TYPE}
        unknown = sorted(set(document_types) - allowed)
        if unknown:
            known = ", ".join(sorted(allowed))
            raise InputError(f"No such document types: {', '.join(unknown)}. Known: {known}.")
        registry_services.entry_check(code=code, names=names, domain=domain, languages=self.country.languages)
        certificate = keys.institution_keys(self.configuration, code, names, self.country)
        institution = registry_services.institution_add(
            code=code,
            names=names,
            domain=domain,
            document_types=sorted(document_types),
            certificate=certificate,
            ledger=worker.ledger(self.configuration),
            now=shared.utc_now(),
        )
        self.trust_list_publish()
        return institution

    def did_add(
        self, code: str, url: str, *, revocation_stores: Sequence[str], ocsp_responders: Sequence[str]
    ) -> ListedDid:
        """List a DID whose signatures are an institution's, and publish the trust list."""
        row = registry_services.did_add(
            institution=registry.institution_get(code),
            url=url,
            revocation_stores=revocation_stores,
            ocsp_responders=ocsp_responders,
            loopback=self.configuration.demonstration,
            now=shared.utc_now(),
        )
        self.trust_list_publish()
        return row

    def did_compromise(self, code: str, url: str, *, since: datetime) -> ListedDid:
        """Declare the key of a listed DID stolen, and publish the trust list."""
        institution = registry.institution_get(code)
        row = registry_services.did_compromise(
            institution=institution, url=url, since=since, now=shared.utc_now()
        )
        self.trust_list_publish()
        return row

    def trust_list_publish(self) -> None:
        """Publish the next trust list."""
        self._trust_list_adopt()
        registry_services.trust_list_publish(
            facts=self._country_facts(),
            signer=keys.trust_list_signer(self.configuration, self.country),
            outgoing=partial(keys.outgoing_list_signer, self.configuration),
            published=self.published,
            checkpoint=checkpoint(self.configuration),
            now=shared.utc_now(),
        )

    def trust_list_ensure(self) -> None:
        """Publish the newest list as it was kept; make one when there is none, or it speaks for another host."""
        self._trust_list_adopt()
        registry_services.trust_list_restore(published=self.published)
        signer = keys.trust_list_signer(self.configuration, self.country)
        facts = self._country_facts()
        if registry_services.trust_list_is_due(facts=facts, signer=signer, now=shared.utc_now()):
            self.trust_list_publish()

    def _trust_list_adopt(self) -> None:
        """Go on from a published list that is newer than what the database, restored from a backup, knows."""
        pin, host = self.configuration.trust_pin_file, self.configuration.host
        if pin.exists():
            registry_services.trust_list_adopt(published=self.published, pin=pin.read_bytes(), host=host)

    def _country_facts(self) -> registry_services.CountryFacts:
        return registry_services.CountryFacts(
            country=self.country.code,
            operator=self.country.operator,
            hosts=(self.configuration.host,),
            document_types={
                UNSEALED_TYPE: DocumentTypeRule(decisive=(), names=_UNSEALED_NAMES),
                **{
                    code: DocumentTypeRule(decisive=kind.decisive, names=kind.titles)
                    for code, kind in self.country.document_types.items()
                },
            },
            anchor_certificates=self._publisher(keyfolders.ANCHOR),
            status_certificates=self._publisher(keyfolders.STATUS),
            status_lists=range(documents.newest_status_list() + 2),
        )

    def _publisher(self, kind: str) -> list[Certificate]:
        return keys.publisher_certificates(self.configuration, self.country, kind)

    # --- what was issued ------------------------------------------------------------------------------

    def find(self, institution_code: str, type_code: str, number: str) -> Document | None:
        """Return a document that was not set aside, by its number."""
        return documents.document_by_number(institution_code, type_code, number)

    def find_many(
        self, institution_code: str, named: Collection[tuple[str, str]]
    ) -> dict[tuple[str, str], Document]:
        """Return the documents that were not set aside, of those (type, number), by them."""
        return documents.documents_by_number(institution_code, named)

    def is_of(self, document: Document, institution_code: str, asked: bytes) -> bool:
        """Say whether a document was made of what is asked for now."""
        escrow = keys.escrow(self.configuration, institution_code)
        return issuance.document_is_of(document=document, asked=asked, escrow=escrow)

    def find_any(self, number_or_id: str) -> Document:
        """Return the one document of that number or id.

        Raises:
            InputError: there is none, or several institutions or types use the number.
        """
        return documents.document_find(number_or_id)

    def revoke(self, document_id: str, reason: str) -> None:
        """Ask for a revocation."""
        issuance.document_revoke(
            document_id=document_id, reason=reason, enqueue=outbox_enqueue, now=shared.utc_now()
        )

    def is_revoked(self, document_id: str) -> bool:
        """Say whether the ledger has confirmed the document's revocation."""
        return documents.is_revoked(document_id)

    def is_taken_back(self, document_id: str) -> bool:
        """Say whether the document is out of force, for now or for good, or anybody has asked to revoke it."""
        return documents.is_taken_back(document_id)

    def count_anchored(self, ids: Collection[str]) -> int:
        """Count which of the documents are anchored or released.

        Raises:
            RefusedError: one was set aside; the message says why.
        """
        return documents.count_anchored(ids)

    def write_sheet(self, released: issuance.ReleasedSheet, name: str, folder: Path | None = None) -> Path:
        """Write a released PDF; return where."""
        return _write_whole((folder or self.configuration.home / "documents") / name, released.pdf)

    def write_attested(self, released: issuance.ReleasedSheet, name: str, folder: Path) -> Path:
        """Write a released document's attested JSON, as OpenAttestation's verifiers take it; return where."""
        return _write_whole(folder / name, released.wrapped)

    # --- verifying ------------------------------------------------------------------------------------

    def verify_text(self, text: str) -> Report:
        """Verify the text of a code."""
        return verification.text_verify(text=text, verifier=self.verifier())

    def verify_file(self, content: bytes) -> Report:
        """Verify a PDF, picture or OpenAttestation file."""
        found = files.file_verify(content=content, verifier=self.verifier(), sheets=self.sheets)
        return found.report


def _write_whole(file: Path, content: bytes) -> Path:
    """Write a file whole or not at all."""
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    draft.write_bytes(content)
    return draft.replace(file)
