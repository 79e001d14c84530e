"""The one outcome a person is told: section 7's order, and what must never be called genuine or false."""

from itertools import combinations

import pytest

from govseal.core.verdict import Family, Fragment, FragmentStatus, Outcome, Reason, conclude

_INTEGRITY, _STATUS, _IDENTITY = Family.DOCUMENT_INTEGRITY, Family.DOCUMENT_STATUS, Family.ISSUER_IDENTITY
VALID = [
    Fragment(1, "QrText", _INTEGRITY, FragmentStatus.VALID),
    Fragment(2, "TrustListHost", _IDENTITY, FragmentStatus.VALID),
    Fragment(4, "DocumentHash", _INTEGRITY, FragmentStatus.VALID),
    Fragment(5, "LedgerIssued", _STATUS, FragmentStatus.VALID),
    Fragment(6, "LedgerRevoked", _STATUS, FragmentStatus.VALID),
    Fragment(7, "IssuerListed", _IDENTITY, FragmentStatus.VALID),
    Fragment(8, "Seal", _INTEGRITY, FragmentStatus.VALID),
]
ERROR = Fragment(5, "LedgerIssued", _STATUS, FragmentStatus.ERROR, Reason("LEDGER_UNAVAILABLE", "away"))
# In section 7's order.
ESTABLISHING = {
    Outcome.ALTERED: (_INTEGRITY, "DOCUMENT_TAMPERED"),
    Outcome.NOT_RECOGNISED: (_IDENTITY, "STORE_NOT_LISTED"),
    Outcome.REPLACED: (_STATUS, "REPLACED"),
    Outcome.REVOKED: (_STATUS, "REVOKED"),
    Outcome.SUSPENDED: (_STATUS, "SUSPENDED"),
    Outcome.EXPIRED: (_STATUS, "EXPIRED"),
    Outcome.NOT_FOUND: (_STATUS, "ROOT_NOT_ISSUED"),
}


def _fragment(outcome: Outcome) -> Fragment:
    if outcome is Outcome.COULD_NOT_CHECK:
        return ERROR
    family, code = ESTABLISHING[outcome]
    return Fragment(6, "x", family, FragmentStatus.INVALID, Reason(code, "made"))


def test_every_step_valid_is_genuine_and_has_no_reason() -> None:
    verdict = conclude(VALID)
    assert (verdict.outcome, verdict.reason) == (Outcome.GENUINE, None)


@pytest.mark.parametrize("outcome", [*ESTABLISHING, Outcome.COULD_NOT_CHECK])
def test_each_finding_is_told_with_its_reason(outcome: Outcome) -> None:
    verdict = conclude([*VALID, _fragment(outcome)])
    assert verdict.outcome is outcome
    assert verdict.reason == _fragment(outcome).reason


@pytest.mark.parametrize(("first", "second"), list(combinations([*ESTABLISHING, Outcome.COULD_NOT_CHECK], 2)))
def test_of_two_findings_the_one_earlier_in_section_7_is_told_whatever_the_order_of_steps(
    first: Outcome, second: Outcome
) -> None:
    for pair in ((first, second), (second, first)):
        assert conclude([*VALID, *map(_fragment, pair)]).outcome is first


def test_an_unknown_id_is_not_found() -> None:
    unknown = Fragment(3, "Fetch", _STATUS, FragmentStatus.INVALID, Reason("ID_UNKNOWN", "made"))
    assert conclude([unknown]).outcome is Outcome.NOT_FOUND


@pytest.mark.parametrize("family", Family)
def test_a_code_of_tomorrow_follows_its_family(family: Family) -> None:
    fragment = Fragment(4, "x", family, FragmentStatus.INVALID, Reason("A_CODE_OF_TOMORROW", "made"))
    expected = {
        _INTEGRITY: Outcome.ALTERED,
        _IDENTITY: Outcome.NOT_RECOGNISED,
        _STATUS: Outcome.NOT_FOUND,
    }
    assert conclude([*VALID, fragment]).outcome is expected[family]


def test_an_invalid_step_without_a_reason_is_never_genuine() -> None:
    fragment = Fragment(8, "Seal", _INTEGRITY, FragmentStatus.INVALID)
    assert conclude([*VALID, fragment]).outcome is Outcome.ALTERED


@pytest.mark.parametrize("gone", [4, 5, 6, 7])
@pytest.mark.parametrize("left", [None, FragmentStatus.SKIPPED])
def test_a_step_that_was_not_taken_or_was_skipped_is_never_genuine(
    gone: int, left: FragmentStatus | None
) -> None:
    rest = [one for one in VALID if one.step != gone]
    skipped = [Fragment(gone, "x", _STATUS, left, Reason("NO_SEAL", "made"))] if left else []
    verdict = conclude([*rest, *skipped])
    assert verdict.outcome is Outcome.COULD_NOT_CHECK
    assert verdict.reason is not None
    assert verdict.reason.code == "STEP_MISSING"


def test_nothing_or_all_skipped_is_could_not_check() -> None:
    skipped = [Fragment(one.step, one.name, one.type, FragmentStatus.SKIPPED) for one in VALID]
    assert conclude([]).outcome is Outcome.COULD_NOT_CHECK
    assert conclude(skipped).outcome is Outcome.COULD_NOT_CHECK


def test_a_fragment_has_its_published_form() -> None:
    assert ERROR.as_json() == {
        "step": 5,
        "name": "LedgerIssued",
        "type": "DOCUMENT_STATUS",
        "status": "ERROR",
        "reason": {"code": "LEDGER_UNAVAILABLE", "message": "away"},
    }
    told = Fragment(2, "TrustListHost", _IDENTITY, FragmentStatus.VALID, data={"host": "verify.example"})
    assert told.as_json()["data"] == {"host": "verify.example"}
