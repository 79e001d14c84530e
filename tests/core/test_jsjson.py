"""JSON as JavaScript writes it (docs/protocol.md section 1)."""

import json
import math
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govseal.core import jsjson
from govseal.core.errors import GovsealError, MalformedDocument, TooLargeError

ANY_TEXT = st.text(st.characters(codec=None, exclude_categories=()))
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | ANY_TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(ANY_TEXT, inner, max_size=4),
    max_leaves=20,
)


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0"), (-0.0, "0"), (1.0, "1"), (-1.5, "-1.5"), (100.0, "100"), (123456.789, "123456.789"),
        (1e20, "100000000000000000000"), (1e21, "1e+21"), (1.5e300, "1.5e+300"), (123456789012345680000.0, "123456789012345680000"),
        (1e-6, "0.000001"), (1e-7, "1e-7"), (1.234e-7, "1.234e-7"), (5e-324, "5e-324"), (-1.25e-9, "-1.25e-9"),
        (2**53, "9007199254740992"), (2**53 + 1, "9007199254740992"), (10**25, "1e+25"), (10**400, "Infinity"), (-(10**400), "-Infinity"),
        (math.nan, "NaN"), (math.inf, "Infinity"), (1.7976931348623157e308, "1.7976931348623157e+308"),
    ],
)  # fmt: skip
def test_numbers_print_as_javascript_prints_them(number: float, text: str) -> None:
    assert jsjson.number_text(number) == text


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_printed_number_reads_back_as_the_same_double(number: float) -> None:
    assert float(jsjson.number_text(number)) == number


@pytest.mark.parametrize(
    ("text", "literal"),
    [
        ('"\\\b\f\n\r\t', r'"\"\\\b\f\n\r\t"'),
        ("\x00\x1f\x7f", '"\\u0000\\u001f\x7f"'),
        ("/\u2028\u2029", '"/\u2028\u2029"'),
        ("សញ្ញាបត្រ 👩", '"សញ្ញាបត្រ 👩"'),
        ("\ud800x\udfff", r'"\ud800x\udfff"'),
        ("\ud83d\udc69", '"👩"'),
    ],
)
def test_strings_are_escaped_as_json_stringify_escapes_them(text: str, literal: str) -> None:
    assert jsjson.string_literal(text) == literal


@given(VALUES)
def test_every_value_reads_back_equal(value: object) -> None:
    assert jsjson.parse(jsjson.dumps(value)) == json.loads(json.dumps(value))


def test_what_javascript_cannot_write_in_json_becomes_null() -> None:
    assert jsjson.dumps([math.nan, math.inf, 10**400, None]) == "[null,null,null,null]"


def test_a_python_object_has_no_json_form() -> None:
    with pytest.raises(MalformedDocument, match="set"):
        jsjson.dumps({"a": set()})


@pytest.mark.parametrize(
    "raw",
    [
        '{"a":1,"a":1}', '[{"b":{"c":1,"\\u0063":2}}]', "NaN", "[Infinity]", "-Infinity", "1e400", "[-1e400]", "9" * 400,
        "", "{", "[1,]", "{'a':1}", "01", '"\n"', '"\\x"', "nul", "1 2", "\ufeff1", b"\xff", b'"\xed\xa0\x80"',
    ],
)  # fmt: skip
def test_what_is_ambiguous_or_not_json_is_refused(raw: bytes | str) -> None:
    with pytest.raises(MalformedDocument):
        jsjson.parse(raw)


def test_a_big_integer_becomes_the_double_that_javascript_reads() -> None:
    assert jsjson.parse("[123456789012345678901, 9007199254740993, 9007199254740992]") == [
        1.2345678901234568e20,
        2**53,
        2**53,
    ]


def test_size_depth_and_count_are_bounded() -> None:
    assert jsjson.parse("[" * 100 + "]" * 100)
    with pytest.raises(TooLargeError, match="deep"):
        jsjson.parse("[" * 101 + "]" * 101)
    with pytest.raises(TooLargeError, match="deep"):
        jsjson.parse("[" * 1_000_000)
    with pytest.raises(TooLargeError, match="many"):
        jsjson.parse("[1,2,3,4]", max_values=3)
    with pytest.raises(TooLargeError, match="long"):
        jsjson.parse(b'"xxxx"', max_bytes=5)


def test_brackets_and_commas_inside_strings_count_for_nothing() -> None:
    text = json.dumps(['[{,\\"' * 200])
    assert jsjson.parse(text, max_depth=1, max_values=1) == json.loads(text)


@given(st.binary() | st.text('[]{}",:0e-\\u dN'))
def test_random_bytes_raise_only_errors_of_ours(raw: bytes | str) -> None:
    with suppress(GovsealError):
        jsjson.parse(raw)
