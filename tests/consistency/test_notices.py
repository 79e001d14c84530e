"""The reasons of a change of standing: one list of codes for the rows, the protocol, the page and the terminal."""

import re

from govseal.project.cli import verify
from govseal.web.shared import notices
from support import web

_MODELS = (web.PROJECT / "src/govseal/apps/issuance/services/reasons.py").read_text("utf-8")
_NOT_TOLD = {"CLEARED", "OTHER"}  # a lifted suspension has no notice; `other` says nothing more
USED = set(re.findall(r"ReasonCode\.([A-Z]+)", _MODELS)) - _NOT_TOLD


def test_each_reason_has_its_words_on_the_page_and_in_the_terminal() -> None:
    codes = {code.lower() for code in USED}
    assert len(codes) == 8
    assert notices._REASONS.keys() == codes
    assert verify._REASONS.keys() == codes


def test_the_protocol_names_each_reason() -> None:
    protocol = (web.PROJECT / "docs/protocol.md").read_text("utf-8")
    clause = protocol[protocol.index("- 6.7.2") : protocol.index("- 6.7.3")]
    assert {*re.findall(r"`([a-z]+)`", clause)} >= {code.lower() for code in USED} | {"other"}
