"""Steps 4 to 6 of docs/protocol.md section 7: what was attested, whether it is issued, whether it still holds.

Invariant: the ledger is asked one bounded question for each document, however hostile its proof.

What is *not* here: what binds the document to issuer, seal and file (`binding`, steps 7 to 9).
"""

from typing import NoReturn

from govseal.core import native, openattestation
from govseal.core.errors import LedgerUnavailable, MalformedDocument, TooLargeError
from govseal.core.openattestation import Check, Integrity
from govseal.core.ports import LedgerFacts
from govseal.core.verdict import Family
from govseal.core.verify.case import Case

_INTEGRITY, _STATUS = Family.DOCUMENT_INTEGRITY, Family.DOCUMENT_STATUS
_LONGEST_PATH = 65
"""Hashes from target to root: no tree of a batch has more than 2**64 leaves."""
_MESSAGES = {
    Integrity.DOCUMENT_TAMPERED: "What this document shows is not what was issued.",
    Integrity.AMBIGUOUS_CONTENT: "This document can be shown in two ways; only one of them was issued.",
    Integrity.NOT_WRAPPED: "This is not an attested document.",
}


# --- step 4: integrity --------------------------------------------------------------------------------


def check_integrity(case: Case) -> None:
    """Step 4: the digest, the proof, and the form of the root; then read what is native."""
    check = openattestation.check(case.document)
    if check.integrity is not Integrity.VALID:
        case.invalid(4, "DocumentHash", _INTEGRITY, check.integrity.value, _MESSAGES[check.integrity])
        case.stop()
    case.check = check
    _require_ledger_form(case, check)
    case.valid(4, "DocumentHash", _INTEGRITY, targetHash=check.target_hash, merkleRoot=check.merkle_root)
    if "govseal" in check.data:
        _read_native(case, check)
    elif case.document_id is not None:  # of a code that only native documents bear
        _stop_at_other_document(case)


def _require_ledger_form(case: Case, check: Check) -> None:
    """Section 1: after integrity, a hash that is not 64 hex digits is INVALID."""
    if not check.path_hashes:
        message = "The document's hashes are not of the form that a ledger holds."
        case.invalid(4, "DocumentHash", _INTEGRITY, "MALFORMED_HASH", message)
        case.stop()
    if len(check.path_hashes) > _LONGEST_PATH:
        case.error(
            4, "DocumentHash", _INTEGRITY, TooLargeError("The document's proof is longer than any batch's.")
        )
        case.stop()


def _read_native(case: Case, check: Check) -> None:
    try:
        case.native = native.read(check.data)
    except MalformedDocument as error:
        case.invalid(4, "NativeForm", _INTEGRITY, error.code, error.message)
        case.stop()
    if case.document_id not in {None, case.native.id}:
        _stop_at_other_document(case)
    case.document_id = case.native.id


def _stop_at_other_document(case: Case) -> NoReturn:
    """Section 1: `id` must equal the id derived from the scanned secret."""
    message = "The document behind this code is another one."
    case.invalid(4, "DocumentId", _INTEGRITY, "ID_MISMATCH", message)
    case.stop()


# --- step 5: issued -----------------------------------------------------------------------------------


def check_issued(case: Case, facts: LedgerFacts) -> None:
    """Step 5: the root stands in the issuer's store."""
    anchor, store = facts.anchor, case.store
    if isinstance(anchor, LedgerUnavailable):
        case.error(5, "LedgerIssued", _STATUS, anchor)
        return
    if anchor is None or store is None:
        message = "The issuer's register does not hold this document."
        case.invalid(5, "LedgerIssued", _STATUS, "ROOT_NOT_ISSUED", message)
        return
    case.anchor = anchor
    place = {"chainId": store.chain_id, "store": store.address, "block": anchor.block_number}
    case.valid(5, "LedgerIssued", _STATUS, **place, time=anchor.block_time.isoformat())


# --- step 6: still valid ------------------------------------------------------------------------------


def check_revoked(case: Case, facts: LedgerFacts) -> None:
    """Step 6, the ledger's half: neither the document, nor an inner node, nor the root is revoked."""
    if isinstance(facts.revoked, LedgerUnavailable):
        case.error(6, "LedgerRevoked", _STATUS, facts.revoked)
    elif facts.revoked:
        case.invalid(6, "LedgerRevoked", _STATUS, "REVOKED", "The issuer has revoked this document.")
    else:
        hashes = case.check.path_hashes if case.check else ()
        case.valid(6, "LedgerRevoked", _STATUS, hashes=len(hashes))


def skip_revoked(case: Case) -> None:
    """Step 6 without a ledger: every ledger revocation also enters the status list (section 2)."""
    message = "The ledger was not asked; the status list speaks for it."
    case.skipped(6, "LedgerRevoked", _STATUS, "NO_LEDGER", message)


def check_expiry(case: Case) -> None:
    """Step 6, the document's half: a native document may name its last day."""
    if case.native is not None and not case.has("Expiry"):
        judge_expiry(case, native.expires_at(case.native.valid_until))


def judge_expiry(case: Case, expires_at: int | None) -> None:
    """Judge a moment of expiry (Unix time): the last second of the last day, UTC, in seal and document alike."""
    if expires_at is None:
        return
    if int(case.now.timestamp()) > expires_at:
        case.invalid(6, "Expiry", _STATUS, "EXPIRED", "The time for which this document is valid has ended.")
    else:
        case.valid(6, "Expiry", _STATUS, expiresAt=expires_at)
