"""The order of the steps of docs/protocol.md section 7, for a QR text and for a file.

Invariants:

- nothing a document or code names is contacted before its issuer's host or store is found in a trust list;
- a step that cannot be taken is an ERROR, and the steps that do not depend on it are still taken, so that
  *altered* is told even while the ledger is away;
- exactly one trust list judges (section 6, "One authority").

What is *not* here: what each step checks (`finding`, `fetching`, `checking`, `binding`), and the outcome
(`govseal.core.verdict`).
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from govseal.core.ports import LedgerReader, PublishedReader
from govseal.core.trustlist import TrustList
from govseal.core.verify import binding, checking, fetching, finding
from govseal.core.verify.case import Case, Stop
from govseal.core.verify.report import Report


@dataclass(frozen=True, slots=True)
class Verifier:
    """Verifies against what it is given; it holds no state of its own.

    Attributes:
        trust_lists: the lists this verifier goes by, each read and checked already.
        published: reads what listed hosts publish.
        ledger: reads DocumentStores.
        clock: tells the moment of checking, an aware UTC datetime.
    """

    trust_lists: Sequence[TrustList]
    published: PublishedReader
    ledger: LedgerReader
    clock: Callable[[], datetime]

    def qr_text(self, text: str, *, file: bytes | None = None) -> Report:
        """Verify what a QR code says.

        Args:
            text: the code's text.
            file: bytes of the PDF that bears the code, when its file is to be compared as well.
        """
        case = Case(self.clock(), file)
        with suppress(Stop):
            code = finding.read_code(case, text, self.trust_lists)
            binding.check_scanned_seal(case)
            fetching.fetch(case, code, self.published)
            checking.check_integrity(case)
            finding.recognise_issuer(case)
            self._judge(case, None)
        return case.report()

    def document(
        self, document: Any, *, file: bytes | None = None, extend: binding.Extend | None = None
    ) -> Report:
        """Verify an attested document, as parsed from JSON.

        Args:
            document: any JSON value.
            file: bytes of the PDF that it was attached to.
            extend: attaches the document to the attested bytes of that PDF, as the release does.
        """
        case = Case(self.clock(), file, profile="file")
        with suppress(Stop):
            finding.read_document(case, document)
            checking.check_integrity(case)
            finding.find_store(case, self.trust_lists)
            self._judge(case, extend)
        return case.report()

    def _judge(self, case: Case, extend: binding.Extend | None) -> None:
        checking.check_issued(case, self.ledger)
        checking.check_revoked(case, self.ledger)
        checking.check_expiry(case)
        binding.check_issuer_on_date(case)
        binding.check_seal(case)
        binding.check_file(case, extend)
