"""Taking JSON apart with a clear refusal: small readers of one member each.

    >>> text({"url": "https://a"}, "url")
    'https://a'

What is *not* here: what the members mean (`reading`).
"""

import base64
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, TypeVar

from govseal.core.errors import InputError, MalformedToken
from govseal.core.jose import p256_key
from govseal.core.trustlist.model import Certificate

_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z", re.ASCII)
_Kind = TypeVar("_Kind")


def text(members: Mapping[str, Any], name: str) -> str:
    """Return a text that is not empty."""
    value = _of(str, members, name)
    if not value:
        raise refusal(name)
    return value


def integer(members: Mapping[str, Any], name: str, least: int = 0) -> int:
    """Return an integer of at least `least`."""
    value = _of(int, members, name)
    if isinstance(value, bool) or value < least:
        raise refusal(name)
    return value


def mapping(members: Any, name: str) -> dict[str, Any]:
    """Return an object."""
    return _of(dict, members, name)


def array(members: Mapping[str, Any], name: str) -> list[Any]:
    """Return an array; an absent one is empty."""
    return _of(list, members, name) if name in members else []


def each(members: Mapping[str, Any], name: str, reader: Callable[[Any], _Kind]) -> tuple[_Kind, ...]:
    """Return what `reader` makes of each object of an array."""
    items = array(members, name)
    if not all(isinstance(item, dict) for item in items):
        raise refusal(name)
    return tuple(map(reader, items))


def strings(members: Mapping[str, Any], name: str) -> tuple[str, ...]:
    """Return an array of texts that are not empty."""
    items = array(members, name)
    if not all(isinstance(item, str) and item for item in items):
        raise refusal(name)
    return tuple(items)


def by_language(members: Mapping[str, Any], name: str) -> dict[str, str]:
    """Return `[{lang, value}, …]` as a dict; one at least, no language twice."""
    pairs = each(members, name, lambda item: (text(item, "lang"), text(item, "value")))
    names = dict(pairs)
    if not names or len(names) != len(pairs):
        raise refusal(name)
    return names


def moment(members: Mapping[str, Any], name: str) -> datetime:
    """Return a UTC time written `YYYY-MM-DDThh:mm:ssZ`."""
    written = text(members, name)
    if not _MOMENT.fullmatch(written):
        raise refusal(name)
    try:
        return datetime.fromisoformat(written)
    except ValueError:
        raise refusal(name) from None


def optional_moment(members: Mapping[str, Any], name: str) -> datetime | None:
    """Return a time, or None where the member is absent."""
    return moment(members, name) if name in members else None


def certificate(members: Mapping[str, Any], dates: Mapping[str, Any]) -> Certificate:
    """Return the P-256 certificate in `val`, with the dates in `dates`."""
    try:
        der = base64.b64decode(text(members, "val"), validate=True)
        p256_key(der)
        return Certificate.from_der(
            der,
            retired_at=optional_moment(dates, "retiredAt"),
            compromised_at=optional_moment(dates, "compromisedAt"),
        )
    except MalformedToken:
        raise
    except (ValueError, InputError):
        raise refusal("certificate") from None


def refusal(name: str) -> MalformedToken:
    """Return the error that says which member is wrong."""
    return MalformedToken(f"The trust list's {name} is missing or has another form.", member=name)


def _of(kind: type[_Kind], members: Any, name: str) -> _Kind:
    value = members.get(name) if isinstance(members, dict) else None
    if not isinstance(value, kind):
        raise refusal(name)
    return value
