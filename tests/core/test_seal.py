"""The seal: claims, COSE and packing."""

import dataclasses
from typing import Any

import cbor2
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from govseal.core import seal
from govseal.core.errors import BadSignature, GovsealError, InputError, MalformedSeal, TooLargeError
from support.seals import certificate, claims, key, sealed, signer
from support.vectors import vectors, why

VECTORS = vectors("seal")
KID = seal.key_id(certificate("moeys"))
CODES = st.text("abcXYZ019_-", min_size=1, max_size=12)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
CLAIMS = st.builds(
    claims,
    expires_at=st.none() | st.integers(0, 253_402_300_799),
    secret=st.binary(min_size=16, max_size=16),
    fields=st.dictionaries(CODES, TEXTS | st.integers(-(1 << 52), 1 << 52) | st.booleans(), max_size=6),
    status_list=st.integers(0, 1 << 20),
    status_index=st.integers(0, 131_071),
    page=st.none() | st.integers(1, 9).map(lambda page: (page, 9)),
    subject=st.none()
    | st.dictionaries(st.integers(1, 99), TEXTS | st.binary(max_size=9), min_size=1, max_size=4),
)


@pytest.mark.parametrize("case", VECTORS["valid"])
def test_a_seal_of_the_vectors_says_what_they_say(case: dict[str, Any]) -> None:
    read = seal.read(bytes.fromhex(case["seal"]))
    stated = dataclasses.asdict(read.claims)
    stated |= {
        "secret": read.claims.secret.hex(),
        "page": list(read.claims.page) if read.claims.page else None,
        "subject": {str(name): value for name, value in (read.claims.subject or {}).items()} or None,
    }
    assert stated == case["claims"]
    assert seal.unpack(case["digit"], bytes.fromhex(case["packed"])) == read.raw
    seal.verify(read, certificate("moeys"))


@pytest.mark.parametrize("case", VECTORS["invalid"], ids=why)
def test_a_malformed_seal_is_refused(case: dict[str, str]) -> None:
    with pytest.raises(GovsealError) as caught:
        seal.read(bytes.fromhex(case["seal"]))
    assert caught.value.code == case["code"]


@pytest.mark.parametrize("case", VECTORS["bad_signatures"], ids=why)
def test_a_signature_that_does_not_match_is_refused(case: dict[str, str]) -> None:
    with pytest.raises(BadSignature):
        seal.verify(seal.read(bytes.fromhex(case["seal"])), certificate("moeys"))


@pytest.mark.parametrize("case", VECTORS["invalid_packed"], ids=why)
def test_a_badly_packed_seal_is_refused(case: dict[str, str]) -> None:
    with pytest.raises(GovsealError) as caught:
        seal.unpack(seal.DIGIT_ZLIB, bytes.fromhex(case["packed"]))
    assert caught.value.code == case["code"]


@given(CLAIMS)
def test_claims_come_back_under_a_signature_that_holds(stated: seal.Claims) -> None:
    raw = seal.sign(stated, kid=KID, signer=signer("moeys"))
    read = seal.read(seal.unpack(*seal.pack(raw)))
    seal.verify(read, key("moeys").public_key())
    assert (read.claims, read.kid, read.raw) == (stated, KID, raw)


@given(st.data())
def test_a_changed_bit_is_caught(data: st.DataObject) -> None:
    raw = bytearray(sealed())
    bit = data.draw(st.integers(0, len(raw) * 8 - 1))
    raw[bit // 8] ^= 1 << bit % 8
    with pytest.raises(GovsealError):
        _verified(bytes(raw))


def _verified(raw: bytes) -> None:
    """Read and verify as a verifier does: a key is looked up by its id first."""
    read = seal.read(raw)
    if read.kid != KID:
        raise BadSignature("nobody's key")
    seal.verify(read, certificate("moeys"))


@given(st.binary(max_size=200), st.binary(max_size=40))
def test_random_bytes_are_refused(raw: bytes, tail: bytes) -> None:
    for attempt in (raw, sealed()[:4] + tail):
        with pytest.raises(InputError):
            seal.read(attempt)


def test_a_general_library_reads_the_same() -> None:
    """RFC 9052 and RFC 8392 as cbor2 reads them."""
    tag = cbor2.loads(sealed())
    protected, unprotected, payload, signature = tag.value
    assert (tag.tag, cbor2.loads(protected), unprotected, len(signature)) == (18, {1: -7, 4: KID}, {}, 64)
    stated = claims()
    private = [1, "diploma", stated.secret, stated.fields, 1, 70_123]
    assert cbor2.loads(payload) == {1: "KH/moeys", 6: stated.issued_at, -65537: private}


def test_a_seal_with_khmer_fields_fits_its_size() -> None:
    assert 190 <= len(sealed()) <= 240


def test_packing_never_lengthens() -> None:
    long, short = sealed(fields={"name": "ក" * 200}), sealed()
    assert [seal.pack(raw)[0] for raw in (long, short)] == [seal.DIGIT_ZLIB, seal.DIGIT_STORED]


@pytest.mark.parametrize(
    "changed",
    [
        {"issuer": "kh/moeys"},
        {"issued_at": True},
        {"expires_at": -1},
        {"type": ""},
        {"secret": "0" * 16},
        {"fields": {"a": 1.5}},
        {"fields": {str(n): n for n in range(65)}},
        {"status_index": 1 << 32},
        {"page": (0, 1)},
        {"subject": {}},
    ],
)
def test_claims_outside_their_form_cannot_be_made(changed: dict[str, Any]) -> None:
    with pytest.raises(MalformedSeal):
        claims(**changed)


@pytest.mark.parametrize("changed", [{"fields": {"a": "\ud800"}}, {"subject": {1: 1.5}}])
def test_claims_without_a_form_in_cbor_are_not_signed(changed: dict[str, Any]) -> None:
    with pytest.raises(MalformedSeal):
        sealed(**changed)


def test_a_seal_beyond_4_kib_is_not_made() -> None:
    with pytest.raises(TooLargeError):
        sealed(fields={"a": "x" * 4_096})


def test_a_key_id_of_another_length_is_not_signed() -> None:
    with pytest.raises(MalformedSeal):
        seal.sign(claims(), kid=bytes(4), signer=signer("moeys"))


P256, NO_CURVE = bytes.fromhex("2a8648ce3d030107"), bytes.fromhex("2a8648ce3d030177")


@pytest.mark.parametrize(
    "wrong",
    [
        b"",
        b"no certificate",
        certificate("moeys").replace(P256, NO_CURVE),
        ec.generate_private_key(ec.SECP384R1()).public_key(),
    ],
)
def test_only_a_p256_key_verifies(wrong: Any) -> None:
    with pytest.raises(InputError) as caught:
        seal.verify(seal.read(sealed()), wrong)
    assert caught.value.code == "MALFORMED_CERTIFICATE"
