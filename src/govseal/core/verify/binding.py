"""Steps 7 to 9 of docs/protocol.md section 7: what binds the document to its issuer, its seal and its file.

What is *not* here: steps 1 to 6 (`finding`, `fetching`, `checking`), and their order (`verifier`).
"""

import hashlib
from datetime import datetime
from typing import Any

from govseal.core import native, seal
from govseal.core.errors import BadSignature, InputError, OutsideError
from govseal.core.native import AttestedFile, NativeDocument
from govseal.core.seal import Seal
from govseal.core.trustlist import Certificate, Institution, Store
from govseal.core.verdict import Family
from govseal.core.verify.case import Case, Extend
from govseal.core.verify.checking import judge_expiry

UNSEALED_TYPE = "openattestation"
"""Type code of documents without a seal. Only an institution listed for it may issue them, or whoever holds a
ledger key alone could issue what no seal key has signed."""

_INTEGRITY, _IDENTITY = Family.DOCUMENT_INTEGRITY, Family.ISSUER_IDENTITY


# --- steps 6 to 8 for an offline code, as far as it tells by itself ------------------------------------


def check_scanned_seal(case: Case) -> None:
    """Judge the seal that an offline code holds before anything is fetched (section 5).

    So a changed or foreign seal is told while the host is away, and a forger's code makes nobody fetch.
    """
    if case.scanned_seal is None or case.trust is None:
        return
    claims = case.scanned_seal.claims
    institution = case.trust.find_issuer(claims.issuer)
    if institution is None:
        message = f"The trust list names no issuer {claims.issuer}."
        case.invalid(7, "IssuerListed", _IDENTITY, "ISSUER_NOT_LISTED", message)
        case.stop()
    if _certificate_of(case, institution, case.scanned_seal) is None:
        case.stop()
    judge_expiry(case, claims.expires_at)


# --- step 7: the issuer on that date ------------------------------------------------------------------


def check_issuer_on_date(case: Case) -> None:
    """Step 7: iss, store, key and document type are one institution's, on the anchor's date."""
    institution, document = case.institution, case.native
    if institution is None:
        case.stop()
    if document is None:
        if case.did is None and not _unsealed_allowed(case, institution):
            return
    else:
        if not _sealed_allowed(case, institution, document):
            return
        case.certificate = _certificate_of(case, institution, document.seal)
        if case.certificate is None:
            return
    case.valid(7, "IssuerListed", _IDENTITY, issuer=institution.code)
    _check_date(case, institution)


def _sealed_allowed(case: Case, institution: Institution, document: NativeDocument) -> bool:
    if case.trust is None or case.trust.find_issuer(document.issuer) is not institution:
        message = "The register that holds this document is another issuer's."
        case.invalid(7, "IssuerListed", _IDENTITY, "ISSUER_MISMATCH", message)
        return False
    if document.type not in institution.document_types:
        message = "This issuer may not issue documents of this type."
        case.invalid(7, "IssuerListed", _IDENTITY, "TYPE_NOT_ALLOWED", message)
        return False
    return True


def _unsealed_allowed(case: Case, institution: Institution) -> bool:
    message = "This issuer's documents carry a seal, and this one shows none."
    if UNSEALED_TYPE not in institution.document_types:
        case.invalid(7, "IssuerListed", _IDENTITY, "UNSEALED_NOT_ALLOWED", message)
        return False
    if len(institution.document_types) > 1 and _hides_something(case.document):
        # Whoever hides `govseal` hides the seal, the expiry and the type: nobody can tell that it was not so.
        case.error(7, "IssuerListed", _IDENTITY, InputError(message, code="UNSEALED_NOT_ALLOWED"))
        return False
    return True


def _hides_something(document: Any) -> bool:
    privacy = document.get("privacy") if isinstance(document, dict) else None
    return isinstance(privacy, dict) and bool(privacy.get("obfuscatedData"))


def _certificate_of(case: Case, institution: Institution, sealed: Seal) -> Certificate | None:
    """Return the listed certificate under which the seal's signature holds, trying every match."""
    candidates = institution.certificates_with(sealed.kid)
    for certificate in candidates:
        try:
            seal.verify(sealed, certificate.der)
        except BadSignature:
            continue
        return certificate
    if candidates:
        message = "The seal's signature does not hold: something in it was changed."
        case.invalid(8, "SealSignature", _INTEGRITY, "SEAL_SIGNATURE", message)
    else:
        message = "The seal is signed with a key that the trust list does not give to this issuer."
        case.invalid(7, "SealKey", _IDENTITY, "KEY_NOT_LISTED", message)
    return None


def _check_date(case: Case, institution: Institution) -> None:
    """Section 6, "Dates": step 7's date is the anchor's block time; a DID's signature bears none."""
    if case.did is not None and case.did.compromised_at is not None:
        message = "The issuer's key was stolen, and nobody can tell what was signed before: ask the issuer."
        case.error(7, "IssuerOnDate", _IDENTITY, OutsideError(message, code="KEY_COMPROMISED"))
    if case.anchor is None or case.store is None:
        return
    moment, certificate, store = case.anchor.block_time, case.certificate, institution.store(case.store)
    if certificate is not None and not certificate.valid_at(moment):
        message = "The issuer's key was not valid when this document was registered."
        case.invalid(7, "IssuerOnDate", _IDENTITY, "KEY_NOT_VALID_THEN", message)
    elif store is not None and store.retired_at is not None and moment >= store.retired_at:
        message = "The issuer's register was closed when this document was entered."
        case.invalid(7, "IssuerOnDate", _IDENTITY, "STORE_RETIRED_THEN", message)
    elif any(_stolen_by(one, moment, case) for one in (certificate, store)):
        message = "The issuer's key was stolen before this document was registered, or may have been: ask the issuer."
        case.error(7, "IssuerOnDate", _IDENTITY, OutsideError(message, code="KEY_COMPROMISED"))
    else:
        case.valid(7, "IssuerOnDate", _IDENTITY, date=moment.isoformat())


def _stolen_by(key: Certificate | Store | None, moment: datetime, case: Case) -> bool:
    """Say whether a key may have been a thief's; without the ledger no date of registration clears it."""
    return bool(key and key.compromised_at and (case.offline or moment >= key.compromised_at))


# --- step 8: the seal ---------------------------------------------------------------------------------


def check_seal(case: Case) -> None:
    """Step 8: the seals, the scanned one and the document's own, say what the document says.

    The signature of the document's own was checked at step 7, that of the scanned one before the fetch.
    """
    if case.native is None:
        message = "This document carries no seal; its register, or its issuer's signature, speaks for it."
        case.skipped(8, "Seal", _INTEGRITY, "NO_SEAL", message)
        return
    if case.certificate is None or case.institution is None:
        return
    decisive = case.institution.document_types[case.native.type].decisive
    for sealed in filter(None, (case.native.seal, case.scanned_seal)):
        differences = _differences(case.native, sealed, decisive)
        if differences:
            message = f"The seal says something else than the document: {', '.join(differences)}."
            case.invalid(8, "Seal", _INTEGRITY, "SEAL_MISMATCH", message)
            return
    case.valid(8, "Seal", _INTEGRITY, kid=case.native.seal.kid.hex())


def _differences(document: NativeDocument, sealed: Seal, decisive: tuple[str, ...]) -> list[str]:
    differences = native.matches_seal(document, sealed.claims, decisive)
    if sealed.claims.secret != document.seal.claims.secret:
        differences.append("secret")  # the document's own gives its id
    if sealed.kid != document.seal.kid:
        differences.append("key")  # the date was judged for the document's own
    return differences


# --- step 9: the file ---------------------------------------------------------------------------------


def check_file(case: Case) -> None:
    """Step 9: the PDF in hand is the one that was issued.

    A mismatch is no forgery by itself (re-saved, printed to PDF): the person compares with the original. What
    follows the attested bytes must be the attachment of the attested JSON and nothing else: a viewer shows the
    last update of a PDF, and whoever appends one decides what the page looks like.
    """
    content, extend = case.subject.file, case.subject.extend
    if content is None or case.native is None:
        case.skipped(9, "AttachedFile", _INTEGRITY, "NO_FILE", "No file was in hand to compare.")
        return
    for file in case.native.files:
        original = content[: file.size]
        if is_attested(file, original) and content in (original, _released(original, extend)):
            case.valid(9, "AttachedFile", _INTEGRITY, filename=file.filename, size=file.size)
            return
    message = "This file is not the one that was issued, byte for byte: compare it with the original page."
    case.error(9, "AttachedFile", _INTEGRITY, InputError(message, code="FILE_NOT_THE_ORIGINAL"))


def is_attested(file: AttestedFile, content: bytes) -> bool:
    """Say whether `content` is what a document attests as one of its files."""
    return len(content) == file.size and hashlib.sha256(content).hexdigest() == file.sha256


def _released(original: bytes, extend: Extend | None) -> bytes:
    try:
        return original if extend is None else extend(original)
    except InputError:  # the attested bytes cannot have been extended so
        return original
