"""QR texts: written, read and refused."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govseal.core import qrtext
from govseal.core.errors import GovsealError, InputError, MalformedQrText
from govseal.core.qrtext.digits import from_digits, to_digits
from support.seals import sealed
from support.vectors import vectors, why

VECTORS = vectors("qrtext")
SECRET = bytes(range(16))
TEXT_KEY = "jDbJ3wKB0vYWnoWE7UoLw"

HOSTS = st.sampled_from(
    ["verify.gov.kh", "a.b", "xn--i2ba.example", "http://localhost:8080", "http://localhost:65535"]
)
KEYS = st.text("abcXYZ019_-", min_size=16, max_size=64) | st.binary(min_size=32, max_size=32).map(bytes.hex)
WORDS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=40)
CODES = st.one_of(
    st.builds(qrtext.CompactCode, HOSTS, st.binary(min_size=16, max_size=16)),
    st.builds(qrtext.OfflineCode, HOSTS, st.builds(lambda name: sealed(fields={"name": name}), WORDS)),
    st.builds(qrtext.OpenAttestationCode, HOSTS, WORDS.filter(lambda ref: ref not in {".", ".."}), KEYS),
    st.builds(
        qrtext.UniversalAction,
        HOSTS,
        st.just("https://a.b/c?d=e#f"),
        st.lists(WORDS, max_size=3).map(tuple),
        st.none() | WORDS,
        st.none() | KEYS,
    ),
)


@pytest.mark.parametrize("case", VECTORS["valid"])
def test_a_text_of_the_vectors_says_what_they_say(case: dict[str, Any]) -> None:
    code = qrtext.read(case["text"])
    assert qrtext.describe(code) == case["describes"]
    assert list(code.segments) == case["segments"]
    assert code.text == "".join(code.segments) == case["text"]


@pytest.mark.parametrize("case", VECTORS["invalid"], ids=why)
def test_any_other_text_is_refused(case: dict[str, str]) -> None:
    with pytest.raises(GovsealError) as caught:
        qrtext.read(case["text"])
    assert caught.value.code == case["code"]


@pytest.mark.parametrize("case", VECTORS["digits"])
def test_bytes_are_packed_as_in_the_vectors(case: dict[str, str]) -> None:
    assert to_digits(bytes.fromhex(case["bytes"])) == case["digits"]
    assert from_digits(case["digits"]).hex() == case["bytes"]


@given(CODES)
def test_a_code_is_read_as_it_was_written(code: qrtext.Code) -> None:
    assert qrtext.read(code.text) == code


@given(st.binary(max_size=300))
def test_bytes_survive_their_digits(raw: bytes) -> None:
    assert from_digits(to_digits(raw)) == raw


@given(st.text("0123456789", max_size=60))
def test_digits_have_one_reading_or_none(text: str) -> None:
    try:
        raw = from_digits(text)
    except MalformedQrText:
        return
    assert to_digits(raw) == text


@given(st.text(max_size=80), st.sampled_from(["", "https://verify.gov.kh", "https://verify.gov.kh/s#"]))
def test_random_text_is_refused(text: str, beginning: str) -> None:
    with pytest.raises(InputError):
        qrtext.read(beginning + text)


@given(CODES, st.data())
def test_a_text_with_a_character_changed_is_another_code_or_none(
    code: qrtext.Code, data: st.DataObject
) -> None:
    at = data.draw(st.integers(0, len(code.text) - 1))
    other = data.draw(st.characters().filter(lambda character: character != code.text[at]))
    changed = code.text[:at] + other + code.text[at + 1 :]
    try:
        read = qrtext.read(changed)
    except InputError:
        return
    # Escapes and JSON have several spellings of one value; digits have one.
    assert read != code or code.profile in {"openattestation", "universal-action"}


def test_the_smallest_code_keeps_its_size() -> None:
    prefix, digits = qrtext.CompactCode("verify.gov.kh", SECRET).segments
    # Byte mode takes 4 + 8 + 8n bits, numeric mode 4 + 10 + 10 for 3 digits (4 for one); version 3-M holds 352.
    assert 12 + 8 * len(prefix) + 14 + 10 * (len(digits) // 3) + 4 * (len(digits) % 3) <= 352


def test_an_offline_code_names_its_document_and_hides_the_secret() -> None:
    code = qrtext.OfflineCode("verify.gov.kh", sealed())
    described = qrtext.describe(code)
    assert described["id"] == qrtext.CompactCode("verify.gov.kh", code.secret).id
    assert code.secret.hex() not in str(described)


@pytest.mark.parametrize(
    "make",
    [
        lambda: qrtext.CompactCode("verify.gov.kh", bytes(15)),
        lambda: qrtext.CompactCode("https://verify.gov.kh", SECRET),
        lambda: qrtext.OfflineCode("verify.gov.kh", b""),
        lambda: qrtext.OpenAttestationCode("verify.gov.kh", "..", TEXT_KEY),
        lambda: qrtext.OpenAttestationCode("verify.gov.kh", "a\x00", TEXT_KEY),
        lambda: qrtext.OpenAttestationCode("verify.gov.kh", "a", "short"),
        lambda: qrtext.UniversalAction("verify.gov.kh", "javascript:alert(1)"),
        lambda: qrtext.UniversalAction("verify.gov.kh", "https://a.b", ("VIEW",) * 17),
    ],
)
def test_what_could_not_be_read_cannot_be_written(make: Any) -> None:
    with pytest.raises(InputError):
        make()
