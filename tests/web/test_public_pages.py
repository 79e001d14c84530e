"""The public pages without a browser: what is handed in, what comes back, and what is never kept."""

import html
import re
from urllib.parse import urlencode

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client

from govseal.web.public import sizes
from support import web
from support.asking import ENGLISH, post, result

SECRET_PART = "1172938102938401928301928301"


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


def test_a_refusal_brings_along_the_form_for_another_try(client: Client) -> None:
    photo = client.post("/verify", {"file": SimpleUploadedFile("holiday.jpg", b"\xff\xd8")}, **ENGLISH)
    ways = {
        "file": photo.content.decode(),
        "text": post(client, "/verify", "").content.decode(),
        "many": client.post("/many", {"texts": ""}, **ENGLISH).content.decode(),
        "none": client.get("/nowhere", **ENGLISH).content.decode(),
    }
    assert [name for name, body in ways.items() if 'type="file"' in body] == ["file"]
    assert [name for name, body in ways.items() if "<textarea" in body] == ["text"]
    assert [name for name, body in ways.items() if 'role="button" href="/many"' in body] == ["many"]
    assert [name for name, body in ways.items() if "To the first page" in body] == ["none"]
    asked = re.findall(r"<dt>(.*?)</dt>", ways["file"])
    assert asked == ["What to do", "What was looked at", "What was kept"]


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
    assert said not in result(client, "genuine")
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
    response = post(client, "/verify", text)
    assert response.status_code == 400
    assert "Nothing was pasted." in response.content.decode()


def test_a_text_that_is_no_code_by_its_length_is_refused(client: Client, verifier: web.MadeVerifier) -> None:
    response = post(client, "/verify", "1" * (sizes.TEXT_CHARACTERS + 1))
    assert response.status_code == 400
    assert verifier.texts == []


def test_a_body_over_the_limit_is_refused_by_its_declared_length(
    client: Client, verifier: web.MadeVerifier
) -> None:
    body = bytes(sizes.UPLOAD_BYTES + (1 << 20))
    response = client.generic("POST", "/verify", body, "multipart/form-data; boundary=b", **ENGLISH)
    assert response.status_code == 413
    assert "larger than 20 MB" in response.content.decode()
    assert verifier.uploads == []


@pytest.mark.parametrize(
    "path", ["/verify", "/verify/again", "/verify/page", "/verify/evidence", "/many/table"]
)
def test_a_reload_from_the_address_bar_leads_home(client: Client, path: str) -> None:
    assert client.get(path).headers["Location"] == "/"
    assert client.put(path).status_code == 405


def test_a_file_beside_an_empty_text_is_checked(client: Client, verifier: web.MadeVerifier) -> None:
    client.post("/verify", {"text": "", "file": SimpleUploadedFile("diploma.pdf", b"%PDF-1.7")})
    assert [name for name, _ in verifier.uploads] == ["diploma.pdf"]


def test_a_missing_service_is_told_as_such(client: Client) -> None:
    response = post(client, "/verify", "away")
    assert response.status_code == 503
    assert "This says nothing about the document." in response.content.decode()


def test_a_fault_of_ours_is_told_without_a_trace(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    response = post(client, "/verify", "broken" + SECRET_PART)
    assert response.status_code == 500
    assert "Something broke on our side." in response.content.decode()
    assert SECRET_PART not in response.content.decode()
    assert not any(SECRET_PART in record.getMessage() for record in caplog.records)


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
