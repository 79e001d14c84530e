"""`govseal keys list|prepare|rotate|retire|compromise`: see docs/runbooks/keys.md."""

import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from functools import partial
from typing import TYPE_CHECKING, Any

import typer

from govseal.core.errors import GovsealError, InputError
from govseal.project.cli.inputs import moment_of
from govseal.project.cli.output import EPILOG, OUTPUT, plain, written
from govseal.project.cli.running import installation

if TYPE_CHECKING:  # at run time, imported once Django is set up
    from govseal.adapters.keys.lifecycle import KeyVersion
    from govseal.project.wiring.ceremonies import Ceremonies
    from govseal.project.wiring.keylisting import ListedKey
    from govseal.project.wiring.ledgerkeys import LedgerCeremonies

_More = tuple[dict[str, Any], str]
"""Further facts of a report, and how they are told."""

app = typer.Typer(help="The keys of the country and its institutions.", no_args_is_help=True)


class Folder(StrEnum):
    """The folders of keys."""

    AUTHORITY = "authority"
    TRUST_LIST = "trust-list"
    SEAL = "seal"
    STATUS = "status"
    ANCHOR = "anchor"
    LEDGER = "ledger"


_DIGEST_SHOWN = 16
"""Hex digits of a certificate's SHA-256: the key id of seals and lists."""

_FOLDER = typer.Argument(help="Which folder.")
_NAME = typer.Argument(
    "", help="The key: an institution's code. The operator's folders hold one, of their own name."
)
_KEY = typer.Argument(help="One version of a key, as `govseal keys list` names it: moeys, moeys.2.")
_BY = typer.Option(..., help="Who does it, for the record: all names.")
_REASON = typer.Option(..., help="Why, for the record.")


@app.command("list", epilog=EPILOG)
def list_(folder: Folder | None = typer.Argument(None, help="One folder; all of them unless given.")) -> None:
    """List the keys and what became of each. Nothing needs to run."""
    from govseal.project.configuration import Configuration
    from govseal.project.wiring import keylisting

    configuration = Configuration.load(os.environ)
    found: list[ListedKey] = []
    closed: dict[str, GovsealError] = {}
    for one in [folder] if folder else list(Folder):
        try:
            found += keylisting.keys_in(configuration, one.value)
        except GovsealError as error:
            if folder:
                raise
            closed[one.value] = error
    lines = [f"{one.folder:<11} [bold]{plain(one.key):<24}[/] {_told(one)}" for one in found]
    lines += [f"{name:<11} cannot be looked at: {plain(error.message)}" for name, error in closed.items()]
    codes = {name: error.code for name, error in closed.items()}
    OUTPUT.result(
        {"keys": [_row(one) for one in found], "closed": codes}, "\n".join(lines) or "No keys here yet."
    )


@app.command(epilog=EPILOG)
def prepare(folder: Folder = _FOLDER, name: str = _NAME, by: str = _BY, reason: str = _REASON) -> None:
    """Make the next version of a key and publish its certificate; it does not sign yet."""
    named = _named(folder, name)
    with _acts(by, reason) as (acts, ledger):
        made = ledger().prepare(named) if folder is Folder.LEDGER else acts.prepare(folder, named)
        _report("prepared", folder, made)


@app.command(epilog=EPILOG)
def rotate(folder: Folder = _FOLDER, name: str = _NAME, by: str = _BY, reason: str = _REASON) -> None:
    """Let the next version of a key sign; what was signed before stays as good as it was."""
    named = _named(folder, name)
    with _acts(by, reason) as (acts, ledger):
        used = ledger().rotate(named) if folder is Folder.LEDGER else acts.rotate(folder, named)
        _report("in use", folder, used, _handed_over(acts) if folder is Folder.TRUST_LIST else None)


@app.command(epilog=EPILOG)
def retire(folder: Folder = _FOLDER, key: str = _KEY, by: str = _BY, reason: str = _REASON) -> None:
    """Take one version of a key out of use for good; what it signed stays as good as it was."""
    with _acts(by, reason) as (acts, ledger):
        done = ledger().retire(key) if folder is Folder.LEDGER else acts.retire(folder, key)
        _report("retired", folder, done)


@app.command(epilog=EPILOG)
def compromise(
    folder: Folder = _FOLDER,
    key: str = _KEY,
    since: str = typer.Option(..., help="The earliest moment it may have been: 2026-01-31T08:00:00Z."),
    by: str = _BY,
    reason: str = _REASON,
) -> None:
    """Declare that somebody else may have used a key since a moment. Nothing undoes it."""
    moment = moment_of(since)
    with _acts(by, reason) as (acts, ledger):
        if folder is Folder.LEDGER:
            _report("compromised", folder, ledger().compromise(key, since=moment))
        else:
            _report("compromised", folder, acts.compromise(folder, key, since=moment))


@contextmanager
def _acts(by: str, reason: str) -> Iterator[tuple["Ceremonies", Callable[[], "LedgerCeremonies"]]]:
    """Yield the acts on signing keys, and what opens those on ledger accounts."""
    with installation() as (office, _):
        from govseal.project.wiring.ceremonies import Ceremonies
        from govseal.project.wiring.ledgerkeys import LedgerCeremonies

        yield (
            Ceremonies(office, by=by, reason=reason),
            partial(LedgerCeremonies, office, by=by, reason=reason),
        )


def _named(folder: Folder, name: str) -> str:
    if folder in {Folder.SEAL, Folder.LEDGER}:
        if not name:
            raise InputError("Give the institution's code.", code="USAGE")
        return name
    return folder.value


def _report(done: str, folder: Folder, version: "KeyVersion", more: _More | None = None) -> None:
    value: dict[str, Any] = {
        "folder": folder.value,
        "key": version.name,
        "state": done,
        "retiredAt": written(version.retired_at),
        "compromisedAt": written(version.compromised_at),
    }
    text = (
        f"[green]✓[/] {folder.value}: {plain(version.name)} is {done}. The record and the trust list say so."
    )
    facts, told = more or ({}, "")
    OUTPUT.result(value | facts, text + told)


def _handed_over(acts: "Ceremonies") -> _More:
    """Return what there is to tell of the trust list's new key: its pin, and whether the key before names it."""
    pin, statement = acts.pin(), acts.statement()
    digest = hashlib.sha256(pin.read_bytes()).hexdigest()
    facts = {"pin": {"file": str(pin), "sha256": digest}, "statement": statement}
    told = f"\nNew pin: {plain(pin)}\n  SHA-256 {digest}\n"
    if statement:
        told += (
            f"The key before names it: /{statement}\nWhoever pins that key follows by this statement. Hand the new pin"
            " over in person when you meet, and read the digest aloud over a second way."
        )
    else:
        told += (
            "No key before names it: that was retired or declared stolen, or has named another. Hand the new pin to"
            " every partner in person and read the digest aloud over a second way: until they have pinned it, they"
            " refuse the list that is published now."
        )
    return facts, told


def _row(key: "ListedKey") -> dict[str, Any]:
    return {
        "folder": key.folder,
        "key": key.key,
        "state": key.state,
        "identity": key.identity,
        "createdAt": written(key.created_at),
        "retiredAt": written(key.retired_at),
        "compromisedAt": written(key.compromised_at),
    }


def _told(key: "ListedKey") -> str:
    since = key.compromised_at or key.retired_at
    identity = (
        key.identity if key.folder == Folder.LEDGER else key.identity[:_DIGEST_SHOWN]
    )  # an account is paid to
    return f"{key.state}{f' since {written(since)}' if since else ''}  [dim]{identity}[/]"
