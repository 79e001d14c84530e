"""Signed PDFs: a seal is added where every signature allows it, by pyHanko's judgement; the rest is refused."""

import io

import pikepdf
import pytest
from pyhanko.sign.fields import FieldMDPAction, FieldMDPSpec, MDPPerm

from govseal.adapters import pdf, photo
from govseal.adapters.qrimage import QrReader, symbol
from govseal.core.errors import MalformedPdf
from support.codes import COMPACT, HOST
from support.fonts import font_folder
from support.pdfs import document, form, inherited, script
from support.pdfsigning import Hand

HAND = Hand()
ATTESTED = b'{"data":{}}' * 40
FORMS = {
    "table": {"object_stream_mode": pikepdf.ObjectStreamMode.disable},
    "stream": {"object_stream_mode": pikepdf.ObjectStreamMode.generate},
}


def sealed(content: bytes, place: pdf.Place | None = None) -> bytes:
    ready = pdf.prepare(content)
    assert [notice.code for notice in ready.notices] == ["SIGNATURES_KEPT"]
    assert ready.content == content
    font = font_folder() / "kantumruy-pro-600.ttf"
    stamped = pdf.stamp(content, place=place or pdf.Place(), code=symbol(COMPACT), host=HOST, font=font)
    return stamped.content


def released(content: bytes) -> bytes:
    return pdf.attach_json(sealed(content), pdf.ATTESTED_NAME, ATTESTED)


@pytest.mark.parametrize("written", FORMS)
@pytest.mark.parametrize("furnish", [None, form], ids=["plain", "form"])
def test_approvals_stay_valid_under_seal_and_attachment(written: str, furnish: object) -> None:
    signed = HAND.sign(document(furnish, pages=2, **FORMS[written]), box=(300, 20, 400, 60))
    twice = HAND.sign(signed, "Second")
    for content, count in ((signed, 1), (twice, 2)):
        result = released(content)
        assert result.startswith(content)
        judged = HAND.judge(result)
        assert [status.bottom_line for status in judged] == [True] * count
        assert pdf.attached_json(result) == ATTESTED


def test_the_code_reads_back_and_nothing_else_changes() -> None:
    signed = HAND.sign(document())
    result = released(signed)
    _, codes = next(QrReader(pdf.page_images, photo.pages, search_seconds=0).read_pdf(result))
    assert [code.text for code in codes] == [COMPACT.text]
    with pikepdf.open(io.BytesIO(result), attempt_recovery=False) as opened:
        assert opened.check_pdf_syntax() == []
        assert "/AF" not in opened.Root


def test_every_page_of_a_signed_file_can_bear_the_seal() -> None:
    result = sealed(HAND.sign(document(pages=3)), pdf.Place(page=0))
    assert [status.bottom_line for status in HAND.judge(result)] == [True]
    reader = QrReader(pdf.page_images, photo.pages, search_seconds=0)
    assert [len(codes) for _, codes in reader.read_pdf(result)] == [1, 1, 1]


def test_a_sealed_signed_file_is_sealed_already() -> None:
    with pytest.raises(MalformedPdf) as caught:
        pdf.attach_json(released(HAND.sign(document())), pdf.ATTESTED_NAME, ATTESTED)
    assert caught.value.code == "PDF_ALREADY_SEALED"


def test_the_attachment_alone_keeps_signatures_too() -> None:
    result = pdf.attach_json(HAND.sign(document()), pdf.ATTESTED_NAME, ATTESTED)
    assert [status.bottom_line for status in HAND.judge(result)] == [True]
    assert pdf.attached_json(result) == ATTESTED


@pytest.mark.parametrize("level", list(MDPPerm))
def test_a_certified_file_is_refused_and_told_what_its_signer_allows(level: MDPPerm) -> None:
    allowed = {1: "no change at all", 2: "only that forms", 3: "only comments"}[level.value]
    with pytest.raises(MalformedPdf, match=allowed) as caught:
        sealed(HAND.sign(document(form), certify=level))
    assert caught.value.code == "PDF_SIGNED"


def test_a_signature_that_locks_all_fields_is_not_built_upon() -> None:
    signed = HAND.sign(document(form), lock=FieldMDPSpec(FieldMDPAction.ALL))
    with pytest.raises(MalformedPdf, match="'Approval'") as caught:
        sealed(signed)
    assert caught.value.code == "PDF_SIGNED"


def test_a_signature_that_locks_another_field_is_kept() -> None:
    signed = HAND.sign(document(form), lock=FieldMDPSpec(FieldMDPAction.INCLUDE, fields=["elsewhere"]))
    assert [status.bottom_line for status in HAND.judge(released(signed))] == [True]


@pytest.mark.parametrize("written", FORMS)
def test_what_a_page_inherits_or_lacks_is_not_written_into_a_signed_file(written: str) -> None:
    def sparse(made: pikepdf.Pdf) -> None:
        inherited(made)
        del made.pages[0].obj.Resources

    signed = HAND.sign(document(sparse, **FORMS[written]))
    assert [status.bottom_line for status in HAND.judge(released(signed))] == [True]


def changed_since(content: bytes) -> bytes:
    """Return a signed file with another page content appended after the signature."""
    with pikepdf.open(io.BytesIO(content)) as opened:
        page, size = opened.pages[0].obj.objgen, int(opened.trailer.Size)
        catalogue, parent = opened.Root.objgen[0], opened.Root.Pages.objgen[0]
    at = len(content)
    body = f"{page[0]} 0 obj\n<< /Type /Page /MediaBox [0 0 900 900] /Parent {parent} 0 R /Resources << >> >>\nendobj\n".encode()
    previous = content.rsplit(b"startxref", 1)[1].split()[0].decode()
    table = f"xref\n{page[0]} 1\n{at:010d} 00000 n\r\ntrailer\n<< /Size {size} /Root {catalogue} 0 R /Prev {previous} >>\n"
    return content + body + table.encode() + f"startxref\n{at + len(body)}\n%%EOF\n".encode()


@pytest.mark.parametrize(
    ("content", "wishes"),
    [
        (HAND.sign(document())[:-9], pdf.Wishes()),
        (HAND.sign(document(form)), pdf.Wishes(flatten_forms=True)),
        (
            HAND.sign(document(lambda made: made.Root.__setitem__("/OpenAction", script()))),
            pdf.Wishes(remove_active_content=True),
        ),
    ],
    ids=["damaged", "to be flattened", "to be cleaned"],
)
def test_what_would_rewrite_a_signed_file_is_refused(content: bytes, wishes: pdf.Wishes) -> None:
    with pytest.raises(MalformedPdf) as caught:
        pdf.prepare(content, wishes)
    assert caught.value.code == "PDF_SIGNED"


SIGNED = HAND.sign(document(contents=b"0 0 9 9 re f", compress_streams=False, **FORMS["table"]))


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (SIGNED.replace(b"0 0 9 9 re f", b"0 0 8 8 re f"), "'Approval' in the PDF is broken already"),
        (changed_since(SIGNED), "'Approval' in the PDF is broken already"),
        (changed_since(HAND.timestamp(SIGNED)), "is broken already"),
        (HAND.timestamp(SIGNED.replace(b"0 0 9 9 re f", b"0 0 8 8 re f")), "'Approval' in the PDF is broken"),
        (SIGNED.replace(b"/adbe.pkcs7.detached", b"/adbe.x509.rsa_sha1 "), "cannot be checked"),
        (SIGNED.replace(b"/Contents <30", b"/Contents <0f"), "cannot be checked"),
        (SIGNED.replace(b"/ByteRange", b"/ByteRanks"), "cannot be checked"),
    ],
    ids=[
        "a byte",
        "a page added",
        "after its timestamp",
        "before its timestamp",
        "unknown kind",
        "nonsense",
        "of unknown bytes",
    ],
)
def test_a_signature_that_is_broken_already_or_cannot_be_checked_is_not_said_to_be_kept(
    content: bytes, reason: str
) -> None:
    with pytest.raises(MalformedPdf, match=reason) as caught:
        pdf.prepare(content)
    assert caught.value.code == "PDF_SIGNED"


def test_a_document_timestamp_is_kept() -> None:
    stamped = HAND.timestamp(document())
    pdf.attach_json(sealed(stamped), pdf.ATTESTED_NAME, ATTESTED)
    with pytest.raises(MalformedPdf, match="broken already"):
        pdf.prepare(stamped.replace(b"/Count 1", b"/Count 2"))


def test_an_empty_signature_field_is_no_signature() -> None:
    assert pdf.prepare(document(form)).notices == ()
