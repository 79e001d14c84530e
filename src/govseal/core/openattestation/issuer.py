"""What a document says of its one issuer: the store or the DID it goes by, where it is revoked, and its domain.

All of it is the document's own word, to be compared with a trust list (docs/protocol.md 1.11 and 6.1).

    >>> named({"issuers": [{"documentStore": "0xAb"}]}, {}, version=2).store
    '0xAb'

What is *not* here: whether any of it is true (`govseal.core.verify`).
"""

from enum import StrEnum
from typing import Any, NamedTuple

_BY_DID = {"DID", "DNS-DID"}
_BY_DNS = {"DNS-TXT", "DNS-DID"}
_OTHER_REGISTERS = {"tokenRegistry", "certificateStore"}
_VERSION_3 = 3


class Revocation(StrEnum):
    """How an issuer revokes what it signs with a DID, as OpenAttestation calls it."""

    NONE = "NONE"
    STORE = "REVOCATION_STORE"
    RESPONDER = "OCSP_RESPONDER"


class Issuer(NamedTuple):
    """The issuer that a document names; what it does not name, or hides, is empty.

    Attributes:
        store: address of its DocumentStore.
        key: DID URL of the key that signs, when no register holds the document.
        revocation: how it revokes what it signs: a `Revocation`, or a word that we do not know.
        location: where: a store's address, or a responder's URL.
        domain: the DNS name that it says speaks for it.
        by_dns: whether it says that one does: a holder may have hidden which.
    """

    store: str = ""
    key: str = ""
    revocation: str = ""
    location: str = ""
    domain: str = ""
    by_dns: bool = False


NOBODY = Issuer()


def named(data: Any, document: Any, *, version: int | None) -> Issuer:
    """Return the issuer that a document of valid integrity names; nobody where it names several.

    Args:
        data: what the document shows.
        document: the whole document: version 3 names its key in the proof.
        version: of OpenAttestation, 2 or 3.
    """
    if version == _VERSION_3:
        return _of_version_3(data, document)
    issuers = data.get("issuers") if isinstance(data, dict) else None
    only = issuers[0] if isinstance(issuers, list) and len(issuers) == 1 else None
    return _of_version_2(only) if isinstance(only, dict) else NOBODY


def _of_version_2(issuer: dict[str, Any]) -> Issuer:
    identity, revocation = _object(issuer, "identityProof"), _object(issuer, "revocation")
    kind, store = _text(identity, "type"), _text(issuer, "documentStore")
    by_did = kind in _BY_DID and not store and _OTHER_REGISTERS.isdisjoint(issuer)
    return Issuer(
        store=store,
        key=_key(identity, "key", _text(issuer, "id")) if by_did else "",
        revocation=_text(revocation, "type"),
        location=_text(revocation, "location"),
        domain=_text(identity, "location") if kind in _BY_DNS else "",
        by_dns=kind in _BY_DNS,
    )


def _of_version_3(data: Any, document: Any) -> Issuer:
    metadata = _object(data, "openAttestationMetadata")
    proof, identity = _object(metadata, "proof"), _object(metadata, "identityProof")
    revocation, method, value = _object(proof, "revocation"), _text(proof, "method"), _text(proof, "value")
    kind = _text(identity, "type")
    return Issuer(
        store=value if method == "DOCUMENT_STORE" else "",
        key=_key(_object(document, "proof"), "key", value) if method == "DID" else "",
        revocation=_text(revocation, "type"),
        location=_text(revocation, "location"),
        domain=_text(identity, "identifier") if kind in _BY_DNS else "",
        by_dns=kind in _BY_DNS,
    )


def _key(members: dict[str, Any], name: str, did: str) -> str:
    """Return a key of the DID that the issuer goes by; another DID's key speaks for somebody else."""
    key = _text(members, name)
    return key if did and key.partition("#")[0].lower() == did.lower() else ""


def _object(members: Any, name: str) -> dict[str, Any]:
    value = members.get(name) if isinstance(members, dict) else None
    return value if isinstance(value, dict) else {}


def _text(members: dict[str, Any], name: str) -> str:
    value = members.get(name)
    return value if isinstance(value, str) else ""
