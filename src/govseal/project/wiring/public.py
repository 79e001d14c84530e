"""The public web server: it reads what is published and the ledger, and holds no key.

A trust list is read again when its bytes have changed, so that a new institution is known at once.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from io import BytesIO

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from govseal.adapters import spreadsheet
from govseal.apps.evidence.services import IndexedLedger
from govseal.apps.verification import evidence, files, services
from govseal.apps.verification.files import FileFinding
from govseal.apps.verification.many import Checked, Item, many_verify
from govseal.core.ports import LedgerReader
from govseal.core.trustlist import TrustList
from govseal.core.verify import Report, Verifier
from govseal.project.configuration import Configuration
from govseal.project.wiring import shared
from govseal.project.wiring.sheets import Sheets
from govseal.web.shared.ports import TableForm

_OBJECT_LIMIT = 80 << 20
_PAGES_SECONDS = 40.0
"""For the pages of one PDF: a proxy waits a minute for an answer, and one file holds no thread for longer."""
_SHOWN_TOGETHER = 8
"""Of many files, how many are checked before somebody sees them."""


class VerifyService:
    """Fulfils `govseal.web.shared.ports.VerifyPort`."""

    def __init__(self, configuration: Configuration) -> None:
        self._configuration = configuration
        self._published = shared.published_files(configuration)
        self._trust_lists = shared.TrustLists(configuration, self._published)
        self._sheets = Sheets(pages_seconds=_PAGES_SECONDS)

    @cached_property
    def _ledger(self) -> LedgerReader:
        live, lag = shared.ledger_reader(self._configuration), self._configuration.index_lag
        if not lag or not self._configuration.database_url:
            return live
        return IndexedLedger(live, lag=timedelta(seconds=lag), clock=shared.utc_now)

    def _verifier(self) -> Verifier:
        return shared.verifier(
            self._configuration,
            published=self._published,
            ledger=self._ledger,
            trust_lists=self._trust_lists,
        )

    def text(self, text: str) -> Report:
        """Check the text of a code."""
        return services.text_verify(text=text, verifier=self._verifier())

    def upload(self, filename: str, content: bytes) -> FileFinding:
        """Check a file; its name says nothing about it."""
        del filename
        return files.file_verify(content=content, verifier=self._verifier(), sheets=self._sheets)

    def many(self, items: Iterable[Item]) -> Iterator[Checked]:
        """Check many files and links."""
        return many_verify(
            items=items, verifier=self._verifier, sheets=self._sheets, part_items=_SHOWN_TOGETHER
        )

    def table(self, form: TableForm, rows: Sequence[Sequence[str]]) -> bytes:
        """Return rows as a file for a spreadsheet."""
        if form == "csv":
            return spreadsheet.csv_of(rows)
        content = BytesIO()
        spreadsheet.write_xlsx(content, rows)
        return content.getvalue()

    def page(self, text: str) -> bytes | None:
        """Return the first page of the original sheet as PNG."""
        return services.original_page(
            text=text, page=1, verifier=self._verifier(), published=self._published, sheets=self._sheets
        )

    def evidence(self, text: str) -> bytes:
        """Return the evidence file of a code's document."""
        return evidence.evidence_of_text(
            text=text, verifier=self._verifier(), trust_token=self._trust_lists.token()
        )

    def trust_list(self) -> TrustList | None:
        """Return the country's list, or None when none can be believed now."""
        return next(iter(self._trust_lists()), None)

    def published(self, path: str) -> bytes:
        """Return a published object."""
        return self._published.get(self._configuration.host, path, max_bytes=_OBJECT_LIMIT)


@dataclass(frozen=True, slots=True)
class Ports:
    """What a public page may reach."""

    verify: VerifyService


class PublicPorts:
    """Middleware that puts the ports on every request."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response
        self._ports = Ports(VerifyService(settings.CONFIGURATION))

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer `request` with the ports at hand."""
        request.ports = self._ports  # type: ignore[attr-defined] # Django's requests are open to middleware
        return self._get_response(request)
