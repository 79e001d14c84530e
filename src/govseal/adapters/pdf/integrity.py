"""Checks the digital signatures of a PDF with pyHanko, as a verifier would: do they hold, and allow what came after?

A signature holds when the bytes that it covers and its own value are those that were signed (ISO 32000-2, 12.8.1), and when every
later revision stays within what it allows (12.8.2). Checked before a seal is added, so that a broken one is never
passed on as kept, and again with the seal.

What is *not* here: trust in the signers, and which files count as signed (`signatures`).
"""

import io
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes

from govseal.adapters.pdf.signatures import CODE
from govseal.core.errors import MalformedPdf

if TYPE_CHECKING:
    from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature

_FAULTS = (
    ValueError,  # among them pyHanko's own, but for those of its parser
    LookupError,
    TypeError,
    AttributeError,
    AssertionError,
    ArithmeticError,
    RuntimeError,
    OSError,
    UnsupportedAlgorithm,
)
"""What pyHanko and its parsers raise on hostile objects."""


def require_sound(content: bytes, count: int) -> None:
    """Raise unless all signatures of a file, as it came, hold.

    Args:
        content: the file.
        count: how many signatures it has; one that pyHanko passes over cannot be checked.

    Raises:
        MalformedPdf: code `PDF_SIGNED`.
    """
    with _checking():
        found = _signatures_of(content)
        broken = next((one.field_name for one in found if not (_intact(one) and _unharmed(one))), None)
    if broken is not None:
        raise MalformedPdf(
            f"The signature {broken!r} in the PDF is broken already, as it came: ask for a copy that is whole, or"
            " print it to a new PDF, which carries no signature.",
            code=CODE,
        )
    if len(found) != count:
        raise _unchecked()


def require_kept(content: bytes) -> None:
    """Raise unless no signature forbids what came after it, the seal included.

    Args:
        content: a file that was sound, with the seal; what was signed is its prefix.

    Raises:
        MalformedPdf: code `PDF_SIGNED`.
    """
    with _checking():
        against = next((one.field_name for one in _signatures_of(content) if not _unharmed(one)), None)
    if against is not None:
        raise MalformedPdf(
            f"The signature {against!r} in the PDF does not allow a seal to be added after it: seal the document"
            " first, sign it then.",
            code=CODE,
        )


def _signatures_of(content: bytes) -> "list[EmbeddedPdfSignature]":
    from pyhanko.pdf_utils.reader import PdfFileReader  # noqa: PLC0415 - a second to import, for signed files only

    logging.getLogger("pyhanko").setLevel(logging.CRITICAL)
    return list(PdfFileReader(io.BytesIO(content), strict=False).embedded_signatures)


def _intact(signature: "EmbeddedPdfSignature") -> bool:
    """Say whether what was signed is what the file holds, and the signature's value is one of it."""
    from pyhanko.sign.validation.generic_cms import validate_sig_integrity  # noqa: PLC0415 - as above

    encapsulated = signature.signed_data["encap_content_info"]
    kind = encapsulated["content_type"].native
    digest = signature.compute_digest()
    if kind == "tst_info":  # a document timestamp signs a statement that names the digest (12.8.5)
        if encapsulated["content"].parsed["message_imprint"]["hashed_message"].native != digest:
            return False
        digest = _digest(bytes(encapsulated["content"]), signature.md_algorithm)
    return all(validate_sig_integrity(signature.signer_info, signature.signer_cert, kind, digest))


def _digest(content: bytes, algorithm: str) -> bytes:
    from pyhanko_certvalidator.util import get_pyca_cryptography_hash  # noqa: PLC0415 - as above

    hashing = hashes.Hash(get_pyca_cryptography_hash(algorithm))
    hashing.update(content)
    return hashing.finalize()


def _unharmed(signature: "EmbeddedPdfSignature") -> bool:
    """Say whether what came after the signature is allowed by it."""
    signature.compute_integrity_info()  # type: ignore[no-untyped-call]  # pyHanko's, only half typed
    return bool(signature.summarise_integrity_info()["docmdp_ok"])


@contextmanager
def _checking() -> Iterator[None]:
    from pyhanko.pdf_utils.misc import PdfError  # noqa: PLC0415 - as above

    try:
        yield
    except (PdfError, *_FAULTS) as error:
        raise _unchecked() from error


def _unchecked() -> MalformedPdf:
    return MalformedPdf(
        "The signatures in the PDF cannot be checked: print it to a new PDF, which carries none, and seal that.",
        code=CODE,
    )
