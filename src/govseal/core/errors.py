"""The one tree of errors; a subclass says whose fault it is.

Every error carries a published ``code`` (never changed once released, see docs/protocol.md section 7), a
sentence for a person and facts as attributes in ``facts``. A parser of outside bytes raises nothing
outside this tree.

    >>> MalformedDocument("the document is not JSON").code
    'MALFORMED_DOCUMENT'

What is *not* here: the fragments and outcomes of a verification (``verdict``), which are values.
"""

from typing import Any, ClassVar


class GovsealError(Exception):
    """Root of every error that govseal raises on purpose.

    Attributes:
        code: published reason code, upper-case words joined by underscores.
        message: one sentence for a person: what happened and, where known, what to do.
        facts: machine-readable details (counts, limits, positions); never a secret.
    """

    default_code: ClassVar[str] = "ERROR"

    def __init__(self, message: str, *, code: str | None = None, **facts: Any) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or self.default_code
        self.facts = facts


class InputError(GovsealError):
    """What somebody gave us is wrong: the giver can mend it."""

    default_code = "INVALID_INPUT"


class TooLargeError(InputError):
    """A bound on size, depth or count was reached."""

    default_code = "TOO_LARGE"


class MalformedDocument(InputError):  # noqa: N818 - reads as the fact it states
    """Not a document of any form we know."""

    default_code = "MALFORMED_DOCUMENT"


class MalformedEnvelope(InputError):  # noqa: N818 - reads as the fact it states
    """Not an encrypted envelope of any of the three forms."""

    default_code = "MALFORMED_ENVELOPE"


class MalformedQrText(InputError):  # noqa: N818 - reads as the fact it states
    """Not a QR text of any of the four profiles."""

    default_code = "MALFORMED_QR"


class MalformedSeal(InputError):  # noqa: N818 - reads as the fact it states
    """Not a seal in the one allowed encoding."""

    default_code = "MALFORMED_SEAL"


class MalformedToken(InputError):  # noqa: N818 - reads as the fact it states
    """Not a compact JWS, or a list whose content breaks its form."""

    default_code = "MALFORMED_TOKEN"


class MalformedPdf(InputError):  # noqa: N818 - reads as the fact it states
    """A PDF that cannot be read, or that may not be sealed."""

    default_code = "MALFORMED_PDF"


class MalformedImage(InputError):  # noqa: N818 - reads as the fact it states
    """An image that cannot be read within the limits."""

    default_code = "MALFORMED_IMAGE"


class DecryptionFailed(GovsealError):  # noqa: N818 - reads as the fact it states
    """Key and ciphertext do not belong together, or the ciphertext is damaged: nobody can tell which."""

    default_code = "DECRYPTION_FAILED"


class BadSignature(GovsealError):  # noqa: N818 - reads as the fact it states
    """A signature does not match the bytes and the key."""

    default_code = "BAD_SIGNATURE"


class OutsideError(GovsealError):
    """Something outside (chain, database, host, tool) is away or answered nonsense: try again later."""

    default_code = "UNAVAILABLE"


class LedgerUnavailable(OutsideError):  # noqa: N818 - reads as the fact it states
    """The ledger could not be asked, or did not answer in time."""

    default_code = "LEDGER_UNAVAILABLE"


class LedgerTakesNot(LedgerUnavailable):
    """The ledger answered that it does not take a transaction: the account cannot pay, or the node will not have it."""

    default_code = "LEDGER_TAKES_NOT"


class LedgerRangeRefused(LedgerUnavailable):
    """The ledger's endpoint does not answer for that many blocks at once: ask for fewer."""

    default_code = "LEDGER_RANGE_REFUSED"


class LedgerMoved(LedgerUnavailable):
    """The ledger's newest blocks changed while they were read: look again."""

    default_code = "LEDGER_MOVED"


class DnsUnavailable(OutsideError):  # noqa: N818 - reads as the fact it states
    """The name system could not be asked, or did not answer in time."""

    default_code = "DNS_UNAVAILABLE"


class FetchFailed(OutsideError):  # noqa: N818 - reads as the fact it states
    """A published object could not be fetched. It may exist."""

    default_code = "FETCH_FAILED"


class NotPublished(GovsealError):  # noqa: N818 - reads as the fact it states
    """The place that would hold a published object answered, and holds none by that name."""

    default_code = "NOT_PUBLISHED"


class OperatorError(GovsealError):
    """The installation is set up wrongly: its operator can mend it."""

    default_code = "MISCONFIGURED"


class RefusedError(GovsealError):
    """A rule of the platform forbids this, however well formed it is."""

    default_code = "REFUSED"
