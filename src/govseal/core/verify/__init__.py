"""Verify a sheet: take the nine steps of docs/protocol.md section 7 and report them.

    Verifier(trust_lists=…, published=…, ledger=…, clock=…).qr_text("https://verify.example/s#1…")

`report` holds what is told, `verifier` the order of the steps, `finding` (1, 2), `fetching` (3), `checking` (4 to
6) and `binding` (7 to 9) the steps themselves, each marked with its number.

What is *not* here: reading pictures and PDFs (`govseal.apps.verification`).
"""

from govseal.core.verify.binding import Extend, is_attested
from govseal.core.verify.report import DocumentView, IssuerView, Report
from govseal.core.verify.verifier import Verifier

__all__ = ["DocumentView", "Extend", "IssuerView", "Report", "Verifier", "is_attested"]
