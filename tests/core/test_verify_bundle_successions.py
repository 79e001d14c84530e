"""Evidence across a change of the list's key: an old pin suffices, and only for what the old key has said."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from govseal.adapters.seen import FolderMemory
from govseal.apps.verification.evidence import evidence_of_text, evidence_verify
from govseal.core import trustlist
from govseal.core.errors import GovsealError, OutsideError
from govseal.core.trustlist import succession
from govseal.core.verify import Report, bundle
from support.officefiles import place, statement
from support.seals import OPERATOR, certificate, signer
from support.standing import publish_receipt, watched, watching
from support.world import HOST, NOW, World

FIRST, SECOND, THIRD = "list", "list 2", "list 3"
KEYS = tuple(succession.digest(certificate(one)) for one in (FIRST, SECOND))
LISTED = replace(watching(), operator={"en": OPERATOR}, sequence=12, succeeded=KEYS)
CHAIN = {FIRST: statement(), SECOND: statement(SECOND, THIRD, 12)}


def token(by: str = THIRD, **changed: Any) -> bytes:
    listed = replace(LISTED, **changed)
    return trustlist.sign(listed, certificate=certificate(by), signer=signer(by)).encode()


def made(here: World) -> bytes:
    paper = here.issue()
    publish_receipt(here, paper)
    return evidence_of_text(text=paper.compact, verifier=here.verifier(), trust_token=token())


def country() -> World:
    here = watched(LISTED)
    for key, said in CHAIN.items():
        here.site.objects[(HOST, place(key))] = said
    return here


def judged(
    content: bytes,
    pin: str,
    listed: bytes | None = None,
    beside: Sequence[bytes] = (),
    seen: Path | None = None,
) -> Report:
    return evidence_verify(
        content=content,
        trust_token=listed,
        pin=certificate(pin),
        now=NOW,
        beside=lambda key: [one for one in beside if succession.predecessor_of(one) == key],
        seen=FolderMemory(seen) if seen else None,
    )


def refusal(content: bytes, pin: str, *more: Any, **named: Any) -> str:
    with pytest.raises(GovsealError) as caught:
        judged(content, pin, *more, **named)
    return caught.value.code


def with_statements(content: bytes, *statements: bytes) -> bytes:
    return replace(bundle.read(content), successions=tuple(one.decode() for one in statements)).to_bytes()


@pytest.mark.parametrize("pin", [FIRST, SECOND, THIRD])
@pytest.mark.parametrize("listed", [None, token()], ids=["the list in it", "a kept list"])
def test_evidence_is_verified_by_any_pin_from_which_statements_lead(pin: str, listed: bytes | None) -> None:
    assert judged(made(country()), pin, listed).verdict.outcome == "genuine"


def test_evidence_from_before_is_verified_by_a_newer_list_and_what_lies_beside_it() -> None:
    content = with_statements(made(country()), CHAIN[FIRST])
    assert refusal(content, FIRST) == "UNPINNED_KEY"
    assert judged(content, FIRST, token(), [CHAIN[SECOND]]).verdict.outcome == "genuine"


def test_a_second_statement_in_the_file_or_beside_it_is_a_fork() -> None:
    content, second = made(country()), statement(FIRST, "mallory")
    assert refusal(content, FIRST, token(), [second]) == "SUCCESSION_FORKED"
    assert refusal(with_statements(content, *CHAIN.values(), second), FIRST) == "SUCCESSION_FORKED"
    assert judged(content, SECOND, token(), [second]).verdict.outcome == "genuine"


@pytest.mark.parametrize(
    ("said", "code"),
    [
        (statement(FIRST, SECOND, 8, "verify.elsewhere.example"), "SUCCESSION_OF_ANOTHER_HOST"),
        (statement(FIRST, SECOND, 13), "SUCCESSION_ROLLED_BACK"),
        (statement()[:-8] + b"AAAAAAAA", "BAD_SIGNATURE"),
        (statement("mallory", SECOND), "UNPINNED_KEY"),
    ],
)
def test_a_wrong_statement_leads_nowhere(said: bytes, code: str) -> None:
    assert refusal(with_statements(made(country()), said, CHAIN[SECOND]), FIRST) == code


def test_a_list_that_the_old_key_signed_after_it_handed_over_is_refused() -> None:
    assert refusal(made(country()), FIRST, token(FIRST)) == "LIST_KEY_SUCCEEDED"


def test_while_a_statement_is_not_published_evidence_is_incomplete() -> None:
    here = country()
    del here.site.objects[(HOST, place(SECOND))]
    with pytest.raises(OutsideError) as refused:
        made(here)
    assert refused.value.code == "EVIDENCE_INCOMPLETE"


# --- what was seen before -----------------------------------------------------------------------------


def test_the_newest_list_seen_judges_a_file_that_holds_an_older_one(tmp_path: Path) -> None:
    issuer, *others = LISTED.institutions
    stolen = tuple(replace(one, compromised_at=NOW - timedelta(days=900)) for one in issuer.certificates)
    knows = token(sequence=13, institutions=(replace(issuer, certificates=stolen), *others))
    content = made(country())
    assert judged(content, FIRST, seen=tmp_path).verdict.outcome == "genuine"
    judged(content, FIRST, knows, seen=tmp_path)
    told = judged(content, FIRST, seen=tmp_path).verdict
    assert (told.outcome, told.reason and told.reason.code) == ("could_not_check", "KEY_COMPROMISED")
    assert judged(content, FIRST).verdict.outcome == "genuine"  # by the list of then, which did not know


def test_an_older_list_does_not_pass_for_the_newest_nor_another_of_its_number(tmp_path: Path) -> None:
    content, newer = made(country()), token(sequence=13)
    assert judged(content, FIRST, newer, seen=tmp_path).verdict.outcome == "genuine"
    assert refusal(content, FIRST, token(), seen=tmp_path) == "TRUST_LIST_ROLLED_BACK"
    forked = token(sequence=13, next_update=LISTED.next_update + timedelta(days=1))
    assert refusal(content, FIRST, forked, seen=tmp_path) == "TRUST_LIST_FORKED"
    refused = {file.read_bytes() for file in (tmp_path / "refused").iterdir()}
    assert refused == {token(), forked, newer}


def test_who_has_followed_a_key_is_led_to_no_other_by_a_file(tmp_path: Path) -> None:
    content, second = made(country()), statement(FIRST, "mallory")
    assert judged(content, FIRST, seen=tmp_path).verdict.outcome == "genuine"
    false = with_statements(content, second)
    assert judged(false, FIRST, token("mallory")).verdict.outcome == "genuine"
    assert refusal(false, FIRST, token("mallory"), seen=tmp_path) == "SUCCESSION_FORKED"
