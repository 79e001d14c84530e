"""Why and since when a document is not valid, in one sentence: what the signed notices tell (clause 6.7).

    >>> told(None, "en")
    ''

What is *not* here: whether the notice is believed (`govseal.core.status.notices`).
"""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from govseal.core.verify import StatusView
from govseal.web.shared import dates

_REASONS = {  # `other` says nothing more, and so does a code that this release does not know
    "error": gettext_lazy("it was issued in error"),
    "corrected": gettext_lazy("a corrected one was issued"),
    "renewed": gettext_lazy("it was renewed"),
    "lost": gettext_lazy("it was reported lost"),
    "fraud": gettext_lazy("it was obtained by fraud"),
    "review": gettext_lazy("it is under review"),
    "ended": gettext_lazy("what it certifies has ended"),
    "court": gettext_lazy("a court has so decided"),
}


def told(status: StatusView | None, language: str) -> str:
    """Return the sentence in the active language, which `language` names; empty when nothing is told."""
    if status is None or status.since is None:
        return ""
    values = {"day": dates.day(status.since, language), "reason": _REASONS.get(status.reason, "")}
    known = status.reason in _REASONS
    match status.state:
        case "revoked":
            return (_("Revoked on %(day)s: %(reason)s.") if known else _("Revoked on %(day)s.")) % values
        case "suspended":
            return (_("Suspended on %(day)s: %(reason)s.") if known else _("Suspended on %(day)s.")) % values
        case "superseded":
            return (_("Replaced on %(day)s: %(reason)s.") if known else _("Replaced on %(day)s.")) % values
        case _:
            return ""
