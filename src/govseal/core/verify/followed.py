"""Statements of succession that were followed: each key's first one stands for ever (docs/protocol.md clause 6.10.5).

Whoever steals a list key after it has handed over can name another successor. A verifier that has followed the first
statement goes by that one, whatever is published later or no longer published; the second is kept beside it and
reported. One that has followed none goes by what is published.

What is *not* here: the rules of a chain (`govseal.core.trustlist.following`), older and forked lists (`memory`), and
where things are kept.
"""

from datetime import datetime

from govseal.core import trustlist
from govseal.core.errors import BadSignature, GovsealError, NotPublished, OutsideError
from govseal.core.ports import KeptList, ListMemory, PublishedReader
from govseal.core.trustlist import TrustList, succession


def read_trust_list(
    token: bytes,
    *,
    pin: bytes,
    host: str,
    now: datetime,
    published: PublishedReader,
    memory: ListMemory,
) -> TrustList:
    """Return a trust list of the pinned key, or of one that follows it; remember what was followed.

    Args:
        token: the list as published.
        pin: certificate (DER) that the verifier holds to, or its SHA-256.
        host: whose list it is to be, and where its statements are published.
        now: the time at which the list is to be believed.
        published: reads the statements of that host.
        memory: where statements are kept.

    Raises:
        OutsideError: as of `trustlist.follow`; where nothing leads to the signer, `SUCCESSION_FORKED` when a second
            statement is published, or why a statement could not be fetched that was never followed.
        GovsealError: as of `trustlist.follow`.
    """
    statements = _Statements(host, published, memory)
    try:
        followed = trustlist.follow(token, pin=pin, host=host, now=now, find=statements.find)
    except BadSignature as error:
        if error.code == "UNPINNED_KEY" and statements.trouble:
            raise statements.trouble from None
        raise
    statements.keep(followed.statements)
    return followed.trust_list


def as_published(published: PublishedReader, host: str) -> trustlist.Find:
    """Return what finds a key's statement where a host publishes it, for `trustlist.follow`; nothing is remembered."""

    def find(key: str) -> list[bytes]:
        try:
            return [published.get(host, succession.path(key), max_bytes=succession.MAX_BYTES)]
        except NotPublished:
            return []

    return find


class _Statements:
    """The statements of one host, as they were followed or else as they are published.

    Attributes:
        trouble: why nothing may lead to a signer: another statement is published than the one that was followed, or one
            that was never followed could not be fetched.
    """

    def __init__(self, host: str, published: PublishedReader, memory: ListMemory) -> None:
        self.trouble: OutsideError | None = None
        self._fetch = as_published(published, host)
        self._memory = memory

    def find(self, key: str) -> list[bytes]:
        """Return the statement of a key to go by; see `trustlist.Find`."""
        kept = self._memory.recall(_name(key))
        try:
            found = list(self._fetch(key))
        except OutsideError as error:
            found, self.trouble = [], self.trouble or error
        if kept is None:
            return found
        if any(_contradicts(kept.token, one, key) for one in found):
            self._memory.report(_name(key), "SUCCESSION_FORKED", found[0])
            self.trouble = OutsideError(
                "A list key has named a second successor, and the list is signed by that: both were kept; tell whoever"
                " publishes them.",
                code="SUCCESSION_FORKED",
            )
        return [kept.token]

    def keep(self, statements: dict[str, bytes]) -> None:
        """Remember the statements that were followed; the first of each key stays."""
        for key, statement in statements.items():
            self._memory.keep(_name(key), KeptList(0, trustlist.fingerprint(statement), statement))


def _name(key: str) -> str:
    return f"successor of {key}"


def _contradicts(kept: bytes, found: bytes, key: str) -> bool:
    """Say whether a key has signed something else besides what was followed."""
    if found == kept:
        return False
    try:
        return succession.read(found, predecessor=key) != succession.read(kept, predecessor=key)
    except GovsealError:  # not the key's word: anybody can put that there, and it says nothing
        return False
