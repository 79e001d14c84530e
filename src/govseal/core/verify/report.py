"""What a verification tells: the verdict and the facts that stand behind it.

Invariant: names of issuers and types come from the trust list, never from the document; no key and no
secret is in a report. What is *not* here: the words in each language (`govseal.web.shared`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from govseal.core.ports import Anchor
from govseal.core.receipt import Receipt
from govseal.core.trustlist import StoreRef
from govseal.core.verdict import Verdict


@dataclass(frozen=True, slots=True)
class IssuerView:
    """A recognised issuer, as the trust list names it.

    Attributes:
        code: its code in the country.
        country: ISO 3166-1 alpha-2 code of the list.
        names: its name per language.
        domain: its DNS name.
    """

    code: str
    country: str
    names: Mapping[str, str]
    domain: str


@dataclass(frozen=True, slots=True)
class DocumentView:
    """What a document says, unsalted.

    Attributes:
        number: its number; empty for a document that is not native.
        type: type code; empty for a document that is not native.
        type_names: the type's name per language, from the trust list.
        issued: date of issue, or None.
        valid_until: last day of validity, or None.
        fields: value by field code.
        labels: label per language by field code.
        decisive: codes of the fields a person is asked to compare, in order.
        files: how many files are attested.
        data: the whole document, for the evidence view (the seal, which holds the secret, left out).
    """

    number: str
    type: str
    type_names: Mapping[str, str]
    issued: date | None
    valid_until: date | None
    fields: Mapping[str, Any]
    labels: Mapping[str, Mapping[str, str]]
    decisive: tuple[str, ...]
    files: int
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StatusView:
    """What the institution's status list says of a document, and since when.

    Attributes:
        uri: the list's.
        state: `valid`, `revoked`, `suspended` or `superseded`.
        issued_at: when the list said so, as signed.
        expires_at: after this moment the list says nothing.
        reason: code of why it is in this state; empty when that is not told.
        since: the day since which it is, in the issuing country, or None.
    """

    uri: str
    state: str
    issued_at: datetime
    expires_at: datetime
    reason: str = ""
    since: date | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """The result of one verification.

    Attributes:
        verdict: outcome, reason and fragments.
        profile: `compact`, `offline`, `openattestation`, `universal-action`, `file`, or empty when the
            text was none of these.
        host: the origin a QR code names; empty for a file.
        document_id: public id of a native document, or None.
        issuer: None unless recognised.
        document: None unless opened.
        anchor: None unless found on the ledger.
        store: the DocumentStore asked, or None.
        target_hash: 64 hex digits, or None.
        merkle_root: 64 hex digits, or None.
        certificate: the seal certificate that holds, DER, or None.
        status: what the status list says; None when it was not read, or cannot be believed.
        receipt: the platform's signed word that the document is registered; None unless read.
        offline: whether it was checked from files alone.
    """

    verdict: Verdict
    profile: str = ""
    host: str = ""
    document_id: str | None = None
    issuer: IssuerView | None = None
    document: DocumentView | None = None
    anchor: Anchor | None = None
    store: StoreRef | None = None
    target_hash: str | None = None
    merkle_root: str | None = None
    certificate: bytes | None = None
    status: StatusView | None = None
    receipt: Receipt | None = None
    offline: bool = False

    @property
    def page_available(self) -> bool:
        """Whether the original page can be fetched and shown."""
        return bool(self.host and self.document and self.document.files)

    def as_json(self) -> dict[str, Any]:
        """Return the published JSON form."""
        reason = self.verdict.reason
        return {
            "outcome": self.verdict.outcome,
            "reason": {"code": reason.code, "message": reason.message} if reason else None,
            "profile": self.profile,
            "issuer": _issuer_json(self.issuer),
            "document": _document_json(self.document),
            "id": self.document_id,
            "targetHash": self.target_hash,
            "merkleRoot": self.merkle_root,
            "anchor": _anchor_json(self.anchor, self.store),
            "status": _status_json(self.status),
            "receipt": _receipt_json(self.receipt),
            "offline": self.offline,
            "fragments": [fragment.as_json() for fragment in self.verdict.fragments],
        }


def _issuer_json(issuer: IssuerView | None) -> dict[str, Any] | None:
    if issuer is None:
        return None
    return {
        "country": issuer.country,
        "code": issuer.code,
        "names": dict(issuer.names),
        "domain": issuer.domain,
    }


def _document_json(document: DocumentView | None) -> dict[str, Any] | None:
    if document is None:
        return None
    return {
        "number": document.number,
        "type": document.type,
        "issued": document.issued.isoformat() if document.issued else None,
        "fields": dict(document.fields),
        "decisive": list(document.decisive),
    }


def _anchor_json(anchor: Anchor | None, store: StoreRef | None) -> dict[str, Any] | None:
    if anchor is None or store is None:
        return None
    return {
        "chainId": store.chain_id,
        "store": store.address,
        "root": anchor.root.hex(),
        "block": anchor.block_number,
        "blockHash": anchor.block_hash.hex(),
        "time": anchor.block_time.isoformat(),
        "confirmations": anchor.confirmations,
    }


def _status_json(status: StatusView | None) -> dict[str, Any] | None:
    if status is None:
        return None
    return {
        "list": status.uri,
        "state": status.state,
        "asOf": status.issued_at.isoformat(),
        "expires": status.expires_at.isoformat(),
        "reason": status.reason or None,
        "since": status.since.isoformat() if status.since else None,
    }


def _receipt_json(receipt: Receipt | None) -> dict[str, Any] | None:
    if receipt is None:
        return None
    return {
        "block": receipt.block_number,
        "blockHash": receipt.block_hash.hex(),
        "time": receipt.block_time.isoformat(),
        "transaction": receipt.transaction.hex(),
        "checkedAt": receipt.signed_at.isoformat(),
    }
