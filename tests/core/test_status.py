"""Status lists: entries, both forms, keys and freshness (docs/protocol.md clause 6.6)."""

import base64
import random
import zlib
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govseal.core import jsjson, status
from govseal.core.errors import GovsealError, InputError, OutsideError, RefusedError, TooLargeError
from govseal.core.status.entries import deflate, inflate
from govseal.core.trustlist import Certificate
from support.listed import listed
from support.seals import certificate, signer
from support.vectors import vectors, why

VECTORS = vectors("status")
URI: str = VECTORS["uri"]
NOW = datetime.fromisoformat(VECTORS["now"])
HOUR = timedelta(hours=1)
KEY = Certificate.from_der(certificate("status"))
INDEXES = st.integers(0, status.ENTRIES - 1)
STATES = st.dictionaries(INDEXES, st.sampled_from(status.State), max_size=40)
LISTED = [listed(one) for one in VECTORS["certificates"]]


def read(token: bytes | str, **changed: Any) -> status.StatusList:
    stated = {"uri": URI, "certificates": LISTED, "now": NOW, "max_age": status.ONLINE_AGE, **changed}
    return status.read(token, **stated)


def status_list(states: dict[int, status.State] | None = None, **changed: Any) -> status.StatusList:
    stated: dict[str, Any] = {
        "uri": URI,
        "issued_at": NOW - HOUR,
        "expires_at": NOW + timedelta(days=7),
        "ttl": HOUR,
        "array": status.build(states or {}),
    }
    return status.StatusList(**{**stated, **changed})


def signed(made: status.StatusList) -> tuple[str, bytes]:
    """Return both forms."""
    key = {"certificate": KEY.der, "signer": signer("status")}
    return status.sign_jwt(made, **key), status.sign_cwt(made, **key)


def token_of(case: dict[str, str]) -> str | bytes:
    return case["jwt"] if "jwt" in case else bytes.fromhex(case["cwt"])


@pytest.mark.parametrize("form", ["jwt", "cwt"])
@pytest.mark.parametrize("case", VECTORS["valid"])
def test_a_list_of_the_vectors_says_what_they_say(case: dict[str, Any], form: str) -> None:
    found = read(token_of({form: case[form]}))
    states = {int(index): status.State(state) for index, state in case["states"].items()}
    assert found.array == status.build(states)
    assert (found.uri, found.issued_at, found.ttl) == (URI, NOW - HOUR, HOUR)


@pytest.mark.parametrize("case", VECTORS["invalid"], ids=why)
def test_a_wrong_list_is_refused(case: dict[str, str]) -> None:
    with pytest.raises(GovsealError) as caught:
        read(token_of(case))
    assert caught.value.code == case["code"]


@pytest.mark.parametrize("case", VECTORS["untimely"], ids=why)
def test_a_list_of_another_time_tells_nothing(case: dict[str, Any]) -> None:
    seen = case.get("last_seen")
    with pytest.raises(OutsideError) as caught:
        read(
            VECTORS["valid"][1]["jwt"],
            now=datetime.fromisoformat(case["now"]),
            max_age=timedelta(seconds=case["max_age_seconds"]),
            last_seen=seen and status.Seen(datetime.fromisoformat(seen["issued_at"]), seen["digest"]),
        )
    assert caught.value.code == case["code"]


@given(STATES)
def test_states_come_back_from_both_forms(states: dict[int, status.State]) -> None:
    made = status_list(states)
    for token in signed(made):
        found = read(token)
        assert found == made
        assert {index: found.state(index) for index in states} == states


@given(STATES, STATES)
def test_building_upon_an_array_is_building_at_once(
    before: dict[int, status.State], changes: dict[int, status.State]
) -> None:
    mendable = {index: state for index, state in before.items() if state is not status.State.REVOKED}
    assert status.build(changes, status.build(mendable)) == status.build(mendable | changes)


def test_every_other_entry_stays_as_it_was() -> None:
    array = status.build({5: status.State.SUPERSEDED}, status.build({4: status.State.SUSPENDED}))
    assert [int(status.state_at(array, index)) for index in range(8)] == [0, 0, 0, 0, 2, 3, 0, 0]


def test_a_revoked_document_stays_revoked() -> None:
    array = status.build({7: status.State.REVOKED})
    assert status.build({7: status.State.REVOKED}, array) == array
    for state in set(status.State) - {status.State.REVOKED}:
        with pytest.raises(RefusedError, match="stays revoked"):
            status.build({7: state}, array)


def test_a_suspension_is_lifted() -> None:
    suspended = status.build({7: status.State.SUSPENDED})
    assert status.state_at(status.build({7: status.State.VALID}, suspended), 7) is status.State.VALID


@pytest.mark.parametrize("index", [-1, status.ENTRIES])
def test_an_index_outside_the_list_is_no_state(index: int) -> None:
    with pytest.raises(InputError):
        status.build({index: status.State.REVOKED})
    with pytest.raises(OutsideError) as caught:
        status_list().state(index)
    assert caught.value.code == "STATUS_INDEX_OUT_OF_RANGE"


def test_an_array_of_another_size_is_not_built_upon() -> None:
    with pytest.raises(InputError):
        status.build({}, bytes(status.ARRAY_BYTES + 1))


def test_the_bits_lie_as_in_the_specification() -> None:
    """The 2-bit example of Token Status List section 4.1."""
    array = zlib.decompress(bytes.fromhex("78da3be9f2130003df0207"))
    assert [int(status.state_at(array, index)) for index in range(12)] == [1, 2, 0, 3, 0, 1, 0, 1, 1, 2, 3, 3]


def test_claims_and_headers_are_those_of_the_specification() -> None:
    """Token Status List sections 5.1 and 5.2, read with general libraries."""
    cbor2 = pytest.importorskip("cbor2")
    token, cwt = signed(status_list({7: status.State.REVOKED}))
    header, payload, _ = (base64.urlsafe_b64decode(part + "==") for part in token.split("."))
    claims = jsjson.parse(payload)
    times = int((NOW - HOUR).timestamp()), int((NOW + timedelta(days=7)).timestamp())
    assert jsjson.parse(header) == {"alg": "ES256", "typ": "statuslist+jwt", "kid": KEY.kid.hex()}
    lst = zlib.decompress(base64.urlsafe_b64decode(claims["status_list"].pop("lst") + "=="))
    plain = {"sub": URI, "iat": times[0], "exp": times[1], "ttl": 3_600, "status_list": {"bits": 2}}
    assert (claims, lst[1]) == (plain, 0b01_00_00_00)
    tag = cbor2.loads(cwt)
    assert cbor2.loads(tag.value[0]) == {1: -7, 4: KEY.kid, 16: "application/statuslist+cwt"}
    claims = cbor2.loads(tag.value[2])
    assert zlib.decompress(claims[65533].pop("lst")) == lst
    assert claims == {2: URI, 6: times[0], 4: times[1], 65534: 3_600, 65533: {"bits": 2}}


@given(st.data())
def test_a_changed_bit_is_caught(data: st.DataObject) -> None:
    for token in signed(status_list({7: status.State.REVOKED})):
        raw = bytearray(token if isinstance(token, bytes) else token.encode())
        bit = data.draw(st.integers(0, len(raw) * 8 - 1))
        raw[bit // 8] ^= 1 << bit % 8
        with pytest.raises(GovsealError):
            read(bytes(raw))


@given(st.binary(max_size=300))
def test_random_bytes_are_refused(raw: bytes) -> None:
    cwt = signed(status_list())[1]
    for attempt in (raw, b"\xd2" + raw, cwt[:50] + raw):
        with pytest.raises(GovsealError):
            read(attempt)


@given(st.binary(max_size=100))
def test_random_entries_are_refused(raw: bytes) -> None:
    for stream in (raw, b"\x78\xda" + raw, deflate(bytes(status.ARRAY_BYTES))[:20] + raw):
        with pytest.raises(InputError):
            inflate(stream)


@pytest.mark.parametrize("token", ["a" * (status.MAX_BYTES + 1), b"\xd2" + bytes(status.MAX_BYTES)])
def test_a_long_token_is_not_read(token: bytes | str) -> None:
    with pytest.raises(TooLargeError):
        read(token)


def test_the_longest_list_can_be_read() -> None:
    """Entries in no order, which nothing shortens, under the longest URI."""
    array = random.Random(20_260_601).randbytes(status.ARRAY_BYTES)
    uri = "https://a.example/".ljust(2_048, "s")
    made = status_list(uri=uri, array=array)
    for token in signed(made):
        assert read(token, uri=uri).array == array


@pytest.mark.parametrize("form", [0, 1])
def test_the_key_of_another_purpose_signs_no_list(form: int) -> None:
    token = signed(status_list())[form]
    with pytest.raises(GovsealError) as caught:
        read(token, certificates=[Certificate.from_der(certificate("anchor"))])
    assert caught.value.code == "UNLISTED_KEY"


def test_a_list_serves_a_week_without_the_network() -> None:
    token = signed(status_list())[0]
    later = NOW - HOUR + status.OFFLINE_AGE
    assert read(token, now=later, max_age=status.OFFLINE_AGE)
    with pytest.raises(OutsideError, match="out of date"):
        read(token, now=later + timedelta(seconds=1), max_age=status.OFFLINE_AGE)


def test_the_same_list_may_be_seen_again_in_its_other_form() -> None:
    token, cwt = signed(status_list({7: status.State.REVOKED}))
    seen = read(token).seen
    assert read(cwt, last_seen=seen).seen == seen


def test_a_later_list_follows_the_one_seen() -> None:
    later = status_list({7: status.State.REVOKED}, issued_at=NOW)
    assert read(signed(later)[0], last_seen=status_list().seen) == later


@pytest.mark.parametrize(
    "changed",
    [
        {"uri": ""},
        {"uri": "https://ខ្មែរ.example/1"},
        {"array": b""},
        {"ttl": timedelta(0)},
        {"ttl": timedelta(seconds=1.5)},
        {"issued_at": NOW.replace(tzinfo=None)},
        {"issued_at": NOW.replace(microsecond=1)},
        {"issued_at": datetime(1969, 12, 31, tzinfo=UTC)},
        {"expires_at": NOW - HOUR},
    ],
    ids=str,
)
def test_what_could_not_be_read_back_is_not_made(changed: dict[str, Any]) -> None:
    with pytest.raises(InputError):
        status_list(**changed)


def test_a_hundredth_revoked_stays_small() -> None:
    """131,072 documents, 1,311 of them revoked at random: a few kilobytes for all of them."""
    revoked = random.Random(20_260_601).sample(range(status.ENTRIES), status.ENTRIES // 100)
    token, cwt = signed(status_list(dict.fromkeys(revoked, status.State.REVOKED)))
    assert len(cwt) < 3_500
    assert len(token) < 6_000
