"""Who follows a trust list's key, and lists that are followed to it (docs/protocol.md clause 6.10)."""

import base64
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

from govseal.core import jose, jsjson, trustlist
from govseal.core.trustlist import succession
from makers.common import NOT_BEFORE, OPERATOR, certificate, refused, signer

_HOST = "verify.vectors.example"
_ISSUED, _NOW = datetime(2026, 6, 1, tzinfo=UTC), datetime(2026, 6, 15, tzinfo=UTC)
_FIRST, _SECOND, _THIRD = "list", "list 2", "list 3"
_LONG = [f"list {number}" for number in range(trustlist.MAX_STEPS + 2)]


def cases() -> dict[str, Any]:
    """Return the vectors."""
    return {
        "host": _HOST,
        "now": _NOW.isoformat(),
        "valid": [_said(_token())],
        "invalid": [_refused_statement(*one) for one in (*_wrong_tokens(), *_wrong_claims())],
        "followed": [
            {"why": why, **_case(*one), "sequence": _follow(*one).trust_list.sequence}
            for why, *one in _good_ways()
        ],
        "not_followed": [
            refused(why, _case(*one), lambda one=one: _follow(*one)) for why, *one in _wrong_ways()
        ],
    }


# --- statements ---------------------------------------------------------------------------------------


def _token(before: str = _FIRST, after: str = _SECOND, sequence: int = 8, **changed: Any) -> str:
    stated: dict[str, Any] = {
        "hosts": (_HOST, "http://localhost:8080"),
        "predecessor": _digest(before),
        "successor": certificate(after),
        "sequence": sequence,
        "signed_at": _ISSUED,
    }
    said = succession.Succession(**{**stated, **changed})
    return succession.sign(said, certificate=certificate(before), signer=signer(before))


def _said(token: str) -> dict[str, Any]:
    claims = _claims()
    return {"token": token, "predecessor": _digest(_FIRST), "leads_to": _digest(_SECOND), "claims": claims}


def _claims(**changed: Any) -> dict[str, Any]:
    stated = {
        "iat": int(_ISSUED.timestamp()),
        "hosts": [_HOST, "http://localhost:8080"],
        "predecessor": _digest(_FIRST),
        "successor": _base64(certificate(_SECOND)),
        "sequence": 8,
    }
    return {name: value for name, value in {**stated, **changed}.items() if value is not ...}


def _signed(payload: bytes, by: str = _FIRST, **header: Any) -> str:
    written = {"typ": succession.TYP, "x5c": [_base64(certificate(_FIRST))], **header}
    return jose.encode(
        {name: value for name, value in written.items() if value is not ...}, payload, signer(by)
    )


def _wrong_tokens() -> list[tuple[str, str]]:
    good, payload = _token(), jsjson.dumps(_claims()).encode()
    head, body, signature = good.split(".")
    return [
        ("empty", ""),
        ("not a token", "<!doctype html>"),
        ("two parts", f"{head}.{body}"),
        ("the twin of a signature cut short", f"{head}.{body}.{signature[:-2]}"),
        ("a character more than allowed", good + "A" * (succession.MAX_BYTES - len(good) + 1)),
        ("signed by the successor", _signed(payload, _SECOND)),
        ("signed by another key that names itself", _token("another")),
        (
            "signed by another key in this one's name",
            _signed(payload, "another", x5c=[_base64(certificate("another"))]),
        ),
        ("another claim under a good signature", f"{head}.{_signed(b'{}').split('.')[1]}.{signature}"),
        ("the type of a trust list", _signed(payload, typ=trustlist.TYP)),
        ("no type", _signed(payload, typ=...)),
        ("no certificate", _signed(payload, x5c=...)),
        ("a certificate that is a number", _signed(payload, x5c=7)),
        (
            "a chain of certificates",
            _signed(payload, x5c=[_base64(certificate(one)) for one in (_FIRST, _SECOND)]),
        ),
        ("another member in the header", _signed(payload, kid="00")),
        ("something critical", _signed(payload, crit=["exp"])),
        ("the algorithm none", _signed(payload, alg="none")),
        ("a payload that is not JSON", _signed(b"{")),
        ("a payload that is an array", _signed(b"[]")),
        ("a repeated claim", _signed(payload[:-1] + b',"iat":1}')),
        ("given before the key's certificate begins", _token(signed_at=NOT_BEFORE - timedelta(seconds=1))),
    ]


def _wrong_claims() -> list[tuple[str, str]]:
    wrong: list[tuple[str, dict[str, Any]]] = [
        ("no number", {"sequence": ...}),
        ("another claim", {"exp": 1}),
        ("the number 0", {"sequence": 0}),
        ("a number that is true", {"sequence": True}),
        ("a number beyond JavaScript's", {"sequence": 1 << 53}),
        ("no host", {"hosts": []}),
        ("a host twice", {"hosts": [_HOST, _HOST]}),
        ("a host without a name", {"hosts": [""]}),
        ("hosts that are a text", {"hosts": _HOST}),
        ("a host that is a number", {"hosts": [7]}),
        ("another key as predecessor", {"predecessor": _digest(_THIRD)}),
        ("a predecessor in upper case", {"predecessor": _digest(_FIRST).upper()}),
        ("a successor that is not base64", {"successor": "*"}),
        ("a successor that is no certificate", {"successor": "AAAA"}),
        ("a key that follows itself", {"successor": _base64(certificate(_FIRST))}),
        ("a time before 1970", {"iat": -1}),
        ("a time that is a text", {"iat": "2026-06-01T00:00:00Z"}),
    ]
    return [(why, _signed(jsjson.dumps(_claims(**changed)).encode())) for why, changed in wrong]


def _refused_statement(why: str, token: str) -> dict[str, Any]:
    case = {"token": token, "predecessor": _digest(_FIRST)}
    return refused(why, case, lambda: succession.read(token, predecessor=_digest(_FIRST)))


# --- lists --------------------------------------------------------------------------------------------

_Way = tuple[str, str, Sequence[str]]
"""Whose key is pinned, the list, and the statements at hand."""


def _list(by: str, sequence: int) -> str:
    listed = trustlist.TrustList(
        country="KH",
        operator={"en": OPERATOR},
        sequence=sequence,
        issued_at=_ISSUED,
        next_update=_ISSUED + timedelta(days=30),
        hosts=(_HOST,),
        institutions=(),
    )
    return trustlist.sign(listed, certificate=certificate(by), signer=signer(by))


def _good_ways() -> list[tuple[str, str, str, Sequence[str]]]:
    two = [_token(), _token(_SECOND, _THIRD, 12)]
    longest = [_token(*pair) for pair in pairwise(_LONG[:-1])]
    return [
        ("the pinned key signed", _FIRST, _list(_FIRST, 7), []),
        ("the pinned key signed its last list before it handed over", _FIRST, _list(_FIRST, 7), two),
        ("one key has followed", _FIRST, _list(_SECOND, 8), two[:1]),
        ("the key between signed its last list", _FIRST, _list(_SECOND, 11), two),
        ("two keys have followed", _FIRST, _list(_THIRD, 12), two),
        ("the key between is pinned", _SECOND, _list(_THIRD, 12), two),
        ("the newest key is pinned", _THIRD, _list(_THIRD, 1), two),
        ("a key between signed nothing", _FIRST, _list(_THIRD, 8), [_token(), _token(_SECOND, _THIRD, 8)]),
        ("one statement twice", _FIRST, _list(_SECOND, 8), [_token(), _token()]),
        ("as many keys as may follow", _LONG[0], _list(_LONG[-2], 8), longest),
    ]


def _wrong_ways() -> list[tuple[str, str, str, Sequence[str]]]:
    other_host = _token(hosts=("verify.elsewhere.example",))
    too_many = [_token(*pair) for pair in pairwise(_LONG)]
    garbage = f"{_token().rsplit('.', 1)[0]}.{'A' * 86}"
    return [
        ("nothing leads to the signer", _FIRST, _list(_SECOND, 8), []),
        ("a statement is missing between", _FIRST, _list(_THIRD, 12), [_token(_SECOND, _THIRD, 12)]),
        ("the key before the pinned one", _SECOND, _list(_FIRST, 7), [_token()]),
        ("the pinned key signs on after it handed over", _FIRST, _list(_FIRST, 8), [_token()]),
        ("a key between signs on", _FIRST, _list(_SECOND, 12), [_token(), _token(_SECOND, _THIRD, 12)]),
        ("the new key signs before it took over", _FIRST, _list(_SECOND, 7), [_token()]),
        ("for another host", _FIRST, _list(_SECOND, 8), [other_host]),
        ("two successors of one key", _FIRST, _list(_SECOND, 8), [_token(), _token(_FIRST, _THIRD)]),
        ("another number for the same successor", _FIRST, _list(_SECOND, 9), [_token(), _token(sequence=9)]),
        ("numbers go down", _FIRST, _list(_THIRD, 12), [_token(), _token(_SECOND, _THIRD, 7)]),
        ("keys that follow each other", _FIRST, _list(_THIRD, 9), [_token(), _token(_SECOND, _FIRST, 9)]),
        ("one key more than may follow", _LONG[0], _list(_LONG[-1], 8), too_many),
        ("a signature that does not match", _FIRST, _list(_SECOND, 8), [garbage]),
    ]


def _follow(pin: str, listed: str, statements: Sequence[str]) -> trustlist.Followed:
    def find(key: str) -> list[bytes]:
        return [one.encode() for one in statements if succession.predecessor_of(one) == key]

    return trustlist.follow(listed, pin=certificate(pin), host=_HOST, now=_NOW, find=find)


def _case(pin: str, listed: str, statements: Sequence[str]) -> dict[str, Any]:
    return {"pin": _digest(pin), "list": listed, "statements": list(statements)}


def _digest(label: str) -> str:
    return succession.digest(certificate(label))


def _base64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()
