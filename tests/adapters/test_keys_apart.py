"""What an anchoring process can reach of keys, from its own view: ledger accounts, and nothing that seals.

The process is a real one. It is told where everything lies, as an intruder in it would find out, and holds the
ledger folder's passphrase alone.
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

from govseal.adapters.keys import KeyFolder
from govseal.adapters.keys.tokenkeys import TokenKeys
from support.softhsm import PIN, softhsm_tokens
from support.waiting import PATIENCE

NOBODY = 65_534
SEAL_PIN = "941 275"


@pytest.fixture
def home() -> Iterator[Path]:
    """A home that other users may walk through, as /var/lib is; pytest's own folders are not."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o711)
    (folder / "keys").mkdir()
    (folder / "keys").chmod(0o711)
    for kind in ("seal", "ledger"):
        keys = KeyFolder(folder / "keys" / kind, f"passphrase of {kind}")
        keys.create_signing_key("moeys") if kind == "seal" else keys.create_ledger_account("moeys")
    KeyFolder(folder / "keys" / "seal", "passphrase of seal").create_escrow("moeys")
    yield folder
    shutil.rmtree(folder)


def anchoring_process(script: str, *arguments: str, **more: str) -> Any:
    """Run `script` in a process of its own and return what it found."""
    environment = {"PYTHONPATH": ":".join(sys.path), **more}
    finished = subprocess.run(
        [sys.executable, "-c", script, *arguments],
        env={**environment, "GOVSEAL_LEDGER_PASSPHRASE": "passphrase of ledger"},
        cwd="/",
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr
    return json.loads(finished.stdout)


def test_the_ledgers_passphrase_opens_no_seal_key(home: Path) -> None:
    found = anchoring_process(_TRY_FOLDER, str(home))
    assert found["ledger account"].startswith("0x")
    assert found["seal key"] == "WRONG_PASSPHRASE"
    assert found["escrow"] == "WRONG_PASSPHRASE"


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to give each process a user of its own")
def test_another_user_reaches_no_file_of_the_seal_folder(home: Path) -> None:
    for path in (home / "keys" / "ledger", *(home / "keys" / "ledger").iterdir()):
        os.chown(path, NOBODY, NOBODY)
    found = anchoring_process(_TRY_FOLDER, str(home), str(NOBODY))
    assert found["ledger account"].startswith("0x")
    forbidden = ("seal key", "escrow", "names", "new key", "upgrade", "record")
    assert {name: found[name] for name in forbidden} == dict.fromkeys(forbidden, "KEY_FORBIDDEN")
    assert found["bytes"] == "PermissionError"


def test_the_ledger_tokens_pin_opens_no_seal_token(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tokens = softhsm_tokens(tmp_path, monkeypatch)
    seal, ledger = tokens.create("seal", pin=SEAL_PIN), tokens.create("ledger")
    TokenKeys(seal, SEAL_PIN).create_signing_key("moeys")
    TokenKeys(ledger, PIN).create_ledger_account("moeys")
    found = anchoring_process(
        _TRY_TOKENS,
        str(tokens.module),
        seal.token,
        ledger.token,
        SOFTHSM2_CONF=str(tokens.configuration),
        GOVSEAL_LEDGER_PIN=PIN,
    )
    assert found["ledger account"].startswith("0x")
    assert found["seal token"] == "WRONG_PIN"
    assert found["private keys seen without login"] == 0


_REPORT = """
import json, os, sys
from pathlib import Path
from govseal.core.errors import OperatorError

def outcome(action):
    try:
        return action()
    except OperatorError as error:
        return error.code
    except OSError as error:
        return type(error).__name__
"""

_TRY_FOLDER = (
    _REPORT
    + """
import eth_account
from datetime import UTC, datetime
from govseal.adapters.keys import KeyFolder
from govseal.adapters.keys.record import KeyEventKind, KeyRecord

for user in sys.argv[2:]:  # once all is imported: the interpreter itself may lie where this user cannot read
    os.setgroups([])
    os.setresgid(*[int(user)] * 3)
    os.setresuid(*[int(user)] * 3)
keys, passphrase = Path(sys.argv[1]) / "keys", os.environ["GOVSEAL_LEDGER_PASSPHRASE"]
seal = KeyFolder(keys / "seal", passphrase)
record = KeyRecord(keys / "seal")
tries = {
    "ledger account": lambda: KeyFolder(keys / "ledger", passphrase).ledger_account("moeys").address,
    "seal key": lambda: repr(seal.private_key("moeys")),
    "escrow": lambda: repr(seal.escrow("moeys")),
    "names": seal.signing_keys,
    "bytes": lambda: len((keys / "seal" / "moeys.key.pem").read_bytes()),
}
if os.geteuid():
    tries["new key"] = lambda: repr(seal.create_signing_key("mine"))
    tries["upgrade"] = seal.upgrade
    tries["record"] = lambda: repr(
        record.append(KeyEventKind.RETIRED, "moeys", at=datetime(2026, 1, 1, tzinfo=UTC), by="me")
    )
print(json.dumps({name: outcome(action) for name, action in tries.items()}))
"""
)

_TRY_TOKENS = (
    _REPORT
    + """
import pkcs11
from govseal.adapters.keys.tokenkeys import TokenKeys
from govseal.adapters.keys.tokenuri import TokenAddress

module, seal, ledger = sys.argv[1:]
pin = os.environ["GOVSEAL_LEDGER_PIN"]
account = TokenKeys(TokenAddress(ledger, Path(module)), pin).ledger_account("moeys")
refused = outcome(lambda: repr(TokenKeys(TokenAddress(seal, Path(module)), pin)))
with pkcs11.lib(module).get_token(token_label=seal).open() as session:
    seen = list(session.get_objects({pkcs11.Attribute.CLASS: pkcs11.ObjectClass.PRIVATE_KEY}))
found = {"ledger account": account.address, "seal token": refused}
print(json.dumps({**found, "private keys seen without login": len(seen)}))
"""
)
