"""DID-signed OpenAttestation documents, made with keys of our own."""

from collections.abc import Callable
from typing import Any

from coincurve import PrivateKey

from govseal.core.merkle import keccak256
from govseal.core.openattestation import v2

KEY = PrivateKey(b"\x01" * 32)
ADDRESS = "0x1a642f0E3c3aF545E7AcBD38b07251B3990914F1"
DID = f"did:ethr:{ADDRESS}"
CONTROLLER = f"{DID}#controller"


def sign(root: str, *, key: PrivateKey = KEY, offset: int = 27) -> str:
    """Return the signature over a root, as OpenAttestation writes it."""
    message = keccak256(b"\x19Ethereum Signed Message:\n32" + bytes.fromhex(root))
    signature = key.sign_recoverable(message, hasher=None)
    return "0x" + signature[:64].hex() + bytes([signature[64] + offset]).hex()


def proof(signature: str, method: str = CONTROLLER) -> dict[str, str]:
    """Return a proof that a key made a signature."""
    return {
        "type": "OpenAttestationSignature2018",
        "created": "2026-01-01T00:00:00Z",
        "proofPurpose": "assertionMethod",
        "verificationMethod": method,
        "signature": signature,
    }


def issuer(
    kind: str = "NONE", location: str | None = None, *, domain: str | None = None, **changed: Any
) -> dict[str, Any]:
    """Return the issuer of a document that the key signs and that is revoked so; `domain` speaks for the key."""
    identity = {"type": "DNS-DID", "location": domain} if domain else {"type": "DID"}
    revocation = {"type": kind} if location is None else {"type": kind, "location": location}
    return {
        "id": DID,
        "name": "Ministry by its own word",
        "revocation": revocation,
        "identityProof": {**identity, "key": CONTROLLER},
        **changed,
    }


def signed(
    named: dict[str, Any], new_uuid: Callable[[], str], *, key: PrivateKey = KEY, company: int = 2
) -> dict[str, Any]:
    """Return a wrapped document of that issuer, in a batch with others, signed."""
    others = [{"issuers": [named], "n": number} for number in range(company)]
    document, *_ = v2.wrap_batch([{"issuers": [named], "subject": "a letter"}, *others], new_uuid)
    method = named["identityProof"]["key"]
    return {**document, "proof": [proof(sign(document["signature"]["merkleRoot"], key=key), method)]}
