"""A status list as a signed JSON web token (Token Status List section 5.1).

    {alg, typ: "statuslist+jwt", kid} . {sub, iat, exp, ttl, status_list: {bits, lst}}

Invariant: header and claims have exactly these members, so that a list says nothing that is not checked.

What is *not* here: which key is right, and whether the list is fresh (`token`).
"""

from typing import Any

from govseal.core import jose, jsjson
from govseal.core.errors import InputError, MalformedToken
from govseal.core.status.model import Claims, StatusList, Unchecked

TYP = "statuslist+jwt"

_HEADER = {"alg", "typ", "kid"}
_CLAIMS = {"sub", "iat", "exp", "ttl", "status_list"}
_STATUS_LIST = {"bits", "lst"}


def encode(status_list: StatusList, *, kid: bytes, sign: jose.Sign) -> str:
    """Return the compact JWS over `status_list`."""
    claims = Claims.of(status_list)
    payload = {
        "sub": claims.sub,
        "iat": claims.iat,
        "exp": claims.exp,
        "ttl": claims.ttl,
        "status_list": {"bits": claims.bits, "lst": jose.base64url(claims.lst)},
    }
    return jose.encode({"typ": TYP, "kid": kid.hex()}, jsjson.dumps(payload).encode(), sign)


def read(token: bytes | str, *, max_bytes: int) -> Unchecked:
    """Return the parts of a list's token.

    Raises:
        MalformedToken: not one.
        TooLargeError: longer than `max_bytes`.
    """
    parts = jose.read(token, max_bytes=max_bytes)
    if parts.header.keys() != _HEADER:
        raise MalformedToken("The status list's header has other members.")
    return Unchecked(
        kid=parts.header["kid"],
        check=lambda certificate: jose.verify(parts, certificate, typ=TYP),
        claims=lambda: _claims(parts.payload),
    )


def _claims(payload: bytes) -> Claims:
    try:
        members = jsjson.parse(payload)
    except InputError as error:
        raise MalformedToken(f"The status list cannot be read: {error.message}") from None
    entries = _of(members, _CLAIMS)["status_list"]
    lst = _of(entries, _STATUS_LIST)["lst"]
    if not isinstance(lst, str):
        raise MalformedToken("The status list's entries are not base64url.")
    times = members["iat"], members["exp"], members["ttl"]
    return Claims(members["sub"], *times, entries["bits"], jose.from_base64url(lst))


def _of(members: Any, names: set[str]) -> dict[str, Any]:
    if not isinstance(members, dict) or members.keys() != names:
        raise MalformedToken("The status list's claims are not exactly the known ones.")
    return members
