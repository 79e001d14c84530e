"""Properties of a verification: no single changed bit leaves a document genuine, and no bytes make it raise."""

import copy
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govseal.core.errors import GovsealError
from govseal.core.qrtext import OfflineCode
from govseal.core.verdict import Outcome
from support.world import HOST, Paper, World

BITS = st.integers(min_value=0)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.sampled_from(["data", "issuers"]), inner),
)


@cache
def scene() -> tuple[World, Paper]:
    """Return a world with a genuine paper; a test puts back what it changes."""
    here = World()
    paper = here.issue(labels={"name": {"km": "ឈ្មោះ", "en": "Name"}})
    for report in (here.check(paper.compact), here.check(paper.offline), here.check_document(paper.wrapped)):
        assert report.verdict.outcome is Outcome.GENUINE
    return here, paper


def flipped(content: bytes, bit: int) -> bytes:
    """Return `content` with one bit changed."""
    bit %= 8 * len(content)
    changed = bytearray(content)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


def flipped_text(text: str, bit: int) -> str:
    """Return `text` with one bit of one code point changed."""
    index, shift = bit // 16 % len(text), bit % 16
    return text[:index] + chr(ord(text[index]) ^ 1 << shift) + text[index + 1 :]


def leaves(node: Any) -> Iterator[tuple[Any, Any]]:
    """Yield (container, key) of each text in a JSON value."""
    for key, value in node.items() if isinstance(node, dict) else enumerate(node):
        if isinstance(value, dict | list):
            yield from leaves(value)
        else:
            yield node, key


@given(BITS)
def test_no_changed_bit_of_the_published_envelope_is_genuine(bit: int) -> None:
    here, paper = scene()
    place = (HOST, f"d/{paper.id}")
    whole = here.site.objects[place]
    here.site.objects[place] = flipped(whole, bit)
    try:
        outcome = here.check(paper.compact).verdict.outcome
    finally:
        here.site.objects[place] = whole
    assert outcome is Outcome.COULD_NOT_CHECK, "damaged storage brands nobody"


@given(BITS, BITS)
def test_no_changed_bit_of_any_value_of_a_document_is_genuine(which: int, bit: int) -> None:
    here, paper = scene()
    changed = copy.deepcopy(paper.wrapped)
    places = list(leaves(changed["data"]))
    container, key = places[which % len(places)]
    container[key] = flipped_text(container[key], bit)
    assert here.check_document(changed).verdict.outcome is Outcome.ALTERED


@given(BITS, BITS)
def test_no_changed_bit_of_a_hash_of_the_proof_is_genuine(which: int, bit: int) -> None:
    here, paper = scene()
    changed = copy.deepcopy(paper.wrapped)
    places = [place for place in leaves(changed["signature"]) if place[1] != "type"]
    container, key = places[which % len(places)]
    container[key] = flipped(bytes.fromhex(container[key]), bit).hex()
    assert here.check_document(changed).verdict.outcome is Outcome.ALTERED


@pytest.mark.parametrize("profile", ["compact", "offline"])
@given(bit=BITS)
def test_no_changed_bit_of_a_code_s_text_is_genuine(profile: str, bit: int) -> None:
    here, paper = scene()
    outcome = here.check(flipped_text(getattr(paper, profile), bit)).verdict.outcome
    assert outcome is not Outcome.GENUINE


@given(BITS, st.integers(min_value=1, max_value=9))
def test_no_changed_digit_of_an_offline_code_is_genuine(position: int, step: int) -> None:
    here, paper = scene()
    prefix, _, digits = paper.offline.partition("#")
    index = position % len(digits)
    digit = (int(digits[index]) + step) % 10
    text = f"{prefix}#{digits[:index]}{digit}{digits[index + 1 :]}"
    assert here.check(text).verdict.outcome is not Outcome.GENUINE


@given(BITS)
def test_no_changed_bit_of_a_scanned_seal_is_genuine(bit: int) -> None:
    here, paper = scene()
    try:
        text = OfflineCode(HOST, flipped(paper.seal, bit)).text
    except GovsealError:
        return  # not even a seal: nobody can print it as a code
    assert here.check(text).verdict.outcome in {Outcome.ALTERED, Outcome.NOT_RECOGNISED}


def test_bits_of_the_payload_and_signature_of_a_seal_make_readable_codes_that_are_refused() -> None:
    """The property above would say nothing if every flip were unreadable."""
    here, paper = scene()
    told = set()
    for bit in range(0, 8 * len(paper.seal), 3):
        try:
            text = OfflineCode(HOST, flipped(paper.seal, bit)).text
        except GovsealError:
            continue
        told.add(here.check(text).verdict.outcome)
    assert told == {Outcome.ALTERED, Outcome.NOT_RECOGNISED}


@given(JSON)
def test_any_json_value_has_an_outcome_and_never_genuine(document: Any) -> None:
    assert World().check_document(document).verdict.outcome is Outcome.ALTERED


@given(
    st.text() | st.text().map(lambda text: f"https://{HOST}/s#{text}") | st.text().map("https://{}".format)
)
def test_any_text_has_an_outcome_and_never_genuine(text: str) -> None:
    outcome = World().check(text).verdict.outcome
    assert outcome in {Outcome.COULD_NOT_CHECK, Outcome.NOT_RECOGNISED, Outcome.NOT_FOUND}
