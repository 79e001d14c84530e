"""What a document says, as rows of label and value.

Invariants: a value is shown exactly as it was attested, because the person compares it with paper; a page
holds at most `MAX_ROWS` rows, whatever a document holds.

    content.decisive(report.document, "km")   # the rows under "Does the paper say exactly this?"

What is *not* here: whether content may be shown at all (`result`).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from govseal.core.verify import DocumentView
from govseal.web.shared import dates

MAX_ROWS = 200
_NOT_CONTENT = {"issuers", "$template", "template", "govseal"}  # OpenAttestation's own members


@dataclass(frozen=True, slots=True)
class Row:
    """A label and its value; `mono` for hashes and addresses, `in_words` for what a date's digits or a fixed word mean."""

    label: str
    value: str
    mono: bool = False
    in_words: str = ""

    @property
    def lines(self) -> list[str]:
        """The lines of a list, such as courses and their grades; most values are one."""
        return self.value.splitlines()


def in_language(texts: Mapping[str, str], language: str, otherwise: str) -> str:
    """Return the text for `language`, else the English one, else any, else `otherwise`."""
    return texts.get(language) or texts.get("en") or next(iter(texts.values()), otherwise)


def decisive(document: DocumentView, language: str) -> tuple[Row, ...]:
    """Return what a person is asked to compare: the kind of document, then the fields in the type's order.

    A document that is not native marks none as decisive: all that it says is asked for.
    """
    if not document.type:
        return _foreign(document.data)
    rows = [_row(document, code, language) for code in document.decisive if code in document.fields]
    return (_kind(document, language), *rows) if rows else ()


def details(document: DocumentView, language: str) -> tuple[Row, ...]:
    """Return what a native document says besides."""
    if not document.type:
        return ()
    asked = any(code in document.fields for code in document.decisive)  # and with them the kind
    rows = [] if asked else [_kind(document, language)]
    rows.append(Row(_("Document number"), document.number))
    if document.issued:
        rows.append(Row(_("Date of issue"), dates.day(document.issued, language)))
    if document.valid_until:
        rows.append(Row(_("Valid until"), dates.day(document.valid_until, language)))
    rest = [code for code in document.fields if code not in document.decisive]
    return tuple(rows + [_row(document, code, language) for code in rest[:MAX_ROWS]])


def _kind(document: DocumentView, language: str) -> Row:
    """Return the kind of a native document: a genuine code must not lend itself to a paper of another kind."""
    return Row(_("Kind of document"), in_language(document.type_names, language, document.type))


def _row(document: DocumentView, code: str, language: str) -> Row:
    """Return the row of one native field."""
    label = in_language(document.labels.get(code, {}), language, code)
    text = _text(document.fields[code])
    return Row(label, text, in_words=_date_in_words(text, language) or _word(text))


def _date_in_words(text: str, language: str) -> str:
    """Return a date as the paper writes it, which a person compares with more ease than digits; "" for no date."""
    try:
        return dates.day(date.fromisoformat(text), language) if len(text) == len("YYYY-MM-DD") else ""
    except ValueError:
        return ""


def _word(text: str) -> str:
    """Return a fixed word of the types' schemas in the reader's language; "" where it says the same."""
    word = {"female": _("Female"), "male": _("Male")}.get(text, "")
    return "" if word.lower() == text else word


def _text(value: Any) -> str:
    """Return a value as text; only truth values and nothing are put into words."""
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    return "—" if value is None else str(value)


def _foreign(data: Mapping[str, Any]) -> tuple[Row, ...]:
    """Return every leaf of an OpenAttestation document, labelled with its path."""
    members = {name: value for name, value in data.items() if name not in _NOT_CONTENT}
    leaves = _leaves(members, "")
    return tuple(row for row, _index in zip(leaves, range(MAX_ROWS), strict=False))


def _leaves(value: Any, path: str) -> Iterator[Row]:
    """Yield the leaves of a JSON value; its depth is bounded by the parser that read it."""
    members = (
        value.items()
        if isinstance(value, Mapping)
        else enumerate(value, 1)
        if isinstance(value, list)
        else None
    )
    if members is None:
        yield Row(path, _text(value))
        return
    for name, member in members:
        yield from _leaves(member, f"{path} › {name}" if path else str(name))
