"""Ids, keys and access codes."""

import hashlib
import hmac
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govseal.core import secret
from govseal.core.errors import GovsealError, InputError
from support.vectors import vectors

VECTORS = vectors("secret")


@pytest.mark.parametrize("case", VECTORS["derived"])
def test_ids_and_keys_are_those_of_the_vectors(case: dict[str, Any]) -> None:
    one = bytes.fromhex(case["secret"])
    assert secret.document_id(one) == case["id"]
    assert secret.document_key(one, case["access_code"]).hex() == case["key"]
    assert [secret.file_key(one, n, case["access_code"]).hex() for n in (0, 1)] == case["file_keys"]


def test_the_id_is_rfc_5869_with_an_empty_salt() -> None:
    one = bytes(range(16))
    extracted = hmac.digest(bytes(32), one, hashlib.sha256)
    expected = hmac.digest(extracted, b"govseal/1/id" + b"\x01", hashlib.sha256)[:16]
    assert secret.document_id(one) == expected.hex()


@pytest.mark.parametrize("case", VECTORS["access_codes"])
def test_an_access_code_is_read_however_it_is_typed(case: dict[str, str]) -> None:
    assert secret.normalise_access_code(case["typed"]) == case["code"]


@pytest.mark.parametrize("case", VECTORS["invalid_access_codes"])
def test_what_is_no_access_code_is_refused(case: dict[str, str]) -> None:
    with pytest.raises(InputError) as caught:
        secret.normalise_access_code(case["typed"])
    assert caught.value.code == case["code"]


@pytest.mark.parametrize("case", VECTORS["invalid_secrets"])
def test_a_secret_of_another_length_is_refused(case: dict[str, str]) -> None:
    with pytest.raises(InputError) as caught:
        secret.document_id(bytes.fromhex(case["secret"]))
    assert caught.value.code == case["code"]


@given(st.text("0123456789ABCDEFGHJKMNPQRSTVWXYZ", min_size=10, max_size=10))
def test_a_code_is_read_back_as_itself(code: str) -> None:
    assert secret.normalise_access_code(f"{code[:5].lower()}-{code[5:]}") == code


@given(st.text(max_size=30))
def test_any_typed_text_is_a_code_or_refused(typed: str) -> None:
    try:
        code = secret.normalise_access_code(typed)
    except GovsealError:
        return
    assert re.fullmatch(r"[0-9A-HJKMNP-TV-Z]{10}", code)


def test_an_access_code_changes_every_key_and_not_the_id() -> None:
    one = bytes(16)
    keys = {secret.document_key(one), secret.file_key(one, 0), secret.file_key(one, 1)}
    keys |= {secret.document_key(one, "0123456789"), secret.file_key(one, 0, "0123456789")}
    keys |= {secret.document_key(one, "0123456788")}
    assert len(keys) == 6


@pytest.mark.parametrize("n", [-1, secret.MAX_FILES])
def test_a_file_beyond_the_bound_has_no_key(n: int) -> None:
    with pytest.raises(InputError):
        secret.file_key(bytes(16), n)
