"""The outbox's arrows in one table, and the only way along them.

    move(batch, Batch.State.SENT, "transaction", "sent_at")

Invariants: no row goes where the table has no arrow; a row is written only where it still is in the state it comes
from, in one statement, so that two who disagree cannot both be right (docs/architecture.md, "The outbox"). The one
statement that puts a whole batch under its root writes states itself, and asks `require_arrow` first.

What is *not* here: when an arrow is taken (`batches`, `revocations`, `poison`, `transactions`, `outbox`, `release`).
"""

from collections.abc import Mapping
from typing import Any, TypeVar

from django.db.models import Model, QuerySet

from govseal.apps.issuance.models import Batch, Document, Revocation
from govseal.core.errors import RefusedError

Row = Document | Batch | Revocation
_Row = TypeVar("_Row", bound=Model)

ARROWS: Mapping[str, frozenset[tuple[str, str]]] = {
    "Document": frozenset(
        {
            ("waiting", "batched"),
            ("batched", "anchored"),
            ("anchored", "released"),
            ("waiting", "set_aside"),
            ("batched", "set_aside"),
        }
    ),
    "Batch": frozenset(
        {
            ("formed", "published"),
            ("published", "sent"),
            ("sent", "anchored"),
            ("sent", "published"),
            ("anchored", "sent"),
            ("anchored", "published"),
        }
    ),
    "Revocation": frozenset(
        {
            ("waiting", "sent"),
            ("waiting", "confirmed"),
            ("sent", "confirmed"),
            ("sent", "waiting"),
            ("confirmed", "sent"),
            ("confirmed", "waiting"),
        }
    ),
}


def move(row: Row, to: str, *fields: str, **values: Any) -> None:
    """Take one arrow with one row; a row that is there already keeps its state and gets the rest.

    Args:
        row: as it was read.
        to: the state it goes to.
        fields: attributes of `row` that are written with it.
        values: what is written with it besides, and set on `row`.

    Raises:
        RefusedError: somebody else has moved the row since it was read.
    """
    if row.state != to:
        require_arrow(type(row), row.state, to)
    for name, value in values.items():
        setattr(row, name, value)
    written = {name: getattr(row, name) for name in (*fields, *values)}
    rows: QuerySet[Any] = type(row).objects.filter(pk=row.pk, state=row.state)
    if not rows.update(state=to, **written):
        raise RefusedError(f"{row} was moved by somebody else.", code="MOVED_MEANWHILE")
    row.state = to


def move_all(rows: "QuerySet[_Row]", since: str, to: str, **values: Any) -> int:
    """Take one arrow with every row of a query that is in the state `since`; return how many were."""
    require_arrow(rows.model, since, to)
    return rows.filter(state=since).update(state=to, **values)


def require_arrow(model: type[Model], since: str, to: str) -> None:
    """Raise `AssertionError` when the table has no such arrow."""
    if (since, to) not in ARROWS[model.__name__]:
        raise AssertionError(f"The outbox has no arrow from {since} to {to} for a {model.__name__}.")
