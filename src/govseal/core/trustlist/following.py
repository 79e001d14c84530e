"""From a pinned key to the one that signs the trust list now, by the statements between (docs/protocol.md clause 6.10).

Invariants:

- each step is the word of the key before; a chain has at most `MAX_STEPS`, passes no key twice, and its numbers do not
  go down;
- two statements of one key that say different things count for nothing, whichever comes first;
- a list counts only from the number at which its key took over, and before the one at which it handed over.

Statements come from a callable, so that nothing here knows whether they were fetched, remembered or kept in a file.

What is *not* here: the form of a statement (`succession`), and what was followed before (`govseal.core.verify`).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from govseal.core import jose
from govseal.core.errors import BadSignature, GovsealError, OutsideError
from govseal.core.trustlist import succession, token
from govseal.core.trustlist.model import TrustList
from govseal.core.trustlist.succession import Succession

MAX_STEPS = 16
"""Successions from a pin to the key in use; who pins an older key is handed a new pin."""

_DIGEST_BYTES = 32

Find = Callable[[str], Sequence[bytes]]
"""Returns the statements at hand of a key, by the hex SHA-256 of its certificate; none where there is none."""


@dataclass(frozen=True, slots=True)
class Followed:
    """A trust list that may be believed, and what led to its key.

    Attributes:
        trust_list: the list.
        statements: what was believed on the way, by the digest of the key that said it.
    """

    trust_list: TrustList
    statements: dict[str, bytes]


def follow(raw: bytes | str, *, pin: bytes, host: str, now: datetime, find: Find) -> Followed:
    """Return a fresh trust list signed by the pinned key, or by one that follows it.

    Args:
        raw: the list as published.
        pin: certificate (DER) that the verifier holds to, or the 32 bytes of its SHA-256.
        host: whose list it is to be; a statement for other hosts counts for nothing.
        now: the time at which the list is to be believed.
        find: returns statements.

    Raises:
        OutsideError: by a chain that is too long, cyclic, going down, forked, for another host, or of statements that
            cannot be read (`SUCCESSION_…`); by a key that had handed over (`LIST_KEY_SUCCEEDED`); or as `token.read`.
        BadSignature: no statement leads to the signer (`UNPINNED_KEY`), or one is not of the key that it names.
        GovsealError: as `token.read`.
    """
    signer = succession.digest(jose.certificate(jose.read(raw, max_bytes=token.MAX_BYTES)))
    chain = _Chain(pin.hex() if len(pin) == _DIGEST_BYTES else succession.digest(pin), host, find)
    while chain.key != signer:
        if not chain.step():
            raise BadSignature(
                "The trust list is not signed by the pinned key, nor by one that follows it: pin the key that is in"
                " use now, handed over in person.",
                code="UNPINNED_KEY",
            )
    trust_list = token.read(raw, pin=bytes.fromhex(chain.key), now=now)
    if trust_list.sequence < chain.sequence:
        raise OutsideError(
            "The trust list has a lower number than those that its key was to sign: tell whoever publishes it.",
            code="SUCCESSION_TOO_EARLY",
            sequence=trust_list.sequence,
        )
    if chain.step() and trust_list.sequence >= chain.sequence:
        raise OutsideError(
            "The trust list is signed by a key that had handed over to another by then: tell whoever publishes it.",
            code="LIST_KEY_SUCCEEDED",
            sequence=trust_list.sequence,
        )
    return Followed(trust_list, chain.statements)


class _Chain:
    """The way from a pin.

    Attributes:
        key: digest of the key it has come to.
        sequence: number of the list from which that key signs; 0 for the pin.
        statements: what was believed, by the key that said it.
    """

    def __init__(self, pin: str, host: str, find: Find) -> None:
        self.key = pin
        self.sequence = 0
        self.statements: dict[str, bytes] = {}
        self._host = host
        self._find = find

    def step(self) -> bool:
        """Go to the key that follows; say whether there is one."""
        found = self._find(self.key)
        if not found:
            return False
        if len(self.statements) == MAX_STEPS:
            raise _refused("SUCCESSION_TOO_LONG", f"More than {MAX_STEPS} keys have followed the pinned one")
        said = _one(found, self.key)
        if self._host not in said.hosts:
            raise _refused(
                "SUCCESSION_OF_ANOTHER_HOST",
                f"The key's successor is named for {said.hosts[0]} and not for here",
            )
        if said.leads_to in self.statements:
            raise _refused("SUCCESSION_CYCLIC", "Keys are named as each other's successors")
        if said.sequence < self.sequence:
            raise _refused("SUCCESSION_ROLLED_BACK", "A key hands over before it took over")
        self.statements[self.key] = found[0]
        self.key, self.sequence = said.leads_to, said.sequence
        return True


def _one(found: Sequence[bytes], key: str) -> Succession:
    """Return what all statements of a key say."""
    try:
        first, *others = (succession.read(one, predecessor=key) for one in found)
    except BadSignature:
        raise
    except GovsealError as error:
        raise OutsideError(f"The key's successor cannot be read: {error.message}", code=error.code) from None
    if any(other != first for other in others):
        raise _refused("SUCCESSION_FORKED", "One key has named two successors")
    return first


def _refused(code: str, why: str) -> OutsideError:
    return OutsideError(f"{why}: pin the key that is in use now, handed over in person.", code=code)
