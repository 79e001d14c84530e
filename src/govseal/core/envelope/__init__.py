"""Encrypted documents, in the three forms that section 3 of docs/protocol.md names.

`native` is ours (`GOVSEAL-1`, binary); `foreign` reads and writes what OpenAttestation and verify.gov.kh
make (`OPEN-ATTESTATION-TYPE-1`, `VERIFY-GOV-KH-1.0`). All are AES-GCM: a wrong key and a damaged ciphertext
look alike, and both are `DecryptionFailed`, never "altered".

What is *not* here: where keys come from (`govseal.core.secret`), and nonces, which callers draw.
"""

from govseal.core.envelope.foreign import (
    FOREIGN_LIMIT,
    GOV_KH,
    OPEN_ATTESTATION,
    gov_kh_decrypt,
    gov_kh_encrypt,
    oa_decrypt,
    oa_encrypt,
    open_foreign,
)
from govseal.core.envelope.native import (
    FILE_LIMIT,
    JSON_LIMIT,
    NONCE_BYTES,
    needs_access_code,
    open,  # noqa: A004 - the pair of `seal`; always called as `envelope.open`
    seal,
)

__all__ = [
    "FILE_LIMIT",
    "FOREIGN_LIMIT",
    "GOV_KH",
    "JSON_LIMIT",
    "NONCE_BYTES",
    "OPEN_ATTESTATION",
    "gov_kh_decrypt",
    "gov_kh_encrypt",
    "needs_access_code",
    "oa_decrypt",
    "oa_encrypt",
    "open",
    "open_foreign",
    "seal",
]
