"""The order of the steps of docs/protocol.md section 7, for a QR text and for a file.

Invariants:

- nothing a document or code names is contacted before its issuer's host or store is found in a trust list;
- a step that cannot be taken is an ERROR, and the steps that do not depend on it are still taken, so that
  *altered* is told even while the ledger is away;
- exactly one trust list judges (section 6, "One authority");
- of many documents each is judged as if it were alone: they share one question to the ledger, and one look at
  each list and each domain;
- without a ledger, which is how files alone are verified, the platform's signed receipt stands in for it.

What is *not* here: what each step checks (`finding`, `fetching`, `checking`, `standing`, `signed`, `binding`,
`naming`), and the outcome (`govseal.core.verdict`).
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from govseal.core.ports import (
    DnsReader,
    LedgerFacts,
    LedgerQuestion,
    LedgerReader,
    ListMemory,
    PublishedReader,
    ResponderReader,
)
from govseal.core.trustlist import TrustList
from govseal.core.verify import binding, checking, fetching, finding, naming, signed, standing
from govseal.core.verify import memory as remembering
from govseal.core.verify.case import Case, Stop
from govseal.core.verify.report import Report


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
    extend: binding.Extend | None = None


@dataclass(frozen=True, slots=True)
class Gathered:
    """What a verification went by, for evidence.

    Attributes:
        report: what it found.
        document: the attested document, or None when there was none to read.
        status_list: the status list as published, or None when none was believed.
        receipt: the anchor receipt as published, or None when none was believed.
        notices: the notices beside the status list as published, or None when none were asked for or believed.
    """

    report: Report
    document: Any
    status_list: bytes | None
    receipt: bytes | None
    notices: bytes | None = None


@dataclass(frozen=True, slots=True)
class Verifier:
    """Verifies against what it is given; it holds no state of its own.

    Attributes:
        trust_lists: the lists this verifier goes by, each read and checked already.
        published: reads what listed hosts publish.
        ledger: reads DocumentStores; None when nothing but files is at hand ("offline").
        clock: tells the moment of checking, an aware UTC datetime.
        memory: keeps the status lists that were believed, so that an older one is noticed.
        lists_at: the moment at which lists must be fresh, when it is not that of checking: evidence is judged
            as of the moment it was made.
        responders: asks listed OCSP responders, by which some DID-signed documents are revoked.
        dns: asks the domains that documents without a seal name; None leaves them to the trust list alone.
    """

    trust_lists: Sequence[TrustList]
    published: PublishedReader
    ledger: LedgerReader | None
    clock: Callable[[], datetime]
    memory: ListMemory | None = None
    lists_at: datetime | None = None
    responders: ResponderReader | None = None
    dns: DnsReader | None = None

    def qr_text(self, text: str, *, file: bytes | None = None) -> Report:
        """Verify what a QR code says; arguments as of `Subject`."""
        return self.many([Subject(text=text, file=file)])[0]

    def document(
        self, document: Any, *, file: bytes | None = None, extend: binding.Extend | None = None
    ) -> Report:
        """Verify an attested document, as parsed from JSON; arguments as of `Subject`."""
        return self.many([Subject(document=document, file=file, extend=extend)])[0]

    def many(self, subjects: Sequence[Subject]) -> list[Report]:
        """Verify many things at once; return their reports in the same order.

        All opened documents are held until the ledger has answered: a caller with thousands hands them in parts.
        """
        return [case.report() for case in self._cases(subjects)]

    def gather(self, *, text: str | None = None, document: Any = None) -> Gathered:
        """Verify the text of a code, or else a document, and keep what it went by."""
        (case,) = self._cases([Subject(text, document)])
        if case.store is not None and not case.has("AnchorReceipt"):
            standing.check_receipt(case, self.published)
        return Gathered(
            case.report(), case.document, case.status_token, case.receipt_token, case.notices_token
        )

    # --- the order of the steps -----------------------------------------------------------------------

    def _cases(self, subjects: Sequence[Subject]) -> list[Case]:
        published, memory = fetching.once(self.published), remembering.once(self.memory)
        dns = naming.once(self.dns)
        cases = [self._case(one.file) for one in subjects]
        opened = [
            (case, one) for case, one in zip(cases, subjects, strict=True) if self._open(case, one, published)
        ]
        for (case, one), facts in zip(opened, self._ask([case for case, _ in opened]), strict=True):
            with suppress(Stop):
                self._check_issued(case, facts, published)
                standing.check_status_list(case, published, memory)
                checking.check_expiry(case)
                binding.check_issuer_on_date(case)
                binding.check_seal(case)
                binding.check_file(case, one.extend)
                naming.check_domain(case, dns)
        return cases

    def _case(self, file: bytes | None) -> Case:
        now = self.clock()
        return Case(now, self.lists_at or now, offline=self.ledger is None, file=file)

    def _open(self, case: Case, subject: Subject, published: PublishedReader) -> bool:
        """Take the steps before the ledger; return whether any can follow."""
        with suppress(Stop):
            if subject.text is None:
                self._open_document(case, subject.document)
            else:
                self._open_text(case, subject.text, published)
            return True
        return False

    def _open_text(self, case: Case, text: str, published: PublishedReader) -> None:
        code = finding.read_code(case, text, self.trust_lists)
        binding.check_scanned_seal(case)
        fetching.fetch(case, code, published)
        checking.check_integrity(case)
        finding.recognise_issuer(case)

    def _open_document(self, case: Case, document: Any) -> None:
        case.profile = "file"
        finding.read_document(case, document)
        checking.check_integrity(case)
        finding.find_holder(case, self.trust_lists)

    def _ask(self, cases: Sequence[Case]) -> list[LedgerFacts | None]:
        """Ask the ledger about all documents at once; None of those that no register holds, and without a ledger."""
        questions = [_question(case) for case in cases]
        asked = [one for one in questions if one is not None]
        if self.ledger is None or not asked:
            return [None] * len(cases)
        answers = iter(self.ledger.facts(asked))
        return [None if one is None else next(answers) for one in questions]

    def _check_issued(self, case: Case, facts: LedgerFacts | None, published: PublishedReader) -> None:
        """Steps 5 and 6 by the ledger or the DID that signs; the platform's receipt where the ledger is silent."""
        if case.did is not None:
            signed.check_signed(case, case.did, self.ledger, self.responders)
        elif facts is None:
            standing.check_receipt(case, published)
            checking.skip_revoked(case)
        else:
            checking.check_issued(case, facts)
            checking.check_revoked(case, facts)
            if case.failed_to_ask("LedgerIssued"):
                standing.check_receipt(case, published)


def _question(case: Case) -> LedgerQuestion | None:
    if case.store is None or case.check is None:
        return None
    return LedgerQuestion(case.store, case.check.path_hashes)
