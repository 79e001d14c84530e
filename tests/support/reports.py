"""Made reports, one of each outcome, as the verifier would hand them to a page."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from govseal.core.ports import Anchor
from govseal.core.receipt import Receipt
from govseal.core.trustlist import StoreRef
from govseal.core.verdict import Family, Fragment, FragmentStatus, Outcome, Reason, conclude
from govseal.core.verify import DocumentView, IssuerView, Report, StatusView

_INTEGRITY, _STATUS, _IDENTITY = Family.DOCUMENT_INTEGRITY, Family.DOCUMENT_STATUS, Family.ISSUER_IDENTITY
_STEPS = (
    (1, "QrText", _INTEGRITY),
    (2, "TrustListHost", _IDENTITY),
    (3, "Fetch", _INTEGRITY),
    (4, "DocumentHash", _INTEGRITY),
    (5, "LedgerIssued", _STATUS),
    (6, "LedgerRevoked", _STATUS),
    (7, "IssuerListed", _IDENTITY),
    (7, "IssuerOnDate", _IDENTITY),
    (8, "Seal", _INTEGRITY),
)
_NO_FILE = Fragment(
    9,
    "AttachedFile",
    _INTEGRITY,
    FragmentStatus.SKIPPED,
    Reason("NO_FILE", "No file was in hand to compare."),
)

# outcome: (index into _STEPS of the step that decides, its status, its code, whether the steps end there)
_DECISIONS = {
    Outcome.ALTERED: (3, FragmentStatus.INVALID, "DOCUMENT_TAMPERED", True),
    Outcome.NOT_RECOGNISED: (6, FragmentStatus.INVALID, "STORE_NOT_LISTED", True),
    Outcome.REPLACED: (5, FragmentStatus.INVALID, "REPLACED", False),
    Outcome.REVOKED: (5, FragmentStatus.INVALID, "REVOKED", False),
    Outcome.SUSPENDED: (5, FragmentStatus.INVALID, "SUSPENDED", False),
    Outcome.EXPIRED: (5, FragmentStatus.INVALID, "EXPIRED", False),
    Outcome.NOT_FOUND: (2, FragmentStatus.INVALID, "ID_UNKNOWN", True),
    Outcome.COULD_NOT_CHECK: (4, FragmentStatus.ERROR, "LEDGER_UNAVAILABLE", False),
}

ISSUER = IssuerView(
    code="moeys-demo",
    country="KH",
    names={"en": "Ministry of Education (demonstration)", "km": "ក្រសួងអប់រំ (សាកល្បង)"},
    domain="edu.example",
)
DOCUMENT = DocumentView(
    number="KH-2025-000123",
    type="diploma",
    type_names={"en": "Bachelor's diploma", "km": "សញ្ញាបត្របរិញ្ញាបត្រ"},
    issued=date(2025, 11, 9),
    valid_until=None,
    fields={
        "holder": "សុខ ចាន់ដារ៉ា / SOK Chandara",
        "degree": "បរិញ្ញាបត្រវិទ្យាសាស្ត្រកុំព្យូទ័រ",
        "born": "2003-04-17",
        "gpa": "3.62",
        "honours": True,
    },
    labels={
        "holder": {"en": "Name", "km": "គោត្តនាម និងនាម"},
        "degree": {"en": "Degree", "km": "សញ្ញាបត្រ"},
        "born": {"en": "Date of birth", "km": "ថ្ងៃខែឆ្នាំកំណើត"},
        "gpa": {"en": "Grade point average", "km": "មធ្យមភាគ"},
        "honours": {"en": "With honours", "km": "និទ្ទេសកិត្តិយស"},
    },
    decisive=("holder", "degree", "born"),
    files=1,
)
STORE = StoreRef(1337, "0x" + "1f" * 32, "0x5FbDB2315678afecb367f032d93F642f64180aa3")
ANCHOR = Anchor(
    root=b"\x7b" * 32,
    block_number=20413,
    block_hash=b"\x9c" * 32,
    block_time=datetime(2025, 11, 9, 2, 41, 7, tzinfo=UTC),
    confirmations=12,
)

STATUS = StatusView(
    uri="https://verify.example/status/17",
    state="valid",
    issued_at=datetime(2025, 11, 12, tzinfo=UTC),
    expires_at=datetime(2025, 11, 19, tzinfo=UTC),
)
RECEIPT = Receipt(
    store=STORE,
    root=ANCHOR.root,
    block_number=ANCHOR.block_number,
    block_hash=ANCHOR.block_hash,
    block_time=ANCHOR.block_time,
    transaction=b"\x5d" * 32,
    signed_at=ANCHOR.block_time + timedelta(minutes=1),
)


def fragments(outcome: Outcome) -> tuple[Fragment, ...]:
    """Return the steps that lead to `outcome`."""
    passed = [Fragment(step, name, family, FragmentStatus.VALID) for step, name, family in _STEPS]
    if outcome is Outcome.GENUINE:
        return (*passed, _NO_FILE)
    index, status, code, ends = _DECISIONS[outcome]
    step, name, family = _STEPS[index]
    if code == "ID_UNKNOWN":
        family = _STATUS
    decided = Fragment(step, name, family, status, Reason(code, f"made for a test: {code}"))
    return (*passed[:index], decided) if ends else (*passed[:index], decided, *passed[index + 1 :], _NO_FILE)


def report(outcome: Outcome, **changes: Any) -> Report:
    """Return a full report of `outcome`, with `changes` to its attributes."""
    facts: Mapping[str, Any] = {
        "verdict": conclude(fragments(outcome)),
        "profile": "compact",
        "host": "verify.example",
        "document_id": "0f" * 16,
        "issuer": ISSUER,
        "document": DOCUMENT,
        "anchor": None if outcome in {Outcome.NOT_FOUND, Outcome.COULD_NOT_CHECK} else ANCHOR,
        "store": STORE,
        "target_hash": "3e" * 32,
        "merkle_root": "7b" * 32,
        "certificate": certificate(),
    }
    return Report(**{**facts, **changes})


def refused(
    step: int, name: str, status: FragmentStatus, code: str, family: Family = _IDENTITY, host: str = ""
) -> Report:
    """Return the report of a check that ended at its first trouble."""
    fragment = Fragment(step, name, family, status, Reason(code, f"made for a test: {code}"))
    return Report(verdict=conclude([fragment]), host=host)


@cache
def certificate() -> bytes:
    """Return a seal certificate, DER."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name(
        [
            x509.NameAttribute(x509.NameOID.COUNTRY_NAME, "KH"),
            x509.NameAttribute(x509.NameOID.ORGANIZATION_NAME, "Ministry of Education (demonstration)"),
            x509.NameAttribute(x509.NameOID.COMMON_NAME, "Seal 2025-1"),
        ]
    )
    start = datetime(2025, 1, 1, tzinfo=UTC)
    built = x509.CertificateBuilder(
        name, name, key.public_key(), x509.random_serial_number(), start, start + timedelta(days=730)
    ).sign(key, hashes.SHA256())
    return built.public_bytes(serialization.Encoding.DER)
