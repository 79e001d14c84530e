"""Where a code stands on an existing page."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """Where a code stands on an existing page.

    Attributes:
        page: from 1.
        x_mm: from the page's left edge to the code's left edge.
        y_mm: from the page's top edge to the code's top edge.
        size_mm: side of the code, quiet zone not counted.
    """

    page: int
    x_mm: float
    y_mm: float
    size_mm: float
