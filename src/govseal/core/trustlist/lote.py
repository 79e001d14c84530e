"""A trust list as a List of Trusted Entities, ETSI TS 119 602 V1.1.1, JSON binding (docs/protocol.md section 6).

Each certificate, DocumentStore and DID of an institution is one *service* of a trusted entity, granted or
withdrawn, so that a general reader of such lists understands who may sign. What only this protocol needs
(hosts, document types, dates of retirement and compromise, endpoints) stands in extensions that are not
critical, each under the one member `EXTENSION`.

Times are `YYYY-MM-DDThh:mm:ssZ` (clause 6.1.3 of the specification).

    >>> moment(datetime(2026, 1, 2, tzinfo=UTC))
    '2026-01-02T00:00:00Z'

What is *not* here: reading the form back (`reading`), and its signature (`token`).
"""

import base64
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from govseal.core.errors import InputError
from govseal.core.trustlist.model import Certificate, Did, Institution, Store, StoreRef, TrustList

EXTENSION = "urn:x-govseal:1"
LOTE_VERSION = 1
LOTE_TYPE = "urn:x-govseal:1:lote:institutions"
STATUS_APPROACH = "urn:x-govseal:1:lote:dated"
SEAL_SERVICE = "urn:x-govseal:1:service:seal"
STORE_SERVICE = "urn:x-govseal:1:service:document-store"
DID_SERVICE = "urn:x-govseal:1:service:did"
GRANTED = "http://uri.etsi.org/TrstSvc/TrustedList/Svcstatus/granted"
WITHDRAWN = "http://uri.etsi.org/TrstSvc/TrustedList/Svcstatus/withdrawn"

_SCHEME_NAME = "Institutions whose sealed documents are recognised"


def build(trust_list: TrustList) -> dict[str, Any]:
    """Return the payload `{"LoTE": …}`.

    Raises:
        InputError: a time is not of whole seconds in UTC, or an institution has nothing to be known by.
    """
    scheme = {
        "LoTEVersionIdentifier": LOTE_VERSION,
        "LoTESequenceNumber": trust_list.sequence,
        "LoTEType": LOTE_TYPE,
        "SchemeOperatorName": _texts(trust_list.operator),
        "SchemeName": _texts({"en": f"{trust_list.country}:{_SCHEME_NAME}"}),
        "StatusDeterminationApproach": STATUS_APPROACH,
        "SchemeTerritory": trust_list.country,
        "ListIssueDateTime": moment(trust_list.issued_at),
        "NextUpdate": moment(trust_list.next_update),
        "SchemeExtensions": [{EXTENSION: _scheme_extension(trust_list)}],
    }
    lote: dict[str, Any] = {"ListAndSchemeInformation": scheme}
    if trust_list.institutions:  # the specification's schema has no empty lists
        lote["TrustedEntitiesList"] = [_entity(one, trust_list) for one in trust_list.institutions]
    return {"LoTE": lote}


def moment(when: datetime) -> str:
    """Return a time as the list writes it.

    Raises:
        InputError: not UTC, or not of whole seconds.
    """
    if when.utcoffset() != UTC.utcoffset(None) or when.microsecond:
        raise InputError("A trust list's times are UTC and of whole seconds.", code="MALFORMED_TIME")
    return when.strftime("%Y-%m-%dT%H:%M:%SZ")


def status(retired_at: datetime | None, compromised_at: datetime | None, issued_at: datetime) -> str:
    """Return the status URI of a service on the day of the list."""
    ended = [when for when in (retired_at, compromised_at) if when is not None and when <= issued_at]
    return WITHDRAWN if ended else GRANTED


def store_name(ref: StoreRef) -> str:
    """Return the identifier of a store: chain id, genesis hash and address."""
    return f"{STORE_SERVICE}:{ref.chain_id}:{ref.genesis}:{ref.address}"


def _scheme_extension(trust_list: TrustList) -> dict[str, Any]:
    extension: dict[str, Any] = {
        "hosts": list(trust_list.hosts),
        "rpcEndpoints": [
            {"chainId": one.chain_id, "genesis": one.genesis, "url": one.url}
            for one in trust_list.rpc_endpoints
        ],
        "builds": [
            {"name": one.name, "version": one.version, "sha256": one.sha256} for one in trust_list.builds
        ],
        "anchorCertificates": [_certificate(one) for one in trust_list.anchor_certificates],
        "statusCertificates": [_certificate(one) for one in trust_list.status_certificates],
    }
    if trust_list.checkpoint:
        checkpoint = trust_list.checkpoint
        extension["checkpoint"] = {
            "chainId": checkpoint.chain_id,
            "genesis": checkpoint.genesis,
            "blockNumber": checkpoint.block_number,
            "blockHash": checkpoint.block_hash,
            "blockTime": moment(checkpoint.block_time),
        }
    if trust_list.predecessor:
        extension["predecessor"] = trust_list.predecessor
    if trust_list.succeeded:
        extension["succeeded"] = list(trust_list.succeeded)
    return extension


def _entity(institution: Institution, trust_list: TrustList) -> dict[str, Any]:
    services = [*_services(institution, trust_list.issued_at)]
    if not services:
        raise InputError(
            "An institution in the trust list needs a certificate, a store or a DID.",
            code="EMPTY_INSTITUTION",
            institution=institution.code,
        )
    website = [{"lang": "en", "uriValue": f"https://{institution.domain}"}]
    return {
        "TrustedEntityInformation": {
            "TEName": _texts(institution.names),
            "TEAddress": {
                "TEPostalAddress": [_postal_address(institution, trust_list.country)],
                "TEElectronicAddress": website,
            },
            "TEInformationURI": website,
            "TEInformationExtensions": [{EXTENSION: _institution_extension(institution)}],
        },
        "TrustedEntityServices": services,
    }


def _institution_extension(institution: Institution) -> dict[str, Any]:
    extension: dict[str, Any] = {
        "code": institution.code,
        "domain": institution.domain,
        "documentTypes": {
            code: {"decisive": list(rule.decisive), "names": dict(rule.names)}
            for code, rule in institution.document_types.items()
        },
        "statusUris": list(institution.status_uris),
    }
    if institution.revocation_stores:
        extension["revocationStores"] = [store_name(ref) for ref in institution.revocation_stores]
    if institution.ocsp_responders:
        extension["ocspResponders"] = list(institution.ocsp_responders)
    return extension


def _postal_address(institution: Institution, country: str) -> dict[str, str]:
    """Return the address that the specification asks for: this list knows the country, and the name to write to."""
    name = next(iter(institution.names.values()))
    return {"lang": "en", "StreetAddress": name, "Locality": "", "PostalCode": "", "Country": country}


def _services(institution: Institution, issued_at: datetime) -> Iterator[dict[str, Any]]:
    for certificate in institution.certificates:
        identity = {"X509Certificates": [{"val": base64.b64encode(certificate.der).decode()}]}
        yield _service("Seals of documents", SEAL_SERVICE, identity, certificate, issued_at)
    for store in institution.stores:
        named = {"OtherIds": [store_name(store.ref)]}
        yield _service("Register on a ledger", STORE_SERVICE, named, store, issued_at)
    for did in institution.dids:
        yield _service("Signatures of documents", DID_SERVICE, {"OtherIds": [did.url]}, did, issued_at)


def _service(
    name: str, kind: str, identity: dict[str, Any], dated: Certificate | Store | Did, issued_at: datetime
) -> dict[str, Any]:
    information: dict[str, Any] = {
        "ServiceName": _texts({"en": name}),
        "ServiceDigitalIdentity": identity,
        "ServiceTypeIdentifier": kind,
        "ServiceStatus": status(_retired_at(dated), dated.compromised_at, issued_at),
    }
    dates = _dates(dated)
    if dates:
        information["ServiceInformationExtensions"] = [{EXTENSION: dates}]
    return {"ServiceInformation": information}


def _certificate(certificate: Certificate) -> dict[str, str]:
    return {"val": base64.b64encode(certificate.der).decode(), **_dates(certificate)}


def _dates(dated: Certificate | Store | Did) -> dict[str, str]:
    dates = {"retiredAt": _retired_at(dated), "compromisedAt": dated.compromised_at}
    return {name: moment(when) for name, when in dates.items() if when is not None}


def _retired_at(dated: Certificate | Store | Did) -> datetime | None:
    return None if isinstance(dated, Did) else dated.retired_at


def _texts(by_language: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"lang": language, "value": value} for language, value in by_language.items()]
