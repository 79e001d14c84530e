"""The order of Khmer: real texts pass, each way to break a syllable is found, named and mended where possible."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from babel import Locale
from hypothesis import given
from hypothesis import strategies as st

from govseal.web.shared import catalogues
from govseal.writing import khmer
from govseal.writing.khmer import Kind
from support.conformance import PROJECT, input_file

# One word of each shape: two subscripts, RO last, shifters before and after a subscript, a vowel and a sign, a
# subscript under an independent vowel, robat, signs of killing and shortening, digits, repetition, invisible spaces.
GOOD = (
    "ខ្មែរ", "ស្ត្រី", "ប្រ៊ុយ", "ប៊្រុយ", "ស៊ើប", "ញ៉ាំ", "ឱ្យ", "ឲ្យ", "ធម៌", "ពុទ្ធសក្ដិ៍", "វត្ថុ៍", "បាត់", "ចុះ", "គោះ",
    "នាំ", "ក៏", "កា៎", "ឥឡូវ", "១២ ខែ", "ធំៗ", "និង\u200bការ", "ស\u200c៊ី", "ហ្វ៊ូ", "\u25ccា", "plain", "",
)  # fmt: skip

BAD = (
    ("ខែ្មរ", 0, "ខែ្ម", Kind.ORDER, "ខ្មែ"),  # the vowel before the subscript
    ("នៃស្រ្តី", 2, "ស្រ្តី", Kind.ORDER, "ស្ត្រី"),  # RO before another subscript
    ("សើ៊ប", 0, "សើ៊", Kind.ORDER, "ស៊ើ"),  # the vowel before the shifter
    ("រំុ", 0, "រំុ", Kind.ORDER, "រុំ"),  # the sign before the vowel
    ("កេា", 0, "កេា", Kind.ORDER, "កោ"),  # a vowel put together from two
    ("កេី", 0, "កេី", Kind.ORDER, "កើ"),
    ("កា\u17b6", 0, "កាា", Kind.TWICE, "កា"),
    ("ក់់", 0, "ក់់", Kind.TWICE, "ក់"),
    ("ខ្មែរ ាំ", 6, "ាំ", Kind.NO_BASE, None),
    ("ក្", 0, "ក្", Kind.NO_SUBSCRIPT, None),
    ("ក្ ខ", 0, "ក្", Kind.NO_SUBSCRIPT, None),
    ("ក\u200bា", 0, "ក\u200bា", Kind.INVISIBLE, "កា"),
    ("ក្\u200bខ", 0, "ក្\u200bខ", Kind.INVISIBLE, "ក្ខ"),
    ("ក\u17b4", 0, "ក\u17b4", Kind.INVISIBLE, "ក"),
    ("\u17a3", 0, "\u17a3", Kind.RETIRED, "អ"),
    ("ក\u17d3", 0, "ក\u17d3", Kind.RETIRED, "កំ"),
    ("កិឹ", 0, "កិឹ", Kind.ORDER, None),  # two vowels: nobody can tell which was meant
)


@pytest.mark.parametrize("text", GOOD)
def test_well_formed_khmer_passes(text: str) -> None:
    assert khmer.faults(text) == []


@pytest.mark.parametrize(("text", "position", "cluster", "kind", "repair"), BAD)
def test_a_fault_is_told_with_its_place_kind_and_repair(
    text: str, position: int, cluster: str, kind: Kind, repair: str | None
) -> None:
    assert khmer.faults(text) == [khmer.Fault(position, cluster, kind, repair)]


def test_a_fault_names_what_a_screen_hides() -> None:
    assert khmer.faults("ក\u200bា")[0].code_points == "U+1780 U+200B U+17B6"


def test_several_faults_are_told_in_order_each_with_its_repair() -> None:
    text = "ខែ្មរ និង ស្រ្តី ក្"
    assert [fault.position for fault in khmer.faults(text)] == [0, 10, 17]
    assert mended(text) == "ខ្មែរ និង ស្ត្រី ក្"


def mended(text: str) -> str:
    """Return a text with each fault replaced by its repair, where it has one."""
    for fault in reversed(khmer.faults(text)):
        end = fault.position + len(fault.cluster)
        text = text[: fault.position] + (fault.repair or fault.cluster) + text[end:]
    return text


def test_the_khmer_of_the_interface_is_well_formed() -> None:
    said = [str(message.string) for message in catalogues.read("km")]
    assert sum(map(len, said)) > 1000
    assert [fault for text in said for fault in khmer.faults(text)] == []


@pytest.mark.parametrize(
    "file",
    sorted((PROJECT / "countries" / "kh").rglob("*.*")),
    ids=lambda file: f"{file.parent.name}-{file.name}",
)
def test_the_khmer_of_the_country_pack_is_well_formed(file: Path) -> None:
    assert khmer.faults(file.read_text("utf-8")) == []


def test_of_the_unicode_consortiums_khmer_only_what_is_mis_ordered_is_found() -> None:
    texts: set[str] = set()
    for names in ("territories", "languages", "scripts", "currencies", "months", "days", "time_zones"):
        texts |= set(strings(getattr(Locale("km"), names)))
    assert len(texts) > 1000
    found = {fault.cluster: fault.repair for text in texts for fault in khmer.faults(text)}
    assert found == {"តំា": "តាំ", "ហ្រ្គា": "ហ្គ្រា"}


def strings(value: Any) -> Iterator[str]:
    """Yield the texts of nested mappings."""
    if isinstance(value, Mapping):
        for each in value.values():
            yield from strings(each)
    elif isinstance(value, str):
        yield value


def test_a_real_press_release_is_well_formed() -> None:
    text = input_file("release-2024-12-09.km.md").read_text("utf-8")
    assert len(re.findall("[\u1780-\u17ff]", text)) > 2000
    assert khmer.faults(text) == []


@given(st.text(st.sampled_from("កខរស្្៉៊៌ាិីុំះ់\u200b\u200c \u17b4\u17a3េa"), max_size=24))
def test_what_is_mended_has_no_fault_left_but_those_without_a_repair(text: str) -> None:
    left = khmer.faults(mended(text))
    assert all(fault.repair is None for fault in left)


@given(st.text(max_size=40))
def test_any_text_is_judged_and_faults_lie_where_they_say(text: str) -> None:
    for fault in khmer.faults(text):
        assert text[fault.position :].startswith(fault.cluster)
