"""What issuance does: prepare a sheet, run the outbox, release, revoke.

Each service is a keyword-only function that takes its outside things as ports. What is *not* here: how a
page is drawn (callers pass `render`), and who may ask (the shells).
"""

from govseal.apps.issuance.services.outbox import outbox_reconcile, outbox_run
from govseal.apps.issuance.services.policy import OutboxPolicy
from govseal.apps.issuance.services.prepare import Sheet, document_prepare
from govseal.apps.issuance.services.release import ReleasedSheet, document_release
from govseal.apps.issuance.services.revoke import document_revoke

__all__ = [
    "OutboxPolicy",
    "ReleasedSheet",
    "Sheet",
    "document_prepare",
    "document_release",
    "document_revoke",
    "outbox_reconcile",
    "outbox_run",
]
