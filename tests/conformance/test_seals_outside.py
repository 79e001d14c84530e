"""Our seals judged by outside libraries: PyPI claim169 and pycose, npm @auth0/cose; each altered one is refused."""

import base64
import zlib
from pathlib import Path
from typing import Any

import cbor2
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicNumbers
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from govseal.core import jsjson, seal
from support.node import need_npm, run_lines
from support.seals import certificate, sealed

PEER = Path(__file__).with_name("cose_peer.mjs")
SUBJECT = {1: "KH-1999-004711", 2: "1.0", 4: "សុខ ចាន់ដារ៉ា", 8: "1999-01-01", 9: 1}
PRIVATE = -65537
BASE45 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"

PERSON = sealed(subject=SUBJECT, expires_at=2_100_000_000)
SEALS = {"of a document": sealed(), "of a person": PERSON, "of a page": sealed(page=(2, 3))}


def altered(raw: bytes) -> list[bytes]:
    """Return the seal with one bit turned in each byte of its key id, its claims and its signature."""
    parts = cbor2.loads(raw).value
    kid = cbor2.loads(parts[0])[4]
    places = [at for part in (kid, parts[2], parts[3]) for at in span(raw, part)]
    return [raw[:at] + bytes([raw[at] ^ 1 << at % 8]) + raw[at + 1 :] for at in places]


def span(raw: bytes, part: bytes) -> range:
    start = raw.index(part)
    return range(start, start + len(part))


def numbers(label: str) -> EllipticCurvePublicNumbers:
    return x509_key(label).public_numbers()


def x509_key(label: str) -> Any:
    return x509.load_der_x509_certificate(certificate(label)).public_key()


# --- pycose -------------------------------------------------------------------------------------------


def pycose_message(raw: bytes, label: str = "moeys") -> Any:
    """Return pycose's reading of a seal, with the key of a certificate."""
    messages = pytest.importorskip("pycose.messages")
    keys = pytest.importorskip("pycose.keys")
    point = numbers(label)
    message = messages.CoseMessage.decode(raw)
    message.key = keys.EC2Key(crv="P_256", x=point.x.to_bytes(32, "big"), y=point.y.to_bytes(32, "big"))
    return message


@pytest.mark.parametrize("name", SEALS)
def test_pycose_accepts_our_seals_and_reads_our_claims(name: str) -> None:
    message = pycose_message(SEALS[name])
    claims, read = cbor2.loads(message.payload), seal.read(SEALS[name]).claims
    assert message.verify_signature()
    assert message.uhdr == {}
    assert (claims[1], claims[6], claims.get(4)) == (read.issuer, read.issued_at, read.expires_at)
    assert claims[PRIVATE][1:4] == [read.type, read.secret, read.fields]


def test_pycose_refuses_altered_seals_and_other_keys() -> None:
    assert [pycose_message(one).verify_signature() for one in altered(PERSON)].count(True) == 0
    assert not pycose_message(PERSON, "moh").verify_signature()


# --- claim169 -----------------------------------------------------------------------------------------


def base45(content: bytes) -> str:
    """Return RFC 9285's text, as codes of MOSIP Claim 169 carry it (ours carry digits: section 4)."""
    pairs = [content[at : at + 2] for at in range(0, len(content), 2)]
    values = [(int.from_bytes(pair, "big"), len(pair) + 1) for pair in pairs]
    return "".join(BASE45[value // 45**place % 45] for value, size in values for place in range(size))


def claim169_reading(raw: bytes, label: str = "moeys") -> Any:
    claim169 = pytest.importorskip("claim169")
    point = x509_key(label).public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return claim169.decode_with_ecdsa_p256(base45(zlib.compress(raw)), point)


def test_claim169_reads_the_person_of_our_seal() -> None:
    reading = claim169_reading(PERSON)
    assert reading.is_verified()
    person, meta = reading.claim169, reading.cwt_meta
    assert (person.id, person.full_name, person.date_of_birth) == (SUBJECT[1], SUBJECT[4], SUBJECT[8])
    assert (meta.issuer, meta.issued_at, meta.expires_at) == ("KH/moeys", 1_767_225_600, 2_100_000_000)


def test_claim169_refuses_altered_seals_and_other_keys() -> None:
    refusal = pytest.importorskip("claim169").SignatureError
    for one in altered(PERSON):
        with pytest.raises(refusal):
            claim169_reading(one)
    with pytest.raises(refusal):
        claim169_reading(PERSON, "moh")


# --- @auth0/cose --------------------------------------------------------------------------------------


def auth0_said(*seals: bytes, label: str = "moeys") -> list[dict[str, Any]]:
    need_npm("@auth0/cose")
    der = base64.b64encode(certificate(label)).decode()
    lines = [{"seal": base64.b64encode(one).decode(), "certificate": der} for one in seals]
    return [jsjson.parse(line) for line in run_lines(PEER, lines)]


@pytest.mark.npm
def test_auth0_cose_accepts_our_seals() -> None:
    kid = seal.key_id(certificate("moeys")).hex()
    for answer, raw in zip(auth0_said(*SEALS.values()), SEALS.values(), strict=True):
        payload = base64.b64encode(cbor2.loads(raw).value[2]).decode()
        assert answer == {"algorithm": -7, "kid": kid, "payload": payload}


@pytest.mark.npm
def test_auth0_cose_refuses_altered_seals_and_other_keys() -> None:
    answers = [*auth0_said(*altered(PERSON)), *auth0_said(PERSON, label="moh")]
    assert {answer.get("refused") for answer in answers} == {"ERR_COSE_SIGNATURE_VERIFICATION_FAILED"}


def test_what_is_altered_is_every_byte_that_the_signature_covers_or_is() -> None:
    assert len(altered(PERSON)) > len(PERSON) - 20
    assert len(set(altered(PERSON))) == len(altered(PERSON))
