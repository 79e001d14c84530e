"""What was found of many, as the visitor's own page bears it: signed, since a table with our name on it must be ours.

A browser sends its files once, and we store none. So the page holds what was found of them, and hands it back for
the table to take home, or to be shown in another language: the same answers, of the same moment.

    opened(signed(found), 3600) == found

What is *not* here: how it is shown (`many_page`), and the page of a single upload (`govseal.web.shared.kept`).
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.core import signing

from govseal.apps.verification.many import Checked, Shown
from govseal.core.verdict import Outcome, Reason
from govseal.core.verify import IssuerView

FIELD = "kept"
_SALT = "govseal.web.public.many"


@dataclass(frozen=True, slots=True)
class Found:
    """What was found.

    Attributes:
        answers: one for each item that was checked, in their order; a reason's message and an identity are not held.
        count: how many items came.
        cause: key of why the others were not checked (`many_page.CAUSES`); says nothing where there are none.
        at: when the check ended, with its zone.
    """

    answers: tuple[Checked, ...]
    count: int
    cause: str
    at: datetime


def signed(found: Found) -> str:
    """Return `found` as the value of a form's field."""
    answers = [_plain(one) for one in found.answers]
    return signing.dumps([answers, found.count, found.cause, found.at.isoformat()], salt=_SALT, compress=True)


def opened(value: str, seconds: int) -> Found | None:
    """Return what `signed` made no longer than `seconds` ago; None for all else."""
    try:
        answers, count, cause, moment = signing.loads(value, salt=_SALT, max_age=seconds)
    except signing.BadSignature:
        return None
    return Found(tuple(_checked(one) for one in answers), count, cause, datetime.fromisoformat(moment))


def _plain(one: Checked) -> list[Any]:
    """Return an answer in JSON's values."""
    code = one.reason.code if one.reason else ""
    return [
        one.name,
        one.outcome,
        code,
        _plain_shown(one.shown) if one.shown else None,
        one.link,
        one.same_as,
    ]


def _plain_shown(shown: Shown) -> list[Any]:
    issuer = shown.issuer
    named = [issuer.code, issuer.country, dict(issuer.names), issuer.domain] if issuer else None
    issued = shown.issued.isoformat() if shown.issued else None
    return [named, shown.type, dict(shown.type_names), shown.number, issued]


def _checked(plain: list[Any]) -> Checked:
    """Return the answer that `_plain` was given."""
    name, outcome, code, shown, link, same_as = plain
    return Checked(
        name=name,
        outcome=Outcome(outcome),
        reason=Reason(code, "") if code else None,
        shown=_shown(shown) if shown else None,
        link=link,
        same_as=same_as,
    )


def _shown(plain: list[Any]) -> Shown:
    named, kind, names, number, issued = plain
    issuer = IssuerView(*named) if named else None
    return Shown(issuer, kind, names, number, date.fromisoformat(issued) if issued else None)
