"""The catalogues against the sources: nothing said in one language only, no placeholder lost on the way."""

import re
from pathlib import Path

import pytest
from babel.messages.mofile import read_mo

from govseal.web.shared import catalogues

_PLACEHOLDER = re.compile(r"%\(\w+\)s|<[^>]+>|%%")
_KHMER = re.compile("[\u1780-\u17ff]")


@pytest.mark.parametrize("language", catalogues.LANGUAGES)
def test_the_catalogue_holds_exactly_what_the_sources_say(language: str) -> None:
    gathered = {message.id for message in catalogues.gather() if message.id}
    kept = {message.id for message in catalogues.read(language) if message.id}
    assert kept == gathered, "run: python -m govseal.web.shared.catalogues update"


def test_sentences_of_code_and_of_templates_are_gathered() -> None:
    gathered = {message.id for message in catalogues.gather()}
    assert {"Could not check", "Does the paper say exactly this?"} <= gathered


def test_each_sentence_is_said_in_khmer() -> None:
    missing = [message.id for message in catalogues.read("km") if message.id and not message.string]
    assert missing == []


def test_khmer_sentences_are_khmer() -> None:
    foreign = [
        message.id for message in catalogues.read("km") if message.id and not _KHMER.search(message.string)
    ]
    assert foreign == []


@pytest.mark.parametrize("language", catalogues.LANGUAGES)
def test_placeholders_and_markup_survive_translation(language: str) -> None:
    for message in catalogues.read(language):
        if message.id and message.string:
            assert sorted(_PLACEHOLDER.findall(message.id)) == sorted(_PLACEHOLDER.findall(message.string))


def test_english_is_the_language_of_the_sources() -> None:
    assert [message.id for message in catalogues.read("en") if message.id and message.string] == []


def test_compiled_catalogues_hold_every_translation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "locale"
    for language in catalogues.LANGUAGES:
        target = folder / language / "LC_MESSAGES" / "django.po"
        target.parent.mkdir(parents=True)
        target.write_bytes(catalogues.catalogue_file(language).read_bytes())
    monkeypatch.setattr(catalogues, "FOLDER", folder)
    catalogues.compile_all()
    with (folder / "km" / "LC_MESSAGES" / "django.mo").open("rb") as stream:
        compiled = {message.id: message.string for message in read_mo(stream) if message.id}
    assert compiled == {message.id: message.string for message in catalogues.read("km") if message.id}
