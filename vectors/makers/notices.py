"""Notices beside a status list (docs/protocol.md clause 6.7)."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from govseal.core import jose, jsjson, status, trustlist
from govseal.core.status import Notice, Notices, State
from makers.common import certificate, dated, refused, signer

_URI = "https://verify.vectors.example/status/1"
_ISSUED = datetime(2026, 6, 1, tzinfo=UTC)
_EXPIRES = _ISSUED + timedelta(days=7)
_NOW = _ISSUED + timedelta(hours=1)
_ENTRIES = {
    0: Notice(State.REVOKED, "error", date(2026, 5, 3)),
    17: Notice(State.REVOKED, "error", date(2026, 5, 3)),
    70_123: Notice(State.SUPERSEDED, "corrected", date(2026, 5, 30)),
    131_071: Notice(State.SUSPENDED, "review", date(2026, 6, 1)),
}
_LISTED = (trustlist.Certificate.from_der(certificate("status")),)
_GROUPS = {"revoked": {"error": {"2026-05-03": [0, 17]}}}


def cases() -> dict[str, Any]:
    """Return the vectors."""
    return {
        "uri": _URI,
        "now": _NOW.isoformat(),
        "max_age_seconds": int(status.ONLINE_AGE.total_seconds()),
        "certificates": [dated(one) for one in _LISTED],
        "valid": [_valid(entries) for entries in ({}, _ENTRIES)],
        "invalid": [
            refused(why, {"jwt": token}, lambda token=token: _read(token)) for why, token in _wrong().items()
        ],
    }


def _valid(entries: dict[int, Notice]) -> dict[str, Any]:
    made = Notices(_URI, _ISSUED, _EXPIRES, entries)
    told = {
        str(index): [one.state.name.lower(), one.code, one.since.isoformat()]
        for index, one in entries.items()
    }
    token = status.sign_notices(made, certificate=certificate("status"), signer=signer("status"))
    return {"notices": told, "jwt": token}


def _jwt(groups: Any = ..., *, by: str = "status", typ: str = status.NOTICES_TYP, **changed: Any) -> str:
    claims = {
        "sub": _URI,
        "iat": int(_ISSUED.timestamp()),
        "exp": int(_EXPIRES.timestamp()),
        "notices": _GROUPS if groups is ... else groups,
        **changed,
    }
    header = {"typ": typ, "kid": trustlist.Certificate.from_der(certificate(by)).kid.hex()}
    return jose.encode(header, jsjson.dumps(claims).encode(), signer(by))


def _wrong() -> dict[str, str]:
    day = int(timedelta(days=1).total_seconds())
    of = _GROUPS["revoked"]
    return {
        "the type of a status list": _jwt(typ=status.JWT_TYP),
        "signed by a key that is not listed": _jwt(by="another"),
        "another list's URI": _jwt(sub=_URI + "0"),
        "older than a day": _jwt(iat=int(_NOW.timestamp()) - day - 1),
        "expired": _jwt(exp=int(_NOW.timestamp())),
        "from the future": _jwt(iat=int(_NOW.timestamp()) + 301),
        "an unknown claim": _jwt(nbf=0),
        "a state that needs no notice": _jwt({"valid": of}),
        "an unknown state": _jwt({"lost": of}),
        "a reason in capitals": _jwt({"revoked": {"ERROR": {}}}),
        "a day that is none": _jwt({"revoked": {"error": {"2026-02-30": [0]}}}),
        "a moment instead of a day": _jwt({"revoked": {"error": {"2026-05-03T00:00:00Z": [0]}}}),
        "an index beyond the list": _jwt({"revoked": {"error": {"2026-05-03": [131_072]}}}),
        "an index that is text": _jwt({"revoked": {"error": {"2026-05-03": ["0"]}}}),
        "an index twice": _jwt({"revoked": of, "suspended": {"review": {"2026-05-04": [0]}}}),
    }


def _read(token: str) -> Notices:
    return status.read_notices(token, uri=_URI, certificates=_LISTED, now=_NOW, max_age=status.ONLINE_AGE)
