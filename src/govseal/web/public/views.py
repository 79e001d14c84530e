"""The public pages: hand in a code or a file, read the result.

Each view calls one service through `request.ports.verify` and decides nothing. Checking changes nothing
and there is no session, so there is nothing for a forged request to gain: the views that take a POST are
exempt from CSRF tokens, which would need a cookie. A code's text holds the key of the document: it comes in
a request body, is written nowhere, and goes back only into hidden fields of the page that shows the result.

Only pages that hold nothing of a check are compressed: beside what a visitor sent, the length of a compressed answer
would tell of a key (BREACH).

What is *not* here: what is published (`published`), what programs are answered (`answering`), error pages (`errors`).
"""

import logging
from base64 import b64encode
from collections.abc import Callable
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.timezone import localtime
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from govseal.apps.verification.choosing import SeveralDocuments
from govseal.apps.verification.files import FileFinding
from govseal.core.errors import GovsealError, InputError, RefusedError
from govseal.web.public import answering, errors
from govseal.web.public.forms import FileForm, TextForm
from govseal.web.public.limits import bounded, posted
from govseal.web.public.sizes import QUERY_CHARACTERS, UPLOAD_BYTES
from govseal.web.shared import dates, directory, kept, reasons
from govseal.web.shared.result import present

_log = logging.getLogger(__name__)


@gzip_page
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Show the ways to hand something in."""
    return render(request, "public/home.html", {"upload_bytes": UPLOAD_BYTES})


@gzip_page
@require_safe
def scanned(request: HttpRequest) -> HttpResponse:
    """Land from a phone's camera; the code is in the fragment, which the browser keeps to itself."""
    return render(request, "public/scanned.html")


@gzip_page
@require_safe
def institutions(request: HttpRequest) -> HttpResponse:
    """Show who may issue documents, as the country's signed list says; `?q=` searches, `?page=` turns."""
    trust_list = request.ports.verify.trust_list()
    if trust_list is None:
        return errors.unavailable(request)
    sought = request.GET.get("q", "")[:QUERY_CHARACTERS]
    listed = directory.listed(trust_list, sought, get_language())
    page = Paginator(listed, directory.PAGE).get_page(request.GET.get("page"))
    return render(
        request, "public/institutions.html", {"page": page, "sought": sought, "trust_list": trust_list}
    )


@csrf_exempt
@posted
@sensitive_post_parameters("text")
@bounded
def verify(request: HttpRequest) -> HttpResponse:
    """Check a text or a file."""
    is_file = request.content_type == "multipart/form-data" and not request.POST.get("text")
    return _verify_file(request) if is_file else _verify_text(request)


@require_safe
def old_form(request: HttpRequest, ref: str) -> HttpResponse:  # noqa: ARG001 - part of the address that is checked
    """Check a code of the form `/verify/<ref>?key=<key>` (docs/protocol.md section 4).

    Its key reaches the server by the form's nature, so the answer comes at once; the page's script then
    clears the address.
    """
    return _result_of_text(request, request.build_absolute_uri())


@csrf_exempt
@posted
@sensitive_post_parameters(kept.FIELD)
@bounded
def again(request: HttpRequest) -> HttpResponse:
    """Show in another language what was found of an upload, from what its page holds."""
    return kept.again(request) or errors.unreadable(
        request, _("This result is too old to be shown again. Check the document anew.")
    )


@csrf_exempt
@posted
@sensitive_post_parameters("text")
@bounded
def original_page(request: HttpRequest) -> HttpResponse:
    """Show the original page that belongs to a code's text."""
    form = TextForm(request.POST)
    if not form.is_valid():
        return _refused(request, form)

    of_file = (
        "of_file" in request.POST
    )  # the way back from here is to a result that says more than a code does

    def answer(text: str) -> HttpResponse:
        png = request.ports.verify.page(text)
        picture = f"data:image/png;base64,{b64encode(png).decode()}" if png else ""
        return render(request, "public/page.html", {"picture": picture, "text": text, "of_file": of_file})

    return _answered(request, lambda: answer(form.cleaned_data["text"]))


@csrf_exempt
@posted
@sensitive_post_parameters("text")
@bounded
def evidence_file(request: HttpRequest) -> HttpResponse:
    """Send the file that verifies a code's document without this platform (docs/evidence.md)."""
    form = TextForm(request.POST)
    if not form.is_valid():
        return _refused(request, form)

    def answer(text: str) -> HttpResponse:
        return HttpResponse(
            request.ports.verify.evidence(text),
            content_type="application/json",
            headers={"Content-Disposition": 'attachment; filename="govseal-evidence.json"'},
        )

    return _answered(request, lambda: answer(form.cleaned_data["text"]))


# --- shared by the views ------------------------------------------------------------------------------


def _verify_text(request: HttpRequest) -> HttpResponse:
    """Check the text that was pasted or filled in."""
    form = TextForm(request.POST)
    if not form.is_valid():
        return _refused(request, form)
    return _result_of_text(request, form.cleaned_data["text"], form.cleaned_data["others"] or 0)


def _verify_file(request: HttpRequest) -> HttpResponse:
    """Check the file that was uploaded."""
    form = FileForm(request.POST, request.FILES)
    if not form.is_valid():
        return _refused(request, form)
    file = form.cleaned_data["file"]
    return _answered(request, lambda: _result(request, request.ports.verify.upload(file.name, file.read())))


@sensitive_variables("text")
def _result_of_text(request: HttpRequest, text: str, others: int = 0) -> HttpResponse:
    """Check `text` and show the result; `others` is what was known of the sheet that it stands on."""

    def answer() -> HttpResponse:
        report = request.ports.verify.text(text)
        return _result(request, FileFinding(report, text, text, others))

    return _answered(request, answer)


def _result(request: HttpRequest, found: FileFinding) -> HttpResponse:
    """Show what was found, or give it as JSON to a program."""
    if errors.wants_json(request):
        return answering.report(found)
    now = localtime()

    def context_in(language: str) -> dict[str, Any]:
        result = present(found.report, language, code=found.code)
        return {
            "title": result.headline,
            "result": result,
            "asked_again": found.text,
            "of_file": not found.text,
            "code": found.code,
            "others": found.others,
            "checked": dates.moment(now, language),
            "site": request.get_host(),
        }

    if found.text:  # its code says all
        return render(request, "public/result.html", context_in(get_language()))
    return kept.answer(request, "public/result_content.html", context_in)


def _refused(request: HttpRequest, form: TextForm | FileForm) -> HttpResponse:
    """Say what is wrong with the form."""
    return errors.unreadable(request, next(iter(form.errors.values()))[0])


def _answered(request: HttpRequest, answer: Callable[[], HttpResponse]) -> HttpResponse:
    """Return the answer, or the page for the error that asking for it raised."""
    try:
        return answer()
    except SeveralDocuments as several:
        return _asked_which(request, several)
    except (InputError, RefusedError) as error:
        advice = " ".join(str(line) for line in reasons.advice(error.code)[:2])
        happened = reasons.sentence(error.code) or errors.BAD_REQUEST.happened
        return errors.unreadable(request, happened, advice, reasons.looked(error.code))
    except GovsealError as error:
        _log.error("%s: %s", error.code, error.message)  # for the operator; an error carries no key
        incomplete = error.code == "EVIDENCE_INCOMPLETE"
        return errors.unavailable(request, reasons.sentence(error.code) if incomplete else None)


def _asked_which(request: HttpRequest, several: SeveralDocuments) -> HttpResponse:
    """Ask which of the documents on a sheet is meant; each leads to its own check."""
    if errors.wants_json(request):
        return answering.choices(several)

    def context_in(language: str) -> dict[str, Any]:
        choices = [(one.text, one.report.document, present(one.report, language)) for one in several.choices]
        return {"title": _("Which document do you mean?"), "choices": choices, "others": several.others}

    return kept.answer(request, "public/choose_content.html", context_in)
