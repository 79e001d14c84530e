"""What the small tools `govseal core wrap` and `govseal core check` do with each line (one JSON value in, one out).

A line that cannot be taken yields `{"error": {"code", "message"}}` in its place and the others go on.

What is *not* here: reading and writing lines, and the source of salts, which the caller chooses.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from govseal.core import jsjson
from govseal.core.errors import GovsealError
from govseal.core.openattestation import check, v2


def wrap_lines(lines: Iterable[bytes], new_uuid: Callable[[], str]) -> Iterator[dict[str, Any]]:
    """Yield the wrapped document of each line, all in one batch, or the line's error.

    Args:
        lines: raw documents, one JSON text each. All are read before the first result.
        new_uuid: gives a fresh version 4 UUID at each call (see `salting.uuid4_source`).
    """
    taken = [_attested(line, new_uuid) for line in lines]
    good = [one for one in taken if isinstance(one, v2.Attested)]
    wrapped = v2.wrap(good)
    for one in taken:
        yield next(wrapped) if isinstance(one, v2.Attested) else one


def check_line(line: bytes) -> dict[str, Any]:
    """Return `{"integrity", "targetHash", "merkleRoot", "signers"}` of one document, or the line's error."""
    try:
        found = check(jsjson.parse(line))
    except GovsealError as error:
        return _error(error)
    return {
        "integrity": found.integrity.value,
        "targetHash": found.target_hash,
        "merkleRoot": found.merkle_root,
        "signers": list(found.signers),
    }


def _attested(line: bytes, new_uuid: Callable[[], str]) -> v2.Attested | dict[str, Any]:
    try:
        return v2.attest(jsjson.parse(line), new_uuid)
    except GovsealError as error:
        return _error(error)


def _error(error: GovsealError) -> dict[str, Any]:
    return {"error": {"code": error.code, "message": error.message}}
