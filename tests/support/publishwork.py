"""What runs inside a process of the office, for tests of standings, lists and receipts: each takes the office first."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from support.waiting import PATIENCE

if TYPE_CHECKING:
    from govseal.project.wiring.office import Office


def now() -> datetime:
    """Tell the time."""
    return datetime.now(UTC)


def publish(office: "Office") -> tuple[int, int]:
    """Publish what is due, as the worker does; return how many lists and how many receipts."""
    from govseal.apps.issuance import services
    from govseal.project.wiring import worker

    ports = worker.publishing(office.configuration)
    services.documents_aside_revoke(now=now())
    where = {"host": ports.host, "published": ports.published, "clock": now}
    lists = services.status_lists_publish(signer=ports.status_signer, **where)
    return lists, services.receipts_publish(signer=ports.anchor_signer, **where)


def restore(office: "Office", turns: int = 1) -> tuple[int, int]:
    """Look after the published files, as the worker does; return how many lists and receipts were not right."""
    from govseal.apps.issuance import services
    from govseal.project.wiring import worker

    ports = worker.publishing(office.configuration)
    where = {"host": ports.host, "published": ports.published}
    lists = services.status_lists_restore(**where)
    return lists, sum(services.receipts_restore(turn=turn, **where) for turn in range(turns))


def sign_anew_for_other_keys(office: "Office") -> int:
    """Have lists signed anew that another key has signed."""
    from govseal.apps.issuance import services
    from govseal.project.wiring import worker

    return services.status_lists_by_other_keys(signer=worker.publishing(office.configuration).status_signer())


def change(_office: object, what: str, *documents: str, code: str = "other", reason: str = "Why") -> None:
    """Revoke, suspend, lift or replace."""
    from govseal.project.wiring import standings

    getattr(standings, what)(*documents, code=code, reason=reason)


def change_because(office: "Office", what: str, document: str, code: str) -> None:
    """Change one document's standing for a reason."""
    change(office, what, document, code=code)


def is_published(_office: "Office", document: str) -> bool:
    """Say whether a document's list says what became of it."""
    from govseal.project.wiring import standings

    return standings.is_published(document)


def enter_ledger_revocations(office: "Office", finality: int = 1) -> int:
    """Follow the ledger and enter what it revokes, as the worker does; return how many documents."""
    from govseal.apps.evidence import services as evidence
    from govseal.apps.issuance import services
    from govseal.apps.registry import selectors
    from govseal.project.wiring import worker

    del office
    ledger = worker.ledger_events()
    stores = [selectors.store_of(one) for one in selectors.institutions()]
    evidence.stores_follow(stores=stores, ledger=ledger, clock=now)
    evidence.index_follow(ledger=ledger, policy=evidence.IndexPolicy(), clock=now)
    return services.ledger_revocations_enter(finality=finality, publish=lambda: None)


def revoke_elsewhere(office: "Office", institution: str, value: bytes) -> None:
    """Revoke a hash as another tool with the institution's ledger key does: by web3 alone."""
    import json
    from importlib.resources import files

    from web3 import Web3

    from govseal.apps.registry import selectors
    from govseal.project.wiring.accounts import Accounts

    web3 = Web3(Web3.HTTPProvider(office.configuration.rpc_url, {"timeout": PATIENCE}))
    abi = json.loads(files("govseal.adapters.evm").joinpath("documentstore.json").read_text("utf-8"))["abi"]
    store = selectors.store_of(selectors.institution_get(institution))
    account = Accounts(office.configuration)[institution]._account
    nonce = web3.eth.get_transaction_count(account.address)
    call = web3.eth.contract(address=store.address, abi=abi).functions.revoke(value)
    signed = account.sign_transaction(
        call.build_transaction({"from": account.address, "nonce": nonce, "gasPrice": 0})
    )
    sent = web3.eth.send_raw_transaction(signed.raw_transaction)
    assert web3.eth.wait_for_transaction_receipt(sent, timeout=PATIENCE).status
