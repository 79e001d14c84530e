"""Deterministic CBOR, checked against cbor2 as an independent reader and writer."""

from typing import Any

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from govseal.core import cbor
from govseal.core.errors import InputError, TooLargeError

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
INTEGERS = st.integers(-(1 << 64), (1 << 64) - 1)
VALUES = st.recursive(
    st.none() | st.booleans() | INTEGERS | st.binary(max_size=300) | TEXTS,
    lambda inner: st.lists(inner, max_size=30) | st.dictionaries(INTEGERS | TEXTS, inner, max_size=5),
    max_leaves=20,
)


@given(VALUES)
def test_a_value_comes_back(value: Any) -> None:
    assert cbor.decode(cbor.encode(value)) == value


@given(VALUES)
def test_another_library_reads_the_same_value(value: Any) -> None:
    assert cbor2.loads(cbor.encode(value)) == value


@given(st.dictionaries(st.integers(0, 1 << 40), TEXTS, max_size=20))
def test_another_library_writes_the_same_bytes_where_the_rules_agree(value: dict[int, str]) -> None:
    assert cbor.encode(value) == cbor2.dumps(value, canonical=True)


def test_keys_are_ordered_by_their_encoding() -> None:
    assert cbor.encode({-1: 0, 100: 0}).hex() == "a21864002000"


@given(st.binary(max_size=60))
def test_random_bytes_are_refused_or_the_one_encoding(raw: bytes) -> None:
    try:
        value = cbor.decode(raw)
    except InputError:
        return
    assert cbor.encode(value) == raw


@given(VALUES, st.data())
def test_a_changed_byte_is_refused_or_leaves_the_one_encoding(value: Any, data: st.DataObject) -> None:
    raw = bytearray(cbor.encode(value))
    raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    try:
        changed = cbor.decode(bytes(raw))
    except InputError:
        return
    assert cbor.encode(changed) == raw


@given(st.dictionaries(INTEGERS | TEXTS, INTEGERS, min_size=2, max_size=5), st.randoms())
def test_a_map_in_another_order_is_refused(members: dict[Any, int], random: Any) -> None:
    pairs = [cbor.encode(key) + cbor.encode(item) for key, item in members.items()]
    random.shuffle(pairs)
    raw = bytes([0xA0 + len(pairs)]) + b"".join(pairs)
    if raw == cbor.encode(members):
        assert cbor.decode(raw) == members
    else:
        with pytest.raises(InputError, match="ascend"):
            cbor.decode(raw)


@pytest.mark.parametrize(
    "value", [0, 23, 24, 255, 256, 65_535, 65_536, (1 << 32) - 1, 1 << 32, (1 << 64) - 1]
)
def test_an_integer_or_a_length_in_a_longer_form_is_refused(value: int) -> None:
    shortest = cbor.encode(value)
    longer = [
        bytes([24 + place]) + value.to_bytes(1 << place, "big")
        for place in range(4)
        if value < 1 << (8 << place)
    ]
    for raw in longer:
        if raw == shortest:
            assert cbor.decode(raw) == value
        else:
            with pytest.raises(InputError, match="shortest"):
                cbor.decode(raw)


@pytest.mark.parametrize(
    "raw",
    [
        "",  # nothing
        "1800",  # 0 in two bytes
        "1b0000000000000001",  # 1 in nine
        "f90000",  # a float
        "f7",  # undefined
        "5f40ff",  # an indefinite length
        "9fff",
        "a202010102",  # keys out of order
        "a201010102",  # a key twice
        "580161",  # the length of a byte string in two bytes
        "d81200",  # a tag in two bytes
        "a1180101",  # a key in two bytes
        "a1f501",  # a key of true
        "a14001",  # a key of bytes
        "61ff",  # not UTF-8
        "0000",  # two values
        "1c",  # a reserved length
        "9bffffffffffffffff",  # an array that claims too much
    ],
)
def test_what_is_not_the_one_encoding_is_refused(raw: str) -> None:
    with pytest.raises(InputError) as caught:
        cbor.decode(bytes.fromhex(raw))
    assert caught.value.code == "MALFORMED_CBOR"


@pytest.mark.parametrize("value", [1.5, object(), "\ud800", {b"": 1}, {True: 1}, 1 << 64, -(1 << 64) - 1])
def test_what_has_no_encoding_is_refused(value: Any) -> None:
    with pytest.raises(InputError) as caught:
        cbor.encode(value)
    assert caught.value.code == "MALFORMED_CBOR"


def test_depth_and_length_are_bounded() -> None:
    deep: Any = 0
    for _ in range(cbor.MAX_DEPTH + 1):
        deep = [deep]
    with pytest.raises(TooLargeError):
        cbor.encode(deep)
    with pytest.raises(TooLargeError):
        cbor.decode(b"\x81" * 5_000 + b"\x00")
    with pytest.raises(TooLargeError):
        cbor.decode(bytes(11), max_bytes=10)


def test_a_tag_comes_back() -> None:
    assert cbor.decode(bytes.fromhex("d28101")) == cbor.Tag(18, [1])
