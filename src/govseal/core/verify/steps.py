"""Steps 1 to 6 of docs/protocol.md section 7, each marked with its number.

A step adds fragments and facts to the `Case`; it stops the case when nothing after it can be taken.
What is *not* here: the order (`verifier`), and what the document says of itself (`binding`, steps 7 to 9).
"""

import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from govseal.core import envelope, jsjson, native, openattestation
from govseal.core import secret as secrets
from govseal.core.errors import (
    DecryptionFailed,
    FetchFailed,
    GovsealError,
    InputError,
    LedgerUnavailable,
    MalformedDocument,
    NotPublished,
)
from govseal.core.openattestation import Integrity
from govseal.core.ports import LedgerReader, PublishedReader
from govseal.core.qrtext import Code, CompactCode, OfflineCode, OpenAttestationCode, UniversalAction
from govseal.core.qrtext import read as read_qr_text
from govseal.core.trustlist import StoreRef, TrustList
from govseal.core.verdict import Family
from govseal.core.verify.case import Case

_INTEGRITY, _STATUS, _IDENTITY = Family.DOCUMENT_INTEGRITY, Family.DOCUMENT_STATUS, Family.ISSUER_IDENTITY
_ENVELOPE_LIMIT = 2 * envelope.JSON_LIMIT
"""Bytes of a published JSON envelope: base64 makes a body of the limit a third longer."""
_ADDRESS = re.compile(r"0x[0-9a-fA-F]{40}")

_INTEGRITY_MESSAGES = {
    Integrity.DOCUMENT_TAMPERED: "What this document shows is not what was issued.",
    Integrity.AMBIGUOUS_CONTENT: "This document can be shown in two ways; only one of them was issued.",
    Integrity.NOT_WRAPPED: "This is not an attested document.",
}


# --- steps 1 and 2 for a QR code --------------------------------------------------------------------


def read_code(case: Case, text: str, trust_lists: Sequence[TrustList]) -> Code:
    """Steps 1 and 2: read a QR text, and find the one list that judges its host."""
    try:
        code = read_qr_text(text)
        if isinstance(code, OfflineCode):
            case.scanned_seal = code.sealed
    except InputError as error:
        _judge_unreadable(case, text, trust_lists, error)
    case.profile, case.host = code.profile, code.host
    case.valid(1, "QrText", _INTEGRITY, profile=code.profile)
    _find_host(case, trust_lists)
    return code


def _judge_unreadable(case: Case, text: str, trust_lists: Sequence[TrustList], error: GovsealError) -> None:
    """Tell a link to elsewhere, which is not recognised, from a damaged code of a listed host."""
    case.host = _origin(text)
    if case.host and not any(one.speaks_for(case.host) for one in trust_lists):
        _find_host(case, trust_lists)
    case.error(1, "QrText", _INTEGRITY, error)
    case.stop()


def _origin(text: str) -> str:
    """Return the host as a trust list would name it, or nothing when `text` is not a link."""
    try:
        link = urlsplit(text.strip())
    except ValueError:
        return ""
    if link.scheme not in {"http", "https"} or not link.netloc:
        return ""
    return link.netloc if link.scheme == "https" else f"http://{link.netloc}"


def _find_host(case: Case, trust_lists: Sequence[TrustList]) -> None:
    """Step 2 (section 6, "One authority"): exactly one list speaks for the host."""
    judges = [one for one in trust_lists if one.speaks_for(case.host)]
    if len(judges) != 1:
        message = f"This code leads to {case.host or 'nowhere'}, which is not a government site we know."
        case.invalid(2, "TrustListHost", _IDENTITY, "HOST_NOT_LISTED", message)
        case.stop()
    case.trust = judges[0]
    _require_fresh(case, case.trust)
    case.valid(2, "TrustListHost", _IDENTITY, host=case.host, sequence=case.trust.sequence)


def _require_fresh(case: Case, trust: TrustList) -> None:
    if case.now > trust.next_update:
        message = f"The trust list ran out on {trust.next_update:%Y-%m-%d}: fetch the new one and try again."
        case.error(2, "TrustListFresh", _IDENTITY, InputError(message, code="TRUST_LIST_STALE"))
        case.stop()


# --- steps 1 and 2 for a file -------------------------------------------------------------------------


def read_document(case: Case, document: Any) -> None:
    """Step 1: a document in hand."""
    case.document = document
    case.valid(1, "DocumentFile", _INTEGRITY)


def find_store(case: Case, trust_lists: Sequence[TrustList]) -> None:
    """Step 2 for a file: exactly one institution of exactly one list holds its DocumentStore."""
    address = _store_address(case)
    found = [
        (trust, institution, store.ref)
        for trust in trust_lists
        for institution in trust.institutions
        for store in institution.stores
        if store.ref.address.lower() == address
    ]
    if len(found) != 1:
        message = "No trust list names the register this document says it stands in."
        case.invalid(2, "TrustListStore", _IDENTITY, "STORE_NOT_LISTED", message)
        case.stop()
    case.trust, case.institution, case.store = found[0]
    _require_fresh(case, case.trust)
    case.valid(2, "TrustListStore", _IDENTITY, store=case.store.address, sequence=case.trust.sequence)


def _store_address(case: Case) -> str:
    """Return the lower-case address of the document's one DocumentStore, or nothing."""
    issuers = case.check.data.get("issuers") if case.check else None
    if not isinstance(issuers, list) or len(issuers) != 1 or not isinstance(issuers[0], dict):
        return ""
    address = issuers[0].get("documentStore")
    return address.lower() if isinstance(address, str) and _ADDRESS.fullmatch(address) else ""


# --- step 3: fetch and decrypt ------------------------------------------------------------------------


def fetch(case: Case, code: Code, published: PublishedReader) -> None:
    """Step 3. A failed decryption is "could not check": damaged storage must not brand a genuine paper."""
    try:
        case.document = _fetch_document(case, code, published)
    except NotPublished:
        message = "The site that this code names has no document of this code."
        case.invalid(3, "Fetch", _STATUS, "ID_UNKNOWN", message)
        case.stop()
    except (FetchFailed, DecryptionFailed, InputError) as error:
        case.error(3, "Fetch", _INTEGRITY, error)
        case.stop()
    case.valid(3, "Fetch", _INTEGRITY, id=case.document_id)


def _fetch_document(case: Case, code: Code, published: PublishedReader) -> Any:
    match code:
        case CompactCode() | OfflineCode():
            return _fetch_native(case, code.secret, published)
        case OpenAttestationCode(ref=ref, key=key):
            return _fetch_foreign(case.host, f"d/{ref}", key, published)
        case UniversalAction(uri=uri, key=key):
            return _fetch_action(case, uri, key, published)


def _fetch_native(case: Case, secret: bytes, published: PublishedReader) -> Any:
    case.document_id = secrets.document_id(secret)
    content = published.get(case.host, f"d/{case.document_id}", max_bytes=_ENVELOPE_LIMIT)
    body = envelope.open(
        content,
        key=secrets.document_key(secret),
        document_id=case.document_id,
        max_bytes=envelope.JSON_LIMIT,
    )
    return jsjson.parse(body)


def _fetch_foreign(host: str, path: str, key: str | None, published: PublishedReader) -> Any:
    content = jsjson.parse(published.get(host, path, max_bytes=_ENVELOPE_LIMIT))
    if isinstance(content, dict) and "document" in content:
        content = content["document"]
    return content if key is None else envelope.open_foreign(content, key)


def _fetch_action(case: Case, uri: str, key: str | None, published: PublishedReader) -> Any:
    """Follow a universal action only to a host that the same list names (section 6, "Fetching")."""
    host = _origin(uri)
    if case.trust is None or not case.trust.speaks_for(host):
        message = (
            f"This code sends the reader on to {host or 'nowhere'}, which is not a government site we know."
        )
        case.invalid(2, "ActionHost", _IDENTITY, "HOST_NOT_LISTED", message)
        case.stop()
    return _fetch_foreign(host, urlsplit(uri).path.lstrip("/"), key, published)


# --- step 4: integrity --------------------------------------------------------------------------------


def check_integrity(case: Case) -> None:
    """Step 4: the digest, the proof, and the form of the root; then read what is native."""
    check = openattestation.check(case.document)
    if check.integrity is not Integrity.VALID:
        case.invalid(
            4, "DocumentHash", _INTEGRITY, check.integrity.value, _INTEGRITY_MESSAGES[check.integrity]
        )
        case.stop()
    case.check = check
    if not check.path_hashes:
        message = "The document's hashes are not of the form that a ledger holds."
        case.invalid(4, "DocumentHash", _INTEGRITY, "MALFORMED_HASH", message)
        case.stop()
    case.valid(4, "DocumentHash", _INTEGRITY, targetHash=check.target_hash, merkleRoot=check.merkle_root)
    if "govseal" in check.data:
        _read_native(case)


def _read_native(case: Case) -> None:
    try:
        case.native = native.read(case.check.data if case.check else {})
    except MalformedDocument as error:
        case.invalid(4, "NativeForm", _INTEGRITY, error.code, error.message)
        case.stop()
    if case.document_id is not None and case.native.id != case.document_id:
        message = "The document behind this code is another one."
        case.invalid(4, "DocumentId", _INTEGRITY, "ID_MISMATCH", message)
        case.stop()
    case.document_id = case.native.id


# --- the issuer of a QR's document (first half of step 7: the date is judged once the anchor is known) --


def recognise_issuer(case: Case) -> None:
    """Find the institution that lists the document's store, in the list of the code's host."""
    address = _store_address(case)
    institutions = case.trust.institutions if case.trust else ()
    found = [
        (one, store.ref)
        for one in institutions
        for store in one.stores
        if store.ref.address.lower() == address
    ]
    if len(found) != 1:
        message = "The trust list names no issuer that holds the register this document says it stands in."
        case.invalid(7, "IssuerListed", _IDENTITY, "STORE_NOT_LISTED", message)
        case.stop()
    case.institution, case.store = found[0]


# --- steps 5 and 6: the ledger ------------------------------------------------------------------------


def check_issued(case: Case, ledger: LedgerReader) -> None:
    """Step 5: the root stands in the issuer's store."""
    store, root = _ledger_question(case)
    try:
        case.anchor = ledger.anchor(store, root)
    except LedgerUnavailable as error:
        case.error(5, "LedgerIssued", _STATUS, error)
        return
    if case.anchor is None:
        message = "The issuer's register does not hold this document."
        case.invalid(5, "LedgerIssued", _STATUS, "ROOT_NOT_ISSUED", message)
        return
    case.valid(
        5,
        "LedgerIssued",
        _STATUS,
        chainId=store.chain_id,
        store=store.address,
        block=case.anchor.block_number,
        time=case.anchor.block_time.isoformat(),
    )


def check_revoked(case: Case, ledger: LedgerReader) -> None:
    """Step 6, the ledger's half: neither the document, nor an inner node, nor the root is revoked."""
    store, _ = _ledger_question(case)
    hashes = case.check.path_hashes if case.check else []
    try:
        revoked = ledger.revoked(store, hashes)
    except LedgerUnavailable as error:
        case.error(6, "LedgerRevoked", _STATUS, error)
        return
    if any(revoked):
        case.invalid(6, "LedgerRevoked", _STATUS, "REVOKED", "The issuer has revoked this document.")
    else:
        case.valid(6, "LedgerRevoked", _STATUS, hashes=len(hashes))


def check_expiry(case: Case) -> None:
    """Step 6, the document's half: a native document may name its last day."""
    if case.native is None or case.native.valid_until is None:
        return
    last = case.native.valid_until
    if case.now.date() > last:
        message = f"This document was valid until {last.isoformat()}."
        case.invalid(6, "Expiry", _STATUS, "EXPIRED", message)
    else:
        case.valid(6, "Expiry", _STATUS, validUntil=last.isoformat())


def _ledger_question(case: Case) -> tuple[StoreRef, bytes]:
    if case.store is None or case.check is None or case.check.merkle_root is None:
        case.stop()
    return case.store, bytes.fromhex(case.check.merkle_root)
