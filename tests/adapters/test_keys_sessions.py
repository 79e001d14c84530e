"""A token's sessions: shared, lost and found, forked; PINs that are wrong."""

import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pkcs11
import pytest
from eth_account import Account

from govseal.adapters.keys import CountryAuthority
from govseal.adapters.keys.tokenkeys import TokenKeys
from govseal.adapters.keys.tokenuri import TokenAddress
from govseal.core import jose
from govseal.core.errors import OperatorError, OutsideError
from support.softhsm import PIN, Tokens, softhsm_tokens
from support.waiting import PATIENCE

NOW = datetime(2026, 1, 1, tzinfo=UTC)
LATER = NOW + timedelta(days=365)
TRANSACTION: dict[str, object] = {
    "to": "0x000000000000000000000000000000000000dEaD",
    "value": 0,
    "gas": 21_000,
    "gasPrice": 0,
    "nonce": 0,
    "chainId": 1337,
    "data": b"",
}


@pytest.fixture
def tokens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Tokens:
    return softhsm_tokens(tmp_path, monkeypatch)


@pytest.fixture
def address(tokens: Tokens) -> TokenAddress:
    return tokens.create()


@pytest.fixture
def keys(address: TokenAddress) -> TokenKeys:
    return TokenKeys(address, PIN)


def authority_on(keys: TokenKeys) -> None:
    CountryAuthority.create(keys, country="KH", operator="MPTC", not_before=NOW, not_after=LATER)


def refusal(action: Callable[[], object]) -> str:
    with pytest.raises(OperatorError) as caught:
        action()
    assert PIN not in str(caught.value)
    return caught.value.code


def test_a_wrong_pin_is_said_plainly_and_the_right_one_still_opens(tokens: Tokens) -> None:
    address = tokens.create()
    assert refusal(lambda: TokenKeys(address, "1111")) == "WRONG_PIN"
    TokenKeys(address, PIN).create_signing_key("moeys")
    assert refusal(lambda: TokenKeys(address, "1111")) == "WRONG_PIN"
    assert refusal(lambda: TokenKeys(address, "2222")) == "WRONG_PIN"


def test_a_wrong_pin_is_offered_to_the_token_once(tokens: Tokens) -> None:
    address = tokens.create()
    assert refusal(lambda: TokenKeys(address, "1111")) == "WRONG_PIN"
    with (
        pkcs11.lib(str(address.module))
        .get_token(token_label=address.token)
        .open(rw=True, user_pin=PIN) as session
    ):
        session.set_pin(PIN, "1111")
    assert refusal(lambda: TokenKeys(address, "1111")) == "WRONG_PIN"  # the token would take it now


def test_many_threads_share_one_token(keys: TokenKeys) -> None:
    authority_on(keys)
    signer, account = keys.signer("authority"), keys.create_ledger_account("moeys")

    def sign(number: int) -> None:
        message = b"message %d" % number
        jose.verify_es256(signer.certificate, signer.sign(message), message)
        assert Account.recover_transaction(account.sign_transaction(TRANSACTION)) == account.address

    with ThreadPoolExecutor(8) as pool:
        assert len(list(pool.map(sign, range(200)))) == 200


def test_a_token_that_forgot_its_sessions_is_logged_in_to_again(
    keys: TokenKeys, address: TokenAddress
) -> None:
    authority_on(keys)
    signer, escrow = keys.signer("authority"), keys.create_escrow("moeys")
    protected = escrow.protect(b"secret", context="one")
    library = pkcs11.lib(str(address.module))
    for use in (
        lambda: jose.verify_es256(signer.certificate, signer.sign(b"again"), b"again"),
        lambda: escrow.reveal(protected, context="one"),
        lambda: keys.create_signing_key("moh"),
        keys.signing_keys,
    ):
        library.reinitialize()
        use()


def test_a_token_that_is_away_is_unavailable_and_comes_back(keys: TokenKeys, tokens: Tokens) -> None:
    authority_on(keys)
    signer, escrow = keys.signer("authority"), keys.create_escrow("moeys")
    protected = escrow.protect(b"secret", context="one")
    away = tokens.folder.with_name("away")
    tokens.folder.rename(away)
    tokens.folder.mkdir()
    for use in (lambda: signer.sign(b"message"), lambda: escrow.reveal(protected, context="one")):
        for _ in range(2):
            with pytest.raises(OutsideError) as caught:
                use()
            assert caught.value.code == "TOKEN_UNAVAILABLE"
    tokens.folder.rmdir()
    away.rename(tokens.folder)
    jose.verify_es256(signer.certificate, signer.sign(b"message"), b"message")
    assert escrow.reveal(protected, context="one") == b"secret"


def test_two_tokens_of_one_module_do_not_disturb_each_other(tokens: Tokens) -> None:
    first, second = (TokenKeys(tokens.create(purpose), PIN) for purpose in ("seal", "ledger"))
    authority_on(first)
    signer, account = first.signer("authority"), second.create_ledger_account("moeys")
    assert (second.signing_keys(), first.ledger_accounts()) == ([], [])
    for _ in range(3):
        TokenKeys(tokens.create("other"), PIN)  # found by looking for tokens anew, which ends every session
        jose.verify_es256(signer.certificate, signer.sign(b"message"), b"message")
        assert Account.recover_transaction(account.sign_transaction(TRANSACTION)) == account.address


def test_a_forked_worker_signs_on(keys: TokenKeys, address: TokenAddress, tokens: Tokens) -> None:
    authority_on(keys)
    finished = subprocess.run(
        [sys.executable, "-c", _FORK, address.token, str(address.module)],
        env={**tokens.environment(), "GOVSEAL_SEAL_PIN": PIN, "PYTHONPATH": ":".join(sys.path)},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert (finished.stdout, finished.returncode) == ("child signed\nparent signed\n", 0), finished.stderr


_FORK = """
import os, sys
from pathlib import Path
from govseal.adapters.keys.tokenkeys import TokenKeys
from govseal.adapters.keys.tokenuri import TokenAddress
from govseal.core import jose

signer = TokenKeys(TokenAddress(sys.argv[1], Path(sys.argv[2])), os.environ["GOVSEAL_SEAL_PIN"]).signer("authority")
child = os.fork()
jose.verify_es256(signer.certificate, signer.sign(b"x"), b"x")
if child:
    assert os.waitpid(child, 0)[1] == 0
print("parent signed" if child else "child signed")
"""
