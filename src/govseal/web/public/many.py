"""Many at once: up to 200 files and links in, one table out, which grows while they are checked.

The page is sent in steps, so that progress is seen without a script, and so few of them that a reader who takes none
holds up nobody. Nothing is kept: what was found comes back from the visitor's own page, as a table to take home or in
another language.

What is *not* here: checking (`govseal.apps.verification.many`), the pieces (`many_page`), and how they come back
(`many_kept`).
"""

import logging
import time
from collections.abc import Callable, Generator, Iterable, Iterator
from itertools import chain
from threading import BoundedSemaphore

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.timezone import now
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from govseal.apps.verification.many import Checked, Item
from govseal.core.errors import GovsealError, InputError
from govseal.web.public import errors, many_kept, many_page
from govseal.web.public.limits import bounded, bounded_to, posted
from govseal.web.public.many_kept import Found
from govseal.web.public.sizes import UPLOAD_BYTES
from govseal.web.shared.ports import TableForm

MOST_ITEMS = 200
TOGETHER_BYTES = 40 * 1024 * 1024
LINE_CHARACTERS = 4_096
TEXT_BYTES = 512 * 1024

_BODY_BYTES = TOGETHER_BYTES + TEXT_BYTES + 512 * 1024  # the form around the files
_TABLE_SECONDS = 24 * 60 * 60
_AGAIN_SECONDS = 60 * 60
"""For so long the page is shown again as it was found: a document may have been revoked since."""
_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}

_SECONDS = 240.0
"""For one page: after these no further file is read, so that nobody holds a thread of the server for ever."""
_PLACES = BoundedSemaphore(2)
"""Of the server's threads, so many check many; the others stay for everybody else."""
_SENT_EARLY = 128 * 1024
"""Bytes of rows that are sent before all are there."""
_LONGEST_PAUSE = 30.0

_LIMITS = {"most": MOST_ITEMS, "upload_bytes": UPLOAD_BYTES, "together_bytes": TOGETHER_BYTES}

_log = logging.getLogger(__name__)


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters("texts")
@bounded_to(_BODY_BYTES, errors.TOO_MUCH)
def many(request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
    """Show the form, or check what it brought."""
    if request.method != "POST":
        return render(request, "public/many.html", _LIMITS)
    items = [*_files(request.FILES.getlist("files")), *_links(request.POST.get("texts", ""))]
    if not items:
        return errors.unreadable(request, _("Nothing was chosen. Choose files, or paste links."))
    if len(items) > MOST_ITEMS:
        return errors.unreadable(request, _("These are more than 200. Check them in several parts."))
    response = StreamingHttpResponse(_page(request, items, get_language() or "en"))
    response["X-Accel-Buffering"] = "no"  # nginx would hold the rows back until the last
    return response


@csrf_exempt
@posted
@sensitive_post_parameters(many_kept.FIELD)
@bounded
def again(request: HttpRequest) -> HttpResponse:
    """Show in another language what was found, from what the visitor's page holds of it."""
    if not (held := request.POST.get(many_kept.FIELD)):
        return redirect("public:many")  # nothing was found yet
    found = many_kept.opened(held, _AGAIN_SECONDS)
    if found is None:
        return errors.unreadable(
            request, _("This result is too old to be shown again. Check the documents anew.")
        )
    language = get_language() or "en"
    head, foot = many_page.frame(request, found.count, language)
    rows = (many_page.row(one, place, language) for place, one in enumerate(found.answers, start=1))
    return HttpResponse([head, *rows, many_page.end(found, language), foot])


@csrf_exempt
@posted
@sensitive_post_parameters(many_kept.FIELD)
@bounded
def table(request: HttpRequest) -> HttpResponse:
    """Send the table of a check as a file, from what the visitor's page holds of it."""
    form: TableForm = "xlsx" if request.POST.get("form") == "xlsx" else "csv"
    found = many_kept.opened(request.POST.get(many_kept.FIELD, ""), _TABLE_SECONDS)
    if found is None:
        return errors.unreadable(
            request, _("This table is too old to be made again. Check the documents anew.")
        )
    rows = many_page.table(found, get_language() or "en")
    response = HttpResponse(request.ports.verify.table(form, rows), content_type=_TYPES[form])
    response["Content-Disposition"] = f'attachment; filename="govseal-checked.{form}"'
    return response


# --- what was handed in -------------------------------------------------------------------------------


def _files(files: Iterable[UploadedFile]) -> Iterator[Item]:
    for file in files:
        yield Item((file.name or "")[:200], read=lambda file=file: _content(file))


def _content(file: UploadedFile) -> bytes:
    if file.size is None or file.size > UPLOAD_BYTES:
        raise InputError("This file is too large.", code="TOO_LARGE")
    content: bytes = file.read()
    file.close()  # its bytes are held once
    return content


def _links(texts: str) -> Iterator[Item]:
    for line in texts.splitlines():
        if text := line.strip():
            yield Item(text[:LINE_CHARACTERS], text=text[:LINE_CHARACTERS])


# --- the page, piece by piece -------------------------------------------------------------------------


def _page(request: HttpRequest, items: list[Item], language: str) -> Iterator[str]:
    head, foot = many_page.frame(request, len(items), language)
    yield head
    yield from in_steps(chain(_rows(request, items, language), [foot]))


def in_steps(pieces: Iterable[str], clock: Callable[[], float] = time.monotonic) -> Iterator[str]:
    """Join pieces into a few: the first at once, others after ever longer pauses, and what is left as one.

    A server holds back a dozen pieces and some hundred kilobytes for a reader who takes none; at more it would stop
    the thread that makes them, and with it the check, for as long as the reader likes. Here there are never more.
    """
    held: list[str] = []
    last, pause, sent = clock(), 0.0, 0
    for piece in pieces:
        held.append(piece)
        if clock() - last >= pause and sent < _SENT_EARLY:
            step = "".join(held)
            held.clear()
            yield step
            sent += len(step.encode())
            last, pause = clock(), min(max(2 * pause, 1.0), _LONGEST_PAUSE)
    yield "".join(held)


def _rows(request: HttpRequest, items: list[Item], language: str) -> Iterator[str]:
    """Yield a row for each item, and the summary; a place is held meanwhile."""
    found: list[Checked] = []
    cause = "busy"
    if _PLACES.acquire(blocking=False):
        try:
            cause = yield from _checked(request, items, language, found)
        finally:
            _PLACES.release()
    yield many_page.end(Found(tuple(found), len(items), cause, now()), language)


def _checked(
    request: HttpRequest, items: list[Item], language: str, found: list[Checked]
) -> Generator[str, None, str]:
    """Yield a row for each item, and put its answer into `found`; return why not all were checked, should any be missing."""
    started = time.monotonic()
    try:
        for checked in request.ports.verify.many(_in_time(items)):
            found.append(checked)
            yield many_page.row(checked, len(found), language, (len(items), time.monotonic() - started))
    except GovsealError as error:
        _log.error("%s: %s", error.code, error.message)  # for the operator; an error carries no key
        return "away"
    return "late"


def _in_time(items: Iterable[Item]) -> Iterator[Item]:
    """Yield items until the page's time is over; an item is read before the next is asked for."""
    deadline = time.monotonic() + _SECONDS
    for item in items:
        yield item
        if time.monotonic() > deadline:
            return
