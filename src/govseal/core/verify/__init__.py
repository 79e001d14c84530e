"""Verify a sheet: take the nine steps of docs/protocol.md section 7 and report them.

    Verifier(trust_lists=…, published=…, ledger=…, clock=…).qr_text("https://verify.example/s#1…")

`report` holds what is told, `verifier` the order of the steps, `finding` (1, 2), `fetching` (3), `checking` (4 to
6), `standing` (5 and 6 by what the platform has signed), `signed` (5 and 6 for what a DID has signed), `binding` (7
to 9) and `naming` (7, what DNS may take away) the steps themselves, each marked with its number. `statuslists` looks
at each list once, `memory` refuses lists that are older than what was seen, `followed` goes by list keys that followed
the pinned one, `bundle` is evidence for later.

What is *not* here: reading pictures and PDFs (`govseal.apps.verification`).
"""

from govseal.core.verify.binding import is_attested
from govseal.core.verify.bundle import BlockFacts, Bundle
from govseal.core.verify.case import Extend, Subject
from govseal.core.verify.followed import as_published, read_trust_list
from govseal.core.verify.memory import require_no_older_trust_list
from govseal.core.verify.report import DocumentView, IssuerView, Report, StatusView
from govseal.core.verify.verifier import Gathered, Verifier

__all__ = [
    "BlockFacts",
    "Bundle",
    "DocumentView",
    "Extend",
    "Gathered",
    "IssuerView",
    "Report",
    "StatusView",
    "Subject",
    "Verifier",
    "as_published",
    "is_attested",
    "read_trust_list",
    "require_no_older_trust_list",
]
