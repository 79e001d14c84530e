"""Documents prepared and released together are each treated as if it were alone, and looked up and added at once."""

import pytest

from support.country import Country
from support.manywork import release, typeset, typeset_and_die, typeset_in_a_full_list, verify_each
from support.officework import run_outbox

PLACES = "SELECT number, status_list, status_index FROM issuance_document WHERE id = ANY(%s)"


@pytest.fixture
def institution(country: Country) -> str:
    return country.institution()


def test_one_that_is_refused_stops_no_other(country: Country, institution: str) -> None:
    (before,) = country.office(typeset, institution, ["A"])
    made = country.office(typeset, institution, ["B", "A", "C", "D", "B"], ["C"])
    assert [made[1], made[2], made[4]] == ["NUMBER_TAKEN", "INVALID_FIELDS", "NUMBER_TAKEN"]
    assert country.states(institution) == {"waiting": 3}
    assert [number for number, _, _ in sorted(country.rows(PLACES, [before, made[0], made[3]]))] == [
        "A",
        "B",
        "D",
    ]


def test_one_whose_place_was_taken_meanwhile_is_sealed_again_and_the_others_are_not(
    country: Country, institution: str
) -> None:
    (before,) = country.office(typeset, institution, ["A"])
    ((_, *taken),) = country.rows(PLACES, [before])
    made = country.office(typeset_in_a_full_list, institution, ["B", "C", "D"], tuple(taken))
    places = {tuple(place) for _, *place in country.rows(PLACES, [before, *made])}
    assert len(places) == 4


def test_a_process_that_dies_before_they_are_added_leaves_none_and_the_next_adds_each_once(
    country: Country, institution: str
) -> None:
    country.office(typeset_and_die, institution, ["A", "B"])
    assert country.states(institution) == {}
    assert len(set(country.office(typeset, institution, ["A", "B"]))) == 2
    assert country.office(typeset, institution, ["A", "B"]) == ["NUMBER_TAKEN", "NUMBER_TAKEN"]
    assert country.states(institution) == {"waiting": 2}


def test_what_may_leave_is_released_in_order_and_what_may_not_is_named(
    country: Country, institution: str
) -> None:
    anchored = country.office(typeset, institution, ["A", "B"])
    country.office(run_outbox, institution, 100, 0.0)
    (waiting,) = country.office(typeset, institution, ["C"])
    first, second = anchored
    texts = country.office(release, [first, waiting, "0" * 32, second])
    assert texts[1:3] == ["NOT_ANCHORED", "UNKNOWN_DOCUMENT"]
    assert country.office(verify_each, [texts[0], texts[3]]) == ["genuine", "genuine"]
    assert country.states(institution) == {"released": 2, "waiting": 1}
    assert country.office(release, [second]) == [texts[3]], "released again, it is the same"
