"""Status lists and receipts in a verification: each state, each attack on a list, and what a receipt counts for."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from govseal.core.status import State
from govseal.core.trustlist import Certificate, Checkpoint, Store, StoreRef
from govseal.core.verdict import Fragment
from govseal.core.verify import Report, Verifier
from support import standing, world
from support.seals import certificate
from support.standing import INDEX, URI, list_states, publish_receipt, status_token, watched, watching
from support.world import ANCHORED_AT, GENESIS, HOST, NOW, World, institution, store_of, trust_list

DAY = timedelta(days=1)


def told(report: Report) -> tuple[str, str | None]:
    """Return the outcome and its reason's code; nothing is ever told twice."""
    reason, names = report.verdict.reason, [one.name for one in report.verdict.fragments]
    assert len(names) == len(set(names)), names
    return report.verdict.outcome.value, reason.code if reason else None


def fragment(report: Report, name: str) -> Fragment:
    (found,) = [one for one in report.verdict.fragments if one.name == name]
    return found


def require_refused(here: World, cause: str) -> None:
    """The world's paper could not be checked, because of its list, whichever way it is handed in."""
    paper = here.issue()
    for report in (here.check(paper.compact), here.check(paper.offline), here.check_document(paper.wrapped)):
        assert told(report) == ("could_not_check", "STATUS_LIST_REFUSED")
        assert fragment(report, "StatusList").data == {"cause": cause}
        assert report.status is None


# --- states -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "outcome", "code"),
    [
        (State.VALID, "genuine", None),
        (State.REVOKED, "revoked", "REVOKED"),
        (State.SUSPENDED, "suspended", "SUSPENDED"),
        (State.SUPERSEDED, "replaced", "REPLACED"),
    ],
)
def test_each_state_of_a_list_is_told(state: State, outcome: str, code: str | None) -> None:
    here = watched()
    paper = here.issue()
    list_states(here, {INDEX: state})
    for report in (here.check(paper.compact), here.check(paper.offline), here.check_document(paper.wrapped)):
        assert told(report) == (outcome, code)
        assert report.status is not None
        assert (report.status.uri, report.status.issued_at) == (URI, NOW - timedelta(hours=1))


def test_what_happened_to_a_neighbour_happened_to_nobody_else() -> None:
    here = watched()
    paper = here.issue()
    list_states(here, {INDEX - 1: State.REVOKED, INDEX + 1: State.SUSPENDED})
    assert told(here.check(paper.compact)) == ("genuine", None)


def test_a_suspension_is_lifted_by_a_later_list() -> None:
    here = watched()
    paper = here.issue()
    list_states(here, {INDEX: State.SUSPENDED})
    here.memory = standing.MemoryOfLists()
    assert told(here.check(paper.compact))[0] == "suspended"
    list_states(here, issued_at=NOW)
    assert told(here.check(paper.compact)) == ("genuine", None)


def test_revoked_by_the_ledger_or_by_the_list_is_revoked() -> None:
    here = watched()
    paper = here.issue()
    here.ledger.revoke(paper.target)
    assert told(here.check(paper.compact)) == ("revoked", "REVOKED")


def test_a_replaced_document_is_told_as_replaced_though_the_ledger_says_revoked() -> None:
    here = watched()
    paper = here.issue()
    here.ledger.revoke(paper.target)
    list_states(here, {INDEX: State.SUPERSEDED})
    assert told(here.check(paper.compact)) == ("replaced", "REPLACED")


@pytest.mark.parametrize("state", [State.REVOKED, State.SUSPENDED, State.SUPERSEDED])
def test_a_list_tells_while_the_ledger_is_away(state: State) -> None:
    here = watched()
    paper = here.issue()
    here.ledger.away = True
    list_states(here, {INDEX: state})
    assert told(here.check(paper.compact))[0] in {"revoked", "suspended", "replaced"}


def test_an_institution_whose_lists_are_not_named_is_judged_by_the_ledger_alone() -> None:
    here = World()
    report = here.check(here.issue().compact)
    assert told(report) == ("genuine", None)
    assert report.status is None
    assert not any(path.startswith("status/") for _, path in here.site.fetched)


def test_one_verification_fetches_the_list_once_from_the_listed_host() -> None:
    here = watched()
    paper = here.issue()
    here.check(paper.compact)
    assert here.site.fetched == [(HOST, f"d/{paper.id}"), (HOST, "status/1")]
    here.site.fetched.clear()
    here.check_document(paper.wrapped)
    assert here.site.fetched == [(HOST, "status/1")]


# --- attacks on a list --------------------------------------------------------------------------------


def test_a_list_that_was_rolled_back_is_refused_kept_and_reported() -> None:
    here = watched()
    paper = here.issue()
    list_states(here, {INDEX: State.REVOKED}, issued_at=NOW)
    assert told(here.check(paper.compact))[0] == "revoked"
    list_states(here)
    older = here.site.objects[HOST, "status/1"]
    assert told(here.check(paper.compact)) == ("could_not_check", "STATUS_LIST_ROLLED_BACK")
    assert isinstance(here.memory, standing.MemoryOfLists)
    assert here.memory.reported == [(URI, "STATUS_LIST_ROLLED_BACK", older)]
    list_states(here, issued_at=NOW)
    assert told(here.check(paper.compact)) == ("could_not_check", "STATUS_LIST_FORKED")


@pytest.mark.parametrize("state", [State.REVOKED, State.SUPERSEDED])
@pytest.mark.parametrize("later", [{}, {INDEX + 1: State.SUSPENDED}, {INDEX + 1: State.REVOKED}])
def test_a_newer_list_that_takes_a_revocation_back_is_refused_kept_and_reported(
    state: State, later: dict[int, State]
) -> None:
    here = watched()
    paper = here.issue()
    list_states(here, {INDEX + 1: state})
    assert told(here.check(paper.compact)) == ("genuine", None)
    list_states(here, later, issued_at=NOW)
    newer = here.site.objects[HOST, "status/1"]
    given_back = later.get(INDEX + 1) is not State.REVOKED
    assert told(here.check(paper.compact)) == (
        ("could_not_check", "STATUS_LIST_TAKES_BACK") if given_back else ("genuine", None)
    )
    assert isinstance(here.memory, standing.MemoryOfLists)
    assert here.memory.reported == [(URI, "STATUS_LIST_TAKES_BACK", newer)] * given_back


def test_a_newer_list_may_lift_and_add() -> None:
    here = watched()
    paper = here.issue()
    list_states(here, {INDEX: State.SUSPENDED, INDEX + 1: State.REVOKED})
    assert told(here.check(paper.compact))[0] == "suspended"
    list_states(here, {INDEX + 1: State.REVOKED, INDEX + 2: State.SUPERSEDED}, issued_at=NOW)
    assert told(here.check(paper.compact)) == ("genuine", None)


def test_a_forked_list_is_refused_kept_and_reported() -> None:
    here = watched()
    paper = here.issue()
    assert told(here.check(paper.compact)) == ("genuine", None)
    list_states(here, {INDEX + 5: State.REVOKED})
    forked = here.site.objects[HOST, "status/1"]
    assert told(here.check(paper.compact)) == ("could_not_check", "STATUS_LIST_FORKED")
    assert isinstance(here.memory, standing.MemoryOfLists)
    assert here.memory.reported == [(URI, "STATUS_LIST_FORKED", forked)]


def test_a_list_that_cannot_be_believed_is_not_remembered() -> None:
    """Or whoever publishes a list of tomorrow, or of another key, could make the true ones look rolled back."""
    here = watched()
    paper = here.issue()
    for changes in ({"by": "mallory"}, {"issued_at": NOW + DAY, "expires_at": NOW + 9 * DAY}):
        list_states(here, **changes)
        assert told(here.check(paper.compact))[0] == "could_not_check"
    list_states(here)
    assert told(here.check(paper.compact)) == ("genuine", None)


@pytest.mark.parametrize(
    ("age", "offline", "outcome"),
    [
        (DAY, False, "genuine"),
        (DAY + timedelta(seconds=1), False, "could_not_check"),
        (7 * DAY, True, "genuine"),
        (7 * DAY + timedelta(seconds=1), True, "could_not_check"),
    ],
)
def test_a_list_is_believed_for_a_day_online_and_for_a_week_offline(
    *, age: timedelta, offline: bool, outcome: str
) -> None:
    here = watched()
    paper = here.issue()
    publish_receipt(here, paper)
    list_states(here, issued_at=NOW - age, expires_at=NOW + 30 * DAY)
    ledger = None if offline else here.ledger
    report = Verifier(here.lists, here.site, ledger, lambda: NOW).document(paper.wrapped)
    assert told(report) == (outcome, None if outcome == "genuine" else "STATUS_LIST_STALE")


def test_a_list_that_has_expired_says_nothing_however_young() -> None:
    here = watched()
    list_states(here, issued_at=NOW - timedelta(hours=2), expires_at=NOW)
    assert told(here.check(here.issue().compact)) == ("could_not_check", "STATUS_LIST_STALE")


@pytest.mark.parametrize("key", ["moeys", "anchor", "list", "mallory"])
def test_a_list_signed_by_the_key_of_another_purpose(key: str) -> None:
    here = watched()
    list_states(here, {INDEX + 1: State.REVOKED}, by=key)
    require_refused(here, "UNLISTED_KEY")


@pytest.mark.parametrize(("date", "code"), [("retired_at", "refused"), ("compromised_at", "stolen")])
def test_a_list_signed_by_a_retired_or_a_stolen_key(date: str, code: str) -> None:
    dated = Certificate.from_der(certificate("status"), **{date: NOW - DAY})
    here = watched(watching(status_certificates=(dated,)))
    report = here.check(here.issue().compact)
    wanted = {"refused": "STATUS_LIST_REFUSED", "stolen": "LISTED_KEY_COMPROMISED"}
    assert told(report) == ("could_not_check", wanted[code])


def test_another_list_of_the_same_key_under_this_one_s_name() -> None:
    here = watched()
    list_states(here, uri=f"https://{HOST}/status/2")
    require_refused(here, "WRONG_SUBJECT")


def test_a_token_of_another_type_by_a_listed_key() -> None:
    """The status key's own certificate listed for receipts too: `typ` still keeps the two apart."""
    key = Certificate.from_der(certificate("status"))
    here = watched(watching(status_certificates=(key,), anchor_certificates=(key,)))
    paper = here.issue()
    here.site.objects[HOST, "status/1"] = standing.receipt_of(paper, by="status")
    report = here.check(paper.compact)
    assert told(report) == ("could_not_check", "STATUS_LIST_REFUSED")
    assert fragment(report, "StatusList").data == {"cause": "WRONG_TYPE"}
    list_states(here)
    here.site.objects[HOST, f"a/{paper.root.hex()}"] = status_token()
    here.ledger.away = True
    assert fragment(here.check(paper.compact), "AnchorReceipt").data == {"cause": "WRONG_TYPE"}


def test_a_list_of_another_institution() -> None:
    here = watched()
    here.site.objects[HOST, "status/2"] = status_token(uri=f"https://{HOST}/status/2")
    paper = here.issue(status_list=2, seal_changes={"status_list": 2})
    for report in (here.check(paper.compact), here.check_document(paper.wrapped)):
        assert told(report) == ("not_recognised", "STATUS_LIST_NOT_LISTED")
    assert (HOST, "status/2") not in here.site.fetched


def test_an_index_exchanged_for_a_valid_neighbour_s_is_altered() -> None:
    """Whoever holds the ledger key alone cannot point a revoked document's attested block elsewhere."""
    here = watched()
    list_states(here, {INDEX: State.REVOKED})
    paper = here.issue(status_index=INDEX + 1)
    assert told(here.check(paper.compact)) == ("altered", "SEAL_MISMATCH")
    assert told(here.check(paper.offline)) == ("altered", "SEAL_MISMATCH")


@pytest.mark.parametrize("index", [131_072, 4_000_000])
def test_an_index_out_of_range_tells_nothing(index: int) -> None:
    here = watched()
    paper = here.issue(status_index=index, seal_changes={"status_index": index})
    assert told(here.check(paper.compact)) == ("could_not_check", "STATUS_INDEX_OUT_OF_RANGE")


@pytest.mark.parametrize("content", [None, b"", b"\xff" * 9, b"e30.e30.e30", b"\xd2", b"x" * (70 << 10)])
def test_a_list_that_is_missing_damaged_or_endless_brands_nobody(content: bytes | None) -> None:
    here = watched()
    paper = here.issue()
    if content is None:
        del here.site.objects[HOST, "status/1"]
    else:
        here.site.objects[HOST, "status/1"] = content
    assert told(here.check(paper.compact))[0] == "could_not_check"


def test_no_changed_byte_of_a_list_is_believed() -> None:
    here = watched()
    paper = here.issue()
    whole = here.site.objects[HOST, "status/1"]
    for place in range(0, len(whole), 37):
        changed = bytes([whole[place] ^ 1])
        here.site.objects[HOST, "status/1"] = whole[:place] + changed + whole[place + 1 :]
        assert told(here.check(paper.compact))[0] == "could_not_check", place


# --- receipts -----------------------------------------------------------------------------------------


def test_without_the_ledger_s_answer_a_receipt_says_registered_and_nothing_is_genuine() -> None:
    here = watched()
    paper = here.issue()
    publish_receipt(here, paper)
    assert told(here.check(paper.compact)) == ("genuine", None)
    here.ledger.away = True
    report = here.check(paper.compact)
    assert told(report) == ("could_not_check", "LEDGER_UNAVAILABLE")
    assert fragment(report, "AnchorReceipt").status == "VALID"
    assert report.receipt is not None
    assert report.anchor is None


def test_a_receipt_is_asked_for_only_when_the_ledger_gives_no_answer() -> None:
    here = watched()
    paper = here.issue()
    here.check(paper.compact)
    assert not any(path.startswith("a/") for _, path in here.site.fetched)


def offline(here: World, paper: world.Paper) -> Report:
    return Verifier(here.lists, here.site, None, lambda: here.now).document(paper.wrapped)


def test_offline_a_receipt_counts_and_dates_the_registration() -> None:
    here = watched()
    paper = here.issue()
    publish_receipt(here, paper)
    report = offline(here, paper)
    assert told(report) == ("genuine", None)
    assert report.offline
    assert fragment(report, "LedgerRevoked").status == "SKIPPED"
    assert fragment(report, "IssuerOnDate").data == {"date": ANCHORED_AT.isoformat()}


def test_offline_without_a_receipt_or_a_list_nothing_is_genuine() -> None:
    here = watched()
    paper = here.issue()
    assert told(offline(here, paper)) == ("could_not_check", "RECEIPT_UNAVAILABLE")
    publish_receipt(here, paper)
    here.lists = [trust_list(institution("moeys"), anchor_certificates=watching().anchor_certificates)]
    assert told(offline(here, paper)) == ("could_not_check", "STEP_MISSING")


OTHER_CHAIN = StoreRef(1338, GENESIS, store_of("moeys").address)
OTHER_GENESIS = StoreRef(1337, "0x" + "cd" * 32, store_of("moeys").address)


@pytest.mark.parametrize(
    ("changes", "cause"),
    [
        ({"store": store_of("moh")}, "WRONG_SUBJECT"),
        ({"store": OTHER_CHAIN}, "WRONG_SUBJECT"),
        ({"store": OTHER_GENESIS}, "WRONG_SUBJECT"),
        ({"root": bytes(32)}, "WRONG_SUBJECT"),
        ({"by": "status"}, "UNLISTED_KEY"),
        ({"by": "moeys"}, "UNLISTED_KEY"),
        ({"signed_at": NOW.replace(year=2040)}, "KEY_NOT_VALID_THEN"),
    ],
)
def test_a_receipt_of_another_store_root_chain_or_key(changes: dict[str, Any], cause: str) -> None:
    here = watched()
    paper = here.issue()
    publish_receipt(here, paper, **changes)
    report = offline(here, paper)
    assert told(report) == ("could_not_check", "RECEIPT_REFUSED")
    assert fragment(report, "AnchorReceipt").data == {"cause": cause}
    assert report.anchor is None
    here.ledger.away = True
    assert here.check(paper.compact).receipt is None


@pytest.mark.parametrize("whose", ["seal", "store"])
def test_offline_the_date_of_a_receipt_clears_no_stolen_key(whose: str) -> None:
    stolen = ANCHORED_AT + 30 * DAY
    made = institution("moeys", status_uris=(URI,))
    if whose == "seal":
        key = Certificate.from_der(certificate("moeys"), compromised_at=stolen)
        made = replace(made, certificates=(key,))
    else:
        made = replace(made, stores=(Store(store_of("moeys"), compromised_at=stolen),))
    here = watched(replace(watching(), institutions=(made,)))
    paper = here.issue()
    publish_receipt(here, paper)
    assert told(here.check(paper.compact)) == ("genuine", None)
    assert told(offline(here, paper)) == ("could_not_check", "KEY_COMPROMISED")


def test_offline_a_stolen_anchor_key_says_nothing() -> None:
    stolen = Certificate.from_der(certificate("anchor"), compromised_at=NOW)
    here = watched(watching(anchor_certificates=(stolen,)))
    paper = here.issue()
    publish_receipt(here, paper)
    assert told(offline(here, paper)) == ("could_not_check", "LISTED_KEY_COMPROMISED")


@pytest.mark.parametrize(
    ("number", "block_hash", "time", "agrees"),
    [
        (7, "0x" + "0b" * 32, ANCHORED_AT, True),
        (7, "0x" + "0c" * 32, ANCHORED_AT, False),
        (7, "0x" + "0b" * 32, ANCHORED_AT + DAY, False),
        (6, "0x" + "0c" * 32, ANCHORED_AT, True),
        (6, "0x" + "0c" * 32, ANCHORED_AT + DAY, False),
        (8, "0x" + "0c" * 32, ANCHORED_AT + DAY, True),
        (8, "0x" + "0c" * 32, ANCHORED_AT - DAY, False),
    ],
)
def test_a_back_dated_receipt_is_contradicted_by_a_checkpoint(
    *, number: int, block_hash: str, time: datetime, agrees: bool
) -> None:
    checkpoint = Checkpoint(1337, GENESIS, number, block_hash, time)
    here = watched(watching(checkpoint=checkpoint))
    paper = here.issue()
    publish_receipt(here, paper)
    wanted = ("genuine", None) if agrees else ("could_not_check", "RECEIPT_CONTRADICTED")
    assert told(offline(here, paper)) == wanted


def test_offline_a_document_without_a_status_is_not_called_genuine() -> None:
    here = watched(
        trust_list(
            institution("moeys", "openattestation"), anchor_certificates=watching().anchor_certificates
        )
    )
    plain = here.anchor({"issuers": watched().issue().raw["issuers"], "grade": "A"})
    publish_receipt(here, plain)
    assert told(here.check_document(plain.wrapped)) == ("genuine", None)
    assert told(offline(here, plain)) == ("could_not_check", "STEP_MISSING")
