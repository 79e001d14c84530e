"""Why a document's standing may change: the codes that fit each change, and what words a reason needs.

What is *not* here: the change itself (`standing`).
"""

from govseal.apps.issuance.models import REASON_LENGTH, ReasonCode, Standing
from govseal.core.errors import InputError

REASON_CODES = {
    Standing.SUSPENDED: (ReasonCode.REVIEW, ReasonCode.LOST, ReasonCode.COURT, ReasonCode.OTHER),
    Standing.VALID: (ReasonCode.CLEARED, ReasonCode.ERROR, ReasonCode.COURT, ReasonCode.OTHER),
    Standing.REPLACED: (ReasonCode.CORRECTED, ReasonCode.RENEWED, ReasonCode.LOST, ReasonCode.OTHER),
    Standing.REVOKED: (
        ReasonCode.ERROR,
        ReasonCode.FRAUD,
        ReasonCode.LOST,
        ReasonCode.ENDED,
        ReasonCode.COURT,
        ReasonCode.OTHER,
    ),
}
"""Codes by the standing that they lead to; VALID is what lifting a suspension leads to."""


def require_reason(standing: Standing, code: str, text: str) -> tuple[ReasonCode, str]:
    """Return the code and the words, trimmed.

    Raises:
        InputError: the code does not fit (`UNKNOWN_REASON`), or the words are none or too many (`REASON_MISSING`).
    """
    fitting = REASON_CODES[standing]
    if code not in fitting:
        raise InputError(f"Give one of these reasons: {', '.join(fitting)}.", code="UNKNOWN_REASON")
    text = text.strip()
    if not 1 <= len(text) <= REASON_LENGTH:
        raise InputError(
            f"Give a reason of 1 to {REASON_LENGTH} characters, for the record.", code="REASON_MISSING"
        )
    return ReasonCode(code), text
