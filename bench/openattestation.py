"""Attested documents against the unmodified npm packages: wrapping, checking, encrypting; and memory.

Both sides are given the same documents, of 17 fields each (the issuer's four and thirteen of the document's own).
"""

import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.measure import FOLDER, Peer, Row, raced, written

from govseal.core import envelope, jsjson
from govseal.core.openattestation import Integrity, check, v2
from govseal.core.openattestation.salting import uuid4_source

PEER = "openattestation.mjs"
# documents, repetitions, the ratio to reach
WRAPPED = [(1_000, 15, 3.0), (10_000, 5, 8.0), (40_000, 2, 100.0)]
CHECKED = 2_000
ENVELOPES = 300
MANY = 100_000
MEBIBYTES_ALLOWED = 1_024.0


def rows(*, quick: bool) -> Iterator[Row]:
    """Yield the rows; `quick` leaves out the batches over which the peer sits for minutes."""
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        for size, repetitions, reach in WRAPPED[:1] if quick else WRAPPED:
            yield _wrapping(size, repetitions, reach, scratch)
        yield _checking(scratch)
        yield _encrypting(scratch)
    yield _memory(MANY // 10 if quick else MANY)


def document(number: int) -> dict[str, Any]:
    """Return one raw document of 17 fields."""
    identity = {"type": "DNS-TXT", "location": "moe.example"}
    issuer = {
        "name": "ក្រសួងអប់រំ",
        "documentStore": "0x9178F546D3FF57D7A6352bD61B80cCCD46199C2d",
        "identityProof": identity,
    }
    return {
        "issuers": [issuer],
        "number": number,
        **{f"field{n}": f"តម្លៃ {n} of {number}" for n in range(12)},
    }


def wrap_many(size: int) -> None:
    """Wrap `size` documents, keeping them and what they become, and print this process's peak memory in MiB."""
    raws = [document(number) for number in range(size)]
    wrapped = v2.wrap_batch(raws, uuid4_source(os.urandom))
    assert len(wrapped) == size
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def _wrapping(size: int, repetitions: int, reach: float, scratch: Path) -> Row:
    raws = [document(number) for number in range(size)]

    def ours() -> Any:
        return v2.wrap_batch(raws, uuid4_source(os.urandom))

    with Peer(PEER, "wrap", written(raws, scratch)) as peer:
        return raced(f"wrap {size:,} documents", ours, peer, repetitions=repetitions, reach=reach)


def _checking(scratch: Path) -> Row:
    # Written and read: a check is given what a parser made, not what wrapping left in memory.
    given = written(v2.wrap_batch(map(document, range(CHECKED)), uuid4_source(os.urandom)), scratch)
    documents = jsjson.parse(given.read_bytes(), max_bytes=1 << 30, max_values=1 << 30)

    def ours() -> None:
        assert all(check(one).integrity is Integrity.VALID for one in documents)

    with Peer(PEER, "check", given) as peer:
        name = f"check the integrity of {CHECKED:,} documents of one batch"
        return raced(name, ours, peer, repetitions=10, reach=3.0)


def _encrypting(scratch: Path) -> Row:
    key = os.urandom(32).hex()
    wrapped = v2.wrap_batch(map(document, range(ENVELOPES)), uuid4_source(os.urandom))
    texts = [jsjson.dumps(one) for one in wrapped]

    def ours() -> None:
        for text in texts:
            assert envelope.oa_decrypt(envelope.oa_encrypt(text, key, os.urandom(12)), key) == text

    with Peer(PEER, "envelope", written({"key": key, "texts": texts}, scratch)) as peer:
        return raced(f"encrypt and decrypt {ENVELOPES} documents", ours, peer, repetitions=10, reach=5.0)


def _memory(size: int) -> Row:
    # A process of its own: the peak of this one is that of everything before.
    command = [sys.executable, "-c", f"from bench.openattestation import wrap_many; wrap_many({size})"]
    peak = float(subprocess.run(command, capture_output=True, check=True, cwd=FOLDER.parent).stdout)
    name = f"peak memory of wrapping {size:,} documents, against the limit"
    return Row(name, peak, MEBIBYTES_ALLOWED, "MiB", 1.0)
