"""The real site: its server, settings and ports over a real chain and real files, asked as a browser asks."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

import httpx
import pytest

from govseal.adapters import pdf
from govseal.core import jsjson
from govseal.core.qrtext import CompactCode, OfflineCode
from govseal.core.secret import document_key
from support.ports import free_port
from support.sealed import HOST, Sealed, Site, serve
from support.seals import drawn
from support.seals import sealed as made_seal

MEGABYTE = 1 << 20
UNUSED_PORT = 9


@pytest.fixture(scope="module")
def site(sealed: Sealed) -> Iterator[Site]:
    yield from serve(sealed.country, free_port())


@pytest.fixture(scope="module")
def site_without_ledger(sealed: Sealed) -> Iterator[Site]:
    yield from serve(sealed.country, free_port(), GOVSEAL_RPC_URL=f"http://127.0.0.1:{UNUSED_PORT}")


def verdict(answer: httpx.Response) -> str:
    """Return the word of the banner."""
    assert answer.status_code == 200, answer.text
    found = re.search(r'<h1 id="verdict">(.*?)</h1>', answer.text)
    assert found, answer.text
    return found[1]


def altered_json(sealed: Sealed) -> bytes:
    document = jsjson.dumps(sealed.wrapped(sealed.alone))
    assert "Letter A-1" in document
    return document.replace("Letter A-1", "Letter A-7").encode()


# --- each outcome -------------------------------------------------------------------------------------


def test_a_sealed_sheet_is_genuine_by_its_code_its_pdf_its_picture_and_its_json(
    site: Site, sealed: Sealed
) -> None:
    sheet = sealed.several[0]
    assert verdict(site.verify(sheet.link)) == "Genuine"
    assert verdict(site.upload(sheet.pdf, "letter.pdf")) == "Genuine"
    assert verdict(site.upload(pdf.render_page(sheet.pdf, 1, 150), "photo.png")) == "Genuine"
    assert verdict(site.upload(jsjson.dumps(sealed.wrapped(sheet)).encode(), "attested.json")) == "Genuine"
    page = site.verify(sheet.link).text
    assert f"Office {sheet.institution}" in page
    assert "Letter B-1" in page


def test_a_changed_document_is_altered_and_its_content_is_not_shown(site: Site, sealed: Sealed) -> None:
    answer = site.upload(altered_json(sealed), "attested.json")
    assert verdict(answer) == "Altered"
    assert "Letter A-7" not in answer.text


def test_a_forged_offline_code_is_altered_or_not_recognised(site: Site, sealed: Sealed) -> None:
    forged = made_seal(issuer=f"KH/{sealed.alone.institution}", secret=sealed.alone.code.secret)
    assert verdict(site.verify(OfflineCode(HOST, forged).text)) == "Not recognised"


def test_a_code_of_another_site_is_no_government_site(site: Site, sealed: Sealed) -> None:
    elsewhere = CompactCode("verify.gov.example", sealed.alone.code.secret).text
    answer = site.verify(elsewhere)
    assert verdict(answer) == "This code does not lead to a government site"
    assert "verify.gov.example" in answer.text
    assert "Letter" not in answer.text


def test_a_revoked_document_is_revoked(site: Site, sealed: Sealed) -> None:
    assert verdict(site.verify(sealed.revoked.link)) == "Revoked"
    assert verdict(site.upload(sealed.revoked.pdf)) == "Revoked"


def test_an_unknown_code_is_not_found(site: Site, sealed: Sealed) -> None:
    assert verdict(site.verify(CompactCode(HOST, drawn("nobody's", 16)).text)) == "Not found"
    assert verdict(site.verify(sealed.waiting)) == "Not found"


def test_while_the_ledger_is_away_nothing_is_called_false(site_without_ledger: Site, sealed: Sealed) -> None:
    answer = site_without_ledger.verify(sealed.alone.link)
    assert verdict(answer) == "Could not check"
    assert "This does not mean that the document is false." in answer.text
    assert "The platform says that it is registered" in answer.text
    assert verdict(site_without_ledger.verify(sealed.revoked.link)) == "Revoked", "the signed list stands"
    assert verdict(site_without_ledger.upload(altered_json(sealed))) == "Altered"


def test_the_evidence_names_every_step_and_no_secret(site: Site, sealed: Sealed) -> None:
    report = site.report(sealed.alone.link)
    assert report["outcome"] == "genuine"
    assert {one["step"] for one in report["fragments"]} == set(range(1, 10))
    assert report["id"] == sealed.alone.id
    assert report["anchor"]["store"] == sealed.country.store(sealed.alone.institution).address
    text = jsjson.dumps(report)
    secret = sealed.alone.code.secret
    for hidden in (secret.hex(), document_key(secret).hex(), sealed.alone.link.partition("#")[2]):
        assert hidden not in text


def test_a_new_institution_is_known_without_a_restart(site: Site, sealed: Sealed) -> None:
    """Last list, same process: the ports read it when its bytes change."""
    before = site.client.get("/.well-known/govseal/trust-list.jwt").content
    sealed.country.institution()
    assert site.client.get("/.well-known/govseal/trust-list.jwt").content != before
    sequence = next(
        one["data"]["sequence"]
        for one in site.report(sealed.alone.link)["fragments"]
        if one["name"] == "TrustListHost"
    )
    assert sequence == sealed.country.rows("SELECT max(sequence) FROM registry_publishedtrustlist")[0][0]


def test_evidence_of_an_uploaded_pdf_or_document_is_that_of_its_code(site: Site, sealed: Sealed) -> None:
    for sheet, content in (
        (sealed.several[0], sealed.several[0].pdf),
        (sealed.revoked, jsjson.dumps(sealed.wrapped(sealed.revoked)).encode()),
    ):
        page = site.upload(content).text
        found = re.search(
            r'action="/verify/evidence">\s*<input type="hidden" name="text" value="([^"]+)"', page
        )
        assert found
        assert found[1] == sheet.link
        evidence = site.client.post("/verify/evidence", data={"text": found[1]})
        assert evidence.json()["document"]["data"] == sealed.wrapped(sheet)["data"]
        assert "data:image/png" in site.client.post("/verify/page", data={"text": found[1]}).text
    assert "/verify/evidence" not in site.upload(altered_json(sealed)).text


# --- the original page --------------------------------------------------------------------------------


def test_the_original_page_is_shown_for_a_genuine_and_a_revoked_sheet(site: Site, sealed: Sealed) -> None:
    for sheet in (sealed.alone, sealed.revoked):
        answer = site.client.post("/verify/page", data={"text": sheet.link})
        assert answer.status_code == 200
        assert "data:image/png;base64," in answer.text


def test_the_original_page_is_not_shown_where_nobody_stands_behind_it(
    site: Site, site_without_ledger: Site, sealed: Sealed
) -> None:
    elsewhere = CompactCode("verify.gov.example", sealed.alone.code.secret).text
    for where, text in (
        (site, elsewhere),
        (site, sealed.waiting),
        (site_without_ledger, sealed.alone.link),
    ):
        answer = where.client.post("/verify/page", data={"text": text})
        assert "data:image/png" not in answer.text


@pytest.mark.parametrize("path", ["/verify/page", "/verify/evidence"])
def test_of_a_text_that_is_no_code_there_is_nothing_to_show_or_keep(site: Site, path: str) -> None:
    answer = site.client.post(path, data={"text": "no code"})
    assert answer.status_code == 400
    assert "not the whole text of a government QR code" in answer.text
    assert "Scan the code on the paper again" in answer.text


# --- what is published --------------------------------------------------------------------------------


def test_ciphertext_is_immutable_and_readable_by_any_origin(site: Site, sealed: Sealed) -> None:
    for path in (f"/d/{sealed.alone.id}", f"/d/{sealed.alone.id}/f/0"):
        answer = site.client.get(path)
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert answer.headers["access-control-allow-origin"] == "*"
        assert answer.headers["content-type"] == "application/octet-stream"
        assert b"Letter" not in answer.content
        assert site.client.head(path).content == b""


@pytest.mark.parametrize(
    "path",
    [
        "/d/" + "0" * 32,
        "/d/../keys",
        "/d/%2e%2e/%2e%2e/keys",
        "/d/x/document",
        "/d/" + "0" * 32 + "/f/7",
        "/keys",
    ],
)
def test_what_is_not_published_is_not_found_and_not_cached(site: Site, path: str) -> None:
    answer = site.client.get(path)
    assert answer.status_code == 404
    assert answer.headers["cache-control"] == "no-store"


def test_receipts_are_immutable_and_status_lists_published_for_a_minute(site: Site, sealed: Sealed) -> None:
    root = sealed.wrapped(sealed.alone)["signature"]["merkleRoot"]
    for path, media_type, caching in (
        (f"/a/{root}", "application/jwt", "public, max-age=31536000, immutable"),
        ("/status/0", "application/statuslist+jwt", "public, max-age=60"),
        ("/status/0.cwt", "application/statuslist+cwt", "public, max-age=60"),
    ):
        answer = site.client.get(path)
        assert (answer.status_code, answer.headers["content-type"]) == (200, media_type)
        assert answer.headers["cache-control"] == caching
        assert answer.headers["access-control-allow-origin"] == "*"


def test_the_trust_list_is_published_for_a_short_time(site: Site) -> None:
    answer = site.client.get("/.well-known/govseal/trust-list.jwt")
    assert answer.headers["content-type"] == "application/jwt"
    assert answer.headers["cache-control"] == "public, max-age=300"
    assert answer.content.count(b".") == 2


# --- headers, limits, logs ----------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/", "/s", "/verify", "/nowhere", "/verify/A-1?key=" + "4f" * 32])
def test_every_page_forbids_foreign_scripts_frames_caches_and_referrers(site: Site, path: str) -> None:
    headers = site.client.get(path).headers
    policy = headers["content-security-policy"]
    for rule in ("default-src 'none'", "script-src 'self'", "frame-ancestors 'none'", "base-uri 'none'"):
        assert rule in policy
    assert "unsafe" not in policy
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cache-control"] == "no-store"
    assert "set-cookie" not in headers


def test_results_are_kept_by_no_cache_and_set_no_cookie(site: Site, sealed: Sealed) -> None:
    text = {"text": sealed.alone.link}
    for answer in (
        site.verify(sealed.alone.link),
        site.upload(sealed.alone.pdf),
        site.client.post("/verify/page", data=text),
        site.client.post("/verify/evidence", data=text),
        site.verify("no code"),
    ):
        assert answer.headers["cache-control"] == "no-store"
        assert "set-cookie" not in answer.headers


def test_the_key_of_an_old_code_reaches_no_log(site: Site, sealed: Sealed) -> None:
    key = "S3CRETkeyOfAnOldCode0"
    answer = site.client.get(f"/verify/A-1?key={key}")
    assert answer.status_code == 200
    assert key not in answer.headers.values()
    site.client.get(f"/verify/nowhere/A-1?key={key}")
    site.client.put(f"/verify/A-1?key={key}")
    site.client.get(f"/verify/A-1?key={key}", headers={"Host": "evil.example"})
    site.client.get("/verify/A-1?key=" + key * 100)
    log = site.log.read_text("utf-8", "replace")
    assert key not in log
    assert sealed.alone.link.partition("#")[2] not in log


def test_what_a_sender_gets_wrong_fills_no_log(site: Site) -> None:
    odd = {"content-type": "multipart/form-data; boundary=b"}
    name = b"n" * 2_000
    part = (
        b'--b\r\nContent-Disposition: form-data; name="file"; filename="' + name + b'"\r\n\r\nx\r\n--b--\r\n'
    )
    assert site.client.post("/verify", content=part, headers=odd).status_code == 400
    assert "Bad Request: /verify" not in site.log.read_text("utf-8", "replace")


def test_a_request_for_another_host_is_refused(site: Site) -> None:
    answer = site.client.get("/", headers={"Host": "verify.gov.example"})
    assert answer.status_code == 400
    assert "verify.gov.example" not in answer.text


def test_files_are_taken_up_to_twenty_megabytes_and_refused_beyond(site: Site) -> None:
    allowed = site.upload(b"\x00" * (20 * MEGABYTE))
    assert allowed.status_code == 400, "read, and no picture"
    assert "no picture that can be read" in allowed.text
    for size in (20 * MEGABYTE + 1, 21 * MEGABYTE):
        refused = site.upload(b"\x00" * size)
        assert refused.status_code in {400, 413}
        assert "larger than 20 MB" in refused.text


def test_text_is_taken_up_to_its_limit(site: Site) -> None:
    assert site.verify("x" * 16_384).status_code == 200
    assert site.verify("x" * 16_385).status_code == 400
    assert site.verify("x" * (2 * MEGABYTE)).status_code in {400, 413}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"%PDF-1.7 broken", "PDF cannot be read"),
        (b"\x89PNG\r\n\x1a\n broken", "picture is damaged"),
        (b"GIF without a picture", "no picture that can be read"),
        (b'{"a":1,"a":1}', "not a document"),
    ],
)
def test_a_file_that_cannot_be_read_is_told_in_words(site: Site, content: bytes, words: str) -> None:
    answer = site.upload(content)
    assert answer.status_code == 400
    assert words in answer.text
    assert answer.headers["cache-control"] == "no-store"


def test_a_code_opened_by_a_phone_lands_on_a_page_that_names_nothing(site: Site, sealed: Sealed) -> None:
    link = urlsplit(sealed.alone.link)
    answer = site.client.get(link.path)
    assert answer.status_code == 200
    assert link.fragment not in answer.text
