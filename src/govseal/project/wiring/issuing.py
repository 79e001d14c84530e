"""Issuing, the part of an office that seals sheets and releases them: one by one, or many together.

What is *not* here: the register of institutions and what else an officer asks for (`office`).
"""

import gc
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import islice

from govseal.adapters import pdf
from govseal.adapters.countrypack import Country, DocumentType, load_country
from govseal.adapters.evm import EvmReader
from govseal.adapters.qrimage import symbol
from govseal.adapters.typeset import SheetContext, Typesetter
from govseal.adapters.typeset.fields import check_khmer
from govseal.apps.issuance import selectors as documents
from govseal.apps.issuance import services as issuance
from govseal.apps.issuance.models import Document
from govseal.apps.issuance.services.making import QrCode
from govseal.apps.registry import selectors as registry
from govseal.apps.registry.models import Institution
from govseal.core.errors import GovsealError, InputError
from govseal.core.ports import SheetReader
from govseal.core.verify import Verifier
from govseal.project.assets import FONTS_FOLDER, LABEL_FONT
from govseal.project.configuration import Configuration
from govseal.project.wiring import keys, shared
from govseal.project.wiring.place import Notice, Place, Wishes
from govseal.project.wiring.proofs import Proofs, ReadSheets
from govseal.project.wiring.queue import outbox_enqueue

AT_ONCE = 50
"""Documents that are prepared, or released, together: about a second's work."""


@dataclass(frozen=True, slots=True)
class Order:
    """One document to be typeset.

    Attributes:
        number: its number, unique per institution and type.
        issued: date of issue.
        fields: values by field code.
        valid_until: last day of validity, or None.
        asked: see `issuance.Sheet`.
    """

    number: str
    issued: date
    fields: Mapping[str, str | int | bool]
    valid_until: date | None = None
    asked: bytes = b""


class Issuing(ABC):
    """Seals and releases.

    Args:
        configuration: the installation; its database and chain must be reachable.
    """

    def __init__(self, configuration: Configuration) -> None:
        self.configuration = configuration
        self.published = shared.published_files(configuration)
        self.sheets = ReadSheets()
        self._proofs = Proofs(self.sheets)
        gc.freeze()  # what is loaded by now stays: to look it over again and again takes a tenth of issuing

    @abstractmethod
    def trust_list_ensure(self) -> None:
        """Publish the trust list when it does not say what it has to."""

    @cached_property
    def country(self) -> Country:
        """The country pack."""
        return load_country(self.configuration.country_folder)

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

    # --- sealing --------------------------------------------------------------------------------------

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
        order = Order(number, issued, fields, valid_until)
        (result,) = self.typeset_many(institution_code=institution_code, type_code=type_code, orders=[order])
        return _document(result)

    def typeset_many(
        self, *, institution_code: str, type_code: str, orders: Iterable[Order]
    ) -> Iterator[issuance.Prepared]:
        """Typeset, seal and queue documents of one type; yield what became of each, in order.

        What is asked about keys and institution is asked anew for every `AT_ONCE` of them.
        """
        kind, waiting = self.document_type(type_code), iter(orders)
        while together := list(islice(waiting, AT_ONCE)):
            institution = registry.institution_get(institution_code)
            drafts = [self._draft(institution, kind, order) for order in together]
            yield from self._prepared(institution, drafts, self._proofs)

    def _draft(self, institution: Institution, kind: DocumentType, order: Order) -> issuance.Draft:
        context = SheetContext(
            host=self.configuration.host,
            number=order.number,
            issued=order.issued,
            issuer=registry.institution_names(institution),
            brand_colour=self.country.brand_colour,
            demonstration=self.configuration.demonstration,
        )

        def render(codes: Mapping[str, QrCode]) -> bytes:
            drawn = {profile: symbol(code) for profile, code in codes.items()}
            return self.typesetter.render(kind.folder, fields=order.fields, codes=drawn, context=context)

        return issuance.Draft(_sheet(kind, order), render)

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
        asked: bytes = b"",
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
            asked: see `issuance.Sheet`.
        """
        institution, kind = registry.institution_get(institution_code), self.document_type(type_code)
        missing = [code for code in kind.decisive if code not in fields]
        if missing:
            raise InputError(f"Give the fields that the seal of {kind.code!r} carries: {', '.join(missing)}.")
        check_khmer(fields)
        order = Order(number, issued, fields, asked=asked)
        sheet = _sheet(kind, order, filename=filename, profiles=("compact",))

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

        (result,) = self._prepared(institution, [issuance.Draft(sheet, render)], self.sheets)
        document = _document(result)
        for notice in notices:
            tell(notice)
        return document

    def _prepared(
        self, institution: Institution, drafts: Sequence[issuance.Draft], reader: SheetReader
    ) -> list[issuance.Prepared]:
        signer = keys.seal_signer(self.configuration, institution.code)
        registry.seal_certificate_require(institution, signer.certificate)
        newest = documents.newest_status_list()
        results = issuance.documents_prepare(
            institution=institution,
            drafts=drafts,
            country=self.country.code,
            host=self.configuration.host,
            signer=signer,
            escrow=keys.escrow(self.configuration, institution.code),
            reader=reader,
            published=self.published,
            enqueue=outbox_enqueue,
            now=shared.utc_now(),
        )
        if any(isinstance(one, Document) and one.status_list > newest for one in results):
            self.trust_list_ensure()  # it is to name one list ahead of those in use
        return results

    # --- releasing ------------------------------------------------------------------------------------

    def release(self, document_id: str) -> issuance.ReleasedSheet:
        """Verify an anchored document from its rendered page and hand it over."""
        (released,) = self.release_many([document_id])
        if isinstance(released, GovsealError):
            raise released
        return released

    def release_many(self, ids: Iterable[str]) -> Iterator[issuance.Released]:
        """Verify anchored documents from their rendered pages; yield each, or why it is kept back, in order."""
        waiting = iter(ids)
        while together := list(islice(waiting, AT_ONCE)):
            rows = documents.documents_get(together)
            released = issuance.documents_release(
                documents=[rows[one] for one in together if one in rows],
                host=self.configuration.host,
                escrow=lambda document: keys.escrow(self.configuration, document.institution.code),
                published=self.published,
                reader=self.sheets,
                writer=self.sheets,
                verifier=self.verifier,
                clock=shared.utc_now,
            )
            yield from (next(released) if one in rows else _unknown(one) for one in together)

    @cached_property
    def _ledger(self) -> EvmReader:
        return shared.ledger_reader(self.configuration)

    @cached_property
    def _trust_lists(self) -> shared.TrustLists:
        return shared.TrustLists(self.configuration, self.published)

    def verifier(self) -> Verifier:
        """Return a verifier over the country's trust list, read afresh."""
        return shared.verifier(
            self.configuration,
            published=self.published,
            ledger=self._ledger,
            trust_lists=self._trust_lists,
        )


def _sheet(
    kind: DocumentType,
    order: Order,
    *,
    filename: str | None = None,
    profiles: tuple[str, ...] | None = None,
) -> issuance.Sheet:
    return issuance.Sheet(
        type=kind.code,
        type_version=kind.version,
        decisive=kind.decisive,
        profiles=profiles or kind.profiles,
        number=order.number,
        issued=order.issued,
        fields=order.fields,
        filename=filename or kind.attachment,
        labels={code: kind.labels[code] for code in order.fields if code in kind.labels},
        valid_until=order.valid_until,
        asked=order.asked,
    )


def _document(result: issuance.Prepared) -> Document:
    if isinstance(result, Document):
        return result
    raise result


def _unknown(document_id: str) -> InputError:
    return InputError(f"There is no document with the id {document_id}.", code="UNKNOWN_DOCUMENT")
