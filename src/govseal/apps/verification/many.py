"""Check many files and links: one answer for each, in their order, whatever each of them is.

    for checked in many_verify(items=[Item("scan.pdf", read=file.read_bytes), Item(link, text=link)], …):
        checked.name, checked.outcome, checked.reason

Invariants: what cannot be read is an answer too, and spoils no other; the ledger is asked for a part at a time, and
no more than a part is held: `PART` items, or fewer once `PART_FILES` of them are files or these have `PART_BYTES`; an
answer holds nothing of a document but what a row shows of it, and goes from one process to another.

What is *not* here: where files and links come from, the tables that people keep (`govseal.project.cli`, `govseal.web`),
and sharing the work among processes (`govseal.project.wiring.checking_apart`).
"""

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from govseal.apps.verification import files
from govseal.apps.verification.choosing import STOOD_BEHIND
from govseal.core.errors import GovsealError
from govseal.core.verdict import Outcome, Reason
from govseal.core.verify import IssuerView, Report, Subject, Verifier

PART = 256
"""Links: a fourteenth faster, each, than 64 at a time, and still answered in a tenth of a second."""
PART_FILES = 64
PART_BYTES = 32 << 20

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Item:
    """A file or a link that somebody wants to have checked.

    Attributes:
        name: what they call it.
        text: the text of a code, or a link; empty for a file.
        read: gives the file's bytes; may raise `GovsealError` or `OSError`.
    """

    name: str
    text: str = ""
    read: Callable[[], bytes] | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    """What a row shows of a document that a recognised issuer stands behind.

    Attributes:
        issuer: that one, or None.
        type: code of its type; empty for a document that is not native.
        type_names: that type's name per language, from the trust list.
        number: its number; empty for a document that is not native.
        issued: date of issue, or None.
    """

    issuer: IssuerView | None
    type: str = ""
    type_names: Mapping[str, str] = field(default_factory=dict)
    number: str = ""
    issued: date | None = None

    @classmethod
    def of(cls, report: Report) -> "Shown | None":
        """Return what is shown by a report; None where no recognised issuer stands behind the document."""
        if report.verdict.outcome not in STOOD_BEHIND:
            return None
        if (document := report.document) is None:
            return cls(report.issuer)
        return cls(report.issuer, document.type, document.type_names, document.number, document.issued)


@dataclass(frozen=True, slots=True)
class Checked:
    """The answer for one item.

    Attributes:
        name: the item's.
        outcome: "could not check" where nothing could be read.
        reason: why; None when genuine.
        shown: what of the document is shown; None where nobody stands behind it, or nothing could be read.
        link: text of the code that decided; empty for a document in a file.
        identity: id or hash by which one document is known from another, or empty.
        same_as: name of an earlier item that is the same document, or empty.
    """

    name: str
    outcome: Outcome
    reason: Reason | None
    shown: Shown | None = None
    link: str = ""
    identity: str = ""
    same_as: str = ""


def many_verify(
    *,
    items: Iterable[Item],
    verifier: Callable[[], Verifier],
    sheets: files.Sheets,
    seen: Mapping[str, str] | None = None,
    part_items: int = PART,
) -> Iterator[Checked]:
    """Yield the answer for each item.

    Args:
        items: as many as there are; none is read before its part begins.
        verifier: gives the verifier for the next part, by the trust list as it is then.
        sheets: reads files.
        seen: names of items that were checked before, by their `identity`.
        part_items: how many are verified together; fewer are answered sooner.

    Raises:
        GovsealError: no verifier can be had.
    """
    return told_apart(_answers(items, verifier, sheets, part_items), seen or {})


def told_apart(answers: Iterable[Checked], seen: Mapping[str, str]) -> Iterator[Checked]:
    """Yield answers, each with the name of the first item that is the same document.

    Args:
        answers: in the order of their items.
        seen: as of `many_verify`.
    """
    known = dict(seen)
    for one in answers:
        first = known.get(one.identity, "")
        if one.identity and not first:
            known[one.identity] = one.name
        yield one if first == one.same_as else replace(one, same_as=first)


def _answers(
    items: Iterable[Item], verifier: Callable[[], Verifier], sheets: files.Sheets, part_items: int
) -> Iterator[Checked]:
    part = _Part()
    for item in items:
        part.take(item, sheets)
        if len(part.items) >= part_items or part.of_files >= PART_FILES or part.size >= PART_BYTES:
            yield from part.answers(verifier())
            part = _Part()
    if part.items:
        yield from part.answers(verifier())


@dataclass
class _Part:
    """Items whose subjects are known, and wait to be verified together."""

    items: list[tuple[Item, files.Sheet | GovsealError]] = field(default_factory=list)
    of_files: int = 0
    size: int = 0

    def take(self, item: Item, sheets: files.Sheets) -> None:
        try:
            sheet = self._sheet(item, sheets)
        except GovsealError as error:
            self.items.append((item, error))
        except OSError as error:
            self.items.append(
                (item, GovsealError(f"It cannot be read: {error.strerror}.", code="FILE_UNUSABLE"))
            )
        except Exception:  # noqa: BLE001 - one file may meet a library's fault; the others are still to be checked
            _LOG.exception("A file could not be read, for a reason that nobody expected")
            message = "It cannot be read: something went wrong that should not."
            self.items.append((item, GovsealError(message, code="FILE_UNUSABLE")))
        else:
            self.items.append((item, sheet))

    def _sheet(self, item: Item, sheets: files.Sheets) -> files.Sheet:
        if item.read is None:
            return files.Sheet((Subject(text=item.text.strip()),))
        self.of_files += 1
        content = item.read()
        sheet = files.sheet_of(content=content, sheets=sheets)
        self.size += len(content)
        return sheet

    def answers(self, verifier: Verifier) -> Iterator[Checked]:
        """Verify the part."""
        subjects = [
            one for _, found in self.items if isinstance(found, files.Sheet) for one in found.subjects
        ]
        reports = iter(verifier.many(subjects))
        for item, found in self.items:
            if isinstance(found, GovsealError):
                yield _unread(item, found)
                continue
            own = [next(reports) for _ in found.subjects]
            try:
                choice = found.decided(own).choice
            except GovsealError as error:
                yield _unread(item, error)
                continue
            report, link = choice.report, item.text.strip() or choice.text
            identity = report.document_id or report.target_hash or ""
            verdict, shown = report.verdict, Shown.of(report)
            yield Checked(item.name, verdict.outcome, verdict.reason, shown, link, identity)


def _unread(item: Item, error: GovsealError) -> Checked:
    return Checked(item.name, Outcome.COULD_NOT_CHECK, Reason(error.code, error.message))
