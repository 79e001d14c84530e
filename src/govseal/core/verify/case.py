"""The working state of one verification: what it is about, what is known so far, and the fragments that say so.

What is *not* here: the steps, and their order.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NoReturn

from govseal.core.errors import GovsealError
from govseal.core.native import NativeDocument
from govseal.core.openattestation import Check
from govseal.core.openattestation.issuer import NOBODY, Issuer
from govseal.core.ports import Anchor, LedgerFacts
from govseal.core.qrtext import Code
from govseal.core.receipt import Receipt
from govseal.core.seal import Seal
from govseal.core.trustlist import Certificate, Did, Institution, StoreRef, TrustList
from govseal.core.verdict import Family, Fragment, FragmentStatus, Reason, conclude
from govseal.core.verify.report import DocumentView, IssuerView, Report, StatusView

Extend = Callable[[bytes], bytes]
"""Makes of the attested bytes of a file the file as it was released, the attested JSON attached."""

_ISSUED = 5
"""The step that finds a document in its register, or signed."""


@dataclass(frozen=True, slots=True)
class Subject:
    """One thing to verify: the text of a code or, without one, a document.

    Attributes:
        text: what a QR code says.
        document: an attested document, as parsed from JSON: any JSON value.
        file: bytes of the PDF that bears the code or the document, when its file is to be compared as well.
        extend: attaches the document to the attested bytes of that PDF, as the release does.
    """

    text: str | None = None
    document: Any = None
    file: bytes | None = None
    extend: Extend | None = None


class Stop(Exception):  # noqa: N818 - not an error: the steps taken so far are the result
    """No further step can be taken."""


@dataclass(slots=True)
class Case:
    """What one verification knows; each step adds to it.

    Attributes:
        subject: what is verified.
        now: the moment of checking.
        lists_at: the moment at which lists must be fresh; another one than `now` for what is kept in files.
        offline: whether nothing but files is at hand, so that the ledger cannot be asked.
        code: the code that was read; None of a document in hand.
        facts: what the ledger said; None where it was not asked.
    """

    subject: Subject
    now: datetime
    lists_at: datetime
    offline: bool = False
    code: Code | None = None
    facts: LedgerFacts | None = None
    fragments: list[Fragment] = field(default_factory=list)
    profile: str = ""
    host: str = ""
    trust: TrustList | None = None
    institution: Institution | None = None
    document_id: str | None = None
    scanned_seal: Seal | None = None
    document: Any = None
    check: Check | None = None
    native: NativeDocument | None = None
    issuer: Issuer = NOBODY
    store: StoreRef | None = None
    did: Did | None = None
    anchor: Anchor | None = None
    certificate: Certificate | None = None
    status: StatusView | None = None
    status_token: bytes | None = None
    notices_token: bytes | None = None
    receipt: Receipt | None = None
    receipt_token: bytes | None = None

    def valid(self, step: int, name: str, family: Family, **data: Any) -> None:
        """Record that a step held."""
        self.fragments.append(Fragment(step, name, family, FragmentStatus.VALID, data=data))

    def skipped(self, step: int, name: str, family: Family, code: str, message: str) -> None:
        """Record that a step does not apply."""
        self.fragments.append(Fragment(step, name, family, FragmentStatus.SKIPPED, Reason(code, message)))

    def invalid(self, step: int, name: str, family: Family, code: str, message: str, **data: Any) -> None:
        """Record that a step failed."""
        reason = Reason(code, message)
        self.fragments.append(Fragment(step, name, family, FragmentStatus.INVALID, reason, data))

    def error(self, step: int, name: str, family: Family, error: GovsealError, **data: Any) -> None:
        """Record that nobody could tell."""
        reason = Reason(error.code, error.message)
        self.fragments.append(Fragment(step, name, family, FragmentStatus.ERROR, reason, data))

    def has(self, name: str) -> bool:
        """Say whether a fragment of that name was recorded."""
        return any(one.name == name for one in self.fragments)

    @property
    def stands(self) -> bool:
        """Whether the document is known to be issued, and nothing found so far speaks against it."""
        issued = any(one.step == _ISSUED and one.status is FragmentStatus.VALID for one in self.fragments)
        return issued and all(one.status is not FragmentStatus.INVALID for one in self.fragments)

    def failed_to_ask(self, name: str) -> bool:
        """Say whether the step of that name could not be taken."""
        return any(one.name == name and one.status is FragmentStatus.ERROR for one in self.fragments)

    def stop(self) -> NoReturn:
        """Take no further step."""
        raise Stop

    def report(self) -> Report:
        """Conclude from what is known."""
        check = self.check
        certificate = self.certificate
        return Report(
            verdict=conclude(sorted(self.fragments, key=lambda one: one.step)),
            profile=self.profile,
            host=self.host,
            document_id=self.document_id,
            issuer=self._issuer_view(),
            document=self._document_view(),
            anchor=self.anchor,
            store=self.store,
            target_hash=check.target_hash if check else None,
            merkle_root=check.merkle_root if check else None,
            certificate=certificate.der if certificate else None,
            status=self.status,
            receipt=self.receipt,
            offline=self.offline,
        )

    def _issuer_view(self) -> IssuerView | None:
        if self.trust is None or self.institution is None:
            return None
        one = self.institution
        return IssuerView(one.code, self.trust.country, one.names, one.domain)

    def _document_view(self) -> DocumentView | None:
        if self.check is None:
            return None
        if self.native is None:
            return DocumentView("", "", {}, None, None, {}, {}, (), 0, self.check.data)
        native = self.native
        rule = self.institution.document_types.get(native.type) if self.institution else None
        return DocumentView(
            number=native.number,
            type=native.type,
            type_names=rule.names if rule else {},
            issued=native.issued,
            valid_until=native.valid_until,
            fields=native.fields,
            labels=native.labels,
            decisive=rule.decisive if rule else (),
            files=len(native.files),
            data=_without_seal(self.check.data),
        )


def _without_seal(data: dict[str, Any]) -> dict[str, Any]:
    """Leave the seal out: it holds the secret."""
    block = data.get("govseal")
    if not isinstance(block, dict):
        return data
    return {**data, "govseal": {name: value for name, value in block.items() if name != "seal"}}
