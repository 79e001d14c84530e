"""The contract, on a real chain, held to docs/protocol.md section 2."""

import importlib.util
import json
import os
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sha3 import keccak_256
from web3 import Web3
from web3.exceptions import ContractLogicError

from govseal.adapters.evm import EvmLedger
from govseal.adapters.evm.bridge import web3_over
from govseal.adapters.evm.rpc import JsonRpc
from govseal.adapters.localchain import LocalChain
from support.waiting import PATIENCE

ARTEFACT = json.loads(files("govseal.adapters.evm").joinpath("documentstore.json").read_text("utf-8"))
ADMIN, ISSUER, REVOKER = bytes(32), keccak_256(b"ISSUER_ROLE").digest(), keccak_256(b"REVOKER_ROLE").digest()

# name(types) -> selector, as the protocol lists them.
SELECTORS = {
    "issue(bytes32)": "0f75e81f",
    "bulkIssue(bytes32[])": "7df20826",
    "revoke(bytes32)": "b75c7dc6",
    "bulkRevoke(bytes32[])": "4ada8076",
    "isIssued(bytes32)": "163aa631",
    "isRevoked(bytes32)": "4294857f",
    "getIssuedBlock(bytes32)": "bf40b904",
    "documentIssued(bytes32)": "33358d2d",
    "documentRevoked(bytes32)": "8bc36c91",
    "name()": "06fdde03",
    "version()": "54fd4d50",
}


@pytest.fixture(scope="module")
def web3(chain: LocalChain) -> Iterator[Web3]:
    rpc = JsonRpc(chain.rpc_url, timeout=PATIENCE)
    yield web3_over(rpc)
    rpc.close()


@pytest.fixture
def contract(web3: Web3, ledger: EvmLedger) -> Any:
    """A store of `treasury`, freshly deployed."""
    address = ledger.deploy(account="treasury", name="មន្ទីរពេទ្យ Calmette").address
    return web3.eth.contract(address=address, abi=ARTEFACT["abi"])


@pytest.fixture
def accounts(chain: LocalChain) -> SimpleNamespace:
    return SimpleNamespace(treasury=chain.account(0), outsider=chain.account(1))


def send(web3: Web3, call: Any, account: Any) -> Any:
    """Send a contract call signed by `account` and return its receipt."""
    nonce = web3.eth.get_transaction_count(account.address)
    transaction = call.build_transaction({"from": account.address, "nonce": nonce, "gasPrice": 0})
    return web3.eth.wait_for_transaction_receipt(
        web3.eth.send_raw_transaction(account.sign_transaction(transaction)), PATIENCE, 0.01
    )


def test_the_artefact_is_what_the_source_compiles_to() -> None:
    path = Path(__file__).resolve().parents[2] / "contracts" / "build.py"
    spec = importlib.util.spec_from_file_location("build", path)
    build = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(build)
    assert build.artefact() == ARTEFACT


def test_every_selector_of_the_protocol_is_there() -> None:
    found = {
        f"{entry['name']}({','.join(part['type'] for part in entry['inputs'])})"
        for entry in ARTEFACT["abi"]
        if entry["type"] == "function"
    }
    assert set(SELECTORS) <= found
    assert {name: keccak_256(name.encode()).hexdigest()[:8] for name in SELECTORS} == SELECTORS


def test_an_issued_hash_carries_its_block_and_an_event(web3: Web3, contract: Any, accounts: Any) -> None:
    document = os.urandom(32)
    receipt = send(web3, contract.functions.issue(document), accounts.treasury)
    assert contract.functions.isIssued(document).call()
    assert contract.functions.getIssuedBlock(document).call() == receipt["blockNumber"]
    assert contract.functions.documentIssued(document).call() == receipt["blockNumber"]
    (log,) = receipt["logs"]
    assert [bytes(topic) for topic in log["topics"]] == [
        keccak_256(b"DocumentIssued(bytes32)").digest(),
        document,
    ]


def test_a_hash_never_issued_is_not_issued(contract: Any) -> None:
    document = os.urandom(32)
    assert not contract.functions.isIssued(document).call()
    assert contract.functions.documentIssued(document).call() == 0
    with pytest.raises(ContractLogicError, match="Only issued document hashes"):
        contract.functions.getIssuedBlock(document).call()


def test_a_hash_is_issued_once(web3: Web3, contract: Any, accounts: Any) -> None:
    document = os.urandom(32)
    send(web3, contract.functions.issue(document), accounts.treasury)
    with pytest.raises(ContractLogicError, match="Only hashes that have not been issued can be issued"):
        send(web3, contract.functions.issue(document), accounts.treasury)


def test_a_bulk_issue_is_all_or_nothing(web3: Web3, contract: Any, accounts: Any) -> None:
    known, new = os.urandom(32), os.urandom(32)
    send(web3, contract.functions.bulkIssue([known]), accounts.treasury)
    with pytest.raises(ContractLogicError, match="have not been issued"):
        send(web3, contract.functions.bulkIssue([new, known]), accounts.treasury)
    assert not contract.functions.isIssued(new).call()


def test_a_node_that_was_never_issued_can_be_revoked(web3: Web3, contract: Any, accounts: Any) -> None:
    node = os.urandom(32)
    receipt = send(web3, contract.functions.revoke(node), accounts.treasury)
    assert contract.functions.isRevoked(node).call()
    assert contract.functions.documentRevoked(node).call() == receipt["blockNumber"]
    (log,) = receipt["logs"]
    assert [bytes(topic) for topic in log["topics"]] == [
        keccak_256(b"DocumentRevoked(bytes32)").digest(),
        node,
    ]
    assert not contract.functions.isIssued(node).call()


def test_a_hash_is_revoked_once_and_stays_revoked(web3: Web3, contract: Any, accounts: Any) -> None:
    document = os.urandom(32)
    send(web3, contract.functions.bulkRevoke([document]), accounts.treasury)
    with pytest.raises(ContractLogicError, match="Hash has been revoked previously"):
        send(web3, contract.functions.revoke(document), accounts.treasury)
    send(web3, contract.functions.issue(document), accounts.treasury)
    assert contract.functions.isRevoked(document).call()


def test_before_a_block_includes_that_block(web3: Web3, contract: Any, accounts: Any) -> None:
    document = os.urandom(32)
    issued = send(web3, contract.functions.issue(document), accounts.treasury)["blockNumber"]
    revoked = send(web3, contract.functions.revoke(document), accounts.treasury)["blockNumber"]
    read = contract.functions
    assert [read.isIssuedBefore(document, issued + step).call() for step in (-1, 0, 1)] == [False, True, True]
    assert [read.isRevokedBefore(document, revoked + step).call() for step in (-1, 0, 1)] == [
        False,
        True,
        True,
    ]
    unknown = os.urandom(32)
    assert not read.isIssuedBefore(unknown, issued).call()
    assert not read.isRevokedBefore(unknown, revoked).call()


def test_the_owner_has_every_role_and_nobody_else_has_one(contract: Any, accounts: Any) -> None:
    read = contract.functions
    roles = (read.DEFAULT_ADMIN_ROLE().call(), read.ISSUER_ROLE().call(), read.REVOKER_ROLE().call())
    assert roles == (ADMIN, ISSUER, REVOKER)
    assert all(read.hasRole(role, accounts.treasury.address).call() for role in roles)
    assert not any(read.hasRole(role, accounts.outsider.address).call() for role in roles)
    assert {read.getRoleAdmin(role).call() for role in roles} == {ADMIN}


@pytest.mark.parametrize("function", ["issue", "revoke", "bulkIssue", "bulkRevoke"])
def test_an_outsider_can_neither_issue_nor_revoke(
    web3: Web3, contract: Any, accounts: Any, function: str
) -> None:
    document = os.urandom(32)
    argument = [document] if function.startswith("bulk") else document
    with pytest.raises(ContractLogicError, match="AccessControl: account is missing role"):
        send(web3, contract.functions[function](argument), accounts.outsider)


def test_a_role_is_granted_and_taken_by_the_administrator(web3: Web3, contract: Any, accounts: Any) -> None:
    outsider, act = accounts.outsider, contract.functions
    granted = send(web3, act.grantRole(ISSUER, outsider.address), accounts.treasury)
    assert len(granted["logs"]) == 1
    assert contract.events.RoleGranted().process_receipt(granted)[0]["args"] == {
        "role": ISSUER,
        "account": outsider.address,
        "sender": accounts.treasury.address,
    }
    assert send(web3, act.grantRole(ISSUER, outsider.address), accounts.treasury)["logs"] == []
    send(web3, act.issue(os.urandom(32)), outsider)
    with pytest.raises(ContractLogicError, match="missing role"):
        send(web3, act.revoke(os.urandom(32)), outsider)
    taken = send(web3, act.revokeRole(ISSUER, outsider.address), accounts.treasury)
    assert contract.events.RoleRevoked().process_receipt(taken)[0]["args"]["account"] == outsider.address
    with pytest.raises(ContractLogicError, match="missing role"):
        send(web3, act.issue(os.urandom(32)), outsider)


@pytest.mark.parametrize("function", ["grantRole", "revokeRole"])
def test_an_outsider_cannot_move_roles(web3: Web3, contract: Any, accounts: Any, function: str) -> None:
    with pytest.raises(ContractLogicError, match="missing role"):
        send(web3, contract.functions[function](ISSUER, accounts.outsider.address), accounts.outsider)


def test_a_role_is_renounced_only_by_its_holder(web3: Web3, contract: Any, accounts: Any) -> None:
    act, holder = contract.functions, accounts.treasury
    with pytest.raises(ContractLogicError, match="can only renounce roles for self"):
        send(web3, act.renounceRole(ISSUER, holder.address), accounts.outsider)
    send(web3, act.renounceRole(ISSUER, holder.address), holder)
    assert not act.hasRole(ISSUER, holder.address).call()


def test_verifiers_take_it_for_a_store_of_version_2(contract: Any) -> None:
    read = contract.functions
    assert read.version().call() == "2.3.0"
    assert read.name().call() == "មន្ទីរពេទ្យ Calmette"
    supported = {
        name: read.supportsInterface(bytes.fromhex(name)).call() for name in ("01ffc9a7", "7965db0b")
    }
    assert supported == {"01ffc9a7": True, "7965db0b": True}
    assert not read.supportsInterface(bytes.fromhex("dcfd0745")).call()  # how a version 4 store is known
    assert not read.supportsInterface(bytes.fromhex("ffffffff")).call()  # ERC-165 demands this no


def test_a_store_without_an_owner_cannot_be_made(web3: Web3) -> None:
    factory = web3.eth.contract(abi=ARTEFACT["abi"], bytecode=ARTEFACT["bytecode"])
    with pytest.raises(ContractLogicError, match="Owner is zero"):
        factory.constructor("nobody", "0x" + 40 * "0").estimate_gas()


def test_block_zero_marks_nothing(chain: LocalChain, contract: Any, accounts: Any) -> None:
    rpc = JsonRpc(chain.rpc_url, timeout=PATIENCE)
    call = {
        "from": accounts.treasury.address,
        "to": contract.address,
        "data": contract.encode_abi("issue", [os.urandom(32)]),
    }
    (in_block_one, in_block_zero) = rpc.answers(
        [("eth_call", [call, "latest", {}, {"number": number}]) for number in ("0x1", "0x0")]
    )
    rpc.close()
    assert in_block_one == "0x"
    assert "Block 0 cannot mark a hash" in in_block_zero.message


def test_it_costs_no_more_gas_than_the_original(web3: Web3, contract: Any, accounts: Any) -> None:
    act, holder = contract.functions, accounts.treasury
    documents = [os.urandom(32) for _ in range(100)]
    issue = send(web3, act.issue(os.urandom(32)), holder)["gasUsed"]
    revoke = send(web3, act.revoke(os.urandom(32)), holder)["gasUsed"]
    bulk = send(web3, act.bulkIssue(documents), holder)["gasUsed"]
    factory = web3.eth.contract(abi=ARTEFACT["abi"], bytecode=ARTEFACT["bytecode"])
    deploy = factory.constructor("Ministry", holder.address).estimate_gas()
    assert (issue <= 47_886, revoke <= 47_980, bulk <= 2_445_262, deploy <= 1_106_188) == (True,) * 4, (
        issue,
        revoke,
        bulk,
        deploy,
    )
