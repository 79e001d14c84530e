"""What a person is told of a PDF that was accepted: what was changed, what was lost, what may go wrong in print.

What is *not* here: refusals, which are errors (`govseal.core.errors.MalformedPdf`).
"""

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Notice:
    """One remark.

    Attributes:
        code: published word for it (docs/pdf.md).
        message: one sentence for a person.
    """

    code: str
    message: str

    def facts(self) -> dict[str, Any]:
        """Return the remark as plain values."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a person asked to be done to a PDF before it is sealed.

    Attributes:
        password: opens it, when it is locked; the sealed file opens without.
        flatten_forms: draw the form's values into the pages and drop the form.
        remove_active_content: drop scripts, launch actions, external streams and XFA instead of refusing.
    """

    password: str | None = None
    flatten_forms: bool = False
    remove_active_content: bool = False


@dataclass(frozen=True, slots=True)
class Handled:
    """A PDF after a step, and what is to be said of it."""

    content: bytes
    notices: tuple[Notice, ...] = ()
