"""The forms that OpenAttestation's verifiers take for wrapped documents (npm: the guards' "non-strict" schemas).

They decide between NOT_WRAPPED and a verdict on integrity, and so look at types and required members only, never
at patterns or enumerations.

What is *not* here: whether a form makes sense to us.
"""

import re
from collections.abc import Callable
from typing import Any, TypeGuard

Shape = Callable[[Any], bool]

V2 = "https://schema.openattestation.com/2.0/schema.json"
V3 = "https://schema.openattestation.com/3.0/schema.json"

_HASH = re.compile(r"[0-9A-Fa-f]{64}")
_STORES = ("certificateStore", "tokenRegistry", "documentStore")


def is_hash(value: Any) -> bool:
    """Say whether `value` is text of exactly 64 hex digits of either case."""
    return isinstance(value, str) and _HASH.fullmatch(value) is not None


def is_raw_v2(raw: Any) -> bool:
    """Say whether `raw`, before salting, has the members that v2 asks for."""
    return _V2_DATA(raw)


def is_wrapped_v2(document: Any, unsalted: Any) -> bool:
    """Say whether `document` has a v2 signature block, and `unsalted` (its data) the members v2 asks for."""
    # The reference looks at the document itself where it claims to be version 3.
    subject = document if document.get("version") == V3 else unsalted
    return _V2_SIGNATURE(document.get("signature")) and _V2_DATA(subject)


def is_wrapped_v3(document: Any) -> bool:
    """Say whether `document` has the members that v3 asks for and a v3 proof block."""
    return document.get("version") == V3 and _V3_BODY(document) and _V3_PROOF(document.get("proof"))


def is_signed_v3(document: Any) -> bool:
    """Say whether a wrapped v3 document also has the form of a DID-signed one."""
    return _V3_SIGNED(document.get("proof"))


def are_v2_proofs(proof: Any) -> TypeGuard[list[dict[str, str]]]:
    """Say whether `proof` is a non-empty array of DID signatures."""
    return bool(proof) and _V2_DID_PROOFS(proof)


def _text(value: Any) -> bool:
    return isinstance(value, str)


def _object(value: Any) -> bool:
    return isinstance(value, dict)


def _literal(text: str) -> Shape:
    return lambda value: isinstance(value, str) and value == text


def _array(item: Shape, *, at_least: int = 0) -> Shape:
    if item is _text:
        return lambda value: (
            isinstance(value, list) and len(value) >= at_least and {*map(type, value)} <= {str}
        )
    return lambda value: isinstance(value, list) and len(value) >= at_least and all(map(item, value))


def _either(one: Shape, other: Shape) -> Shape:
    return lambda value: one(value) or other(value)


def _record(
    *, required: dict[str, Shape], optional: dict[str, Shape] | None = None, closed: bool = False
) -> Shape:
    """Build the shape of an object; `closed` refuses members that are named nowhere.

    Every check runs these shapes: texts, which most members are, are looked at without a call for each.
    """
    texts = [key for key, shape in required.items() if shape is _text]
    needed = [(key, shape) for key, shape in required.items() if shape is not _text]
    maybe = list((optional or {}).items())
    named = {*required, *(optional or {})}

    def fits(value: Any) -> bool:
        if not isinstance(value, dict) or (closed and not value.keys() <= named):
            return False
        for key in texts:
            if not isinstance(value.get(key), str):
                return False
        for key, shape in needed:
            if key not in value or not shape(value[key]):
                return False
        for key, shape in maybe:  # noqa: SIM110 - a loop is twice as fast as all(), and runs for every document
            if key in value and not shape(value[key]):
                return False
        return True

    return fits


def _texts(*names: str) -> dict[str, Shape]:
    return dict.fromkeys(names, _text)


def _issuer(issuer: Any) -> bool:
    """Exactly one of: token registry, document store, certificate store, none of the three."""
    if not isinstance(issuer, dict):
        return False
    is_of_certificates = _CERTIFICATE_STORE(issuer)
    if not _ISSUER(issuer):
        return is_of_certificates
    kinds = is_of_certificates + _text(issuer.get("tokenRegistry")) + _text(issuer.get("documentStore"))
    return kinds == 1 or issuer.keys().isdisjoint(_STORES)


_NETWORK = _record(required=_texts("chain"), optional=_texts("chainId"))
_ISSUER = _record(
    required={
        "name": _text,
        "identityProof": _either(
            _record(required=_texts("type", "location")),
            _record(required=_texts("type", "key")),
        ),
    },
    optional={"id": _text, "revocation": _record(required={}, optional=_texts("type", "location"))},
)
_CERTIFICATE_STORE = _record(required=_texts("name", "certificateStore"))
_V2_ATTACHMENT = _record(required=_texts("filename", "type", "data"), closed=True)
_V2_DATA = _record(
    required={"issuers": _array(_issuer, at_least=1)},
    optional={
        "id": _text,
        "$template": _either(_text, _record(required=_texts("name", "type"), optional=_texts("url"))),
        "documentUrl": _text,
        "recipient": _record(required={}, optional=_texts("name")),
        "network": _NETWORK,
        "attachments": _array(_V2_ATTACHMENT),
    },
)
_V2_SIGNATURE = _record(
    required={
        "type": _literal("SHA3MerkleProof"),
        **_texts("targetHash", "merkleRoot"),
        "proof": _array(_text),
    }
)
_V2_DID_PROOFS = _array(
    _record(
        required={
            "type": _literal("OpenAttestationSignature2018"),
            "proofPurpose": _literal("assertionMethod"),
            **_texts("created", "verificationMethod", "signature"),
        }
    )
)
_V3_METADATA = _record(
    required={
        "proof": _record(
            required=_texts("type", "method", "value"),
            optional={"revocation": _record(required=_texts("type"), optional=_texts("location"))},
        ),
        "identityProof": _record(required=_texts("type", "identifier"), closed=True),
    },
    optional={"template": _record(required=_texts("name", "type", "url"), closed=True)},
)
_V3_BODY = _record(
    required={
        "@context": _array(_either(_text, _object)),
        "type": _either(_text, _array(_text)),
        "credentialSubject": _either(_object, _array(_object)),
        "issuer": _either(_text, _record(required=_texts("id", "name"))),
        "issuanceDate": _text,
        "openAttestationMetadata": _V3_METADATA,
    },
    optional={
        **_texts("id", "reference", "name", "expirationDate", "issued", "validFrom", "validUntil"),
        "credentialStatus": _record(required=_texts("id", "type")),
        "attachments": _array(_record(required=_texts("fileName", "mimeType", "data"), closed=True)),
        "network": _NETWORK,
    },
)
_V3_PROOF = _record(
    required={
        "type": _literal("OpenAttestationMerkleProofSignature2018"),
        **_texts("targetHash", "merkleRoot", "salts"),
        "proofs": _array(_text),
        "privacy": _record(required={"obfuscated": _array(is_hash)}),
        "proofPurpose": _literal("assertionMethod"),
    }
)
_V3_SIGNED = _record(required=_texts("key", "signature"))
