"""From the text of a QR code to its profile, or a refusal (docs/protocol.md section 4).

What this accepts is exactly what `codes` can hold; whatever a text adds (another path, parameter, user part,
port, upper-case letter) is refused, since a link that people read one way and software another is how a
forger borrows a good name.

    >>> code = read("https://verify.gov.kh/verify/A-1?key=jDbJ3wKB0vYWnoWE7UoLw")
    >>> code.profile, code.ref
    ('openattestation', 'A-1')

What is *not* here: any judgement of who is behind the code.
"""

from typing import Any

from govseal.core import jsjson, seal
from govseal.core.errors import InputError, MalformedQrText, TooLargeError
from govseal.core.qrtext import percent
from govseal.core.qrtext.codes import (
    ACTION_QUERY,
    ACTION_TYPE,
    COMPACT_DIGIT,
    KEY_QUERY,
    OPEN_ATTESTATION_PATH,
    CompactCode,
    OfflineCode,
    OpenAttestationCode,
    UniversalAction,
)
from govseal.core.qrtext.digits import from_digits
from govseal.core.qrtext.origin import split
from govseal.core.secret import SECRET_BYTES

Code = CompactCode | OfflineCode | OpenAttestationCode | UniversalAction

MAX_TEXT = 11_000
"""Bound on characters: the digits of a seal of 4 KiB, and more than any symbol holds."""

_SEAL_PATH = "/s#"


def read(text: str) -> Code:
    """Return the code that a text is.

    Raises:
        MalformedQrText: of no profile.
        MalformedSeal: an offline code whose seal is not in its one form.
        TooLargeError: a bound is passed.
    """
    if len(text) > MAX_TEXT:
        raise TooLargeError("The text is longer than any code.", size=len(text), limit=MAX_TEXT)
    host, rest = split(text)
    if rest.startswith(_SEAL_PATH):
        return _read_digits(host, rest.removeprefix(_SEAL_PATH))
    if rest.startswith(OPEN_ATTESTATION_PATH):
        return _read_open_attestation(host, rest.removeprefix(OPEN_ATTESTATION_PATH))
    query = rest.removeprefix("/")
    if query.startswith(ACTION_QUERY):
        return _read_action(host, query.removeprefix(ACTION_QUERY))
    raise MalformedQrText("This link is not of a form that names a document.")


def describe(code: Code) -> dict[str, Any]:
    """Return what a code says, as JSON values: its profile, host and what the profile adds.

    It names the document (`id`) and never prints our own secret; the keys of foreign envelopes stand in
    the text as they are, and are given back.
    """
    known: dict[str, Any] = {"profile": code.profile, "host": code.host}
    if isinstance(code, CompactCode):
        return known | {"id": code.id}
    if isinstance(code, OfflineCode):
        return known | {"id": code.id} | _describe_claims(code.sealed)
    if isinstance(code, OpenAttestationCode):
        return known | {"ref": code.ref, "key": code.key}
    return known | {"type": ACTION_TYPE, "payload": code.payload, "key": code.key}


def _describe_claims(sealed: seal.Seal) -> dict[str, Any]:
    claims = sealed.claims
    described: dict[str, Any] = {
        "kid": sealed.kid.hex(),
        "iss": claims.issuer,
        "iat": claims.issued_at,
        "type": claims.type,
        "fields": claims.fields,
        "status": {"list": claims.status_list, "idx": claims.status_index},
    }
    if claims.expires_at is not None:
        described["exp"] = claims.expires_at
    if claims.page is not None:
        described["page"] = list(claims.page)
    return described


def _read_digits(host: str, text: str) -> CompactCode | OfflineCode:
    digit, payload = text[:1], from_digits(text[1:])
    if digit == COMPACT_DIGIT:
        if len(payload) != SECRET_BYTES:
            raise MalformedQrText(f"A compact code holds {SECRET_BYTES} bytes.", size=len(payload))
        return CompactCode(host, payload)
    if digit in {seal.DIGIT_STORED, seal.DIGIT_ZLIB}:
        return OfflineCode(host, seal.unpack(digit, payload))
    raise MalformedQrText("The code is of a later version than this software knows, or is damaged.")


def _read_open_attestation(host: str, rest: str) -> OpenAttestationCode:
    ref, separator, key = rest.partition(KEY_QUERY)
    if not separator:
        raise MalformedQrText("The code's key is missing.")
    return OpenAttestationCode(host, percent.decode(ref), key)


def _read_action(host: str, rest: str) -> UniversalAction:
    query, separator, fragment = rest.partition("#")
    action = _object(query)
    payload = action.get("payload")
    if action.get("type") != ACTION_TYPE or not isinstance(payload, dict):
        raise MalformedQrText("The code holds another action than opening a document.")
    uri, redirect = payload.get("uri"), payload.get("redirect")
    actions = payload.get("permittedActions", [])
    if not isinstance(uri, str) or not (redirect is None or isinstance(redirect, str)):
        raise MalformedQrText("The action's uri or redirect is not a text.")
    if not isinstance(actions, list) or not all(isinstance(one, str) for one in actions):
        raise MalformedQrText("The action's permitted actions are not texts.")
    return UniversalAction(host, uri, tuple(actions), redirect, _action_key(fragment) if separator else None)


def _action_key(fragment: str) -> str:
    key = _object(fragment).get("key")
    if not isinstance(key, str):
        raise MalformedQrText("The code's fragment holds no key.")
    return key


def _object(text: str) -> dict[str, Any]:
    try:
        value = jsjson.parse(percent.decode(text))
    except MalformedQrText:
        raise
    except InputError as error:
        raise MalformedQrText(f"The code's action cannot be read: {error.message}") from None
    if not isinstance(value, dict):
        raise MalformedQrText("The code's action is not an object.")
    return value
