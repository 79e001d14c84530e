"""Real documents to seal, never part of the project: a test that needs one is skipped by name where it is absent."""

import os
import re
from pathlib import Path

import pytest

from support.conformance import PROJECT

FOLDER = Path(os.environ.get("GOVSEAL_INPUTS", PROJECT.parent / "shared" / "inputs"))

_KHMER_DIGITS = str.maketrans("០១២៣៤៥៦៧៨៩", "0123456789")
_SENTENCE_ENDS = ("។", "៖")


def input_file(name: str) -> Path:
    """Return a file of the inputs folder, or skip the calling test, naming the file."""
    path = FOLDER / name
    if not path.exists():
        pytest.skip(f"input absent: {name}")
    return path


def press_release(text: str) -> tuple[str, dict[str, str]]:
    """Return number and fields of a release: heading, ministry, number, dates, title, subject, body.

    A paragraph that the text breaks off, as at the end of a page, is joined to the one after it.
    """
    _, ministry, number, dates, _, subject, *body = (
        block.strip() for block in re.split(r"\n\s*\n", text.strip())
    )
    lunar_date, place_and_date = dates.split("\n")
    paragraphs: list[str] = []
    for block in body:
        if paragraphs and not paragraphs[-1].endswith(_SENTENCE_ENDS):
            paragraphs[-1] += " " + block
        else:
            paragraphs.append(block)
    fields = {
        "subject": " ".join(subject.split()),
        "body": "\n\n".join(paragraphs),
        "lunar_date": lunar_date,
        "place": place_and_date.split(" ")[0],
    }
    found = re.search(r"[០-៩]+", number)
    assert found, f"{ministry}: no number"
    return found.group().translate(_KHMER_DIGITS), fields
