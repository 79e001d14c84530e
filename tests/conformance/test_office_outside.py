"""What went the whole real way, through the office and its outbox, judged by outside software and by us alike."""

import base64
from typing import Any

import pytest
from cryptography import x509

from govseal.core import jsjson
from govseal.core.openattestation import v2
from govseal.core.trustlist import lote
from support import lists
from support.outside import GENUINE, REVOKED, Asked, Row, check_said, need_verifiers, record, said
from support.sealed import Sealed, SealedSheet


def asked(sealed: Sealed, sheet: SealedSheet) -> Asked:
    records = {f"{sheet.institution}.example": [record(sealed.country.store(sheet.institution))]}
    return Asked(sealed.wrapped(sheet), records)


@pytest.mark.npm
def test_what_the_office_sealed_anchored_and_revoked_is_judged_alike(sealed: Sealed) -> None:
    need_verifiers()
    rows = {sheet.id: (sheet, Row(ours=GENUINE)) for sheet in (sealed.alone, *sealed.several)}
    rows[sealed.revoked.id] = (sealed.revoked, REVOKED)
    documents = {name: asked(sealed, sheet) for name, (sheet, _) in rows.items()}
    answers, checker = said(sealed.country.chain, documents), sealed.checker()
    for name, (_, row) in rows.items():
        check_said(answers[name], row)
        verdict = checker.file(jsjson.dumps(documents[name].document).encode()).verdict
        assert (verdict.outcome, verdict.reason and verdict.reason.code) == row.ours


def openvc_reading(sealed: Sealed) -> Any:
    """Return openvc-core's reading of the office's trust list under its pin."""
    reader = pytest.importorskip("openvc.trustlist")
    home = sealed.country.home
    pin = x509.load_der_x509_certificate((home / "trust/trust-list-signer.der").read_bytes())
    token = (home / "published/.well-known/govseal/trust-list.jwt").read_bytes()
    return reader.consume_lote(token, expected_signer_certs=[pin])


def test_openvc_reads_the_offices_trust_list_as_we_do(sealed: Sealed) -> None:
    theirs, ours = openvc_reading(sealed), lists.trust(sealed.country)
    assert (theirs.sequence_number, theirs.next_update) == (ours.sequence, ours.next_update)
    assert [one.name for one in theirs.providers] == [one.names["en"] for one in ours.institutions]


def test_by_openvcs_reading_of_the_list_pycose_accepts_the_offices_seals(sealed: Sealed) -> None:
    """The certificate comes from the one, the judgement from the other, and neither is of our making."""
    messages, keys = pytest.importorskip("pycose.messages"), pytest.importorskip("pycose.keys")
    (provider,) = [
        one for one in openvc_reading(sealed).providers if one.name == f"Office {sealed.alone.institution}"
    ]
    (service,) = [one for one in provider.services if one.service_status == lote.GRANTED]
    point = service.certificate.public_key().public_numbers()
    text = v2.unsalt(sealed.wrapped(sealed.alone)["data"])["govseal"]["seal"]
    message = messages.CoseMessage.decode(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    message.key = keys.EC2Key(crv="P_256", x=point.x.to_bytes(32, "big"), y=point.y.to_bytes(32, "big"))
    assert message.verify_signature()
