"""A backup from before the trust list's key was rotated: verifiers go on, where what was published is still at hand."""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import pytest

from govseal.adapters.localchain import LocalChain
from govseal.core import jose, trustlist
from govseal.core.errors import BadSignature
from govseal.core.trustlist import TrustList, succession
from support import keyswork, officework
from support.country import Country, new_country, result
from support.lands import land, release


class Before(NamedTuple):
    """A country whose list key was rotated since its backup, and a verifier of its own that has followed."""

    country: Country
    archive: Path
    old_pin: bytes
    text: str


@pytest.fixture(scope="module")
def before(
    tmp_path_factory: pytest.TempPathFactory, database_url: str, chain: LocalChain
) -> Iterator[Before]:
    folder = tmp_path_factory.mktemp("rotated")
    (folder / "home").mkdir()
    with land(folder / "home", database_url, chain) as country:
        with country.worker():
            text = release(country, country.institution(), "sealed long ago")
        old_pin = pin_file(country).read_bytes()
        kept = country.run("backup", str(folder / "kept.tar.gz"), "--passphrases", "--json")
        assert kept.returncode == 0, kept
        country.office(officework.ceremony, "rotate", "trust-list", "trust-list")
        country.office(officework.publish_trust_list, 2)
        pin_file(country).write_bytes(old_pin)  # as a verifier has it that was not told
        assert country.office(keyswork.shown, text) == "genuine"
        yield Before(country, folder / "kept.tar.gz", old_pin, text)


def pin_file(country: Country) -> Path:
    return country.home / "trust" / "trust-list-signer.der"


def list_file(country: Country) -> Path:
    return country.home / "published" / trustlist.PATH


def listed(country: Country) -> tuple[TrustList, bytes]:
    """Return the list that a country publishes, and the certificate of its signer."""
    token = list_file(country).read_bytes()
    signer = jose.certificate(jose.read(token))
    now = datetime.now(UTC)
    return trustlist.read(token, pin=signer, now=now), signer


@pytest.fixture
def restored(before: Before, tmp_path: Path, database_url: str) -> Iterator[Country]:
    """The country as its backup has it, with what was published since."""
    again = new_country(tmp_path / "restored", database_url, before.country.chain)
    done = again.run(
        "restore", str(before.archive), "--published", str(before.country.home / "published"), "--json"
    )
    assert done.returncode == 0, done
    yield again
    again.close()


def follows(before: Before, restored: Country) -> str:
    """Show a verifier that has followed the rotation what the restored country publishes."""
    shutil.copyfile(list_file(restored), list_file(before.country))
    return str(before.country.office(keyswork.shown, before.text))


def test_with_the_list_key_at_hand_old_pins_go_on_and_no_number_is_used_twice(
    before: Before, restored: Country
) -> None:
    newest, successor = listed(before.country)
    keys = restored.home / "keys" / "trust-list"
    shutil.rmtree(keys)
    shutil.copytree(before.country.home / "keys" / "trust-list", keys)
    restored.office(officework.ensure_trust_list)
    after, signer = listed(restored)
    assert (after.sequence, signer) == (newest.sequence + 1, successor)
    assert after.succeeded == newest.succeeded != ()
    assert follows(before, restored) == "genuine"
    assert restored.office(keyswork.list_keys_are_well)[0]


def test_where_the_list_key_is_lost_the_one_before_names_no_second_and_a_new_pin_leads_on(
    before: Before, restored: Country
) -> None:
    statement = succession.path(succession.digest(before.old_pin))
    said = (restored.home / "published" / statement).read_bytes()
    number = listed(restored)[0].sequence
    rotated = result(
        restored.run("keys", "rotate", "trust-list", "--by", "Sok Dara", "--reason", "a test", "--json")
    )
    assert rotated["statement"] is None
    assert (restored.home / "published" / statement).read_bytes() == said
    after, signer = listed(restored)
    assert (after.sequence > number, after.succeeded) == (True, ())
    with pytest.raises(BadSignature, match="pin the key that is in use now"):
        follows(before, restored)
    pin_file(before.country).write_bytes(signer)
    assert before.country.office(keyswork.shown, before.text) == "genuine"
    pin_file(before.country).write_bytes(before.old_pin)
