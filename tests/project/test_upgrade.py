"""An installation from before standings were kept goes on after its tables are brought up to date."""

import subprocess
import sys
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

from support.country import Country

OLD_TABLES = """
import django
from django.core.management import call_command

django.setup()
for target in (["procrastinate"], ["registry", "0001"], ["issuance", "0002"]):
    call_command("migrate", *target, verbosity=0)
"""


@pytest.fixture
def old(country: Country, empty_database_url: str, tmp_path: Path) -> Country:
    """A country whose tables are those of before."""
    made = Country(tmp_path, empty_database_url, country.chain)
    settings = {**made.environment, "DJANGO_SETTINGS_MODULE": "govseal.project.settings"}
    subprocess.run([sys.executable, "-c", OLD_TABLES], env=settings, check=True, capture_output=True)
    return made


def test_documents_revoked_before_standings_were_kept_are_revoked(old: Country) -> None:
    ids = [uuid4().hex for _ in range(2)]
    with psycopg.connect(old.environment["DATABASE_URL"]) as connection:
        connection.execute(
            "INSERT INTO registry_institution (code, names, domain, document_types, chain_id, genesis,"
            " store_address, certificate, added_at) VALUES ('old', '{}', 'o.example', '[]', 1, '', '', '', now())"
        )
        for index, document in enumerate(ids):
            connection.execute(
                "INSERT INTO issuance_document (id, institution_id, type, number, state, reason, target_hash,"
                " status_list, status_index, escrow, prepared_at) SELECT %s, id, 'letter', %s, 'anchored', '', '',"
                " 0, %s, '', now() FROM registry_institution",
                [document, f"N-{index}", index],
            )
        connection.execute(
            "INSERT INTO issuance_revocation (document_id, reason, state, asked_at)"
            " VALUES (%s, 'Made in error', 'confirmed', '2026-01-02T00:00Z')",
            [ids[1]],
        )
    migrated = old.run("migrate")
    assert migrated.returncode == 0, migrated.stderr
    standings = dict(old.rows("SELECT id, standing FROM issuance_document"))
    assert standings == {ids[0]: "valid", ids[1]: "revoked"}
    history = (
        "SELECT document_id, standing, code, reason, changed_at::date::text FROM issuance_standingchange"
    )
    assert old.rows(history) == [(ids[1], "revoked", "other", "Made in error", "2026-01-02")]
