"""Our trust lists read by outside software for ETSI TS 119 602: PyPI openvc-core, npm @owf/eudi-lote.

openvc-core checks the signature (compact JAdES) and reads the list; eudi-lote checks its form. Both are given the
lists of `vectors/trustlist.json`, genuine and broken.
"""

import base64
import copy
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from govseal.core import jsjson, trustlist
from govseal.core.trustlist import lote
from support.node import need_npm, run_lines
from support.seals import certificate
from support.vectors import vectors

PEER = Path(__file__).with_name("lote_peer.mjs")
CASES = vectors("trustlist")
TOKENS = [case["token"] for case in CASES["valid"]]
PAYLOADS = [case["payload"] for case in CASES["valid"]]
SMALLEST, LARGEST = PAYLOADS
PIN, NOW = base64.b64decode(CASES["certificate"]), datetime.fromisoformat(CASES["now"])

# What we refuse and a general reader of such lists accepts: it knows neither our own types and members, nor, by
# design of its function, whether a list is of today.
OURS_ALONE = {
    "padding": "one token has one text",
    "unused bits that are not zero": "one token has one text",
    "another type": "section 6: typ is exact",
    "no type": "section 6: typ is exact",
    "another version": "ours is of version 1",
    "another type of list": "ours is a list of institutions that seal",
    "a sequence of 0": "TS 119 602 begins at 1",
    "stale when made": "its caller compares dates",
    "a closed list": "its caller compares dates",
    "past its next update": "its caller compares dates",
    "before its issue": "its caller compares dates",
    "hosts that are a text": "our extension",
    "a replaced key that is no digest": "our extension",
    "an institution without a code": "our extension",
    "a type without its fields' codes": "our extension",
    "an institution twice": "section 6: one authority",
    "a certificate that is none": "it leaves the certificate out; we refuse the list",
    "a certificate that is not base64, in the list": "it leaves the certificate out; we refuse the list",
    "a store of another form": "our service",
    "a status that denies its dates": "our dates",
}


# --- openvc-core --------------------------------------------------------------------------------------


def openvc_reading(token: str, pin: bytes = PIN, now: datetime = NOW) -> Any:
    reader = pytest.importorskip("openvc.trustlist")
    signer = x509.load_der_x509_certificate(pin)
    return reader.consume_lote(token, expected_signer_certs=[signer], now=now)


@pytest.mark.parametrize("token", TOKENS, ids=["the smallest", "the largest"])
def test_openvc_reads_our_list_as_we_do(token: str) -> None:
    theirs, ours = openvc_reading(token), trustlist.read(token, pin=PIN, now=NOW)
    assert (theirs.tsl_type, theirs.version) == (lote.LOTE_TYPE, lote.LOTE_VERSION)
    assert (theirs.territory, theirs.sequence_number) == (ours.country, ours.sequence)
    assert theirs.scheme_operator == ours.operator["en"]
    assert (datetime.fromisoformat(theirs.issue_datetime), theirs.next_update) == (
        ours.issued_at,
        ours.next_update,
    )
    assert {one.name: seals_of(one) for one in theirs.providers} == {
        one.names["en"]: [(listed.der, lote.GRANTED) for listed in one.certificates]
        for one in ours.institutions
    }


def seals_of(provider: Any) -> list[tuple[bytes, str]]:
    """Return the certificates of an institution's seals, DER, and their statuses."""
    assert {one.service_type for one in provider.services} == {lote.SEAL_SERVICE}
    return [(one.certificate.public_bytes(Encoding.DER), one.service_status) for one in provider.services]


def test_openvc_refuses_the_list_under_another_pin() -> None:
    refusal = pytest.importorskip("openvc.trustlist").TrustListSignatureError
    with pytest.raises(refusal):
        openvc_reading(TOKENS[1], certificate("another"))


def broken_lists() -> dict[str, dict[str, Any]]:
    """Return the broken lists by what is wrong; the second of one name has it inside the signed list."""
    named: dict[str, dict[str, Any]] = {}
    for case in CASES["invalid"]:
        named[f"{case['why']}, in the list" if case["why"] in named else case["why"]] = case
    return named


def test_each_rule_that_is_ours_alone_is_asked() -> None:
    assert OURS_ALONE.keys() < broken_lists().keys()


@pytest.mark.parametrize("name", broken_lists())
def test_openvc_refuses_what_we_refuse_unless_the_rule_is_ours_alone(name: str) -> None:
    refusal, case = pytest.importorskip("openvc.trustlist").TrustListError, broken_lists()[name]
    now = datetime.fromisoformat(case["now"])
    if name in OURS_ALONE:
        assert openvc_reading(case["token"], now=now).territory == "KH"
    else:
        with pytest.raises(refusal):
            openvc_reading(case["token"], now=now)


# --- @owf/eudi-lote -----------------------------------------------------------------------------------


def eudi_errors(*payloads: Any) -> list[list[str]]:
    """Return for each payload the paths in which eudi-lote finds errors."""
    need_npm("@owf/eudi-lote")
    answers = [jsjson.parse(line) for line in run_lines(PEER, payloads)]
    assert all(answer["valid"] is not bool(answer["errors"]) for answer in answers)
    return [[error["path"] for error in answer["errors"]] for answer in answers]


@pytest.mark.npm
def test_eudi_lote_finds_our_list_well_formed() -> None:
    assert eudi_errors(LARGEST) == [[]]


@pytest.mark.npm
def test_eudi_lote_asks_for_entities_where_openvc_does_not() -> None:
    """A list of nobody yet has no member for its entities: the specification's schema has no empty lists."""
    assert eudi_errors(SMALLEST) == [["LoTE.TrustedEntitiesList"]]


@pytest.mark.npm
def test_eudi_lote_sees_a_broken_form() -> None:
    def broken(change: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
        payload = copy.deepcopy(LARGEST)
        change(payload["LoTE"])
        return payload

    scheme = "LoTE.ListAndSchemeInformation"
    forms = {
        f"{scheme}.SchemeOperatorName": lambda made: made["ListAndSchemeInformation"].pop(
            "SchemeOperatorName"
        ),
        f"{scheme}.LoTESequenceNumber": lambda made: made["ListAndSchemeInformation"].update(
            LoTESequenceNumber="two"
        ),
        "LoTE.TrustedEntitiesList.0.TrustedEntityServices": lambda made: made["TrustedEntitiesList"][0].pop(
            "TrustedEntityServices"
        ),
    }
    assert eudi_errors(*map(broken, forms.values())) == [[path] for path in forms]
