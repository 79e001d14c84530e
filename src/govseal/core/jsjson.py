r"""JSON as JavaScript reads and writes it: the one canonicalisation of this project (docs/protocol.md section 1).

Every hash of an attested document is taken over text that `JSON.stringify` would have written, so a number
prints as JavaScript prints it, non-ASCII stays raw and only a lone surrogate is escaped. Reading is stricter
than JavaScript: a repeated key is refused, since a reader that keeps the first value and one that keeps the
last would see two documents.

Invariants: `parse` is bounded in size, depth and count and raises nothing outside `govseal.core.errors`;
a number it returns is a finite double, or the equal int while that is exact (up to 2^53).

    >>> dumps(parse('{"a": [1.0, 1e21, "\\ud800"]}'))
    '{"a":[1,1e+21,"\\ud800"]}'

What is *not* here: JavaScript's order of integer-like keys. Members keep the order of the text; no hash
depends on it, because leaf hashes are sorted.
"""

import json
import math
import re
from json.encoder import encode_basestring
from typing import Any

from govseal.core.errors import MalformedDocument, TooLargeError

MAX_BYTES = 8 << 20
MAX_DEPTH = 100
MAX_VALUES = 200_000

_EXACT = 1 << 53
_EXACT_DIGITS = 15  # any integer of so many digits is below 2^53
_SURROGATE = re.compile("[\ud800-\udbff][\udc00-\udfff]|[\ud800-\udfff]")
# A string that does not end is one token too: it is looked at once, and not again from each quote within it.
_TOKEN = re.compile(r'"(?:[^"\\]++|\\.)*+"?|[\[{\]},]', re.DOTALL)


def parse(
    raw: bytes | str,
    *,
    max_bytes: int = MAX_BYTES,
    max_depth: int = MAX_DEPTH,
    max_values: int = MAX_VALUES,
) -> Any:
    """Return the value that a JSON text holds.

    Args:
        raw: UTF-8 bytes, or text. Escaped lone surrogates are kept, as JavaScript keeps them.
        max_bytes: bound on the UTF-8 length of `raw` (on characters, when it is text).
        max_depth: bound on nested objects and arrays.
        max_values: bound on the number of objects, arrays and their members, counted together.

    Raises:
        MalformedDocument: not UTF-8, not JSON (RFC 8259), a repeated key, NaN, or a number that no double holds.
        TooLargeError: a bound is passed.
    """
    if len(raw) > max_bytes:
        raise TooLargeError("The JSON text is too long.", size=len(raw), limit=max_bytes)
    try:
        text = raw if isinstance(raw, str) else raw.decode()
    except UnicodeDecodeError as error:
        raise MalformedDocument("The JSON text is not UTF-8.", position=error.start) from None
    _refuse_beyond(text, max_depth, max_values)
    try:
        return _DECODER.decode(text)
    except json.JSONDecodeError as error:
        raise MalformedDocument(f"This is not JSON: {error.msg}.", position=error.pos) from None


def number_text(number: float) -> str:
    """Return `number` as JavaScript's `String()` prints it (ECMA-262, Number::toString).

    An int beyond 2^53 prints as the double next to it.
    """
    if isinstance(number, int) and -_EXACT <= number <= _EXACT:
        return str(int(number))
    try:
        double = float(number)
    except OverflowError:
        double = math.inf if number > 0 else -math.inf
    if not math.isfinite(double):
        return "NaN" if math.isnan(double) else "Infinity" if double > 0 else "-Infinity"
    return _double_text(double)


def string_literal(text: str) -> str:
    r"""Return `text` as a JSON string, quotes included, as `JSON.stringify` writes it.

    Escapes `\" \\ \b \f \n \r \t`, other controls below 0x20 as `\u00xx`, and lone surrogates as `\udxxx`.
    """
    literal: str = encode_basestring(text)
    if literal.isascii() or not _SURROGATE.search(literal):
        return literal
    return _SURROGATE.sub(_surrogate_text, literal)


def dumps(value: Any) -> str:
    """Return `value` as compact JSON, as `JSON.stringify` writes it (NaN and infinities become null).

    Args:
        value: None, bool, int, float, str, and lists, tuples and dicts (with str keys) of these.

    Raises:
        MalformedDocument: something else is in it.
    """
    if isinstance(value, str):
        return string_literal(value)
    if value is None or isinstance(value, bool):
        return _CONSTANTS[value]
    if isinstance(value, int | float):
        text = number_text(value)
        return "null" if text in _NOT_FINITE else text
    if isinstance(value, dict):
        return "{" + ",".join(f"{string_literal(key)}:{dumps(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(map(dumps, value)) + "]"
    raise MalformedDocument(f"JSON has no form for a {type(value).__name__}.")


_CONSTANTS = {None: "null", True: "true", False: "false"}
_NOT_FINITE = {"NaN", "Infinity", "-Infinity"}


def _refuse_beyond(text: str, max_depth: int, max_values: int) -> None:
    opened = text.count("[") + text.count("{")
    if opened <= max_depth and opened + text.count(",") <= max_values:
        return  # cannot pass a bound, even if every bracket and comma were outside strings
    depth = values = 0
    for token in _TOKEN.finditer(text):
        sign = token[0]
        if sign in "[{":
            depth += 1
            values += 1
            if depth > max_depth:
                raise TooLargeError("The JSON text is nested too deeply.", limit=max_depth)
        elif sign in "]}":
            depth -= 1
        elif sign == ",":
            values += 1
            if values > max_values:
                raise TooLargeError("The JSON text holds too many values.", limit=max_values)


def _unique_members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise MalformedDocument("A key is repeated in one object.", members=len(pairs), distinct=len(members))
    return members


def _integer(digits: str) -> int | float:
    if len(digits) <= _EXACT_DIGITS:
        return int(digits)
    double = _finite(digits)
    return int(double) if -_EXACT <= double <= _EXACT else double


def _finite(digits: str) -> float:
    double = float(digits)
    if math.isinf(double):
        raise MalformedDocument("A number is beyond the range of a double.")
    return double


def _refuse_constant(name: str) -> None:
    raise MalformedDocument(f"This is not JSON: {name} is no JSON number.")


_DECODER = json.JSONDecoder(
    object_pairs_hook=_unique_members,
    parse_int=_integer,
    parse_float=_finite,
    parse_constant=_refuse_constant,
)


def _double_text(double: float) -> str:
    """Lay the shortest digits out by ECMA-262's rules: plain from 1e-7 (excluded) to 1e21 (excluded)."""
    if double == 0:
        return "0"
    sign = "-" if double < 0 else ""
    mantissa, _, exponent = repr(abs(double)).partition("e")
    whole, _, fraction = mantissa.partition(".")
    fraction = fraction.rstrip("0")
    significant = (whole + fraction).lstrip("0")
    leading_zeros = len(whole + fraction) - len(significant)
    point = len(whole) - leading_zeros + int(exponent or 0)  # value = 0.<significant> times 10^point
    digits = significant.rstrip("0")
    if len(digits) <= point <= 21:  # noqa: PLR2004 - the constants of Number::toString
        return sign + digits + "0" * (point - len(digits))
    if 0 < point <= 21:  # noqa: PLR2004 - ECMA-262 Number::toString
        return f"{sign}{digits[:point]}.{digits[point:]}"
    if -6 < point <= 0:  # noqa: PLR2004 - ECMA-262 Number::toString
        return f"{sign}0.{'0' * -point}{digits}"
    tail = f".{digits[1:]}" if len(digits) > 1 else ""
    return f"{sign}{digits[0]}{tail}e{point - 1:+d}"


def _surrogate_text(match: re.Match[str]) -> str:
    found = match[0]
    if len(found) == 1:
        return f"\\u{ord(found):04x}"
    return found.encode("utf-16-be", "surrogatepass").decode("utf-16-be")
