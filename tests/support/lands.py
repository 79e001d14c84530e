"""Empty countries of a test's own, for what is done at their beginning: keys of the operator, tokens, upgrades."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from govseal.adapters.localchain import LocalChain
from support import officework
from support.country import Country, new_country


@contextmanager
def land(home: Path, database_url: str, chain: LocalChain, **environment: str) -> Iterator[Country]:
    """Yield an empty country; `environment` is added to that of its processes."""
    made = new_country(home, database_url, chain)
    made.environment.update(environment)
    made.migrate()
    try:
        yield made
    finally:
        made.close()


def release(country: Country, institution: str, number: str) -> str:
    """Seal a letter, have the running worker anchor it, release it; return the text of its code."""
    (document,) = country.office(officework.prepare, institution, [number])
    query = "SELECT state, status_list FROM issuance_document WHERE id = %s"
    country.until(lambda: country.rows(query, document)[0][0] == "anchored")
    listed = country.home / "published" / "status" / str(country.rows(query, document)[0][1])
    country.until(listed.exists)
    outcome, text, _ = country.office(officework.release, document)
    assert outcome == "genuine"
    return text
