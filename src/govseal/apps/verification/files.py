"""Check a file that a person holds: a PDF, a picture, an OpenAttestation file; told apart by their first bytes.

    found = file_verify(content=pdf, verifier=verifier, sheets=sheets)
    found.report.verdict.outcome, found.code, found.others

What is *not* here: which of several documents is meant (`choosing`), and what a code alone says (`services`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from govseal.apps.verification.choosing import STOOD_BEHIND, Choice, Decision, codes_to_judge
from govseal.apps.verification.choosing import decided as decided_by
from govseal.core import jsjson, native
from govseal.core.openattestation import v2
from govseal.core.ports import FoundCode, SheetReader, SheetWriter
from govseal.core.qrtext import CompactCode
from govseal.core.verify import Report, Subject, Verifier

DOCUMENT_LIMIT = 4 << 20
"""Bytes of an OpenAttestation file, unzipped JSON."""
ATTESTED_NAME = "attested.json"
"""Name under which a released PDF carries its attested JSON."""

_ENOUGH_CODES = 32
"""Codes of a PDF after which no further page is read."""
_BOM = b"\xef\xbb\xbf"


class Sheets(SheetReader, SheetWriter, Protocol):
    """Reads sheets, and extends them as the release does."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """What of a file is to be verified.

    Attributes:
        subjects: the document that the file is or bears, or else each of its codes that may name one.
        codes: those codes, in the same order; empty where there is a document.
        distinct: how many different codes are on it, whatever they say; 0 where there is a document.
    """

    subjects: tuple[Subject, ...]
    codes: tuple[FoundCode, ...] = ()
    distinct: int = 0

    def decided(self, reports: Sequence[Report]) -> Decision:
        """Return what the file is told to be by the reports of its subjects.

        Raises:
            SeveralDocuments: codes of several documents; it holds them, to ask which is meant.
        """
        if not self.codes:
            return Decision(Choice("", reports[0]), 0)
        judged = [Choice(code.text, one, code) for code, one in zip(self.codes, reports, strict=True)]
        return decided_by(judged, self.distinct)


@dataclass(frozen=True, slots=True)
class FileFinding:
    """What a file was found to be.

    Attributes:
        report: what its verification found.
        text: of the code that says all that a picture says, by which it can be checked again; empty for other
            files, of which more was judged than a code.
        code: text of a code of the document that an institution stands behind, or would if this were the original
            file: original page and evidence can be asked for by it; empty where there is none.
        others: how many codes on it are of something else, and were not checked.
    """

    report: Report
    text: str = ""
    code: str = ""
    others: int = 0


def file_verify(*, content: bytes, verifier: Verifier, sheets: Sheets) -> FileFinding:
    """Verify a PDF, a picture or an OpenAttestation JSON file.

    Raises:
        InputError: the file cannot be read, or nothing that can be checked is in it.
    """
    sheet = sheet_of(content=content, sheets=sheets)
    decision = sheet.decided(verifier.many(sheet.subjects))
    report, text = decision.choice.report, decision.choice.text
    code = ""
    if _stood_behind(report) and report.document and report.document.type:
        code = text or _code_of(sheet.subjects[0].document, report, verifier)
    return FileFinding(report, "" if _is_pdf(content) else text, code, decision.others)


def sheet_of(*, content: bytes, sheets: Sheets) -> Sheet:
    """Return what is to be verified of a file.

    Raises:
        InputError: the file cannot be read, or nothing that can be checked is in it.
    """
    if _is_json(content):
        return Sheet((Subject(document=_parsed(content)),))
    if not _is_pdf(content):
        return _sheet_of_codes(content, sheets, file=None)
    attested = sheets.attached_json(content)
    if attested is None:
        return _sheet_of_codes(content, sheets, file=content)
    document = jsjson.parse(attested, max_bytes=DOCUMENT_LIMIT)
    return Sheet(
        (Subject(None, document, content, lambda pdf: sheets.attach_json(pdf, ATTESTED_NAME, attested)),)
    )


def attested_document(*, content: bytes, sheets: SheetReader) -> Any | None:
    """Return the document that a JSON file is, or that is attached to a PDF; None when only its codes lead to one.

    Raises:
        InputError: the file cannot be read.
    """
    if _is_json(content):
        return _parsed(content)
    attested = sheets.attached_json(content) if _is_pdf(content) else None
    return None if attested is None else jsjson.parse(attested, max_bytes=DOCUMENT_LIMIT)


def deciding_code(*, content: bytes, verifier: Verifier, sheets: SheetReader) -> str:
    """Return the text of that code of a PDF or picture by which the file is judged.

    Raises:
        InputError: the file cannot be read, or nothing that can be checked is in it.
    """
    sheet = _sheet_of_codes(content, sheets, file=None)
    return sheet.decided(verifier.many(sheet.subjects)).choice.text


def _stood_behind(report: Report) -> bool:
    reason = report.verdict.reason
    not_the_original = reason is not None and reason.code == "FILE_NOT_THE_ORIGINAL"
    return not_the_original or report.verdict.outcome in STOOD_BEHIND


def _code_of(document: Any, report: Report, verifier: Verifier) -> str:
    """Return the compact code of a verified native document: its own seal holds the secret (docs/protocol.md section 4)."""
    judge = report.issuer.country if report.issuer else ""
    hosts = [host for one in verifier.trust_lists if one.country == judge for host in one.hosts]
    secret = native.read(v2.unsalt(document["data"])).seal.claims.secret
    return CompactCode(hosts[0], secret).text if hosts else ""


def _is_json(content: bytes) -> bool:
    return _start(content)[:1] in {b"{", b"["}


def _is_pdf(content: bytes) -> bool:
    return not _is_json(content) and b"%PDF-" in _start(content)


def _start(content: bytes) -> bytes:
    return content[:1024].removeprefix(_BOM).lstrip()


def _parsed(content: bytes) -> Any:
    return jsjson.parse(content.removeprefix(_BOM), max_bytes=DOCUMENT_LIMIT)


def _sheet_of_codes(content: bytes, sheets: SheetReader, *, file: bytes | None) -> Sheet:
    is_pdf = _is_pdf(content)
    found = _codes_of_pdf(content, sheets) if is_pdf else sheets.read_image(content)
    codes = {code.text: code for code in reversed(found)}  # of one text, where it stands first
    judged = [codes[text] for text in codes_to_judge([code.text for code in found])]
    return Sheet(
        tuple(Subject(text=code.text, file=file) for code in judged), tuple(judged), distinct=len(codes)
    )


def _codes_of_pdf(content: bytes, sheets: SheetReader) -> list[FoundCode]:
    found: list[FoundCode] = []
    for _page, codes in sheets.read_pdf(content):
        found += codes
        if len({code.text for code in found}) > _ENOUGH_CODES:
            break
    return found
