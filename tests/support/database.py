"""Fixtures: a real PostgreSQL, and empty databases on it."""

from collections.abc import Iterator
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql

from govseal.adapters.localdb import LocalDatabase


@pytest.fixture(scope="session")
def database_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """One server for the whole run, without fsync; its role may make databases."""
    database = LocalDatabase(tmp_path_factory.mktemp("database") / "home", durable=False)
    try:
        yield database.start()
    finally:
        database.remove()


@pytest.fixture
def empty_database_url(database_url: str) -> Iterator[str]:
    """An empty database of this test's own."""
    name = f"test_{uuid4().hex}"
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        yield database_url.replace("@/govseal?", f"@/{name}?")
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
