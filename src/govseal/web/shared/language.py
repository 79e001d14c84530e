"""Which language a page is in: asked for, remembered, or read from the browser.

The order: `?lang=` in the address (a plain link, so it works without JavaScript), then the cookie which
that link leaves, then the browser's own wish, then the country's first language. The cookie holds a
language code and is the only one of the public site.

    MIDDLEWARE = [..., "govseal.web.shared.language.LanguageChoice", ...]

What is *not* here: the translations (`govseal.web.shared.catalogues`).
"""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.cache import patch_vary_headers

PARAMETER = "lang"
OWN_NAMES = {"km": "ខ្មែរ", "en": "English"}  # Django's list has no Khmer name for Khmer
_A_YEAR = 365 * 24 * 60 * 60  # seconds


class LanguageChoice:
    """Middleware that activates one language for the request and remembers a choice."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer `request` in its language."""
        asked = request.GET.get(PARAMETER)
        chosen = asked if asked in dict(settings.LANGUAGES) else None
        language = chosen or translation.get_language_from_request(request)
        with translation.override(language):
            request.LANGUAGE_CODE = language
            response = self._get_response(request)
        if response.headers.get("Content-Type", "").startswith(
            "text/html"
        ):  # lists and ciphertext have no language
            response.headers.setdefault("Content-Language", language)
            patch_vary_headers(response, ("Accept-Language", "Cookie"))
        if chosen:
            response.set_cookie(
                settings.LANGUAGE_COOKIE_NAME,
                chosen,
                max_age=_A_YEAR,
                secure=request.is_secure(),
                httponly=True,
                samesite="Lax",
            )
        return response
