"""What issuance does: prepare a sheet, run the outbox, release, change its standing, publish lists and receipts.

Each service is a keyword-only function that takes its outside things as ports. What is *not* here: how a
page is drawn (callers pass `render`), and who may ask (the shells).
"""

from govseal.apps.issuance.services.ledger_revocations import ledger_revocations_enter
from govseal.apps.issuance.services.making import Draft, Sheet
from govseal.apps.issuance.services.outbox import outbox_reconcile, outbox_run
from govseal.apps.issuance.services.policy import OutboxPolicy
from govseal.apps.issuance.services.prepare import Prepared, document_is_of, documents_prepare
from govseal.apps.issuance.services.reasons import REASON_CODES
from govseal.apps.issuance.services.receipts import receipts_publish, receipts_restore
from govseal.apps.issuance.services.release import Released, ReleasedSheet, documents_release
from govseal.apps.issuance.services.revoke import document_revoke
from govseal.apps.issuance.services.standing import (
    document_lift,
    document_replace,
    document_suspend,
    documents_aside_revoke,
)
from govseal.apps.issuance.services.statuslists import (
    status_lists_by_other_keys,
    status_lists_publish,
    status_lists_restore,
)
from govseal.apps.issuance.services.trouble import outbox_resume

__all__ = [
    "REASON_CODES",
    "Draft",
    "OutboxPolicy",
    "Prepared",
    "Released",
    "ReleasedSheet",
    "Sheet",
    "document_is_of",
    "document_lift",
    "document_replace",
    "document_revoke",
    "document_suspend",
    "documents_aside_revoke",
    "documents_prepare",
    "documents_release",
    "ledger_revocations_enter",
    "outbox_reconcile",
    "outbox_resume",
    "outbox_run",
    "receipts_publish",
    "receipts_restore",
    "status_lists_by_other_keys",
    "status_lists_publish",
    "status_lists_restore",
]
