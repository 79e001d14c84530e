"""Dates and numerals as a person of the country writes them; the Gregorian date always.

    >>> import datetime
    >>> day(datetime.date(2025, 11, 22), "km")
    'ថ្ងៃទី២២ ខែវិច្ឆិកា ឆ្នាំ២០២៥'
    >>> day(datetime.date(2025, 11, 22), "en")
    '22 November 2025'
    >>> numerals("No. 1205", "km")
    'No. ១២០៥'

What is *not* here: the lunar date, and reading a date that a person typed.
"""

from datetime import date, datetime

_KHMER_DIGITS = str.maketrans("0123456789", "០១២៣៤៥៦៧៨៩")
_KHMER_MONTHS = (
    "មករា",
    "កុម្ភៈ",
    "មីនា",
    "មេសា",
    "ឧសភា",
    "មិថុនា",
    "កក្កដា",
    "សីហា",
    "កញ្ញា",
    "តុលា",
    "វិច្ឆិកា",
    "ធ្នូ",
)
_ENGLISH_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


def numerals(text: str | int, language: str) -> str:
    """Return `text` with its digits as `language` writes them."""
    return str(text).translate(_KHMER_DIGITS) if language == "km" else str(text)


def day(value: date, language: str) -> str:
    """Return the Gregorian date of `value` in words."""
    if language == "km":
        return numerals(f"ថ្ងៃទី{value.day} ខែ{_KHMER_MONTHS[value.month - 1]} ឆ្នាំ{value.year}", language)
    return f"{value.day} {_ENGLISH_MONTHS[value.month - 1]} {value.year}"


def moment(value: datetime, language: str) -> str:
    """Return date and time of `value` in words, in the zone that `value` carries, which is named."""
    name = value.tzname() or ""
    zone = f"UTC{name}" if name.startswith(("+", "-")) else name  # most zones have no name but their offset
    if language == "km":
        return f"{day(value, language)} ម៉ោង{numerals(f'{value:%H:%M:%S}', language)} ({zone})"
    return f"{day(value, language)}, {value:%H:%M:%S} ({zone})"
