"""Verify a sheet: take the nine steps of docs/protocol.md section 7 and report them.

    Verifier(trust_lists=…, published=…, ledger=…, clock=…).qr_text("https://verify.example/s#1…")

`report` holds what is told, `verifier` the order of the steps, `steps` and `binding` the steps themselves,
each marked with its number. What is *not* here: reading pictures and PDFs (`govseal.apps.verification`).
"""

from govseal.core.verify.report import DocumentView, IssuerView, Report
from govseal.core.verify.verifier import Verifier

__all__ = ["DocumentView", "IssuerView", "Report", "Verifier"]
