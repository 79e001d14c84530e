"""The longest values that a document type's schema allows, to see whether its template holds them.

    longest(kind, given={})["name"]     # as many characters as `maxLength` says

They are the sample's own words over and over: rows of one letter are neither names nor Khmer. A value that a pattern shapes cannot be lengthened by rule: `longest.json` beside the schema
may give it, else the sample's stands.

What is *not* here: what becomes of these values on the page (`templatecheck`).
"""

from collections.abc import Iterator, Mapping
from typing import Any

from govseal.writing import khmer

Value = str | int | bool

_LONG_DATE = "1998-09-28"  # in English September is the longest month


def longest(
    schema: Mapping[str, Any], sample: Mapping[str, Value], given: Mapping[str, Value]
) -> dict[str, Value]:
    """Return a value for every field that has a sample or is given, as long as may be.

    Args:
        schema: JSON Schema of the fields.
        sample: fields that fit it.
        given: values to take as they are.
    """
    return {
        code: given[code] if code in given else _longest(rule, sample[code])
        for code, rule in _rules(schema)
        if code in given or code in sample
    }


def unbounded(schema: Mapping[str, Any]) -> list[str]:
    """Return the codes of texts that may be of any length."""
    return [
        code
        for code, rule in _rules(schema)
        if rule.get("type") == "string" and not {"maxLength", "enum", "const", "format"} & set(rule)
    ]


def _rules(schema: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield each field's rule; `true`, which JSON Schema allows, is a rule without demands."""
    for code, rule in schema["properties"].items():
        yield code, rule if isinstance(rule, dict) else {}


def _longest(rule: Mapping[str, Any], value: Value) -> Value:
    if "enum" in rule:
        return max(rule["enum"], key=lambda one: len(str(one)))
    if rule.get("type") == "integer":
        return int(rule.get("maximum", value))
    if rule.get("format") == "date":
        return _LONG_DATE
    if "pattern" in rule or "maxLength" not in rule or not isinstance(value, str):
        return value
    return _lengthened(value, rule["maxLength"])


def _lengthened(value: str, length: int) -> str:
    """Return a text of `length` characters, or a few fewer where it would end amid a Khmer syllable."""
    word = f"{value} "
    text = (word * (length // len(word) + 1))[:length].rstrip()
    while khmer.faults(text):
        text = text[:-1]
    return text
