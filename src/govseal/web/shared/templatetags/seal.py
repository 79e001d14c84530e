"""Tags for drawings, numerals and days.

    {% load seal %}
    {% icon "seal-tick" %}   an inline drawing, hidden from screen readers: the word beside it speaks
    {{ step.number|numerals }}

What is *not* here: choices about what is shown (`govseal.web.shared.result`).
"""

from datetime import date

from django import template
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from govseal.web.shared import dates
from govseal.web.shared.language import OWN_NAMES

register = template.Library()


@register.simple_tag
def icon(name: str) -> SafeString:
    """Return the drawing `name` of `templates/shared/icons/` as SVG."""
    return render_to_string(f"shared/icons/{name}.svg")


@register.filter
def own_name(code: str) -> str:
    """Return the language's name in that language."""
    return OWN_NAMES.get(code, code)


@register.filter
def numerals(value: int | str) -> str:
    """Return `value` with the digits of the page's language."""
    return dates.numerals(value, get_language() or "en")


@register.filter
def day(value: date) -> str:
    """Return the day of `value` in the page's language."""
    return dates.day(value, get_language() or "en")
