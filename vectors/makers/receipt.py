"""Anchor receipts (docs/protocol.md clause 2.6)."""

from datetime import UTC, datetime
from typing import Any

from govseal.core import jose, jsjson, receipt, trustlist
from makers.common import certificate, dated, drawn, refused, signer

_STORE = trustlist.StoreRef(1337, "0x" + drawn("genesis", 32).hex(), "0x" + "00" * 19 + "01")
_ROOT = drawn("root", 32)
_BLOCK_TIME = datetime(2026, 6, 1, tzinfo=UTC)
_SIGNED = datetime(2026, 6, 1, 0, 1, tzinfo=UTC)
_KID = trustlist.Certificate.from_der(certificate("anchor")).kid.hex()


def cases() -> dict[str, Any]:
    """Return the vectors."""
    return {
        "store": {"chainId": _STORE.chain_id, "genesis": _STORE.genesis, "address": _STORE.address},
        "root": _ROOT.hex(),
        "certificates": [dated(one) for one in _listed()],
        "valid": [{"token": _token("anchor"), "claims": _claims()}],
        "invalid": [_refused(*one) for one in (*_wrong_tokens(), *_wrong_claims())],
    }


def _listed() -> tuple[trustlist.Certificate, ...]:
    retired, stolen = datetime(2026, 5, 1, tzinfo=UTC), datetime(2026, 7, 1, tzinfo=UTC)
    return (
        trustlist.Certificate.from_der(certificate("anchor")),
        trustlist.Certificate.from_der(certificate("anchor before"), retired_at=retired),
        trustlist.Certificate.from_der(certificate("anchor stolen"), compromised_at=stolen),
    )


def _receipt() -> receipt.Receipt:
    return receipt.Receipt(
        store=_STORE,
        root=_ROOT,
        block_number=42,
        block_hash=drawn("block", 32),
        block_time=_BLOCK_TIME,
        transaction=drawn("transaction", 32),
        signed_at=_SIGNED,
    )


def _token(label: str) -> str:
    return receipt.sign(_receipt(), certificate=certificate(label), signer=signer(label))


def _claims(**changed: Any) -> dict[str, Any]:
    made = _receipt()
    stated = {
        "iat": int(_SIGNED.timestamp()),
        "chainId": _STORE.chain_id,
        "genesis": _STORE.genesis,
        "store": _STORE.address,
        "root": "0x" + _ROOT.hex(),
        "blockNumber": made.block_number,
        "blockHash": "0x" + made.block_hash.hex(),
        "blockTime": int(_BLOCK_TIME.timestamp()),
        "transaction": "0x" + made.transaction.hex(),
    }
    return {name: value for name, value in {**stated, **changed}.items() if value is not ...}


def _signed(payload: bytes, **header: Any) -> str:
    written = {"typ": receipt.TYP, "kid": _KID, **header}
    kept = {name: value for name, value in written.items() if value is not ...}
    return jose.encode(kept, payload, signer("anchor"))


def _wrong_tokens() -> list[tuple[str, str]]:
    good, payload = _token("anchor"), jsjson.dumps(_claims()).encode()
    head, body, signature = good.split(".")
    other = _signed(jsjson.dumps(_claims(blockNumber=43)).encode()).split(".")[1]
    misnamed = receipt.sign(_receipt(), certificate=certificate("anchor"), signer=signer("another"))
    return [
        ("empty", ""),
        ("two parts", f"{head}.{body}"),
        ("another type", _signed(payload, typ="statuslist+jwt")),
        ("no type", _signed(payload, typ=...)),
        ("no key id", _signed(payload, kid=...)),
        ("a certificate in the header", _signed(payload, x5c=["AAAA"])),
        ("another algorithm", _signed(payload, alg="HS256")),
        ("signed by a key that is not listed", _token("another")),
        ("signed by another key under a listed key's id", misnamed),
        ("signed by a key retired before", _token("anchor before")),
        ("signed by a key declared stolen afterwards", _token("anchor stolen")),
        ("other claims under the same signature", f"{head}.{other}.{signature}"),
        ("a payload that is not JSON", _signed(b"{")),
        ("a payload with a repeated member", _signed(payload[:-1] + b',"iat":0}')),
        ("a payload that is an array", _signed(b"[]")),
        ("longer than 4 KiB", _signed(payload + b" " * 4_096)),
    ]


def _wrong_claims() -> list[tuple[str, str]]:
    listed = (
        ("another chain", {"chainId": 1338}),
        ("another genesis", {"genesis": "0x" + drawn("another genesis", 32).hex()}),
        ("another store", {"store": "0x" + "00" * 19 + "02"}),
        ("another root", {"root": "0x" + drawn("another root", 32).hex()}),
        ("a chain of 0", {"chainId": 0}),
        ("a chain that is text", {"chainId": "1337"}),
        ("a root without 0x", {"root": _ROOT.hex()}),
        ("a root in capitals", {"root": "0x" + _ROOT.hex().upper()}),
        ("a root of 31 bytes", {"root": "0x" + _ROOT.hex()[2:]}),
        ("a store that is null", {"store": None}),
        ("a store of another form", {"store": "0x01"}),
        ("block 0", {"blockNumber": 0}),
        ("a block that is true", {"blockNumber": True}),
        ("a block beyond 2^53", {"blockNumber": 1 << 53}),
        ("a time with a fraction", {"blockTime": 0.5}),
        ("a time before 1970", {"blockTime": -1}),
        ("a time after the year 9999", {"blockTime": 253_402_300_800}),
        ("no time of signing", {"iat": ...}),
        ("no transaction", {"transaction": ...}),
        ("an unknown claim", {"exp": 1_800_000_000}),
    )
    return [(why, _signed(jsjson.dumps(_claims(**changed)).encode())) for why, changed in listed]


def _refused(why: str, token: str) -> dict[str, Any]:
    return refused(
        why,
        {"token": token},
        lambda: receipt.read(token, store=_STORE, root=_ROOT, certificates=_listed()),
    )
