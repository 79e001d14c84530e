"""Anchor receipts (docs/protocol.md clause 2.6)."""

import base64
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govseal.core import jsjson, receipt
from govseal.core.errors import GovsealError, InputError
from govseal.core.trustlist import Certificate, StoreRef
from support.listed import listed
from support.seals import certificate, drawn, signer
from support.vectors import vectors, why

VECTORS = vectors("receipt")
STORE = StoreRef(VECTORS["store"]["chainId"], VECTORS["store"]["genesis"], VECTORS["store"]["address"])
ROOT = bytes.fromhex(VECTORS["root"])
KEY = Certificate.from_der(certificate("anchor"))
HASHES = st.binary(min_size=32, max_size=32)
MOMENTS = st.integers(0, 253_402_300_799).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))
LISTED = [listed(one) for one in VECTORS["certificates"]]


def read(token: bytes | str, **changed: Any) -> receipt.Receipt:
    return receipt.read(token, **{"store": STORE, "root": ROOT, "certificates": LISTED, **changed})


def made(**changed: Any) -> receipt.Receipt:
    stated: dict[str, Any] = {
        "store": STORE,
        "root": ROOT,
        "block_number": 42,
        "block_hash": drawn("block", 32),
        "block_time": datetime(2026, 6, 1, tzinfo=UTC),
        "transaction": drawn("transaction", 32),
        "signed_at": datetime(2026, 6, 1, tzinfo=UTC),
    }
    return receipt.Receipt(**{**stated, **changed})


def signed(one: receipt.Receipt) -> str:
    return receipt.sign(one, certificate=KEY.der, signer=signer("anchor"))


@pytest.mark.parametrize("case", VECTORS["valid"])
def test_a_receipt_of_the_vectors_says_what_they_say(case: dict[str, Any]) -> None:
    found = read(case["token"])
    assert jsjson.parse(base64.urlsafe_b64decode(case["token"].split(".")[1] + "==")) == case["claims"]
    assert (found.store, found.root, found.block_number) == (STORE, ROOT, case["claims"]["blockNumber"])
    assert int(found.block_time.timestamp()) == case["claims"]["blockTime"]
    assert "0x" + found.transaction.hex() == case["claims"]["transaction"]


@pytest.mark.parametrize("case", VECTORS["invalid"], ids=why)
def test_a_wrong_receipt_is_refused(case: dict[str, str]) -> None:
    with pytest.raises(GovsealError) as caught:
        read(case["token"])
    assert caught.value.code == case["code"]


@given(HASHES, st.integers(1, (1 << 53) - 1), HASHES, MOMENTS, HASHES)
def test_a_receipt_comes_back_under_a_signature_that_holds(
    root: bytes, block_number: int, block_hash: bytes, block_time: datetime, transaction: bytes
) -> None:
    one = made(
        root=root,
        block_number=block_number,
        block_hash=block_hash,
        block_time=block_time,
        transaction=transaction,
    )
    assert read(signed(one), root=root) == one


@given(st.data())
def test_a_changed_bit_is_caught(data: st.DataObject) -> None:
    raw = bytearray(signed(made()).encode())
    bit = data.draw(st.integers(0, len(raw) * 8 - 1))
    raw[bit // 8] ^= 1 << bit % 8
    with pytest.raises(GovsealError):
        read(bytes(raw))


@given(st.binary(max_size=300), st.text(max_size=100))
def test_random_bytes_are_refused(raw: bytes, text: str) -> None:
    for attempt in (raw, text, signed(made()).encode()[:80] + raw):
        with pytest.raises(InputError):
            read(attempt)


def test_the_stores_address_may_be_capitalised_otherwise() -> None:
    address = "0x" + "Ab" * 20
    token = signed(made(store=StoreRef(STORE.chain_id, STORE.genesis, address)))
    assert read(token, store=StoreRef(STORE.chain_id, STORE.genesis, address.lower()))


def test_the_key_of_another_purpose_signs_no_receipt() -> None:
    with pytest.raises(GovsealError) as caught:
        read(signed(made()), certificates=[Certificate.from_der(certificate("status"))])
    assert caught.value.code == "UNLISTED_KEY"


def test_a_receipt_outlives_its_key_in_use() -> None:
    """A key retired afterwards did sign it while in use."""
    retired = Certificate.from_der(KEY.der, retired_at=made().signed_at + timedelta(seconds=1))
    assert read(signed(made()), certificates=[retired]) == made()


@pytest.mark.parametrize(
    "changed",
    [
        {"root": bytes(31)},
        {"transaction": b""},
        {"block_number": 0},
        {"block_number": 1 << 53},
        {"block_time": datetime(2026, 6, 1)},  # noqa: DTZ001 - the zone's absence is what is refused
        {"signed_at": datetime(2026, 6, 1, microsecond=1, tzinfo=UTC)},
        {"block_time": datetime(1969, 12, 31, tzinfo=UTC)},
    ],
    ids=str,
)
def test_what_could_not_be_read_back_is_not_made(changed: dict[str, Any]) -> None:
    with pytest.raises(InputError):
        made(**changed)
