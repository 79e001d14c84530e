"""What a seal says, and its form as CBOR claims (docs/protocol.md section 5).

    1 iss · 4 exp · 6 iat · 169 subject · -65537 [1, type, secret, {field: value}, list, idx, [page, pages]?]

Invariants: claims are checked when they are made, so what can be signed can be read back; a claim or a shape
that is not named here is refused.

    >>> claims = Claims(issuer="KH/moeys", issued_at=1_760_000_000, type="diploma", secret=bytes(16),
    ...                 fields={"name": "សុខ ចាន់ដារ៉ា"}, status_list=1, status_index=7)
    >>> from_cbor(to_cbor(claims)) == claims
    True

What is *not* here: the signature around the claims (`cose`).
"""

import re
from dataclasses import dataclass, field
from typing import Any

from govseal.core import cbor
from govseal.core.errors import InputError, MalformedSeal, TooLargeError
from govseal.core.secret import SECRET_BYTES
from govseal.core.unixtime import is_unix_time

FieldValue = str | int | bool

_ISS, _EXP, _IAT, _SUBJECT, _PRIVATE = 1, 4, 6, 169, -65537
_KNOWN = {_ISS, _EXP, _IAT, _SUBJECT, _PRIVATE}
_REQUIRED = {_ISS, _IAT, _PRIVATE}
_PRIVATE_VERSION = 1
_PRIVATE_LENGTHS = {6, 7}  # without and with the page

_ISSUER = re.compile(r"[A-Z]{2}/[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_FIELD = re.compile(r"[A-Za-z0-9_-]{1,64}")  # no dot: a document's paths are joined with it
_MAX_FIELDS = 64
_MAX_INDEX = (1 << 32) - 1
_MAX_PAGES = 10_000
_MAX_EXACT = (1 << 53) - 1  # beyond this JavaScript's numbers are not exact


@dataclass(frozen=True, slots=True, kw_only=True)
class Claims:
    """What an institution says of one sheet.

    Attributes:
        issuer: `<CC>/<institution code>`.
        issued_at: Unix time in seconds.
        expires_at: Unix time in seconds, or None.
        subject: MOSIP Claim 169 with its integer keys, for a document about a person; or None.
        type: code of the document's type.
        secret: the document's 16 bytes.
        fields: the values of the type's decisive fields, by code.
        status_list: number of the status list.
        status_index: place in that list.
        page: (page, pages), counted from 1, when each page has its own seal; or None.

    Raises:
        MalformedSeal: a value is outside its form.
    """

    issuer: str
    issued_at: int
    type: str
    secret: bytes
    fields: dict[str, FieldValue]
    status_list: int
    status_index: int
    expires_at: int | None = None
    subject: dict[int, Any] | None = field(default=None)
    page: tuple[int, int] | None = None

    def __post_init__(self) -> None:
        _require(_is_text(self.issuer, _ISSUER), "The issuer is a country and an institution's code.")
        _require(is_unix_time(self.issued_at), "The time of issue is a Unix time.")
        _require(
            self.expires_at is None or is_unix_time(self.expires_at),
            "The expiry is a Unix time.",
        )
        _require(self.subject is None or _is_subject(self.subject), "The subject is a map with integer keys.")
        _require(_is_text(self.type, _CODE), "The document's type is a code.")
        _require(
            isinstance(self.secret, bytes) and len(self.secret) == SECRET_BYTES, "The secret has 16 bytes."
        )
        _require(_are_fields(self.fields), "Fields are texts, integers or booleans, by code.")
        _require(_is_integer(self.status_list, 0, _MAX_INDEX), "The status list is a number from 0.")
        _require(_is_integer(self.status_index, 0, _MAX_INDEX), "The status index is a count from 0.")
        _require(self.page is None or _is_page(self.page), "The page is one of the pages.")


def to_cbor(claims: Claims) -> bytes:
    """Return the claims as deterministic CBOR.

    Raises:
        MalformedSeal: the subject, or a text, has no form in CBOR.
    """
    private: list[Any] = [_PRIVATE_VERSION, claims.type, claims.secret, claims.fields]
    private += [claims.status_list, claims.status_index]
    if claims.page:
        private.append(list(claims.page))
    members: dict[int, Any] = {_ISS: claims.issuer, _IAT: claims.issued_at, _PRIVATE: private}
    if claims.expires_at is not None:
        members[_EXP] = claims.expires_at
    if claims.subject is not None:
        members[_SUBJECT] = claims.subject
    try:
        return cbor.encode(members)
    except TooLargeError:
        raise
    except InputError as error:
        raise MalformedSeal(error.message) from None


def from_cbor(raw: bytes) -> Claims:
    """Return the claims that `raw` holds.

    Raises:
        MalformedSeal: a claim is unknown, missing or outside its form.
        TooLargeError: nested too deeply.
    """
    members = _decoded(raw)
    if not isinstance(members, dict) or not _REQUIRED <= members.keys() <= _KNOWN:
        raise MalformedSeal("The seal's claims are not the known ones.")
    private = members[_PRIVATE]
    if not isinstance(private, list) or len(private) not in _PRIVATE_LENGTHS or private[0] is True:
        raise MalformedSeal("The seal's own claim has another shape.")
    version, type_code, secret, fields, status_list, status_index, *page = private
    if version != _PRIVATE_VERSION:
        raise MalformedSeal("The seal's own claim is of another version.")
    if any(name in members and members[name] is None for name in (_EXP, _SUBJECT)):
        raise MalformedSeal("A claim that is absent is left out, not null.")
    return Claims(
        issuer=members[_ISS],
        issued_at=members[_IAT],
        expires_at=members.get(_EXP),
        subject=members.get(_SUBJECT),
        type=type_code,
        secret=secret,
        fields=fields,
        status_list=status_list,
        status_index=status_index,
        page=_page(page[0]) if page else None,
    )


def _decoded(raw: bytes) -> Any:
    try:
        return cbor.decode(raw)
    except TooLargeError:
        raise
    except InputError as error:
        raise MalformedSeal(error.message) from None


def _require(holds: bool, otherwise: str) -> None:  # noqa: FBT001 - the condition is the subject
    if not holds:
        raise MalformedSeal(otherwise)


def _is_text(value: object, form: re.Pattern[str]) -> bool:
    return isinstance(value, str) and form.fullmatch(value) is not None


def _is_integer(value: object, least: int, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def _is_subject(value: object) -> bool:
    return isinstance(value, dict) and bool(value) and all(_is_integer(key, 0, _MAX_INDEX) for key in value)


def _are_fields(value: object) -> bool:
    return (
        isinstance(value, dict)
        and len(value) <= _MAX_FIELDS
        and all(_is_text(code, _FIELD) and _is_field_value(item) for code, item in value.items())
    )


def _is_field_value(value: object) -> bool:
    return isinstance(value, str | bool) or _is_integer(value, -_MAX_EXACT, _MAX_EXACT)


def _page(value: Any) -> tuple[int, int]:
    _require(isinstance(value, list) and _is_page(value), "The page is one of the pages.")
    return value[0], value[1]


def _is_page(value: Any) -> bool:
    return len(value) == 2 and _is_integer(value[1], 1, _MAX_PAGES) and _is_integer(value[0], 1, value[1])  # noqa: PLR2004 - page, pages
