"""Which document a sheet with several codes is about: its codes decide, or the person is asked. Nothing is guessed.

Two codes of one secret are one document (docs/protocol.md section 4: `compact` and `offline` side by side). A code of
something else, a payment's or a shop's, is passed over when one of ours is there, which is said, and said to be foreign
when none is.

What is *not* here: finding codes (`SheetReader`), and judging them (`govseal.core.verify`).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from govseal.core import qrtext
from govseal.core.errors import GovsealError, InputError
from govseal.core.ports import FoundCode
from govseal.core.verdict import Outcome
from govseal.core.verify import Report

MAX_CODES = 8
"""Codes judged on one file; more is no official sheet."""

STOOD_BEHIND = {Outcome.GENUINE, Outcome.REPLACED, Outcome.REVOKED, Outcome.SUSPENDED, Outcome.EXPIRED}
"""Outcomes in which a recognised issuer made the document: only its content is shown."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the documents whose codes are on a sheet.

    Attributes:
        text: of the code that decides about it; it opens the document, and goes back only to who handed it in.
        report: what that code is worth.
        code: where it stands; None for a document in a file.
    """

    text: str
    report: Report
    code: FoundCode | None = None

    @property
    def said(self) -> str:
        """One line for a terminal: the number and issuer where an institution stands behind it, and the outcome."""
        outcome = self.report.verdict.outcome
        known = [outcome.replace("_", " ")]
        if outcome in STOOD_BEHIND and self.report.document and self.report.issuer:
            known = [self.report.document.number, self.report.issuer.names.get("en", ""), *known]
        return ", ".join(one for one in known if one)


@dataclass(frozen=True, slots=True)
class Decision:
    """Which code decides about a sheet.

    Attributes:
        choice: that one.
        others: how many codes on the sheet are of something else.
    """

    choice: Choice
    others: int


class SeveralDocuments(InputError):  # noqa: N818 - reads as the fact it states
    """Codes of several documents are on one sheet, and only the person knows which one is meant.

    Attributes:
        choices: one for each document, in the order in which their codes were found.
        others: how many codes on the sheet are of something else.
    """

    default_code = "SEVERAL_CODES"

    def __init__(self, choices: Sequence[Choice], others: int = 0) -> None:
        listed = "; ".join(f"{number}: {choice.said}" for number, choice in enumerate(choices, start=1))
        super().__init__(f"Codes of several documents are on this sheet. Say which one is meant: {listed}.")
        self.choices = tuple(choices)
        self.others = others

    def chosen(self, number: int) -> Report:
        """Return the report of the choice of that number, from 1.

        Raises:
            SeveralDocuments: there is no such number.
        """
        if not 1 <= number <= len(self.choices):
            raise self
        return self.choices[number - 1].report


def codes_to_judge(texts: Sequence[str]) -> list[str]:
    """Return the distinct codes that may name a document, ours first, `MAX_CODES` at most.

    Raises:
        InputError: there are codes, and all of something else (`FOREIGN_CODE`).
    """
    distinct = dict.fromkeys(texts)
    links = [text for text in distinct if _is_ours(text) or "://" in text]
    if distinct and not links:
        raise InputError(
            "The code in this picture belongs to something else, such as a payment: it names no document.",
            code="FOREIGN_CODE",
        )
    return sorted(links, key=lambda text: not _is_ours(text))[:MAX_CODES]


def decided(judged: Sequence[Choice], distinct: int) -> Decision:
    """Return the code that decides about a sheet: of several on one document, the one that says the worst.

    Args:
        judged: the codes that may name a document.
        distinct: how many different codes are on the sheet.

    Raises:
        SeveralDocuments: codes of several documents.
    """
    ours = [one for one in judged if one.report.issuer or one.report.document_id] or list(judged)
    by_document: dict[str | None, list[Choice]] = {}
    for one in ours:
        by_document.setdefault(one.report.document_id, []).append(one)
    worst = [min(codes, key=_gravity) for codes in by_document.values()]
    others = distinct - len(ours)
    if len(worst) > 1:
        raise SeveralDocuments(worst, others)
    return Decision(worst[0], others)


def _gravity(choice: Choice) -> int:
    return list(Outcome).index(choice.report.verdict.outcome)


def _is_ours(text: str) -> bool:
    try:
        qrtext.read(text.strip())
    except GovsealError:
        return False
    return True
