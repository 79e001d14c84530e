"""How a process that lives long goes by the country's list: judged once, followed at once, never when stale."""

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from govseal.core import trustlist
from govseal.core.errors import BadSignature, MalformedToken, OperatorError, OutsideError
from govseal.core.verify import Verifier
from govseal.project.wiring.shared import TrustLists
from support.officefiles import LISTED, Office
from support.seals import certificate
from support.world import NOW, World


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path)


def test_a_list_is_taken_apart_once_and_followed_when_it_changes(office: Office) -> None:
    office.publish()
    first = office.lists()[0]
    assert office.lists()[0] is first
    office.publish(replace(LISTED, sequence=2))
    second = office.lists()[0]
    assert second.sequence == 2
    assert office.lists()[0] is second


def test_an_older_list_is_refused_kept_and_reported(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    office.publish()
    older = office.published.get("", trustlist.PATH, max_bytes=1 << 20)
    office.publish(replace(LISTED, sequence=2))
    newer = office.published.get("", trustlist.PATH, max_bytes=1 << 20)
    office.lists()
    office.publish()
    for lists in (office.lists, TrustLists(office.configuration, office.published, lambda: office.now)):
        with pytest.raises(OutsideError) as refused:  # also by a process that has not seen the newer one
            lists()
        assert refused.value.code == "TRUST_LIST_ROLLED_BACK"
    kept = office.configuration.home / "seen" / "refused"
    assert {file.read_bytes() for file in kept.iterdir()} == {older, newer}
    assert "TRUST_LIST_ROLLED_BACK" in caplog.text


def test_another_list_of_the_same_number_is_refused_kept_and_reported(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    office.publish()
    first = office.published.get("", trustlist.PATH, max_bytes=1 << 20)
    office.lists()
    office.publish(replace(LISTED, hosts=("evil.example",)))
    forked = office.published.get("", trustlist.PATH, max_bytes=1 << 20)
    with pytest.raises(OutsideError) as refused:
        office.lists()
    assert refused.value.code == "TRUST_LIST_FORKED"
    kept = office.configuration.home / "seen" / "refused"
    assert {file.read_bytes() for file in kept.iterdir()} == {first, forked}
    assert "TRUST_LIST_FORKED" in caplog.text
    office.published.replace(trustlist.PATH, first)
    assert office.lists()[0].hosts == LISTED.hosts


def test_a_new_pin_begins_a_new_memory(office: Office) -> None:
    office.publish(replace(LISTED, sequence=9))
    office.lists()
    office.pin(certificate("mallory"))
    office.publish(by="mallory")
    assert office.lists()[0].sequence == 1


def test_the_same_bytes_in_a_new_file_are_the_same_list(office: Office) -> None:
    office.publish()
    first = office.lists()[0]
    office.publish()
    assert office.lists()[0] is first


@pytest.mark.parametrize("moment", [NOW + timedelta(days=60), NOW - timedelta(days=60)])
def test_a_list_that_cannot_be_believed_now_judges_nobody(office: Office, moment: datetime) -> None:
    office.publish()
    office.now = moment
    assert office.lists() == []
    here = World(lists=office.lists())
    report = here.check(here.issue().compact)
    assert report.verdict.outcome == "could_not_check"


def test_a_list_that_goes_stale_in_a_running_process_judges_nobody(office: Office) -> None:
    office.publish()
    here = World()
    paper = here.issue()
    known = office.lists()
    later = NOW + timedelta(days=60)
    verifier = Verifier(known, here.site, here.ledger, lambda: later)
    verdict = verifier.qr_text(paper.compact).verdict
    assert verdict.reason is not None
    assert (verdict.outcome, verdict.reason.code) == ("could_not_check", "TRUST_LIST_STALE")


def test_a_list_of_another_signer_is_refused_though_a_good_one_was_known(office: Office) -> None:
    office.publish()
    office.lists()
    office.publish(replace(LISTED, sequence=2), by="mallory")
    with pytest.raises(BadSignature):
        office.lists()


def test_the_same_list_is_judged_again_under_another_pin(office: Office) -> None:
    office.publish()
    office.lists()
    office.pin(certificate("mallory"))
    with pytest.raises(BadSignature):
        office.lists()


def test_a_damaged_list_is_refused_and_the_good_one_is_not_shown_in_its_place(office: Office) -> None:
    office.publish()
    office.lists()
    office.published.replace(trustlist.PATH, b"e30.e30")
    with pytest.raises(MalformedToken):
        office.lists()


def test_without_a_list_or_a_pin_the_operator_is_told(office: Office) -> None:
    with pytest.raises(OperatorError):
        office.lists()
    office.publish()
    office.configuration.trust_pin_file.unlink()
    with pytest.raises(OperatorError):
        office.lists()
