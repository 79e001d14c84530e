"""Steps 1 and 2 of docs/protocol.md section 7: read the code or the file, and find the one list that judges it.

Invariants: a host is compared as it is written, nothing looser; who cannot be found in a stale list, or in none,
was not looked for ("could not check"), and who is found in two places is not found in one.

What is *not* here: fetching (`fetching`), and whether the issuer found may issue this (`binding`).
"""

import re
from collections.abc import Sequence
from typing import NoReturn, TypeVar

from govseal.core.errors import GovsealError, InputError, OutsideError
from govseal.core.openattestation import issuer
from govseal.core.qrtext import CompactCode, OfflineCode
from govseal.core.qrtext import read as read_qr_text
from govseal.core.trustlist import Did, Institution, StoreRef, TrustList
from govseal.core.verdict import Family
from govseal.core.verify.case import Case

_INTEGRITY, _IDENTITY = Family.DOCUMENT_INTEGRITY, Family.ISSUER_IDENTITY
# To a browser a backslash ends the host as a slash does.
_LINK = re.compile(r"(https?)://([^/?#\\\s]*)(.*)", re.IGNORECASE | re.DOTALL)
_LONGEST_HOST = 300
"""Characters kept of what a link names as its host; no listed host is as long."""
_Held = TypeVar("_Held", StoreRef, Did)


def split_link(text: str) -> tuple[str, str]:
    """Return a link's host as a trust list would name it, and all that follows; ("", "") for other texts."""
    link = _LINK.fullmatch(text.strip())
    if link is None or not link[2]:
        return "", ""
    host = link[2][:_LONGEST_HOST]
    return (host if link[1].lower() == "https" else f"http://{host}"), link[3]


def read(case: Case, trust_lists: Sequence[TrustList]) -> None:
    """Step 1, and step 2 of a code."""
    if case.subject.text is None:
        _read_document(case)
    else:
        _read_code(case, case.subject.text, trust_lists)


def find_issuer(case: Case, trust_lists: Sequence[TrustList]) -> None:
    """Step 2 of a document in hand; of a code's document, the first half of step 7."""
    if case.check is not None:
        case.issuer = issuer.named(case.check.data, case.document, version=case.check.version)
    if case.code is None:
        _find_among_all(case, trust_lists)
    else:
        _find_in_own(case)


# --- a QR code ----------------------------------------------------------------------------------------


def _read_code(case: Case, text: str, trust_lists: Sequence[TrustList]) -> None:
    """Steps 1 and 2: read a QR text, and find the one list that judges its host."""
    try:
        code = read_qr_text(text)
        if isinstance(code, OfflineCode):
            case.scanned_seal = code.sealed
    except InputError as error:
        _judge_unreadable(case, text, trust_lists, error)
    case.code, case.profile, case.host = code, code.profile, code.host
    case.valid(1, "QrText", _INTEGRITY, profile=code.profile)
    _find_host(case, trust_lists)
    if isinstance(code, CompactCode | OfflineCode):
        case.document_id = code.id


def _judge_unreadable(
    case: Case, text: str, trust_lists: Sequence[TrustList], error: GovsealError
) -> NoReturn:
    """Tell a link to elsewhere, which is not recognised, from a damaged code of a listed host."""
    case.host, _ = split_link(text)
    if case.host and not any(one.speaks_for(case.host) for one in trust_lists):
        _find_host(case, trust_lists)
    case.error(1, "QrText", _INTEGRITY, error)
    case.stop()


def _find_host(case: Case, trust_lists: Sequence[TrustList]) -> None:
    """Step 2 (section 6, "One authority"): exactly one list speaks for the host."""
    judges = [one for one in trust_lists if one.speaks_for(case.host)]
    if not judges:
        _require_lists(case, trust_lists)
        message = f"This code leads to {case.host}, which is not a government site we know."
        case.invalid(2, "TrustListHost", _IDENTITY, "HOST_NOT_LISTED", message)
        case.stop()
    if len(judges) > 1:
        _stop_at_ambiguity(case, 2, "TrustListHost")
    case.trust = judges[0]
    _require_fresh(case, judges)
    case.valid(2, "TrustListHost", _IDENTITY, host=case.host, sequence=case.trust.sequence)


# --- a file -------------------------------------------------------------------------------------------


def _read_document(case: Case) -> None:
    """Step 1: a document in hand."""
    case.profile, case.document = "file", case.subject.document
    case.valid(1, "DocumentFile", _INTEGRITY)


def _find_among_all(case: Case, trust_lists: Sequence[TrustList]) -> None:
    """Step 2 for a file: exactly one institution of exactly one list has its DocumentStore, or the DID that signs."""
    name = "TrustListDid" if _is_by_did(case) else "TrustListStore"
    trust = _find_holder(case, trust_lists, 2, name)
    _require_fresh(case, [trust])
    facts = {"store": case.store.address} if case.store else {"did": case.issuer.key}
    case.valid(2, name, _IDENTITY, **facts, sequence=trust.sequence)


def _find_in_own(case: Case) -> None:
    """Find who has the store or DID of a QR's document, in the list of the code's host and in no other.

    The first half of step 7; its date is judged once the anchor is known.
    """
    _find_holder(case, [case.trust] if case.trust else [], 7, "IssuerListed")


def _is_by_did(case: Case) -> bool:
    """Say whether a signature stands for the register; a native document stands in one."""
    return bool(case.issuer.key) and case.native is None


def _find_holder(case: Case, trust_lists: Sequence[TrustList], step: int, name: str) -> TrustList:
    """Find whose the document is by the store that it names, or else by its DID; return the list that says so."""
    if _is_by_did(case):
        found = _holders_of_did(case.issuer.key, trust_lists)
        message = "No issuer of the trust list has the key by which this document says it is signed."
        trust, case.institution, case.did = _only_one(
            case, found, trust_lists, step, name, "DID_NOT_LISTED", message
        )
    else:
        held = _holders_of_store(case.issuer.store, trust_lists)
        message = "No issuer of the trust list holds the register that this document says it stands in."
        trust, case.institution, case.store = _only_one(
            case, held, trust_lists, step, name, "STORE_NOT_LISTED", message
        )
    case.trust = trust
    return trust


def _holders_of_store(
    address: str, trust_lists: Sequence[TrustList]
) -> list[tuple[TrustList, Institution, StoreRef]]:
    return [
        (trust, institution, ref) for trust in trust_lists for institution, ref in trust.find_stores(address)
    ]


def _holders_of_did(url: str, trust_lists: Sequence[TrustList]) -> list[tuple[TrustList, Institution, Did]]:
    return [
        (trust, institution, listed)
        for trust in trust_lists
        if (institution := trust.find_did(url)) and (listed := institution.did(url))
    ]


def _only_one(
    case: Case,
    held: Sequence[tuple[TrustList, Institution, _Held]],
    trust_lists: Sequence[TrustList],
    step: int,
    name: str,
    code: str,
    message: str,
) -> tuple[TrustList, Institution, _Held]:
    """Return the one holder (section 6, "One authority"), or say that there is none, or more than one."""
    if not held:
        _require_lists(case, trust_lists)
        case.invalid(step, name, _IDENTITY, code, message)
        case.stop()
    if len(held) > 1:
        _stop_at_ambiguity(case, step, name)
    return held[0]


# --- what the lists themselves must be ----------------------------------------------------------------


def _require_lists(case: Case, trust_lists: Sequence[TrustList]) -> None:
    """Only a fresh list can say that somebody is not in it."""
    if not trust_lists:
        _stop_stale(
            case, "No trust list that can be believed is at hand: fetch the newest one and try again."
        )
    _require_fresh(case, trust_lists)


def _require_fresh(case: Case, trust_lists: Sequence[TrustList]) -> None:
    for trust in trust_lists:
        if case.lists_at > trust.next_update:
            _stop_stale(
                case,
                f"The trust list ran out on {trust.next_update:%Y-%m-%d}: fetch the new one and try again.",
            )


def _stop_stale(case: Case, message: str) -> NoReturn:
    case.error(2, "TrustListFresh", _IDENTITY, OutsideError(message, code="TRUST_LIST_STALE"))
    case.stop()


def _stop_at_ambiguity(case: Case, step: int, name: str) -> NoReturn:
    """Two places claim what one may hold (section 6, "One authority"): nobody can tell which judges."""
    message = "The trust lists name two holders of this: their makers must settle it first."
    case.error(step, name, _IDENTITY, OutsideError(message, code="AMBIGUOUS_TRUST_LIST"))
    case.stop()
