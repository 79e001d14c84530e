"""Documents that went the whole real way, through the office and its outbox: outside verifiers and ours agree."""

import pytest

from govseal.core import jsjson
from support.outside import GENUINE, REVOKED, Asked, Row, check_said, need_verifiers, record, said
from support.sealed import Sealed, SealedSheet

pytestmark = pytest.mark.npm


def asked(sealed: Sealed, sheet: SealedSheet) -> Asked:
    records = {f"{sheet.institution}.example": [record(sealed.country.store(sheet.institution))]}
    return Asked(sealed.wrapped(sheet), records)


def test_what_the_office_sealed_anchored_and_revoked_is_judged_alike(sealed: Sealed) -> None:
    need_verifiers()
    rows = {sheet.id: (sheet, Row(ours=GENUINE)) for sheet in (sealed.alone, *sealed.several)}
    rows[sealed.revoked.id] = (sealed.revoked, REVOKED)
    documents = {name: asked(sealed, sheet) for name, (sheet, _) in rows.items()}
    answers, checker = said(sealed.country.chain, documents), sealed.checker()
    for name, (_, row) in rows.items():
        check_said(answers[name], row)
        content = jsjson.dumps(documents[name].document).encode()
        verdict = checker.file(content).verdict
        assert (verdict.outcome, verdict.reason and verdict.reason.code) == row.ours
