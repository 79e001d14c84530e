"""From leaves to their digest: hash each, and hash the sorted hashes (docs/protocol.md 1.4 and 1.5).

    >>> leaf_hash("a.b", "x")[:16]
    '7adca9280120bcd9'

`digest` says what the reference says, flaws included; `ambiguous_paths` tells where what is shown is not what was
hashed.

What is *not* here: finding the leaves of a tree (`salting` as it salts, `reading` as it reads).
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sha3 import keccak_256

from govseal.core.jsjson import dumps, string_literal
from govseal.core.openattestation.shapes import is_hash

MAX_PATHS = 32 << 20
"""Characters of all paths of a document together. A long key above many leaves stands in the path of each: 4 MB of JSON
could have paths of terabytes."""

# The reference's lodash leaves a leaf with such a path out of the digest: anybody may change it.
_UNHASHED = frozenset({"__proto__", "constructor", "prototype"})
_ESCAPED = bytes(range(0x20)) + b'"\\'
_QUOTES = 4  # of one leaf: around its path and its value


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
        found: its leaves by path.
    """
    paths = [] if found.keys().isdisjoint(_UNHASHED) else sorted(_UNHASHED & found.keys())
    if "" in data:
        paths.append("")
    if "__proto__" in "".join(found):  # quick, and true of few; then exactly
        paths += [path for path in found if "__proto__" in path.split(".")]
    return paths


def _leaf_hashes(found: Mapping[str, Any]) -> list[str]:
    plain = _plain_texts(found)
    if plain is None:
        return [leaf_hash(path, value) for path, value in found.items()]
    return [keccak_256(text).hexdigest() for text in plain]


def _plain_texts(found: Mapping[str, Any]) -> list[bytes] | None:
    """Return the text to hash of each leaf, or None where a value is no text or something must be escaped.

    Nearly always nothing must: then one look at all leaves takes half the time of escaping each.
    """
    if not {*map(type, found.values())} <= {str}:
        return None
    try:
        texts = [f'{{"{path}":"{value}"}}'.encode() for path, value in found.items()]
    except UnicodeEncodeError:  # a lone surrogate
        return None
    together = b"".join(texts)
    unescaped = together.translate(None, delete=_ESCAPED)
    return texts if len(together) - len(unescaped) == _QUOTES * len(texts) else None


def _utf16(text: str) -> bytes:
    return text.encode("utf-16-be", "surrogatepass")
