"""Attacks on a verification, each kept for good: who tries what, and what the person is told instead of *genuine*."""

import copy
import hashlib
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from govseal.core import envelope, jsjson, merkle, native, seal
from govseal.core.native import AttestedFile
from govseal.core.openattestation import v2
from govseal.core.qrtext import CompactCode, OfflineCode, OpenAttestationCode, UniversalAction
from govseal.core.secret import document_key
from govseal.core.trustlist import Certificate, Store
from govseal.core.verify import Report
from support import world
from support.seals import certificate, drawn, signer
from support.world import HOST, SHEET, World, institution, store_of, trust_list

SECRET = drawn("secret paper", 16)


def told(report: Report) -> tuple[str, str | None]:
    """Return the outcome and its reason's code; nothing is ever told both ways."""
    reason, names = report.verdict.reason, [one.name for one in report.verdict.fragments]
    assert len(names) == len(set(names)), names
    return report.verdict.outcome.value, reason.code if reason else None


# --- somebody else's authority ------------------------------------------------------------------------


def test_a_genuine_document_pointed_at_another_institution_s_store() -> None:
    here = World()
    wrapped = copy.deepcopy(here.issue().wrapped)
    issuer = wrapped["data"]["issuers"][0]
    salt = issuer["documentStore"].partition(":")[0]
    issuer["documentStore"] = f"{salt}:string:{store_of('moh').address}"
    assert told(here.check_document(wrapped)) == ("altered", "DOCUMENT_TAMPERED")


def test_an_insider_of_another_institution_anchors_a_copy_in_his_own_store() -> None:
    here = World(lists=[trust_list(institution("moeys"), institution("moh", "diploma"))])
    paper = here.issue()
    raw = copy.deepcopy(paper.raw)
    raw["issuers"][0]["documentStore"] = store_of("moh").address
    copied = here.anchor(raw, SECRET, paper.seal, by="moh")
    for report in (
        here.check(copied.compact),
        here.check(copied.offline),
        here.check_document(copied.wrapped),
    ):
        assert told(report) == ("not_recognised", "ISSUER_MISMATCH")


def test_an_insider_of_another_institution_seals_in_its_name_with_his_own_key() -> None:
    here = World(lists=[trust_list(institution("moeys"), institution("moh", "diploma"))])
    sealed = here.sealed(SECRET, by="moh", issuer="KH/moeys")
    paper = here.anchor(here.raw(SECRET, sealed), SECRET, sealed)
    assert told(here.check(paper.compact)) == ("not_recognised", "KEY_NOT_LISTED")
    assert told(here.check(paper.offline)) == ("not_recognised", "KEY_NOT_LISTED")


def test_a_seal_of_another_institution_s_key_under_the_same_key_id() -> None:
    here = World()
    sealed = here.sealed(SECRET, by="moh", issuer="KH/moeys", kid_of="moeys")
    paper = here.anchor(here.raw(SECRET, sealed), SECRET, sealed)
    assert told(here.check(paper.compact)) == ("altered", "SEAL_SIGNATURE")
    assert told(here.check(paper.offline)) == ("altered", "SEAL_SIGNATURE")


def test_a_document_whose_type_the_issuer_may_not_issue() -> None:
    here = World()
    paper = here.issue(type="licence", seal_changes={"type": "licence"})
    assert told(here.check(paper.compact)) == ("not_recognised", "TYPE_NOT_ALLOWED")
    assert told(here.check_document(paper.wrapped)) == ("not_recognised", "TYPE_NOT_ALLOWED")


def test_an_issuer_that_is_on_no_list() -> None:
    here = World()
    sealed = here.sealed(SECRET, issuer="KH/nobody")
    paper = here.anchor(here.raw(SECRET, sealed, issuer="KH/nobody"), SECRET, sealed)
    assert told(here.check(paper.offline)) == ("not_recognised", "ISSUER_NOT_LISTED")
    assert here.site.fetched == []
    assert told(here.check(paper.compact)) == ("not_recognised", "ISSUER_MISMATCH")


def test_an_institution_of_the_same_code_in_another_country() -> None:
    here = World()
    sealed = here.sealed(SECRET, issuer="LA/moeys")
    paper = here.anchor(here.raw(SECRET, sealed, issuer="LA/moeys"), SECRET, sealed)
    assert told(here.check(paper.compact)) == ("not_recognised", "ISSUER_MISMATCH")


def test_a_thief_of_the_ledger_key_alone_issues_without_a_seal() -> None:
    """No seal, so no seal key: only an institution listed for unsealed documents may do that."""
    here = World()
    forged = here.anchor({"issuers": here.issue().raw["issuers"], "name": "Mallory", "grade": "A"})
    assert told(here.check_document(forged.wrapped)) == ("not_recognised", "UNSEALED_NOT_ALLOWED")


def test_a_thief_of_the_ledger_key_alone_reuses_a_genuine_seal() -> None:
    here = World()
    paper = here.issue()
    for change in (
        {"fields": {**world.FIELDS, "grade": "A+"}},
        {"status_index": 10},
        {"valid_until": here.now.date()},
    ):
        forged = here.anchor(here.raw(SECRET, paper.seal, **change), SECRET, paper.seal)
        assert told(here.check(forged.compact)) == ("altered", "SEAL_MISMATCH")
        assert told(here.check(forged.offline)) == ("altered", "SEAL_MISMATCH")
        assert told(here.check_document(forged.wrapped)) == ("altered", "SEAL_MISMATCH")


def test_a_thief_of_the_seal_key_alone_can_anchor_nothing() -> None:
    here = World()
    sealed = here.sealed(SECRET)
    forged = world.Paper(SECRET, {}, world.reseal(here.raw(SECRET, sealed), here.new_uuid), sealed)
    here.publish(forged)
    assert told(here.check(forged.offline)) == ("not_found", "ROOT_NOT_ISSUED")


# --- the seal -----------------------------------------------------------------------------------------


def test_the_seal_of_another_document() -> None:
    here = World()
    other = here.issue("other")
    raw = copy.deepcopy(here.issue().raw)
    raw["govseal"]["seal"] = other.raw["govseal"]["seal"]
    forged = here.anchor(raw, SECRET)
    assert told(here.check(forged.compact)) == ("altered", "ID_MISMATCH")
    assert told(here.check_document(forged.wrapped)) == ("altered", "ID_MISMATCH")


def test_the_twin_of_a_signature_neither_breaks_a_seal_nor_makes_another_document() -> None:
    here = World()
    paper = here.issue()
    twin = world.twin(paper.seal)
    assert twin != paper.seal
    report = here.check(OfflineCode(HOST, twin).text)
    assert told(report) == ("genuine", None)
    assert report.document_id == paper.id
    here.ledger.revoke(paper.target)
    assert told(here.check(OfflineCode(HOST, twin).text)) == ("revoked", "REVOKED")


@pytest.mark.parametrize(
    "change",
    [
        {"fields": {"name": "Mallory", "grade": "A", "score": 412}},
        {"fields": {"name": world.FIELDS["name"], "grade": "A", "score": 413}},
        {"expires_at": 1_900_000_000},
        {"status_index": 1},
        {"type": "letter"},
        {"secret": drawn("another", 16)},
        {"page": (1, 2)},
    ],
)
@pytest.mark.parametrize("host", ["answers", "is away"])
def test_an_offline_code_whose_seal_was_changed_is_told_without_asking_anybody(
    change: dict[str, Any], host: str
) -> None:
    here = World()
    paper = here.issue()
    here.site.away = host == "is away"
    genuine = seal.read(paper.seal)
    changed = seal.sign(
        replace(genuine.claims, **change), kid=genuine.kid, signer=lambda _message: genuine.signature
    )
    assert told(here.check(OfflineCode(HOST, changed).text)) == ("altered", "SEAL_SIGNATURE")
    assert here.site.fetched == []


def test_a_genuine_offline_code_whose_document_was_replaced_under_the_same_id() -> None:
    here = World()
    paper = here.issue()
    newer = here.issue(
        fields={**world.FIELDS, "grade": "F"},
        seal_changes={"fields": {"name": world.FIELDS["name"], "grade": "F", "score": 412}},
    )
    assert newer.id == paper.id
    assert told(here.check(newer.offline)) == ("genuine", None)
    assert told(here.check(paper.offline)) == ("altered", "SEAL_MISMATCH")


def test_a_second_seal_of_the_same_claims_by_an_older_key_of_the_issuer() -> None:
    """The date of the document's own key was judged, and of no other."""
    stolen = Certificate.from_der(
        certificate("moeys old"), compromised_at=world.ANCHORED_AT - timedelta(days=9)
    )
    current = Certificate.from_der(certificate("moeys"))
    here = World(lists=[trust_list(institution("moeys", certificates=(current, stolen)))])
    paper = here.issue()
    forged = seal.sign(
        seal.read(paper.seal).claims, kid=seal.key_id(certificate("moeys old")), signer=signer("moeys old")
    )
    assert told(here.check(OfflineCode(HOST, forged).text)) == ("altered", "SEAL_MISMATCH")


# --- hiding -------------------------------------------------------------------------------------------


def test_a_sheet_that_hides_a_decisive_field() -> None:
    here = World()
    paper = here.issue()
    hidden = v2.obfuscate(paper.wrapped, ["fields.grade"])
    here.publish(paper, hidden)
    assert told(here.check(paper.compact)) == ("altered", "SEAL_MISMATCH")
    assert told(here.check_document(hidden)) == ("altered", "SEAL_MISMATCH")


def test_a_sheet_that_hides_another_field_or_its_labels_is_still_genuine() -> None:
    here = World()
    paper = here.issue(labels={"remark": {"en": "Remark"}})
    hidden = v2.obfuscate(paper.wrapped, ["fields.remark", "labels"])
    assert told(here.check_document(hidden)) == ("genuine", None)


@pytest.mark.parametrize(
    "member",
    [
        "issuers",
        "number",
        "issued",
        "files",
        "govseal.id",
        "govseal.status",
        "govseal.seal",
        "govseal.type",
        "govseal.issuer",
    ],
)
def test_a_sheet_that_hides_what_must_be_visible(member: str) -> None:
    here = World()
    hidden = v2.obfuscate(here.issue().wrapped, [member])
    assert told(here.check_document(hidden))[0] == "altered"


def test_a_holder_who_hides_the_expiry() -> None:
    here = World()
    ended = {"valid_until": here.now.date() - timedelta(days=1)}
    paper = here.issue(**ended, seal_changes={"expires_at": native.expires_at(ended["valid_until"])})
    assert told(here.check_document(paper.wrapped)) == ("expired", "EXPIRED")
    hidden = v2.obfuscate(paper.wrapped, ["govseal.validUntil"])
    assert told(here.check_document(hidden)) == ("altered", "SEAL_MISMATCH")


def test_a_holder_who_hides_the_whole_seal_of_an_institution_that_also_issues_unsealed_documents() -> None:
    """Nobody can tell what was hidden, so it is neither genuine nor false."""
    here = World(lists=[trust_list(institution("moeys", "diploma", "openattestation"))])
    paper = here.issue()
    stripped = v2.obfuscate(paper.wrapped, ["govseal"])
    assert told(here.check_document(stripped)) == ("could_not_check", "UNSEALED_NOT_ALLOWED")
    plain = here.anchor({"issuers": paper.raw["issuers"], "grade": "A"})
    assert told(here.check_document(plain.wrapped)) == ("genuine", None), "nothing is hidden in it"
    only_sealed = World(lists=[trust_list()])
    only_sealed.ledger = here.ledger
    assert told(only_sealed.check_document(stripped)) == ("not_recognised", "UNSEALED_NOT_ALLOWED")


def test_a_member_that_this_version_does_not_know_is_refused_and_not_passed_over() -> None:
    here = World()
    raw = {**here.issue().raw, "supersedes": "everything"}
    assert told(here.check_document(here.anchor(raw).wrapped)) == ("altered", "MALFORMED_DOCUMENT")


def test_two_issuers_in_one_document() -> None:
    here = World()
    raw = copy.deepcopy(here.issue().raw)
    raw["issuers"].append(raw["issuers"][0])
    assert told(here.check_document(here.anchor(raw).wrapped)) == ("not_recognised", "STORE_NOT_LISTED")


def test_content_that_can_be_shown_in_two_ways() -> None:
    here = World()
    wrapped = copy.deepcopy(here.issue().wrapped)
    wrapped["data"][""] = {"number": wrapped["data"]["number"]}
    assert told(here.check_document(wrapped))[0] == "altered"


# --- hosts --------------------------------------------------------------------------------------------


def test_a_code_of_one_country_s_host_for_a_document_of_another_s_institution() -> None:
    theirs = trust_list(institution("moh", "diploma"), country="LA", hosts=("verify.la",))
    here = World(lists=[trust_list(institution("moeys")), theirs])
    sealed = here.sealed(SECRET, by="moh", issuer="LA/moh")
    raw = here.raw(SECRET, sealed, by="moh", issuer="LA/moh")
    at_home = here.anchor(raw, SECRET, sealed, by="moh", host="verify.la")
    assert told(here.check(at_home.compact)) == ("genuine", None)
    abroad = here.anchor(raw, SECRET, sealed, by="moh")
    assert told(here.check(abroad.compact)) == ("not_recognised", "STORE_NOT_LISTED")
    assert told(here.check(abroad.offline)) == ("not_recognised", "ISSUER_NOT_LISTED")


LOOKALIKES = [
    "https://VERIFY.EXAMPLE/s#",
    "https://Verify.example/s#",
    "https://verify.example:443/s#",
    "https://verify.example:8443/s#",
    "https://verify.example@evil.example/s#",
    "https://user@verify.example/s#",
    "https://verify.example./s#",
    "https://xn--verfy-0pa.example/s#",
    "https://vеrify.example/s#",  # a Cyrillic е
    "https://ｖerify.example/s#",
    "https://verify。example/s#",
    "https://verify.example℀/s#",
    "https://verify.example.evil.example/s#",
    "https://evil-verify.example/s#",
    "https://evil.example/https://verify.example/s#",
    "https://evil.example\\@verify.example/s#",
    "https://[::1]/s#",
    "https://127.0.0.1/s#",
    "http://verify.example/s#",
    "http://localhost:8080/s#",
]


@pytest.mark.parametrize("prefix", LOOKALIKES)
@pytest.mark.parametrize("profile", ["compact", "offline"])
def test_a_host_that_only_looks_like_a_listed_one(prefix: str, profile: str) -> None:
    here = World()
    paper = here.issue()
    digits = getattr(paper, profile).partition("#")[2]
    report = here.check(prefix + digits)
    assert told(report) == ("not_recognised", "HOST_NOT_LISTED")
    assert here.site.fetched == []
    assert report.issuer is None


@pytest.mark.parametrize(
    "text",
    [
        "https://verify.example/s#{}?x=1",
        "https://verify.example/s?x#{}",
        "https://verify.example/S#{}",
        "https://verify.example//s#{}",
        "https://verify.example/../s#{}",
        "https://verify.example\\s#{}",
        "HTTPS://verify.example/s#{}",
        "https://verify.example/s#{}\n",
        "https://verify.example/s#\u0661{}",
    ],
)
def test_a_link_to_a_listed_host_that_people_and_software_may_read_differently(text: str) -> None:
    here = World()
    digits = here.issue().compact.partition("#")[2]
    assert told(here.check(text.format(digits)))[0] == "could_not_check"
    assert here.site.fetched == []


def test_a_universal_action_that_leads_elsewhere_fetches_nothing() -> None:
    here = World()
    for uri in (
        "https://evil.example/d/1",
        "https://VERIFY.EXAMPLE/d/1",
        "https://verify.example@evil.example/d/1",
        "https://verify.example:8443/d/1",
        "http://verify.example/d/1",
        "http://169.254.169.254/latest/meta-data",
        "https://[",
        "https://?",
    ):
        report = here.check(UniversalAction(HOST, uri, ("VIEW",), "https://evil.example", "4f" * 32).text)
        assert told(report) == ("not_recognised", "HOST_NOT_LISTED"), uri
    assert here.site.fetched == []


def test_a_universal_action_to_another_host_of_the_same_list_is_followed_and_of_another_list_is_not() -> None:
    theirs = trust_list(institution("moh", "letter"), country="LA", hosts=("verify.la",))
    here = World(
        lists=[trust_list(institution("moeys", "openattestation"), hosts=(HOST, "files.example")), theirs]
    )
    paper = here.anchor({"issuers": here.issue().raw["issuers"], "grade": "A"})
    for host in ("files.example", "verify.la"):
        here.site.objects[host, "a"] = jsjson.dumps(paper.wrapped).encode()
    assert told(here.check(UniversalAction(HOST, "https://files.example/a").text)) == ("genuine", None)
    assert told(here.check(UniversalAction(HOST, "https://verify.la/a").text)) == (
        "not_recognised",
        "HOST_NOT_LISTED",
    )
    assert here.site.fetched == [("files.example", "a")]


@pytest.mark.parametrize("rest", ["?id=1", "#x", "\\..\\x"])
def test_a_universal_action_whose_address_is_more_than_a_path_is_not_guessed_at(rest: str) -> None:
    here = World()
    report = here.check(UniversalAction(HOST, f"https://{HOST}/d/1{rest}").text)
    assert told(report)[0] == "could_not_check"
    assert here.site.fetched == []


# --- two authorities ----------------------------------------------------------------------------------


def test_two_lists_that_speak_for_one_host() -> None:
    here = World(lists=[trust_list(), trust_list(institution("moh", "letter"), country="LA")])
    assert told(here.check(here.issue().compact)) == ("could_not_check", "AMBIGUOUS_TRUST_LIST")
    assert here.site.fetched == []


def test_two_lists_that_name_one_store() -> None:
    thief = institution("thief", "diploma", stores=(Store(store_of("moeys")),))
    here = World(lists=[trust_list(), trust_list(thief, country="LA", hosts=("verify.la",))])
    paper = here.issue()
    assert told(here.check_document(paper.wrapped)) == ("could_not_check", "AMBIGUOUS_TRUST_LIST")
    assert told(here.check(paper.compact)) == ("genuine", None), "a code is its host's list to judge"


def test_two_institutions_that_name_one_address_on_two_chains() -> None:
    elsewhere = replace(store_of("moeys"), chain_id=95)
    thief = institution("thief", "diploma", stores=(Store(elsewhere),))
    here = World(lists=[trust_list(institution("moeys"), thief)])
    paper = here.issue()
    assert told(here.check_document(paper.wrapped)) == ("could_not_check", "AMBIGUOUS_TRUST_LIST")
    assert told(here.check(paper.compact)) == ("could_not_check", "AMBIGUOUS_TRUST_LIST")


def test_an_address_written_in_other_capitals_is_the_same_store() -> None:
    here = World()
    sealed = here.sealed(SECRET)
    upper = "0x" + store_of("moeys").address[2:].upper()
    paper = here.anchor(here.raw(SECRET, sealed, document_store=upper), SECRET, sealed)
    assert told(here.check(paper.compact)) == ("genuine", None)


# --- hostile sizes ------------------------------------------------------------------------------------


def test_a_proof_of_fifteen_thousand_hashes_asks_the_ledger_nothing() -> None:
    here = World()
    paper = here.issue()
    siblings = [drawn(f"sibling {n}", 32) for n in range(15_000)]
    forged = copy.deepcopy(paper.wrapped)
    forged["signature"]["proof"] = [one.hex() for one in siblings]
    forged["signature"]["merkleRoot"] = merkle.fold(paper.target, siblings).hex()
    assert told(here.check_document(forged)) == ("could_not_check", "TOO_LARGE")
    here.publish(paper, forged)
    assert told(here.check(paper.compact))[0] == "could_not_check"
    assert here.ledger.asked == []


@pytest.mark.parametrize(("siblings", "outcome"), [(64, "genuine"), (65, "could_not_check")])
def test_a_proof_is_followed_as_far_as_any_tree_could_be_deep(siblings: int, outcome: str) -> None:
    here = World()
    paper = here.issue()
    deep = copy.deepcopy(paper.wrapped)
    proof = [drawn(f"sibling {number}", 32) for number in range(siblings)]
    root = merkle.fold(paper.target, proof)
    deep["signature"] |= {"proof": [one.hex() for one in proof], "merkleRoot": root.hex()}
    here.ledger.issued[store_of("moeys").key, root] = world.ANCHORED_AT
    assert told(here.check_document(deep))[0] == outcome


def test_an_envelope_that_inflates_without_end() -> None:
    here = World()
    paper = here.issue()
    here.site.objects[HOST, f"d/{paper.id}"] = envelope.seal(
        bytes(40 << 20), key=document_key(paper.secret), document_id=paper.id, nonce=bytes(12)
    )
    assert told(here.check(paper.compact)) == ("could_not_check", "TOO_LARGE")


@pytest.mark.parametrize(
    "document",
    [
        {"version": "https://schema.openattestation.com/2.0/schema.json", "data": None, "signature": {}},
        {"data": {"issuers": [None]}, "signature": {"type": "SHA3MerkleProof"}},
        {"data": {"issuers": [{}] * 50_000}},
        {"data": {"a": [[[[[]]]]] * 10_000}, "signature": []},
        {"privacy": 1, "data": [], "signature": "x", "proof": [1]},
    ],
)
def test_hostile_documents_are_refused_and_never_raise(document: Any) -> None:
    assert told(World().check_document(document))[0] == "altered"


def test_a_code_longer_than_any_symbol_is_not_read() -> None:
    here = World()
    assert told(here.check(f"https://{HOST}/s#2" + "0" * 2_000_000)) == ("could_not_check", "TOO_LARGE")
    report = here.check("https://" + "a" * 2_000_000 + "/s#1")
    assert told(report) == ("not_recognised", "HOST_NOT_LISTED")
    assert len(report.host) <= 300


@pytest.mark.parametrize("ref", ["..%2f..%2fetc", "a%00b", "%2e%2e", "x" * 600, "a?b"])
def test_a_reference_of_the_old_form_names_no_other_object(ref: str) -> None:
    here = World()
    report = here.check(f"https://{HOST}/verify/{ref}?key={'4f' * 32}")
    assert told(report)[0] in {"could_not_check", "not_found"}
    assert all(path.startswith("d/") for _, path in here.site.fetched)


# --- the file -----------------------------------------------------------------------------------------


def test_a_false_sheet_that_carries_the_attested_json_of_a_genuine_one() -> None:
    here = World()
    paper = here.issue()
    false = b"%PDF-1.7 another sheet, with grade A"
    report = here.check_document(paper.wrapped, file=false, extend=lambda pdf: pdf + b"json")
    assert told(report) == ("could_not_check", "FILE_NOT_THE_ORIGINAL")


def test_a_sheet_of_a_document_with_several_files_is_any_of_them_whole() -> None:
    here = World()
    annex = b"the annex"
    files = [
        AttestedFile("sheet.pdf", "application/pdf", len(SHEET), hashlib.sha256(SHEET).hexdigest()),
        AttestedFile("annex.pdf", "application/pdf", len(annex), hashlib.sha256(annex).hexdigest()),
    ]
    paper = here.issue(files=files)
    assert told(here.check_document(paper.wrapped, file=annex)) == ("genuine", None)
    assert told(here.check_document(paper.wrapped, file=SHEET + annex))[0] == "could_not_check"


def test_compact_codes_of_one_secret_on_two_hosts_are_judged_each_by_its_own() -> None:
    here = World()
    paper = here.issue()
    assert told(here.check(CompactCode("verify.other", paper.secret).text))[0] == "not_recognised"
    assert told(here.check(OpenAttestationCode("verify.other", "A-1", "4f" * 32).text))[0] == "not_recognised"
