"""Signing keys as encrypted PEM: the form we write, the form before it, and OpenSSL's opinion."""

import shutil
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from hypothesis import given
from hypothesis import strategies as st

from govseal.adapters.keys import KeyFolder, pem
from govseal.core.errors import OperatorError

KEY = ec.derive_private_key(123_456_789, ec.SECP256R1())
PASSPHRASE = "correct horse ខ្មែរ"


def older_form(key: ec.EllipticCurvePrivateKey = KEY) -> bytes:
    """What this project wrote before scrypt: PBKDF2."""
    encryption = BestAvailableEncryption(PASSPHRASE.encode())
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption)


def test_a_key_comes_back_under_its_passphrase_only() -> None:
    content = pem.encrypt(KEY, PASSPHRASE)
    assert pem.decrypt(content, PASSPHRASE, "moeys").private_numbers() == KEY.private_numbers()
    with pytest.raises(OperatorError, match="'moeys'") as caught:
        pem.decrypt(content, "another", "moeys")
    assert caught.value.code == "WRONG_PASSPHRASE"


def test_no_two_encryptions_of_a_key_are_alike() -> None:
    assert pem.encrypt(KEY, PASSPHRASE) != pem.encrypt(KEY, PASSPHRASE)


@pytest.mark.skipif(shutil.which("openssl") is None, reason="needs the openssl command")
def test_openssl_opens_what_we_write_and_names_scrypt(tmp_path: Path) -> None:
    file = tmp_path / "moeys.key.pem"
    file.write_bytes(pem.encrypt(KEY, PASSPHRASE))
    opened = subprocess.run(
        ["openssl", "pkey", "-in", file, "-passin", "stdin", "-outform", "DER"],
        input=f"{PASSPHRASE}\n".encode(),
        capture_output=True,
        check=True,
    )
    form = (PrivateFormat.TraditionalOpenSSL, PrivateFormat.PKCS8)
    assert opened.stdout in {KEY.private_bytes(Encoding.DER, each, NoEncryption()) for each in form}
    parsed = subprocess.run(
        ["openssl", "asn1parse", "-in", file], capture_output=True, text=True, check=True
    ).stdout
    assert "scrypt" in parsed
    assert "aes-256-cbc" in parsed


def test_the_older_form_opens_and_is_told_apart() -> None:
    assert pem.decrypt(older_form(), PASSPHRASE, "moeys").private_numbers() == KEY.private_numbers()
    assert not pem.is_current(older_form())
    assert pem.is_current(pem.encrypt(KEY, PASSPHRASE))


def test_less_work_than_ours_is_not_current(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pem, "_P", 1)
    weaker = pem.encrypt(KEY, PASSPHRASE)
    monkeypatch.undo()
    assert pem.decrypt(weaker, PASSPHRASE, "moeys").private_numbers() == KEY.private_numbers()
    assert not pem.is_current(weaker)


@given(st.binary(max_size=400))
def test_no_bytes_are_taken_for_a_key(content: bytes) -> None:
    armoured = (
        b"-----BEGIN ENCRYPTED PRIVATE KEY-----\n" + content + b"\n-----END ENCRYPTED PRIVATE KEY-----\n"
    )
    assert not pem.is_current(content)
    assert not pem.is_current(armoured)
    with pytest.raises(OperatorError):
        pem.decrypt(armoured, PASSPHRASE, "moeys")


def test_a_key_of_another_curve_is_refused() -> None:
    with pytest.raises(OperatorError, match="no P-256 key"):
        pem.decrypt(older_form(ec.generate_private_key(ec.SECP384R1())), PASSPHRASE, "moeys")


def test_a_folder_made_before_scrypt_is_upgraded_in_place_and_once(tmp_path: Path) -> None:
    keys = KeyFolder(tmp_path / "keys", PASSPHRASE)
    keys.create_signing_key("new")
    untouched = (tmp_path / "keys" / "new.key.pem").read_bytes()
    old = tmp_path / "keys" / "old.key.pem"
    old.touch(mode=0o600)
    old.write_bytes(older_form())
    assert keys.public_key("old") == KEY.public_key()
    assert keys.upgrade() == ["old"]
    assert pem.is_current(old.read_bytes())
    assert old.stat().st_mode & 0o777 == 0o600
    assert keys.public_key("old") == KEY.public_key()
    assert keys.upgrade() == []
    assert (tmp_path / "keys" / "new.key.pem").read_bytes() == untouched
    assert sorted(file.name for file in (tmp_path / "keys").iterdir()) == ["new.key.pem", "old.key.pem"]


def test_an_upgrade_under_the_wrong_passphrase_changes_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "keys"
    folder.mkdir(mode=0o700)
    old = folder / "old.key.pem"
    old.touch(mode=0o600)
    before = older_form()
    old.write_bytes(before)
    with pytest.raises(OperatorError) as caught:
        KeyFolder(folder, "another").upgrade()
    assert caught.value.code == "WRONG_PASSPHRASE"
    assert old.read_bytes() == before
