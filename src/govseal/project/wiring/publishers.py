"""The keys that sign what is published of documents: status lists and anchor receipts.

They are the worker's. The operator has them made and certified, and names their certificates in the trust list
(`keys.publisher_certificates`), before anything is signed with them.

    token = status.sign_jwt(listed, signer=publishers.status_signer(configuration))

What is *not* here: any key that signs seals or the trust list (`keys`), which the worker must never reach.
"""

from functools import cache

from govseal.core.ports import Signer
from govseal.project.configuration import Configuration
from govseal.project.wiring import keyfolders


def status_signer(configuration: Configuration) -> Signer:
    """Return the key in use for status lists; ask anew for each list, since keys are rotated.

    Raises:
        OperatorError: `NO_KEY_IN_USE`: none is made yet, or it is retired or compromised.
    """
    return _signer(configuration, keyfolders.STATUS)


def anchor_signer(configuration: Configuration) -> Signer:
    """Return the key in use for anchor receipts; as `status_signer`."""
    return _signer(configuration, keyfolders.ANCHOR)


def _signer(configuration: Configuration, kind: str) -> Signer:
    current = keyfolders.signing_keys(configuration, kind).current(kind)
    return _opened(configuration, kind, current.name)


@cache
def _opened(configuration: Configuration, kind: str, version: str) -> Signer:
    """Open one version of a key, once in a process: scrypt takes 0.1 s."""
    return keyfolders.key_store(configuration, kind).signer(version)
