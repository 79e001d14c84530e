"""Countries of a test's own, for what would disturb others in the shared one: keys of the operator, tokens, upgrades."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import psycopg
from psycopg import sql

from govseal.adapters.localchain import LocalChain
from support import officework
from support.country import Country


@contextmanager
def land(home: Path, database_url: str, chain: LocalChain, **environment: str) -> Iterator[Country]:
    """Yield an empty country; `environment` is added to that of its processes."""
    name = f"land_{uuid4().hex}"
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    made = Country(home, database_url.replace("@/govseal?", f"@/{name}?"), chain)
    made.environment.update(environment)
    migrated = made.run("migrate")
    assert migrated.returncode == 0, migrated.stderr
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
