"""Keys in files: real files, real ciphers."""

import stat
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from eth_account import Account

from govseal.adapters.keys import CountryAuthority, KeyFolder, folder
from govseal.core import jose
from govseal.core.errors import BadSignature, DecryptionFailed, OperatorError

NOW = datetime(2026, 1, 1, tzinfo=UTC)
LATER = NOW + timedelta(days=365)
OPERATOR = "Ministry of Post and Telecommunications"


@pytest.fixture
def keys(tmp_path: Path) -> KeyFolder:
    return KeyFolder(tmp_path / "keys", "correct horse")


def authority_in(folder: KeyFolder) -> CountryAuthority:
    return CountryAuthority.create(folder, country="KH", operator=OPERATOR, not_before=NOW, not_after=LATER)


def refusal(action: Callable[[], object]) -> str:
    with pytest.raises(OperatorError) as caught:
        action()
    return caught.value.code


def test_what_is_written_is_private(keys: KeyFolder, tmp_path: Path) -> None:
    keys.create_signing_key("moeys")
    keys.create_ledger_account("moeys")
    keys.create_escrow("moeys")
    written = tmp_path / "keys"
    assert stat.S_IMODE(written.stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in written.iterdir()} == {0o600}
    assert len(list(written.iterdir())) == 3


def test_a_signature_verifies_under_the_certificate(keys: KeyFolder, tmp_path: Path) -> None:
    authority = authority_in(KeyFolder(tmp_path / "authority", "another"))
    certificate = authority.certify_institution(
        keys.create_signing_key("moeys"),
        country="KH",
        code="moeys",
        name="MoEYS",
        not_before=NOW,
        not_after=LATER,
    )
    keys.store_certificate("moeys", certificate)
    signer = keys.signer("moeys")
    signature = signer.sign(b"message")
    assert len(signature) == 64
    jose.verify_es256(signer.certificate, signature, b"message")
    with pytest.raises(BadSignature):
        jose.verify_es256(signer.certificate, signature, b"another")


def test_a_certificate_names_its_institution_and_follows_the_authority(keys: KeyFolder) -> None:
    authority = authority_in(keys)
    der = authority.certify_institution(
        keys.create_signing_key("moeys"),
        country="KH",
        code="moeys",
        name="ក" * 80,
        not_before=NOW,
        not_after=LATER,
    )
    certificate = x509.load_der_x509_certificate(der)
    issuer = x509.load_der_x509_certificate(authority.certificate)
    certificate.verify_directly_issued_by(issuer)
    assert certificate.subject.rfc4514_string() == f"CN=KH/moeys,O={'ក' * 64},C=KH"
    assert certificate.not_valid_after_utc == LATER
    extensions = certificate.extensions
    assert not extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    assert extensions.get_extension_for_class(x509.KeyUsage).value.digital_signature
    assert not extensions.get_extension_for_class(x509.KeyUsage).value.key_cert_sign
    assert issuer.extensions.get_extension_for_class(x509.BasicConstraints).value.ca


def test_the_list_signer_carries_the_operators_name_word_for_word(keys: KeyFolder) -> None:
    authority = authority_in(keys)
    public_key = keys.create_signing_key("list")
    der = authority.certify_list_signer(
        public_key, country="KH", operator=OPERATOR, not_before=NOW, not_after=LATER
    )
    assert x509.load_der_x509_certificate(der).subject.rfc4514_string() == f"CN=Trust list,O={OPERATOR},C=KH"
    too_long = refusal(
        lambda: authority.certify_list_signer(
            public_key, country="KH", operator="x" * 65, not_before=NOW, not_after=LATER
        )
    )
    assert too_long == "NAME_TOO_LONG"


def test_an_authority_is_found_again_and_never_made_twice(keys: KeyFolder) -> None:
    made = authority_in(keys)
    assert CountryAuthority(keys).certificate == made.certificate
    assert refusal(lambda: authority_in(keys)) == "KEY_EXISTS"


def test_an_authority_whose_making_was_killed_is_finished(keys: KeyFolder) -> None:
    public_key = keys.create_signing_key(CountryAuthority.NAME)
    assert keys.certified_keys() == []
    certificate = x509.load_der_x509_certificate(authority_in(keys).certificate)
    assert certificate.public_key() == public_key
    assert keys.certified_keys() == [CountryAuthority.NAME]


def test_a_wrong_passphrase_is_said_plainly(keys: KeyFolder, tmp_path: Path) -> None:
    keys.create_signing_key("moeys")
    keys.create_ledger_account("moeys")
    keys.create_escrow("moeys")
    other = KeyFolder(tmp_path / "keys", "wrong")
    for open_key in (other.private_key, other.ledger_account, other.escrow):
        with pytest.raises(OperatorError, match="passphrase does not open") as caught:
            open_key("moeys")
        assert caught.value.code == "WRONG_PASSPHRASE"


def test_a_new_key_is_made_only_under_the_passphrase_of_those_that_are_there(
    keys: KeyFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys.create_escrow("moeys")
    monkeypatch.setattr(folder, "_USUAL", set())  # as in another process, which has opened nothing yet
    mistyped = KeyFolder(tmp_path / "keys", "correct hose")
    for make in (mistyped.create_signing_key, mistyped.create_ledger_account, mistyped.create_escrow):
        assert refusal(partial(make, "moh")) == "WRONG_PASSPHRASE"
    keys.create_signing_key("moh")
    assert keys.signing_keys() == ["moh"]


def test_an_empty_passphrase_is_refused(tmp_path: Path) -> None:
    assert refusal(lambda: KeyFolder(tmp_path, "")) == "NO_PASSPHRASE"


def test_a_key_that_is_missing_is_named(keys: KeyFolder) -> None:
    with pytest.raises(OperatorError, match=r"moeys\.key\.pem") as caught:
        keys.signer("moeys")
    assert caught.value.code == "KEY_MISSING"


def test_a_key_is_never_replaced(keys: KeyFolder, tmp_path: Path) -> None:
    public_key = keys.create_signing_key("moeys")
    assert refusal(lambda: keys.create_signing_key("moeys")) == "KEY_EXISTS"
    assert keys.public_key("moeys") == public_key
    assert [file.name for file in (tmp_path / "keys").iterdir()] == ["moeys.key.pem"]


@pytest.mark.parametrize("name", ["../moeys", ".hidden", "", "a/b"])
def test_a_name_cannot_leave_the_folder(keys: KeyFolder, name: str) -> None:
    assert refusal(lambda: keys.create_signing_key(name)) == "MALFORMED_NAME"


@pytest.mark.parametrize("part", ["", "moeys.key.pem"])
def test_a_key_that_others_can_read_is_refused(keys: KeyFolder, tmp_path: Path, part: str) -> None:
    keys.create_signing_key("moeys")
    (tmp_path / "keys" / part).chmod(0o755)
    assert refusal(lambda: keys.public_key("moeys")) == "KEY_NOT_PRIVATE"


def test_a_key_without_encryption_is_refused(keys: KeyFolder, tmp_path: Path) -> None:
    keys.create_signing_key("moeys")
    bare = ec.generate_private_key(ec.SECP256R1()).private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    )
    (tmp_path / "keys" / "moeys.key.pem").write_bytes(bare)
    assert refusal(lambda: keys.public_key("moeys")) == "KEY_DAMAGED"


@pytest.mark.parametrize(
    "content", [b"", b"{}", b"[]", b"not json", b'{"version": 3, "crypto": {}}', b"x" * 70_000]
)
def test_damaged_files_are_refused(keys: KeyFolder, tmp_path: Path, content: bytes) -> None:
    keys.create_ledger_account("moeys")
    keys.create_escrow("moeys")
    for suffix in ("ledger", "escrow"):
        (tmp_path / "keys" / f"moeys.{suffix}.json").write_bytes(content)
    assert refusal(lambda: keys.ledger_account("moeys")) == "KEY_DAMAGED"
    assert refusal(lambda: keys.escrow("moeys")) == "KEY_DAMAGED"


def test_a_folder_that_is_not_there_has_no_keys(tmp_path: Path) -> None:
    assert KeyFolder(tmp_path / "none", "x").signing_keys() == []


def test_another_keys_certificate_is_refused(keys: KeyFolder) -> None:
    authority = authority_in(keys)
    keys.create_signing_key("moeys")
    assert refusal(lambda: keys.store_certificate("moeys", authority.certificate)) == "WRONG_CERTIFICATE"


def test_a_ledger_account_signs_as_its_address(keys: KeyFolder) -> None:
    made = keys.create_ledger_account("moeys")
    account = keys.ledger_account("moeys")
    fields = {
        "to": made.address,
        "value": 0,
        "gas": 21_000,
        "gasPrice": 0,
        "nonce": 0,
        "chainId": 1337,
        "data": b"",
    }
    raw = account.sign_transaction(fields)
    assert Account.recover_transaction(raw) == made.address == account.address


def test_the_kinds_of_key_are_listed_apart(keys: KeyFolder) -> None:
    keys.create_signing_key("moeys")
    keys.create_ledger_account("moh")
    assert (keys.signing_keys(), keys.ledger_accounts()) == (["moeys"], ["moh"])


def test_the_escrow_gives_a_secret_back_for_its_own_document_only(keys: KeyFolder) -> None:
    protected = keys.create_escrow("moeys").protect(b"s" * 16, context="document one")
    escrow = keys.escrow("moeys")
    assert escrow.reveal(protected, context="document one") == b"s" * 16
    changed = protected[:-1] + bytes([protected[-1] ^ 1])
    for wrong, context in ((protected, "document two"), (changed, "document one"), (b"", "")):
        with pytest.raises(DecryptionFailed):
            escrow.reveal(wrong, context=context)
