"""docs/glossary.md against the code and the pages."""

import re

import pytest
from django.utils.translation import override

from govseal.core.verdict import FragmentStatus, Outcome
from govseal.web.shared import catalogues, outcomes, reasons
from support import web

GLOSSARY = (web.PROJECT / "docs" / "glossary.md").read_text(encoding="utf-8")
_ROW = re.compile(r"^\| `(\w+)` \| ([^|]+) \| ([^|]+) \|", re.MULTILINE)
ROWS = {code: (english, khmer) for code, english, khmer in _ROW.findall(GLOSSARY)}


@pytest.mark.parametrize(("language", "column"), [("en", 0), ("km", 1)])
def test_outcomes_and_results_are_called_on_the_pages_what_the_glossary_calls_them(
    language: str, column: int
) -> None:
    with web.configured(), override(language):
        said = {outcome.value: str(outcomes.look(outcome).word) for outcome in Outcome}
        said |= {status.value: str(reasons.status_word(status)) for status in FragmentStatus}
    assert {code: words[column] for code, words in ROWS.items()} == said


@pytest.mark.parametrize("word", ["ប្លុកឆេន", "បញ្ជីទុកចិត្តរបស់រដ្ឋាភិបាល", "ត្រាឌីជីថល", "អ្នកកាន់ឯកសារ", "ទំព័រដើម"])
def test_a_word_of_the_glossary_is_the_word_of_the_pages(word: str) -> None:
    assert word in GLOSSARY
    assert any(word in message.string for message in catalogues.read("km") if message.id)
