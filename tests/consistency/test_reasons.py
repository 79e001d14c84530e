"""The verifier's reason codes against the sentences of the pages: no code is told in English to a Khmer reader."""

import re

import pytest

from govseal.core import errors
from govseal.web.shared import reasons
from support import web

_CODE = re.compile(r'"([A-Z]+(?:_[A-Z]+)*)"')
_RAISED = re.compile(r'code="([A-Z_]+)"')
_VERIFYING = [
    path
    for folder in ("core/verify", "apps/verification")
    for path in sorted((web.PROJECT / "src" / "govseal" / folder).rglob("*.py"))
]
_OF_LISTS = [  # what the core's readers of lists say that the verifier passes on as it is
    "LISTED_KEY_COMPROMISED",
    "STATUS_INDEX_OUT_OF_RANGE",
    "STATUS_LIST_FORKED",
    "STATUS_LIST_NOT_VALID_NOW",
    "STATUS_LIST_ROLLED_BACK",
    "STATUS_LIST_STALE",
]
_OTHER_WORDS = {"DOCUMENT_STORE"}  # OpenAttestation's name of a method
CODES = sorted(
    {code for path in _VERIFYING for code in _CODE.findall(path.read_text(encoding="utf-8"))} - _OTHER_WORDS
)
_OF_ERRORS = sorted(
    one.default_code
    for one in (
        errors.MalformedDocument,
        errors.MalformedEnvelope,
        errors.MalformedQrText,
        errors.MalformedSeal,
        errors.MalformedToken,
        errors.MalformedPdf,
        errors.MalformedImage,
        errors.DecryptionFailed,
        errors.TooLargeError,
        *errors.OutsideError.__subclasses__(),
    )
)


def test_the_verifier_names_its_reasons() -> None:
    assert {"HOST_NOT_LISTED", "ROOT_NOT_ISSUED", "SEAL_MISMATCH"} <= set(CODES)


def test_the_codes_of_lists_are_those_that_their_readers_raise() -> None:
    core = web.PROJECT / "src" / "govseal" / "core"
    sources = [*(core / "status").glob("*.py"), core / "listed.py"]
    said = {code for path in sources for code in _RAISED.findall(path.read_text(encoding="utf-8"))}
    assert said >= set(_OF_LISTS)


@pytest.mark.parametrize("code", sorted({*CODES, *_OF_ERRORS, *_OF_LISTS}))
def test_each_reason_has_a_sentence_for_a_person(code: str) -> None:
    with web.configured():
        assert reasons.sentence(code), f"{code} needs a sentence in govseal.web.shared.reasons"
