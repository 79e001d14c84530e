"""What `govseal verify` checks with: each outcome reached with real files, a real chain and real PDFs."""

import io
import shutil
from pathlib import Path

import pikepdf
import pytest
import segno
from PIL import Image

from govseal.adapters import pdf
from govseal.adapters.blobs import FolderBlobs
from govseal.apps.verification.choosing import MAX_CODES, SeveralDocuments, codes_to_judge
from govseal.apps.verification.files import file_verify
from govseal.core import envelope, jsjson
from govseal.core.errors import InputError, MalformedImage, MalformedPdf, OperatorError
from govseal.core.openattestation import v2
from govseal.core.qrtext import CompactCode
from govseal.core.secret import document_key
from govseal.core.verify import Report
from govseal.project.wiring import checking
from support.sealed import HOST, Sealed
from support.seals import drawn
from support.world import MemorySite

UNUSED_PORT = 9


def told(report: Report) -> tuple[str, str | None]:
    """Return the outcome and its reason's code."""
    reason = report.verdict.reason
    return report.verdict.outcome.value, reason.code if reason else None


def json_of(document: object) -> bytes:
    return jsjson.dumps(document).encode("utf-8", "surrogatepass")


@pytest.fixture
def other_home(sealed: Sealed, tmp_path: Path) -> Path:
    """A copy of the country's data folder, for a test to spoil."""
    home = tmp_path / "home"
    shutil.copytree(sealed.country.home, home, ignore=shutil.ignore_patterns("processes.log", "documents"))
    return home


# --- each outcome -------------------------------------------------------------------------------------


def test_a_sealed_sheet_is_genuine_by_its_code_its_pdf_its_picture_and_its_json(sealed: Sealed) -> None:
    checker = sealed.checker()
    for sheet in (sealed.alone, *sealed.several):
        assert told(checker.text(f"  {sheet.link}\n")) == ("genuine", None)
    sheet = sealed.several[0]
    by_pdf = checker.file(sheet.pdf)
    assert told(by_pdf) == ("genuine", None)
    assert [one.status.value for one in by_pdf.verdict.fragments if one.name == "AttachedFile"] == ["VALID"]
    assert told(checker.file(pdf.render_page(sheet.pdf, 1, 150))) == ("genuine", None)
    assert told(checker.file(json_of(sealed.wrapped(sheet)))) == ("genuine", None)
    assert told(checker.file(b"\xef\xbb\xbf \n" + json_of(sealed.wrapped(sheet)))) == ("genuine", None)


def test_a_changed_document_is_altered(sealed: Sealed) -> None:
    content = json_of(sealed.wrapped(sealed.alone)).replace(b"Letter A-1", b"Letter A-7")
    assert told(sealed.checker().file(content)) == ("altered", "DOCUMENT_TAMPERED")


def test_a_changed_document_behind_a_code_is_altered(sealed: Sealed, other_home: Path) -> None:
    """Whoever holds both the site and the code can publish other bytes; they are told as altered."""
    sheet = sealed.alone
    wrapped = sealed.wrapped(sheet)
    wrapped["data"]["number"] = wrapped["data"]["number"].replace("A-1", "A-7")
    changed = envelope.seal(
        json_of(wrapped), key=document_key(sheet.code.secret), document_id=sheet.id, nonce=bytes(12)
    )
    place = next((other_home / "published" / "d").rglob(f"{sheet.id}/document"))
    place.write_bytes(changed)
    assert told(sealed.checker(home=other_home).text(sheet.link)) == ("altered", "DOCUMENT_TAMPERED")


def test_a_code_of_another_site_and_a_document_of_another_register_are_not_recognised(sealed: Sealed) -> None:
    checker = sealed.checker()
    elsewhere = CompactCode("verify.gov.example", sealed.alone.code.secret).text
    assert told(checker.text(elsewhere)) == ("not_recognised", "HOST_NOT_LISTED")
    raw = v2.unsalt(sealed.wrapped(sealed.alone)["data"])
    raw["issuers"][0]["documentStore"] = "0x" + "5a" * 20
    numbers = iter(range(1_000))
    forged = v2.wrap_batch([raw], lambda: f"00000000-0000-4000-8000-{next(numbers):012}")[0]
    assert told(checker.file(json_of(forged))) == ("not_recognised", "STORE_NOT_LISTED")


def test_a_revoked_document_is_revoked_by_its_code_and_by_its_file(sealed: Sealed) -> None:
    checker = sealed.checker()
    assert told(checker.text(sealed.revoked.link)) == ("revoked", "REVOKED")
    assert told(checker.file(sealed.revoked.pdf)) == ("revoked", "REVOKED")


def test_an_unknown_code_and_a_document_that_was_never_anchored_are_not_found(sealed: Sealed) -> None:
    checker = sealed.checker()
    unknown = CompactCode(HOST, drawn("nobody's", 16)).text
    assert told(checker.text(unknown)) == ("not_found", "ID_UNKNOWN")
    assert told(checker.text(sealed.waiting)) == ("not_found", "ID_UNKNOWN")
    raw = v2.unsalt(sealed.wrapped(sealed.alone)["data"])
    numbers = iter(range(1_000))
    fresh = v2.wrap_batch([raw], lambda: f"00000000-0000-4000-8000-{next(numbers):012}")[0]
    assert told(checker.file(json_of(fresh))) == ("not_found", "ROOT_NOT_ISSUED")


def test_without_the_ledger_nothing_is_called_false(sealed: Sealed) -> None:
    away = sealed.checker(rpc_url=f"http://127.0.0.1:{UNUSED_PORT}")
    for report in (away.text(sealed.alone.link), away.file(sealed.alone.pdf)):
        assert told(report) == ("could_not_check", "LEDGER_UNAVAILABLE")
        assert report.receipt is not None, "registered, says the platform"
    assert told(away.text(sealed.revoked.link)) == ("revoked", "REVOKED"), "the signed list stands"
    altered = json_of(sealed.wrapped(sealed.alone)).replace(b"Letter A-1", b"Letter A-7")
    assert told(away.file(altered)) == ("altered", "DOCUMENT_TAMPERED")


def test_another_chain_at_the_ledger_s_address_could_not_check(sealed: Sealed) -> None:
    other = sealed.checker(genesis="0x" + "00" * 32)
    assert told(other.text(sealed.alone.link)) == ("could_not_check", "LEDGER_OTHER_CHAIN")


def test_damaged_storage_brands_nobody(sealed: Sealed, other_home: Path) -> None:
    place = next((other_home / "published" / "d").rglob(f"{sealed.alone.id}/document"))
    place.write_bytes(place.read_bytes()[:-7] + b"damaged")
    assert told(sealed.checker(home=other_home).text(sealed.alone.link)) == (
        "could_not_check",
        "DECRYPTION_FAILED",
    )


# --- files --------------------------------------------------------------------------------------------


def test_a_pdf_saved_again_is_compared_and_not_called_altered(sealed: Sealed) -> None:
    stream = io.BytesIO()
    with pikepdf.open(io.BytesIO(sealed.alone.pdf)) as document:
        document.save(stream, linearize=True)
    report = sealed.checker().file(stream.getvalue())
    assert told(report) == ("could_not_check", "FILE_NOT_THE_ORIGINAL")
    assert report.issuer is not None
    checker = sealed.checker()
    found = file_verify(content=stream.getvalue(), verifier=checker._verifier, sheets=checker._sheets)
    assert found.code == sealed.alone.link


def test_a_pdf_whose_page_was_covered_by_a_later_update_is_not_the_original(sealed: Sealed) -> None:
    """The attested bytes are all there, and a viewer shows others."""
    sheet = sealed.alone
    wrapped = sealed.wrapped(sheet)
    size = v2.unsalt(wrapped["data"])["files"][0]["size"]
    original = sheet.pdf[:size]
    covered = io.BytesIO()
    with pikepdf.open(io.BytesIO(sheet.pdf)) as document:
        page = document.pages[0]
        page.contents_add(pikepdf.Stream(document, b"1 0 0 rg 0 0 595 842 re f"))
        document.save(covered)
    later = sheet.pdf + covered.getvalue()
    assert later.startswith(original)
    report = sealed.checker().file(later)
    assert told(report) == ("could_not_check", "FILE_NOT_THE_ORIGINAL")
    assert told(sealed.checker().file(sheet.pdf + b"\n% more")) == (
        "could_not_check",
        "FILE_NOT_THE_ORIGINAL",
    )
    assert told(sealed.checker().file(original)) == ("genuine", None), "as it was before the attachment"


def test_a_false_sheet_around_a_genuine_attachment_is_not_the_original(sealed: Sealed) -> None:
    stream = io.BytesIO()
    with pikepdf.new() as document:
        document.add_blank_page(page_size=(595, 842))
        document.save(stream)
    false = pdf.attach_json(stream.getvalue(), "attested.json", json_of(sealed.wrapped(sealed.alone)))
    assert told(sealed.checker().file(false)) == ("could_not_check", "FILE_NOT_THE_ORIGINAL")


def test_a_file_with_nothing_to_check_says_so(sealed: Sealed) -> None:
    checker = sealed.checker()
    blank = io.BytesIO()
    with pikepdf.new() as document:
        document.add_blank_page(page_size=(200, 200))
        document.save(blank)
    for content in (blank.getvalue(), pdf.render_page(blank.getvalue(), 1, 72)):
        with pytest.raises(InputError) as refused:
            checker.file(content)
        assert refused.value.code == "NO_CODE_SEEN"
    for content, error in (
        (b"", MalformedImage),
        (b"\x00" * 500, MalformedImage),
        (b"%PDF-1.7", MalformedPdf),
    ):
        with pytest.raises(error):
            checker.file(content)
    for content in (b"{", b"[1,", b'{"a":1,"a":1}', b"{" * 5_000, b"[" + b"0," * (3 << 20) + b"0]"):
        with pytest.raises(InputError):
            checker.file(content)


def test_of_a_picture_with_codes_of_two_documents_the_person_is_asked_which(sealed: Sealed) -> None:
    checker = sealed.checker()
    one, other = (pdf.render_page(sheet.pdf, 1, 100) for sheet in sealed.several[:2])
    with pytest.raises(SeveralDocuments) as asked:
        checker.file(_beside(one, other))
    assert asked.value.code == "SEVERAL_CODES"
    assert len(asked.value.choices) == 2  # though each sheet bears two codes
    assert {told(choice.report) for choice in asked.value.choices} == {("genuine", None)}
    places = [choice.code for choice in asked.value.choices]
    assert [place.page for place in places if place] == [1, 1]
    (left, right) = (place.corners[0][0] / place.page_size[0] for place in places if place)
    assert {left < 0.5, right < 0.5} == {True, False}
    first = asked.value.chosen(1)
    assert first.document
    assert f"1: {first.document.number}" in asked.value.message
    assert told(checker.text(asked.value.choices[1].text)) == ("genuine", None)
    with pytest.raises(SeveralDocuments):
        asked.value.chosen(3)


def test_codes_of_something_else_are_passed_over_and_said_to_be_foreign(sealed: Sealed) -> None:
    checker = sealed.checker()
    sheet = pdf.render_page(sealed.alone.pdf, 1, 100)
    for foreign in ("https://social.example/ministry", "00020101021229270009shop@bank"):
        both = _beside(sheet, _picture_of(foreign))
        assert told(checker.file(both)) == ("genuine", None)
        found = file_verify(content=both, verifier=checker._verifier, sheets=checker._sheets)
        assert (found.others, found.code) == (1, found.text)
    alone = file_verify(content=sheet, verifier=checker._verifier, sheets=checker._sheets)
    assert alone.others == 0
    assert told(checker.file(_picture_of("https://social.example/ministry")))[0] == "not_recognised"
    with pytest.raises(InputError) as refused:
        checker.file(_picture_of("00020101021229270009shop@bank"))
    assert refused.value.code == "FOREIGN_CODE"


def test_many_foreign_codes_do_not_hide_one_of_ours() -> None:
    ours = CompactCode("gov.demo", bytes(16)).text
    texts = [f"https://shop-{number}.example/menu" for number in range(30)] + [ours]
    assert codes_to_judge(texts)[0] == ours
    assert len(codes_to_judge(texts)) == MAX_CODES


def _picture_of(text: str) -> bytes:
    stream = io.BytesIO()
    segno.make(text).save(stream, kind="png", scale=6)
    return stream.getvalue()


def _beside(left: bytes, right: bytes) -> bytes:
    pictures = [Image.open(io.BytesIO(one)).convert("L") for one in (left, right)]
    joined = Image.new(
        "L", (sum(one.width for one in pictures) + 40, max(one.height for one in pictures)), 255
    )
    joined.paste(pictures[0], (0, 0))
    joined.paste(pictures[1], (pictures[0].width + 40, 0))
    stream = io.BytesIO()
    joined.save(stream, "PNG")
    return stream.getvalue()


# --- the trust list -----------------------------------------------------------------------------------


def test_without_a_trust_list_or_its_pin_the_operator_is_told(sealed: Sealed, other_home: Path) -> None:
    (other_home / "trust" / "trust-list-signer.der").unlink()
    with pytest.raises(OperatorError):
        sealed.checker(home=other_home)
    with pytest.raises(OperatorError):
        sealed.checker(home=other_home / "nowhere")
    with pytest.raises(OperatorError):
        sealed.checker(rpc_url=None)


def test_a_code_of_another_listed_host_is_fetched_from_that_host_and_nowhere_else(
    sealed: Sealed, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Seen from an installation of another name, the country's host is a listed one far away."""
    far = MemorySite()
    published = FolderBlobs(sealed.country.home / "published")
    status_list = v2.unsalt(sealed.wrapped(sealed.alone)["data"])["govseal"]["status"]["list"]
    paths = [f"d/{sealed.alone.id}", f"status/{status_list}"]
    for path in paths:
        far.objects[HOST, path] = published.get(HOST, path, max_bytes=1 << 20)
    listed: list[set[str]] = []

    def network(hosts: set[str]) -> MemorySite:
        listed.append(hosts)
        return far

    monkeypatch.setattr(checking, "HttpPublished", network)
    abroad = sealed.checker(host="https.elsewhere.example")
    assert listed == [{HOST}]
    assert told(abroad.text(sealed.alone.link)) == ("genuine", None)
    assert far.fetched == [(HOST, path) for path in paths]
    assert told(sealed.checker().text(sealed.alone.link)) == ("genuine", None)
    assert len(far.fetched) == 2, "its own host is answered from its own files"
