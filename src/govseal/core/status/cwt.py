"""A status list as a signed CBOR web token (Token Status List section 5.2): a quarter smaller than the other form.

    18([ << {1: -7, 4: kid, 16: "application/statuslist+cwt"} >>, {},
         << {2: sub, 4: exp, 6: iat, 65533: {"bits", "lst"}, 65534: ttl} >>, signature ])

Invariant: header and claims have exactly these members, so that a list says nothing that is not checked.

What is *not* here: which key is right, and whether the list is fresh (`token`).
"""

from typing import Any

from govseal.core import cbor, cose, jose
from govseal.core.errors import InputError, MalformedToken, TooLargeError
from govseal.core.status.model import Claims, StatusList, Unchecked

TYP = "application/statuslist+cwt"
FIRST_BYTE = b"\xd2"
"""Tag 18, with which every COSE_Sign1 begins and no compact JWS does."""

_TYP = 16
_SUB, _EXP, _IAT, _STATUS_LIST, _TTL = 2, 4, 6, 65533, 65534
_CLAIMS = {_SUB, _EXP, _IAT, _STATUS_LIST, _TTL}
_BITS, _LST = "bits", "lst"


def encode(status_list: StatusList, *, kid: bytes, sign: jose.Sign) -> bytes:
    """Return the COSE_Sign1 over `status_list`."""
    claims = Claims.of(status_list)
    payload = {
        _SUB: claims.sub,
        _IAT: claims.iat,
        _EXP: claims.exp,
        _TTL: claims.ttl,
        _STATUS_LIST: {_BITS: claims.bits, _LST: claims.lst},
    }
    return cose.encode({cose.KID: kid, _TYP: TYP}, cbor.encode(payload), sign)


def read(token: bytes, *, max_bytes: int) -> Unchecked:
    """Return the parts of a list's token.

    Raises:
        MalformedToken: not one.
        TooLargeError: longer than `max_bytes`, or nested too deeply.
    """
    try:
        message = cose.read(token, max_bytes=max_bytes)
    except InputError as error:
        raise _as_token_error(error) from None
    kid = message.header.get(cose.KID)
    if message.header.keys() != {cose.ALGORITHM, cose.KID, _TYP} or not isinstance(kid, bytes):
        raise MalformedToken("The status list's header has other members.")
    return Unchecked(
        kid=kid.hex(),
        check=lambda certificate: _check(message, certificate),
        claims=lambda: _claims(message.payload),
    )


def _check(message: cose.Message, certificate: bytes) -> None:
    if message.header[_TYP] != TYP:
        raise MalformedToken(f"The token is not of the type {TYP}.", code="WRONG_TYPE")
    jose.verify_es256(certificate, message.signature, message.signed)


def _claims(payload: bytes) -> Claims:
    try:
        members = cbor.decode(payload)
    except InputError as error:
        raise _as_token_error(error) from None
    entries = _of(members, _CLAIMS)[_STATUS_LIST]
    lst = _of(entries, {_BITS, _LST})[_LST]
    if not isinstance(lst, bytes):
        raise MalformedToken("The status list's entries are not bytes.")
    times = members[_IAT], members[_EXP], members[_TTL]
    return Claims(members[_SUB], *times, entries[_BITS], lst)


def _of(members: Any, names: set[Any]) -> dict[Any, Any]:
    if not isinstance(members, dict) or members.keys() != names:
        raise MalformedToken("The status list's claims are not exactly the known ones.")
    return members


def _as_token_error(error: InputError) -> InputError:
    return error if isinstance(error, TooLargeError) else MalformedToken(error.message)
