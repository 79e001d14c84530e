"""An institution's and operator's own process: seal keys, escrow, typesetting, and the register.

Used by the command line; a portal will use the same. What is *not* here: ledger accounts for anchoring, which
are the worker's (`worker`); only adding an institution deploys a store with its account.
"""

import os
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date, datetime
from functools import cached_property
from pathlib import Path

from govseal.adapters import pdf
from govseal.adapters.countrypack import Country, DocumentType, load_country
from govseal.adapters.evm import EvmReader
from govseal.adapters.qrimage import symbol
from govseal.adapters.typeset import SheetContext, Typesetter
from govseal.adapters.typeset.fields import check_khmer
from govseal.apps.issuance import selectors as documents
from govseal.apps.issuance import services as issuance
from govseal.apps.issuance.models import Document
from govseal.apps.issuance.services.prepare import QrCode, Render
from govseal.apps.registry import selectors as registry
from govseal.apps.registry import services as registry_services
from govseal.apps.registry.models import Institution, ListedDid
from govseal.apps.verification import files
from govseal.apps.verification import services as verification
from govseal.core.errors import InputError
from govseal.core.ports import SheetReader
from govseal.core.trustlist import Certificate, DocumentTypeRule
from govseal.core.verify import Report, Verifier
from govseal.core.verify.binding import UNSEALED_TYPE
from govseal.project.assets import FONTS_FOLDER, LABEL_FONT
from govseal.project.configuration import Configuration
from govseal.project.wiring import keyfolders, keys, shared, worker
from govseal.project.wiring.place import Notice, Place, Wishes
from govseal.project.wiring.proofs import Proofs, ReadSheets
from govseal.project.wiring.queue import outbox_enqueue

_UNSEALED_NAMES = {"en": "OpenAttestation document without a seal", "km": "ឯកសារ OpenAttestation គ្មានត្រាឌីជីថល"}


class Office:
    """Everything an officer's command needs.

    Args:
        configuration: the installation; its database and chain must be reachable.
    """

    def __init__(self, configuration: Configuration) -> None:
        self.configuration = configuration
        self.published = shared.published_files(configuration)
        self.sheets = ReadSheets()
        self._proofs = Proofs(self.sheets)

    # --- institutions ---------------------------------------------------------------------------------

    @cached_property
    def country(self) -> Country:
        """The country pack."""
        return load_country(self.configuration.country_folder)

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
        registry_services.trust_list_publish(
            facts=self._country_facts(),
            signer=keys.trust_list_signer(self.configuration, self.country),
            published=self.published,
            now=shared.utc_now(),
        )

    def trust_list_ensure(self) -> None:
        """Publish the newest list as it was kept; make one when there is none, or it speaks for another host."""
        registry_services.trust_list_restore(published=self.published)
        signer = keys.trust_list_signer(self.configuration, self.country)
        facts = self._country_facts()
        if registry_services.trust_list_is_due(facts=facts, signer=signer, now=shared.utc_now()):
            self.trust_list_publish()

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

    # --- sealing --------------------------------------------------------------------------------------

    def document_type(self, code: str) -> DocumentType:
        """Return a type of the pack.

        Raises:
            InputError: there is none; the message lists those there are.
        """
        found = self.country.document_types.get(code)
        if found is None:
            known = ", ".join(sorted(self.country.document_types))
            raise InputError(f"There is no document type {code!r}. Known: {known}.", code="UNKNOWN_TYPE")
        return found

    @cached_property
    def typesetter(self) -> Typesetter:
        """Typst over the fonts made at set-up."""
        return Typesetter(FONTS_FOLDER)

    def typeset(
        self,
        *,
        institution_code: str,
        type_code: str,
        number: str,
        issued: date,
        fields: Mapping[str, str | int | bool],
        valid_until: date | None = None,
    ) -> Document:
        """Typeset, seal and queue one document of a type with a template."""
        institution, kind = registry.institution_get(institution_code), self.document_type(type_code)
        context = SheetContext(
            host=self.configuration.host,
            number=number,
            issued=issued,
            issuer=registry.institution_names(institution),
            brand_colour=self.country.brand_colour,
            demonstration=self.configuration.demonstration,
        )

        def render(codes: Mapping[str, QrCode]) -> bytes:
            drawn = {profile: symbol(code) for profile, code in codes.items()}
            return self.typesetter.render(kind.folder, fields=fields, codes=drawn, context=context)

        sheet = self._sheet(kind, number, issued, fields, valid_until)
        return self._prepare(institution, sheet, render, self._proofs)

    def stamp(
        self,
        *,
        institution_code: str,
        type_code: str,
        number: str,
        issued: date,
        fields: Mapping[str, str | int | bool],
        content: bytes,
        filename: str,
        place: Place,
        wishes: Wishes = Wishes(),  # noqa: B008 - a frozen value
        tell: Callable[[Notice], None] = lambda _: None,
    ) -> Document:
        """Put the compact code on an existing PDF, seal and queue it.

        Args:
            institution_code: the issuer.
            type_code: document type.
            number: the document's number.
            issued: date of issue.
            fields: values by field code.
            content: the PDF.
            filename: its name.
            place: where the code stands.
            wishes: what may be done to the PDF first.
            tell: takes what there is to say of the PDF and the place.
        """
        institution, kind = registry.institution_get(institution_code), self.document_type(type_code)
        missing = [code for code in kind.decisive if code not in fields]
        if missing:
            raise InputError(f"Give the fields that the seal of {kind.code!r} carries: {', '.join(missing)}.")
        check_khmer(fields)
        sheet = self._sheet(kind, number, issued, fields, None, filename=filename, profiles=("compact",))

        ready = pdf.prepare(content, wishes)
        notices = dict.fromkeys(ready.notices)

        def render(codes: Mapping[str, QrCode]) -> bytes:
            host = self.configuration.host.removeprefix("http://")
            sealed = pdf.stamp(
                ready.content, place=place, code=symbol(codes["compact"]), host=host, font=LABEL_FONT
            )
            notices.update(dict.fromkeys(sealed.notices))
            if place.page:
                self.sheets.look(sealed.content, place.page)
            return sealed.content

        document = self._prepare(institution, sheet, render, self.sheets)
        for notice in notices:
            tell(notice)
        return document

    @staticmethod
    def _sheet(
        kind: DocumentType,
        number: str,
        issued: date,
        fields: Mapping[str, str | int | bool],
        valid_until: date | None,
        *,
        filename: str | None = None,
        profiles: tuple[str, ...] | None = None,
    ) -> issuance.Sheet:
        return issuance.Sheet(
            type=kind.code,
            type_version=kind.version,
            decisive=kind.decisive,
            profiles=profiles or kind.profiles,
            number=number,
            issued=issued,
            fields=fields,
            filename=filename or kind.attachment,
            labels={code: kind.labels[code] for code in fields if code in kind.labels},
            valid_until=valid_until,
        )

    def _prepare(
        self, institution: Institution, sheet: issuance.Sheet, render: Render, reader: SheetReader
    ) -> Document:
        signer = keys.seal_signer(self.configuration, institution.code)
        registry.seal_certificate_require(institution, signer.certificate)
        newest = documents.newest_status_list()
        document = issuance.document_prepare(
            institution=institution,
            sheet=sheet,
            render=render,
            country=self.country.code,
            host=self.configuration.host,
            signer=signer,
            escrow=keys.escrow(self.configuration, institution.code),
            reader=reader,
            published=self.published,
            enqueue=outbox_enqueue,
            now=shared.utc_now(),
        )
        if document.status_list > newest:  # the trust list is to name one ahead of those in use
            self.trust_list_ensure()
        return document

    # --- releasing ------------------------------------------------------------------------------------

    def find(self, institution_code: str, type_code: str, number: str) -> Document | None:
        """Return a document that was not set aside, by its number."""
        return documents.document_by_number(institution_code, type_code, number)

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
        """Say whether anybody has asked to revoke the document, confirmed or not."""
        return documents.is_taken_back(document_id)

    def count_anchored(self, ids: Collection[str]) -> int:
        """Count which of the documents are anchored or released.

        Raises:
            RefusedError: one was set aside; the message says why.
        """
        return documents.count_anchored(ids)

    def release(self, document_id: str) -> issuance.ReleasedSheet:
        """Verify an anchored document from its rendered page and hand it over."""
        document = documents.document_get(document_id)
        if document is None:
            raise InputError(f"There is no document with the id {document_id}.", code="UNKNOWN_DOCUMENT")
        return issuance.document_release(
            document=document,
            host=self.configuration.host,
            escrow=keys.escrow(self.configuration, document.institution.code),
            published=self.published,
            reader=self.sheets,
            writer=self.sheets,
            verifier=self.verifier(),
            now=shared.utc_now(),
        )

    def write_sheet(self, released: issuance.ReleasedSheet, name: str, folder: Path | None = None) -> Path:
        """Write a released PDF; return where."""
        return _write_whole((folder or self.configuration.home / "documents") / name, released.pdf)

    def write_attested(self, released: issuance.ReleasedSheet, name: str, folder: Path) -> Path:
        """Write a released document's attested JSON, as OpenAttestation's verifiers take it; return where."""
        return _write_whole(folder / name, released.wrapped)

    # --- verifying ------------------------------------------------------------------------------------

    @cached_property
    def _ledger(self) -> EvmReader:
        return shared.ledger_reader(self.configuration)

    def verifier(self) -> Verifier:
        """Return a verifier over the country's trust list, read afresh."""
        return shared.verifier(self.configuration, published=self.published, ledger=self._ledger)

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
