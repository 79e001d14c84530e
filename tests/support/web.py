"""The public site over a made verifier: every page and outcome without a database, a chain or a network.

The port is faked, not the views. Codes are `https://verify.example/s#1` and a word of `CASES`.
"""

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import django
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.test import override_settings
from django.urls import include, path

from govseal.adapters import spreadsheet
from govseal.apps.verification.choosing import Choice, SeveralDocuments
from govseal.apps.verification.files import FileFinding
from govseal.apps.verification.many import Checked, Item, Shown
from govseal.core.errors import InputError, LedgerUnavailable, NotPublished, RefusedError
from govseal.core.ports import FoundCode
from govseal.core.trustlist import DocumentTypeRule, Institution, Store, StoreRef, TrustList
from govseal.core.verdict import Family, FragmentStatus, Outcome, Reason
from govseal.core.verify import Report
from govseal.web.shared import catalogues
from govseal.web.shared.ports import TableForm
from support import reports

PROJECT = Path(__file__).resolve().parents[2]
SHARED = catalogues.WEB / "shared"
CODE = "https://verify.example/s#1"
CASES: dict[str, Callable[[], Report]] = {
    **{outcome.value: (lambda outcome=outcome: reports.report(outcome)) for outcome in Outcome},
    "unknown_host": lambda: reports.refused(
        2, "TrustListHost", FragmentStatus.INVALID, "HOST_NOT_LISTED", host="verify-gov.example"
    ),
    "unreadable": lambda: reports.refused(
        1, "QrText", FragmentStatus.ERROR, "MALFORMED_QR", Family.DOCUMENT_INTEGRITY
    ),
}
SETTINGS = {
    "DEBUG": False,
    "SECRET_KEY": "for tests only",
    "ALLOWED_HOSTS": ["testserver", "localhost"],
    "INSTALLED_APPS": ["django.contrib.staticfiles", "govseal.web.shared", "govseal.web.public"],
    "MIDDLEWARE": [
        "govseal.web.shared.security.SecurityHeaders",
        "django.middleware.common.CommonMiddleware",
        "govseal.web.shared.language.LanguageChoice",
        "django.middleware.csrf.CsrfViewMiddleware",
        "support.web.MadePorts",
    ],
    "ROOT_URLCONF": "support.web",
    "TEMPLATES": [{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}],
    "STATIC_URL": "/static/",
    "STORAGES": {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}},
    "LANGUAGE_CODE": "km",
    "LANGUAGES": [("km", "ខ្មែរ"), ("en", "English")],
    "LANGUAGE_COOKIE_NAME": "lang",
    "LOCALE_PATHS": [str(catalogues.FOLDER)],
    "TIME_ZONE": "Asia/Phnom_Penh",
    "USE_TZ": True,
    "DATABASES": {},
    "DATA_UPLOAD_MAX_NUMBER_FILES": 1_000,
}
PUBLISHED = {
    "d/" + "0f" * 16: b"\x01ciphertext",
    "d/" + "0f" * 16 + "/f/0": b"\x02a sealed PDF",
    ".well-known/govseal/trust-list.jwt": b"e30.e30.e30",
    ".well-known/govseal/successions/" + "5c" * 32: b"e30.e30.e30",
    "a/" + "7b" * 32: b"e30.e30.e30",
    "status/0": b"e30.e30.e30",
    "status/17": b"e30.e30.e30",
    "status/17.cwt": b"\xd2signed",
    "status/17.notices": b"e30.e30.e30",
}


def trust_list_of(count: int) -> TrustList:
    """Return a list of `count` made institutions, and one that issues nothing any more."""
    moment = datetime(2026, 11, 1, tzinfo=UTC)
    issuing = [
        Institution(
            code=f"office-{number}",
            names={"en": f"Provincial office {number} (demonstration)", "km": f"មន្ទីរខេត្តទី {number} (សាកល្បង)"},
            domain=f"office-{number}.example",
            stores=(_store(number),),
            document_types={
                "residence": DocumentTypeRule((), {"en": "Residence certificate", "km": "លិខិតបញ្ជាក់ទីលំនៅ"})
            },
        )
        for number in range(1, count + 1)
    ]
    retired = Institution(
        "closed", {"en": "Closed office"}, "closed.example", stores=(_store(0, retired_at=moment),)
    )
    return TrustList(
        "KH", {"en": "Demonstration"}, 7, moment, moment, ("verify.example",), (*issuing, retired)
    )


def _store(number: int, retired_at: datetime | None = None) -> Store:
    return Store(StoreRef(1337, "0x" + "1f" * 32, f"0x{number:040x}"), retired_at=retired_at)


def _corners(top: float) -> tuple[tuple[float, float], ...]:
    """Return the corners of a code 200 wide whose upper left is at (50, `top`)."""
    return (50.0, top), (250.0, top), (250.0, top + 200), (50.0, top + 200)


class MadeVerifier:
    """Fulfils `govseal.web.shared.ports.VerifyPort`; remembers what it was asked."""

    def __init__(self) -> None:
        self.uploads: list[tuple[str, bytes]] = []
        self.texts: list[str] = []
        self.named: dict[str, str] = {}
        self.tables: list[tuple[str, list[list[str]]]] = []
        self.picture: bytes | None = None
        self.listed: TrustList | None = trust_list_of(60)

    def text(self, text: str) -> Report:
        self.texts.append(text)
        if "away" in text:
            raise LedgerUnavailable("the ledger is away")
        if "broken" in text:
            raise RuntimeError("a fault of ours")
        return CASES.get(text.removeprefix(CODE), CASES["unreadable"])()

    def upload(self, filename: str, content: bytes) -> FileFinding:
        self.uploads.append((filename, content))
        if content.startswith(b"\x89PNG"):
            places = [FoundCode("", _corners(top), 1, (1000, 2000)) for top in (100, 900, 1700)]
            cases = ("genuine", "revoked", "unknown_host")
            raise SeveralDocuments(
                [Choice(CODE + one, CASES[one](), place) for one, place in zip(cases, places, strict=True)],
                others=1,
            )
        if content.startswith(b"BM"):
            return FileFinding(CASES["genuine"](), CODE + "genuine", CODE + "genuine", others=2)
        if content.startswith(b"%PDF-0"):
            report = reports.refused(
                9, "AttachedFile", FragmentStatus.ERROR, "FILE_NOT_THE_ORIGINAL", Family.DOCUMENT_INTEGRITY
            )
            seen = replace(report, issuer=reports.ISSUER, document=reports.DOCUMENT)
            return FileFinding(seen, "", CODE + "genuine")
        if not content.startswith(b"%PDF"):
            raise InputError("no code", code="NO_CODE")
        return FileFinding(reports.report(Outcome.GENUINE, profile="file", host=""), "", CODE + "genuine")

    def many(self, items: Iterable[Item]) -> Iterator[Checked]:
        for item in items:
            if "away" in item.text:
                raise LedgerUnavailable("the ledger is away")
            try:
                report = self.upload(item.name, item.read()).report if item.read else self.text(item.text)
            except InputError as error:
                yield Checked(item.name, Outcome.COULD_NOT_CHECK, Reason(error.code, error.message))
                continue
            verdict = report.verdict
            same_as = self.named.get(item.text, "")
            if item.text:
                self.named.setdefault(item.text, item.name)
            shown = Shown.of(report)
            yield Checked(item.name, verdict.outcome, verdict.reason, shown, item.text, same_as=same_as)

    def table(self, form: TableForm, rows: Sequence[Sequence[str]]) -> bytes:
        self.tables.append((form, [list(row) for row in rows]))
        return spreadsheet.csv_of(rows)

    def page(self, text: str) -> bytes | None:
        return self.picture if text.startswith(CODE) else None

    def evidence(self, text: str) -> bytes:
        report = self.text(text)
        if report.issuer is None or not report.document:
            raise RefusedError("nobody stands behind it", code="NO_EVIDENCE")
        return b'{"govseal": "evidence"}'

    def trust_list(self) -> TrustList | None:
        return self.listed

    def published(self, path: str) -> bytes:
        if path == "d/away":
            raise LedgerUnavailable("its place is away")
        if path not in PUBLISHED:
            raise NotPublished("none")
        return PUBLISHED[path]


class Ports:
    """Fulfils `govseal.web.shared.ports.Ports`."""

    verify = MadeVerifier()


class MadePorts:
    """Middleware that stands where the wiring's stands."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.ports = Ports
        return self._get_response(request)


urlpatterns = [path("", include("govseal.web.public.urls"))]
handler400 = "govseal.web.public.errors.bad_request"
handler404 = "govseal.web.public.errors.not_found"
handler500 = "govseal.web.public.errors.server_error"


def prepare() -> None:
    """Configure Django for the public site unless a test before has; compile the translations."""
    if not settings.configured:
        catalogues.compile_all()
        settings.configure(**SETTINGS)
        django.setup()


@contextmanager
def configured() -> Iterator[MadeVerifier]:
    """Put the made site in place of whatever Django serves; yield the verifier behind it."""
    prepare()
    verifier = Ports.verify = MadeVerifier()
    kept = {name: value for name, value in SETTINGS.items() if name not in {"INSTALLED_APPS", "DATABASES"}}
    with override_settings(**kept):
        yield verifier


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True
    request_queue_size = 64


class _Quiet(WSGIRequestHandler):
    def log_message(self, *_args: object) -> None:
        """Say nothing."""


@contextmanager
def served() -> Iterator[str]:
    """Serve the configured site on a free port of this machine; yield its origin."""
    from django.contrib.staticfiles.handlers import StaticFilesHandler  # noqa: PLC0415 - needs settings
    from django.core.handlers.wsgi import WSGIHandler  # noqa: PLC0415 - needs settings

    application = StaticFilesHandler(WSGIHandler())
    with make_server("127.0.0.1", 0, application, _Server, _Quiet) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://localhost:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def built() -> bool:
    """Whether the browser's files were built."""
    return (SHARED / "static" / "build" / "site.css").exists()
