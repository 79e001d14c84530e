"""From a report of the verifier to what the result page shows: every choice is made here, none in a template.

Invariants: content that nobody stands behind is never shown (docs/protocol.md section 7); names come from
the trust list, never from the document (section 6).

    view = present(report, "km")
    view.look.word, view.asked, view.steps

What is *not* here: the words (`outcomes`, `reasons`), and the rows of content (`content`).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from cryptography import x509
from django.utils.functional import Promise
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from govseal.core.verdict import Fragment, Outcome
from govseal.core.verify import Report
from govseal.web.shared import content, dates, notices, outcomes, reasons
from govseal.web.shared.content import Row

UNKNOWN_HOST = "HOST_NOT_LISTED"
OTHER_FILE = "FILE_NOT_THE_ORIGINAL"
_NOTICED = {Outcome.REVOKED, Outcome.SUSPENDED, Outcome.REPLACED}
_PASSING = {Outcome.COULD_NOT_CHECK, Outcome.NOT_FOUND}  # the same check may soon find more
_SAME_AS_OUTCOME = {
    "REVOKED",
    "SUSPENDED",
    "REPLACED",
    "EXPIRED",
    "ID_UNKNOWN",
}  # their sentence would say it twice


@dataclass(frozen=True, slots=True)
class StepView:
    """One numbered step, or a part of one: what it establishes, whether it did, and why not.

    `continues` is true for every part of a step after its first.
    """

    number: int
    continues: bool
    title: Promise
    status: str
    word: Promise
    why: Promise | str


@dataclass(frozen=True, slots=True)
class ResultView:
    """All that the result page shows.

    Attributes:
        headline: the outcome's word, or the sentence that takes its place for an unknown host.
        why: the deciding reason in one sentence; empty when it adds nothing.
        notice: since when and why it is revoked, suspended or replaced; empty when that is not told.
        unknown_host: the host that a code names and no list does; empty otherwise.
        advice: what to do next, most urgent first.
        again: whether to offer the same check once more: it may soon find more.
        issuer, domain, issued: the one line above the banner; empty where nobody stands behind it.
        kind: the kind of document, in words; empty where its content may not be shown or it names none.
        decisive, details: rows of content; both empty when the content may not be shown.
        page_available: whether the original page may be asked for.
        keeps_evidence: whether an evidence file can be made: somebody stands behind the document, and it is native.
    """

    outcome: Outcome
    look: outcomes.Look
    headline: Promise | str
    why: Promise | str
    notice: str
    unknown_host: str
    advice: tuple[Promise, ...]
    again: bool
    issuer: str
    domain: str
    issued: str
    kind: str
    decisive: tuple[Row, ...]
    details: tuple[Row, ...]
    steps: tuple[StepView, ...]
    evidence: tuple[Row, ...]
    page_available: bool
    keeps_evidence: bool

    @property
    def asked(self) -> bool:
        """Whether the person is asked if the paper says the same."""
        return bool(self.decisive) and self.look.shows_content == "asked"

    @property
    def advice_first(self) -> bool:
        """Whether what to do stands above the content; for a genuine document it introduces the content."""
        return self.outcome is not Outcome.GENUINE


def present(report: Report, language: str, *, code: str = "") -> ResultView:
    """Return what the page shows of `report`.

    Args:
        report: what was found.
        language: "en" or "km".
        code: text of a code of the document, by which more can be asked for; empty where there is none.
    """
    verdict, look = report.verdict, outcomes.look(report.verdict.outcome)
    reason = verdict.reason.code if verdict.reason else ""
    named = report.issuer if look.shows_content != "hidden" else None
    document = report.document if named else None
    asked = look.shows_content == "asked"
    original = document if code and (asked or reason == OTHER_FILE) else None
    return ResultView(
        outcome=verdict.outcome,
        look=look,
        headline=_("This code does not lead to a government site") if reason == UNKNOWN_HOST else look.word,
        why="" if reason in _SAME_AS_OUTCOME else reasons.sentence(reason) or "",
        notice=notices.told(report.status, language) if verdict.outcome in _NOTICED else "",
        unknown_host=report.host if reason == UNKNOWN_HOST else "",
        advice=reasons.advice(reason) or look.advice,
        again=verdict.outcome in _PASSING and not reasons.advice(reason),
        issuer=content.in_language(named.names, language, named.code) if named else "",
        domain=named.domain if named else "",
        issued=dates.day(document.issued, language) if document and document.issued else "",
        kind=content.in_language(document.type_names, language, document.type) if document else "",
        decisive=content.decisive(document, language) if document else (),
        details=content.details(document, language) if document else (),
        steps=_steps(verdict.fragments),
        evidence=tuple(_evidence(report, language)),
        page_available=bool(original and original.files),
        keeps_evidence=bool(original and original.type and asked),
    )


def _steps(fragments: Sequence[Fragment]) -> tuple[StepView, ...]:
    """Return a row for each fragment, in the order of the steps."""
    ordered = sorted(fragments, key=lambda one: one.step)
    before = [0, *(one.step for one in ordered)]
    return tuple(_step(one, continues=one.step == last) for one, last in zip(ordered, before, strict=False))


def _step(fragment: Fragment, *, continues: bool) -> StepView:
    """Return the row of one fragment."""
    return StepView(
        number=fragment.step,
        continues=continues,
        title=reasons.step_title(fragment.step, fragment.name),
        status=fragment.status.lower(),
        word=reasons.status_word(fragment.status),
        why=(reasons.sentence(fragment.reason.code) or "") if fragment.reason else "",
    )


def _evidence(report: Report, language: str) -> list[Row]:
    """Return the facts that somebody else can look up."""
    rows = _signed(report, language)
    if report.anchor:
        rows += [
            Row(_("Registered on the ledger"), dates.moment(localtime(report.anchor.block_time), language)),
            Row(_("Block"), str(report.anchor.block_number)),
            Row(_("Block hash"), f"0x{report.anchor.block_hash.hex()}", mono=True),
        ]
    if report.store:
        rows += [
            Row(_("Chain"), str(report.store.chain_id)),
            Row(_("Register of the institution"), report.store.address, mono=True),
        ]
    rows += [
        Row(_("Signed with the institution's key"), one.data["did"], mono=True)
        for one in report.verdict.fragments
        if one.name == "DidSigned" and "did" in one.data
    ]
    if report.merkle_root:
        rows.append(Row(_("Root of the batch"), f"0x{report.merkle_root}", mono=True))
    if report.target_hash:
        rows.append(Row(_("Fingerprint of the document"), f"0x{report.target_hash}", mono=True))
    if report.certificate:
        subject = x509.load_der_x509_certificate(report.certificate).subject.rfc4514_string()
        rows.append(Row(_("Seal certificate of the institution"), subject))
    return rows


def _signed(report: Report, language: str) -> list[Row]:
    """Return what the platform has signed of the document, each with the moment of signing."""
    rows = []
    if report.receipt:
        checked = dates.moment(localtime(report.receipt.signed_at), language)
        rows.append(Row(_("Registered, says the platform; checked"), checked))
    if report.status:
        as_of = dates.moment(localtime(report.status.issued_at), language)
        rows += [
            Row(_("List of revoked documents as of"), as_of),
            Row(_("List of revoked documents"), report.status.uri, mono=True),
        ]
    return rows
