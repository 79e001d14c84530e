"""Taking a field out of salted data (docs/protocol.md section 1, "Obfuscate").

Hiding keeps the digest only if every other leaf keeps its path and no new leaf appears. So an object that loses
its last field is taken out with it (an empty object would be a leaf), and one element of an array cannot be
hidden alone: the elements after it would move up.

    >>> hide({"a": {"b": "x"}, "c": "y"}, "a.b")
    ({'c': 'y'}, {'a.b': 'x'})

What is *not* here: hashing what was taken (`leaves.leaf_hash`).
"""

from typing import Any

from govseal.core.errors import InputError
from govseal.core.openattestation.reading import element_index, leaves


def hide(data: dict[str, Any], path: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return `data` without what is at `path`, and the leaves that were there by their full paths.

    Args:
        data: salted data; it is not changed.
        path: keys and array indexes joined by `.`.

    Raises:
        InputError: nothing is there, or it is, or would leave, an element of an array.
    """
    keys = path.split(".")
    rest, taken = _without(data, keys, path)
    if rest is None:
        raise InputError("A document cannot hide everything.", path=path)
    nested = taken if isinstance(taken, dict | list) and taken else None
    found = (
        {path: taken} if nested is None else {f"{path}.{tail}": leaf for tail, leaf in leaves(nested).items()}
    )
    return rest, found


def _without(node: Any, keys: list[str], path: str) -> tuple[Any, Any]:
    """Return (`node` without what `keys` lead to, or None when nothing is left; what was there)."""
    key, *deeper = keys
    if isinstance(node, list):
        return _without_in_element(node, key, deeper, path)
    if not isinstance(node, dict) or key not in node:
        raise InputError("The document has no such field.", path=path)
    rest, taken = _without(node[key], deeper, path) if deeper else (None, node[key])
    others = {name: value for name, value in node.items() if name != key}
    if rest is None:
        return others or None, taken
    return {name: rest if name == key else value for name, value in node.items()}, taken


def _without_in_element(node: list[Any], key: str, deeper: list[str], path: str) -> tuple[list[Any], Any]:
    index = element_index(key)
    if index is None or index >= len(node):
        raise InputError("The document has no such field.", path=path)
    rest, taken = _without(node[index], deeper, path) if deeper else (None, node[index])
    if rest is None:
        raise InputError("One element of an array cannot be hidden alone: hide the array.", path=path)
    return [*node[:index], rest, *node[index + 1 :]], taken
