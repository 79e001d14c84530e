"""What there is of keys, folder by folder, as far as this process may look.

What is *not* here: any act on them (`ceremonies`, `ledgerkeys`).
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from govseal.adapters.keys.lifecycle import KeyVersion
from govseal.adapters.keys.record import KeyEventKind
from govseal.project.configuration import Configuration
from govseal.project.wiring import keyfolders
from govseal.project.wiring.keyfolders import LEDGER


@dataclass(frozen=True, slots=True)
class ListedKey:
    """One version of one key.

    Attributes:
        folder: where it lies.
        key: its own name.
        state: `in use`, `prepared`, `replaced`, `retired` or `compromised`.
        identity: SHA-256 of its certificate, hex, or a ledger account's address; empty while it has none.
        created_at: when it was made, or None when the record does not know it.
        retired_at: since when it is not to be used, or None.
        compromised_at: since when somebody else may have used it, or None.
    """

    folder: str
    key: str
    state: str
    identity: str
    created_at: datetime | None
    retired_at: datetime | None
    compromised_at: datetime | None


def keys_in(configuration: Configuration, folder: str) -> list[ListedKey]:
    """Return the keys of one folder, by name and version; none where there is no folder.

    Raises:
        OperatorError: this process may not look (`KEY_FORBIDDEN`), or the record is damaged.
    """
    if not keyfolders.is_there(configuration, folder):
        return []  # to open it would make it a passphrase
    keys = (
        keyfolders.ledger_keys(configuration)
        if folder == LEDGER
        else keyfolders.signing_keys(configuration, folder)
    )
    identities = dict(_identities(configuration, folder))
    return [
        _listed(folder, version, versions, identities)
        for name in keys.names()
        for versions in [keys.versions(name)]
        for version in versions
    ]


def _listed(
    folder: str, version: KeyVersion, versions: list[KeyVersion], identities: Mapping[str, str]
) -> ListedKey:
    return ListedKey(
        folder,
        version.name,
        _state(version, versions),
        identities.get(version.name, ""),
        version.created_at,
        version.retired_at,
        version.compromised_at,
    )


def _state(version: KeyVersion, versions: list[KeyVersion]) -> str:
    if version.compromised_at is not None:
        return "compromised"
    if version.retired_at is not None:
        return "retired"
    if not version.ready:
        return "prepared"
    newest = [one for one in versions if one.ready][-1]
    return "in use" if version is newest else "replaced"


def _identities(configuration: Configuration, folder: str) -> Iterator[tuple[str, str]]:
    if folder == LEDGER:  # from the record, since opening an account takes its passphrase and 0.1 s
        for event in keyfolders.key_record(configuration, folder).read():
            if event.kind is KeyEventKind.CREATED:
                yield event.key, event.facts.get("address", "")
        return
    store = keyfolders.key_store(configuration, folder)
    for key in store.certified_keys():
        yield key, hashlib.sha256(store.certificate(key)).hexdigest()
