"""Our status lists read by the unmodified npm package of the OpenWallet Foundation, and its entries read by us."""

import base64
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from govseal.core import jose, jsjson, status
from govseal.core.status.entries import inflate
from support.node import need_npm, run_lines
from support.seals import certificate, signer

pytestmark = pytest.mark.npm

PEER = Path(__file__).with_name("statuslist_peer.mjs")
URI = "https://verify.vectors.example/status/1"
ISSUED = datetime(2026, 6, 1, tzinfo=UTC)
EXPIRES = ISSUED + timedelta(days=7)
TYPES = {"jwt": status.JWT_TYP, "cwt": status.CWT_TYP}
EDGES = {0: status.State.REVOKED, 3: status.State.SUPERSEDED, 131_071: status.State.SUSPENDED}


def sample() -> dict[int, status.State]:
    """Return every state at random places, and at both ends."""
    chance = random.Random(20_260_601)
    drawn = chance.sample(range(4, status.ENTRIES - 1), 1_500)
    return EDGES | {index: status.State(place % 3 + 1) for place, index in enumerate(drawn)}


def asked(states: dict[int, status.State]) -> dict[str, str]:
    made = status.StatusList(URI, ISSUED, EXPIRES, timedelta(hours=1), status.build(states))
    key: dict[str, Any] = {"certificate": certificate("status"), "signer": signer("status")}
    cwt = base64.b64encode(status.sign_cwt(made, **key)).decode()
    der = base64.b64encode(certificate("status")).decode()
    return {"jwt": status.sign_jwt(made, **key), "cwt": cwt, "certificate": der}


@pytest.fixture(scope="module", autouse=True)
def peer() -> None:
    need_npm("@owf/token-status-list")


@pytest.mark.parametrize("states", [{}, sample()], ids=["nothing revoked", "a sample"])
def test_the_npm_package_reads_both_forms_as_we_mean_them(states: dict[int, status.State]) -> None:
    answer = jsjson.parse(run_lines(PEER, [asked(states)])[0])
    read = {
        "sub": URI,
        "iat": int(ISSUED.timestamp()),
        "exp": int(EXPIRES.timestamp()),
        "ttl": 3_600,
        "bits": status.BITS,
        "entries": status.ENTRIES,
        "states": {str(index): int(state) for index, state in states.items()},
        "signed": True,
    }
    assert answer == {form: {"typ": typ, **read} for form, typ in TYPES.items()}


def test_the_npm_package_sees_that_another_key_signed() -> None:
    other = base64.b64encode(certificate("another")).decode()
    answer = jsjson.parse(run_lines(PEER, [asked({}) | {"certificate": other}])[0])
    assert {form: read["signed"] for form, read in answer.items()} == {"jwt": False, "cwt": False}


def test_the_npm_packages_entries_are_ours() -> None:
    states = sample()
    line = {"states": {index: int(state) for index, state in states.items()}, "entries": status.ENTRIES}
    answer = jsjson.parse(run_lines(PEER, [line])[0])
    assert inflate(jose.from_base64url(answer["lst"])) == status.build(states)
