"""The three envelopes: round trips, vectors, damage and bounds."""

import base64
import json
import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govseal.core import envelope
from govseal.core.errors import DecryptionFailed, GovsealError, InputError, TooLargeError
from support.vectors import vectors, why

VECTORS = vectors("envelope")
NATIVE, FOREIGN = VECTORS["GOVSEAL-1"], VECTORS["foreign"]
KEY, ID = bytes(range(32)), "0f" * 16
TEXT_KEY = "jDbJ3wKB0vYWnoWE7UoLw"

JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(1 << 53), 1 << 53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


def sealed(body: bytes, **changed: Any) -> bytes:
    return envelope.seal(body, **{"key": KEY, "document_id": ID, "nonce": bytes(12), **changed})


def opened(raw: bytes, **changed: Any) -> bytes:
    return envelope.open(raw, **{"key": KEY, "document_id": ID, "max_bytes": envelope.JSON_LIMIT, **changed})


@pytest.mark.parametrize("case", NATIVE["valid"])
def test_native_envelopes_open_to_their_bodies(case: dict[str, Any]) -> None:
    raw = base64.b64decode(case["envelope"])
    body = opened(raw, key=bytes.fromhex(case["key"]), document_id=case["id"])
    assert base64.b64encode(body).decode() == case["body"]
    assert envelope.needs_access_code(raw) is case["needs_access_code"]


@pytest.mark.parametrize("case", NATIVE["invalid"], ids=why)
def test_a_malformed_native_envelope_is_refused(case: dict[str, Any]) -> None:
    with pytest.raises(GovsealError) as caught:
        opened(
            base64.b64decode(case["envelope"]),
            key=bytes.fromhex(case["key"]),
            document_id=case["id"],
            max_bytes=case["max_bytes"],
        )
    assert caught.value.code == case["code"]


@pytest.mark.parametrize("case", FOREIGN["valid"])
def test_foreign_envelopes_open_to_their_documents(case: dict[str, Any]) -> None:
    assert envelope.open_foreign(case["encrypted_document"], case["document_key"]) == case["document"]


@pytest.mark.parametrize("case", FOREIGN["invalid"], ids=why)
def test_a_malformed_foreign_envelope_is_refused(case: dict[str, Any]) -> None:
    with pytest.raises(GovsealError) as caught:
        envelope.open_foreign(case["encrypted_document"], case["document_key"])
    assert caught.value.code == case["code"]


@given(st.binary(max_size=3_000), st.binary(min_size=12, max_size=12), st.booleans())
def test_a_body_comes_back_and_its_length_is_hidden(body: bytes, nonce: bytes, needs: bool) -> None:  # noqa: FBT001 - hypothesis gives it
    raw = sealed(body, nonce=nonce, needs_access_code=needs)
    assert opened(raw) == body
    assert (len(raw) - 29) % 512 == 0
    assert envelope.needs_access_code(raw) is needs


@given(st.binary(max_size=600), st.data())
def test_a_changed_bit_of_a_native_envelope_is_caught(body: bytes, data: st.DataObject) -> None:
    raw = bytearray(sealed(body))
    bit = data.draw(st.integers(0, len(raw) * 8 - 1))
    raw[bit // 8] ^= 1 << bit % 8
    with pytest.raises(GovsealError):
        opened(bytes(raw))


@given(st.binary(max_size=1_200))
def test_random_bytes_are_no_native_envelope(raw: bytes) -> None:
    with pytest.raises(GovsealError):
        opened(raw)


def test_what_a_pack_would_hardly_shorten_is_stored_as_it_is() -> None:
    chance = random.Random(7)  # streams that are packed already, and little words between them
    pdf = b"".join(chance.randbytes(900) + b"endstream endobj ".ljust(100) for _ in range(100))
    words = b"endstream endobj " * 6_000
    assert [sealed(body)[0] for body in (pdf, words, words[:9_000])] == [2, 1, 1]
    assert [opened(sealed(body)) == body for body in (pdf, words)] == [True, True]


def test_a_file_opens_under_the_files_limit_only() -> None:
    raw = sealed(bytes(envelope.JSON_LIMIT + 1))
    assert len(opened(raw, max_bytes=envelope.FILE_LIMIT)) == envelope.JSON_LIMIT + 1
    with pytest.raises(TooLargeError):
        opened(raw)


def test_a_stored_body_beyond_the_limit_is_refused_before_it_is_decrypted() -> None:
    raw = b"\x02" + bytes(28 + 512 * 4_096)
    with pytest.raises(TooLargeError):
        opened(raw)


@pytest.mark.parametrize(
    "changed", [{"key": bytes(31)}, {"document_id": "0F" * 16}, {"document_id": "0f"}, {"nonce": bytes(11)}]
)
def test_arguments_of_another_shape_are_refused(changed: dict[str, Any]) -> None:
    with pytest.raises(InputError):
        sealed(b"", **changed)


def test_nothing_beyond_the_files_limit_is_sealed() -> None:
    with pytest.raises(TooLargeError):
        sealed(bytes(envelope.FILE_LIMIT + 1))


@given(
    st.text(st.characters(exclude_categories=["Cs"])),
    st.sampled_from([16, 24, 32]).flatmap(lambda size: st.binary(min_size=size, max_size=size)),
    st.binary(min_size=12, max_size=12),
)
def test_an_oa_text_comes_back(text: str, key: bytes, iv: bytes) -> None:
    assert envelope.oa_decrypt(envelope.oa_encrypt(text, key.hex(), iv), key.hex()) == text


@given(JSON_VALUES, st.text("abcXYZ019_-", min_size=16, max_size=64))
def test_a_gov_kh_document_comes_back(document: Any, key: str) -> None:
    cipher_text = envelope.gov_kh_encrypt(document, key, bytes(24), bytes(24))
    assert envelope.gov_kh_decrypt(cipher_text, key) == document


@given(st.data())
def test_a_changed_bit_of_a_foreign_envelope_is_caught(data: st.DataObject) -> None:
    kind, key = data.draw(
        st.sampled_from([(envelope.OPEN_ATTESTATION, KEY.hex()), (envelope.GOV_KH, TEXT_KEY)])
    )
    made = envelope.oa_encrypt('{"name":"សុខ"}', key, bytes(12)) if kind == envelope.OPEN_ATTESTATION else {}
    if kind == envelope.GOV_KH:
        made["cipherText"] = envelope.gov_kh_encrypt({"name": "សុខ"}, key, bytes(24), bytes(24))
    part = data.draw(st.sampled_from(sorted(made.keys() - {"type"})))
    raw = bytearray(base64.b64decode(made[part]))
    bit = data.draw(st.integers(0, len(raw) * 8 - 1))
    raw[bit // 8] ^= 1 << bit % 8
    changed = {**made, "type": kind, part: base64.b64encode(raw).decode()}
    with pytest.raises(GovsealError):
        envelope.open_foreign(changed, key)


@given(JSON_VALUES | st.binary(), JSON_VALUES)
def test_any_value_is_opened_or_refused(encrypted: Any, key: Any) -> None:
    with pytest.raises(GovsealError):
        envelope.open_foreign(encrypted, key)


@given(st.binary(max_size=200))
def test_random_message_pack_is_refused(raw: bytes) -> None:
    with pytest.raises(GovsealError):
        envelope.gov_kh_decrypt(base64.b64encode(raw).decode(), TEXT_KEY)


def test_a_ciphertext_beyond_the_limit_is_refused() -> None:
    with pytest.raises(TooLargeError):
        envelope.gov_kh_decrypt("A" * (envelope.FOREIGN_LIMIT + 1), TEXT_KEY)


def test_a_wrong_key_is_never_called_altered() -> None:
    with pytest.raises(DecryptionFailed, match="or the document is damaged"):
        envelope.oa_decrypt(envelope.oa_encrypt("{}", KEY.hex(), bytes(12)), "00" * 32)


@pytest.mark.parametrize("document", [{"a": object()}, {"n": 1 << 70}])
def test_only_json_is_encrypted_for_gov_kh(document: Any) -> None:
    with pytest.raises(InputError):
        envelope.gov_kh_encrypt(document, TEXT_KEY, bytes(24), bytes(24))


@pytest.mark.parametrize(("salt", "nonce"), [(23, 24), (24, 12)])
def test_salt_and_nonce_have_24_bytes(salt: int, nonce: int) -> None:
    with pytest.raises(InputError):
        envelope.gov_kh_encrypt({}, TEXT_KEY, bytes(salt), bytes(nonce))


@pytest.mark.parametrize(("text", "iv"), [("\ud800", 12), ("", 16)])
def test_what_oa_encryption_cannot_hold_is_refused(text: str, iv: int) -> None:
    with pytest.raises(InputError):
        envelope.oa_encrypt(text, KEY.hex(), bytes(iv))


def test_a_lone_surrogate_survives_where_javascript_keeps_it() -> None:
    encrypted = envelope.oa_encrypt(json.dumps({"x": "\ud800"}), KEY.hex(), bytes(12))
    assert envelope.open_foreign(encrypted, KEY.hex()) == {"x": "\ud800"}
    assert envelope.gov_kh_decrypt(
        envelope.gov_kh_encrypt({"x": "\ud800"}, TEXT_KEY, bytes(24), bytes(24)), TEXT_KEY
    ) == {"x": "\ud800"}
