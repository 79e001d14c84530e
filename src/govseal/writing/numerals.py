"""The digits of Khmer and Lao: the same positions as 0 to 9, other shapes.

What is *not* here: digits as a template prints them (the pack's `common/sheet.typ` has the same rule in Typst).
"""

_KHMER_ZERO, _LAO_ZERO = 0x17E0, 0x0ED0
_TO_KHMER = {ord("0") + digit: _KHMER_ZERO + digit for digit in range(10)}
_TO_LAO = {ord("0") + digit: _LAO_ZERO + digit for digit in range(10)}


def khmer(value: str | int) -> str:
    """Return `value` with its digits 0 to 9 in Khmer; every other character stays."""
    return str(value).translate(_TO_KHMER)


def lao(value: str | int) -> str:
    """Return `value` with its digits 0 to 9 in Lao; every other character stays."""
    return str(value).translate(_TO_LAO)
