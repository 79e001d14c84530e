"""Keys on a token: a real SoftHSM2, a real chain."""

from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pkcs11
import pytest
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA384
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from eth_account import Account
from pkcs11 import Attribute, KeyType, MechanismFlag, ObjectClass
from pkcs11.util.ec import encode_named_curve_parameters

from govseal.adapters.evm import EvmLedger
from govseal.adapters.keys import CountryAuthority
from govseal.adapters.keys.store import KeyStore
from govseal.adapters.keys.tokenkeys import TokenKeys
from govseal.adapters.keys.tokenuri import TokenAddress
from govseal.adapters.localchain import LocalChain
from govseal.core import jose
from govseal.core.errors import BadSignature, DecryptionFailed, OperatorError, RefusedError
from support.chain import mined
from support.nodes import rpc
from support.softhsm import PIN, Tokens, softhsm_tokens
from support.waiting import PATIENCE

NOW = datetime(2026, 1, 1, tzinfo=UTC)
LATER = NOW + timedelta(days=365)
HALF_ORDER = 0x7FFFFFFF_FFFFFFFF_FFFFFFFF_FFFFFFFF_5D576E73_57A4501D_DFE92F46_681B20A0
TO = "0x000000000000000000000000000000000000dEaD"
LEGACY = {"to": TO, "value": 0, "gas": 21_000, "gasPrice": 0, "nonce": 0, "chainId": 1337, "data": b""}
TYPED = {
    "type": 2,
    "to": TO,
    "value": 0,
    "gas": 21_000,
    "maxFeePerGas": 1,
    "maxPriorityFeePerGas": 1,
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


def refusal(action: Callable[[], object]) -> str:
    with pytest.raises(OperatorError) as caught:
        action()
    assert PIN not in str(caught.value)
    return caught.value.code


def certified(keys: KeyStore, name: str = "moeys") -> CountryAuthority:
    authority = CountryAuthority.create(keys, country="KH", operator="MPTC", not_before=NOW, not_after=LATER)
    public_key = keys.create_signing_key(name)
    keys.store_certificate(
        name,
        authority.certify_institution(
            public_key, country="KH", code=name, name="MoEYS", not_before=NOW, not_after=LATER
        ),
    )
    return authority


def test_a_signature_made_on_the_token_verifies_under_its_certificate(keys: TokenKeys) -> None:
    certified(keys)
    signer = keys.signer("moeys")
    signature = signer.sign(b"message")
    assert len(signature) == 64
    jose.verify_es256(signer.certificate, signature, b"message")
    with pytest.raises(BadSignature):
        jose.verify_es256(signer.certificate, signature, b"another")


def test_an_authority_on_a_token_certifies_what_other_software_follows(keys: TokenKeys) -> None:
    authority = certified(keys)
    issuer = x509.load_der_x509_certificate(authority.certificate)
    issuer.verify_directly_issued_by(issuer)
    x509.load_der_x509_certificate(keys.certificate("moeys")).verify_directly_issued_by(issuer)
    assert CountryAuthority(keys).certificate == authority.certificate


def test_private_keys_never_leave_the_token(keys: TokenKeys, address: TokenAddress) -> None:
    certified(keys)
    key = keys.private_key("moeys")
    with pytest.raises(UnsupportedAlgorithm):
        key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    with pytest.raises(UnsupportedAlgorithm):
        key.private_numbers()
    with pytest.raises(UnsupportedAlgorithm):
        key.exchange(ec.ECDH(), key.public_key())
    with pytest.raises(UnsupportedAlgorithm, match="SHA-256"):
        key.sign(b"", ec.ECDSA(SHA384()))
    keys.create_escrow("moeys")
    # The application is logged in: a second session needs no PIN, and still is shown nothing.
    with pkcs11.lib(str(address.module)).get_token(token_label=address.token).open() as session:
        secrets = [
            found
            for kind in (ObjectClass.PRIVATE_KEY, ObjectClass.SECRET_KEY)
            for found in session.get_objects({Attribute.CLASS: kind})
        ]
        assert len(secrets) == 3
        for secret in secrets:
            with pytest.raises(pkcs11.AttributeSensitive):
                secret[Attribute.VALUE]


def test_a_key_that_the_token_would_give_away_is_refused(keys: TokenKeys, address: TokenAddress) -> None:
    with pkcs11.lib(str(address.module)).get_token(token_label=address.token).open(rw=True) as session:
        curve = {Attribute.EC_PARAMS: encode_named_curve_parameters("secp256r1")}
        session.create_domain_parameters(KeyType.EC, curve, local=True).generate_keypair(
            store=True,
            label="loose.key",
            capabilities=MechanismFlag.SIGN | MechanismFlag.VERIFY,
            private_template={Attribute.EXTRACTABLE: True},
        )
    assert refusal(lambda: keys.private_key("loose")) == "KEY_EXTRACTABLE"


def test_a_key_is_never_replaced_and_a_certificate_is_of_its_key(keys: TokenKeys) -> None:
    authority = certified(keys)
    public_key = keys.public_key("moeys")
    assert refusal(lambda: keys.create_signing_key("moeys")) == "KEY_EXISTS"
    assert refusal(lambda: keys.store_certificate("moeys", keys.certificate("moeys"))) == "KEY_EXISTS"
    assert refusal(lambda: keys.store_certificate("moeys", authority.certificate)) == "WRONG_CERTIFICATE"
    assert keys.public_key("moeys") == public_key


def test_the_kinds_of_key_are_listed_apart(keys: TokenKeys) -> None:
    assert (keys.signing_keys(), keys.certified_keys(), keys.ledger_accounts()) == ([], [], [])
    certified(keys)
    keys.create_signing_key("moeys.2")
    keys.create_ledger_account("moh")
    keys.create_escrow("moeys")
    assert keys.signing_keys() == ["authority", "moeys", "moeys.2"]
    assert keys.certified_keys() == ["authority", "moeys"]
    assert keys.ledger_accounts() == ["moh"]


@pytest.mark.parametrize("name", ["../moeys", ".hidden", "", "a/b", "x" * 65])
def test_names_are_those_that_files_may_have(keys: TokenKeys, name: str) -> None:
    assert refusal(lambda: keys.create_signing_key(name)) == "MALFORMED_NAME"


def test_what_is_missing_is_named(keys: TokenKeys, tokens: Tokens) -> None:
    for find in (keys.signer, keys.public_key, keys.certificate, keys.ledger_account, keys.escrow):
        with pytest.raises(OperatorError, match="moeys") as caught:
            find("moeys")
        assert caught.value.code == "KEY_MISSING"
    nowhere = TokenAddress("nowhere", tokens.module)
    assert refusal(lambda: TokenKeys(nowhere, PIN)) == "TOKEN_MISSING"
    for path in ("/nonexistent.so", __file__):
        assert refusal(lambda path=path: TokenKeys(TokenAddress("seal", Path(path)), PIN)) == "MODULE_MISSING"


def test_two_keys_of_one_name_are_used_by_nobody(keys: TokenKeys, address: TokenAddress) -> None:
    keys.create_ledger_account("moeys")
    with pkcs11.lib(str(address.module)).get_token(token_label=address.token).open(rw=True) as session:
        curve = {Attribute.EC_PARAMS: encode_named_curve_parameters("secp256k1")}
        session.create_domain_parameters(KeyType.EC, curve, local=True).generate_keypair(
            store=True, label="moeys.ledger", capabilities=MechanismFlag.SIGN | MechanismFlag.VERIFY
        )
    assert refusal(lambda: keys.ledger_account("moeys")) == "KEY_AMBIGUOUS"


def test_a_key_on_another_curve_is_refused(keys: TokenKeys, address: TokenAddress) -> None:
    with pkcs11.lib(str(address.module)).get_token(token_label=address.token).open(rw=True) as session:
        curve = {Attribute.EC_PARAMS: encode_named_curve_parameters("secp256k1")}
        session.create_domain_parameters(KeyType.EC, curve, local=True).generate_keypair(
            store=True, label="moeys.key", capabilities=MechanismFlag.SIGN | MechanismFlag.VERIFY
        )
    assert refusal(lambda: keys.public_key("moeys")) == "KEY_DAMAGED"


@pytest.mark.parametrize("fields", [LEGACY, TYPED], ids=["legacy", "typed"])
def test_a_ledger_account_signs_as_its_address_in_the_lower_half(
    keys: TokenKeys, fields: dict[str, object]
) -> None:
    made = keys.create_ledger_account("moeys")
    account = keys.ledger_account("moeys")
    assert account.address == made.address
    for nonce in range(40):  # half of a token's signatures are in the upper half
        raw = account.sign_transaction({**fields, "nonce": nonce, "from": account.address})
        assert Account.recover_transaction(raw) == account.address
        digest = nonce.to_bytes(32, "big")
        signature = account.sign_msg_hash(digest)
        assert signature.s <= HALF_ORDER
        assert signature.recover_public_key_from_msg_hash(digest).to_checksum_address() == account.address


def test_a_transaction_of_another_sender_is_refused(keys: TokenKeys) -> None:
    account = keys.create_ledger_account("moeys")
    with pytest.raises(RefusedError, match="another sender"):
        account.sign_transaction({**LEGACY, "from": TO})


def test_the_escrow_gives_a_secret_back_for_its_own_document_only(keys: TokenKeys) -> None:
    protected = keys.create_escrow("moeys").protect(b"s" * 16, context="document one")
    escrow = keys.escrow("moeys")
    assert escrow.reveal(protected, context="document one") == b"s" * 16
    changed = protected[:-1] + bytes([protected[-1] ^ 1])
    for wrong, context in ((protected, "document two"), (changed, "document one"), (b"", "")):
        with pytest.raises(DecryptionFailed):
            escrow.reveal(wrong, context=context)
    assert escrow.reveal(protected, context="document one") == b"s" * 16


def test_a_chain_takes_what_a_token_signed(keys: TokenKeys, chain: LocalChain) -> None:
    account = keys.create_ledger_account("moeys")
    rpc(chain.rpc_url, "anvil_setBalance", account.address, hex(10**20))
    ledger = EvmLedger(chain.rpc_url, chain.chain_id, chain.genesis, {"moeys": account}, timeout=PATIENCE)
    with closing(ledger):
        store = ledger.deploy(account="moeys", name="MoEYS")
        for root in (bytes([number]) * 32 for number in range(1, 5)):
            mined(ledger, ledger.issue(store, root, account="moeys"))
            assert ledger.anchor(store, root) is not None
