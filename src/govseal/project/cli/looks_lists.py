"""What `govseal doctor` looks at of keys and lists: as a verifier would, and as a thief would.

What is *not* here: acts on keys (`govseal keys`), and publishing (the worker).
"""

import stat
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from cryptography import x509

from govseal.core import jose, status, trustlist
from govseal.core.errors import GovsealError, OperatorError
from govseal.core.trustlist import TrustList, succession
from govseal.core.verify import as_published
from govseal.project.cli.findings import Finding, Look

if TYPE_CHECKING:  # at run time, imported once Django is set up
    from govseal.project.wiring.keylisting import ListedKey
    from govseal.project.wiring.office import Office

_SOON = timedelta(days=30)
_LISTS_SOON = timedelta(days=2)
_NAMED = {
    status.JWT_TYP: "status lists",
    trustlist.TYP: "trust lists",
    succession.TYP: "successors of list keys",
}


def looks(office: "Office", now: datetime) -> Iterator[Look]:
    """Yield what there is to look at."""
    yield "keys", lambda: _keys(office, now)
    yield "ledger accounts", lambda: _ledger_accounts(office)
    yield "document stores", lambda: _document_stores(office)
    yield "key files", lambda: _key_files(office.configuration.home / "keys")
    yield "trust list", lambda: _trust_list(office, now)
    yield "list keys", lambda: _list_keys(office, now)
    yield "status lists", lambda: _status_lists(office, now)
    yield "refused lists", lambda: _refused(office.configuration.home / "seen" / "refused")


# --- keys ---------------------------------------------------------------------------------------------


def _keys(office: "Office", now: datetime) -> Finding:
    """Each key in use has a certificate that goes on; folders of others are passed over and named."""
    from govseal.project.wiring import keyfolders, keylisting

    used: list[ListedKey] = []
    closed: list[str] = []
    for folder in keyfolders.FOLDERS:
        try:
            used += [one for one in keylisting.keys_in(office.configuration, folder) if one.state == "in use"]
        except OperatorError as error:
            if error.code != "KEY_FORBIDDEN":
                raise
            closed.append(folder)
    for one in used:
        ends = _ends(office, one)
        if ends is not None and ends - now < _SOON:
            mend = f"govseal keys rotate {one.folder} {one.key.partition('.')[0]}"
            return Finding(
                "keys", False, f"{one.folder} {one.key}: its certificate ends on {ends:%Y-%m-%d}.", mend
            )
    ages = [(now - one.created_at).days for one in used if one.created_at is not None]
    found = f"{len(used)} in use, the oldest {max(ages, default=0)} days old."
    return Finding("keys", True, found + (f" Not ours to look at: {', '.join(closed)}." if closed else ""))


def _ends(office: "Office", key: "ListedKey") -> datetime | None:
    from govseal.project.wiring import keyfolders

    if key.folder == keyfolders.LEDGER:
        return None
    certificate = keyfolders.key_store(office.configuration, key.folder).certificate(key.key)
    return x509.load_der_x509_certificate(certificate).not_valid_after_utc


def _ledger_accounts(office: "Office") -> Finding:
    """What was put out of use writes to no store, also where the chain has forgotten that its roles were taken."""
    from govseal.project.wiring import ledgerkeys

    try:
        revived = ledgerkeys.revived(office)
    except OperatorError as error:
        if error.code != "KEY_FORBIDDEN":
            raise
        return Finding("ledger accounts", True, "Not ours to look at.")
    if revived:
        found = f"The chain has forgotten the end of {', '.join(revived)}: it may write to its store again."
        mend = f"govseal keys retire ledger {revived[0]} --by NAMES --reason 'the chain has forgotten it'"
        return Finding("ledger accounts", False, found, mend)
    return Finding("ledger accounts", True, "None that was put out of use may write to a store.")


def _document_stores(office: "Office") -> Finding:
    """The chain holds each institution's store."""
    from govseal.project.wiring import ledgerkeys

    lost = ledgerkeys.lost_stores(office)
    if lost:
        found = f"The chain has lost the store of {', '.join(lost)}: what was issued in it cannot be checked."
        mend = "The worker deploys it again by itself; where its log says LEDGER_STORE_LOST: docs/runbooks/ledger.md"
        return Finding("document stores", False, found, mend)
    return Finding("document stores", True, "The chain holds each institution's.")


def _key_files(folder: Path) -> Finding:
    """No file or folder of keys is open to anybody but its owner."""
    there = sorted(folder.rglob("*")) if folder.is_dir() else []
    open_ones = [one for one in there if stat.S_IMODE(one.stat().st_mode) & 0o077]
    if open_ones:
        found = f"{len(open_ones)} files or folders can be reached by others, the first: {open_ones[0]}"
        return Finding(
            "key files", False, found, f"chmod -R go-rwx {folder}, and think of who may have read them."
        )
    return Finding("key files", True, f"{len(there)} files and folders, for their owner alone.")


# --- lists --------------------------------------------------------------------------------------------


def _trust(office: "Office") -> TrustList | None:
    from govseal.project.wiring import shared

    return next(iter(shared.TrustLists(office.configuration, office.published)()), None)


def _trust_list(office: "Office", now: datetime) -> Finding:
    trust = _trust(office)
    if trust is None:
        mend = "govseal serve, or add an institution: it is made anew."
        return Finding("trust list", False, "None can be believed now.", mend)
    found = (
        f"number {trust.sequence}, {len(trust.institutions)} institutions, {(now - trust.issued_at).days} days old,"
        f" until {trust.next_update:%Y-%m-%d}."
    )
    if trust.next_update - now < _LISTS_SOON:
        return Finding("trust list", False, found, "govseal serve makes the next one.")
    return Finding("trust list", True, found)


def _list_keys(office: "Office", now: datetime) -> Finding:
    """From each list key that was replaced, statements lead to the one in use, as a verifier with that pin goes."""
    trust = _trust(office)
    if trust is None:
        return Finding("list keys", True, "No list can be followed now.")
    for key in (*trust.succeeded, succession.digest(office.configuration.trust_pin_file.read_bytes())):
        whys = [_why_not(office, key, host, now) for host in trust.hosts]
        if all(whys):
            mend = (
                "govseal serve puts back what is gone; else hand the pin in use to every partner in person."
            )
            return Finding("list keys", False, f"From the key {key[:16]}…: {whys[0]}", mend)
    return Finding("list keys", True, f"{len(trust.succeeded)} were replaced and lead to the one in use.")


def _why_not(office: "Office", pin: str, host: str, now: datetime) -> str:
    """Return why a verifier with a pin does not follow to the list of a host; empty when it does."""
    try:
        token = office.published.get(host, trustlist.PATH, max_bytes=trustlist.MAX_BYTES)
        trustlist.follow(
            token, pin=bytes.fromhex(pin), host=host, now=now, find=as_published(office.published, host)
        )
    except GovsealError as error:
        return error.message
    return ""


def _status_lists(office: "Office", now: datetime) -> Finding:
    """Each published list can be believed now; the oldest is told."""
    trust = _trust(office)
    named = sorted({uri for one in trust.institutions for uri in one.status_uris}) if trust else []
    if trust is None or not named:
        return Finding("status lists", True, "None is named by the trust list yet.")
    oldest = now
    for uri in named:
        path = f"status/{uri.rpartition('/')[2]}"
        try:
            token = office.published.get(trust.hosts[0], path, max_bytes=status.MAX_BYTES)
            read = status.read(
                token,
                uri=uri,
                certificates=trust.status_certificates,
                now=now,
                max_age=status.ONLINE_AGE,
            )
        except GovsealError as error:
            return Finding(
                "status lists", False, f"{path}: {error.message}", "See that the worker runs: govseal worker"
            )
        oldest = min(oldest, read.issued_at)
    return Finding(
        "status lists", True, f"{len(named)}, the oldest {(now - oldest).total_seconds() / 3600:.1f} h old."
    )


def _refused(folder: Path) -> Finding:
    """Lists that were rolled back or forked, and those they contradict, as verifications here kept them."""
    kept = sorted(folder.glob("*.token")) if folder.is_dir() else []
    if not kept:
        return Finding("refused lists", True, "No older or forked list was seen.")
    kinds = Counter(_kind(one.read_bytes()) for one in kept)
    told = ", ".join(f"{number} {kind}" for kind, number in sorted(kinds.items()))
    return Finding(
        "refused lists",
        False,
        f"Lists that contradict each other were seen: {told}, kept in {folder}",
        "Find out who published or restored them; compare with partners' copies; then move them to the case's file.",
    )


def _kind(token: bytes) -> str:
    try:
        return _NAMED.get(str(jose.read(token, max_bytes=trustlist.MAX_BYTES).header.get("typ")), "others")
    except GovsealError:
        return "others"
