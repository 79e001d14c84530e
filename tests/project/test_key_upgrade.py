"""A home of the version before keys had versions is brought up to date in place, and goes on as it was.

That version had one certificate in an institution's row, no record beside the keys, no keys for lists and receipts, and
encrypted signing keys by PBKDF2. A country is taken back to that form, with all else that it held.
"""

from pathlib import Path
from shutil import rmtree

import psycopg
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, PrivateFormat

from govseal.adapters.keys import KeyFolder, pem
from govseal.adapters.keys.record import FILE_NAME, KeyRecord
from govseal.adapters.localchain import LocalChain
from support import officework
from support.country import Country
from support.lands import land, release

OLDER_FOLDERS = ("authority", "trust-list", "seal", "ledger")
OLDER_TABLES = """
ALTER TABLE registry_institution ADD COLUMN certificate bytea;
UPDATE registry_institution AS i SET certificate = c.der
  FROM registry_sealcertificate AS c WHERE c.institution_id = i.id;
ALTER TABLE registry_institution ALTER COLUMN certificate SET NOT NULL;
ALTER TABLE registry_institution DROP COLUMN store_compromised_at;
ALTER TABLE registry_publishedtrustlist DROP COLUMN content, DROP COLUMN succession, DROP COLUMN succeeded;
DROP TABLE registry_sealcertificate;
DROP TABLE registry_listeddid;
ALTER TABLE registry_institution DROP COLUMN revocation_stores, DROP COLUMN ocsp_responders;
DELETE FROM django_migrations WHERE app = 'registry' AND name <> '0001_initial';
"""


def take_back(country: Country) -> None:
    """Give a country the form that the version before left it in."""
    with psycopg.connect(country.environment["DATABASE_URL"]) as connection:
        connection.execute(OLDER_TABLES)
    for folder in OLDER_FOLDERS:
        (country.home / "keys" / folder / FILE_NAME).unlink()
        passphrase = (country.home / "passphrases" / folder).read_text()
        keys = KeyFolder(country.home / "keys" / folder, passphrase)
        for name in keys.signing_keys():
            content = keys.private_key(name).private_bytes(
                Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(passphrase.encode())
            )
            (country.home / "keys" / folder / f"{name}.key.pem").write_bytes(content)
    for folder in ("status", "anchor"):
        rmtree(country.home / "keys" / folder)


def older_forms(home: Path) -> list[str]:
    """The key files that are still in the older form."""
    files = (home / "keys").glob("*/*.key.pem")
    return [file.name for file in files if not pem.is_current(file.read_bytes())]


def test_an_older_home_is_upgraded_in_place_and_goes_on(
    tmp_path: Path, database_url: str, chain: LocalChain
) -> None:
    with land(tmp_path / "older", database_url, chain) as country:
        code = country.institution()
        with country.worker():
            before = release(country, code, "before")
        country.close()  # whoever held keys in memory
        take_back(country)
        assert older_forms(country.home)
        assert country.run("migrate").returncode == 0
        country.office(officework.ensure_trust_list)
        with country.worker():
            after = release(country, code, "after")
            country.office(officework.ceremony, "rotate", "seal", code)
            rotated = release(country, code, "rotated")
        texts = (before, after, rotated)
        assert [country.office(officework.verify, text)[0] for text in texts] == ["genuine"] * 3
        assert older_forms(country.home) == []
        for folder in OLDER_FOLDERS:
            first, *_ = KeyRecord(country.home / "keys" / folder).read()
            assert (first.kind.value, first.reason) == ("created", "found without a record")
