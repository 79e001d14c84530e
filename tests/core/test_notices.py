"""Notices beside a status list: why and since when, never what (docs/protocol.md clause 6.7)."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govseal.core import jose, jsjson, status
from govseal.core.errors import GovsealError, OutsideError
from govseal.core.status import Notice, Notices, State
from govseal.core.trustlist import Certificate
from support.listed import listed
from support.seals import certificate, signer
from support.standing import INDEX, URI, list_states, notices_token, watched, watching
from support.vectors import vectors, why
from support.world import HOST, NOW, World

VECTORS = vectors("notices")
DAY = timedelta(days=1)
ERROR = Notice(State.REVOKED, "error", date(2026, 5, 3))
LISTED = watching().status_certificates
_CODES = st.from_regex(r"[a-z][a-z_]{0,9}", fullmatch=True)
_NOTICES = st.builds(
    Notice,
    st.sampled_from([one for one in State if one is not State.VALID]),
    _CODES,
    st.dates(date(2020, 1, 1)),
)


def read(content: bytes | str) -> Notices:
    return status.read_notices(content, uri=URI, certificates=LISTED, now=NOW, max_age=status.ONLINE_AGE)


@pytest.mark.parametrize("case", VECTORS["valid"])
def test_notices_of_the_vectors_say_what_they_say(case: dict[str, Any]) -> None:
    told = {
        str(index): [one.state.name.lower(), one.code, one.since.isoformat()]
        for index, one in of_vectors(case).entries.items()
    }
    assert told == case["notices"]


@pytest.mark.parametrize("case", VECTORS["invalid"], ids=why)
def test_wrong_notices_of_the_vectors_are_refused(case: dict[str, Any]) -> None:
    with pytest.raises(GovsealError) as caught:
        of_vectors(case)
    assert caught.value.code == case["code"]


def of_vectors(case: dict[str, Any]) -> Notices:
    return status.read_notices(
        case["jwt"],
        uri=VECTORS["uri"],
        certificates=[listed(one) for one in VECTORS["certificates"]],
        now=datetime.fromisoformat(VECTORS["now"]),
        max_age=timedelta(seconds=VECTORS["max_age_seconds"]),
    )


def noticed(content: bytes | None, state: State = State.REVOKED) -> tuple[World, Any]:
    """A world whose list says what became of a paper, beside which `content` is published."""
    here = watched()
    paper = here.issue()
    list_states(here, {INDEX: state})
    if content is not None:
        here.site.objects[HOST, "status/1.notices"] = content
    return here, here.check(paper.compact)


@given(st.dictionaries(st.integers(0, status.ENTRIES - 1), _NOTICES, max_size=20))
def test_notices_come_back_as_they_were(entries: dict[int, Notice]) -> None:
    assert dict(read(notices_token(entries)).entries) == entries


def test_a_whole_list_of_notices_fits_its_bound() -> None:
    entries = {
        at: Notice(State.REVOKED, "error", date(2026, 1, 1) + DAY * (at % 3_000))
        for at in range(status.ENTRIES)
    }
    content = notices_token(entries)
    assert len(content) < status.NOTICES_MAX_BYTES
    assert len(read(content).entries) == status.ENTRIES


def test_reason_and_day_of_a_revocation_are_told() -> None:
    _, report = noticed(notices_token({INDEX: ERROR, 5: Notice(State.REVOKED, "fraud", date(2026, 1, 1))}))
    assert report.verdict.outcome == "revoked"
    assert (report.status.reason, report.status.since) == ("error", date(2026, 5, 3))
    assert report.as_json()["status"]["since"] == "2026-05-03"


@pytest.mark.parametrize(
    "content",
    [
        None,
        b"nonsense",
        notices_token({}),
        notices_token({INDEX: Notice(State.SUSPENDED, "review", date(2026, 5, 3))}),
        notices_token({INDEX: ERROR}, by="anchor"),
        notices_token({INDEX: ERROR}, uri=f"{URI}0"),
        notices_token({INDEX: ERROR}, issued_at=NOW - 2 * DAY),
        notices_token({INDEX: ERROR}, issued_at=NOW - DAY / 2, expires_at=NOW),
        notices_token({INDEX: ERROR}, issued_at=NOW + DAY),
    ],
    ids=[
        "none",
        "nonsense",
        "empty",
        "other state",
        "other key",
        "other list",
        "old",
        "expired",
        "from tomorrow",
    ],
)
def test_without_a_notice_that_can_be_believed_the_state_alone_is_told(content: bytes | None) -> None:
    _, report = noticed(content)
    assert report.verdict.outcome == "revoked"
    assert (report.status.state, report.status.reason, report.status.since) == ("revoked", "", None)


def test_of_a_document_in_force_no_notice_is_asked_for() -> None:
    here, report = noticed(notices_token({INDEX: ERROR}), State.VALID)
    assert report.verdict.outcome == "genuine"
    assert (HOST, "status/1.notices") not in here.site.fetched


def test_a_stolen_status_key_explains_nothing() -> None:
    stolen = (Certificate.from_der(certificate("status"), compromised_at=NOW),)
    with pytest.raises(OutsideError, match="stolen"):
        status.read_notices(
            notices_token({INDEX: ERROR}), uri=URI, certificates=stolen, now=NOW, max_age=status.ONLINE_AGE
        )


@pytest.mark.parametrize(
    "change",
    [
        {"more": 1},
        {"sub": 7},
        {"iat": "now"},
        {"iat": True},
        {"exp": 1 << 60},
        {"notices": []},
        {"notices": {"valid": {}}},
        {"notices": {"revoked": {"Error": {}}}},
        {"notices": {"revoked": {"error": {"3 May": [1]}}}},
        {"notices": {"revoked": {"error": {"2026-02-30": [1]}}}},
        {"notices": {"revoked": {"error": {"2026-05-03": [status.ENTRIES]}}}},
        {"notices": {"revoked": {"error": {"2026-05-03": [1.5]}}}},
        {"notices": {"revoked": {"error": {"2026-05-03": [1, 1]}}}},
        {"notices": {"revoked": {"error": {"2026-05-03": [1]}}, "suspended": {"lost": {"2026-05-03": [1]}}}},
    ],
    ids=str,
)
def test_notices_of_another_form_are_refused(change: dict[str, Any]) -> None:
    claims = {"sub": URI, "iat": int(NOW.timestamp()), "exp": int((NOW + DAY).timestamp()), "notices": {}}
    header = {"typ": status.NOTICES_TYP, "kid": LISTED[0].kid.hex()}
    assert not read(jose.encode(header, jsjson.dumps(claims).encode(), signer("status"))).entries
    with pytest.raises(GovsealError) as error:
        read(jose.encode(header, jsjson.dumps(claims | change).encode(), signer("status")))
    assert error.value.code == "MALFORMED_TOKEN"
