"""What the public pages may ask of the platform: one service, and nothing that holds a key.

The wiring puts an object of this shape on every request as `request.ports`; the tests put a made one there.

What is *not* here: any behaviour.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Literal, Protocol

from govseal.apps.verification.files import FileFinding
from govseal.apps.verification.many import Checked, Item
from govseal.core.trustlist import TrustList
from govseal.core.verify import Report

TableForm = Literal["csv", "xlsx"]
"""The forms of a table that somebody takes home."""


class VerifyPort(Protocol):
    """Checks what somebody holds. Nothing that is handed in is stored."""

    def text(self, text: str) -> Report:
        """Check the text of a QR code, or a link.

        Raises:
            InputError: this is no code of ours; the person can mend it.
        """

    def upload(self, filename: str, content: bytes) -> FileFinding:
        """Check a photo, a PDF or an OpenAttestation JSON file.

        Raises:
            SeveralDocuments: codes of several documents are on it; it holds them.
            InputError: nothing that can be checked is in it; the person can mend it.
        """

    def many(self, items: Iterable[Item]) -> Iterator[Checked]:
        """Check many files and links, each for itself; yield the answers as they are found.

        Raises:
            GovsealError: nothing can be checked now.
        """

    def table(self, form: TableForm, rows: Sequence[Sequence[str]]) -> bytes:
        """Return rows, the first as header, as a file for a spreadsheet in which no cell is a formula."""

    def page(self, text: str) -> bytes | None:
        """Return the original page that belongs to a code's text as PNG, or None when there is none.

        Raises:
            InputError: this is no code.
        """

    def evidence(self, text: str) -> bytes:
        """Return the evidence file of a code's document: all that verifies it without any platform.

        Raises:
            InputError: this is no code.
            RefusedError: no institution stands behind the document.
            OutsideError: what belongs into the file cannot be had now.
        """

    def trust_list(self) -> TrustList | None:
        """Return the country's list, or None when none can be believed now."""

    def published(self, path: str) -> bytes:
        """Return what is published under `path`, which has no leading slash.

        Raises:
            NotPublished: nothing is.
            OutsideError: its place did not answer.
        """


class Ports(Protocol):
    """What `request.ports` offers to the public pages."""

    verify: VerifyPort
