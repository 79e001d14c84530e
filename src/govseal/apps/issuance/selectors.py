"""Reads of issued documents."""

from django.db.models import Count, QuerySet

from govseal.apps.issuance.models import Batch, Document, Revocation


def document_get(document_id: str) -> Document | None:
    """Return the document of that public id, with its institution and batch, or None."""
    return Document.objects.select_related("institution", "batch").filter(pk=document_id).first()


def documents_by_number(*, institution_code: str, number: str) -> QuerySet[Document]:
    """Return the institution's documents of that number, one per type unless some were set aside."""
    return Document.objects.filter(institution__code=institution_code, number=number)


def documents_in(ids: list[str]) -> QuerySet[Document]:
    """Return the documents of those ids, with institution and batch."""
    return Document.objects.select_related("institution", "batch").filter(pk__in=ids)


def states_of(ids: list[str]) -> dict[str, int]:
    """Count the documents of those ids by state."""
    rows = Document.objects.filter(pk__in=ids).values_list("state").annotate(Count("pk")).order_by()
    return dict(rows)


def institutions_with_work() -> list[int]:
    """Return the primary keys of institutions with anything waiting, in a batch under way or to revoke."""
    waiting = Document.objects.filter(state=Document.State.WAITING).values_list("institution_id", flat=True)
    batches = Batch.objects.exclude(state=Batch.State.ANCHORED).values_list("institution_id", flat=True)
    revocations = Revocation.objects.exclude(state=Revocation.State.CONFIRMED).values_list(
        "document__institution_id", flat=True
    )
    return sorted({*waiting.distinct(), *batches.distinct(), *revocations.distinct()})
