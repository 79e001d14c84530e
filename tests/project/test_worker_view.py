"""What the wired worker can reach of keys, from its own view: what it signs with, and nothing that seals or lists.

A process with the worker's own wiring, its environment and a user of its own, as docs/runbooks/keys.md says; it is told
where everything lies, as an intruder in it would find out.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from govseal.adapters.countrypack import load_country
from govseal.core.errors import OperatorError
from govseal.project.configuration import Configuration
from govseal.project.wiring import keyfolders, keys
from support.country import PATIENCE, PROJECT

NOBODY = 65_534
OURS, THEIRS = ("ledger", "status", "anchor"), ("seal", "trust-list", "authority")

_WORKER = """
import _strptime, json, os, sys  # what reading a record loads late
from pathlib import Path
import django
django.setup()
from django.conf import settings
import govseal.project.jobs
from govseal.core.errors import OperatorError
from govseal.project.wiring import keyfolders, publishers
from govseal.project.wiring.accounts import Accounts

for user in sys.argv[1:]:  # once all is imported: the interpreter itself may lie where this user cannot read
    os.setgroups([])
    os.setresgid(*[int(user)] * 3)
    os.setresuid(*[int(user)] * 3)
configuration = settings.CONFIGURATION

def outcome(action):
    try:
        return action()
    except OperatorError as error:
        return error.code
    except OSError as error:
        return type(error).__name__

def reach(folder):
    store = lambda: keyfolders.key_store(configuration, folder)
    name = "moeys" if folder == "seal" else folder
    place = configuration.home / "keys" / folder
    return {
        "signer": outcome(lambda: repr(store().signer(name))),
        "names": outcome(lambda: store().signing_keys()),
        "record": outcome(lambda: len(keyfolders.key_record(configuration, folder).read())),
        "bytes": outcome(lambda: len((place / f"{name}.key.pem").read_bytes())),
        "passphrase": outcome(lambda: (configuration.home / "passphrases" / folder).read_text()),
    }

print(json.dumps({
    "status": outcome(lambda: len(publishers.status_signer(configuration).sign(b"list"))),
    "anchor": outcome(lambda: len(publishers.anchor_signer(configuration).sign(b"receipt"))),
    "ledger": outcome(lambda: Accounts(configuration)["moeys"].address),
    "theirs": {folder: reach(folder) for folder in ("seal", "trust-list", "authority")},
    "loaded": sorted(one for one in sys.modules if one.startswith("govseal.project.wiring.")),
}))
"""


@pytest.fixture
def home() -> Iterator[Path]:
    """A home with every folder of keys, made as the operator makes them; other users may walk through it."""
    folder = Path(tempfile.mkdtemp())
    configuration = Configuration.load({"GOVSEAL_HOME": str(folder)})
    country = load_country(configuration.country_folder)
    keys.institution_keys(configuration, "moeys", {"en": "Ministry"}, country)
    keys.trust_list_signer(configuration, country)
    for kind in ("status", "anchor"):
        keys.publisher_certificates(configuration, country, kind)
    for place in (folder, folder / "keys"):
        place.chmod(0o711)
    yield folder
    shutil.rmtree(folder)


def worker(home: Path, *arguments: str) -> Any:
    """Run the worker's wiring in a process that holds the worker's passphrases alone; return what it found."""
    passphrases = {
        f"GOVSEAL_{folder.upper()}_PASSPHRASE": (home / "passphrases" / folder).read_text() for folder in OURS
    }
    environment = {
        "PYTHONPATH": str(PROJECT / "src"),
        "GOVSEAL_HOME": str(home),
        "DJANGO_SETTINGS_MODULE": "govseal.project.settings",
        **passphrases,
    }
    done = subprocess.run(
        [sys.executable, "-c", _WORKER, *arguments],
        env=environment,
        cwd="/",
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to give each process a user of its own")
def test_the_worker_signs_lists_receipts_and_transactions_and_reaches_nothing_else(home: Path) -> None:
    for folder in OURS:
        for path in (home / "keys" / folder, *(home / "keys" / folder).iterdir()):
            os.chown(path, NOBODY, NOBODY)
    found = worker(home, str(NOBODY))
    assert (found["status"], found["anchor"]) == (64, 64)
    assert found["ledger"].startswith("0x")
    closed = dict.fromkeys(("signer", "names", "record"), "KEY_FORBIDDEN")
    closed |= dict.fromkeys(("bytes", "passphrase"), "PermissionError")
    assert found["theirs"] == dict.fromkeys(THEIRS, closed)


def test_the_workers_wiring_loads_nothing_that_opens_keys_of_offices(home: Path) -> None:
    loaded = set(worker(home)["loaded"])
    assert {f"govseal.project.wiring.{name}" for name in ("worker", "publishers", "accounts")} <= loaded
    assert not {f"govseal.project.wiring.{name}" for name in ("keys", "office", "ceremonies")} & loaded


def test_no_passphrase_of_the_worker_opens_a_folder_of_others(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    configuration = Configuration.load({"GOVSEAL_HOME": str(home)})
    for ours in OURS:
        passphrase = (home / "passphrases" / ours).read_text()
        for theirs in THEIRS:
            variable = f"GOVSEAL_{theirs.upper().replace('-', '_')}_PASSPHRASE"
            monkeypatch.setenv(variable, passphrase)
            store = keyfolders.key_store(configuration, theirs)
            with pytest.raises(OperatorError, match="passphrase does not open"):
                store.signer("moeys" if theirs == "seal" else theirs)
