"""Marks where a line of Khmer or Lao may end: neither script parts its words, so a dictionary must.

Typst guesses words with a small neural model, and cuts Khmer within them now and then (អ៊ីន|ធឺណិត). ICU's dictionaries
know the words: their breaks become invisible spaces (U+200B), and every other place between two syllables is closed
by a word joiner (U+2060), which Typst heeds.

    flowing("ដែលគ្មានអ៊ីនធឺណិត")      # three words: ដែល គ្មាន អ៊ីនធឺណិត, invisibly parted

A run of letters in which somebody typed such spaces has those breaks and no others. A word that no dictionary has
comes in pieces; a piece that is a bare consonant, which is no word, stays with the one before it.

Invariants: without those two signs the text is what it was; other scripts are left alone.

What is *not* here: hyphens, which neither script uses, and where lines do end (Typst).
"""

import re

from icu4py.breakers import LineBreaker

_BREAK, _JOINER = "\u200b", "\u2060"
_KHMER_LETTER, _KHMER_INSIDE = "\u1780-\u17b3\u17d7", "\u1780-\u17d1\u17d3\u17d7\u17dd"
_LAO_LETTER, _LAO_INSIDE = (
    "\u0e81-\u0eae\u0eaf\u0eb0\u0eb2\u0eb3\u0ebd\u0ec0-\u0ec6\u0edc-\u0edf",
    "\u0e81-\u0edf",
)
_RUN = re.compile(f"[\u1780-\u17d3\u17d7\u17dd{_BREAK}]{{2,}}|[{_LAO_INSIDE}{_BREAK}]{{2,}}")
_BARE = re.compile("[\u1780-\u17a2]\u17cb?")
_BETWEEN_SYLLABLES = re.compile(
    f"(?<=[{_KHMER_INSIDE}])(?=[{_KHMER_LETTER}])|(?<=[{_LAO_INSIDE}])(?=[{_LAO_LETTER}])"
)


def flowing(text: str) -> str:
    """Return `text` with the places marked where a line may end in Khmer and Lao."""
    return _RUN.sub(lambda run: _BREAK.join(_closed(word) for word in _words(run.group())), text)


def _words(run: str) -> list[str]:
    """Return the words of a run of letters without spaces."""
    if _BREAK in run:
        return run.split(_BREAK)
    words: list[str] = []
    for piece in LineBreaker(run, "km"):  # dictionaries go by script, not by locale
        if words and _BARE.fullmatch(str(piece)):
            words[-1] += str(piece)
        else:
            words.append(str(piece))
    return words


def _closed(word: str) -> str:
    """Return a word with a joiner between its syllables."""
    return _BETWEEN_SYLLABLES.sub(_JOINER, word)
