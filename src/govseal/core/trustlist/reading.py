"""From the JSON form of a trust list to its values; the pair of `lote`.

Whatever feeds a decision is checked and must be there; what is merely told (addresses, notices) may be
absent or more than we write. An extension that somebody marks critical and we do not know refuses the whole
list (ETSI TS 119 602 clause 6.3.17).

What is *not* here: the signature, and whether the list is fresh (`token`).
"""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from govseal.core.errors import InputError, MalformedToken
from govseal.core.trustlist import fields, lote
from govseal.core.trustlist.model import (
    Build,
    Certificate,
    Checkpoint,
    Did,
    DocumentTypeRule,
    Institution,
    RpcEndpoint,
    Store,
    StoreRef,
    TrustList,
)

_COUNTRY = re.compile(r"[A-Z]{2}")
_DIGEST = re.compile(r"[0-9a-f]{64}")
_STORE_NAME = re.compile(
    rf"{lote.STORE_SERVICE}:(?P<chain>[1-9][0-9]{{0,17}}):(?P<genesis>0x[0-9a-f]{{64}}):(?P<address>0x[0-9a-fA-F]{{40}})"
)
_Services = tuple[list[Certificate], list[Store], list[Did]]


def trust_list(payload: Any) -> TrustList:
    """Return the list that a payload `{"LoTE": …}` holds.

    Raises:
        MalformedToken: it holds none, or contradicts itself.
    """
    content = fields.mapping(payload, "LoTE")
    scheme = fields.mapping(content, "ListAndSchemeInformation")
    if scheme.get("LoTEVersionIdentifier") != lote.LOTE_VERSION or scheme.get("LoTEType") != lote.LOTE_TYPE:
        raise MalformedToken("This is a list of another type or version.", code="WRONG_TYPE")
    try:
        return _trust_list(scheme, content)
    except MalformedToken:
        raise
    except InputError as error:  # two places for one name, or a store of another form
        raise MalformedToken(error.message, code=error.code) from None


def _trust_list(scheme: dict[str, Any], content: dict[str, Any]) -> TrustList:
    country = fields.text(scheme, "SchemeTerritory")
    if not _COUNTRY.fullmatch(country):
        raise fields.refusal("SchemeTerritory")
    issued_at, next_update = fields.moment(scheme, "ListIssueDateTime"), fields.moment(scheme, "NextUpdate")
    if next_update <= issued_at:
        raise fields.refusal("NextUpdate")
    own = _extension(scheme, "SchemeExtensions")
    return TrustList(
        country=country,
        operator=fields.by_language(scheme, "SchemeOperatorName"),
        sequence=fields.integer(scheme, "LoTESequenceNumber", least=1),
        issued_at=issued_at,
        next_update=next_update,
        hosts=fields.strings(own, "hosts"),
        institutions=fields.each(
            content, "TrustedEntitiesList", lambda entity: _institution(entity, issued_at)
        ),
        rpc_endpoints=fields.each(own, "rpcEndpoints", _rpc_endpoint),
        builds=fields.each(own, "builds", _build),
        anchor_certificates=fields.each(own, "anchorCertificates", _own_certificate),
        status_certificates=fields.each(own, "statusCertificates", _own_certificate),
        checkpoint=_checkpoint(fields.mapping(own, "checkpoint")) if "checkpoint" in own else None,
        predecessor=fields.text(own, "predecessor") if "predecessor" in own else None,
        succeeded=_digests(own, "succeeded"),
    )


def _institution(entity: dict[str, Any], issued_at: datetime) -> Institution:
    information = fields.mapping(entity, "TrustedEntityInformation")
    own = _extension(information, "TEInformationExtensions")
    certificates, stores, dids = _services(entity, issued_at)
    types = fields.mapping(own, "documentTypes")
    return Institution(
        code=fields.text(own, "code"),
        names=fields.by_language(information, "TEName"),
        domain=fields.text(own, "domain"),
        stores=tuple(stores),
        certificates=tuple(certificates),
        document_types={code: _rule(fields.mapping(types, code)) for code in types},
        status_uris=fields.strings(own, "statusUris"),
        dids=tuple(dids),
        revocation_stores=tuple(map(_store_ref, fields.strings(own, "revocationStores"))),
        ocsp_responders=fields.strings(own, "ocspResponders"),
    )


def _services(entity: dict[str, Any], issued_at: datetime) -> _Services:
    certificates: list[Certificate] = []
    stores: list[Store] = []
    dids: list[Did] = []
    for service in fields.each(entity, "TrustedEntityServices", lambda item: item):
        information = fields.mapping(service, "ServiceInformation")
        identity = fields.mapping(information, "ServiceDigitalIdentity")
        dates = _extension(information, "ServiceInformationExtensions")
        kind = information.get("ServiceTypeIdentifier")
        if kind == lote.SEAL_SERVICE:
            entries = fields.each(identity, "X509Certificates", lambda item: item)
            certificates += [fields.certificate(entry, dates) for entry in entries]
        elif kind == lote.STORE_SERVICE:
            stores += [_store(name, dates) for name in fields.strings(identity, "OtherIds")]
        elif kind == lote.DID_SERVICE:
            stolen = fields.optional_moment(dates, "compromisedAt")
            dids += [Did(url, stolen) for url in fields.strings(identity, "OtherIds")]
        _check_status(information, dates, issued_at)
    return certificates, stores, dids


def _check_status(information: Mapping[str, Any], dates: Mapping[str, Any], issued_at: datetime) -> None:
    """Refuse a service whose status, which others read, differs from its dates, which we read."""
    retired_at = fields.optional_moment(dates, "retiredAt")
    compromised_at = fields.optional_moment(dates, "compromisedAt")
    if information.get("ServiceStatus") != lote.status(retired_at, compromised_at, issued_at):
        raise fields.refusal("ServiceStatus")


def _store_ref(name: str) -> StoreRef:
    parts = _STORE_NAME.fullmatch(name)
    if parts is None:
        raise fields.refusal("store")
    return StoreRef(int(parts["chain"]), parts["genesis"], parts["address"])


def _store(name: str, dates: Mapping[str, Any]) -> Store:
    return Store(
        _store_ref(name),
        retired_at=fields.optional_moment(dates, "retiredAt"),
        compromised_at=fields.optional_moment(dates, "compromisedAt"),
    )


def _rule(members: dict[str, Any]) -> DocumentTypeRule:
    names = fields.mapping(members, "names")
    return DocumentTypeRule(
        fields.strings(members, "decisive"), {key: fields.text(names, key) for key in names}
    )


def _rpc_endpoint(members: dict[str, Any]) -> RpcEndpoint:
    return RpcEndpoint(
        fields.integer(members, "chainId", least=1),
        fields.text(members, "genesis"),
        fields.text(members, "url"),
    )


def _build(members: dict[str, Any]) -> Build:
    return Build(
        fields.text(members, "name"), fields.text(members, "version"), fields.text(members, "sha256")
    )


def _checkpoint(members: dict[str, Any]) -> Checkpoint:
    return Checkpoint(
        chain_id=fields.integer(members, "chainId", least=1),
        genesis=fields.text(members, "genesis"),
        block_number=fields.integer(members, "blockNumber"),
        block_hash=fields.text(members, "blockHash"),
        block_time=fields.moment(members, "blockTime"),
    )


def _digests(own: Mapping[str, Any], name: str) -> tuple[str, ...]:
    found = fields.strings(own, name)
    if not all(map(_DIGEST.fullmatch, found)):
        raise fields.refusal(name)
    return found


def _own_certificate(members: dict[str, Any]) -> Certificate:
    return fields.certificate(members, members)


def _extension(members: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Return our own extension, empty where there is none; refuse an unknown critical one."""
    own: dict[str, Any] = {}
    for extension in fields.each(members, name, lambda item: item):
        if lote.EXTENSION in extension:
            if own:  # two would be read in two ways
                raise fields.refusal(name)
            own = fields.mapping(extension, lote.EXTENSION)
        elif True in (extension.get("critical"), extension.get("Critical")):
            raise MalformedToken("The trust list has a critical extension that this software does not know.")
    return own
