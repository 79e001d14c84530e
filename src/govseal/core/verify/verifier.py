"""The order of the steps of docs/protocol.md section 7, for a QR text and for a file.

Invariants:

- nothing a document or code names is contacted before its issuer's host or store is found in a trust list;
- a step that cannot be taken is an ERROR, and the steps that do not depend on it are still taken, so that
  *altered* is told even while the ledger is away;
- exactly one trust list judges (section 6, "One authority");
- without a ledger, which is how files alone are verified, the platform's signed receipt stands in for it.

What is *not* here: what each step checks (`finding`, `fetching`, `checking`, `standing`, `binding`), and the
outcome (`govseal.core.verdict`).
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from govseal.core.ports import LedgerReader, ListMemory, PublishedReader
from govseal.core.trustlist import TrustList
from govseal.core.verify import binding, checking, fetching, finding, standing
from govseal.core.verify.case import Case, Stop
from govseal.core.verify.report import Report


@dataclass(frozen=True, slots=True)
class Gathered:
    """What a verification went by, for evidence.

    Attributes:
        report: what it found.
        document: the attested document, or None when there was none to read.
        status_list: the status list as published, or None when none was believed.
        receipt: the anchor receipt as published, or None when none was believed.
    """

    report: Report
    document: Any
    status_list: bytes | None
    receipt: bytes | None


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
    """

    trust_lists: Sequence[TrustList]
    published: PublishedReader
    ledger: LedgerReader | None
    clock: Callable[[], datetime]
    memory: ListMemory | None = None
    lists_at: datetime | None = None

    def qr_text(self, text: str, *, file: bytes | None = None) -> Report:
        """Verify what a QR code says.

        Args:
            text: the code's text.
            file: bytes of the PDF that bears the code, when its file is to be compared as well.
        """
        return self._of_text(text, file).report()

    def document(
        self, document: Any, *, file: bytes | None = None, extend: binding.Extend | None = None
    ) -> Report:
        """Verify an attested document, as parsed from JSON.

        Args:
            document: any JSON value.
            file: bytes of the PDF that it was attached to.
            extend: attaches the document to the attested bytes of that PDF, as the release does.
        """
        return self._of_document(document, file, extend).report()

    def gather(self, *, text: str | None = None, document: Any = None) -> Gathered:
        """Verify the text of a code, or else a document, and keep what it went by."""
        case = self._of_text(text, None) if text is not None else self._of_document(document, None, None)
        if case.store is not None and not case.has("AnchorReceipt"):
            standing.check_receipt(case, self.published)
        return Gathered(case.report(), case.document, case.status_token, case.receipt_token)

    # --- the order of the steps -----------------------------------------------------------------------

    def _of_text(self, text: str, file: bytes | None) -> Case:
        case = self._case(file)
        with suppress(Stop):
            code = finding.read_code(case, text, self.trust_lists)
            binding.check_scanned_seal(case)
            fetching.fetch(case, code, self.published)
            checking.check_integrity(case)
            finding.recognise_issuer(case)
            self._judge(case, None)
        return case

    def _of_document(self, document: Any, file: bytes | None, extend: binding.Extend | None) -> Case:
        case = self._case(file)
        case.profile = "file"
        with suppress(Stop):
            finding.read_document(case, document)
            checking.check_integrity(case)
            finding.find_store(case, self.trust_lists)
            self._judge(case, extend)
        return case

    def _case(self, file: bytes | None) -> Case:
        now = self.clock()
        return Case(now, self.lists_at or now, offline=self.ledger is None, file=file)

    def _judge(self, case: Case, extend: binding.Extend | None) -> None:
        self._check_register(case)
        standing.check_status_list(case, self.published, self.memory)
        checking.check_expiry(case)
        binding.check_issuer_on_date(case)
        binding.check_seal(case)
        binding.check_file(case, extend)

    def _check_register(self, case: Case) -> None:
        """Steps 5 and 6 by the ledger; the platform's receipt where it gives no answer."""
        if self.ledger is None:
            standing.check_receipt(case, self.published)
            checking.skip_revoked(case)
            return
        checking.check_issued(case, self.ledger)
        checking.check_revoked(case, self.ledger)
        if case.failed_to_ask("LedgerIssued"):
            standing.check_receipt(case, self.published)
