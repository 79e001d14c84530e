"""Step 3 of docs/protocol.md section 7: fetch the document of a code, and decrypt it.

Invariants: only hosts that the judging list names are asked; a failed decryption is "could not check", since
damaged storage must not brand a genuine paper.

What is *not* here: how bytes are fetched, and the limits of the network (`govseal.core.ports.PublishedReader`).
"""

from typing import Any

from govseal.core import envelope, jsjson
from govseal.core import secret as secrets
from govseal.core.errors import (
    DecryptionFailed,
    FetchFailed,
    GovsealError,
    InputError,
    MalformedQrText,
    NotPublished,
)
from govseal.core.ports import PublishedReader
from govseal.core.qrtext import Code, CompactCode, OfflineCode, OpenAttestationCode, UniversalAction
from govseal.core.verdict import Family
from govseal.core.verify.case import Case
from govseal.core.verify.finding import split_link

_INTEGRITY, _STATUS, _IDENTITY = Family.DOCUMENT_INTEGRITY, Family.DOCUMENT_STATUS, Family.ISSUER_IDENTITY
_ENVELOPE_LIMIT = 2 * envelope.JSON_LIMIT
"""Bytes of a published JSON envelope: base64 makes a body of the limit a third longer."""


_SIGNED = ("status/", "a/")
"""Where signed lists and receipts are published: what many documents share."""


class _Once:
    """`PublishedReader` that reads each signed list and receipt once; documents are not kept."""

    def __init__(self, published: PublishedReader) -> None:
        self._published = published
        self._read: dict[tuple[str, str, int], bytes | GovsealError] = {}

    def get(self, host: str, path: str, *, max_bytes: int) -> bytes:
        if not path.startswith(_SIGNED):
            return self._published.get(host, path, max_bytes=max_bytes)
        name = host, path, max_bytes
        if name not in self._read:
            try:
                self._read[name] = self._published.get(host, path, max_bytes=max_bytes)
            except (NotPublished, FetchFailed) as error:
                self._read[name] = error
        found = self._read[name]
        if isinstance(found, GovsealError):
            raise found
        return found


def once(published: PublishedReader) -> PublishedReader:
    """Return a reader for documents that are verified together: of each list they see one and the same."""
    return _Once(published)


def fetch(case: Case, published: PublishedReader) -> None:
    """Take step 3, of a code: a document in hand needs none."""
    if case.code is None:
        return
    try:
        case.document = _document(case, case.code, published)
    except NotPublished:
        message = "The site that this code names has no document of this code."
        case.invalid(3, "Fetch", _STATUS, "ID_UNKNOWN", message)
        case.stop()
    except (FetchFailed, DecryptionFailed, InputError) as error:
        case.error(3, "Fetch", _INTEGRITY, error)
        case.stop()
    case.valid(3, "Fetch", _INTEGRITY, **({"id": case.document_id} if case.document_id else {}))


def _document(case: Case, code: Code, published: PublishedReader) -> Any:
    match code:
        case CompactCode() | OfflineCode():
            return _native(case.host, code, published)
        case OpenAttestationCode(ref=ref, key=key):
            return _foreign(case.host, f"d/{ref}", key, published)
        case UniversalAction(uri=uri, key=key):
            return _action(case, uri, key, published)


def _native(host: str, code: CompactCode | OfflineCode, published: PublishedReader) -> Any:
    content = published.get(host, f"d/{code.id}", max_bytes=_ENVELOPE_LIMIT)
    if envelope.needs_access_code(content):
        raise InputError("This document opens only with an access code.", code="ACCESS_CODE_NEEDED")
    key = secrets.document_key(code.secret)
    return jsjson.parse(envelope.open(content, key=key, document_id=code.id, max_bytes=envelope.JSON_LIMIT))


def _foreign(host: str, path: str, key: str | None, published: PublishedReader) -> Any:
    content = jsjson.parse(published.get(host, path, max_bytes=_ENVELOPE_LIMIT))
    if isinstance(content, dict) and "document" in content:
        content = content["document"]
    return content if key is None else envelope.open_foreign(content, key)


def _action(case: Case, uri: str, key: str | None, published: PublishedReader) -> Any:
    """Follow a universal action only to a host that the same list names (section 6, "Fetching")."""
    host, rest = split_link(uri)
    if case.trust is None or not case.trust.speaks_for(host):
        message = f"This code sends the reader on to {host}, which is not a government site we know."
        case.invalid(2, "ActionHost", _IDENTITY, "HOST_NOT_LISTED", message)
        case.stop()
    if {"?", "#", "\\"} & set(rest):
        raise MalformedQrText(
            "The address that this code names is not the plain name of a published document."
        )
    return _foreign(host, rest.lstrip("/"), key, published)
