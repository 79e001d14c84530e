"""Documents signed by a DID: who signed (docs/protocol.md section 1, "DID-signed v2").

A proof's signature is 65 bytes r‖s‖v over the EIP-191 message of the 32 raw bytes of merkleRoot. The signer's
address is recovered from it; whether that address may speak for the DID is for DNS, the DID document and the
trust list to say.

What is *not* here: resolving a DID over the network. `controller` knows the address that a `did:ethr` itself
names, which is its controller until the registry on the chain says otherwise.
"""

import re
from typing import Any

from coincurve import PublicKey

from govseal.core.merkle import keccak256
from govseal.core.openattestation.shapes import are_v2_proofs, is_hash, is_signed_v3, is_wrapped_v3

_SIGNATURE = re.compile(r"0x[0-9A-Fa-f]{130}")
_ETHR = re.compile(r"did:ethr:(?:[^#]*:)?(0x[0-9A-Fa-f]{40})(?:#controller)?")
_V_OFFSET = 27  # EIP-191 signers add it to the recovery id; some do not
_HIGHEST_RECOVERY_ID = 1


def recover_signers(document: dict[str, Any]) -> list[str]:
    """Return the checksummed address behind each DID signature of a wrapped document, in its order.

    A document whose `proof` has not the form of signatures has none; nor does a signature from which no key can
    be recovered. The signatures of a document that is not itself VALID prove nothing.
    """
    if not document.get("proof"):  # most documents: nothing to look for
        return []
    return [signer for _, signer in signatures(document) if signer is not None]


def signatures(document: dict[str, Any]) -> list[tuple[str, str | None]]:
    """Return (verificationMethod, recovered address or None) of each proof, v2 or v3."""
    proof = document.get("proof")
    if is_wrapped_v3(document):
        signed = [(proof["key"], proof["signature"])] if proof and is_signed_v3(document) else []
        root = proof["merkleRoot"] if proof else ""
    else:
        root = document["signature"]["merkleRoot"] if isinstance(document.get("signature"), dict) else ""
        signed = (
            [(one["verificationMethod"], one["signature"]) for one in proof] if are_v2_proofs(proof) else []
        )
    return [(method, recover(root, signature)) for method, signature in signed]


def is_signed_by(document: dict[str, Any], verification_method: str) -> bool:
    """Say whether the proof for `verification_method` was made by the address which that did:ethr names.

    As the reference does, the method is compared without regard to case and the first proof for it decides.
    """
    wanted = verification_method.lower()
    for method, signer in signatures(document):
        if method.lower() == wanted:
            return signer is not None and signer == controller(verification_method)
    return False


def controller(did: str) -> str | None:
    """Return the checksummed address that a `did:ethr` (or its `#controller`) names, or None for other DIDs."""
    named = _ETHR.fullmatch(did)
    return checksummed(bytes.fromhex(named[1][2:])) if named else None


def recover(merkle_root: str, signature: str) -> str | None:
    """Return the checksummed address that signed `merkle_root` (64 hex digits), or None when nobody can have.

    Args:
        merkle_root: hex without 0x.
        signature: 0x and 130 hex digits, r‖s‖v with v 0, 1, 27 or 28.
    """
    if not is_hash(merkle_root) or not _SIGNATURE.fullmatch(signature):
        return None
    raw = bytes.fromhex(signature[2:])
    recovery_id = raw[-1] - _V_OFFSET if raw[-1] >= _V_OFFSET else raw[-1]
    if recovery_id > _HIGHEST_RECOVERY_ID:
        return None
    message = keccak256(b"\x19Ethereum Signed Message:\n32" + bytes.fromhex(merkle_root))
    try:
        key = PublicKey.from_signature_and_message(raw[:-1] + bytes([recovery_id]), message, hasher=None)
    except ValueError:  # r or s out of range, or no such point
        return None
    return checksummed(keccak256(key.format(compressed=False)[1:])[-20:])


def checksummed(address: bytes) -> str:
    """Return a 20-byte address as 0x and 40 hex digits in EIP-55's mixed case."""
    digits = address.hex()
    marks = keccak256(digits.encode()).hex()
    return "0x" + "".join(
        digit.upper() if mark >= "8" else digit for digit, mark in zip(digits, marks, strict=False)
    )  # fmt: skip
