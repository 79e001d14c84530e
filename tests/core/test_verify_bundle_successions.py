"""Evidence across a change of the list's key: an old pin suffices, and only for what the old key has said."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

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


def judged(content: bytes, pin: str, listed: bytes | None = None, beside: Sequence[bytes] = ()) -> Report:
    return evidence_verify(
        content=content,
        trust_token=listed,
        pin=certificate(pin),
        now=NOW,
        beside=lambda key: [one for one in beside if succession.predecessor_of(one) == key],
    )


def refusal(content: bytes, pin: str, listed: bytes | None = None, beside: Sequence[bytes] = ()) -> str:
    with pytest.raises(GovsealError) as caught:
        judged(content, pin, listed, beside)
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
