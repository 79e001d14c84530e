r"""One class per profile of QR code (docs/protocol.md section 4).

Each has its `text`, and its `segments`: the parts that the symbol encodes each in its own mode. A text with
digits goes in two, since as one it would fall back to byte mode and grow by seven versions.

    >>> code = CompactCode("verify.gov.kh", bytes(15) + b"\x07")
    >>> code.segments
    ('https://verify.gov.kh/s#', '1000000000000000000000000000000000000007')

What is *not* here: telling the profiles apart (`reading`).
"""

import re
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

from govseal.core import jsjson
from govseal.core.errors import MalformedQrText
from govseal.core.qrtext import percent
from govseal.core.qrtext.digits import to_digits
from govseal.core.qrtext.origin import check_host, origin_of
from govseal.core.seal import Seal, pack
from govseal.core.seal import read as read_seal
from govseal.core.secret import SECRET_BYTES, document_id

COMPACT_DIGIT = "1"
OPEN_ATTESTATION_PATH = "/verify/"
KEY_QUERY = "?key="
ACTION_QUERY = "?q="
ACTION_TYPE = "DOCUMENT"

_KEY = re.compile(r"(?:[0-9a-fA-F]{32}|[0-9a-fA-F]{48}|[0-9a-fA-F]{64}|[A-Za-z0-9_-]{16,64})")
_CONTROL = re.compile("[\x00-\x1f\x7f\ud800-\udfff]")
_URI = re.compile(r"https?://[!-~]+")
_MAX_REF = 512
_MAX_URI = 2_048
_MAX_ACTIONS = 16


@dataclass(frozen=True)
class CompactCode:
    """The document's secret and no more.

    Attributes:
        host: who publishes the document.
        secret: 16 bytes.
    """

    profile: ClassVar[str] = "compact"
    least_side_mm: ClassVar[float] = 14.5
    """On paper, without the quiet zone (docs/protocol.md clause 4.4)."""

    host: str
    secret: bytes

    def __post_init__(self) -> None:
        check_host(self.host)
        if len(self.secret) != SECRET_BYTES:
            raise MalformedQrText(f"A compact code holds {SECRET_BYTES} bytes.", size=len(self.secret))

    @cached_property
    def id(self) -> str:
        """The document's public id."""
        return document_id(self.secret)

    @property
    def segments(self) -> tuple[str, ...]:
        """The prefix for byte mode and the digits for numeric mode."""
        return f"{origin_of(self.host)}/s#", COMPACT_DIGIT + to_digits(self.secret)

    @property
    def text(self) -> str:
        """The whole text."""
        return "".join(self.segments)


@dataclass(frozen=True)
class OfflineCode:
    """A seal: signed fields, checked with no network.

    Attributes:
        host: who publishes the document.
        seal: the COSE_Sign1, not packed; refused when it is not in its one form.
    """

    profile: ClassVar[str] = "offline"
    least_side_mm: ClassVar[float] = 32.5
    """On paper, without the quiet zone (docs/protocol.md clause 4.4)."""

    host: str
    seal: bytes

    def __post_init__(self) -> None:
        check_host(self.host)
        _ = self.sealed

    @cached_property
    def sealed(self) -> Seal:
        """The seal, read; its signature is not checked here."""
        return read_seal(self.seal)

    @property
    def secret(self) -> bytes:
        """The document's 16 bytes, which the seal holds."""
        return self.sealed.claims.secret

    @cached_property
    def id(self) -> str:
        """The document's public id."""
        return document_id(self.secret)

    @property
    def segments(self) -> tuple[str, ...]:
        """The prefix for byte mode and the digits for numeric mode."""
        digit, payload = pack(self.seal)
        return f"{origin_of(self.host)}/s#", digit + to_digits(payload)

    @property
    def text(self) -> str:
        """The whole text."""
        return "".join(self.segments)


@dataclass(frozen=True)
class OpenAttestationCode:
    """verify.gov.kh's form. Its key reaches the server: never the default.

    Attributes:
        host: who publishes the document.
        ref: the document's reference, not percent-encoded.
        key: the envelope's key: hex digits, or a text of 16 to 64 characters.
    """

    profile: ClassVar[str] = "openattestation"
    host: str
    ref: str
    key: str

    def __post_init__(self) -> None:
        check_host(self.host)
        check_key(self.key)
        # "." and ".." as a path's segment mean another path to every browser
        if not 0 < len(self.ref) <= _MAX_REF or self.ref in {".", ".."} or _CONTROL.search(self.ref):
            raise MalformedQrText("The reference of the document is missing or has another form.")

    @property
    def segments(self) -> tuple[str, ...]:
        """The whole text, in one segment."""
        return (self.text,)

    @property
    def text(self) -> str:
        """The whole text."""
        return f"{origin_of(self.host)}{OPEN_ATTESTATION_PATH}{percent.encode(self.ref)}{KEY_QUERY}{self.key}"


@dataclass(frozen=True)
class UniversalAction:
    """OpenAttestation's universal action: where an encrypted document lies, and its key in the fragment.

    Attributes:
        host: who is to open it.
        uri: where the document lies. Nothing is fetched from it before its issuer is recognised.
        permitted_actions: such as `STORE` and `VIEW`.
        redirect: kept to be written, otherwise ignored.
        key: the envelope's key, or None for a document that is not encrypted.
    """

    profile: ClassVar[str] = "universal-action"
    host: str
    uri: str
    permitted_actions: tuple[str, ...] = ()
    redirect: str | None = None
    key: str | None = None

    def __post_init__(self) -> None:
        check_host(self.host)
        if self.key is not None:
            check_key(self.key)
        if len(self.uri) > _MAX_URI or not _URI.fullmatch(self.uri):
            raise MalformedQrText("The action's uri is not a link.")
        if len(self.permitted_actions) > _MAX_ACTIONS:
            raise MalformedQrText("The action permits too many things.", limit=_MAX_ACTIONS)

    @property
    def payload(self) -> dict[str, object]:
        """The action's payload as it stands in the text."""
        members: dict[str, object] = {"uri": self.uri, "permittedActions": list(self.permitted_actions)}
        return members if self.redirect is None else {**members, "redirect": self.redirect}

    @property
    def segments(self) -> tuple[str, ...]:
        """The whole text, in one segment."""
        return (self.text,)

    @property
    def text(self) -> str:
        """The whole text."""
        action = percent.encode(jsjson.dumps({"type": ACTION_TYPE, "payload": self.payload}))
        fragment = "" if self.key is None else "#" + percent.encode(jsjson.dumps({"key": self.key}))
        return f"{origin_of(self.host)}/{ACTION_QUERY}{action}{fragment}"


def check_key(key: str) -> None:
    """Refuse what is no key of a foreign envelope (docs/protocol.md section 3).

    Raises:
        MalformedQrText: neither 32, 48 or 64 hex digits nor 16 to 64 characters of `A-Za-z0-9_-`.
    """
    if not _KEY.fullmatch(key):
        raise MalformedQrText("The code's key is missing or has another form.")
