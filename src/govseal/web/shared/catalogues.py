"""The translations: gathered from the sources, kept as .po files, compiled to .mo at set-up.

English sentences in code and templates are the message ids; `locale/en` therefore has empty translations
and exists so that English is a language of its own and no fallback. Needs Babel only, no gettext tools.

    python -m govseal.web.shared.catalogues           # compile; what `make setup` runs
    python -m govseal.web.shared.catalogues update    # gather new sentences into the .po files

What is *not* here: words of documents (labels, names), which come with the documents and the lists.
"""

import os
import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

WEB = Path(__file__).resolve().parents[1]
FOLDER = WEB / "locale"
LANGUAGES = ("en", "km")
_KEYWORDS = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "pgettext": ((1, "c"), 2),
}


def catalogue_file(language: str) -> Path:
    """Return where the translations into `language` are kept."""
    return FOLDER / language / "LC_MESSAGES" / "django.po"


def read(language: str) -> Catalog:
    """Return the translations into `language`; none when there is no file yet."""
    path = catalogue_file(language)
    if not path.exists():
        return Catalog(
            locale=language,
            header_comment="# Gathered by govseal.web.shared.catalogues; the translations are written here.",
            project="govseal",
            version="1",
            msgid_bugs_address="",
            last_translator="",
            language_team=language,
            fuzzy=False,
        )
    with path.open("rb") as stream:
        return read_po(stream, locale=language)


def gather() -> Catalog:
    """Return every sentence that the code and templates of `govseal.web` mark for translation."""
    found = Catalog()
    for path in sorted([*WEB.rglob("*.py"), *WEB.rglob("*.html")]):
        for _line, message, _comments, context in _sentences(path):
            found.add(message, locations=[(path.relative_to(WEB).as_posix(), 1)], context=context)
    return found


def update() -> None:
    """Bring the .po files to what is marked: new sentences come in empty, unused ones go."""
    gathered = gather()
    for language in LANGUAGES:
        catalogue = read(language)
        catalogue.update(gathered, no_fuzzy_matching=True)
        with catalogue_file(language).open("wb") as stream:
            write_po(
                stream, catalogue, width=110, ignore_obsolete=True, include_lineno=False, omit_header=False
            )


def compile_all() -> None:
    """Write each language's .mo beside its .po."""
    for language in LANGUAGES:
        compiled = BytesIO()
        write_mo(compiled, read(language))
        target = catalogue_file(language).with_suffix(".mo")
        part = target.with_suffix(f".{os.getpid()}")
        part.write_bytes(compiled.getvalue())
        part.replace(target)  # a server or test that starts meanwhile reads the old or the new, whole


def _sentences(path: Path) -> Iterator[tuple]:
    """Yield Babel's tuples for one file; a template is first turned into Python by Django."""
    source = path.read_text(encoding="utf-8")
    if path.suffix == ".html":
        lines = templatize(source, origin=str(path)).splitlines()
        source = "\n".join(line.strip() for line in lines)  # HTML's indentation is not Python's
    yield from extract("python", BytesIO(source.encode()), keywords=_KEYWORDS)


if __name__ == "__main__":
    if sys.argv[1:] == ["update"]:
        update()
    compile_all()
