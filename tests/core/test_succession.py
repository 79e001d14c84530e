"""Who follows a trust list's key: the statement, and the way from a pin to the key in use (docs/protocol.md clause 6.10)."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govseal.core import jose, jsjson, trustlist
from govseal.core.errors import GovsealError, InputError, OutsideError
from govseal.core.trustlist import succession
from support.seals import certificate, signer
from support.vectors import vectors, why
from support.world import ORDER_OF_P256

VECTORS = vectors("succession")
HOST, NOW = VECTORS["host"], datetime.fromisoformat(VECTORS["now"])
GOOD = VECTORS["valid"][0]
SAID = succession.read(GOOD["token"], predecessor=GOOD["predecessor"])


def at_hand(statements: Sequence[str]) -> Callable[[str], list[bytes]]:
    return lambda key: [one.encode() for one in statements if succession.predecessor_of(one) == key]


def follow(case: dict[str, Any], **changed: Any) -> trustlist.Followed:
    find = at_hand(changed.pop("statements", case["statements"]))
    stated = {"pin": bytes.fromhex(case["pin"]), "host": HOST, "now": NOW, "find": find, **changed}
    return trustlist.follow(case["list"], **stated)


def test_a_statement_says_what_the_vectors_say() -> None:
    claims = GOOD["claims"]
    assert jsjson.parse(jose.read(GOOD["token"]).payload) == claims
    assert (SAID.hosts, SAID.sequence) == (tuple(claims["hosts"]), claims["sequence"])
    assert int(SAID.signed_at.timestamp()) == claims["iat"]
    assert (SAID.successor, SAID.leads_to) == (certificate("list 2"), GOOD["leads_to"])
    assert (
        succession.predecessor_of(GOOD["token"])
        == GOOD["predecessor"]
        == succession.digest(certificate("list"))
    )


@pytest.mark.parametrize("case", VECTORS["invalid"], ids=why)
def test_any_other_statement_is_refused(case: dict[str, str]) -> None:
    with pytest.raises(GovsealError) as caught:
        succession.read(case["token"], predecessor=case["predecessor"])
    assert caught.value.code == case["code"]


@pytest.mark.parametrize("case", VECTORS["followed"], ids=why)
def test_a_list_is_followed_from_an_older_pin(case: dict[str, Any]) -> None:
    assert follow(case).trust_list.sequence == case["sequence"]


@pytest.mark.parametrize("case", VECTORS["not_followed"], ids=why)
def test_a_list_is_followed_in_no_other_way(case: dict[str, Any]) -> None:
    with pytest.raises(GovsealError) as caught:
        follow(case)
    assert caught.value.code == case["code"]
    assert not isinstance(caught.value, InputError), "nothing that a person handed in is wrong"


def test_a_pin_is_a_certificate_or_its_digest() -> None:
    case = next(one for one in VECTORS["followed"] if one["why"] == "two keys have followed")
    assert follow(case, pin=certificate("list")) == follow(case)


def test_what_was_believed_on_the_way_is_returned_to_be_remembered() -> None:
    case = next(one for one in VECTORS["followed"] if one["why"] == "the key between signed its last list")
    believed = follow(case).statements
    assert list(believed.values()) == [one.encode() for one in case["statements"]]
    assert list(believed) == [succession.predecessor_of(one) for one in case["statements"]]


def test_a_list_that_is_stale_is_stale_by_whichever_key() -> None:
    with pytest.raises(OutsideError) as caught:
        follow(VECTORS["followed"][2], now=datetime(2027, 1, 1, tzinfo=UTC))
    assert caught.value.code == "TRUST_LIST_STALE"


def test_the_twin_of_a_signature_is_no_second_statement() -> None:
    case = next(one for one in VECTORS["followed"] if one["why"] == "one key has followed")
    head, body, signature = case["statements"][0].split(".")
    raw = jose.from_base64url(signature)
    twin = raw[:32] + (ORDER_OF_P256 - int.from_bytes(raw[32:])).to_bytes(32)
    statements = [case["statements"][0], f"{head}.{body}.{jose.base64url(twin)}"]
    assert statements[0] != statements[1]
    assert follow(case, statements=statements).trust_list.sequence == case["sequence"]


def test_what_is_longer_than_a_statement_is_not_read() -> None:
    case = next(one for one in VECTORS["followed"] if one["why"] == "one key has followed")
    with pytest.raises(OutsideError) as caught:
        follow(case, find=lambda _: [case["statements"][0].encode() + b"A" * succession.MAX_BYTES])
    assert caught.value.code == "TOO_LARGE"


@given(
    st.lists(st.sampled_from(["a.example", "b.example", "http://localhost:8080"]), min_size=1, unique=True),
    st.integers(1, (1 << 53) - 1),
    st.integers(1_767_225_600, 2_082_758_400).map(lambda seconds: datetime.fromtimestamp(seconds, UTC)),
)
def test_a_statement_comes_back_as_it_was_signed(
    hosts: list[str], sequence: int, signed_at: datetime
) -> None:
    said = succession.Succession(
        tuple(hosts), GOOD["predecessor"], certificate("list 2"), sequence, signed_at
    )
    token = succession.sign(said, certificate=certificate("list"), signer=signer("list"))
    assert succession.read(token, predecessor=GOOD["predecessor"]) == said


@given(st.data())
def test_a_changed_bit_of_a_statement_is_caught(data: st.DataObject) -> None:
    raw = bytearray(GOOD["token"].encode())
    bit = data.draw(st.integers(0, len(raw) * 8 - 1))
    raw[bit // 8] ^= 1 << bit % 8
    with pytest.raises(GovsealError):
        succession.read(bytes(raw), predecessor=GOOD["predecessor"])


def test_a_key_speaks_for_itself_alone() -> None:
    with pytest.raises(InputError):
        succession.sign(SAID, certificate=certificate("another"), signer=signer("another"))
