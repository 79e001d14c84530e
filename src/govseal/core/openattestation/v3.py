"""OpenAttestation v3: check only (docs/protocol.md section 1, "v3").

The body is not salted; the salts stand beside it, in base64, each with the path of its leaf. A leaf's hash is over
`{path: "salt:String(value)"}`, so a value counts as its text: 1 and "1" hash alike.

What is *not* here: wrapping. The platform issues version 2.
"""

import binascii
import re
from collections.abc import Iterator
from typing import Any

from govseal.core import jsjson
from govseal.core.errors import GovsealError, MalformedDocument, TooLargeError
from govseal.core.openattestation import did
from govseal.core.openattestation.leaves import MAX_PATHS, digest_of_hashes, leaf_hash
from govseal.core.openattestation.model import NOT_WRAPPED, Check, Integrity, concluded, follow
from govseal.core.openattestation.reading import element_index
from govseal.core.openattestation.shapes import is_wrapped_v3

_SALT_DIGITS = 64  # 32 bytes in hex
_NOT_BASE64 = re.compile(r"[^A-Za-z0-9+/]")
_URL_ALPHABET = str.maketrans("-_", "+/")
_PATH_PART = re.compile(r"[^.[\]]+|(?<=\.)(?=\.|\Z)|(?<=\])(?=\.\Z)")
_TEXT_OF = {None: "null", True: "true", False: "false"}
_NOTHING = object()
_MOST_HASHED = 4 * jsjson.MAX_BYTES
"""Characters: above all values that a JSON text holds, each once, with numbers written out."""


def check(wrapped: Any) -> Check:
    """Check the integrity of a v3 document; never raises, whatever JSON value it is given."""
    if not isinstance(wrapped, dict) or not is_wrapped_v3(wrapped):
        return NOT_WRAPPED
    # The reference's copy of the body loses a root `__proto__`, which no hash then covers.
    body = {key: value for key, value in wrapped.items() if key not in {"proof", "__proto__"}}
    proof = wrapped["proof"]
    written = proof["targetHash"], proof["merkleRoot"], proof["proofs"]
    holds, hashes = follow(*written)
    integrity = _integrity(body, proof) if holds else Integrity.DOCUMENT_TAMPERED
    if integrity is Integrity.VALID and "__proto__" in _keys(wrapped):
        integrity = Integrity.AMBIGUOUS_CONTENT
    shown = _shown(body) if integrity is Integrity.VALID else None
    return concluded(integrity, 3, written, did.recover_signers(wrapped), shown, hashes)


def _integrity(body: dict[str, Any], proof: dict[str, Any]) -> Integrity:
    try:
        visible = _visible(body)
        salts = _salts(proof["salts"])
        hashed = _hashes(body, salts) if len(visible) == len(salts) else None
    except GovsealError:
        return Integrity.DOCUMENT_TAMPERED
    if hashed is None or digest_of_hashes(hashed, proof["privacy"]["obfuscated"]) != proof["targetHash"]:
        return Integrity.DOCUMENT_TAMPERED
    # Section 1, "Exceptions to parity": the salts must be for exactly the leaves that are visible, one for each.
    paths = {path for path, _ in salts}
    if len(paths) != len(salts) or paths != set(visible) or "" in body:
        return Integrity.AMBIGUOUS_CONTENT
    return Integrity.VALID


def _visible(body: dict[str, Any]) -> list[str]:
    """Return the paths of all leaves.

    Raises:
        MalformedDocument: a key contains `.`, `[` or `]`.
        TooLargeError: together they pass `MAX_PATHS`.
    """
    if _length_of_paths(body, 0) > MAX_PATHS:
        raise TooLargeError("The paths of the document are too long.", limit=MAX_PATHS)
    return list(_leaves(body, ""))


def _length_of_paths(node: Any, prefix: int) -> int:
    """Return how long the paths of the leaves below `node` are together; its own has the length `prefix`."""
    if isinstance(node, dict):
        return sum(_length_of_paths(value, prefix + len(key) + 1) for key, value in node.items()) + prefix
    if isinstance(node, list):
        return sum(_length_of_paths(value, prefix + len(f"[{at}]")) for at, value in enumerate(node)) + prefix
    return prefix


def _leaves(node: Any, path: str) -> Iterator[str]:
    """Yield the path of each primitive: `a.b[0]`; empty objects and arrays have no leaf.

    Raises:
        MalformedDocument: a key contains `.`, `[` or `]`.
    """
    if isinstance(node, dict):
        for key, value in node.items():
            if not {".", "[", "]"}.isdisjoint(key):
                raise MalformedDocument("A key of a version 3 document must not contain . [ or ].", key=key)
            yield from _leaves(value, f"{path}.{key}" if path else key)
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from _leaves(value, f"{path}[{index}]")
    else:
        yield path


def _salts(text: str) -> list[tuple[str, str]]:
    """Return (path, salt) of each entry, read as leniently as js-base64 reads.

    Raises:
        MalformedDocument: not an array of paths with salts of 64 characters.
        TooLargeError: beyond the bounds of `jsjson.parse`.
    """
    digits = _NOT_BASE64.sub("", text.translate(_URL_ALPHABET))
    try:
        raw = binascii.a2b_base64(digits + "=" * (-len(digits) % 4))
    except binascii.Error:
        raise MalformedDocument("The salts of a version 3 document are base64.") from None
    entries = jsjson.parse(raw.decode(errors="replace"))
    if not isinstance(entries, list):
        raise MalformedDocument("The salts of a version 3 document are an array.")
    return [_salt(entry) for entry in entries]


def _salt(entry: Any) -> tuple[str, str]:
    if isinstance(entry, dict):
        path, value = entry.get("path"), entry.get("value")
        if isinstance(path, str) and isinstance(value, str) and _utf16_length(value) == _SALT_DIGITS:
            return path, value
    raise MalformedDocument("A salt of a version 3 document is a path and 64 characters.")


def _hashes(body: dict[str, Any], salts: list[tuple[str, str]]) -> list[str]:
    """Return the hash of each salt's leaf: as in the reference, the salts lead and the value is looked up.

    A salt that leads nowhere is dropped. Of a forged document many lead to the same long text, or to a whole branch.

    Raises:
        TooLargeError: more is to be hashed than a document holds.
    """
    hashed = []
    texts: dict[int, str] = {}
    room = _MOST_HASHED
    for path, salt in salts:
        value = _get(body, path)
        if value is _NOTHING:
            continue
        if not isinstance(value, list):
            text = _text(value)
        elif (known := texts.get(id(value))) is not None:
            text = known
        else:
            text = texts[id(value)] = _text(value)
        room -= len(text)
        if room < 0:
            raise TooLargeError("The salts lead to more than the document holds.", limit=_MOST_HASHED)
        hashed.append(leaf_hash(path, f"{salt}:{text}"))
    return hashed


def _utf16_length(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _get(body: dict[str, Any], path: str) -> Any:
    """Return what lodash's `get` finds at `path` in the document's own members, or `_NOTHING`."""
    if not path or path in body:
        return body.get(path, _NOTHING)
    node: Any = body
    for part in _PATH_PART.findall(path):
        if isinstance(node, dict) and part in node:
            node = node[part]
        elif isinstance(node, list | str):
            index = element_index(part)
            if index is None or index >= len(node):
                return _NOTHING
            node = node[index]
        else:
            return _NOTHING
    return node


def _text(value: Any) -> str:
    """Return what JavaScript's `String()` makes of a JSON value."""
    if isinstance(value, str):
        return value
    if value is None or isinstance(value, bool):
        return _TEXT_OF[value]
    if isinstance(value, list):
        return ",".join("" if item is None else _text(item) for item in value)
    return "[object Object]" if isinstance(value, dict) else jsjson.number_text(value)


def _shown(node: Any) -> Any:
    """Return the content that was hashed: each leaf as its text, without empty objects and arrays."""
    if isinstance(node, dict):
        return {key: _shown(value) for key, value in node.items() if not _is_empty(value)}
    if isinstance(node, list):
        return [_shown(value) for value in node if not _is_empty(value)]
    return _text(node)


def _is_empty(node: Any) -> bool:
    if isinstance(node, dict):
        return all(map(_is_empty, node.values()))
    return isinstance(node, list) and all(map(_is_empty, node))


def _keys(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        yield from node
        node = list(node.values())
    if isinstance(node, list):
        for value in node:
            yield from _keys(value)
