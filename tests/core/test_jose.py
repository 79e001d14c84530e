"""Compact JWS with ES256."""

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govseal.core import jose
from govseal.core.errors import BadSignature, GovsealError, InputError, MalformedToken, TooLargeError
from support.seals import certificate, key, signer

TYP = "example+jwt"


def signed(payload: bytes = b"{}", **header: Any) -> str:
    return jose.encode({"typ": TYP, **header}, payload, signer("moeys"))


def part(value: Any) -> str:
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


@given(st.binary(max_size=200))
def test_a_payload_comes_back_under_a_signature_that_holds(payload: bytes) -> None:
    token = jose.read(signed(payload).encode())
    jose.verify(token, certificate("moeys"), typ=TYP)
    assert token.payload == payload


@given(st.data())
def test_a_changed_bit_is_caught(data: st.DataObject) -> None:
    raw = bytearray(signed().encode())
    bit = data.draw(st.integers(0, len(raw) * 8 - 1))
    raw[bit // 8] ^= 1 << bit % 8
    with pytest.raises(GovsealError):
        jose.verify(jose.read(bytes(raw)), key("moeys").public_key(), typ=TYP)


@given(st.binary(max_size=200) | st.text(max_size=200))
def test_random_bytes_are_refused(raw: bytes | str) -> None:
    with pytest.raises(InputError):
        jose.read(raw)


def test_the_type_is_compared_exactly() -> None:
    token = jose.read(signed())
    with pytest.raises(MalformedToken) as caught:
        jose.verify(token, certificate("moeys"), typ="EXAMPLE+JWT")
    assert caught.value.code == "WRONG_TYPE"


def test_another_key_does_not_verify() -> None:
    with pytest.raises(BadSignature):
        jose.verify(jose.read(signed()), certificate("another"), typ=TYP)


@pytest.mark.parametrize(
    "header",
    [{"alg": "none"}, {"alg": "ES384"}, {"alg": None}, {"crit": []}, {"crit": ["exp"]}, {"b64": False}],
)
def test_a_header_beyond_plain_es256_is_refused(header: dict[str, Any]) -> None:
    with pytest.raises(MalformedToken):
        jose.read(signed(**header))


@pytest.mark.parametrize(
    "token",
    [
        f"{part([])}.e30.{part(bytes(64))}",  # a header that is no object
        f"{part(b'{')}.e30.{part(bytes(64))}",  # or no JSON
        f"{part(b'{}')}.e30.{part(bytes(64))}",  # or empty
        f"{part({'alg': 'ES256'})}.e30.{part(bytes(63))}",
        f"{part({'alg': 'ES256'})}.e30.{part(bytes(64))}=",
        f"{part({'alg': 'ES256'})}.e3 0.{part(bytes(64))}",
        f"{part({'alg': 'ES256'})}.e31.{part(bytes(64))}",  # unused bits set
        f"{part({'alg': 'ES256'})}.+/+/.{part(bytes(64))}",
        f"{part({'alg': 'ES256'})}.ក.{part(bytes(64))}",
    ],
)
def test_what_is_no_compact_jws_is_refused(token: str) -> None:
    with pytest.raises(MalformedToken):
        jose.read(token)


def test_length_is_bounded() -> None:
    with pytest.raises(TooLargeError):
        jose.read(signed(), max_bytes=40)
    with pytest.raises(MalformedToken):
        jose.read(signed(padding="x" * 20_000))


@pytest.mark.parametrize("x5c", [None, [], "text", [7], ["*"]])
def test_a_header_without_a_certificate_names_nobody(x5c: Any) -> None:
    with pytest.raises(MalformedToken):
        jose.certificate(jose.read(signed(x5c=x5c)))
