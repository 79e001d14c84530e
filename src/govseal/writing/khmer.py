"""The order in which the characters of a Khmer syllable are stored, and what breaks it.

Khmer is seen stacked and stored in a row: a base, subscripts (COENG and a letter), a shifter, a vowel, signs.
Typed in another order it is drawn with dotted circles, or alike and yet not found, not sorted and not equal. An
attested text can never be mended, so it is judged before.

    fault, = faults("ខែ្មរ")      # KHA, AE, COENG MO, RO: the vowel before the subscript
    fault.cluster, fault.kind, fault.repair    # 'ខែ្ម', Kind.ORDER, 'ខ្មែ'

Syllable (The Unicode Standard section 16.4, as narrowed by Unicode Technical Note 61, "Khmer Encoding Structure"):

    base (robat | shifter)? (coeng letter shifter?){0,2} vowel? sign*

with RO the last of two subscripts, one shifter at most, each sign once, the signs above before those beside. The
shifter may stand before the subscripts (the standard) or after them (the note): both are drawn, and both are met
in good texts.

Invariants: a text without Khmer has no fault; a `repair` is itself without fault; time is linear in the text.

What is *not* here: spelling (a well-formed word may be misspelt), and equal looks of different letters.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

_LETTER = "\u1780-\u17a2\u17a5-\u17b3"  # consonants and independent vowels
_BASE = f"[{_LETTER}\u00a0\u25cc]"  # a no-break space or a dotted circle shows a mark alone, on purpose
_COENG, _RO, _ROBAT = "\u17d2", "\u179a", "\u17cc"
_SHIFTERS = "\u17c9\u17ca"
_VOWELS = "\u17b6-\u17c5"
_SIGNS_ABOVE = "\u17c6\u17cb\u17cd-\u17d1"
_SIGNS_BESIDE = "\u17c7\u17c8\u17dd"
_MARKS = f"{_VOWELS}{_SIGNS_ABOVE}{_SIGNS_BESIDE}{_SHIFTERS}{_ROBAT}"
_TOLD_APART = "\u200c?"  # keeps a shifter from sinking under its base when a sign stands above

_SUBSCRIPT = f"{_COENG}[{_LETTER}]"
_SYLLABLE = re.compile(
    f"{_BASE}{_ROBAT}?(?:{_TOLD_APART}[{_SHIFTERS}])?(?:{_SUBSCRIPT}){{0,2}}(?:{_TOLD_APART}[{_SHIFTERS}])?"
    f"[{_VOWELS}]?[{_SIGNS_ABOVE}]*[{_SIGNS_BESIDE}]*"
)
_RETIRED = {"\u17a3": "\u17a2", "\u17a4": "\u17a2\u17b6", "\u17d3": "\u17c6"}
_ANY_LETTER = f"{_LETTER}\u17a3\u17a4"
_UNSEEN = "\u17b4\u17b5\u200b-\u200d\u2060\u00ad"
_CLUSTER = (
    re.compile(  # a base with whatever hangs on it, in any order; runs are bounded, so that time is linear
        f"(?:{_BASE}|[\u17a3\u17a4])?"
        f"(?:{_COENG}(?:[{_UNSEEN}]{{0,4}}[{_ANY_LETTER}])?|[{_MARKS}\u17d3]"
        f"|[{_UNSEEN}]{{1,4}}(?=[{_MARKS}{_COENG}])|[\u17b4\u17b5])*"
    )
)
_KHMER = re.compile("[\u1780-\u17ff]")
_INVISIBLE = re.compile(f"[{_UNSEEN}]")
_DANGLING = re.compile(f"{_COENG}(?![{_UNSEEN}]{{0,4}}[{_ANY_LETTER}])")
_SPLIT_VOWELS = {
    "\u17c1\u17b6": "\u17c4",
    "\u17c1\u17b8": "\u17be",
    "\u17c1\u17c5": "\u17c5",
    "\u17b8\u17c1": "\u17be",
}


class Kind(StrEnum):
    """What is wrong with a syllable."""

    ORDER = "its signs stand in another order than Khmer is stored in"
    TWICE = "a sign stands twice"
    NO_BASE = "a sign stands without a letter to bear it"
    NO_SUBSCRIPT = "the sign COENG has no letter after it"
    INVISIBLE = "an invisible character stands within the syllable"
    RETIRED = "a character that Unicode advises against"


@dataclass(frozen=True, slots=True)
class Fault:
    """One syllable that is not stored as it should be.

    Attributes:
        position: of its first character in the text, from 0.
        cluster: the characters concerned.
        kind: what is wrong.
        repair: what was probably meant; None where nobody can tell.
    """

    position: int
    cluster: str
    kind: Kind
    repair: str | None

    @property
    def code_points(self) -> str:
        """Return the characters as `U+1781 U+17C2 …`: what a screen may hide."""
        return " ".join(f"U+{ord(character):04X}" for character in self.cluster)


def faults(text: str) -> list[Fault]:
    """Return every mis-stored Khmer syllable of `text`, in order."""
    return list(_faults(text)) if _KHMER.search(text) else []


def _faults(text: str) -> Iterator[Fault]:
    position = 0
    while position < len(text):
        found = _CLUSTER.match(text, position)
        cluster = found.group() if found else ""
        if not cluster:
            position += 1
            continue
        if not _is_well_formed(cluster):
            yield Fault(position, cluster, _kind(cluster), _repair(cluster))
        position += len(cluster)


@lru_cache(maxsize=4096)  # a language has few syllables, and texts repeat them
def _is_well_formed(cluster: str) -> bool:
    if _SYLLABLE.fullmatch(cluster) is None:
        return False
    signs = re.findall(f"[{_MARKS}]", cluster)
    shifters = re.findall(f"[{_SHIFTERS}]", cluster)
    subscripts = re.findall(_SUBSCRIPT, cluster)
    ro_first = len(subscripts) > 1 and subscripts[0] == _COENG + _RO
    return len(set(signs)) == len(signs) and len(shifters) <= 1 and not ro_first


def _kind(cluster: str) -> Kind:
    """Name the fault that a person should hear of first."""
    if _DANGLING.search(cluster):
        return Kind.NO_SUBSCRIPT
    if _INVISIBLE.search(re.sub(f"\u200c(?=[{_SHIFTERS}])", "", cluster)):
        return Kind.INVISIBLE
    if any(retired in cluster for retired in _RETIRED):
        return Kind.RETIRED
    if re.match(_BASE, cluster) is None:
        return Kind.NO_BASE
    signs = re.findall(f"[{_MARKS}]", cluster)
    return Kind.TWICE if len(set(signs)) < len(signs) else Kind.ORDER


def _repair(cluster: str) -> str | None:
    """Return the syllable with its parts in order, each sign once; None when that is no syllable either."""
    if _DANGLING.search(cluster):
        return None
    for retired, meant in _RETIRED.items():
        cluster = cluster.replace(retired, meant)
    cluster = _INVISIBLE.sub("", cluster)
    for split, whole in _SPLIT_VOWELS.items():
        cluster = cluster.replace(split, whole)
    subscripts = re.findall(_SUBSCRIPT, cluster)
    subscripts.sort(key=lambda subscript: subscript[1] == _RO)
    marks = re.sub(_SUBSCRIPT, "", cluster[1:]) if cluster else ""
    ordered = cluster[:1] + "".join(
        [
            *_each_once(marks, _ROBAT),
            *subscripts,
            *_each_once(marks, _SHIFTERS),
            *_each_once(marks, _VOWELS),
            *_each_once(marks, _SIGNS_ABOVE),
            *_each_once(marks, _SIGNS_BESIDE),
        ]
    )
    return ordered if ordered and _is_well_formed(ordered) else None


def _each_once(marks: str, kind: str) -> list[str]:
    return list(dict.fromkeys(re.findall(f"[{kind}]", marks)))
