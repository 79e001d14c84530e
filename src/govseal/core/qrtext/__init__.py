"""What stands in a QR code: four profiles, written and read (docs/protocol.md section 4).

`digits` packs bytes into decimal digits, `percent` escapes text, `origin` says which hosts a code may name,
`codes` holds one class per profile, and `reading` tells them apart.

What is *not* here: drawing and finding symbols (`govseal.adapters.qrimage`), and judging a host or a seal.
"""

from govseal.core.qrtext.codes import CompactCode, OfflineCode, OpenAttestationCode, UniversalAction
from govseal.core.qrtext.reading import Code, describe, read

__all__ = [
    "Code",
    "CompactCode",
    "OfflineCode",
    "OpenAttestationCode",
    "UniversalAction",
    "describe",
    "read",
]
