"""Every outcome of a verification over faked ports, every step's every branch, and what is told first."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest

from govseal.core import envelope, jsjson
from govseal.core.errors import MalformedPdf
from govseal.core.native import AttestedFile
from govseal.core.openattestation import v2
from govseal.core.qrtext import OpenAttestationCode, UniversalAction
from govseal.core.trustlist import Certificate, Store
from govseal.core.verdict import FragmentStatus
from govseal.core.verify import Report
from support import world
from support.seals import certificate, drawn
from support.vectors import vectors
from support.world import ANCHORED_AT, NOW, SHEET, World, institution, store_of, trust_list

UNTIL = date(2026, 5, 31)
LAST_SECOND = 1_780_271_999  # 2026-05-31T23:59:59Z


def told(report: Report) -> tuple[str, str | None]:
    """Return the outcome and its reason's code; nothing is ever told twice."""
    reason, names = report.verdict.reason, [one.name for one in report.verdict.fragments]
    assert len(names) == len(set(names)), names
    return report.verdict.outcome.value, reason.code if reason else None


def statuses(report: Report) -> dict[str, str]:
    return {one.name: one.status.value for one in report.verdict.fragments}


# --- genuine ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("profile", ["compact", "offline"])
def test_a_sealed_and_anchored_document_is_genuine_by_its_code(profile: str) -> None:
    here = World()
    paper = here.issue()
    report = here.check(getattr(paper, profile))
    assert told(report) == ("genuine", None)
    assert (report.profile, report.host, report.document_id) == (profile, world.HOST, paper.id)
    assert report.issuer is not None
    assert report.issuer.names == {"en": "Ministry moeys"}
    assert report.document is not None
    assert report.document.decisive == world.DECISIVE
    assert report.page_available
    assert {one.step for one in report.verdict.fragments} == set(range(1, 10))
    assert [one.step for one in report.verdict.fragments] == sorted(
        one.step for one in report.verdict.fragments
    )


def test_a_document_in_hand_is_genuine_with_its_file_and_without() -> None:
    here = World()
    paper = here.issue()
    assert told(here.check_document(paper.wrapped)) == ("genuine", None)
    report = here.check_document(paper.wrapped, file=SHEET)
    assert told(report) == ("genuine", None)
    assert statuses(report)["AttachedFile"] == "VALID"
    assert here.site.fetched == []


def test_one_verification_asks_the_site_once_and_the_ledger_twice() -> None:
    here = World()
    here.check(here.issue().compact)
    assert len(here.site.fetched) == 1
    assert here.ledger.asked == [1, 3]


def test_a_report_never_holds_the_secret_or_the_seal() -> None:
    here = World()
    paper = here.issue()
    report = here.check(paper.offline)
    text = repr(report) + jsjson.dumps(report.as_json())
    block = paper.raw["govseal"]
    assert paper.secret.hex() not in text
    assert repr(paper.secret) not in text
    assert block["seal"] not in text
    assert report.document is not None
    assert report.document.data["govseal"]["id"] == paper.id


# --- step 1 and 2 -------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["", "hello", "https://", "https://verify.example", "1" * 12_000])
def test_a_text_that_is_no_code_could_not_be_checked(text: str) -> None:
    here = World()
    assert told(here.check(text))[0] == "could_not_check"
    assert here.site.fetched == []


def test_a_damaged_code_of_a_listed_host_could_not_be_checked() -> None:
    here = World()
    paper = here.issue()
    for text in (
        paper.compact[:-1],
        paper.compact.replace("#1", "#7"),
        paper.offline[:-2],
        paper.compact + "x",
    ):
        assert told(here.check(text))[0] == "could_not_check"
        assert here.site.fetched == []


def test_a_code_of_an_unlisted_host_is_not_recognised_and_nothing_is_fetched() -> None:
    here = World()
    text = here.issue().compact.replace(world.HOST, "verify.example.evil.example")
    report = here.check(text)
    assert told(report) == ("not_recognised", "HOST_NOT_LISTED")
    assert here.site.fetched == []
    assert report.document is None


@pytest.mark.parametrize("text", ["compact", "document", "unlisted host", "unlisted store"])
def test_a_stale_list_says_nothing_of_anybody(text: str) -> None:
    here = World(now=NOW + timedelta(days=30))
    paper = here.issue()
    if text == "document":
        report = here.check_document(paper.wrapped)
    elif text == "unlisted store":
        here.lists = [trust_list(institution("moh", "letter"))]
        report = here.check_document(paper.wrapped)
    else:
        report = here.check(paper.compact.replace("verify", "nobody") if "host" in text else paper.compact)
    assert told(report) == ("could_not_check", "TRUST_LIST_STALE")
    assert here.site.fetched == []


def test_without_any_list_nobody_is_called_unknown() -> None:
    here = World(lists=[])
    paper = here.issue()
    assert told(here.check(paper.compact)) == ("could_not_check", "TRUST_LIST_STALE")
    assert told(here.check_document(paper.wrapped)) == ("could_not_check", "TRUST_LIST_STALE")


def test_a_list_is_believed_to_its_last_moment() -> None:
    here = World(now=NOW + timedelta(days=29))
    assert told(here.check(here.issue().compact)) == ("genuine", None)


# --- step 3 -------------------------------------------------------------------------------------------


def test_an_unknown_id_is_not_found() -> None:
    here = World()
    paper = here.issue()
    here.site.objects.clear()
    report = here.check(paper.compact)
    assert told(report) == ("not_found", "ID_UNKNOWN")
    assert report.document_id == paper.id


def test_a_host_that_does_not_answer_could_not_be_checked() -> None:
    here = World()
    paper = here.issue()
    here.site.away = True
    assert told(here.check(paper.compact)) == ("could_not_check", "FETCH_FAILED")


def test_a_damaged_or_exchanged_ciphertext_could_not_be_checked() -> None:
    here = World()
    paper, other = here.issue(), here.issue("other")
    place = (world.HOST, f"d/{paper.id}")
    whole = here.site.objects[place]
    for damaged in (
        whole[:-1],
        whole[:-1] + bytes([whole[-1] ^ 1]),
        b"",
        here.site.objects[world.HOST, f"d/{other.id}"],
    ):
        here.site.objects[place] = damaged
        assert told(here.check(paper.compact))[0] == "could_not_check"


def test_a_document_under_an_access_code_says_that_one_is_needed() -> None:
    here = World()
    paper = here.issue()
    place = (world.HOST, f"d/{paper.id}")
    whole = here.site.objects[place]
    here.site.objects[place] = bytes([whole[0] | 0x10]) + whole[1:]
    assert told(here.check(paper.compact)) == ("could_not_check", "ACCESS_CODE_NEEDED")


@pytest.mark.parametrize("body", [b"", b"{", b'{"a":1,"a":2}', b"[" * 10_000, b"\xff"])
def test_a_published_body_that_is_no_json_could_not_be_checked(body: bytes) -> None:
    here = World()
    paper = here.issue()
    here.publish(paper, body=body)
    assert told(here.check(paper.compact))[0] == "could_not_check"


# --- step 4 -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("document", [None, [], "text", 7, {}, {"data": {}}])
def test_what_is_no_attested_document_is_refused(document: Any) -> None:
    assert told(World().check_document(document)) == ("altered", "NOT_WRAPPED")


def test_a_root_that_no_ledger_can_hold_is_invalid() -> None:
    here = World()
    wrapped = world.reseal(here.issue().raw, here.new_uuid)
    for name in ("targetHash", "merkleRoot"):
        wrapped["signature"][name] = wrapped["signature"][name] + "0"
    assert told(here.check_document(wrapped))[0] == "altered"
    assert here.ledger.asked == []


def test_another_genuine_document_behind_a_code_is_altered() -> None:
    here = World()
    paper, other = here.issue(), here.issue("other")
    here.publish(paper, other.wrapped)
    assert told(here.check(paper.compact)) == ("altered", "ID_MISMATCH")


def test_an_unsealed_document_behind_a_code_of_ours_is_altered() -> None:
    here = World(lists=[trust_list(institution("moeys", "diploma", "openattestation"))])
    plain = here.anchor({"issuers": here.issue().raw["issuers"], "grade": "A"}, drawn("secret paper", 16))
    assert told(here.check(plain.compact)) == ("altered", "ID_MISMATCH")


# --- step 5 and 6 -------------------------------------------------------------------------------------


def test_a_root_that_the_store_does_not_hold_is_not_found() -> None:
    here = World()
    paper = here.issue()
    here.ledger.issued.clear()
    assert told(here.check(paper.compact)) == ("not_found", "ROOT_NOT_ISSUED")
    assert told(here.check_document(paper.wrapped)) == ("not_found", "ROOT_NOT_ISSUED")


@pytest.mark.parametrize("what", ["document", "inner node", "root"])
def test_whatever_is_revoked_on_its_path_revokes_a_document(what: str) -> None:
    here = World()
    paper = here.issue()
    nodes = {"document": paper.target, "inner node": world.inner_node(paper), "root": paper.root}
    assert len(set(nodes.values())) == len(nodes)
    here.ledger.revoke(nodes[what])
    assert told(here.check(paper.compact)) == ("revoked", "REVOKED")
    assert told(here.check_document(paper.wrapped)) == ("revoked", "REVOKED")


def test_the_revocation_of_a_sibling_revokes_nobody_else() -> None:
    here = World()
    paper = here.issue()
    here.ledger.revoke(bytes.fromhex(paper.wrapped["signature"]["proof"][0]))
    assert told(here.check(paper.compact)) == ("genuine", None)


def test_revoked_is_told_before_expired_and_both_before_not_found() -> None:
    here = World()
    paper = here.issue(valid_until=UNTIL, seal_changes={"expires_at": LAST_SECOND})
    assert told(here.check(paper.compact)) == ("expired", "EXPIRED")
    here.ledger.issued.clear()
    assert told(here.check(paper.compact)) == ("expired", "EXPIRED")
    here.ledger.revoke(paper.target)
    assert told(here.check(paper.compact)) == ("revoked", "REVOKED")


@pytest.mark.parametrize(
    ("moment", "outcome"),
    [
        (datetime(2026, 5, 31, 23, 59, 59, 999_999, tzinfo=UTC), "genuine"),
        (datetime(2026, 6, 1, tzinfo=UTC), "expired"),
    ],
)
@pytest.mark.parametrize("offset", [-11, 0, 7, 9])
def test_a_document_expires_with_its_last_second_utc_whatever_the_clock_s_zone(
    moment: datetime, outcome: str, offset: int
) -> None:
    here = World(now=moment.astimezone(timezone(timedelta(hours=offset))))
    paper = here.issue(valid_until=UNTIL, seal_changes={"expires_at": LAST_SECOND})
    for report in (here.check(paper.compact), here.check(paper.offline), here.check_document(paper.wrapped)):
        assert report.verdict.outcome == outcome
        assert [one.name for one in report.verdict.fragments].count("Expiry") == 1


def test_an_offline_code_tells_its_expiry_while_its_host_is_away() -> None:
    here = World()
    paper = here.issue(valid_until=UNTIL, seal_changes={"expires_at": LAST_SECOND})
    here.site.away = True
    assert told(here.check(paper.offline)) == ("expired", "EXPIRED")


# --- while the ledger is away -------------------------------------------------------------------------


def test_a_genuine_document_could_not_be_checked_while_the_ledger_is_away() -> None:
    here = World()
    paper = here.issue()
    here.ledger.away = True
    report = here.check(paper.compact)
    assert told(report) == ("could_not_check", "LEDGER_UNAVAILABLE")
    assert statuses(report)["Seal"] == "VALID"
    assert FragmentStatus.INVALID not in {one.status for one in report.verdict.fragments}


def test_what_is_false_is_told_even_while_the_ledger_is_away() -> None:
    here = World()
    paper = here.issue()
    mismatched = here.issue(
        "mismatched", seal_changes={"fields": {"name": "another", "grade": "A", "score": 412}}
    )
    foreign = here.issue("foreign", by="moh")
    here.ledger.away = True
    altered = jsjson.parse(jsjson.dumps(paper.wrapped).replace("with honours", "with HONOURS"))
    here.publish(paper, altered)
    assert told(here.check(paper.compact)) == ("altered", "DOCUMENT_TAMPERED")
    assert told(here.check(mismatched.compact)) == ("altered", "SEAL_MISMATCH")
    assert told(here.check(foreign.compact)) == ("not_recognised", "TYPE_NOT_ALLOWED")


# --- step 7 -------------------------------------------------------------------------------------------


def listed(**changes: Any) -> World:
    """A world whose ministry is listed with changes."""
    return World(lists=[trust_list(institution("moeys", **changes))])


def dated(**dates: datetime) -> tuple[Certificate, ...]:
    return (Certificate.from_der(certificate("moeys"), **dates),)


def test_a_key_counts_by_the_anchor_s_time_and_not_by_today() -> None:
    here = listed(certificates=dated(retired_at=ANCHORED_AT + timedelta(seconds=1)))
    assert told(here.check(here.issue().compact)) == ("genuine", None)


def test_a_key_that_was_retired_when_the_document_was_anchored_is_refused() -> None:
    here = listed(certificates=dated(retired_at=ANCHORED_AT))
    assert told(here.check(here.issue().compact)) == ("not_recognised", "KEY_NOT_VALID_THEN")


@pytest.mark.parametrize("at", [datetime(2025, 12, 31, tzinfo=UTC), datetime(2036, 1, 2, tzinfo=UTC)])
def test_a_key_outside_its_certificate_s_validity_at_the_anchor_is_refused(at: datetime) -> None:
    here = World()
    paper = here.issue()
    here.ledger.issued[store_of("moeys").key, paper.root] = at
    assert told(here.check(paper.compact)) == ("not_recognised", "KEY_NOT_VALID_THEN")


@pytest.mark.parametrize(
    ("seconds", "outcome"), [(1, "genuine"), (0, "could_not_check"), (-1, "could_not_check")]
)
@pytest.mark.parametrize("whose", ["seal key", "ledger key"])
def test_a_stolen_key_is_believed_only_for_what_was_anchored_before(
    seconds: int, outcome: str, whose: str
) -> None:
    stolen = ANCHORED_AT + timedelta(seconds=seconds)
    if whose == "seal key":
        here = listed(certificates=dated(compromised_at=stolen))
    else:
        here = listed(stores=(Store(store_of("moeys"), compromised_at=stolen),))
    report = here.check(here.issue().compact)
    assert report.verdict.outcome == outcome
    assert told(report)[1] == (None if outcome == "genuine" else "KEY_COMPROMISED")


@pytest.mark.parametrize(("seconds", "outcome"), [(1, "genuine"), (0, "not_recognised")])
def test_a_store_counts_until_it_is_retired(seconds: int, outcome: str) -> None:
    retired = ANCHORED_AT + timedelta(seconds=seconds)
    here = listed(stores=(Store(store_of("moeys"), retired_at=retired),))
    assert here.check(here.issue().compact).verdict.outcome == outcome


def test_every_certificate_of_a_key_id_is_tried() -> None:
    right = Certificate.from_der(certificate("moeys"))

    class SameId(Certificate):
        """Another institution's certificate whose key id collides."""

        @property
        def kid(self) -> bytes:
            return right.kid

    other = SameId(certificate("moh"), right.not_before, right.not_after)
    here = listed(certificates=(other, right))
    assert told(here.check(here.issue().compact)) == ("genuine", None)


# --- documents without a seal -------------------------------------------------------------------------


def unsealed(here: World, **members: Any) -> world.Paper:
    issuers = [
        {
            "name": "Ministry moeys",
            "documentStore": store_of("moeys").address,
            "identityProof": {"type": "DNS-TXT", "location": "moeys.example"},
        }
    ]
    return here.anchor({"issuers": issuers, "grade": "A", **members})


def test_an_institution_listed_for_unsealed_documents_may_issue_them() -> None:
    here = World(lists=[trust_list(institution("moeys", "openattestation"))])
    paper = unsealed(here)
    report = here.check_document(paper.wrapped)
    assert told(report) == ("genuine", None)
    assert statuses(report)["Seal"] == "SKIPPED"
    assert report.document is not None
    assert report.document.data["grade"] == "A"
    hidden = v2.obfuscate(paper.wrapped, ["grade"])
    assert told(here.check_document(hidden)) == ("genuine", None)


def test_codes_of_the_old_form_lead_to_unsealed_documents() -> None:
    here = World(lists=[trust_list(institution("moeys", "openattestation"))])
    paper = unsealed(here)
    key = "4f" * 32
    sealed = envelope.oa_encrypt(jsjson.dumps(paper.wrapped), key, bytes(12))
    here.site.objects[world.HOST, "d/A-1"] = jsjson.dumps({"document": sealed}).encode()
    here.site.objects[world.HOST, "documents/A-2"] = jsjson.dumps(sealed).encode()
    here.site.objects[world.HOST, "plain"] = jsjson.dumps(paper.wrapped).encode()
    for code in (
        OpenAttestationCode(world.HOST, "A-1", key),
        UniversalAction(world.HOST, f"https://{world.HOST}/documents/A-2", ("VIEW",), None, key),
        UniversalAction(world.HOST, f"https://{world.HOST}/plain"),
    ):
        assert told(here.check(code.text)) == ("genuine", None)
    assert told(here.check(OpenAttestationCode(world.HOST, "A-1", "5e" * 32).text)) == (
        "could_not_check",
        "DECRYPTION_FAILED",
    )
    assert told(here.check(OpenAttestationCode(world.HOST, "A-9", key).text)) == ("not_found", "ID_UNKNOWN")


def version_3() -> dict[str, Any]:
    """Return a genuine document of OpenAttestation's version 3, as npm makes it."""
    cases = vectors("openattestation")["documents"]
    return next(
        one["document"]
        for one in cases
        if one["integrity"] == "VALID" and str(one["document"].get("version")).endswith("3.0/schema.json")
    )


def test_a_document_of_version_3_is_recognised_by_its_store() -> None:
    document = version_3()
    method = document["openAttestationMetadata"]["proof"]
    store = Store(replace(store_of("moeys"), address=method["value"]))
    here = World(lists=[trust_list(institution("moeys", "openattestation", stores=(store,)))])
    assert told(here.check_document(document)) == ("not_found", "ROOT_NOT_ISSUED")
    here.ledger.issued[store.ref.key, bytes.fromhex(document["proof"]["merkleRoot"])] = ANCHORED_AT
    assert told(here.check_document(document)) == ("genuine", None)
    assert told(World().check_document(document)) == ("not_recognised", "STORE_NOT_LISTED")


def test_a_document_that_only_a_did_signed_stands_in_no_store() -> None:
    cases = vectors("openattestation")["documents"]
    signed = next(one["document"] for one in cases if one["name"] == "signed by a DID")
    assert told(World().check_document(signed)) == ("not_recognised", "STORE_NOT_LISTED")


# --- step 9 -------------------------------------------------------------------------------------------


def test_a_file_that_was_saved_again_is_compared_and_not_called_altered() -> None:
    here = World()
    paper = here.issue()
    for other in (SHEET[:-1], SHEET.replace(b"the", b"The"), b"", SHEET[1:]):
        assert told(here.check_document(paper.wrapped, file=other)) == (
            "could_not_check",
            "FILE_NOT_THE_ORIGINAL",
        )
        assert told(here.check(paper.compact, file=other)) == ("could_not_check", "FILE_NOT_THE_ORIGINAL")


def test_a_released_file_is_the_original_with_its_attachment_and_nothing_else() -> None:
    here = World()
    paper = here.issue()

    def extend(original: bytes) -> bytes:
        return original + b" and the attested JSON"

    def check(file: bytes) -> str:
        return told(here.check_document(paper.wrapped, file=file, extend=extend))[0]

    assert check(SHEET) == "genuine"
    assert check(extend(SHEET)) == "genuine"
    assert check(extend(SHEET) + b" and a page that covers the first") == "could_not_check"
    assert check(SHEET + b" and a page that covers the first") == "could_not_check"
    assert told(here.check(paper.compact, file=extend(SHEET)))[0] == "could_not_check"


def test_a_file_that_cannot_have_been_extended_is_not_the_released_one() -> None:
    here = World()
    paper = here.issue()

    def extend(original: bytes) -> bytes:
        raise MalformedPdf("not a PDF")

    assert told(here.check_document(paper.wrapped, file=SHEET + b"x", extend=extend))[0] == "could_not_check"
    assert told(here.check_document(paper.wrapped, file=SHEET, extend=extend))[0] == "genuine"


def test_an_empty_file_attests_nothing_about_another() -> None:
    here = World()
    empty = AttestedFile(
        "empty.txt", "text/plain", 0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    )
    paper = here.issue(files=[empty])
    assert told(here.check_document(paper.wrapped, file=SHEET)) == (
        "could_not_check",
        "FILE_NOT_THE_ORIGINAL",
    )
