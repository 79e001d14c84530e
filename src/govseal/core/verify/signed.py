"""Steps 5 and 6 of docs/protocol.md section 7 for a document that a DID has signed: no register holds it.

Invariants: only the key that the trust list names counts, whatever the DID's own document would say; nothing is
asked of anybody before its signature holds; stores and responders are asked only where the list names them under
the same institution, and what hides how it is revoked is "could not check".

What is *not* here: finding the key in a list (`finding`), and whether it was stolen (`binding`).
"""

from collections.abc import Sequence

from govseal.core.errors import FetchFailed, InputError, LedgerUnavailable, NotPublished, OutsideError
from govseal.core.openattestation import Check, did, ocsp
from govseal.core.openattestation.issuer import Revocation
from govseal.core.ports import LedgerReader, ResponderReader
from govseal.core.trustlist import Did, Institution, StoreRef
from govseal.core.verdict import Family
from govseal.core.verify.case import Case

_STATUS, _IDENTITY = Family.DOCUMENT_STATUS, Family.ISSUER_IDENTITY


def check_signed(
    case: Case, key: Did, ledger: LedgerReader | None, responders: ResponderReader | None
) -> None:
    """Take step 5 and, once the signature holds, step 6."""
    if case.institution is None or case.check is None:
        case.stop()
    if _check_signature(case, key):
        _check_revocation(case, case.institution, case.check, ledger, responders)


# --- step 5: the signature ----------------------------------------------------------------------------


def _check_signature(case: Case, key: Did) -> bool:
    """Section 1.11: the key that the list names has signed the root."""
    if did.controller(key.url) is None:
        message = "The issuer signs with a kind of DID that cannot be checked here."
        case.error(5, "DidSigned", _STATUS, InputError(message, code="DID_UNSUPPORTED"))
        return False
    if not did.is_signed_by(case.document, key.url):
        message = "The issuer that this document names has not signed it."
        case.invalid(5, "DidSigned", _STATUS, "NOT_SIGNED", message)
        return False
    case.valid(5, "DidSigned", _STATUS, did=key.url)
    return True


# --- step 6: revocation -------------------------------------------------------------------------------


def _check_revocation(
    case: Case,
    institution: Institution,
    check: Check,
    ledger: LedgerReader | None,
    responders: ResponderReader | None,
) -> None:
    kind = case.issuer.revocation
    if kind == Revocation.STORE and case.issuer.location:
        _check_store(case, institution, check, ledger)
    elif kind == Revocation.RESPONDER and case.issuer.location:
        _check_responder(case, institution, check, responders)
    elif kind == Revocation.NONE:
        case.valid(6, "Revocation", _STATUS, kind=kind)
    else:
        message = "The document does not say, in a way known here, where it would be revoked."
        case.error(6, "Revocation", _STATUS, InputError(message, code="REVOCATION_UNKNOWN"))


def _check_store(case: Case, institution: Institution, check: Check, ledger: LedgerReader | None) -> None:
    """Section 2.4: neither the document, nor an inner node, nor the root is revoked in the listed store."""
    store = institution.revocation_store(case.issuer.location)
    if store is None:
        _refuse_place(case)
        return
    try:
        revoked = _ask_ledger(ledger, store, check.path_hashes)
    except LedgerUnavailable as error:
        case.error(6, "LedgerRevoked", _STATUS, error)
    else:
        _tell(case, "LedgerRevoked", revoked=revoked, place=store.address)


def _ask_ledger(ledger: LedgerReader | None, store: StoreRef, hashes: Sequence[bytes]) -> bool:
    if ledger is None:
        raise LedgerUnavailable("The ledger, which tells whether this is revoked, was not asked.")
    return any(ledger.revoked(store, hashes))


def _check_responder(
    case: Case, institution: Institution, check: Check, responders: ResponderReader | None
) -> None:
    """Section 1.11: the listed responder is asked of each hash from the document to the root."""
    location = case.issuer.location
    if location not in institution.ocsp_responders:
        _refuse_place(case)
        return
    try:
        revoked = _ask_responder(responders, location, check.path_hashes)
    except (FetchFailed, NotPublished):
        message = "The service that tells of revoked documents did not answer."
        case.error(6, "OcspResponder", _STATUS, OutsideError(message, code="OCSP_UNAVAILABLE"))
    except OutsideError as error:
        case.error(6, "OcspResponder", _STATUS, error)
    else:
        _tell(case, "OcspResponder", revoked=revoked, place=location)


def _ask_responder(responders: ResponderReader | None, location: str, hashes: Sequence[bytes]) -> bool:
    """Ask of one hash after the other, up to the first that is revoked."""
    if responders is None:
        raise FetchFailed("Nobody is there to ask the responder.")
    names = [f"0x{one.hex()}" for one in hashes]
    answers = zip(responders.answers(location, names), names, strict=True)
    return any(ocsp.is_revoked(answer, name) for answer, name in answers)


def _refuse_place(case: Case) -> None:
    """Section 6.1: where a document is revoked stands under the institution, as all else does."""
    message = "The place where this document says it would be revoked is none of this issuer's."
    case.invalid(7, "RevocationListed", _IDENTITY, "REVOCATION_NOT_LISTED", message)


def _tell(case: Case, name: str, *, revoked: bool, place: str) -> None:
    if revoked:
        case.invalid(6, name, _STATUS, "REVOKED", "The issuer has revoked this document.", place=place)
    else:
        case.valid(6, name, _STATUS, place=place)
