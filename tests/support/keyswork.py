"""What runs inside a process of the office for tests of the trust list's key: each function takes the office first."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from govseal.project.cli import looks_lists
from support.officework import ceremony, publish_and_die

if TYPE_CHECKING:
    from govseal.project.wiring.office import Office


def rotate_and_die_at_once(office: "Office") -> None:
    """Put another list key in use and end before its first list is kept."""
    _rotate(office, lambda: None)


def rotate_and_die_once_kept(office: "Office") -> None:
    """Put another list key in use and end when its first list is kept and no file is written."""
    _rotate(office, partial(publish_and_die, office))


def list_keys_are_well(office: "Office") -> tuple[bool, str]:
    """Say what `govseal doctor` says of list keys that were replaced."""
    return look(office, "list keys")


def look(office: "Office", name: str) -> tuple[bool, str]:
    """Say what `govseal doctor` says of one thing."""
    finding = dict(looks_lists.looks(office, datetime.now(UTC)))[name]()
    return finding.well, finding.found


class _Paths(list[str]):
    """Takes what is published, and keeps where."""

    def put(self, path: str, content: bytes) -> None:
        assert content
        self.append(path)

    replace = put


def published_in_turn(_office: "Office") -> list[str]:
    """Publish again what is kept; return the paths in the order in which they are written."""
    from govseal.apps.registry import services

    paths = _Paths()
    services.trust_list_restore(published=paths)
    return paths


def shown(office: "Office", text: str) -> str:
    """Return the outcome that the pages show of a code."""
    from govseal.project.wiring.public import VerifyService

    return VerifyService(office.configuration).text(text).verdict.outcome.value


def _rotate(office: "Office", instead: Callable[[], None]) -> None:
    """Rotate with something in the place of publishing."""
    office.trust_list_ensure = instead  # type: ignore[method-assign]  # the process "dies" there
    try:
        ceremony(office, "rotate", "trust-list", "trust-list")
    finally:
        del office.trust_list_ensure


def ledger_account(office: "Office", act: str, key: str) -> None:
    """Do what `govseal keys … ledger` does, without a process of its own."""
    from govseal.project.wiring.ledgerkeys import LedgerCeremonies

    getattr(LedgerCeremonies(office, by="Sok Dara", reason="a test"), act)(key)


def ledger_addresses(office: "Office", code: str) -> list[str]:
    """Return the addresses of an institution's accounts, oldest first."""
    from govseal.project.wiring import keyfolders

    store = keyfolders.key_store(office.configuration, keyfolders.LEDGER)
    versions = keyfolders.ledger_keys(office.configuration).versions(code)
    return [store.ledger_account(one.name).address for one in versions]
