"""The status lists that documents verified together go by: each is recalled, fetched and judged once for all of them.

So they cannot see two different ones, and nobody is asked a hundred times; what is wrong with a list is wrong for each
of them.

What is *not* here: what a list says of a document (`standing`), and what makes a list believed (`govseal.core.status`,
`memory`).
"""

from datetime import datetime

from govseal.core import status
from govseal.core.errors import FetchFailed, GovsealError, NotPublished, OutsideError
from govseal.core.ports import ListMemory, PublishedReader
from govseal.core.qrtext.origin import origin_of
from govseal.core.trustlist import TrustList
from govseal.core.verify import memory as remembering
from govseal.core.verify.memory import Believed


class StatusLists:
    """Lists by URI, for one moment.

    Args:
        published: reads them.
        memory: where believed ones are kept, if anywhere.
        now: the time at which they are to be believed.
        offline: whether nothing but files is at hand: then they may be older, and the newest that was believed judges.
    """

    def __init__(
        self, published: PublishedReader, memory: ListMemory | None, *, now: datetime, offline: bool
    ) -> None:
        self._published = published
        self._memory = memory
        self._now = now
        self._max_age = status.OFFLINE_AGE if offline else status.ONLINE_AGE
        self._offline = offline
        self._found: dict[tuple[str, int], Believed | GovsealError] = {}

    def get(self, uri: str, *, host: str, trust: TrustList) -> Believed:
        """Return the list of a URI of `host`, signed by a status key of `trust`.

        Raises:
            OutsideError: it could not be fetched (`STATUS_LIST_UNAVAILABLE`).
            GovsealError: it cannot be believed, as of `memory.read_status_list`.
        """
        name = uri, id(trust)  # a trust list lives longer than a verification by it
        if name not in self._found:
            try:
                self._found[name] = self._read(uri, host, trust)
            except GovsealError as error:
                self._found[name] = error
        found = self._found[name]
        if isinstance(found, GovsealError):
            raise found
        return found

    def _read(self, uri: str, host: str, trust: TrustList) -> Believed:
        last = remembering.recall(self._memory, uri)
        path = uri.removeprefix(f"{origin_of(host)}/")
        try:
            token = self._published.get(host, path, max_bytes=status.MAX_BYTES)
        except (NotPublished, FetchFailed):
            message = "The list of revoked documents could not be fetched."
            raise OutsideError(message, code="STATUS_LIST_UNAVAILABLE") from None
        return remembering.read_status_list(
            token,
            uri=uri,
            certificates=trust.status_certificates,
            now=self._now,
            max_age=self._max_age,
            memory=self._memory,
            last=last,
            may_be_older=self._offline,
        )
