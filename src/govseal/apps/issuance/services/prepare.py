"""Prepare a sheet: secret, seal, codes, page, read-back, attested data (docs/protocol.md section 3, "Order").

The result waits in the outbox. What leaves no trace when something fails before the row is written is an
unreferenced ciphertext that nobody can open.

What is *not* here: drawing the page (callers pass `render`), batching and anchoring (`outbox`).
"""

import hashlib
import os
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db import IntegrityError, transaction

from govseal.apps.issuance.models import Document
from govseal.apps.registry.models import Institution
from govseal.apps.registry.selectors import institution_names, issuer_of
from govseal.core import envelope, jsjson, native, seal
from govseal.core import secret as secrets_of
from govseal.core.errors import OutsideError, RefusedError
from govseal.core.openattestation import v2
from govseal.core.openattestation.salting import uuid4_source
from govseal.core.ports import Escrow, PublishedWriter, SheetReader, Signer
from govseal.core.qrtext import CompactCode, OfflineCode

QrCode = CompactCode | OfflineCode
Render = Callable[[Mapping[str, QrCode]], bytes]
"""Draws the sheet with its codes, by profile, and returns the PDF."""

STATUS_LIST_SIZE = 131_072
# Guesses at a free index: with 32, a list gives way to the next when about three quarters are taken.
_STATUS_GUESSES = 32
_STATUS_ATTEMPTS = 5


@dataclass(frozen=True, slots=True)
class Sheet:
    """What one official sheet says.

    Attributes:
        type: document type code of the country pack.
        type_version: version of that type, 1 or more.
        decisive: codes of the fields whose values stand in the seal.
        profiles: QR profiles to print, `compact` and `offline`.
        number: the document's number, unique per institution and type.
        issued: date of issue.
        fields: values by field code.
        labels: label per language by field code.
        filename: name of the PDF that is attested.
        valid_until: last day of validity, or None.
    """

    type: str
    type_version: int
    decisive: tuple[str, ...]
    profiles: tuple[str, ...]
    number: str
    issued: date
    fields: Mapping[str, str | int | bool]
    filename: str
    labels: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    valid_until: date | None = None


def document_prepare(
    *,
    institution: Institution,
    sheet: Sheet,
    render: Render,
    country: str,
    host: str,
    signer: Signer,
    escrow: Escrow,
    reader: SheetReader,
    published: PublishedWriter,
    enqueue: Callable[[int], None],
    now: datetime,
) -> Document:
    """Seal one sheet and leave it waiting for its anchor.

    Args:
        institution: the issuer.
        sheet: what the sheet says.
        render: draws it.
        country: ISO code, upper case.
        host: what the codes name.
        signer: the institution's seal key.
        escrow: the institution's escrow.
        reader: reads the rendered page back.
        published: takes the sealed PDF's ciphertext.
        enqueue: called with the institution's primary key inside the transaction that adds the document.
        now: the moment of sealing.

    Raises:
        RefusedError: the institution may not issue this type, the number is issued already, or a code
            does not read back from the rendered page.
        InputError: a value that cannot be sealed.
    """
    _require_allowed(institution, sheet)
    maker = _Maker(
        institution, sheet, render, issuer_of(institution, country), host, signer, escrow, reader, now
    )
    for _ in range(_STATUS_ATTEMPTS):
        document, ciphertext = maker.make(*_free_status_index())
        published.put(f"d/{document.pk}/f/0", ciphertext)
        if _insert(document, enqueue):
            return document
    raise OutsideError("No free place in the status list could be had; try again.", code="STATUS_LIST_BUSY")


@dataclass(frozen=True, slots=True)
class _Maker:
    """What stays the same when a sheet is made again because its status index was taken meanwhile."""

    institution: Institution
    sheet: Sheet
    render: Render
    issuer: str
    host: str
    signer: Signer
    escrow: Escrow
    reader: SheetReader
    now: datetime

    def make(self, status_list: int, status_index: int) -> tuple[Document, bytes]:
        """Return the document's row, not saved yet, and the sealed PDF's ciphertext."""
        secret = secrets.token_bytes(secrets_of.SECRET_BYTES)
        document_id = secrets_of.document_id(secret)
        claims = self._claims(secret, status_list, status_index)
        seal_bytes = seal.sign(claims, kid=seal.key_id(self.signer.certificate), signer=self.signer.sign)
        codes = _codes(self.sheet.profiles, host=self.host, secret=secret, seal_bytes=seal_bytes)
        pdf = self.render(codes)
        _require_readable(pdf, codes, self.reader)
        data = _attested(
            self.institution, self.sheet, pdf=pdf, issuer=self.issuer, claims=claims, seal_bytes=seal_bytes
        )
        salted = v2.salt(data, uuid4_source(os.urandom))
        document = Document(
            id=document_id,
            institution=self.institution,
            type=self.sheet.type,
            number=self.sheet.number,
            target_hash=v2.digest(salted),
            status_list=status_list,
            status_index=status_index,
            salted=jsjson.dumps(salted).encode("utf-8", "surrogatepass"),
            key=secrets_of.document_key(secret),
            escrow=self.escrow.protect(secret, context=document_id),
            prepared_at=self.now,
        )
        file_key, nonce = secrets_of.file_key(secret, 0), secrets.token_bytes(12)
        return document, envelope.seal(pdf, key=file_key, document_id=document_id, nonce=nonce)

    def _claims(self, secret: bytes, status_list: int, status_index: int) -> seal.Claims:
        return seal.Claims(
            issuer=self.issuer,
            issued_at=int(self.now.timestamp()),
            expires_at=native.expires_at(self.sheet.valid_until),
            subject=None,
            type=self.sheet.type,
            secret=secret,
            fields={code: self.sheet.fields[code] for code in self.sheet.decisive},
            status_list=status_list,
            status_index=status_index,
        )


def _require_allowed(institution: Institution, sheet: Sheet) -> None:
    if sheet.type not in institution.document_types:
        raise RefusedError(
            f"{institution.code} may not issue documents of type {sheet.type!r}.", code="TYPE_NOT_ALLOWED"
        )
    taken = Document.objects.filter(institution=institution, type=sheet.type, number=sheet.number).exclude(
        state=Document.State.SET_ASIDE
    )
    if taken.exists():
        raise _number_taken(sheet.number)


def _number_taken(number: str) -> RefusedError:
    return RefusedError(
        f"Number {number} is issued already; a number is issued once.", code="NUMBER_TAKEN", number=number
    )


def _free_status_index() -> tuple[int, int]:
    """Return a random free (list, index); a list that looks full gives way to the next."""
    newest = Document.objects.order_by("-status_list").values_list("status_list", flat=True).first() or 0
    candidates = [secrets.randbelow(STATUS_LIST_SIZE) for _ in range(_STATUS_GUESSES)]
    taken = set(
        Document.objects.filter(status_list=newest, status_index__in=candidates).values_list(
            "status_index", flat=True
        )
    )
    free = next((index for index in candidates if index not in taken), None)
    return (newest + 1, candidates[0]) if free is None else (newest, free)


def _codes(profiles: tuple[str, ...], *, host: str, secret: bytes, seal_bytes: bytes) -> dict[str, QrCode]:
    makers: dict[str, Callable[[], QrCode]] = {
        "compact": lambda: CompactCode(host, secret),
        "offline": lambda: OfflineCode(host, seal_bytes),
    }
    return {profile: makers[profile]() for profile in profiles}


def _require_readable(pdf: bytes, codes: Mapping[str, QrCode], reader: SheetReader) -> None:
    """Find every code again on the rendered pages: a code that cannot be read is worth nothing."""
    missing = {code.text: profile for profile, code in codes.items()}
    for _page, found in reader.read_pdf(pdf):
        for code in found:
            missing.pop(code.text, None)
        if not missing:
            return
    raise RefusedError(
        f"The {' and '.join(sorted(missing.values()))} code does not read back from the rendered page:"
        " give it more room, or a place with nothing under it.",
        code="CODE_UNREADABLE",
    )


def _attested(
    institution: Institution,
    sheet: Sheet,
    *,
    pdf: bytes,
    issuer: str,
    claims: seal.Claims,
    seal_bytes: bytes,
) -> dict[str, object]:
    return native.build(
        issuer_name=institution_names(institution)["en"],
        issuer_domain=institution.domain,
        document_store=institution.store_address,
        number=sheet.number,
        issued=sheet.issued,
        fields=sheet.fields,
        labels=sheet.labels,
        files=[
            native.AttestedFile(
                filename=sheet.filename,
                type="application/pdf",
                size=len(pdf),
                sha256=hashlib.sha256(pdf).hexdigest(),
            )
        ],
        document_id=secrets_of.document_id(claims.secret),
        type=sheet.type,
        type_version=sheet.type_version,
        issuer=issuer,
        status_list=claims.status_list,
        status_index=claims.status_index,
        valid_until=sheet.valid_until,
        seal=seal_bytes,
    )


def _insert(document: Document, enqueue: Callable[[int], None]) -> bool:
    """Add the row and its place in the queue; False when another document took the status index meanwhile.

    Raises:
        RefusedError: another document took the number meanwhile.
    """
    try:
        with transaction.atomic():
            document.save(force_insert=True)
            enqueue(document.institution_id)
    except IntegrityError as error:
        if "one_document_per_number" in str(error):
            raise _number_taken(document.number) from error
        if "one_document_per_status" in str(error):
            return False
        raise
    return True
