"""Steps 7 to 9 of docs/protocol.md section 7: what binds the document to its issuer, its seal and its file.

What is *not* here: steps 1 to 6 (`steps`), and their order (`verifier`).
"""

import hashlib

from govseal.core import native, seal
from govseal.core import secret as secrets
from govseal.core.errors import BadSignature, InputError
from govseal.core.seal import Seal
from govseal.core.trustlist import Certificate
from govseal.core.verdict import Family
from govseal.core.verify.case import Case

UNSEALED_TYPE = "openattestation"
"""Type code of documents without a seal. Only an institution listed for it may issue them, or whoever holds a
ledger key alone could issue what no seal key has signed."""

_INTEGRITY, _IDENTITY = Family.DOCUMENT_INTEGRITY, Family.ISSUER_IDENTITY


# --- step 7: the issuer on that date ------------------------------------------------------------------


def check_issuer_on_date(case: Case) -> None:
    """Step 7: iss, store, key and document type are one institution's, on the anchor's date."""
    problem = _listing_problem(case)
    if problem:
        case.invalid(7, "IssuerListed", _IDENTITY, *problem)
        return
    if case.native is not None:
        case.certificate = _certificate_of(case, case.native.seal)
        if case.certificate is None:
            return
    case.valid(7, "IssuerListed", _IDENTITY, issuer=case.institution.code if case.institution else None)
    if case.anchor is not None:
        _check_date(case)


def _listing_problem(case: Case) -> tuple[str, str] | None:
    if case.institution is None or case.trust is None:
        return "ISSUER_NOT_LISTED", "The trust list names no such issuer."
    if case.native is None:
        if UNSEALED_TYPE in case.institution.document_types:
            return None
        return "UNSEALED_NOT_ALLOWED", "This issuer's documents carry a seal, and this one has none."
    if case.trust.find_issuer(case.native.issuer) is not case.institution:
        return "ISSUER_MISMATCH", "The register that holds this document is another issuer's."
    if case.native.type not in case.institution.document_types:
        return "TYPE_NOT_ALLOWED", "This issuer may not issue documents of this type."
    return None


def _certificate_of(case: Case, sealed: Seal) -> Certificate | None:
    """Return the listed certificate under which the seal's signature holds, trying every match."""
    candidates = case.institution.certificates_with(sealed.kid) if case.institution else []
    if not candidates:
        message = "The seal is signed with a key that the trust list does not give to this issuer."
        case.invalid(7, "SealKey", _IDENTITY, "KEY_NOT_LISTED", message)
        return None
    for certificate in candidates:
        try:
            seal.verify(sealed, certificate.der)
        except BadSignature:
            continue
        return certificate
    message = "The seal's signature does not hold: something in it was changed."
    case.invalid(8, "SealSignature", _INTEGRITY, "SEAL_SIGNATURE", message)
    return None


def _check_date(case: Case) -> None:
    """Section 6, "Dates": step 7's date is the anchor's block time."""
    moment = case.anchor.block_time if case.anchor else case.now
    store = case.institution.store(case.store) if case.institution and case.store else None
    certificate = case.certificate
    if certificate is not None and not certificate.valid_at(moment):
        message = "The issuer's key was not valid when this document was registered."
        case.invalid(7, "IssuerOnDate", _IDENTITY, "KEY_NOT_VALID_THEN", message)
    elif store is not None and store.retired_at is not None and moment >= store.retired_at:
        message = "The issuer's register was closed when this document was entered."
        case.invalid(7, "IssuerOnDate", _IDENTITY, "STORE_RETIRED_THEN", message)
    elif any(
        one is not None and one.compromised_at is not None and moment >= one.compromised_at
        for one in (certificate, store)
    ):
        message = "The issuer's key was stolen before this document was registered: ask the issuer."
        case.error(7, "IssuerOnDate", _IDENTITY, InputError(message, code="KEY_COMPROMISED"))
    else:
        case.valid(7, "IssuerOnDate", _IDENTITY, date=moment.isoformat())


# --- step 8: the seal ---------------------------------------------------------------------------------


def check_seal(case: Case) -> None:
    """Step 8: the seals, the scanned one and the document's own, say what the document says."""
    if case.native is None:
        message = "This document carries no seal; its register speaks for it."
        case.skipped(8, "Seal", _INTEGRITY, "NO_SEAL", message)
        return
    if case.certificate is None:
        return
    for sealed in (case.native.seal, case.scanned_seal):
        if sealed is None:
            continue
        if sealed is case.scanned_seal and _certificate_of(case, sealed) is None:
            return
        differences = _differences(case, sealed)
        if differences:
            message = f"The seal says something else than the document: {', '.join(differences)}."
            case.invalid(8, "Seal", _INTEGRITY, "SEAL_MISMATCH", message)
            return
    case.valid(8, "Seal", _INTEGRITY, kid=case.native.seal.kid.hex())


def _differences(case: Case, sealed: Seal) -> list[str]:
    if case.native is None or case.institution is None:
        return ["document"]
    rule = case.institution.document_types[case.native.type]
    differences = native.matches_seal(case.native, sealed.claims, rule.decisive)
    if secrets.document_id(sealed.claims.secret) != case.native.id:
        differences = [*differences, "secret"]
    return differences


# --- step 9: the file ---------------------------------------------------------------------------------


def check_file(case: Case) -> None:
    """Step 9: the PDF in hand begins with the bytes that were attested.

    A mismatch is no forgery by itself (re-saved, printed to PDF): the person compares with the original.
    """
    if case.file is None or case.native is None:
        case.skipped(9, "AttachedFile", _INTEGRITY, "NO_FILE", "No file was in hand to compare.")
        return
    for attachment in case.native.attachments:
        attested = case.file[: attachment.size]
        if len(attested) == attachment.size and hashlib.sha256(attested).hexdigest() == attachment.sha256:
            case.valid(9, "AttachedFile", _INTEGRITY, filename=attachment.filename, size=attachment.size)
            return
    message = "This file is not the one that was issued, byte for byte: compare it with the original page."
    case.error(9, "AttachedFile", _INTEGRITY, InputError(message, code="FILE_NOT_THE_ORIGINAL"))
