"""The page of many, piece by piece: its frame, a row for each answer, and the summary below the last one.

Each piece is made in one language, which is set only while it is made: between pieces a thread may serve others.

What is *not* here: when which piece is sent (`many`), and what a row says (`govseal.web.shared.answers`).
"""

import math
from collections import Counter
from itertools import islice

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from govseal.apps.verification.many import Checked
from govseal.core.verdict import Outcome
from govseal.web.public.many_kept import FIELD, Found, signed
from govseal.web.shared import answers, dates, outcomes

CAUSES = {
    "away": _(
        "A service that the check needs did not answer. This says nothing about the documents."
        " Wait a minute and try again."
    ),
    "late": _("The time for one page is over. Check the others in smaller parts."),
    "busy": _("Many others are being checked just now. Wait a minute and try again."),
}
"""Why not all were checked, by the key that `Found` holds."""

_MARK = "<!--rows-->"
_ENOUGH = 5
"""Rows from which the time that is left can be told."""
_POINTED_AT = 40
"""Rows of one outcome that the summary leads to: more are read in the table."""


def frame(request: HttpRequest, count: int, language: str) -> tuple[str, str]:
    """Return what stands before the rows of `count` items, and what stands after the summary."""
    with override(language):
        context = {"count": count, "mark": _MARK, "field": FIELD}
        head, foot = render_to_string("public/many_result.html", context, request).split(_MARK)
    return head, foot


def row(checked: Checked, place: int, language: str, running: tuple[int, float] | None = None) -> str:
    """Return the row of the answer to item number `place`, from 1.

    Args:
        checked: the answer.
        place: the item's.
        language: "en" or "km".
        running: while others are checked, how many items there are, and the seconds so far.
    """
    with override(language):
        context: dict[str, object] = {"row": answers.answer(checked, place, language)}
        if running:
            count, seconds = running
            left = seconds * (count - place) / place if place >= _ENOUGH else 0
            context |= {"count": count, "minutes": math.ceil(left / 60)}
        return render_to_string("public/many_row.html", context)


def end(found: Found, language: str) -> str:
    """Return the end of the table, and the summary, which bears `found`."""
    with override(language):
        context = {
            "told": _told(found),
            "field": FIELD,
            "kept": signed(found),
            "checked": len(found.answers),
            "missing": found.count - len(found.answers),
            "cause": CAUSES[found.cause],
            "moment": dates.moment(localtime(found.at), language),
        }
        return render_to_string("public/many_end.html", context)


def table(found: Found, language: str) -> list[tuple[str, ...]]:
    """Return the rows of the table to take home, its header first; `language` is the active one."""
    rows = [answers.answer(one, place, language).cells for place, one in enumerate(found.answers, start=1)]
    return [answers.header(), *rows]


def _told(found: Found) -> list[tuple[outcomes.Look, int, list[int]]]:
    """Return how often each outcome was found, and the first rows of those that ask for a look."""
    counts = Counter(one.outcome for one in found.answers)
    return [
        (
            outcomes.look(outcome),
            counts[outcome],
            [] if outcome is Outcome.GENUINE else _places(found, outcome),
        )
        for outcome in Outcome
        if counts[outcome]
    ]


def _places(found: Found, outcome: Outcome) -> list[int]:
    places = (place for place, one in enumerate(found.answers, start=1) if one.outcome is outcome)
    return list(islice(places, _POINTED_AT))
