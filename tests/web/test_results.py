"""The result page without a browser: what is told of each outcome, and what may be asked for next."""

import base64
import html
import re
import time
from dataclasses import replace
from datetime import date
from urllib.parse import urlencode

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from django.utils.translation import activate, override

from govseal.core.errors import OutsideError
from govseal.core.verdict import Outcome
from govseal.project.cli import verify
from govseal.web.shared import content, outcomes, reasons
from support import reports, web
from support.asking import ENGLISH, post, result

# --- results ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("outcome", list(Outcome))
def test_each_outcome_is_told_by_its_word_sentence_icon_and_advice(client: Client, outcome: Outcome) -> None:
    body = result(client, outcome.value)
    look = outcomes.look(outcome)
    activate("en")
    assert f'<h1 id="verdict">{look.word}</h1>' in body
    assert f"tone-{look.tone}" in body
    assert str(look.sentence) in body
    for line in look.advice:
        assert str(line) in body


def test_no_two_outcomes_share_an_icon() -> None:
    icons = {outcomes.look(outcome).icon for outcome in Outcome}
    assert len(icons) == len(Outcome)


@pytest.mark.parametrize("case", ["genuine", "revoked", "suspended", "expired", "replaced"])
def test_a_document_that_an_institution_stands_behind_is_compared_with_the_paper(
    client: Client, case: str
) -> None:
    body = result(client, case)
    assert "Does the paper say exactly this?" in body
    assert "SOK Chandara" in body
    assert "Ministry of Education (demonstration)" in body
    assert "9 November 2025" in body


def test_the_kind_of_document_is_compared_with_the_paper_before_all_else(client: Client) -> None:
    body = result(client, "genuine")
    labels = re.findall(r"<dt>(.*?)</dt>", body)
    assert labels[:2] == ["Kind of document", "Name"]
    assert labels.count("Kind of document") == 1


def test_the_lines_of_a_list_stay_lines(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    document = replace(
        reports.DOCUMENT, fields={**reports.DOCUMENT.fields, "gpa": "Algebra | A\nBiology | <B>"}
    )
    monkeypatch.setitem(web.CASES, "genuine", lambda: reports.report(Outcome.GENUINE, document=document))
    body = post(client, "/verify", web.CODE + "genuine").content.decode()
    assert re.findall(r'<span class="line">(.*?)</span>', body) == ["Algebra | A", "Biology | &lt;B&gt;"]


@pytest.mark.parametrize(
    ("case", "offered"),
    [("could_not_check", True), ("not_found", True), ("unreadable", False), ("revoked", False)],
)
def test_a_check_that_may_soon_find_more_is_repeated_with_one_tap(
    client: Client, case: str, *, offered: bool
) -> None:
    advice = re.search(r'<section class="card advice".*?</section>', result(client, case), re.DOTALL)
    assert advice is not None
    assert ("Check again" in advice[0]) is offered
    assert (f'name="text" value="{web.CODE}{case}"' in advice[0]) is offered


@pytest.mark.parametrize(
    ("case", "said"), [("genuine", "You may rely on these lines."), ("revoked", "it is not valid now.")]
)
def test_a_paper_that_says_the_same_is_relied_on_only_when_it_is_valid(
    client: Client, case: str, said: str
) -> None:
    answer = re.search(r'id="same".*?</div>', result(client, case), re.DOTALL)
    assert answer is not None
    assert said in answer[0]


def test_a_date_stands_as_it_was_attested_and_in_the_readers_words(client: Client) -> None:
    assert '17 April 2003 <span class="attested">2003-04-17</span>' in result(client, "genuine")


def test_a_word_that_the_schema_fixes_is_told_in_the_readers_language() -> None:
    document = replace(reports.DOCUMENT, fields={"sex": "female"}, decisive=("sex",))
    with override("km"):
        _kind, row = content.decisive(document, "km")
        assert (row.in_words, row.value) == ("ស្រី", "female")
    with override("en"):
        _kind, row = content.decisive(document, "en")
        assert (row.in_words, row.value) == ("", "female")


def test_the_command_line_names_the_steps_as_the_pages_do() -> None:
    with override("en"):
        assert {number: str(reasons.step_title(number, "")) for number in verify.STEPS} == verify.STEPS


def test_a_printed_result_says_when_and_where_it_was_checked(client: Client) -> None:
    assert re.search(
        r"Checked on \d+ \w+ \d{4}, [\d:]+ \(UTC\+07\) at testserver\.", result(client, "revoked")
    )


@pytest.mark.parametrize("case", ["altered", "not_recognised", "not_found", "unknown_host"])
def test_content_that_nobody_stands_behind_is_not_shown(client: Client, case: str) -> None:
    body = result(client, case)
    assert "SOK Chandara" not in body
    assert "Issued by" not in body
    assert "View the original page" not in body


def test_what_could_not_be_checked_is_shown_as_unconfirmed_and_never_as_false(client: Client) -> None:
    body = result(client, "could_not_check")
    assert "This does not mean that the document is false." in body
    assert "Not confirmed" in body
    assert "Does the paper say exactly this?" not in body


def test_an_unknown_host_is_named_as_no_government_site(client: Client) -> None:
    body = result(client, "unknown_host")
    assert "This code does not lead to a government site" in body
    assert "verify-gov.example" in body
    assert "Report the fake" in body


def test_a_code_that_cannot_be_read_says_to_scan_again(client: Client) -> None:
    assert "Scan the code on the paper again" in result(client, "unreadable")


def test_the_evidence_numbers_each_step_and_names_block_root_register_and_certificate(client: Client) -> None:
    body = result(client, "genuine")
    assert re.findall(r'<li class="step-[\w ]+" value="(\d)">', body) == list("1234567789")
    for fact in ("20413", "0x" + "9c" * 32, "0x" + "7b" * 32, reports.STORE.address, "Seal 2025-1", "UTC+07"):
        assert fact in body


def test_the_evidence_dates_the_status_list_and_the_receipt(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    facts = {"status": reports.STATUS, "receipt": reports.RECEIPT}
    monkeypatch.setitem(web.CASES, "genuine", lambda: reports.report(Outcome.GENUINE, **facts))
    body = result(client, "genuine")
    assert "12 November 2025, 07:00:00 (UTC+07)" in body, "the list's"
    assert "9 November 2025, 09:42:07 (UTC+07)" in body, "the receipt's"
    assert reports.STATUS.uri in body


@pytest.mark.parametrize(
    ("language", "reason", "told"),
    [
        ("en", "error", "Revoked on 3 May 2026: it was issued in error."),
        ("en", "other", "Revoked on 3 May 2026."),
        ("en", "of_tomorrow", "Revoked on 3 May 2026."),
        ("km", "error", "ត្រូវបានដកហូតនៅថ្ងៃទី៣ ខែឧសភា ឆ្នាំ២០២៦៖ ឯកសារនេះត្រូវបានចេញដោយកំហុស។"),
    ],
)
def test_reason_and_day_of_a_revocation_are_told(
    client: Client, monkeypatch: pytest.MonkeyPatch, language: str, reason: str, told: str
) -> None:
    status = replace(reports.STATUS, state="revoked", reason=reason, since=date(2026, 5, 3))
    monkeypatch.setitem(web.CASES, "revoked", lambda: reports.report(Outcome.REVOKED, status=status))
    body = post(client, f"/verify?lang={language}", web.CODE + "revoked").content.decode()
    assert told in html.unescape(body)


def test_a_status_list_media_type_is_the_specification_s(client: Client) -> None:
    types = {path: client.get(path).headers["Content-Type"] for path in ("/status/17", "/status/17.cwt")}
    assert types == {
        "/status/17": "application/statuslist+jwt",
        "/status/17.cwt": "application/statuslist+cwt",
    }


def test_what_a_document_says_cannot_become_markup(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    document = replace(reports.DOCUMENT, fields={"holder": "<script>alert(1)</script>"})
    hostile = reports.report(Outcome.GENUINE, document=document)
    monkeypatch.setitem(web.CASES, "genuine", lambda: hostile)
    body = post(client, "/verify", web.CODE + "genuine").content.decode()
    assert "&lt;script&gt;alert(1)" in body
    assert "<script>alert" not in body


def test_a_document_of_another_system_is_shown_by_its_paths(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = {
        "issuers": [{"name": "not content"}],
        "recipient": {"name": "Anna"},
        "marks": [{"grade": 7}, {"grade": 9}],
    }
    document = replace(reports.DOCUMENT, type="", number="", issued=None, fields={}, decisive=(), data=data)
    monkeypatch.setitem(web.CASES, "genuine", lambda: reports.report(Outcome.GENUINE, document=document))
    body = result(client, "genuine")
    assert "recipient › name" in body
    assert "marks › 2 › grade" in body
    assert "not content" not in body


def test_the_parts_of_a_step_share_its_number(client: Client) -> None:
    body = result(client, "genuine")
    assert body.count("continues") == 1
    assert body.count('value="7"') == 2


# --- what the result page offers ----------------------------------------------------------------------


def test_the_original_page_comes_as_a_picture_inside_the_page(
    client: Client, verifier: web.MadeVerifier
) -> None:
    verifier.picture = b"\x89PNG made"
    body = post(client, "/verify/page", web.CODE + "genuine").content.decode()
    assert f'src="data:image/png;base64,{base64.b64encode(verifier.picture).decode()}"' in body


def test_a_document_without_a_picture_says_so(client: Client) -> None:
    body = post(client, "/verify/page", web.CODE + "genuine").content.decode()
    assert "registered no picture" in body


def test_the_original_page_is_never_behind_an_address(client: Client) -> None:
    assert client.get(f"/verify/page?text={web.CODE}genuine").headers["Location"] == "/"


def test_the_evidence_is_handed_over_as_a_file(client: Client) -> None:
    response = post(client, "/verify/evidence", web.CODE + "genuine")
    assert response.json() == {"govseal": "evidence"}
    assert "attachment" in response.headers["Content-Disposition"]


@pytest.mark.parametrize(("name", "content"), [("diploma.pdf", b"%PDF-1.7"), ("photo.bmp", b"BM")])
def test_original_page_and_evidence_are_offered_for_a_file_as_for_a_link(
    client: Client, name: str, content: bytes
) -> None:
    body = client.post("/verify", {"file": SimpleUploadedFile(name, content)}, **ENGLISH).content.decode()
    for page in (body, result(client, "genuine")):
        actions = page[page.index('action="/verify/evidence"') :]
        assert f'name="text" value="{web.CODE}genuine"' in actions[:200]
        assert "Download the evidence" in actions
        assert 'formaction="/verify/page"' in actions


def kept(body: str) -> str:
    """Return what a page hands back for another language."""
    languages = body[body.index('<form class="languages"') :]
    assert 'formaction="/verify/again?lang=km"' in languages
    found = re.search(r'name="kept" value="([^"]+)"', languages)
    assert found is not None
    return found[1]


def test_an_uploads_whole_result_is_kept_through_changes_of_language(
    client: Client, verifier: web.MadeVerifier
) -> None:
    copy = SimpleUploadedFile("copy.pdf", b"%PDF-0")
    english = client.post("/verify", {"file": copy}, **ENGLISH).content.decode()
    khmer = client.post("/verify/again?lang=km", {"kept": kept(english)}).content.decode()
    assert 'lang="km"' in khmer
    assert "compare your file with it line by line" in english
    assert "ប្រៀបធៀបឯកសាររបស់អ្នកជាមួយវា" in khmer
    back = client.post("/verify/again?lang=en", {"kept": kept(khmer)}).content.decode()
    assert back[back.index("<main") :] == english[english.index("<main") :]
    assert (len(verifier.uploads), verifier.texts) == (1, [])


def test_a_sheets_choice_and_an_uploads_refusal_are_kept_through_a_change_of_language(client: Client) -> None:
    for sent, says in ((b"\x89PNG", "តើអ្នកចង់ពិនិត្យឯកសារមួយណា"), (b"GIF", "រកមិនឃើញកូដ QR")):
        page = client.post("/verify", {"file": SimpleUploadedFile("sheet", sent)}, **ENGLISH)
        khmer = client.post("/verify/again?lang=km", {"kept": kept(page.content.decode())})
        assert says in html.unescape(khmer.content.decode())


def test_a_result_that_is_not_ours_or_too_old_is_not_shown_again(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = client.post("/verify", {"file": SimpleUploadedFile("diploma.pdf", b"%PDF-1.7")}, **ENGLISH)
    handed = kept(page.content.decode())
    moment = time.time() + 60 * 60 + 1
    assert client.post("/verify/again", {"kept": handed[:-1]}, **ENGLISH).status_code == 400
    monkeypatch.setattr(time, "time", lambda: moment)
    assert client.post("/verify/again", {"kept": handed}, **ENGLISH).status_code == 400
    assert client.get("/verify/again").headers["Location"] == "/"


def test_a_file_that_is_not_the_original_is_compared_with_the_original_page(
    client: Client, verifier: web.MadeVerifier
) -> None:
    verifier.picture = b"\x89PNG made"
    copy = SimpleUploadedFile("copy.pdf", b"%PDF-0")
    body = client.post("/verify", {"file": copy}, **ENGLISH).content.decode()
    assert "View the original page, and compare your file with it line by line." in body
    assert 'formaction="/verify/page"' in body
    assert "Download the evidence" not in body
    assert 'name="text"' not in body[: body.index("<main")], "its code alone would be found genuine"
    asked = {"text": web.CODE + "genuine", "of_file": "1"}
    page = client.post("/verify/page", asked, **ENGLISH).content.decode()
    assert "data:image/png" in page
    assert "Back to the result" not in page
    assert page.count('name="of_file"') == 1


def test_no_evidence_is_offered_of_a_document_for_which_none_can_be_made(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    foreign = replace(reports.DOCUMENT, type="", files=0)
    monkeypatch.setitem(web.CASES, "genuine", lambda: reports.report(Outcome.GENUINE, document=foreign))
    assert "Look closer or keep the result" not in result(client, "genuine")


def test_no_evidence_is_offered_or_made_where_nobody_stands_behind_the_document(client: Client) -> None:
    assert 'action="/verify/evidence"' in result(client, "revoked")
    assert "Download the evidence" not in result(client, "altered")
    refused = post(client, "/verify/evidence", web.CODE + "unknown_host")
    assert refused.status_code == 400
    assert "nothing to keep" in refused.content.decode()


def test_evidence_that_is_not_complete_yet_is_told_as_such(
    client: Client, verifier: web.MadeVerifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    def incomplete(_text: str) -> bytes:
        raise OutsideError("no receipt", code="EVIDENCE_INCOMPLETE")

    monkeypatch.setattr(verifier, "evidence", incomplete)
    answer = post(client, "/verify/evidence", web.CODE + "genuine")
    assert answer.status_code == 503
    assert "<span>The evidence is not complete yet.</span></h1>" in answer.content.decode()


def test_a_program_is_answered_in_json_and_a_browser_never(client: Client) -> None:
    def asked(case: str, accept: str) -> HttpResponse:
        body = urlencode({"text": web.CODE + case})
        form = "application/x-www-form-urlencoded"
        return client.generic("POST", "/verify", body, form, HTTP_ACCEPT=accept)

    report = asked("revoked", "application/json").json()
    assert (report["outcome"], report["anchor"]["block"]) == ("revoked", 20413)
    assert web.CODE not in str(report)
    failure = asked("away", "application/json")
    assert failure.status_code == 503
    assert set(failure.json()["error"]) == {"happened", "kept", "next"}
    browser = asked("revoked", "text/html,application/xhtml+xml,*/*;q=0.8")
    assert browser.headers["Content-Type"].startswith("text/html")


def test_the_language_switch_of_a_result_asks_the_same_again(client: Client) -> None:
    body = result(client, "genuine")
    assert 'formaction="/verify?lang=km"' in body
    assert f'name="text" value="{web.CODE}genuine"' in body
    khmer = post(client, "/verify?lang=km", web.CODE + "genuine")
    assert "ឯកសារពិតប្រាកដ" in khmer.content.decode()
