"""A world whose platform publishes status lists and receipts, and what an attacker makes of them.

    here = watched()
    paper = here.issue()
    list_states(here, {paper.raw["govseal"]["status"]["idx"]: State.REVOKED})

The lists are signed with the world's own status key, by the code that the platform uses.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from govseal.core import receipt, status
from govseal.core.ports import KeptList
from govseal.core.status import Notice, State
from govseal.core.trustlist import Certificate, TrustList
from support.seals import certificate, drawn, signer
from support.world import ANCHORED_AT, HOST, NOW, Paper, World, institution, store_of, trust_list

URI = f"https://{HOST}/status/1"
INDEX = 9
"""The place of the world's papers in list 1."""


class MemoryOfLists:
    """`ListMemory` over a dict; remembers what was reported."""

    def __init__(self) -> None:
        self.kept: dict[str, KeptList] = {}
        self.reported: list[tuple[str, str, bytes]] = []

    def recall(self, name: str) -> KeptList | None:
        return self.kept.get(name)

    def keep(self, name: str, kept: KeptList) -> None:
        self.kept[name] = kept

    def report(self, name: str, code: str, token: bytes) -> None:
        self.reported.append((name, code, token))


def watching(**changes: Any) -> TrustList:
    """Return a trust list of two institutions, each with a status list of its own, and the platform's keys."""
    stated: dict[str, Any] = {
        "status_certificates": (Certificate.from_der(certificate("status")),),
        "anchor_certificates": (Certificate.from_der(certificate("anchor")),),
    }
    return trust_list(
        institution("moeys", status_uris=(URI,)),
        institution("moh", "letter", status_uris=(f"https://{HOST}/status/2",)),
        **{**stated, **changes},
    )


def watched(listed: TrustList | None = None, **changes: Any) -> World:
    """Return a world with a memory and a fresh list on which nothing happened to anybody."""
    here = World(lists=[listed or watching()], **changes)
    here.memory = MemoryOfLists()
    list_states(here)
    return here


def status_token(states: Mapping[int, State] | None = None, *, by: str = "status", **changes: Any) -> bytes:
    """Return a signed status list."""
    stated: dict[str, Any] = {
        "uri": URI,
        "issued_at": NOW - timedelta(hours=1),
        "expires_at": NOW + timedelta(days=7),
        "ttl": timedelta(hours=1),
        "array": status.build(states or {}),
    }
    made = status.StatusList(**{**stated, **changes})
    return status.sign_jwt(made, certificate=certificate(by), signer=signer(by)).encode()


def list_states(here: World, states: Mapping[int, State] | None = None, **changes: Any) -> None:
    """Publish list 1 with those states."""
    here.site.objects[HOST, "status/1"] = status_token(states, **changes)


def notices_token(entries: Mapping[int, Notice], *, by: str = "status", **changes: Any) -> bytes:
    """Return signed notices of list 1."""
    stated = {
        "uri": URI,
        "issued_at": NOW - timedelta(hours=1),
        "expires_at": NOW + timedelta(days=7),
        **changes,
    }
    made = status.Notices(entries=entries, **stated)
    return status.sign_notices(made, certificate=certificate(by), signer=signer(by)).encode()


def publish_notice(here: World, notice: Notice) -> None:
    """Publish why the world's papers are not valid."""
    here.site.objects[HOST, "status/1.notices"] = notices_token({INDEX: notice})


def receipt_of(paper: Paper, *, by: str = "anchor", of: str = "moeys", **changes: Any) -> bytes:
    """Return the receipt of a paper's root."""
    stated: dict[str, Any] = {
        "store": store_of(of),
        "root": paper.root,
        "block_number": 7,
        "block_hash": b"\x0b" * 32,
        "block_time": ANCHORED_AT,
        "transaction": drawn("transaction", 32),
        "signed_at": ANCHORED_AT + timedelta(minutes=1),
    }
    made = receipt.Receipt(**{**stated, **changes})
    return receipt.sign(made, certificate=certificate(by), signer=signer(by)).encode()


def publish_receipt(here: World, paper: Paper, **changes: Any) -> None:
    """Publish the receipt of a paper's root."""
    here.site.objects[HOST, f"a/{paper.root.hex()}"] = receipt_of(paper, **changes)
