"""docs/api.md against the answers: every member of every answer is named there."""

import re
from collections.abc import Iterator
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from govseal.core.verdict import Outcome
from support import reports, web

_DATA = {"names", "fields", "data"}  # what these hold has names of its own


def test_every_member_of_an_answer_is_documented() -> None:
    documented = set(re.findall(r"`(\w+)`", (web.PROJECT / "docs" / "api.md").read_text("utf-8")))
    whole = reports.report(Outcome.REVOKED, status=reports.STATUS, receipt=reports.RECEIPT)
    with web.configured() as verifier:
        verifier.text = lambda _: whole  # type: ignore[method-assign] # every part of a report is there
        client = Client(headers={"accept": "application/json"})
        answers = [
            client.post("/verify", {"text": "any"}),
            client.post("/verify", {"file": SimpleUploadedFile("sheet.png", b"\x89PNG")}),
            client.post("/verify", {"file": SimpleUploadedFile("no.jpg", b"no")}),
        ]
    assert [answer.status_code for answer in answers] == [200, 300, 400]
    missing = {name for answer in answers for name in _members(answer.json())} - documented
    assert missing == set()


def _members(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        for one in value:
            yield from _members(one)
    elif isinstance(value, dict):
        for name, one in value.items():
            yield name
            if name not in _DATA:
                yield from _members(one)
