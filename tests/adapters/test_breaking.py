"""Where lines of Khmer and Lao may end: between the words of a dictionary, and nowhere else, in print as well."""

import json
import re
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govseal.adapters.typeset import Typesetter, proof
from govseal.adapters.typeset.breaking import flowing
from support.codes import sheet_context
from support.conformance import PROJECT
from support.fonts import font_folder

WORDS = ("ដែល", "ដំណើរការ", "បាន", "ទោះបី", "គ្មាន", "អ៊ីនធឺណិត")
LAO = ("ປະຊາຊົນ", "ລາວ", "ເປັນ", "ປະເທດ")

NARROW = """
#let render(sheet) = {
  set page(width: 60mm, height: auto, margin: 5mm)
  set text(font: "Kantumruy Pro", lang: "km", size: 10pt)
  block(width: 0.01mm, sheet.flowing.text)
}
"""


def words_of(text: str) -> list[str]:
    return [word for word in re.split("[\u200b ]", text.replace("\u2060", "")) if word]


@pytest.mark.parametrize("words", [WORDS, LAO])
def test_a_line_may_end_between_words_of_the_dictionary(words: tuple[str, ...]) -> None:
    assert words_of(flowing("".join(words))) == list(words)


def test_where_a_person_typed_breaks_there_are_no_others() -> None:
    assert words_of(flowing("អ៊ីន\u200bធឺណិតបាន")) == ["អ៊ីន", "ធឺណិតបាន"]


def test_a_bare_consonant_of_an_unknown_word_stays_with_what_is_before_it() -> None:
    assert all(len(word) > 1 for word in words_of(flowing("ត្រចៀកកាំហ្សូរិចវ៉ាន់ដេត")))


@pytest.mark.parametrize("text", ["", "plain", "Chan Sophearom 2026", "១២ ០០០", "ក"])
def test_what_needs_no_dictionary_is_left_alone(text: str) -> None:
    assert flowing(text) == text


@given(st.text(st.sampled_from("កខ្មែរនិងបាន ១២A\n\u200bປະເທດ"), max_size=30))
def test_nothing_is_changed_but_by_the_two_signs(text: str) -> None:
    def plain(value: str) -> str:
        return re.sub("[\u200b\u2060]", "", value)

    assert plain(flowing(text)) == plain(text)


def test_the_printed_lines_are_those_words(tmp_path: Path) -> None:
    (tmp_path / "type").mkdir()
    (tmp_path / "type" / "template.typ").write_text(NARROW)
    (tmp_path / "type" / "schema.json").write_text("{}")
    (tmp_path / "type" / "type.json").write_text('{"fonts": ["Kantumruy Pro"]}')
    page = Typesetter(font_folder()).render(
        tmp_path / "type", fields={"text": "".join(WORDS)}, codes={}, context=sheet_context()
    )
    (letters,) = proof.letters(page)
    bottoms = sorted({round(bottom) for _, _, _, bottom in letters.boxes})
    lines = 1 + sum(after - before > 2 for before, after in pairwise(bottoms))
    assert lines == len(WORDS)


def test_the_press_release_of_the_pack_keeps_its_words_whole() -> None:
    sample = json.loads((PROJECT / "countries/kh/types/press-release/sample.json").read_text("utf-8"))
    words = words_of(flowing(sample["body"]))
    assert "អ៊ីនធឺណិត" in words
    assert max(map(len, words)) < 30
