"""Status lists (docs/protocol.md clause 6.6)."""

import base64
import zlib
from datetime import UTC, datetime, timedelta
from typing import Any

from govseal.core import cbor, cose, jose, jsjson, status, trustlist
from makers.common import certificate, dated, refused, signer

_URI = "https://verify.vectors.example/status/1"
_ISSUED = datetime(2026, 6, 1, tzinfo=UTC)
_EXPIRES = _ISSUED + timedelta(days=7)
_NOW = _ISSUED + timedelta(hours=1)
_STATES = {
    0: status.State.REVOKED,
    1: status.State.SUSPENDED,
    3: status.State.SUPERSEDED,
    70_123: status.State.REVOKED,
    131_071: status.State.SUSPENDED,
}
_KID = trustlist.Certificate.from_der(certificate("status")).kid
_RETIRED = "status before"
_STOLEN = "status stolen"


def cases() -> dict[str, Any]:
    """Return the vectors."""
    return {
        "uri": _URI,
        "now": _NOW.isoformat(),
        "max_age_seconds": int(status.ONLINE_AGE.total_seconds()),
        "certificates": [dated(one) for one in _listed()],
        "valid": [_valid(states) for states in ({}, _STATES)],
        "invalid": [_refused(*one) for one in (*_wrong_jwts(), *_wrong_cwts(), *_untrusted())],
        "untimely": [_untimely(*one) for one in _wrong_times()],
    }


def _listed() -> tuple[trustlist.Certificate, ...]:
    retired, stolen = datetime(2026, 5, 1, tzinfo=UTC), datetime(2026, 7, 1, tzinfo=UTC)
    return (
        trustlist.Certificate.from_der(certificate("status")),
        trustlist.Certificate.from_der(certificate(_RETIRED), retired_at=retired),
        trustlist.Certificate.from_der(certificate(_STOLEN), compromised_at=stolen),
    )


def _list(states: dict[int, status.State]) -> status.StatusList:
    return status.StatusList(_URI, _ISSUED, _EXPIRES, timedelta(hours=1), status.build(states))


def _valid(states: dict[int, status.State]) -> dict[str, Any]:
    made = _list(states)
    return {
        "states": {str(index): int(state) for index, state in states.items()},
        "jwt": _jwt(made, "status"),
        "cwt": _cwt(made, "status").hex(),
    }


def _jwt(made: status.StatusList, label: str) -> str:
    return status.sign_jwt(made, certificate=certificate(label), signer=signer(label))


def _cwt(made: status.StatusList, label: str) -> bytes:
    return status.sign_cwt(made, certificate=certificate(label), signer=signer(label))


def _entries(array: bytes | None = None) -> bytes:
    return zlib.compress(_list(_STATES).array if array is None else array, 9)


def _jwt_of(
    header: dict[str, Any] | None = None, entries: dict[str, Any] | None = None, **changed: Any
) -> str:
    written = {"typ": status.JWT_TYP, "kid": _KID.hex(), **(header or {})}
    listed = {"bits": 2, "lst": jose.base64url(_entries()), **(entries or {})}
    claims = {**_times("iat", "exp"), "sub": _URI, "ttl": 3_600, "status_list": listed, **changed}
    return jose.encode(_kept(written), jsjson.dumps(_kept(claims)).encode(), signer("status"))


def _cwt_of(
    header: dict[int, Any] | None = None,
    entries: dict[str, Any] | None = None,
    claims: dict[int, Any] | None = None,
) -> bytes:
    written = {cose.KID: _KID, 16: status.CWT_TYP, **(header or {})}
    listed = {"bits": 2, "lst": _entries(), **(entries or {})}
    stated = {**_times(6, 4), 2: _URI, 65534: 3_600, 65533: listed, **(claims or {})}
    return cose.encode(_kept(written), cbor.encode(_kept(stated)), signer("status"))


def _times(iat: Any, exp: Any) -> dict[Any, int]:
    return {iat: int(_ISSUED.timestamp()), exp: int(_EXPIRES.timestamp())}


def _kept(members: dict[Any, Any]) -> dict[Any, Any]:
    return {name: value for name, value in members.items() if value is not ...}


def _wrong_jwts() -> list[tuple[str, str | bytes]]:
    good = _jwt_of()
    head, body, signature = good.split(".")
    bomb, short, long = (bytes(size) for size in (1 << 20, status.ARRAY_BYTES - 1, status.ARRAY_BYTES + 1))
    lists = {
        "the type of the CWT": _jwt_of({"typ": status.CWT_TYP}),
        "the type of a receipt": _jwt_of({"typ": "govseal-anchor+jwt"}),
        "the type in capitals": _jwt_of({"typ": status.JWT_TYP.upper()}),
        "no type": _jwt_of({"typ": ...}),
        "no key id": _jwt_of({"kid": ...}),
        "a key id in capitals": _jwt_of({"kid": _KID.hex().upper()}),
        "a certificate in the header": _jwt_of({"x5c": [base64.b64encode(certificate("status")).decode()]}),
        "no expiry": _jwt_of(exp=...),
        "no lifetime of copies": _jwt_of(ttl=...),
        "a lifetime of 0": _jwt_of(ttl=0),
        "a lifetime that is true": _jwt_of(ttl=True),
        "a time with a fraction": _jwt_of(iat=_ISSUED.timestamp() + 0.5),
        "a time before 1970": _jwt_of(iat=-1),
        "a time after the year 9999": _jwt_of(exp=253_402_300_800),
        "expired when made": _jwt_of(exp=int(_ISSUED.timestamp())),
        "an unknown claim": _jwt_of(nbf=0),
        "another list's URI": _jwt_of(sub=_URI + "0"),
        "a URI that is a number": _jwt_of(sub=1),
        "a URI in Khmer": _jwt_of(sub="https://ខ្មែរ.example/1"),
        "1 bit": _jwt_of(entries={"bits": 1}),
        "bits that are true": _jwt_of(entries={"bits": True}),
        "bits that are text": _jwt_of(entries={"bits": "2"}),
        "another member beside the entries": _jwt_of(entries={"aggregation_uri": _URI}),
        "entries that are a number": _jwt_of(entries={"lst": 1}),
        "entries that are not base64url": _jwt_of(entries={"lst": "+/=="}),
        "entries that are not deflated": _jwt_of(entries={"lst": jose.base64url(bytes(64))}),
        "entries deflated without the zlib format": _jwt_of(entries=_lst(_entries()[2:-4])),
        "entries cut short": _jwt_of(entries=_lst(_entries()[:-1])),
        "something after the entries": _jwt_of(entries=_lst(_entries() + b"\0")),
        "one byte of entries too few": _jwt_of(entries=_lst(_entries(short))),
        "one byte of entries too many": _jwt_of(entries=_lst(_entries(long))),
        "entries that inflate to 1 MiB": _jwt_of(entries=_lst(_entries(bomb))),
        "a signature of 63 bytes": f"{head}.{body}.{signature[:-2]}",
        "other claims under the same signature": f"{head}.{_jwt_of(ttl=1).split('.')[1]}.{signature}",
        "empty": "",
    }
    return list(lists.items())


def _lst(stream: bytes) -> dict[str, Any]:
    return {"lst": jose.base64url(stream)}


def _wrong_cwts() -> list[tuple[str, str | bytes]]:
    good, long = _cwt_of(), bytes(status.ARRAY_BYTES + 1)
    lists = {
        "CWT: no tag": good[1:],
        "CWT: under the tag of CWT as well": b"\xd8\x3d" + good,
        "CWT: the type of the JWT": _cwt_of({16: status.JWT_TYP}),
        "CWT: the type as a number": _cwt_of({16: 1}),
        "CWT: no type": _cwt_of({16: ...}),
        "CWT: no key id": _cwt_of({cose.KID: ...}),
        "CWT: a key id that is text": _cwt_of({cose.KID: _KID.hex()}),
        "CWT: another algorithm": _cwt_of({cose.ALGORITHM: -8}),
        "CWT: a certificate in the header": _cwt_of({33: certificate("status")}),
        "CWT: no expiry": _cwt_of(claims={4: ...}),
        "CWT: an unknown claim": _cwt_of(claims={5: 0}),
        "CWT: another list's URI": _cwt_of(claims={2: _URI + "0"}),
        "CWT: a lifetime that is text": _cwt_of(claims={65534: "3600"}),
        "CWT: entries that are text": _cwt_of(entries=_lst(_entries())),
        "CWT: 4 bits": _cwt_of(entries={"bits": 4}),
        "CWT: one byte of entries too many": _cwt_of(entries={"lst": _entries(long)}),
        "CWT: nested too deeply": cose.encode(
            {cose.KID: _KID, 16: status.CWT_TYP}, b"\x81" * 40 + b"\x00", signer("status")
        ),
        "CWT: cut short": good[:-1],
        "CWT: the signature's last bit changed": good[:-1] + bytes([good[-1] ^ 1]),
    }
    return list(lists.items())


def _untrusted() -> list[tuple[str, str | bytes]]:
    made = _list(_STATES)
    another = status.sign_jwt(made, certificate=certificate("status"), signer=signer("another"))
    return [
        ("signed by a key that is not listed", _jwt(made, "another")),
        ("signed by another key under a listed key's id", another),
        ("signed by a key retired before", _jwt(made, _RETIRED)),
        ("signed by a key declared stolen afterwards", _cwt(made, _STOLEN)),
    ]


def _wrong_times() -> list[tuple[str, datetime, timedelta, status.Seen | None]]:
    second, seen = timedelta(seconds=1), _list(_STATES).seen
    later = status.Seen(_ISSUED + second, seen.digest)
    forked = status.Seen(_ISSUED, _list({}).seen.digest)
    return [
        ("older than a day, online", _ISSUED + status.ONLINE_AGE + second, status.ONLINE_AGE, None),
        ("expired", _EXPIRES, status.OFFLINE_AGE, None),
        ("from the future", _ISSUED - timedelta(minutes=5) - second, status.ONLINE_AGE, None),
        ("older than the one seen", _NOW, status.ONLINE_AGE, later),
        ("of the same moment as the one seen, with other entries", _NOW, status.ONLINE_AGE, forked),
    ]


def _refused(why: str, token: str | bytes) -> dict[str, Any]:
    case = {"jwt": token} if isinstance(token, str) else {"cwt": token.hex()}
    return refused(why, case, lambda: _read(token, _NOW, status.ONLINE_AGE, None))


def _untimely(why: str, now: datetime, max_age: timedelta, seen: status.Seen | None) -> dict[str, Any]:
    case: dict[str, Any] = {"now": now.isoformat(), "max_age_seconds": int(max_age.total_seconds())}
    if seen:
        case["last_seen"] = {"issued_at": seen.issued_at.isoformat(), "digest": seen.digest}
    token = _jwt(_list(_STATES), "status")
    return refused(why, case, lambda: _read(token, now, max_age, seen))


def _read(
    token: str | bytes, now: datetime, max_age: timedelta, seen: status.Seen | None
) -> status.StatusList:
    return status.read(token, uri=_URI, certificates=_listed(), now=now, max_age=max_age, last_seen=seen)
