"""Evidence files: made while the platform answers, verified from files alone when it no longer does.

What a bundle holds, and what it says and does not say, stands in docs/evidence.md. What is *not* here: its form
(`govseal.core.verify.bundle`), and the steps of a verification (`govseal.core.verify`).
"""

import hashlib
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import NamedTuple

from govseal.apps.verification import files
from govseal.apps.verification.choosing import STOOD_BEHIND
from govseal.core import trustlist
from govseal.core.errors import (
    GovsealError,
    InputError,
    MalformedToken,
    NotPublished,
    OutsideError,
    RefusedError,
)
from govseal.core.ports import Anchor, ListMemory
from govseal.core.qrtext import origin
from govseal.core.trustlist import succession
from govseal.core.verdict import Outcome
from govseal.core.verify import (
    BlockFacts,
    Bundle,
    Gathered,
    Report,
    Verifier,
    bundle,
    read_trust_list,
    require_no_older_trust_list,
)


def evidence_of_text(*, text: str, verifier: Verifier, trust_token: bytes) -> bytes:
    """Return the evidence file of a code's document.

    Args:
        text: the text of a QR code, or a link.
        verifier: goes by `trust_token` and can ask the ledger.
        trust_token: the trust list as published.

    Raises:
        InputError: this is no code.
        RefusedError: no institution stands behind the document (`NO_EVIDENCE`).
        OutsideError: the receipt or the status list cannot be had now (`EVIDENCE_INCOMPLETE`), or the document.
    """
    return _bundle(verifier.gather(text=text.strip()), verifier, trust_token)


def evidence_of_file(
    *, content: bytes, verifier: Verifier, sheets: files.Sheets, trust_token: bytes
) -> bytes:
    """Return the evidence file of a PDF, a picture or an OpenAttestation file; the rest as `evidence_of_text`.

    Raises:
        InputError: the file cannot be read, or holds nothing that can be checked.
    """
    document = files.attested_document(content=content, sheets=sheets)
    if document is not None:
        return _bundle(verifier.gather(document=document), verifier, trust_token)
    text = files.deciding_code(content=content, verifier=verifier, sheets=sheets)
    return evidence_of_text(text=text, verifier=verifier, trust_token=trust_token)


def evidence_verify(
    *,
    content: bytes,
    trust_token: bytes | None,
    pin: bytes,
    now: datetime,
    at: datetime | None = None,
    beside: trustlist.Find = lambda _: (),
    seen: ListMemory | None = None,
) -> Report:
    """Verify an evidence file from files alone.

    Lists are judged as of the moment the evidence was made, which the signed lists bound: no earlier than the
    status list, and no later than it is fresh. The document's own expiry is judged now.

    Args:
        content: the evidence file.
        trust_token: the trust list to judge by; the one in the file when None. Either must be the pinned key's, or that
            of a key which follows it by the statements in the file and `beside` it (docs/protocol.md clause 6.10).
        pin: certificate (DER) of the trust list's signer, or its SHA-256.
        now: the moment of checking.
        at: another moment as of which everything is judged, expiry too.
        beside: returns statements that are kept beside the trust list.
        seen: the lists and statements that were believed before; nothing is remembered when None. Where a list in the
            file is older than the one remembered, that one judges: it may know of a theft, or of a revocation.

    Raises:
        InputError: this is no evidence file.
        OutsideError: `trust_token` is older than the list remembered, or another one of its number
            (`TRUST_LIST_ROLLED_BACK`, `TRUST_LIST_FORKED`), or a key has named another successor (`SUCCESSION_FORKED`).
        GovsealError: the trust list is not signed by the pinned key nor by one that follows it, damaged, or says
            nothing of that moment.
    """
    evidence = bundle.read(content)
    as_of = at or evidence.made
    token, host = trust_token or evidence.trust_list.encode(), origin.split(evidence.status_uri)[0]
    followed = trustlist.follow(
        token,
        pin=pin,
        host=host,
        now=_moment(token, as_of),
        find=lambda key: [*evidence.statements(key), *beside(key)],
    )
    listed = followed.trust_list
    if seen:
        listed = _newest(token, followed, pin, host, as_of, seen, may_be_older=trust_token is None)
    verifier = Verifier([listed], evidence, None, lambda: at or now, memory=seen, lists_at=as_of)
    return verifier.document(evidence.document)


class _Statements(NamedTuple):
    """`PublishedReader` of the statements that led to a list, by the digest of the key that said each."""

    said: Mapping[str, bytes]

    def get(self, host: str, path: str, *, max_bytes: int) -> bytes:
        del host, max_bytes
        try:
            return self.said[path.rpartition("/")[2]]
        except KeyError:
            raise NotPublished("Nothing leads on from this key.", path=path) from None


def _newest(
    token: bytes,
    followed: trustlist.Followed,
    pin: bytes,
    host: str,
    as_of: datetime,
    seen: ListMemory,
    *,
    may_be_older: bool,
) -> trustlist.TrustList:
    """Return the list to judge by, of this one and the one remembered under the same pin; remember it."""
    name = f"trust list of {hashlib.sha256(pin).hexdigest()}"
    last = seen.recall(name)

    def read(token: bytes, statements: Mapping[str, bytes]) -> trustlist.TrustList:
        published, now = _Statements(statements), _moment(token, as_of)
        return read_trust_list(token, pin=pin, host=host, now=now, published=published, memory=seen)

    listed = read(token, followed.statements)
    if last and may_be_older and listed.sequence < last.order:
        return read(last.token, {})
    require_no_older_trust_list(token, listed, name=name, memory=seen, last=last)
    return listed


def _moment(token: bytes, as_of: datetime) -> datetime:
    """Return when a trust list is to be fresh; one that was made later knows more, and is read as of its own making."""
    try:
        return max(as_of, trustlist.issued_at(token))
    except MalformedToken:
        return as_of


def _bundle(found: Gathered, verifier: Verifier, trust_token: bytes) -> bytes:
    _require_stood_behind(found.report)
    status = found.report.status
    if (
        status is None
        or found.receipt is None
        or found.status_list is None
        or not found.status_list.isascii()
    ):
        missing = "receipt" if found.receipt is None else "status list"
        raise OutsideError(
            f"The platform publishes no {missing} for this document that can be believed now: try again later.",
            code="EVIDENCE_INCOMPLETE",
        )
    return Bundle(
        made=verifier.clock().replace(microsecond=0),
        document=found.document,
        trust_list=trust_token.decode("ascii"),
        status_uri=status.uri,
        status_list=found.status_list.decode("ascii"),
        receipt=found.receipt.decode("ascii"),
        notices=found.notices.decode("ascii") if found.notices else None,
        block=_block(found.report.anchor),
        successions=tuple(_successions(verifier, status.uri)),
    ).to_bytes()


def _successions(verifier: Verifier, status_uri: str) -> Iterator[str]:
    """Yield the statements that lead to the signer of the list which judged."""
    host, _ = origin.split(status_uri)
    for listed in verifier.trust_lists:
        for key in listed.succeeded if listed.speaks_for(host) else ():
            try:
                token = verifier.published.get(host, succession.path(key), max_bytes=succession.MAX_BYTES)
                yield token.decode("ascii")
            except (GovsealError, ValueError) as error:
                raise OutsideError(
                    "The platform does not publish now how the trust list's key followed the ones before it: try again"
                    " later.",
                    code="EVIDENCE_INCOMPLETE",
                ) from error


def _require_stood_behind(report: Report) -> None:
    outcome, reason = report.verdict.outcome, report.verdict.reason
    why = reason.message if reason else ""
    if reason and any(one.step == 1 and one.reason == reason for one in report.verdict.fragments):
        raise InputError(why, code=reason.code)  # what was handed in cannot be read
    if outcome is Outcome.COULD_NOT_CHECK and report.receipt is None:
        raise OutsideError(f"The document could not be checked: {why}", code="EVIDENCE_INCOMPLETE")
    if outcome not in STOOD_BEHIND and outcome is not Outcome.COULD_NOT_CHECK:
        raise RefusedError(f"There is nothing to keep evidence of: {why}", code="NO_EVIDENCE")


def _block(anchor: Anchor | None) -> BlockFacts | None:
    if anchor is None:
        return None
    return BlockFacts(anchor.block_number, anchor.block_hash, anchor.block_time, anchor.confirmations)
