"""Who follows a trust list's key: its own signed word, given once and published for ever (docs/protocol.md clause 6.10).

    {alg, typ: "govseal-succession+jwt", x5c: [the key's certificate]}
        . {iat, hosts, predecessor, successor, sequence}

Invariants: only the key itself names its successor; a statement speaks for the hosts that it names and from one
number of the list on; header and claims have exactly these members.

    >>> path("ab" * 32)
    '.well-known/govseal/successions/abababababababababababababababababababababababababababababababab'

What is *not* here: going from statement to statement (`following`), and remembering them (`govseal.core.verify`).
"""

import base64
import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from govseal.core import jose, jsjson
from govseal.core.errors import BadSignature, InputError, MalformedToken
from govseal.core.trustlist.model import Certificate
from govseal.core.unixtime import is_unix_time, moment

TYP = "govseal-succession+jwt"
MAX_BYTES = 16 << 10
FOLDER = "successions"
"""Name of the folder of statements; it lies beside the trust list."""

_HEADER = {"alg", "typ", "x5c"}
_CLAIMS = {"iat", "hosts", "predecessor", "successor", "sequence"}
_DIGEST = re.compile(r"[0-9a-f]{64}")
_EPOCH = datetime.fromtimestamp(0, UTC)
_MAX_EXACT = (1 << 53) - 1  # beyond this JavaScript's numbers are not exact


@dataclass(frozen=True, slots=True)
class Succession:
    """What a key says of the one that follows it.

    Attributes:
        hosts: origins for whose list it says so, as a trust list names them; one at least.
        predecessor: SHA-256 of the certificate of the key that says it, 64 lower-case hex digits.
        successor: certificate of the key that follows, DER.
        sequence: number of the first trust list that the successor signs; 1 or more.
        signed_at: when it was said, UTC, whole seconds.

    Raises:
        InputError: a value is outside its form, or a key is to follow itself.
    """

    hosts: tuple[str, ...]
    predecessor: str
    successor: bytes
    sequence: int
    signed_at: datetime

    def __post_init__(self) -> None:
        if not self.hosts or not all(self.hosts) or len(set(self.hosts)) != len(self.hosts):
            raise InputError("A succession names its hosts, each once.")
        if not _DIGEST.fullmatch(self.predecessor) or not 1 <= self.sequence <= _MAX_EXACT:
            raise InputError("A succession names a certificate by its SHA-256, and a list by its number.")
        when = self.signed_at
        if when.utcoffset() != timedelta(0) or when.microsecond or when < _EPOCH:
            raise InputError("A succession's time is UTC, of whole seconds, from 1970 on.")
        jose.p256_key(self.successor)
        if self.leads_to == self.predecessor:
            raise InputError("A key does not follow itself.")

    @property
    def leads_to(self) -> str:
        """SHA-256 of the successor's certificate, hex."""
        return digest(self.successor)


def digest(certificate: bytes) -> str:
    """Return the hex SHA-256 of a certificate (DER), by which a key is named here."""
    return hashlib.sha256(certificate).hexdigest()


def path(predecessor: str) -> str:
    """Return where the statement of the key with that digest is published, without a leading slash."""
    return f".well-known/govseal/{FOLDER}/{predecessor}"


def sign(succession: Succession, *, certificate: bytes, signer: jose.Sign) -> str:
    """Return the published token.

    Args:
        succession: what to say.
        certificate: the predecessor's, DER.
        signer: signs a message with the predecessor's key; returns r‖s, 64 bytes.

    Raises:
        InputError: the certificate is not the one that `succession` names.
    """
    if digest(certificate) != succession.predecessor:
        raise InputError("A succession is signed by the key that it names as predecessor.")
    claims = {
        "iat": int(succession.signed_at.timestamp()),
        "hosts": list(succession.hosts),
        "predecessor": succession.predecessor,
        "successor": base64.b64encode(succession.successor).decode(),
        "sequence": succession.sequence,
    }
    header = {"typ": TYP, "x5c": [base64.b64encode(certificate).decode()]}
    return jose.encode(header, jsjson.dumps(claims).encode(), signer)


def read(token: bytes | str, *, predecessor: str) -> Succession:
    """Return what the key of that digest says of its successor.

    Raises:
        BadSignature: another key's word (`SUCCESSION_OF_ANOTHER_KEY`), one given outside the validity of the key's
            certificate (`KEY_NOT_VALID_THEN`), or a signature that does not match.
        MalformedToken: not such a token, or of another type (`WRONG_TYPE`).
        TooLargeError: longer than `MAX_BYTES`.
    """
    parts = jose.read(token, max_bytes=MAX_BYTES)
    certificate = jose.certificate(parts)
    if parts.header.keys() != _HEADER or len(parts.header["x5c"]) != 1:
        raise MalformedToken("The header of a key's succession has other members.")
    if digest(certificate) != predecessor:
        raise _of_another_key()
    jose.verify(parts, certificate, typ=TYP)
    said = _succession(_claims(parts.payload))
    if said.predecessor != predecessor:
        raise _of_another_key()
    if not Certificate.from_der(certificate).valid_at(said.signed_at):
        raise BadSignature("The key named its successor outside its validity.", code="KEY_NOT_VALID_THEN")
    return said


def predecessor_of(token: bytes | str) -> str:
    """Return the digest of the key that a token *says* it is from; nothing is checked.

    Raises:
        MalformedToken: not a compact JWS with a certificate.
        TooLargeError: longer than `MAX_BYTES`.
    """
    return digest(jose.certificate(jose.read(token, max_bytes=MAX_BYTES)))


def _claims(payload: bytes) -> dict[str, Any]:
    try:
        claims = jsjson.parse(payload, max_bytes=MAX_BYTES)
    except InputError as error:
        raise MalformedToken(f"The succession cannot be read: {error.message}") from None
    if not isinstance(claims, dict) or claims.keys() != _CLAIMS:
        raise MalformedToken("The claims of a succession are not exactly the known ones.")
    return claims


def _succession(claims: dict[str, Any]) -> Succession:
    hosts, seconds = claims["hosts"], claims["iat"]
    if not is_unix_time(seconds):
        raise _refusal("iat")
    if not isinstance(hosts, list) or not all(isinstance(host, str) for host in hosts):
        raise _refusal("hosts")
    try:
        return Succession(
            hosts=tuple(hosts),
            predecessor=_text(claims, "predecessor"),
            successor=base64.b64decode(_text(claims, "successor"), validate=True),
            sequence=_integer(claims, "sequence"),
            signed_at=moment(seconds),
        )
    except MalformedToken:
        raise
    except InputError as error:
        raise MalformedToken(error.message) from None
    except ValueError:
        raise _refusal("successor") from None


def _text(claims: dict[str, Any], name: str) -> str:
    value = claims[name]
    if not isinstance(value, str):
        raise _refusal(name)
    return value


def _integer(claims: dict[str, Any], name: str) -> int:
    value = claims[name]
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= _MAX_EXACT:
        raise _refusal(name)
    return value


def _refusal(name: str) -> MalformedToken:
    return MalformedToken(f"The succession's {name} has another form.", member=name)


def _of_another_key() -> BadSignature:
    return BadSignature("This is another key's word about its successor.", code="SUCCESSION_OF_ANOTHER_KEY")
