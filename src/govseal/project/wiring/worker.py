"""The anchoring process: ledger accounts and published files; no key that signs seals is within its reach."""

from functools import cache

from django.conf import settings

from govseal.adapters.blobs import FolderBlobs
from govseal.adapters.evm import EvmLedger
from govseal.apps.issuance.services import OutboxPolicy
from govseal.project.configuration import Configuration
from govseal.project.wiring import shared
from govseal.project.wiring.accounts import Accounts


def ledger(configuration: Configuration) -> EvmLedger:
    """Return the ledger with every institution's account."""
    shared.require_chain(configuration)
    return EvmLedger(
        configuration.rpc_url or "",
        configuration.chain_id,
        configuration.genesis,
        Accounts(configuration),
        configuration.finality,
    )


@cache
def outbox_ports() -> tuple[EvmLedger, FolderBlobs, OutboxPolicy]:
    """Return the outbox's ledger, its published files and its policy, made once per process."""
    configuration: Configuration = settings.CONFIGURATION
    return ledger(configuration), shared.published_files(configuration), policy(configuration)


def policy(configuration: Configuration) -> OutboxPolicy:
    """Return when batches are formed and final."""
    return OutboxPolicy(configuration.batch_size, configuration.batch_age, configuration.finality)
