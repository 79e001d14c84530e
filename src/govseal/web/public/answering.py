"""What a program is answered that asks for JSON (`Accept: application/json`); docs/api.md names every member.

Invariants: an answer holds nothing that the page would not show, and of a code no more than who asked has handed in.

What is *not* here: errors (`errors`), and the report's own JSON form (`govseal.core.verify.report`).
"""

from typing import Any

from django.http import JsonResponse

from govseal.apps.verification.choosing import Choice, SeveralDocuments
from govseal.apps.verification.files import FileFinding
from govseal.core.ports import FoundCode

MULTIPLE_CHOICES = 300
"""RFC 9110 section 15.4.1: the asker picks one; never to be taken for a report."""

_NEXT = "Ask again for the one that is meant: POST its text to /verify."


def report(found: FileFinding) -> JsonResponse:
    """Return what was found."""
    return _json({**found.report.as_json(), "otherCodes": found.others}, 200)


def choices(several: SeveralDocuments) -> JsonResponse:
    """Return the documents of which codes are on one sheet, and how to ask for one."""
    listed = [_choice(number, one) for number, one in enumerate(several.choices, start=1)]
    return _json({"choices": listed, "otherCodes": several.others, "next": _NEXT}, MULTIPLE_CHOICES)


def _choice(number: int, choice: Choice) -> dict[str, Any]:
    return {
        "number": number,
        "id": choice.report.document_id,
        "host": choice.report.host,
        "outcome": choice.report.verdict.outcome,
        "page": choice.code.page if choice.code else None,
        "position": _position(choice.code) if choice.code else None,
        "text": choice.text,
    }


def _position(code: FoundCode) -> dict[str, float] | None:
    """Return where a code stands, as parts of the upright page's width and height from its top left corner."""
    wide, high = code.page_size
    if not (wide and high and code.corners):
        return None
    left, right = (round(pick(x for x, _ in code.corners) / wide, 4) for pick in (min, max))
    top, bottom = (round(pick(y for _, y in code.corners) / high, 4) for pick in (min, max))
    return {"left": left, "top": top, "width": round(right - left, 4), "height": round(bottom - top, 4)}


def _json(members: dict[str, Any], status: int) -> JsonResponse:
    return JsonResponse(members, status=status, json_dumps_params={"ensure_ascii": False})
