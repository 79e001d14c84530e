"""The public pages without a browser: what is asked of the platform, what comes back, and what is never kept."""

import base64
import html
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from urllib.parse import urlencode

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from django.utils.translation import activate

from govseal.core.errors import OutsideError
from govseal.core.verdict import Outcome
from govseal.web.public import limits
from govseal.web.shared import outcomes
from support import reports, web

ENGLISH = {"HTTP_ACCEPT_LANGUAGE": "en"}
SECRET_PART = "1172938102938401928301928301"


@pytest.fixture
def verifier() -> Iterator[web.MadeVerifier]:
    with web.configured() as made:
        yield made


@pytest.fixture
def client(verifier: web.MadeVerifier) -> Client:
    return Client(raise_request_exception=False)


def _post(client: Client, path: str, text: str) -> HttpResponse:
    body = urlencode({"text": text})
    return client.generic("POST", path, body, "application/x-www-form-urlencoded", **ENGLISH)


def _result(client: Client, case: str) -> str:
    return html.unescape(_post(client, "/verify", web.CODE + case).content.decode())


# --- results ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("outcome", list(Outcome))
def test_each_outcome_is_told_by_its_word_sentence_icon_and_advice(client: Client, outcome: Outcome) -> None:
    body = _result(client, outcome.value)
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
    body = _result(client, case)
    assert "Does the paper say exactly this?" in body
    assert "SOK Chandara" in body
    assert "Ministry of Education (demonstration)" in body
    assert "9 November 2025" in body


def test_a_date_stands_as_it_was_attested_and_in_the_readers_words(client: Client) -> None:
    assert '2003-04-17 <span class="in-words">17 April 2003</span>' in _result(client, "genuine")


def test_a_printed_result_says_when_and_where_it_was_checked(client: Client) -> None:
    assert re.search(
        r"Checked on \d+ \w+ \d{4}, [\d:]+ \(UTC\+07\) at testserver\.", _result(client, "revoked")
    )


@pytest.mark.parametrize("case", ["altered", "not_recognised", "not_found", "unknown_host"])
def test_content_that_nobody_stands_behind_is_not_shown(client: Client, case: str) -> None:
    body = _result(client, case)
    assert "SOK Chandara" not in body
    assert "Issued by" not in body
    assert "View the original page" not in body


def test_what_could_not_be_checked_is_shown_as_unconfirmed_and_never_as_false(client: Client) -> None:
    body = _result(client, "could_not_check")
    assert "This does not mean that the document is false." in body
    assert "Not confirmed" in body
    assert "Does the paper say exactly this?" not in body


def test_an_unknown_host_is_named_as_no_government_site(client: Client) -> None:
    body = _result(client, "unknown_host")
    assert "This code does not lead to a government site" in body
    assert "verify-gov.example" in body
    assert "Report the fake" in body


def test_a_code_that_cannot_be_read_says_to_scan_again(client: Client) -> None:
    assert "Scan the code on the paper again" in _result(client, "unreadable")


def test_the_evidence_numbers_each_step_and_names_block_root_register_and_certificate(client: Client) -> None:
    body = _result(client, "genuine")
    assert re.findall(r'<li class="step-[\w ]+" value="(\d)">', body) == list("1234567789")
    for fact in ("20413", "0x" + "9c" * 32, "0x" + "7b" * 32, reports.STORE.address, "Seal 2025-1", "UTC+07"):
        assert fact in body


def test_the_evidence_dates_the_status_list_and_the_receipt(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    facts = {"status": reports.STATUS, "receipt": reports.RECEIPT}
    monkeypatch.setitem(web.CASES, "genuine", lambda: reports.report(Outcome.GENUINE, **facts))
    body = _result(client, "genuine")
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
    body = _post(client, f"/verify?lang={language}", web.CODE + "revoked").content.decode()
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
    body = _post(client, "/verify", web.CODE + "genuine").content.decode()
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
    body = _result(client, "genuine")
    assert "recipient › name" in body
    assert "marks › 2 › grade" in body
    assert "not content" not in body


# --- handing in ---------------------------------------------------------------------------------------


def test_the_old_form_is_checked_with_its_key_and_leaves_no_address_behind(
    client: Client, verifier: web.MadeVerifier
) -> None:
    response = client.get("/verify/R-77?key=k3y", **ENGLISH)
    assert verifier.texts == ["http://testserver/verify/R-77?key=k3y"]
    assert response.headers["Referrer-Policy"] == "no-referrer"
    assert response.headers["Cache-Control"] == "no-store"
    assert "data-clear-query" in response.content.decode()


def test_an_uploaded_pdf_is_checked_in_memory(client: Client, verifier: web.MadeVerifier) -> None:
    content = b"%PDF" + bytes(5_000_000)
    response = client.post("/verify", {"file": SimpleUploadedFile("diploma.pdf", content)}, **ENGLISH)
    assert "Genuine" in response.content.decode()
    assert verifier.uploads == [("diploma.pdf", content)]


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("holiday.jpg", b"\xff\xd8", "No QR code was found."),
        ("empty.pdf", b"", "<span>This file is empty.</span></h1>"),
        ("empty.pdf", b"", '<p class="further">Choose another.</p>'),
    ],
)
def test_a_file_that_cannot_be_checked_says_why_and_what_to_do(
    client: Client, name: str, content: bytes, sentence: str
) -> None:
    response = client.post("/verify", {"file": SimpleUploadedFile(name, content)}, **ENGLISH)
    assert response.status_code == 400
    body = response.content.decode()
    assert sentence in body
    assert "Nothing of what you sent was kept." in body
    assert "Choose another photo or file" in body


def test_of_a_sheet_with_several_documents_the_person_is_asked_which(client: Client) -> None:
    response = client.post("/verify", {"file": SimpleUploadedFile("sheet.png", b"\x89PNG")}, **ENGLISH)
    body = response.content.decode()
    assert "Which document do you mean?" in body
    assert body.count('action="/verify"') >= 3
    for code in ("genuine", "revoked", "unknown_host"):
        assert f'value="{web.CODE}{code}"' in body
    assert "This code does not lead to a government site" in body
    assert response.headers["Cache-Control"] == "no-store"
    khmer = client.post(
        "/verify", {"file": SimpleUploadedFile("sheet.png", b"\x89PNG")}, HTTP_ACCEPT_LANGUAGE="km"
    )
    assert "តើអ្នកចង់ពិនិត្យឯកសារមួយណា" in khmer.content.decode()


def test_a_program_is_told_which_documents_are_on_a_sheet_and_how_to_ask_for_one(client: Client) -> None:
    def sent(content: bytes, **more: str) -> HttpResponse:
        form = {"file": SimpleUploadedFile("sheet.png", content), **more}
        return client.post("/verify", form, HTTP_ACCEPT="application/json")

    answer = sent(b"\x89PNG")
    assert answer.status_code == 300
    told = answer.json()
    assert [one["outcome"] for one in told["choices"]] == ["genuine", "revoked", "not_recognised"]
    assert told["choices"][1] == {
        "number": 2,
        "id": "0f" * 16,
        "host": "verify.example",
        "outcome": "revoked",
        "page": 1,
        "position": {"left": 0.05, "top": 0.45, "width": 0.2, "height": 0.1},
        "text": web.CODE + "revoked",
    }
    assert told["otherCodes"] == 1
    asked = client.post("/verify", {"text": told["choices"][1]["text"]}, HTTP_ACCEPT="application/json")
    assert (asked.status_code, asked.json()["outcome"], asked.json()["otherCodes"]) == (200, "revoked", 0)


def test_codes_of_others_on_the_sheet_are_told_in_one_line_that_outlives_the_language(client: Client) -> None:
    said, khmer = "This sheet bears other codes too", "នៅលើសន្លឹកនេះក៏មានកូដផ្សេងទៀតដែរ"
    photo = SimpleUploadedFile("photo.bmp", b"BM")
    body = html.unescape(client.post("/verify", {"file": photo}, **ENGLISH).content.decode())
    assert body.count(said) == 1
    assert said not in _result(client, "genuine")
    several = client.post("/verify", {"file": SimpleUploadedFile("sheet.png", b"\x89PNG")}, **ENGLISH)
    assert said in html.unescape(several.content.decode())
    handed_on = re.search(r'name="others" value="(\d)"', body)
    assert handed_on is not None
    again = {"text": web.CODE + "genuine", "others": handed_on[1]}
    assert client.post("/verify", {**again, "others": "many"}, **ENGLISH).status_code == 400
    assert khmer in client.post("/verify?lang=km", again).content.decode()


def test_a_form_without_a_file_says_to_choose_one(client: Client) -> None:
    response = client.post("/verify", {"other": "x"}, **ENGLISH)
    assert response.status_code == 400
    assert "No file was chosen." in response.content.decode()


@pytest.mark.parametrize("text", ["", "   "])
def test_an_empty_text_says_to_paste_one(client: Client, text: str) -> None:
    response = _post(client, "/verify", text)
    assert response.status_code == 400
    assert "Nothing was pasted." in response.content.decode()


def test_a_text_that_is_no_code_by_its_length_is_refused(client: Client, verifier: web.MadeVerifier) -> None:
    response = _post(client, "/verify", "1" * (limits.TEXT_CHARACTERS + 1))
    assert response.status_code == 400
    assert verifier.texts == []


def test_a_body_over_the_limit_is_refused_by_its_declared_length(
    client: Client, verifier: web.MadeVerifier
) -> None:
    body = bytes(limits.UPLOAD_BYTES + (1 << 20))
    response = client.generic("POST", "/verify", body, "multipart/form-data; boundary=b", **ENGLISH)
    assert response.status_code == 413
    assert "larger than 20 MB" in response.content.decode()
    assert verifier.uploads == []


def test_a_reload_from_the_address_bar_leads_home(client: Client) -> None:
    assert client.get("/verify").headers["Location"] == "/"


def test_a_missing_service_is_told_as_such(client: Client) -> None:
    response = _post(client, "/verify", "away")
    assert response.status_code == 503
    assert "This says nothing about the document." in response.content.decode()


def test_a_fault_of_ours_is_told_without_a_trace(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    response = _post(client, "/verify", "broken" + SECRET_PART)
    assert response.status_code == 500
    assert "Something broke on our side." in response.content.decode()
    assert SECRET_PART not in response.content.decode()
    assert not any(SECRET_PART in record.getMessage() for record in caplog.records)


# --- what the result page offers ----------------------------------------------------------------------


def test_the_original_page_comes_as_a_picture_inside_the_page(
    client: Client, verifier: web.MadeVerifier
) -> None:
    verifier.picture = b"\x89PNG made"
    body = _post(client, "/verify/page", web.CODE + "genuine").content.decode()
    assert f'src="data:image/png;base64,{base64.b64encode(verifier.picture).decode()}"' in body


def test_a_document_without_a_picture_says_so(client: Client) -> None:
    body = _post(client, "/verify/page", web.CODE + "genuine").content.decode()
    assert "registered no picture" in body


def test_the_original_page_is_never_behind_an_address(client: Client) -> None:
    assert client.get(f"/verify/page?text={SECRET_PART}").status_code == 405


def test_the_evidence_is_handed_over_as_a_file(client: Client) -> None:
    response = _post(client, "/verify/evidence", web.CODE + "genuine")
    assert response.json() == {"govseal": "evidence"}
    assert "attachment" in response.headers["Content-Disposition"]


@pytest.mark.parametrize(("name", "content"), [("diploma.pdf", b"%PDF-1.7"), ("photo.bmp", b"BM")])
def test_original_page_and_evidence_are_offered_for_a_file_as_for_a_link(
    client: Client, name: str, content: bytes
) -> None:
    body = client.post("/verify", {"file": SimpleUploadedFile(name, content)}, **ENGLISH).content.decode()
    for page in (body, _result(client, "genuine")):
        actions = page[page.index('action="/verify/evidence"') :]
        assert f'name="text" value="{web.CODE}genuine"' in actions[:200]
        assert "Download the evidence" in actions
        assert 'formaction="/verify/page"' in actions


def test_an_uploaded_documents_result_is_kept_through_a_change_of_language(client: Client) -> None:
    pdf = SimpleUploadedFile("diploma.pdf", b"%PDF-1.7")
    body = client.post("/verify", {"file": pdf}, **ENGLISH).content.decode()
    languages = body[body.index('<form class="languages"') :]
    assert f'name="text" value="{web.CODE}genuine"' in languages[:300]
    assert 'formaction="/verify?lang=km"' in languages


def test_a_file_that_is_not_the_original_is_compared_with_the_original_page(
    client: Client, verifier: web.MadeVerifier
) -> None:
    verifier.picture = b"\x89PNG made"
    copy = SimpleUploadedFile("copy.pdf", b"%PDF-0")
    body = client.post("/verify", {"file": copy}, **ENGLISH).content.decode()
    assert "View the original page, and compare your file with it line by line." in body
    assert 'formaction="/verify/page"' in body
    assert "Download the evidence" not in body
    assert 'class="languages" method="post"' not in body, "its code alone would be found genuine"
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
    assert "Look closer or keep the result" not in _result(client, "genuine")


def test_no_evidence_is_offered_or_made_where_nobody_stands_behind_the_document(client: Client) -> None:
    assert 'action="/verify/evidence"' in _result(client, "revoked")
    assert "Download the evidence" not in _result(client, "altered")
    refused = _post(client, "/verify/evidence", web.CODE + "unknown_host")
    assert refused.status_code == 400
    assert "nothing to keep" in refused.content.decode()


def test_evidence_that_is_not_complete_yet_is_told_as_such(
    client: Client, verifier: web.MadeVerifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    def incomplete(_text: str) -> bytes:
        raise OutsideError("no receipt", code="EVIDENCE_INCOMPLETE")

    monkeypatch.setattr(verifier, "evidence", incomplete)
    answer = _post(client, "/verify/evidence", web.CODE + "genuine")
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


# --- who issues documents -----------------------------------------------------------------------------


def test_institutions_are_found_by_their_name_in_either_language(client: Client) -> None:
    for sought in ("OFFICE 17", "ទី 17", "office-17.example"):
        body = client.get("/institutions", {"q": sought}, **ENGLISH).content.decode()
        assert "Provincial office 17 (demonstration)" in body
        assert "Provincial office 18" not in body


def test_an_institution_that_issues_no_more_is_not_offered(client: Client) -> None:
    assert "Closed office" not in client.get("/institutions", {"q": "closed"}, **ENGLISH).content.decode()


def test_institutions_come_in_pages_and_an_odd_page_number_leads_to_a_page(client: Client) -> None:
    first = client.get("/institutions", **ENGLISH).content.decode()
    assert 'href="?q=&amp;page=2"' in first
    assert first.count('<li class="card">') == 25
    last = client.get("/institutions", {"page": "99999"}, **ENGLISH).content.decode()
    assert "3 / 3" in last
    assert client.get("/institutions", {"page": "x"}).status_code == 200


def test_a_search_that_finds_nothing_says_what_that_means(client: Client) -> None:
    body = html.unescape(client.get("/institutions", {"q": "<b>nobody"}, **ENGLISH).content.decode())
    assert "cannot issue genuine documents" in body
    assert "<b>nobody" not in client.get("/institutions", {"q": "<b>nobody"}).content.decode()


def test_without_a_trust_list_nobody_is_named(client: Client, verifier: web.MadeVerifier) -> None:
    verifier.listed = None
    assert client.get("/institutions").status_code == 503


def test_the_parts_of_a_step_share_its_number(client: Client) -> None:
    body = _result(client, "genuine")
    assert body.count("continues") == 1
    assert body.count('value="7"') == 2


def test_the_language_switch_of_a_result_asks_the_same_again(client: Client) -> None:
    body = _result(client, "genuine")
    assert 'formaction="/verify?lang=km"' in body
    assert f'name="text" value="{web.CODE}genuine"' in body
    khmer = _post(client, "/verify?lang=km", web.CODE + "genuine")
    assert "ឯកសារពិតប្រាកដ" in khmer.content.decode()


# --- languages ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "language"),
    [("", "km"), ("fr-FR, de;q=0.8", "km"), ("en-GB, km;q=0.5", "en"), ("km, en;q=0.5", "km")],
)
def test_khmer_is_spoken_unless_the_browser_prefers_english(
    client: Client, header: str, language: str
) -> None:
    response = client.get("/", HTTP_ACCEPT_LANGUAGE=header)
    assert response.headers["Content-Language"] == language
    assert f'<html lang="{language}">' in response.content.decode()
    assert not response.cookies


def test_a_chosen_language_is_remembered_in_the_only_cookie(client: Client) -> None:
    chosen = client.get("/?lang=en")
    assert list(chosen.cookies) == ["lang"]
    assert chosen.cookies["lang"]["samesite"] == "Lax"
    assert client.get("/", HTTP_ACCEPT_LANGUAGE="km").headers["Content-Language"] == "en"


def test_a_language_that_is_not_offered_is_not_remembered(client: Client) -> None:
    response = client.get("/?lang=xx")
    assert not response.cookies
    assert response.headers["Content-Language"] == "km"


# --- headers ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/", "/s", "/verify/R-77?key=k", "/no-such-page", "/d/unknown"])
def test_every_answer_forbids_foreign_code_frames_and_referrers(client: Client, path: str) -> None:
    headers = client.get(path).headers
    policy = headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self';")
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"


@pytest.mark.parametrize("path", ["/", "/s", "/institutions"])
def test_a_page_that_holds_nothing_of_a_check_is_compressed(client: Client, path: str) -> None:
    answer = client.get(path, headers={"Accept-Encoding": "gzip"})
    assert answer.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in answer.headers["Vary"]


def test_a_page_that_holds_a_key_is_not_compressed(client: Client) -> None:
    body = urlencode({"text": web.CODE + "genuine"})
    form = "application/x-www-form-urlencoded"
    posted = client.generic("POST", "/verify", body, form, headers={"Accept-Encoding": "gzip"})
    linked = client.get("/verify/R-77?key=k3y", headers={"Accept-Encoding": "gzip"})
    for answer in (posted, linked):
        assert len(answer.content) > 1_000
        assert "Content-Encoding" not in answer.headers


@pytest.mark.parametrize("path", ["/", "/s", "/verify/R-77?key=k", "/no-such-page"])
def test_no_page_carries_inline_code_or_style(client: Client, path: str) -> None:
    body = client.get(path).content.decode()
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|<script(?![^>]*\ssrc=)|javascript:", body)


@pytest.mark.parametrize(
    ("path", "caching"),
    [
        ("/d/" + "0f" * 16, "public, max-age=31536000, immutable"),
        ("/d/" + "0f" * 16 + "/f/0", "public, max-age=31536000, immutable"),
        ("/.well-known/govseal/trust-list.jwt", "public, max-age=300"),
        ("/.well-known/govseal/successions/" + "5c" * 32, "public, max-age=31536000, immutable"),
        ("/a/" + "7b" * 32, "public, max-age=31536000, immutable"),
        ("/status/0", "public, max-age=60"),
        ("/status/17", "public, max-age=60"),
        ("/status/17.cwt", "public, max-age=60"),
        ("/status/17.notices", "public, max-age=60"),
    ],
)
def test_what_is_published_is_served_as_bytes_that_any_verifier_may_read(
    client: Client, path: str, caching: str
) -> None:
    response = client.get(path)
    assert response.content == web.PUBLISHED[path[1:]]
    assert response.headers["Cache-Control"] == caching
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert "Vary" not in response.headers


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/d/unknown", 404),
        ("/d/away", 503),
        ("/d/..%2fkeys", 404),
        ("/a/" + "7c" * 32, 404),
        ("/a/" + "7B" * 32, 404),
        ("/.well-known/govseal/successions/" + "5d" * 32, 404),
        ("/.well-known/govseal/successions/trust-list.jwt", 404),
        ("/status/18", 404),
        ("/status/017", 404),
        ("/status/17.jwt", 404),
        ("/status/..%2fkeys", 404),
    ],
)
def test_what_is_not_published_is_not_cached(client: Client, path: str, status: int) -> None:
    response = client.get(path)
    assert response.status_code == status
    assert response.headers["Cache-Control"] == "no-store"
