"""Which place of keys a configuration names."""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govseal.adapters.keys import KeyFolder
from govseal.adapters.keys.store import open_key_store
from govseal.adapters.keys.tokenkeys import TokenKeys
from govseal.adapters.keys.tokenuri import TokenAddress
from govseal.core.errors import OperatorError
from support.softhsm import PIN, softhsm_tokens

URI = "pkcs11:token=govseal%20seal?module-path=/usr/lib/hsm.so"


def refusal(action: Callable[[], object]) -> OperatorError:
    with pytest.raises(OperatorError) as caught:
        action()
    return caught.value


def never() -> str:
    raise AssertionError("a token has no passphrase")


def test_a_uri_names_token_module_and_pin_file() -> None:
    assert TokenAddress.parse(URI) == TokenAddress("govseal seal", Path("/usr/lib/hsm.so"))
    with_file = TokenAddress.parse(f"{URI}&pin-source=file:/etc/govseal/seal.pin")
    assert with_file.pin_file == Path("/etc/govseal/seal.pin")


@pytest.mark.parametrize(
    "text",
    [
        "pkcs11:",
        "pkcs11:token=seal",
        "pkcs11:?module-path=/x.so",
        "pkcs11:token=?module-path=/x.so",
        "pkcs11:token=a;token=b?module-path=/x.so",
        "pkcs11:token=a;colour=b?module-path=/x.so",
        "pkcs11:token=a?module-path=/x.so&pin-source=|cat%20pin",
        "pkcs11:token=a?module-path=/x.so&pin-source=file:relative",
        "PKCS11:token=a?module-path=/x.so",
        "pkcs11:token=" + "a" * 1000 + "?module-path=/x.so",
    ],
)
def test_a_uri_that_is_wrong_is_refused(text: str) -> None:
    assert refusal(lambda: TokenAddress.parse(text)).code == "MALFORMED_TOKEN_URI"


def test_a_pin_in_a_uri_is_refused_and_not_repeated() -> None:
    error = refusal(lambda: TokenAddress.parse(f"{URI}&pin-value=270418"))
    assert error.code == "MALFORMED_TOKEN_URI"
    assert "270418" not in str(error)


@given(st.text(max_size=80))
def test_any_text_is_an_address_or_refused(text: str) -> None:
    with suppress(OperatorError):
        address = TokenAddress.parse("pkcs11:" + text)
        assert address.token
        assert address.module != Path()


def test_the_pin_comes_from_a_private_file_or_the_environment(tmp_path: Path) -> None:
    folder = tmp_path / "pins"
    folder.mkdir(mode=0o700)
    file = folder / "seal.pin"
    file.touch(mode=0o600)
    file.write_text(f"{PIN}\n")
    address = TokenAddress("seal", Path("/x.so"), file)
    assert address.pin({"GOVSEAL_SEAL_PIN": "another"}, "GOVSEAL_SEAL_PIN") == PIN
    file.chmod(0o644)
    assert refusal(lambda: address.pin({}, "GOVSEAL_SEAL_PIN")).code == "KEY_NOT_PRIVATE"
    by_environment = TokenAddress("seal", Path("/x.so"))
    assert by_environment.pin({"GOVSEAL_SEAL_PIN": PIN}, "GOVSEAL_SEAL_PIN") == PIN
    assert refusal(lambda: by_environment.pin({}, "GOVSEAL_SEAL_PIN")).code == "PIN_MISSING"


def test_a_path_is_a_folder_of_files(tmp_path: Path) -> None:
    place = str(tmp_path / "keys")
    store = open_key_store(place, passphrase=lambda: "phrase", environment={}, pin_variable="PIN")
    assert isinstance(store, KeyFolder)
    assert store.create_signing_key("moeys") == KeyFolder(tmp_path / "keys", "phrase").public_key("moeys")


def test_a_uri_is_a_token_and_its_pin_is_asked_where_it_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = softhsm_tokens(tmp_path, monkeypatch).create()
    uri = f"pkcs11:token={address.token}?module-path={address.module}"
    store = open_key_store(uri, passphrase=never, environment={"PIN": PIN}, pin_variable="PIN")
    assert isinstance(store, TokenKeys)
    assert store.create_signing_key("moeys") == TokenKeys(address, PIN).public_key("moeys")
