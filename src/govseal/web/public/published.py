"""What the platform publishes for verifiers: ciphertext, anchor receipts, status lists and the signed trust list.

Invariants: answers are bytes with exact caching, immutable for ever and lists for a short while; any origin may read
them, since a verifier of another country or a second implementation runs on its own site and everything here is
ciphertext or public.

What is *not* here: serving them at scale (nginx or a CDN reads the same objects).
"""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from govseal.core import trustlist
from govseal.core.errors import NotPublished, OutsideError

_FOR_EVER = "public, max-age=31536000, immutable"
_SHORTLY = "public, max-age=300"
_A_MINUTE = "public, max-age=60"  # a revocation is seen soon, and an exam day's checks still share an answer


@require_safe
def envelope(request: HttpRequest, ref: str) -> HttpResponse:
    """Return a document's envelope (docs/protocol.md section 3)."""
    return _published(request, f"d/{ref}", "application/octet-stream", _FOR_EVER)


@require_safe
def file(request: HttpRequest, ref: str, number: str) -> HttpResponse:
    """Return the envelope of a document's file `number`."""
    return _published(request, f"d/{ref}/f/{int(number)}", "application/octet-stream", _FOR_EVER)


@require_safe
def trust_list(request: HttpRequest) -> HttpResponse:
    """Return the country's signed trust list (docs/protocol.md section 6)."""
    return _published(request, trustlist.PATH, "application/jwt", _SHORTLY)


@require_safe
def succession(request: HttpRequest, key: str) -> HttpResponse:
    """Return what a list key says of the one that follows it (docs/protocol.md clause 6.10)."""
    return _published(request, trustlist.succession.path(key), "application/jwt", _FOR_EVER)


@require_safe
def receipt(request: HttpRequest, root: str) -> HttpResponse:
    """Return the anchor receipt of a root (docs/protocol.md section 2)."""
    return _published(request, f"a/{root}", "application/jwt", _FOR_EVER)


@require_safe
def status_list(request: HttpRequest, number: str) -> HttpResponse:
    """Return a status list as a JSON web token (docs/protocol.md section 6)."""
    return _published(request, f"status/{number}", "application/statuslist+jwt", _A_MINUTE)


@require_safe
def status_list_cwt(request: HttpRequest, number: str) -> HttpResponse:
    """Return a status list as a CBOR web token."""
    return _published(request, f"status/{number}.cwt", "application/statuslist+cwt", _A_MINUTE)


@require_safe
def notices(request: HttpRequest, number: str) -> HttpResponse:
    """Return why a status list's documents are not valid (docs/protocol.md clause 6.7)."""
    return _published(request, f"status/{number}.notices", "application/jwt", _A_MINUTE)


def _published(request: HttpRequest, path: str, content_type: str, caching: str) -> HttpResponse:
    """Return the object, 404 when there is none, 503 when its place is away; errors are not cached."""
    try:
        content = request.ports.verify.published(path)
    except NotPublished:
        return HttpResponse("nothing is published under this name\n", content_type="text/plain", status=404)
    except OutsideError:
        answer = HttpResponse("try again in a minute\n", content_type="text/plain", status=503)
        answer["Retry-After"] = "60"
        return answer
    answer = HttpResponse(content, content_type=content_type)
    answer["Cache-Control"] = caching
    answer["Access-Control-Allow-Origin"] = "*"
    return answer
