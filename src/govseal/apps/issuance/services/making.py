"""Make one sheet: secret, seal, codes, page, read-back, attested data (docs/protocol.md section 3, "Order").

Pure but for the ports that it is given: nothing is written here.

What is *not* here: drawing the page (callers pass `render`), numbers and places in status lists (`prepare`, `places`).
"""

import hashlib
import hmac
import os
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from govseal.apps.issuance.models import Document
from govseal.apps.issuance.services.places import Place
from govseal.apps.registry.models import Institution
from govseal.apps.registry.selectors import institution_names
from govseal.core import envelope, jsjson, native, seal
from govseal.core import secret as secrets_of
from govseal.core.errors import RefusedError
from govseal.core.openattestation import v2
from govseal.core.openattestation.salting import uuid4_source
from govseal.core.ports import Escrow, SheetReader, Signer
from govseal.core.qrtext import CompactCode, OfflineCode

_MARK_BYTES = 16

QrCode = CompactCode | OfflineCode
Render = Callable[[Mapping[str, QrCode]], bytes]
"""Draws the sheet with its codes, by profile, and returns the PDF."""


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
        asked: what was asked for, in any form that is the same when the same is asked for again; empty: not to be known.
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
    asked: bytes = b""


@dataclass(frozen=True, slots=True)
class Draft:
    """A sheet to be made.

    Attributes:
        sheet: what it says.
        render: draws it.
    """

    sheet: Sheet
    render: Render


@dataclass(frozen=True, slots=True)
class Maker:
    """Makes the sheets of one institution.

    Attributes:
        institution: the issuer.
        issuer: how seals name it.
        host: what the codes name.
        signer: the institution's seal key.
        escrow: the institution's escrow.
        reader: reads the rendered page back.
        now: the moment of sealing.
    """

    institution: Institution
    issuer: str
    host: str
    signer: Signer
    escrow: Escrow
    reader: SheetReader
    now: datetime

    def make(self, draft: Draft, place: Place) -> tuple[Document, bytes]:
        """Return the document's row, not saved yet, and the sealed PDF's ciphertext.

        Raises:
            RefusedError: a code does not read back from the rendered page (`CODE_UNREADABLE`).
            InputError: a value that cannot be sealed.
        """
        sheet, secret = draft.sheet, secrets.token_bytes(secrets_of.SECRET_BYTES)
        document_id = secrets_of.document_id(secret)
        claims = self._claims(sheet, secret, place)
        seal_bytes = seal.sign(claims, kid=seal.key_id(self.signer.certificate), signer=self.signer.sign)
        codes = _codes(sheet.profiles, host=self.host, secret=secret, seal_bytes=seal_bytes)
        pdf = draft.render(codes)
        _require_readable(pdf, codes, self.reader)
        data = _attested(
            self.institution, sheet, pdf=pdf, issuer=self.issuer, claims=claims, seal_bytes=seal_bytes
        )
        salted = v2.salt(data, uuid4_source(os.urandom))
        document = Document(
            id=document_id,
            institution=self.institution,
            type=sheet.type,
            number=sheet.number,
            target_hash=v2.digest(salted),
            status_list=place.number,
            status_index=place.index,
            salted=jsjson.dumps(salted).encode("utf-8", "surrogatepass"),
            key=secrets_of.document_key(secret),
            escrow=self.escrow.protect(secret, context=document_id),
            asked=asked_mark(secret, sheet.asked) if sheet.asked else None,
            prepared_at=self.now,
        )
        file_key, nonce = secrets_of.file_key(secret, 0), secrets.token_bytes(12)
        return document, envelope.seal(pdf, key=file_key, document_id=document_id, nonce=nonce)

    def _claims(self, sheet: Sheet, secret: bytes, place: Place) -> seal.Claims:
        return seal.Claims(
            issuer=self.issuer,
            issued_at=int(self.now.timestamp()),
            expires_at=native.expires_at(sheet.valid_until),
            subject=None,
            type=sheet.type,
            secret=secret,
            fields={code: sheet.fields[code] for code in sheet.decisive},
            status_list=place.number,
            status_index=place.index,
        )


def asked_mark(secret: bytes, asked: bytes) -> bytes:
    """Return 16 bytes that tell what was asked for from all else, to nobody who has not the document's secret."""
    return hmac.digest(secret, b"govseal/1/asked\0" + asked, "sha256")[:_MARK_BYTES]


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
