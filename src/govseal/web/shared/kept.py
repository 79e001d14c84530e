"""A page that answered an upload, in every language at once, so that its language can be changed without the file.

A browser does not send a file a second time, and we store none. So the page itself bears what it says in each language,
signed, in a hidden field, and a change of language hands that back: the same finding, of the same moment, with all
that was judged of the file. No address holds any of it.

    kept.answer(request, "public/result_content.html", lambda language: {"title": ..., ...})

What is *not* here: pages that a code's text answers, which are asked for anew (`shared/language_buttons.html`).
"""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.safestring import mark_safe
from django.utils.translation import get_language, override

FIELD = "kept"
_SECONDS = 60 * 60
"""For so long a page is shown again as it was found: a document may have been revoked since."""
_SALT = "govseal.web.shared.kept"


def answer(
    request: HttpRequest, template: str, context_in: Callable[[str], dict[str, Any]], status: int = 200
) -> HttpResponse:
    """Return a page with the content of `template`, and what it takes to show it in another language.

    Args:
        request: what is answered.
        template: of the content alone, without what every page has around it.
        context_in: returns the template's context in a language, which is the active one then; `title` is the page's.
        status: of the answer.
    """
    languages = {}
    for language, _name in settings.LANGUAGES:
        with override(language):
            context = context_in(language)
            languages[language] = str(context["title"]), render_to_string(template, context)
    # Deflated: nobody can have one key's page made twice with words of his own in it, which BREACH takes.
    signed = signing.dumps(languages, salt=_SALT, compress=True)
    return _page(request, languages, signed, status)


def again(request: HttpRequest) -> HttpResponse | None:
    """Return the page that a field of `answer` holds, in the request's language; None when we made none, or long ago."""
    signed = request.POST.get(FIELD, "")
    try:
        return _page(request, signing.loads(signed, salt=_SALT, max_age=_SECONDS), signed, 200)
    except signing.BadSignature:
        return None


def _page(
    request: HttpRequest, languages: dict[str, tuple[str, str]], signed: str, status: int
) -> HttpResponse:
    title, content = languages[get_language() or settings.LANGUAGE_CODE]
    context = {"title": title, "content": mark_safe(content), "kept": signed}  # noqa: S308 - rendered and signed here
    return render(request, "shared/kept.html", context, status=status)
