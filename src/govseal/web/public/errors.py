"""Error pages: what happened, what was kept, what to do next.

Invariants: they need neither database nor ports, so that they work when those do not; none repeats what
was handed in. Root urls name them: `handler404 = "govseal.web.public.errors.not_found"`.

What is *not* here: outcomes of a check, which are results and no errors.
"""

import re
from dataclasses import dataclass, replace

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from govseal.web.public.sizes import UPLOAD_BYTES
from govseal.web.shared import kept


@dataclass(frozen=True, slots=True)
class ErrorText:
    """The things that an error page says; `looked`, what was looked at in vain, where there is such a thing."""

    happened: Promise | str
    kept: Promise
    next: Promise | str
    looked: Promise | str = ""


_SENTENCE_END = re.compile(r"(?<=[.។])\s+")
"""The first sentence is the page's heading."""

_OURS = 500
"""Statuses from here on are our fault: another file would not mend them."""
_NOTHING = _("Nothing of what you sent was kept.")

BAD_REQUEST = ErrorText(
    _("We could not read what your browser sent."),
    _NOTHING,
    _(
        "Go back to the first page and try again. If you followed a link, scan the code on the paper once more."
    ),
)
NOT_FOUND = ErrorText(
    _("There is no page at this address."),
    _("Nothing was sent or kept."),
    _("If you typed the address, compare it with the paper. Or scan the code again."),
)
INCOMPLETE = ErrorText(
    _(
        "What you sent did not arrive whole: the line is too slow or broke off, or too many others are sending."
    ),
    _NOTHING,
    _("Try again, where the line is better. A photo of the code only is smaller than one of the whole page."),
)
TOO_LARGE = ErrorText(
    _("This file is larger than 20 MB, so it was not read."),
    _NOTHING,
    _("Take a photo of the code only, or send the page that carries the code."),
)
TOO_MUCH = ErrorText(
    _("Together these files are larger than 40 MB, so they were not read."),
    _NOTHING,
    _("Check them in several parts."),
)
SERVER_ERROR = ErrorText(
    _("Something broke on our side. This says nothing about the document."),
    _NOTHING,
    _("Wait a minute and try again. The error has been noted for the operators."),
)
UNAVAILABLE = ErrorText(
    _("A service that the check needs did not answer. This says nothing about the document."),
    _NOTHING,
    _("Wait a minute and try again."),
)


def wants_json(request: HttpRequest) -> bool:
    """Say whether the asker prefers JSON to a page, by its `Accept` header; a browser never does."""
    return request.get_preferred_type(["text/html", "application/json"]) == "application/json"


def page(request: HttpRequest, text: ErrorText, status: int) -> HttpResponse:
    """Return the error page for `text`, or its sentences as JSON for a program."""
    if wants_json(request):
        said = {"happened": str(text.happened), "kept": str(text.kept), "next": str(text.next)}
        return JsonResponse({"error": said}, status=status, json_dumps_params={"ensure_ascii": False})

    way = _way_on(request, status)

    def context_in(_language: str) -> dict[str, object]:
        first, *further = _SENTENCE_END.split(str(text.happened), maxsplit=1)
        shown = {"first": first, "further": "".join(further), "status": status}
        return {"title": first, "error": text, **shown, "way": way, "upload_bytes": UPLOAD_BYTES}

    if request.method == "POST":  # what was sent is not sent again for another language
        return kept.answer(request, "public/error_content.html", context_in, status)
    return render(request, "public/error.html", context_in(""), status=status)


def _way_on(request: HttpRequest, status: int) -> str:
    """Return which form lets the person go on from here: of a "file", a "text" or "many"; "" leads to the first page."""
    if request.method != "POST" or status >= _OURS:
        return ""
    if request.path != reverse("public:verify"):
        return "many" if request.path.startswith(reverse("public:many")) else ""
    return "file" if request.content_type == "multipart/form-data" else "text"


def unreadable(
    request: HttpRequest,
    happened: Promise | str,
    advice: Promise | str | None = None,
    looked: Promise | str = "",
) -> HttpResponse:
    """Say why what was handed in cannot be checked, and what to do: choose another unless `advice` says; status 400."""
    todo = advice or _("Choose another photo or file, or paste the link.")
    return page(request, ErrorText(happened, _NOTHING, todo, looked), 400)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's handler400."""
    if isinstance(exception, RequestDataTooBig):
        return too_large(request)
    return page(request, BAD_REQUEST, 400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001 - Django's signature
    """Django's handler403."""
    return page(request, BAD_REQUEST, 403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001 - Django's signature
    """Django's handler404."""
    return page(request, NOT_FOUND, 404)


def too_large(request: HttpRequest) -> HttpResponse:
    """Return the page for a body over the limit."""
    return page(request, TOO_LARGE, 413)


def unavailable(request: HttpRequest, happened: Promise | str | None = None) -> HttpResponse:
    """Return the page for a service that is away, or for something else that waiting mends."""
    return page(request, replace(UNAVAILABLE, happened=happened or UNAVAILABLE.happened), 503)


def server_error(request: HttpRequest) -> HttpResponse:
    """Django's handler500."""
    return page(request, SERVER_ERROR, 500)
