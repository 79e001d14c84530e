"""From a salted tree to its digest: flatten, hash each leaf, hash the sorted hashes (docs/protocol.md section 1).

    >>> leaves({"a": {"b": "x"}, "c": [{}, "y"]})
    {'a.b': 'x', 'c.0': {}, 'c.1': 'y'}

`digest` says what the reference says, flaws included; `ambiguous_paths` tells where what is shown is not what was
hashed. Depth is bounded by whoever parsed the tree (`govseal.core.jsjson`).

What is *not* here: salting, and the flattening of version 3, which writes paths otherwise (`v3`).
"""

from collections.abc import Iterable, Mapping, Sequence
from json.encoder import encode_basestring
from typing import Any

from sha3 import keccak_256

from govseal.core.errors import MalformedDocument
from govseal.core.jsjson import dumps, string_literal
from govseal.core.openattestation.shapes import is_hash

_CONTAINERS = (dict, list)  # a tuple: `dict | list` would be built anew at each look
# The reference's lodash leaves a leaf with such a path out of the digest: anybody may change it.
_UNHASHED = frozenset({"__proto__", "constructor", "prototype"})


def leaves(data: Any) -> dict[str, Any]:
    """Return the value of each leaf by its path; of two leaves with one path, the later, as in the reference.

    Args:
        data: an object or array, of salted values as a rule.

    Raises:
        MalformedDocument: a key contains `.`.
    """
    found: dict[str, Any] = {}
    _collect(data, "", found)
    return found


def leaf_hash(path: str, value: Any) -> str:
    """Return the lower-case hex Keccak-256 of `{"<path>":<value>}`."""
    hashed: str = keccak_256(f"{{{string_literal(path)}:{dumps(value)}}}".encode()).hexdigest()
    return hashed


def digest(found: Mapping[str, Any], obfuscated: Sequence[str] = ()) -> str:
    """Return the targetHash, 64 lower-case hex digits, of leaves and the leaf hashes of hidden fields."""
    if not found.keys().isdisjoint(_UNHASHED):
        found = {path: value for path, value in found.items() if path not in _UNHASHED}
    return digest_of_hashes(_leaf_hashes(found), obfuscated)


def digest_of_hashes(hashed: Sequence[str], obfuscated: Sequence[str] = ()) -> str:
    """Return the Keccak-256 of the JSON array of all hashes, sorted by UTF-16 code units as JavaScript sorts.

    Args:
        hashed: leaf hashes in hex.
        obfuscated: hashes of hidden leaves; any text, since the reference does not look at their form.
    """
    if not obfuscated or all(map(is_hash, obfuscated)):  # hex needs no escapes
        ordered = sorted([*hashed, *obfuscated])
        text = '["' + '","'.join(ordered) + '"]' if ordered else "[]"
    else:
        text = "[" + ",".join(map(string_literal, sorted([*hashed, *obfuscated], key=_utf16))) + "]"
    target: str = keccak_256(text.encode()).hexdigest()
    return target


def ambiguous_paths(data: Mapping[str, Any], found: Mapping[str, Any]) -> list[str]:
    """Return the paths where shown content is not hashed content (section 1, "Exceptions to parity").

    A root key `""` gives its members the paths of other root keys; a `__proto__` anywhere, and a root
    `constructor` or `prototype` that is a leaf, are shown by some readers and hashed by none.

    Args:
        data: the tree, salted or not.
        found: its `leaves`.
    """
    paths = [] if found.keys().isdisjoint(_UNHASHED) else sorted(_UNHASHED & found.keys())
    if "" in data:
        paths.append("")
    if "__proto__" in "".join(found):  # quick, and true of few; then exactly
        paths += [path for path in found if "__proto__" in path.split(".")]
    return paths


def _collect(node: Any, prefix: str, found: dict[str, Any]) -> None:
    for key, value in _members(node, shared=not prefix):
        if "." in key:
            raise MalformedDocument("A key of an attested document must not contain a full stop.", key=key)
        if isinstance(value, str) or not value or not isinstance(value, _CONTAINERS):
            found[prefix + key] = value
        else:
            path = prefix + key
            _collect(value, f"{path}." if path else "", found)


def _leaf_hashes(found: Mapping[str, Any]) -> list[str]:
    try:  # salted text nearly always: no look at each value, one encoder in C
        return [
            keccak_256(f"{{{encode_basestring(path)}:{encode_basestring(value)}}}".encode()).hexdigest()
            for path, value in found.items()
        ]
    except (TypeError, UnicodeEncodeError):  # a value is no text, or JavaScript escapes a lone surrogate
        return [leaf_hash(path, value) for path, value in found.items()]


def _members(node: Any, *, shared: bool) -> Iterable[tuple[str, Any]]:
    if isinstance(node, dict):
        if shared and "" in node:  # paths can meet: which comes last is decided by JavaScript's order
            return sorted(node.items(), key=_javascript_order)
        return node.items()
    return ((str(index), value) for index, value in enumerate(node))


def _javascript_order(member: tuple[str, Any]) -> tuple[int, int]:
    """Array indexes first, ascending; other keys keep their order (ECMA-262, OrdinaryOwnPropertyKeys)."""
    key = member[0]
    is_index = (
        key.isascii() and key.isdecimal() and (key == "0" or key[0] != "0") and len(key) <= len("4294967294")
    )
    return (0, int(key)) if is_index and int(key) < (1 << 32) - 1 else (1, 0)


def _utf16(text: str) -> bytes:
    return text.encode("utf-16-be", "surrogatepass")
