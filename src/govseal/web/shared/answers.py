"""From an answer about one of many things to its row: on the page, and in the table that is taken home.

Invariants: as `result`: of a document that nobody stands behind nothing is shown; names come from the trust list.

What is *not* here: the words (`outcomes`, `reasons`).
"""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from govseal.apps.verification.many import Checked
from govseal.core.verdict import Outcome
from govseal.web.shared import content, dates, outcomes, reasons

_SHORT = 48


@dataclass(frozen=True, slots=True)
class Answer:
    """One row.

    Attributes:
        place: its number among all, from 1.
        name: what was handed in, whole.
        short: that, no longer than fits a column.
        outcome: what was found.
        look: how that is shown.
        why: the reason in one sentence; empty when it adds nothing.
        issuer, kind, number: of the document; empty where nobody stands behind it.
        issued: the date of issue in words.
        link: text of the code, by which it can be looked at closer; empty for a document in a file.
        same_as: what was handed in before and is the same document.
        cells: the row of the table, in the order of `header`.
    """

    place: int
    name: str
    short: str
    outcome: Outcome
    look: outcomes.Look
    why: str
    issuer: str
    kind: str
    number: str
    issued: str
    link: str
    same_as: str
    cells: tuple[str, ...]


def header() -> tuple[str, ...]:
    """Return the names of the table's columns in the active language."""
    return (
        _("File or link"),
        _("Outcome"),
        _("Reason"),
        _("Institution"),
        _("Kind of document"),
        _("Document number"),
        _("Date of issue"),
        _("Link"),
        _("Same document as"),
    )


def answer(checked: Checked, place: int, language: str) -> Answer:
    """Return the row of `checked` in `language` ("en", "km"), which is the active one."""
    look, shown = outcomes.look(checked.outcome), checked.shown
    issuer = (
        content.in_language(shown.issuer.names, language, shown.issuer.code) if shown and shown.issuer else ""
    )
    kind = content.in_language(shown.type_names, language, shown.type) if shown else ""
    number = shown.number if shown else ""
    issued = shown.issued if shown else None
    why = str(_why(checked))
    return Answer(
        place=place,
        name=checked.name,
        short=_shortened(checked.name),
        outcome=checked.outcome,
        look=look,
        why=why,
        issuer=issuer,
        kind=kind,
        number=number,
        issued=dates.day(issued, language) if issued else "",
        link=checked.link,
        same_as=_shortened(checked.same_as),
        cells=(
            *(checked.name, str(look.word), why, issuer, kind, number),
            *(issued.isoformat() if issued else "", checked.link, checked.same_as),
        ),
    )


def _why(checked: Checked) -> Promise | str:
    return (reasons.sentence(checked.reason.code) or "") if checked.reason else ""


def _shortened(name: str) -> str:
    return name if len(name) <= _SHORT else f"{name[: _SHORT - 8]}…{name[-7:]}"
