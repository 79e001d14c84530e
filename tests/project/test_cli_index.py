"""`govseal index`: how far it is, and the same events again when it is read anew."""

from typing import Any

from support.country import Country, result
from support.officework import prepare

EVENTS = """SELECT e.id, e.kind, e.value, e.block_number FROM evidence_event e
    JOIN evidence_followedstore s ON s.id = e.store_id WHERE lower(s.address) = lower(%s) ORDER BY e.block_number, e.log_index"""


def test_an_index_is_made_anew_from_the_ledger(country: Country) -> None:
    institution = country.institution()

    def events() -> list[tuple[Any, ...]]:
        return country.rows(EVENTS, country.store(institution).address)

    with country.worker():
        country.office(prepare, institution, ["I-1"])
        country.until_anchored(institution, 1)
        country.until(lambda: len(events()) == 1)
    ((before, *said),) = events()
    done = country.run("index", "--rebuild", "--json")
    told = result(done)
    assert (done.returncode, told["blocksBehind"], told["storesBehind"]) == (0, 0, 0), done
    ((after, *said_again),) = events()
    assert said_again == said
    assert after > before  # read again, not kept
    shown = country.run("index")
    assert shown.stdout.startswith(f"{told['stores']} stores, 0 blocks"), shown
