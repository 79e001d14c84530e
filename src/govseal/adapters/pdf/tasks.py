"""What a confined process does to PDFs: bytes and plain values in, bytes and plain values out.

Each task takes blobs and keyword values and returns an `Answer`. What is *not* here: the process (`child`), and the
functions a caller uses (the package itself).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from govseal.adapters.pdf import attaching, opening, preparing, rendering, stamping
from govseal.adapters.pdf.drawing import Drawing
from govseal.adapters.pdf.notices import Handled, Wishes
from govseal.adapters.pdf.placing import Frame, Place
from govseal.adapters.pdf.rendering import Pages, png


@dataclass(frozen=True, slots=True)
class Answer:
    """What a task gives back.

    Attributes:
        value: anything JSON can say.
        blobs: the bytes beside it.
    """

    value: Any = None
    blobs: Sequence[bytes] = ()


class Tasks:
    """The tasks, and the file whose pages are being drawn one by one."""

    def __init__(self) -> None:
        self._pages: Pages | None = None
        self._known: Mapping[str, Callable[..., Answer]] = {
            "count": lambda content: Answer(opening.page_count(content)),
            "lock": lambda content, *, password: Answer(opening.lock_of(content, password)),
            "prepare": lambda content, **wishes: _handled(preparing.prepared(content, Wishes(**wishes))),
            "stamp": _stamp,
            "attach": lambda content, attested, *, name: Answer(
                blobs=[attaching.attach_json(content, name, attested)]
            ),
            "attached": _attached,
            "png": _png,
            "load": self._load,
            "draw": self._draw,
        }

    def do(self, name: str, blobs: Sequence[bytes], values: Mapping[str, Any]) -> Answer:
        """Do one task."""
        return self._known[name](*blobs, **values)

    def _load(self, content: bytes) -> Answer:
        if self._pages is not None:
            self._pages.close()
        self._pages = None
        self._pages = Pages(content)
        return Answer(len(self._pages))

    def _draw(self, *, page: int, dpi: int, black_only: bool) -> Answer:
        if self._pages is None:
            raise LookupError(page)
        picture = self._pages.draw(page, dpi, grey=not black_only)
        grey = rendering.lightest(picture) if black_only else picture.convert("L")
        return Answer(list(picture.size), [grey.tobytes()])


def _handled(handled: Handled) -> Answer:
    return Answer([notice.facts() for notice in handled.notices], [handled.content])


def _stamp(
    content: bytes, ink: bytes, *, place: dict[str, Any], frame: dict[str, float], module_mm: float
) -> Answer:
    drawing = Drawing(Frame(**frame), module_mm, ink)
    return _handled(stamping.stamped(content, drawing, Place(**place)))


def _attached(content: bytes, *, name: str) -> Answer:
    found = attaching.attached_json(content, name)
    return Answer(blobs=[] if found is None else [found])


def _png(content: bytes, *, page: int, dpi: int) -> Answer:
    with Pages(content) as pages:
        return Answer(blobs=[png(pages.draw(page, dpi))])
