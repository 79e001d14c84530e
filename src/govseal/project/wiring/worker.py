"""The anchoring and publishing process: ledger accounts, published files, the keys of lists and receipts.

No key that signs seals is within its reach.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial

from django.conf import settings

from govseal.adapters.blobs import FolderBlobs
from govseal.adapters.evm import EvmEvents, EvmLedger
from govseal.apps.issuance.services import OutboxPolicy
from govseal.core.ports import Signer
from govseal.project.configuration import Configuration
from govseal.project.wiring import publishers, shared
from govseal.project.wiring.accounts import Accounts


def ledger(configuration: Configuration) -> EvmLedger:
    """Return the ledger with every institution's account, and those before it."""
    shared.require_chain(configuration)
    accounts = Accounts(configuration)
    return EvmLedger(
        configuration.rpc_url or "",
        configuration.chain_id,
        configuration.genesis,
        accounts,
        configuration.finality,
        earlier=accounts.earlier,
    )


@cache
def outbox_ports() -> tuple[EvmLedger, FolderBlobs, OutboxPolicy]:
    """Return the outbox's ledger, its published files and its policy, made once per process."""
    configuration: Configuration = settings.CONFIGURATION
    return ledger(configuration), shared.published_files(configuration), policy(configuration)


def policy(configuration: Configuration) -> OutboxPolicy:
    """Return when batches are formed and final, and when a transaction is replaced."""
    return OutboxPolicy(
        configuration.batch_size,
        configuration.batch_age,
        configuration.finality,
        configuration.replace_after,
    )


@dataclass(frozen=True, slots=True)
class PublishingPorts:
    """What publishing needs.

    Attributes:
        host: whose lists and receipts they are.
        published: the published files.
        status_signer: opens the status key in use.
        anchor_signer: opens the anchor key in use.
    """

    host: str
    published: FolderBlobs
    status_signer: Callable[[], Signer]
    anchor_signer: Callable[[], Signer]


@cache
def publishing_ports() -> PublishingPorts:
    """Return what publishing needs, made once per process; which key is in use is asked each time."""
    return publishing(settings.CONFIGURATION)


def publishing(configuration: Configuration) -> PublishingPorts:
    """Return what publishing needs."""
    return PublishingPorts(
        configuration.host,
        shared.published_files(configuration),
        partial(publishers.status_signer, configuration),
        partial(publishers.anchor_signer, configuration),
    )


@cache
def ledger_events() -> EvmEvents:
    """Return the ledger's events, made once per process."""
    configuration: Configuration = settings.CONFIGURATION
    shared.require_chain(configuration)
    return EvmEvents(configuration.rpc_url or "", configuration.chain_id, configuration.genesis)
