"""The nine outcomes as a person sees them: icon, colour, word, sentence and what to do next.

Invariants: every `Outcome` of `govseal.core.verdict` has exactly one `Look`; no two looks share an icon, so
that nothing hangs on colour alone; "could not check" never says "false" (docs/protocol.md section 7).

    >>> look(Outcome.GENUINE).icon
    'seal-tick'

What is *not* here: sentences per reason code (`reasons`), and the choice of what a page shows (`result`).
"""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from govseal.core.verdict import Outcome


@dataclass(frozen=True, slots=True)
class Look:
    """How one outcome is shown.

    Attributes:
        icon: name of a drawing under `templates/shared/icons/`.
        tone: name of a colour pair in `browser/styles/tokens.css`: good, bad, warn, calm, still or unsure.
        word: the outcome in one or two words.
        sentence: what was found, in one sentence.
        advice: what to do next, most urgent first.
        shows_content: what of the document may be shown: "asked" under the question whether the paper says
            the same, "unconfirmed" with a warning, or "hidden" because nobody stands behind it.
    """

    icon: str
    tone: str
    word: Promise
    sentence: Promise
    advice: tuple[Promise, ...]
    shows_content: str


KEEP_PAPER = _("Keep the paper or a photo of it: it is the evidence if you report this.")
_ASK_HOLDER = _("Ask the holder for a valid document.")
_ASK_INSTITUTION = _(
    "If in doubt, ask the institution through an address you already know, not one on the paper."
)
_AGAIN = _("Try again in a few minutes.")

_LOOKS = {
    Outcome.GENUINE: Look(
        icon="seal-tick",
        tone="good",
        word=_("Genuine"),
        sentence=_("This document was issued by the institution named above and has not been changed since."),
        advice=(
            _("Compare every line with the paper in your hand. What does not stand here is not confirmed."),
        ),
        shows_content="asked",
    ),
    Outcome.ALTERED: Look(
        icon="octagon-cross",
        tone="bad",
        word=_("Altered"),
        sentence=_("What was checked is not what the institution issued."),
        advice=(_("Do not rely on this document."), KEEP_PAPER, _ASK_INSTITUTION),
        shows_content="hidden",
    ),
    Outcome.NOT_RECOGNISED: Look(
        icon="shield-question",
        tone="bad",
        word=_("Not recognised"),
        sentence=_("No institution in the government's trust list stands behind this document."),
        advice=(
            _("Do not rely on this document, and do not pay or sign anything because of it."),
            KEEP_PAPER,
            _ASK_INSTITUTION,
        ),
        shows_content="hidden",
    ),
    Outcome.REPLACED: Look(
        icon="sheets-arrow",
        tone="calm",
        word=_("Replaced"),
        sentence=_("The institution has issued a newer document in place of this one."),
        advice=(_("Ask the holder for the newer document and check that one."),),
        shows_content="asked",
    ),
    Outcome.REVOKED: Look(
        icon="circle-bar",
        tone="bad",
        word=_("Revoked"),
        sentence=_("The institution has withdrawn this document. It is no longer valid."),
        advice=(_("Do not rely on this document."), _ASK_HOLDER, _ASK_INSTITUTION),
        shows_content="asked",
    ),
    Outcome.SUSPENDED: Look(
        icon="square-pause",
        tone="warn",
        word=_("Suspended"),
        sentence=_("The institution has suspended this document for now. It may become valid again."),
        advice=(
            _("Do not rely on this document today."),
            _("Check it again later, or ask the institution why."),
        ),
        shows_content="asked",
    ),
    Outcome.EXPIRED: Look(
        icon="hourglass",
        tone="warn",
        word=_("Expired"),
        sentence=_("This document was genuine, but the time for which it is valid has ended."),
        advice=(_("Ask the holder for a renewed document."),),
        shows_content="asked",
    ),
    Outcome.NOT_FOUND: Look(
        icon="lens-empty",
        tone="still",
        word=_("Not found"),
        sentence=_("No such document is registered."),
        advice=(
            _("If it was issued within the last hour, try again later: registering takes a few minutes."),
            _("If it is older, treat it as unproven and ask the institution."),
        ),
        shows_content="hidden",
    ),
    Outcome.COULD_NOT_CHECK: Look(
        icon="triangle-dots",
        tone="unsure",
        word=_("Could not check"),
        sentence=_("The check could not be finished. This does not mean that the document is false."),
        advice=(_AGAIN, _("If it still fails, ask the institution that issued the document.")),
        shows_content="unconfirmed",
    ),
}


def look(outcome: Outcome) -> Look:
    """Return how `outcome` is shown."""
    return _LOOKS[outcome]
