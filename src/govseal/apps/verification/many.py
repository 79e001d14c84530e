"""Check many files and links: one answer for each, in their order, whatever each of them is.

    for checked in many_verify(items=[Item("scan.pdf", read=file.read_bytes), Item(link, text=link)], …):
        checked.name, checked.outcome, checked.reason

Invariants: what cannot be read is an answer too, and spoils no other; the ledger is asked for a part at a time, and
no more than a part is held: `PART` items, or fewer once their files have `PART_BYTES`.

What is *not* here: where files and links come from, and the tables that people keep (`govseal.project.cli`, `govseal.web`).
"""

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from govseal.apps.verification import files
from govseal.apps.verification.choosing import STOOD_BEHIND
from govseal.core.errors import GovsealError
from govseal.core.verdict import Outcome, Reason
from govseal.core.verify import Report, Subject, Verifier

PART = 64
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
class Checked:
    """The answer for one item.

    Attributes:
        name: the item's.
        outcome: "could not check" where nothing could be read.
        reason: why; None when genuine.
        report: what the verification found; None when nothing could be read.
        link: text of the code that decided; empty for a document in a file.
        identity: id or hash by which one document is known from another, or empty.
        same_as: name of an earlier item that is the same document, or empty.
    """

    name: str
    outcome: Outcome
    reason: Reason | None
    report: Report | None = None
    link: str = ""
    identity: str = ""
    same_as: str = ""

    @property
    def shown(self) -> Report | None:
        """The report, where a recognised issuer stands behind the document: else nothing of it is shown."""
        return self.report if self.outcome in STOOD_BEHIND else None


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
    known = dict(seen or {})
    part = _Part()
    for item in items:
        part.take(item, sheets)
        if len(part.items) >= part_items or part.size >= PART_BYTES:
            yield from part.answers(verifier(), known)
            part = _Part()
    if part.items:
        yield from part.answers(verifier(), known)


@dataclass
class _Part:
    """Items whose subjects are known, and wait to be verified together."""

    items: list[tuple[Item, files.Sheet | GovsealError]] = field(default_factory=list)
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
        content = item.read()
        sheet = files.sheet_of(content=content, sheets=sheets)
        self.size += len(content)
        return sheet

    def answers(self, verifier: Verifier, seen: dict[str, str]) -> Iterator[Checked]:
        """Verify the part; `seen` names the first item of each document."""
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
            same_as = seen.get(identity, "")
            if identity:
                seen.setdefault(identity, item.name)
            yield Checked(
                item.name, report.verdict.outcome, report.verdict.reason, report, link, identity, same_as
            )


def _unread(item: Item, error: GovsealError) -> Checked:
    return Checked(item.name, Outcome.COULD_NOT_CHECK, Reason(error.code, error.message))
