"""docs/threat-model.md against the tests it names: a defence without its test is a promise."""

import re

import pytest

from support.conformance import PROJECT

TEXT = (PROJECT / "docs" / "threat-model.md").read_text(encoding="utf-8")
NAMED = sorted(
    set(re.findall(r"`((?:adapters|apps|conformance|core|web)/[\w/]+)`", TEXT)) - {"adapters/http"}
)


def test_the_threat_model_names_tests() -> None:
    assert "core/test_verify_attacks" in NAMED


@pytest.mark.parametrize("name", NAMED)
def test_a_test_that_the_threat_model_names_is_there(name: str) -> None:
    assert (PROJECT / "tests" / f"{name}.py").exists()
