"""Signed trust lists (docs/protocol.md section 6)."""

import base64
import copy
import hashlib
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from govseal.core import jose, jsjson, trustlist
from govseal.core.trustlist import lote
from makers.common import NAME, OPERATOR, certificate, drawn, refused, signer

_GENESIS = "0x" + drawn("genesis", 32).hex()
_NOW = datetime(2026, 6, 15, tzinfo=UTC)
_ISSUED, _NEXT = datetime(2026, 6, 1, tzinfo=UTC), datetime(2026, 7, 1, tzinfo=UTC)
_PIN = hashlib.sha256(certificate("list")).digest()


def cases() -> dict[str, Any]:
    """Return the vectors."""
    return {
        "certificate": base64.b64encode(certificate("list")).decode(),
        "pin": _PIN.hex(),
        "now": _NOW.isoformat(),
        "valid": [
            {"token": _token(one), "payload": trustlist.build(one)} for one in (_smallest(), _largest())
        ],
        "invalid": [_refused(*one) for one in (*_wrong_tokens(), *_wrong_payloads(), *_wrong_times())],
    }


def _list(**changed: Any) -> trustlist.TrustList:
    stated: dict[str, Any] = {
        "country": "KH",
        "operator": {"en": OPERATOR, "km": "ក្រសួង"},
        "sequence": 1,
        "issued_at": _ISSUED,
        "next_update": _NEXT,
        "hosts": ("verify.vectors.example",),
        "institutions": (),
    }
    return trustlist.TrustList(**{**stated, **changed})


def _smallest() -> trustlist.TrustList:
    return _list()


def _largest() -> trustlist.TrustList:
    retired, compromised = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 7, 1, tzinfo=UTC)
    stores = [trustlist.StoreRef(1337, _GENESIS, "0x" + f"{n:040x}") for n in (1, 2)]
    institution = trustlist.Institution(
        code="moeys",
        names={"km": NAME, "en": "Ministry of Education"},
        domain="moeys.example",
        stores=(trustlist.Store(stores[0]), trustlist.Store(stores[1], retired_at=retired)),
        certificates=(
            trustlist.Certificate.from_der(certificate("moeys")),
            trustlist.Certificate.from_der(certificate("moeys before"), compromised_at=compromised),
        ),
        document_types={"diploma": trustlist.DocumentTypeRule(("name", "number"), {"en": "Diploma"})},
        status_uris=("https://verify.vectors.example/status/1",),
        dids=(
            trustlist.Did("did:ethr:0xE712878f6E8d5d4F9e87E10DA604F9cB564C9a89#controller"),
            trustlist.Did(f"did:ethr:0x{drawn('stolen', 20).hex()}#controller", compromised_at=retired),
        ),
        revocation_stores=(trustlist.StoreRef(1337, _GENESIS, "0x" + f"{3:040x}"),),
        ocsp_responders=("https://ocsp.vectors.example/v1",),
    )
    return _list(
        sequence=2,
        institutions=(institution,),
        hosts=("verify.vectors.example", "http://localhost:8080"),
        rpc_endpoints=(trustlist.RpcEndpoint(1337, _GENESIS, "https://rpc.vectors.example"),),
        builds=(trustlist.Build("verifier", "1.0.0", drawn("build", 32).hex()),),
        anchor_certificates=(trustlist.Certificate.from_der(certificate("anchor")),),
        status_certificates=(trustlist.Certificate.from_der(certificate("status"), retired_at=retired),),
        checkpoint=trustlist.Checkpoint(1337, _GENESIS, 42, "0x" + drawn("block", 32).hex(), _ISSUED),
        predecessor=drawn("predecessor", 32).hex(),
        succeeded=(drawn("first key", 32).hex(), drawn("second key", 32).hex()),
    )


def _token(one: trustlist.TrustList) -> str:
    return trustlist.sign(one, certificate=certificate("list"), signer=signer("list"))


def _signed(payload: bytes, **header: Any) -> str:
    written = {"typ": trustlist.TYP, "x5c": [base64.b64encode(certificate("list")).decode()], **header}
    return jose.encode(
        {name: value for name, value in written.items() if value is not ...}, payload, signer("list")
    )


def _wrong_tokens() -> list[tuple[str, str]]:
    good = _token(_smallest())
    payload = jsjson.dumps(trustlist.build(_smallest())).encode()
    other = base64.b64encode(certificate("another")).decode()
    head, body, signature = good.split(".")
    return [
        ("empty", ""),
        ("two parts", f"{head}.{body}"),
        ("four parts", f"{good}."),
        ("one character of the signature changed", good[:-3] + ("A" if good[-3] != "A" else "B") + good[-2:]),
        ("a signature of 63 bytes", f"{head}.{body}.{signature[:-2]}"),
        ("padding", good + "="),
        (
            "unused bits that are not zero",
            f"{head}.{body}.{signature[:-1]}{'BCDEF'['AQgw'.index(signature[-1])]}",
        ),
        ("another type", _signed(payload, typ="govseal-anchor+jwt")),
        ("no type", _signed(payload, typ=...)),
        ("the algorithm none", _signed(payload, alg="none")),
        ("another algorithm", _signed(payload, alg="HS256")),
        ("something critical", _signed(payload, crit=["exp"], exp=1)),
        ("no certificate", _signed(payload, x5c=...)),
        ("a certificate that is not base64", _signed(payload, x5c=["*"])),
        ("another certificate than the pinned one", _signed(payload, x5c=[other])),
        (
            "signed by another key",
            jose.encode(
                {"typ": trustlist.TYP, "x5c": [base64.b64encode(certificate("list")).decode()]},
                payload,
                signer("another"),
            ),
        ),
        ("a payload that is not JSON", _signed(b"{")),
        ("a payload with a repeated member", _signed(b'{"LoTE":{},"LoTE":{}}')),
    ]


def _wrong_payloads() -> list[tuple[str, str]]:
    return [(why, _signed(jsjson.dumps(_changed(change)).encode())) for why, change in _changes()]


def _changed(change: Callable[[dict[str, Any], dict[str, Any], dict[str, Any]], object]) -> dict[str, Any]:
    payload = copy.deepcopy(trustlist.build(_largest()))
    content = payload["LoTE"]
    scheme, entity = content["ListAndSchemeInformation"], content["TrustedEntitiesList"][0]
    change(content, scheme, entity)
    return payload


def _changes() -> list[tuple[str, Callable[[dict[str, Any], dict[str, Any], dict[str, Any]], object]]]:
    def information(entity: dict[str, Any], at: int) -> dict[str, Any]:
        found: dict[str, Any] = entity["TrustedEntityServices"][at]["ServiceInformation"]
        return found

    def own(entity: dict[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = entity["TrustedEntityInformation"]["TEInformationExtensions"][0][
            lote.EXTENSION
        ]
        return found

    return [
        ("no list", lambda content, _scheme, _entity: content.clear()),
        ("another version", lambda _content, scheme, _entity: scheme.update(LoTEVersionIdentifier=2)),
        ("another type of list", lambda _content, scheme, _entity: scheme.update(LoTEType="urn:other")),
        ("a sequence of 0", lambda _content, scheme, _entity: scheme.update(LoTESequenceNumber=0)),
        ("a sequence of true", lambda _content, scheme, _entity: scheme.update(LoTESequenceNumber=True)),
        ("a country in lower case", lambda _content, scheme, _entity: scheme.update(SchemeTerritory="kh")),
        ("no operator", lambda _content, scheme, _entity: scheme.update(SchemeOperatorName=[])),
        ("no date of issue", lambda _content, scheme, _entity: scheme.pop("ListIssueDateTime")),
        (
            "a date with an offset",
            lambda _content, scheme, _entity: scheme.update(NextUpdate="2026-07-01T00:00:00+07:00"),
        ),
        (
            "a date that does not exist",
            lambda _content, scheme, _entity: scheme.update(NextUpdate="2026-02-30T00:00:00Z"),
        ),
        (
            "stale when made",
            lambda _content, scheme, _entity: scheme.update(NextUpdate="2026-06-01T00:00:00Z"),
        ),
        ("a closed list", lambda _content, scheme, _entity: scheme.update(NextUpdate=None)),
        (
            "an unknown critical extension",
            lambda _content, scheme, _entity: scheme["SchemeExtensions"].append({"critical": True}),
        ),
        (
            "hosts that are a text",
            lambda _content, scheme, _entity: scheme["SchemeExtensions"][0][lote.EXTENSION].update(hosts="x"),
        ),
        (
            "a replaced key that is no digest",
            lambda _content, scheme, _entity: scheme["SchemeExtensions"][0][lote.EXTENSION].update(
                succeeded=["../trust-list.jwt"]
            ),
        ),
        (
            "an institution twice",
            lambda content, _scheme, entity: content["TrustedEntitiesList"].append(entity),
        ),
        ("an institution without a code", lambda _content, _scheme, entity: own(entity).pop("code")),
        (
            "an institution without a name",
            lambda _content, _scheme, entity: entity["TrustedEntityInformation"].pop("TEName"),
        ),
        (
            "a type without its fields' codes",
            lambda _content, _scheme, entity: own(entity)["documentTypes"]["diploma"].update(decisive=[7]),
        ),
        (
            "a certificate that is none",
            lambda _content, _scheme, entity: information(entity, 0).update(
                ServiceDigitalIdentity={"X509Certificates": [{"val": "AAAA"}]}
            ),
        ),
        (
            "a certificate that is not base64",
            lambda _content, _scheme, entity: information(entity, 0).update(
                ServiceDigitalIdentity={"X509Certificates": [{"val": "*"}]}
            ),
        ),
        (
            "a store of another form",
            lambda _content, _scheme, entity: information(entity, 2).update(
                ServiceDigitalIdentity={"OtherIds": ["0x01"]}
            ),
        ),
        (
            "a status that denies its dates",
            lambda _content, _scheme, entity: information(entity, 3).update(ServiceStatus=lote.GRANTED),
        ),
        (
            "services that are an object",
            lambda _content, _scheme, entity: entity.update(TrustedEntityServices={}),
        ),
    ]


def _wrong_times() -> list[tuple[str, str, datetime]]:
    good = _token(_smallest())
    return [
        ("past its next update", good, datetime(2026, 7, 1, 0, 0, 1, tzinfo=UTC)),
        ("before its issue", good, datetime(2026, 5, 31, 23, 54, 59, tzinfo=UTC)),
    ]


def _refused(why: str, token: str, now: datetime = _NOW) -> dict[str, Any]:
    case = {"token": token, "now": now.isoformat()}
    return refused(why, case, lambda: trustlist.read(token, pin=_PIN, now=now))
