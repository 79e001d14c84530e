"""What stands in every QR symbol of a size, whatever it says: the function patterns of ISO/IEC 18004:2015, 6.3.

    fixed(29)[3, 3] == DARK     # the middle of the first finder pattern
    fixed(29)[20, 15] == 0      # a module of the message

A reader that knows them knows a tenth of the symbol before it reads any of it, and where each part of it should lie.

What is *not* here: format and version information (6.9, 6.10), which are not the same in every symbol of a size.
"""

from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

Plane = NDArray[np.float32]
"""Rows from the top: modules, or pixels of a picture."""

LIGHT: Final = 1.0
DARK: Final = -1.0

FINDER: Final = 4
"""Modules from the middle of a finder pattern to the end of its separator."""

ALIGNMENT: Final = 2
"""Modules from the middle of an alignment pattern to its edge."""

_LIGHT_RINGS: Final = {FINDER: (2, FINDER), ALIGNMENT: (1,)}
_TIMING: Final = 6  # the row and column of the timing patterns


def fixed(size: int) -> Plane:
    """Return `size` by `size` modules: `LIGHT` and `DARK` where the standard says so, 0 elsewhere."""
    modules = np.zeros((size, size), np.float32)
    modules[_TIMING] = modules[:, _TIMING] = np.where(np.arange(size) % 2, LIGHT, DARK)
    for column, row, reach in places(size):
        top, left = max(row - reach, 0), max(column - reach, 0)
        part = modules[top : row + reach + 1, left : column + reach + 1]
        pattern = rings(reach)[top - row + reach :, left - column + reach :]
        part[:] = pattern[: part.shape[0], : part.shape[1]]
    modules[size - 8, 8] = DARK  # 6.9.1
    return modules


def places(size: int) -> Iterator[tuple[int, int, int]]:
    """Yield (column, row, modules from the middle to the edge) of each finder and alignment pattern."""
    first, last = 3, size - 4
    yield from ((first, first, FINDER), (last, first, FINDER), (first, last, FINDER))
    lines = _alignment_lines(size)
    for row in lines:
        for column in lines:
            if (column, row) not in {(_TIMING, _TIMING), (size - 7, _TIMING), (_TIMING, size - 7)}:
                yield column, row, ALIGNMENT


def rings(reach: int) -> Plane:
    """Return a finder pattern with its separator (`FINDER`) or an alignment pattern (`ALIGNMENT`)."""
    from_middle = np.abs(np.arange(-reach, reach + 1))
    light = np.isin(np.maximum(from_middle[:, None], from_middle), _LIGHT_RINGS[reach])
    return np.where(light, LIGHT, DARK).astype(np.float32)


def _alignment_lines(size: int) -> list[int]:
    """Return the rows, and columns, on which alignment patterns stand: Annex E, as the rule that makes its table."""
    version = (size - 17) // 4
    if version == 1:
        return []
    count = version // 7 + 2
    step = (version * 8 + count * 3 + 5) // (count * 4 - 4) * 2
    return [_TIMING, *(size - 7 - step * back for back in range(count - 2, -1, -1))]
