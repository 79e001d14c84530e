"""Trust lists: values, published form, signature and freshness."""

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govseal.core import jose, trustlist
from govseal.core.errors import GovsealError, InputError, MalformedToken
from govseal.core.trustlist import lote, reading
from support.seals import OPERATOR, certificate, signer
from support.vectors import vectors, why

VECTORS = vectors("trustlist")
PIN, NOW = bytes.fromhex(VECTORS["pin"]), datetime.fromisoformat(VECTORS["now"])
GENESIS = "0x" + "ab" * 32
STORE = trustlist.StoreRef(1337, GENESIS, "0x" + "Cd" * 20)
DID = trustlist.Did("did:x:1")
CERTIFICATE = trustlist.Certificate.from_der(certificate("moeys"))


def institution(code: str = "moeys", **changed: Any) -> trustlist.Institution:
    return trustlist.Institution(
        **{"code": code, "names": {"en": code}, "domain": f"{code}.example", **changed}
    )


def listing(*institutions: trustlist.Institution, **changed: Any) -> trustlist.TrustList:
    stated: dict[str, Any] = {
        "country": "KH",
        "operator": {"en": OPERATOR},
        "sequence": 7,
        "issued_at": NOW,
        "next_update": NOW + timedelta(days=30),
        "hosts": ("verify.gov.kh",),
        "institutions": institutions,
    }
    return trustlist.TrustList(**{**stated, **changed})


def signed(one: trustlist.TrustList) -> str:
    return trustlist.sign(one, certificate=certificate("list"), signer=signer("list"))


@pytest.mark.parametrize("case", VECTORS["valid"])
def test_a_list_of_the_vectors_says_what_they_say(case: dict[str, Any]) -> None:
    read = trustlist.read(case["token"].encode(), pin=PIN, now=NOW)
    assert trustlist.build(read) == case["payload"]
    assert trustlist.read(case["token"], pin=certificate("list"), now=NOW) == read


@pytest.mark.parametrize("case", VECTORS["invalid"], ids=why)
def test_any_other_list_is_refused(case: dict[str, Any]) -> None:
    with pytest.raises(GovsealError) as caught:
        trustlist.read(case["token"], pin=PIN, now=datetime.fromisoformat(case["now"]))
    assert caught.value.code == case["code"]


@given(
    st.lists(st.text("abcxyz", min_size=1, max_size=6), unique=True, max_size=4),
    st.integers(1, 1 << 40),
    st.none() | st.integers(-100, 100),
)
def test_a_list_comes_back_as_it_was_signed(codes: list[str], sequence: int, retired: int | None) -> None:
    retired_at = None if retired is None else NOW + timedelta(days=retired)
    institutions = [
        institution(
            code,
            stores=(
                trustlist.Store(trustlist.StoreRef(n + 1, GENESIS, STORE.address), retired_at=retired_at),
            ),
            document_types={"diploma": trustlist.DocumentTypeRule(("name",), {"km": "សញ្ញាបត្រ"})},
        )
        for n, code in enumerate(codes)
    ]
    made = listing(*institutions, sequence=sequence)
    assert trustlist.read(signed(made), pin=PIN, now=NOW) == made


@given(st.data())
def test_a_changed_bit_is_caught(data: st.DataObject) -> None:
    raw = bytearray(VECTORS["valid"][0]["token"].encode())
    bit = data.draw(st.integers(0, len(raw) * 8 - 1))
    raw[bit // 8] ^= 1 << bit % 8
    with pytest.raises(GovsealError):
        trustlist.read(bytes(raw), pin=PIN, now=NOW)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=9),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    ),
    st.data(),
)
def test_any_payload_is_read_or_refused(value: Any, data: st.DataObject) -> None:
    payload = json.loads(json.dumps(VECTORS["valid"][1]["payload"]))
    place = payload["LoTE"]
    while isinstance(place, dict | list) and place and data.draw(st.booleans()):
        at = data.draw(st.sampled_from(sorted(place) if isinstance(place, dict) else range(len(place))))
        if not isinstance(place[at], dict | list) or data.draw(st.booleans()):
            place[at] = value
            break
        place = place[at]
    header = {"typ": trustlist.TYP, "x5c": [base64.b64encode(certificate("list")).decode()]}
    token = jose.encode(header, json.dumps(payload).encode(), signer("list"))
    try:
        assert trustlist.read(token, pin=PIN, now=NOW).country == "KH"
    except MalformedToken:
        return


def test_an_issuer_is_found_by_code_and_did_and_by_nothing_looser() -> None:
    did = "did:ethr:0xE712878f6E8d5d4F9e87E10DA604F9cB564C9a89#controller"
    ours = institution(stores=(trustlist.Store(STORE),), dids=(trustlist.Did(did),))
    found = listing(institution("moh", certificates=(CERTIFICATE,)), ours)
    assert [found.find_issuer("KH/moeys"), found.find_did(did)] == [ours] * 2
    assert found.find_issuer("LA/moeys") is found.find_issuer("moeys") is found.find_did(did[:-1]) is None
    assert found.speaks_for("verify.gov.kh")
    assert not found.speaks_for("verify.gov.kh.example")


def test_a_store_is_found_by_its_address_on_each_of_its_chains() -> None:
    elsewhere = trustlist.StoreRef(95, GENESIS, STORE.address.lower())
    ours, theirs = (
        institution(code, stores=(trustlist.Store(ref),))
        for code, ref in (("moeys", STORE), ("moh", elsewhere))
    )
    found = listing(ours, theirs)
    assert list(found.find_stores(STORE.address.upper())) == [(ours, STORE), (theirs, elsewhere)]
    assert not found.find_stores(STORE.address[:-1])


def test_a_did_its_theft_and_where_it_revokes_are_published_and_read() -> None:
    stolen = trustlist.Did("did:ethr:0x" + "ab" * 20 + "#controller", compromised_at=NOW)
    places = {"revocation_stores": (STORE,), "ocsp_responders": ("https://ocsp.moeys.example/v1",)}
    made = listing(institution(dids=(DID, stolen), **places))
    assert trustlist.read(signed(made), pin=PIN, now=NOW) == made
    (told,) = made.institutions
    assert [told.did(DID.url), told.did(stolen.url), told.did("did:x:2")] == [DID, stolen, None]


def test_a_store_in_which_an_institution_revokes_is_found_by_its_address() -> None:
    own = trustlist.StoreRef(1337, GENESIS, "0x" + "12" * 20)
    ours = institution(stores=(trustlist.Store(own),), revocation_stores=(STORE, own), dids=(DID,))
    assert ours.revocation_store(STORE.address.lower()) == STORE
    assert ours.revocation_store(own.address) == own
    assert ours.revocation_store("0x" + "13" * 20) is None
    elsewhere = trustlist.StoreRef(95, GENESIS, STORE.address)
    assert institution(revocation_stores=(STORE, elsewhere)).revocation_store(STORE.address) is None


@pytest.mark.parametrize("name", ["revocationStores", "ocspResponders"])
@pytest.mark.parametrize("value", ["x", [""], [1], {}, None])
def test_a_place_of_revocation_of_another_form_refuses_the_list(name: str, value: Any) -> None:
    payload = trustlist.build(listing(institution(dids=(DID,))))
    entity = payload["LoTE"]["TrustedEntitiesList"][0]["TrustedEntityInformation"]
    entity["TEInformationExtensions"][0][lote.EXTENSION][name] = value
    with pytest.raises(MalformedToken):
        reading.trust_list(payload)


def test_a_list_that_says_its_own_part_twice_is_refused() -> None:
    payload = trustlist.build(listing())
    extensions = payload["LoTE"]["ListAndSchemeInformation"]["SchemeExtensions"]
    extensions.append({lote.EXTENSION: {"hosts": ["verify.elsewhere.example"]}})
    with pytest.raises(MalformedToken):
        reading.trust_list(payload)


def test_every_certificate_of_a_key_id_is_offered() -> None:
    listed = institution(certificates=(CERTIFICATE,))
    assert listed.certificates_with(CERTIFICATE.kid) == [CERTIFICATE]
    assert listed.certificates_with(bytes(8)) == []


def test_a_certificate_is_valid_from_its_start_to_its_end_or_retirement() -> None:
    retired = trustlist.Certificate.from_der(certificate("moeys"), retired_at=NOW)
    assert CERTIFICATE.valid_at(CERTIFICATE.not_before)
    assert CERTIFICATE.valid_at(CERTIFICATE.not_after)
    assert not CERTIFICATE.valid_at(CERTIFICATE.not_before - timedelta(seconds=1))
    assert not CERTIFICATE.valid_at(CERTIFICATE.not_after + timedelta(seconds=1))
    assert retired.valid_at(NOW - timedelta(seconds=1))
    assert not retired.valid_at(NOW)


def test_a_list_is_believed_until_its_next_update() -> None:
    made = listing()
    token = signed(made)
    assert trustlist.read(token, pin=PIN, now=made.next_update) == made
    assert trustlist.read(token, pin=PIN, now=NOW - timedelta(minutes=5)) == made


@pytest.mark.parametrize(
    "twice",
    [
        {"hosts": ("a.b", "a.b")},
        {"institutions": (institution(), institution())},
        {"institutions": (institution(stores=(trustlist.Store(STORE),) * 2),)},
        {"institutions": (institution(dids=(DID,)), institution("moh", dids=(DID,)))},
        {
            "institutions": (
                institution(certificates=(CERTIFICATE,)),
                institution("moh", certificates=(CERTIFICATE,)),
            )
        },
    ],
)
def test_nothing_can_stand_in_two_places(twice: dict[str, Any]) -> None:
    with pytest.raises(InputError) as caught:
        listing(**{"institutions": (), **twice}) if "institutions" not in twice else listing(
            *twice["institutions"]
        )
    assert caught.value.code == "AMBIGUOUS_TRUST_LIST"


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"operator": {"en": "Somebody else"}}, "WRONG_SIGNER"),
        ({"country": "LA"}, "WRONG_SIGNER"),
        ({"institutions": (institution(),)}, "EMPTY_INSTITUTION"),
        ({"issued_at": NOW.replace(microsecond=1)}, "MALFORMED_TIME"),
        ({"next_update": datetime(2026, 7, 1)}, "MALFORMED_TIME"),  # noqa: DTZ001 - a time without a zone is the case
    ],
)
def test_a_list_that_outsiders_would_refuse_is_not_signed(changed: dict[str, Any], code: str) -> None:
    with pytest.raises(InputError) as caught:
        signed(listing(*changed.pop("institutions", ()), **changed))
    assert caught.value.code == code


@pytest.mark.parametrize(
    "parts",
    [
        (0, GENESIS, STORE.address),
        (1, GENESIS.upper(), STORE.address),
        (1, GENESIS, "0x12"),
        (1, "", STORE.address),
    ],
)
def test_a_store_of_another_form_is_refused(parts: tuple[int, str, str]) -> None:
    with pytest.raises(InputError) as caught:
        trustlist.StoreRef(*parts)
    assert caught.value.code == "MALFORMED_STORE"


def test_what_is_no_certificate_is_refused() -> None:
    with pytest.raises(InputError):
        trustlist.Certificate.from_der(b"nothing")
    with pytest.raises(InputError):
        trustlist.sign(listing(), certificate=b"nothing", signer=signer("list"))


def test_the_published_form_has_only_members_of_the_specification() -> None:
    """ETSI TS 119 602 V1.1.1, clauses 6.3 to 6.6: its schema allows no other members."""
    lote = VECTORS["valid"][1]["payload"]["LoTE"]
    scheme, (entity,) = lote["ListAndSchemeInformation"], lote["TrustedEntitiesList"]
    information = entity["TrustedEntityInformation"]
    assert scheme.keys() == {
        "LoTEVersionIdentifier",
        "LoTESequenceNumber",
        "LoTEType",
        "SchemeOperatorName",
        "SchemeName",
        "StatusDeterminationApproach",
        "SchemeTerritory",
        "ListIssueDateTime",
        "NextUpdate",
        "SchemeExtensions",
    }
    assert entity.keys() == {"TrustedEntityInformation", "TrustedEntityServices"}
    assert information.keys() == {"TEName", "TEAddress", "TEInformationURI", "TEInformationExtensions"}
    allowed = {"ServiceName", "ServiceDigitalIdentity", "ServiceTypeIdentifier", "ServiceStatus"}
    for service in entity["TrustedEntityServices"]:
        assert service.keys() == {"ServiceInformation"}
        assert service["ServiceInformation"].keys() - {"ServiceInformationExtensions"} == allowed


def test_a_list_says_when_it_was_issued() -> None:
    assert trustlist.issued_at(signed(listing())) == NOW


@pytest.mark.parametrize("said", [None, "now", True, -1, 1 << 80, 1.5])
def test_a_moment_that_is_none_is_refused(said: Any) -> None:
    token = jose.encode({"alg": "ES256", "typ": trustlist.TYP, "iat": said}, b"{}", lambda _: bytes(64))
    with pytest.raises(MalformedToken):
        trustlist.issued_at(token)


def test_a_token_is_named_by_its_hash() -> None:
    assert trustlist.fingerprint("a") == trustlist.fingerprint(b"a")
    assert trustlist.fingerprint("a").startswith("ca978112")


def test_times_are_utc() -> None:
    assert trustlist.read(signed(listing()), pin=PIN, now=NOW).issued_at.tzinfo is UTC
