"""`govseal doctor`: all well is said so, and what is not is named with its mend."""

from support.country import Country, result
from support.ports import free_port
from support.site import reply, site
from support.waiting import until

MACHINE = ("packages", "libraries", "fonts", "pages", "port", "disk")
INSTALLATION = (
    *(
        "database",
        "database clock",
        "chain",
        "keys",
        "ledger accounts",
        "document stores",
        "key files",
        "trust list",
    ),
    *("list keys", "status lists", "refused lists", "worker", "jobs", "queue", "index"),
)


def findings(
    country: Country, *arguments: str, **environment: str
) -> tuple[int, dict[str, dict[str, object]]]:
    where = {"GOVSEAL_PORT": str(free_port()), **environment}
    done = country.run("doctor", "--json", *arguments, **where)
    told = result(done)
    assert all(set(one) == {"name", "well", "found", "mend"} for one in told["findings"])
    assert all(bool(one["mend"]) != one["well"] for one in told["findings"])
    return done.returncode, {one["name"]: one for one in told["findings"]}


def unwell(found: dict[str, dict[str, object]]) -> set[object]:
    return {one["name"] for one in found.values() if not one["well"]}


def test_a_well_installation_is_said_to_be_well(country: Country) -> None:
    country.institution()
    told: list[tuple[int, dict[str, dict[str, object]]]] = []

    def is_well() -> bool:
        told.append(findings(country, "--deep"))
        return not unwell(told[-1][1])

    with country.worker():
        country.until((country.home / "published" / "status" / "0").exists)
        until(is_well, lambda: unwell(told[-1][1]))  # once the worker has done what is due at once
    status, found = told[-1]
    assert status == 0
    assert tuple(found) == (*MACHINE, *INSTALLATION, "index against chain")


def test_what_is_not_as_it_must_be_is_named_all_at_once(country: Country) -> None:
    country.institution()
    seen = (country.home / "published" / ".well-known" / "govseal" / "trust-list.jwt").read_bytes()
    refused = country.home / "seen" / "refused"
    refused.mkdir(parents=True)
    (refused / "0.token").write_bytes(seen)
    (refused / "1.token").write_bytes(b"nonsense")
    key = next(one for one in sorted((country.home / "keys").rglob("*")) if one.is_file())
    mode = key.stat().st_mode
    key.chmod(0o644)
    country.rows("DELETE FROM procrastinate_workers RETURNING id")
    wrong = "Date: Wed, 01 Jan 2020 00:00:00 GMT"
    try:
        with site(reply(b"somebody else's", "200 OK", wrong)) as other:
            status, found = findings(
                country,
                GOVSEAL_CLOCK_URL=other.origin,
                GOVSEAL_PORT=str(other.port),
                GOVSEAL_RPC_URL="http://127.0.0.1:9",
            )
    finally:
        key.chmod(mode)
    assert status == 2
    assert unwell(found) >= {"clock", "port", "chain", "key files", "refused lists", "worker"}
    assert "1 others, 1 trust lists" in str(found["refused lists"]["found"])
    assert str(key) in str(found["key files"]["found"])
    assert "ahead of" in str(found["clock"]["found"])
    assert found["worker"]["mend"] == "govseal worker"
    assert found["database"]["well"]


def test_the_machine_is_looked_at_also_when_the_installation_is_away(country: Country) -> None:
    status, found = findings(country, DATABASE_URL="postgresql://nobody@127.0.0.1:9/none")
    assert (status, unwell(found)) == (2, {"installation"})
    assert tuple(found) == (*MACHINE, "installation")
