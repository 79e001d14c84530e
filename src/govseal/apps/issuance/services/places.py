"""Places in the status lists for documents to be (docs/protocol.md section 6, "Status list").

Indexes are random, so that they say nothing of who issued what and when. What is free now may be taken when the
document is added: the database decides then (`prepare`).
"""

import secrets
from collections.abc import Iterable
from typing import NamedTuple

from django.db import connection

from govseal.apps.issuance.models import Document

STATUS_LIST_SIZE = 131_072
# Guesses at free indexes, for all together and for each: a list gives way to the next when about three quarters of it
# are taken.
_GUESSES, _GUESSES_EACH = 28, 4


class Place(NamedTuple):
    """Where a document's status stands.

    Attributes:
        number: of the list.
        index: in that list.
    """

    number: int
    index: int


def free_places(count: int) -> list[Place]:
    """Return that many free places, random and distinct; what a list that looks full lacks is in the next."""
    newest = Document.objects.order_by("-status_list").values_list("status_list", flat=True).first() or 0
    free = _free(newest, _drawn(_GUESSES + _GUESSES_EACH * count))[:count]
    following: dict[int, None] = {}
    while len(following) < count - len(free):
        following |= _drawn(count - len(free) - len(following))
    return [*(Place(newest, index) for index in free), *(Place(newest + 1, index) for index in following)]


def _drawn(count: int) -> dict[int, None]:
    """Return up to `count` random indexes, each once, in an order that says nothing."""
    return dict.fromkeys(secrets.randbelow(STATUS_LIST_SIZE) for _ in range(count))


def _free(number: int, drawn: Iterable[int]) -> list[int]:
    """Return those of the indexes that no document of that list has, in their order."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT status_index FROM issuance_document WHERE status_list = %s AND status_index = ANY(%s)",
            [number, list(drawn)],
        )
        taken = {index for (index,) in cursor.fetchall()}
    return [index for index in drawn if index not in taken]
