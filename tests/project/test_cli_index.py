"""`govseal index`: how far it is, and the same events again when it is read anew."""

from support.country import Country, result
from support.officework import prepare

EVENTS = "SELECT kind, value, block_number FROM evidence_event ORDER BY block_number, log_index"


def follows_all(country: Country) -> bool:
    told = result(country.run("index", "--json"))
    return country.rows(EVENTS) != [] and (told["blocksBehind"], told["storesBehind"]) == (0, 0)


def test_an_index_is_made_anew_from_the_ledger(country: Country) -> None:
    institution = country.institution()
    with country.worker():
        country.office(prepare, institution, ["I-1"])
        country.until_anchored(institution, 1)
        country.until(lambda: follows_all(country))
    before, (newest,) = country.rows(EVENTS), country.rows("SELECT max(id) FROM evidence_event")
    done = country.run("index", "--rebuild", "--json")
    told = result(done)
    assert (done.returncode, told["blocksBehind"], told["storesBehind"]) == (0, 0, 0), done
    assert country.rows(EVENTS) == before
    assert country.rows("SELECT min(id) FROM evidence_event") > [newest]
    shown = country.run("index")
    assert shown.stdout.startswith(f"{told['stores']} stores, 0 blocks"), shown
