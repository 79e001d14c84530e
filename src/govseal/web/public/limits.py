"""The refusal of too much, which comes before anything is read.

Invariants: an upload stays in memory and never touches a disk, because we say that nothing is stored; a
body over the limit is refused by its declared length. A body without a length is empty to WSGI.

What is *not* here: limits inside a file (pixels, pages, depth), which its reader holds.
"""

from collections.abc import Callable
from contextlib import suppress
from functools import wraps
from io import BytesIO

from django.core.files.uploadedfile import InMemoryUploadedFile
from django.core.files.uploadhandler import FileUploadHandler
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from govseal.web.public import errors
from govseal.web.public.sizes import UPLOAD_BYTES

_BODY_BYTES = UPLOAD_BYTES + 256 * 1024  # the form around the file
_DRAIN_BYTES = 4 * UPLOAD_BYTES  # a browser shows our answer only after it could send what it wanted to
_CHUNK = 64 * 1024

View = Callable[..., HttpResponse]


class InMemoryUpload(FileUploadHandler):
    """Keeps one request's upload in memory, whatever its size; `bounded` has limited that."""

    def new_file(self, *args: object, **kwargs: object) -> None:
        """Begin a file."""
        super().new_file(*args, **kwargs)
        self._content = BytesIO()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:  # noqa: ARG002 - Django's signature
        """Take the next bytes; None tells Django that no other handler needs them."""
        self._content.write(raw_data)

    def file_complete(self, file_size: int) -> InMemoryUploadedFile:
        """Return the whole file."""
        self._content.seek(0)
        return InMemoryUploadedFile(
            self._content, self.field_name, self.file_name, self.content_type, file_size, self.charset
        )


def bounded_to(body_bytes: int, refusal: errors.ErrorText) -> Callable[[View], View]:
    """Refuse a body over the limit with 413 and `refusal`, keep an allowed one in memory; 408 when it breaks off."""

    def decorate(view: View) -> View:
        @wraps(view)
        def checked(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
            length = int(request.META.get("CONTENT_LENGTH") or 0)
            if length > body_bytes:
                _drain(request, min(length, _DRAIN_BYTES))
                return errors.page(request, refusal, 413)
            request.upload_handlers = [InMemoryUpload(request)]
            try:
                return view(request, *args, **kwargs)
            except UnreadablePostError:
                return errors.page(request, errors.INCOMPLETE, 408)

        return checked

    return decorate


bounded = bounded_to(_BODY_BYTES, errors.TOO_LARGE)
"""`bounded_to` the size of one upload."""


def posted(view: View) -> View:
    """Take a POST alone; a GET, such as a reload from the address bar, leads home."""

    @require_http_methods(["GET", "HEAD", "POST"])
    @wraps(view)
    def checked(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        return view(request, *args, **kwargs) if request.method == "POST" else redirect("public:home")

    return checked


def _drain(request: HttpRequest, length: int) -> None:
    """Read and drop up to `length` bytes of the body; a sender that hangs up is no error."""
    with suppress(OSError):
        while length > 0 and (chunk := request.read(min(length, _CHUNK))):
            length -= len(chunk)
