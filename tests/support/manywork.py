"""Many documents prepared and released together, inside a process of the office: see `officework`."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import TYPE_CHECKING

from govseal.core.errors import GovsealError

if TYPE_CHECKING:
    from govseal.project.wiring.issuing import Order
    from govseal.project.wiring.office import Office

KIND = "residence-certificate"


def typeset(
    office: "Office", institution: str, numbers: Sequence[str], spoilt: Sequence[str] = ()
) -> list[str]:
    """Typeset certificates together, some with a field that their type does not know; return ids or error codes."""
    made = office.typeset_many(
        institution_code=institution, type_code=KIND, orders=_orders(office, numbers, spoilt)
    )
    return [one.code if isinstance(one, GovsealError) else one.pk for one in made]


def typeset_in_a_full_list(
    office: "Office", institution: str, numbers: Sequence[str], taken: tuple[int, int]
) -> list[str]:
    """Typeset certificates while another process takes the status index that was chosen for the second."""
    from govseal.apps.issuance.services import prepare as preparing
    from govseal.apps.issuance.services.places import Place

    choose, asked = preparing.free_places, []

    def chosen(count: int) -> list[Place]:
        places = choose(count)
        asked.append(count)
        return [places[0], Place(*taken), *places[2:]] if len(asked) == 1 else places

    preparing.free_places = chosen
    try:
        return typeset(office, institution, numbers)
    finally:
        preparing.free_places = choose
        assert asked == [len(numbers), 1], "the second alone is made again"


def typeset_and_die(office: "Office", institution: str, numbers: Sequence[str]) -> None:
    """Typeset certificates and end before the transaction that adds them does."""
    from govseal.project.wiring import issuing

    def die(_institution: int) -> None:
        raise KeyboardInterrupt

    enqueue, issuing.outbox_enqueue = issuing.outbox_enqueue, die
    try:
        typeset(office, institution, numbers)
    except KeyboardInterrupt:
        return
    finally:
        issuing.outbox_enqueue = enqueue


def release(office: "Office", ids: Sequence[str]) -> list[str]:
    """Publish what is due and release documents together; return the code's text of each, or the error's code."""
    from support import publishwork

    publishwork.publish(office)
    released = office.release_many(ids)
    return [one.code if isinstance(one, GovsealError) else one.code_text for one in released]


def verify_each(office: "Office", texts: Sequence[str]) -> list[str]:
    """Verify codes; return the outcomes."""
    return [office.verify_text(text).verdict.outcome.value for text in texts]


def _orders(office: "Office", numbers: Sequence[str], spoilt: Sequence[str]) -> Iterator["Order"]:
    from govseal.project.wiring.issuing import Order

    sample = office.document_type(KIND).sample
    for number in numbers:
        yield Order(number, date(2026, 1, 15), sample | ({"unknown": "field"} if number in spoilt else {}))
