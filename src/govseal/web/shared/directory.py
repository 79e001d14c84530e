"""Who may issue documents, from the country's trust list: sorted, searched, in the reader's language.

    listed(trust_list, "edu", "km")[0].name

What is *not* here: judging an issuer (`govseal.core.verify`).
"""

from dataclasses import dataclass
from unicodedata import normalize

from govseal.core.trustlist import Institution, TrustList
from govseal.web.shared.content import in_language

PAGE = 25
"""Institutions on one page."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One institution: its name and domain, and the kinds of document that it may issue."""

    name: str
    domain: str
    kinds: tuple[str, ...]


def listed(trust_list: TrustList, sought: str, language: str) -> list[Entry]:
    """Return the institutions that issue today and have every word of `sought` in a name, domain or kind.

    Names of every language are searched: a Khmer reader finds an institution by its English name too.
    """
    words = _folded(sought).split()
    found = [
        _entry(one, language)
        for one in trust_list.institutions
        if _issues(one) and all(word in _searched(one) for word in words)
    ]
    return sorted(found, key=lambda entry: entry.name)


def _issues(institution: Institution) -> bool:
    """Say whether a store is in use; a retired institution stays in the list for its old documents only."""
    return bool(institution.dids) or any(store.retired_at is None for store in institution.stores)


def _entry(institution: Institution, language: str) -> Entry:
    kinds = (in_language(rule.names, language, code) for code, rule in institution.document_types.items())
    name = in_language(institution.names, language, institution.code)
    return Entry(name, institution.domain, tuple(sorted(kinds)))


def _searched(institution: Institution) -> str:
    kinds = [name for rule in institution.document_types.values() for name in rule.names.values()]
    return _folded("\n".join([*institution.names.values(), institution.code, institution.domain, *kinds]))


def _folded(text: str) -> str:
    return normalize("NFC", text).casefold()
