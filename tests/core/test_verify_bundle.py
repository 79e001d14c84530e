"""Evidence files: written and read back, bounded, and judged by nothing that they say of themselves."""

import copy
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govseal.apps.verification.evidence import evidence_of_text, evidence_verify
from govseal.core import jsjson, status, trustlist
from govseal.core.errors import GovsealError, InputError, OutsideError, RefusedError, TooLargeError
from govseal.core.status import Notice, State
from govseal.core.verify import BlockFacts, Bundle, Report, bundle
from support.officefiles import statement
from support.seals import OPERATOR, certificate, signer
from support.standing import INDEX, list_states, publish_notice, publish_receipt, watched, watching
from support.world import ANCHORED_AT, NOW, World

YEARS = timedelta(days=3_000)
LISTED = replace(watching(), operator={"en": OPERATOR})
BUNDLE = Bundle(
    made=NOW,
    document={"data": {"name": "សុខ \ud800"}},
    trust_list="e30.e30.e30",
    status_uri="https://verify.example/status/1",
    status_list="e30.e30.e30",
    receipt="e30.e30.e30",
    block=BlockFacts(7, b"\x0b" * 32, ANCHORED_AT, 12),
)
PARTS = jsjson.parse(BUNDLE.to_bytes())


def list_token(listed: trustlist.TrustList = LISTED, *, by: str = "list") -> bytes:
    return trustlist.sign(listed, certificate=certificate(by), signer=signer(by)).encode()


def made(here: World) -> bytes:
    paper = here.issue()
    publish_receipt(here, paper)
    return evidence_of_text(text=paper.compact, verifier=here.verifier(), trust_token=list_token())


def judged(content: bytes, **changes: Any) -> Report:
    stated = {"trust_token": list_token(), "pin": certificate("list"), "now": NOW + YEARS, **changes}
    return evidence_verify(content=content, **stated)


def told(report: Report) -> tuple[str, str | None]:
    reason = report.verdict.reason
    return report.verdict.outcome.value, reason.code if reason else None


# --- the form -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "one",
    [
        BUNDLE,
        replace(BUNDLE, block=None),
        replace(BUNDLE, notices="e30.e30.e30"),
        replace(BUNDLE, successions=(statement().decode(),)),
    ],
)
def test_a_bundle_comes_back_as_it_was(one: Bundle) -> None:
    assert bundle.read(one.to_bytes()) == one


@pytest.mark.parametrize("added", [{"successions"}, {"notices", "successions"}])
def test_a_file_of_an_earlier_version_is_read(added: set[str]) -> None:
    before = {name: value for name, value in PARTS.items() if name not in added}
    assert bundle.read(jsjson.dumps(before).encode("utf-8", "surrogatepass")) == BUNDLE


MALFORMED = {
    "format": ["", "govseal-evidence-2", 1, None],
    "made": ["", "2026-13-01T00:00:00Z", "2026-06-01", "2026-06-01T09:00:00+07:00", 7],
    "trustList": [7, {}, None, "ឈ្មោះ", "x" * (trustlist.MAX_BYTES + 1)],
    "statusList": [[], {}, {"uri": 1, "token": "x"}, {"uri": "x" * 3_000, "token": "x"}, {"uri": "x"}],
    "receipt": [7, [], None, "x" * 5_000],
    "notices": [7, [], "ឈ្មោះ", "x" * (status.NOTICES_MAX_BYTES + 1)],
    "successions": [None, {}, ["e30.e30.e30"], [7], ["x" * 20_000], [statement().decode()] * 17],
    "block": [7, {}, [], "", {**PARTS["block"], "hash": "0b"}, {**PARTS["block"], "number": True}],
}


@pytest.mark.parametrize(
    ("member", "value"), [(member, value) for member, values in MALFORMED.items() for value in values]
)
def test_a_member_of_another_form_is_refused(member: str, value: Any) -> None:
    with pytest.raises(InputError) as refused:
        bundle.read(jsjson.dumps({**PARTS, member: value}).encode("utf-8", "surrogatepass"))
    assert refused.value.code == "MALFORMED_EVIDENCE"


@pytest.mark.parametrize("member", sorted(PARTS.keys() - {"notices", "successions"}))
def test_no_member_may_be_missing_and_none_may_be_added(member: str) -> None:
    parts = copy.copy(PARTS)
    del parts[member]
    for changed in (parts, {**PARTS, "more": 1}):
        with pytest.raises(InputError):
            bundle.read(jsjson.dumps(changed).encode("utf-8", "surrogatepass"))


@given(st.binary() | st.text().map(str.encode))
def test_random_bytes_are_refused(raw: bytes) -> None:
    with pytest.raises(InputError):
        bundle.read(raw)


def test_what_is_too_long_is_not_read() -> None:
    with pytest.raises(TooLargeError):
        bundle.read(b" " * (bundle.MAX_BYTES + 1))
    with pytest.raises(InputError):
        bundle.read(replace(BUNDLE, status_list="x" * (status.MAX_BYTES + 1)).to_bytes())


# --- years later --------------------------------------------------------------------------------------


def test_years_later_it_is_genuine_as_of_its_lists_and_says_so() -> None:
    report = judged(made(watched(LISTED)))
    assert told(report) == ("genuine", None)
    assert report.offline
    assert report.status is not None
    assert report.status.issued_at == NOW - timedelta(hours=1)
    assert report.receipt is not None
    assert report.receipt.signed_at == ANCHORED_AT + timedelta(minutes=1)


@pytest.mark.parametrize("state", [State.REVOKED, State.SUSPENDED, State.SUPERSEDED])
def test_evidence_of_a_withdrawn_document_says_so_for_ever(state: State) -> None:
    here = watched(LISTED)
    list_states(here, {INDEX: state})
    assert judged(made(here)).verdict.outcome.value in {"revoked", "suspended", "replaced"}


def test_a_document_that_expired_meanwhile_is_told_as_expired() -> None:
    here = watched(LISTED)
    until = (NOW + timedelta(days=30)).date()
    last = int(datetime(until.year, until.month, until.day, 23, 59, 59, tzinfo=UTC).timestamp())
    paper = here.issue(valid_until=until, seal_changes={"expires_at": last})
    publish_receipt(here, paper)
    content = evidence_of_text(text=paper.compact, verifier=here.verifier(), trust_token=list_token())
    assert told(judged(content)) == ("expired", "EXPIRED")
    assert told(judged(content, at=NOW)) == ("genuine", None)


def test_the_moment_that_evidence_states_is_bound_by_what_is_signed_in_it() -> None:
    content = made(watched(LISTED))
    for moment, code in (
        (NOW + timedelta(days=8), "STATUS_LIST_STALE"),
        (NOW - timedelta(hours=2), "STATUS_LIST_NOT_VALID_NOW"),
    ):
        moved = replace(bundle.read(content), made=moment).to_bytes()
        assert told(judged(moved)) == ("could_not_check", code)


def test_a_later_trust_list_knows_more() -> None:
    content = made(watched(LISTED))
    later = {"sequence": 9, "issued_at": NOW + YEARS, "next_update": NOW + YEARS + timedelta(days=30)}
    assert told(judged(content, trust_token=list_token(replace(LISTED, **later)))) == ("genuine", None)
    stolen = replace(LISTED.status_certificates[0], compromised_at=NOW + timedelta(days=1))
    wiser = replace(LISTED, status_certificates=(stolen,), **later)
    assert told(judged(content, trust_token=list_token(wiser))) == (
        "could_not_check",
        "LISTED_KEY_COMPROMISED",
    )


def test_a_trust_list_that_had_run_out_by_then_says_nothing() -> None:
    content = made(watched(LISTED))
    with pytest.raises(OutsideError) as refused:
        judged(content, trust_token=list_token(replace(LISTED, next_update=NOW - timedelta(hours=1))))
    assert refused.value.code == "TRUST_LIST_STALE"


def test_the_list_in_the_evidence_is_believed_only_under_the_verifier_s_own_pin() -> None:
    content = made(watched(LISTED))
    assert told(judged(content, trust_token=None)) == ("genuine", None)
    forged = replace(bundle.read(content), trust_list=list_token(by="mallory").decode()).to_bytes()
    with pytest.raises(GovsealError) as refused:
        judged(forged, trust_token=None)
    assert refused.value.code == "UNPINNED_KEY"


@pytest.mark.parametrize("part", ["status_list", "receipt", "status_uri"])
def test_parts_that_were_exchanged_are_not_believed(part: str) -> None:
    content = bundle.read(made(watched(LISTED)))
    swapped = {
        "status_list": content.receipt,
        "receipt": content.status_list,
        "status_uri": "https://verify.example/status/2",
    }
    report = judged(replace(content, **{part: swapped[part]}).to_bytes())
    assert report.verdict.outcome == "could_not_check"


# --- making it ----------------------------------------------------------------------------------------


def test_evidence_holds_no_more_than_it_says() -> None:
    here = watched(LISTED)
    paper = here.issue()
    publish_receipt(here, paper)
    content = evidence_of_text(text=paper.compact, verifier=here.verifier(), trust_token=list_token())
    read = bundle.read(content)
    assert read.document == paper.wrapped
    assert read.block == BlockFacts(7, b"\x0b" * 32, ANCHORED_AT, 12)
    assert paper.compact not in content.decode()


def test_evidence_is_made_from_the_receipt_while_the_ledger_is_away() -> None:
    here = watched(LISTED)
    here.ledger.away = True
    assert bundle.read(made(here)).block is None


def test_without_a_receipt_or_a_list_evidence_is_incomplete() -> None:
    here = watched(LISTED)
    paper = here.issue()
    with pytest.raises(OutsideError) as refused:
        evidence_of_text(text=paper.compact, verifier=here.verifier(), trust_token=list_token())
    assert refused.value.code == "EVIDENCE_INCOMPLETE"


def test_a_text_that_is_no_code_is_told_as_such() -> None:
    verifier = watched(LISTED).verifier()
    with pytest.raises(InputError) as refused:
        evidence_of_text(text="no code", verifier=verifier, trust_token=list_token())
    assert refused.value.code == "MALFORMED_QR"


def test_what_nobody_stands_behind_leaves_no_evidence() -> None:
    here = watched(LISTED)
    paper = here.issue()
    here.site.objects.clear()
    with pytest.raises(RefusedError):
        evidence_of_text(text=paper.compact, verifier=here.verifier(), trust_token=list_token())


def test_years_later_it_still_says_why_and_since_when_it_was_revoked() -> None:
    here = watched(LISTED)
    paper = here.issue()
    publish_receipt(here, paper)
    list_states(here, {INDEX: State.REVOKED})
    publish_notice(here, Notice(State.REVOKED, "error", date(2026, 5, 3)))
    content = evidence_of_text(text=paper.compact, verifier=here.verifier(), trust_token=list_token())
    found = judged(content).status
    assert found is not None
    assert (found.state, found.reason, found.since) == ("revoked", "error", date(2026, 5, 3))
    without = judged(replace(bundle.read(content), notices=None).to_bytes())
    assert told(without) == ("revoked", "REVOKED")
    assert without.status is not None
    assert without.status.since is None
