"""Reads of issued documents."""

from collections.abc import Collection

from django.db.models import Count, F, Q, QuerySet

from govseal.apps.issuance.models import Batch, Document, Revocation, Standing, StatusList
from govseal.core.errors import InputError, RefusedError


def documents_get(ids: Collection[str]) -> dict[str, Document]:
    """Return the documents of those public ids that there are, with their institutions and batches, by id."""
    return Document.objects.select_related("institution", "batch").in_bulk(ids)


def document_by_number(institution_code: str, type_code: str, number: str) -> Document | None:
    """Return the institution's document of that type and number, unless it was set aside."""
    documents = Document.objects.filter(institution__code=institution_code, type=type_code, number=number)
    return documents.exclude(state=Document.State.SET_ASIDE).first()


def documents_by_number(
    institution_code: str, named: Collection[tuple[str, str]]
) -> dict[tuple[str, str], Document]:
    """Return the institution's documents of those (type, number) that were not set aside, by them."""
    found = Document.objects.filter(
        institution__code=institution_code,
        type__in={type_code for type_code, _ in named},
        number__in={number for _, number in named},
    ).exclude(state=Document.State.SET_ASIDE)
    return {(one.type, one.number): one for one in found if (one.type, one.number) in named}


def document_find(number_or_id: str) -> Document:
    """Return the one document of that number or id.

    Raises:
        InputError: there is none, or several institutions or types use the number.
    """
    found = list(
        Document.objects.filter(Q(pk=number_or_id) | Q(number=number_or_id)).exclude(
            state=Document.State.SET_ASIDE
        )[:2]
    )
    if not found:
        raise InputError(f"There is no document {number_or_id!r}.", code="UNKNOWN_DOCUMENT")
    if len(found) > 1:
        raise InputError(
            f"Several documents have the number {number_or_id!r}: give the id.", code="AMBIGUOUS"
        )
    return found[0]


def is_revoked(document_id: str) -> bool:
    """Say whether the ledger has confirmed the document's revocation."""
    return Revocation.objects.filter(document_id=document_id, state=Revocation.State.CONFIRMED).exists()


def is_taken_back(document_id: str) -> bool:
    """Say whether the document is out of force, for now or for good, or anybody has asked to revoke it."""
    out_of_force = Document.objects.filter(pk=document_id).exclude(standing=Standing.VALID)
    return out_of_force.exists() or Revocation.objects.filter(document_id=document_id).exists()


def count_anchored(ids: Collection[str]) -> int:
    """Count which of the documents are anchored or released.

    Raises:
        RefusedError: one was set aside; the message says why.
    """
    states = Document.objects.filter(pk__in=ids).values_list("state").annotate(Count("pk")).order_by()
    by_state = dict(states)
    if by_state.get(Document.State.SET_ASIDE):
        aside = Document.objects.filter(pk__in=ids, state=Document.State.SET_ASIDE)[0]
        raise RefusedError(f"Document {aside.number} was set aside: {aside.reason}", code="SET_ASIDE")
    return by_state.get(Document.State.ANCHORED, 0) + by_state.get(Document.State.RELEASED, 0)


def institutions_with_work() -> list[int]:
    """Return the primary keys of institutions with anything waiting, in a batch under way or to revoke."""
    waiting = Document.objects.filter(state=Document.State.WAITING).values_list("institution_id", flat=True)
    batches = Batch.objects.exclude(state=Batch.State.ANCHORED).values_list("institution_id", flat=True)
    revocations = Revocation.objects.exclude(state=Revocation.State.CONFIRMED).values_list(
        "document__institution_id", flat=True
    )
    return sorted({*waiting.distinct(), *batches.distinct(), *revocations.distinct()})


def institutions_with_history() -> list[int]:
    """Return the primary keys of institutions that have anchored anything."""
    anchored = Batch.objects.filter(state=Batch.State.ANCHORED).order_by("institution_id")
    return list(anchored.values_list("institution_id", flat=True).distinct())


def batches_in_trouble() -> QuerySet[Batch]:
    """Return the batches that something keeps from being anchored, oldest first, with their institutions."""
    troubled = Batch.objects.exclude(state=Batch.State.ANCHORED).exclude(trouble="")
    return troubled.select_related("institution").order_by("pk")


def revocations_in_trouble() -> QuerySet[Revocation]:
    """Return the revocations that something keeps from the ledger, oldest first, with their institutions."""
    troubled = Revocation.objects.exclude(state=Revocation.State.CONFIRMED).exclude(trouble="")
    return troubled.select_related("document__institution").order_by("pk")


def outbox_counts() -> dict[str, dict[str, int]]:
    """Return how many documents, batches and revocations are in each state of the outbox."""
    tables = {"documents": Document, "batches": Batch, "revocations": Revocation}
    return {
        name: dict(model.objects.order_by("state").values_list("state").annotate(Count("pk")))
        for name, model in tables.items()
    }


def newest_status_list() -> int:
    """Return the highest number of a status list that a document has its place in; 0 while there is none."""
    return Document.objects.order_by("-status_list").values_list("status_list", flat=True).first() or 0


def standing_is_published(document_id: str) -> bool:
    """Say whether the document's status list is published with everything that has become of its documents."""
    place = Document.objects.filter(pk=document_id).values("status_list")
    return StatusList.objects.filter(pk__in=place, published_version=F("version")).exclude(jwt=b"").exists()
