"""Steps 5 and 6 of docs/protocol.md section 7, by what the platform has signed: the receipt and the status list.

The ledger says that a root is registered; an anchor receipt is the platform's word for it (section 2). With a
network the word alone is a detail of "could not check"; from files alone it counts. A status list says what
became of the document since (section 6): it must be one of the institution's, signed by a listed key, fresh, and
no older than what was seen.

Invariants: nothing is fetched but from hosts of the judging list; whatever is wrong with a list or a receipt is
"could not check", since whoever publishes it may have damaged it, and only a state that a list holds is told.

What is *not* here: the ledger's own answers (`checking`).
"""

from govseal.core import receipt, status
from govseal.core.errors import (
    BadSignature,
    FetchFailed,
    GovsealError,
    InputError,
    NotPublished,
    OutsideError,
)
from govseal.core.ports import Anchor, PublishedReader
from govseal.core.qrtext.origin import origin_of
from govseal.core.receipt import Receipt
from govseal.core.status import Notice, State, StatusList
from govseal.core.trustlist import TrustList
from govseal.core.verdict import Family
from govseal.core.verify.case import Case
from govseal.core.verify.report import StatusView
from govseal.core.verify.statuslists import StatusLists

_STATUS, _IDENTITY = Family.DOCUMENT_STATUS, Family.ISSUER_IDENTITY
_TOLD = {
    State.REVOKED: ("REVOKED", "The issuer has revoked this document."),
    State.SUSPENDED: ("SUSPENDED", "The issuer has suspended this document for now."),
    State.SUPERSEDED: ("REPLACED", "The issuer has replaced this document by a newer one."),
}


# --- step 5: the receipt ------------------------------------------------------------------------------


def check_receipt(case: Case, published: PublishedReader) -> None:
    """Step 5 without the ledger's answer: registered, says the platform.

    Offline the receipt's block gives the date of step 7; with a network only the ledger's does.
    """
    if case.trust is None or not (case.offline or case.trust.anchor_certificates):
        return
    try:
        found = _receipt(case, case.trust, published)
    except (BadSignature, InputError) as error:
        message = f"The receipt of the registration cannot be believed: {error.message}"
        refused = OutsideError(message, code="RECEIPT_REFUSED")
        case.error(5, "AnchorReceipt", _STATUS, refused, cause=error.code)
    except GovsealError as error:
        case.error(5, "AnchorReceipt", _STATUS, error)
    else:
        case.receipt = found
        if case.offline:
            case.anchor = Anchor(found.root, found.block_number, found.block_hash, found.block_time, 1)
        checked = found.signed_at.isoformat()
        case.valid(5, "AnchorReceipt", _STATUS, block=found.block_number, checkedAt=checked)


def _receipt(case: Case, trust: TrustList, published: PublishedReader) -> Receipt:
    if case.store is None or case.check is None:
        case.stop()
    root = case.check.path_hashes[-1]
    try:
        token = published.get(_hosts(case, trust)[0], f"a/{root.hex()}", max_bytes=receipt.MAX_BYTES)
    except (NotPublished, FetchFailed):
        message = "No receipt of this registration could be fetched."
        raise OutsideError(message, code="RECEIPT_UNAVAILABLE") from None
    found = receipt.read(token, store=case.store, root=root, certificates=trust.anchor_certificates)
    _require_no_contradiction(found, trust)
    case.receipt_token = token
    return found


def _require_no_contradiction(found: Receipt, trust: TrustList) -> None:
    """Section 6, "Dates": back-dating is judged by checkpoints that others held before."""
    held = trust.checkpoint
    if held is None or (held.chain_id, held.genesis) != (found.store.chain_id, found.store.genesis):
        return
    earlier = found.block_number < held.block_number
    if found.block_number == held.block_number:
        said = f"0x{found.block_hash.hex()}", found.block_time
        agrees = said == (held.block_hash.lower(), held.block_time)
    else:
        agrees = found.block_time <= held.block_time if earlier else found.block_time >= held.block_time
    if not agrees:
        message = "The receipt names a block that the trust list's checkpoint contradicts."
        raise OutsideError(message, code="RECEIPT_CONTRADICTED")


# --- step 6: the status list --------------------------------------------------------------------------


def check_status_list(case: Case, lists: StatusLists, published: PublishedReader) -> None:
    """Step 6, the list's half: what the institution's status list says of the document.

    While the trust list names no status list of an institution, this half is absent.
    """
    trust, institution, document = case.trust, case.institution, case.native
    if trust is None or institution is None or document is None or not institution.status_uris:
        return
    host, uri = _place(case, trust, institution.status_uris, document.status_list)
    if not uri:
        message = "The status list that this document names is none of this issuer's."
        case.invalid(7, "StatusListListed", _IDENTITY, "STATUS_LIST_NOT_LISTED", message)
        return
    try:
        case.status_token, listed = lists.get(uri, host=host, trust=trust)
        state = listed.state(document.status_index)
        notice = None if state is State.VALID else _notice(case, trust, host, uri, state, published)
    except (BadSignature, InputError) as error:
        message = f"The list of revoked documents cannot be believed: {error.message}"
        refused = OutsideError(message, code="STATUS_LIST_REFUSED")
        case.error(6, "StatusList", _STATUS, refused, cause=error.code)
    except GovsealError as error:
        case.error(6, "StatusList", _STATUS, error)
    else:
        _tell(case, listed, state, notice)


def _tell(case: Case, listed: StatusList, state: State, notice: Notice | None) -> None:
    case.status = StatusView(
        listed.uri,
        state.name.lower(),
        listed.issued_at,
        listed.expires_at,
        reason=notice.code if notice else "",
        since=notice.since if notice else None,
    )
    facts = {"list": listed.uri, "state": case.status.state, "asOf": listed.issued_at.isoformat()}
    if state is State.VALID:
        case.valid(6, "StatusList", _STATUS, **facts)
    else:
        case.invalid(6, "StatusList", _STATUS, *_TOLD[state], **facts)


def _notice(
    case: Case, trust: TrustList, host: str, uri: str, state: State, published: PublishedReader
) -> Notice | None:
    """Clause 6.7: why and since when; where that cannot be had or believed, the state alone is told."""
    path = uri.removeprefix(f"{origin_of(host)}/") + status.NOTICES_SUFFIX
    try:
        token = published.get(host, path, max_bytes=status.NOTICES_MAX_BYTES)
        notices = status.read_notices(
            token,
            uri=uri,
            certificates=trust.status_certificates,
            now=case.lists_at,
            max_age=status.OFFLINE_AGE if case.offline else status.ONLINE_AGE,
        )
    except GovsealError:
        return None
    case.notices_token = token
    return notices.of(case.native.status_index, state) if case.native else None


def _place(case: Case, trust: TrustList, uris: tuple[str, ...], number: int) -> tuple[str, str]:
    """Return (host, URI) of the institution's status list of that number, the code's own host first; ("", "") of none."""
    for host in _hosts(case, trust):
        uri = f"{origin_of(host)}/status/{number}"
        if uri in uris:
            return host, uri
    return "", ""


def _hosts(case: Case, trust: TrustList) -> list[str]:
    """Return the judging list's hosts, the code's own first."""
    return sorted(trust.hosts, key=lambda host: host != case.host)
