"""`govseal doctor`: all well is said so, and what is not is named with its mend."""

from support.country import Country, result


def findings(
    country: Country, *arguments: str, **environment: str
) -> tuple[int, dict[str, dict[str, object]]]:
    done = country.run("doctor", "--json", *arguments, **environment)
    return done.returncode, {one["name"]: one for one in result(done)["findings"]}


def test_a_well_installation_is_said_to_be_well(country: Country) -> None:
    country.institution()
    with country.worker():
        status, found = findings(country, "--deep")
    assert (status, [one["name"] for one in found.values() if not one["well"]]) == (0, [])
    assert set(found) == {
        *("database", "chain", "trust list", "worker", "queue", "index", "index against chain"),
    }


def test_a_chain_that_is_away_is_named(country: Country) -> None:
    status, found = findings(country, GOVSEAL_RPC_URL="http://127.0.0.1:9")
    assert status == 2
    assert not found["chain"]["well"]
    assert found["chain"]["mend"]
    assert found["database"]["well"]


def test_no_worker_is_named(country: Country) -> None:
    country.rows("DELETE FROM procrastinate_workers RETURNING id")
    status, found = findings(country)
    assert status == 2
    assert found["worker"]["mend"] == "govseal worker"
