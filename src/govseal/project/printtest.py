"""The codes of the print test sheet: those of documents that never were, in the form and length of real ones.

What is *not* here: the sheet (`govseal.adapters.printsheet`).
"""

import hashlib

from govseal.adapters.printsheet import SPOTS
from govseal.core import seal
from govseal.core.qrtext import CompactCode, OfflineCode

_FIELDS: dict[str, str | int | bool] = {
    "holder": "សុខ សម្បត្តិ (គំរូ)",
    "degree": "បរិញ្ញាបត្រ (គំរូ)",
    "born": "2000-01-01",
}
_ISSUED = 1_767_225_600  # 2026-01-01


def codes(host: str) -> dict[str, CompactCode | OfflineCode]:
    """Return the code of each spot, for the host that an installation's codes name; the same each time."""
    return {spot.name: _code(host, spot.profile, _drawn(spot.name)) for spot in SPOTS}


def _code(host: str, profile: str, secret: bytes) -> CompactCode | OfflineCode:
    if profile == "compact":
        return CompactCode(host, secret)
    claims = seal.Claims(
        issuer="KH/print-test",
        issued_at=_ISSUED,
        type="diploma",
        secret=secret,
        fields=_FIELDS,
        status_list=0,
        status_index=0,
    )
    return OfflineCode(host, seal.sign(claims, kid=bytes(8), signer=_nobody))


def _nobody(message: bytes) -> bytes:
    """Sign as nobody: 64 bytes that no key made."""
    return hashlib.sha512(message).digest()


def _drawn(name: str) -> bytes:
    return hashlib.sha256(f"govseal print test {name}".encode()).digest()[:16]
