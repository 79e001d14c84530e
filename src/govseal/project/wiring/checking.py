"""A verifier for the command line: needs the published files or the network, and no database.

Codes of this installation's own host are answered from its files, others over https from hosts that the trust
list names. A demonstration's port that no longer answers was this machine's: then its files answer as well.
"""

import gc
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from govseal.adapters.http import HttpPublished
from govseal.apps.verification import evidence, files, services
from govseal.apps.verification.many import Checked, Item, many_verify
from govseal.core.errors import FetchFailed
from govseal.core.ports import PublishedReader
from govseal.core.verify import Report, Verifier
from govseal.project.configuration import Configuration
from govseal.project.wiring import shared
from govseal.project.wiring.sheets import Sheets


class Checker:
    """Verifies texts and files against the installation's trust list.

    Attributes:
        configuration: names the data folder and the chain.

    Raises:
        OperatorError: no trust list or no chain is configured.
    """

    def __init__(self, configuration: Configuration) -> None:
        self.configuration = configuration
        own = shared.published_files(configuration)
        self._trust_lists = shared.TrustLists(configuration, own)
        lists = self._trust_lists()
        hosts = {host for one in lists for host in one.hosts}
        self._sheets = Sheets()
        self._ledger = shared.ledger_reader(configuration)
        self._verifier = Verifier(
            trust_lists=lists,
            published=_OwnFirst(configuration.host, own, HttpPublished(hosts)),
            ledger=self._ledger,
            clock=shared.utc_now,
            memory=self._trust_lists.memory,
            responders=shared.responders(lists),
            dns=shared.dns_reader(configuration),
        )
        gc.freeze()  # what is loaded by now stays: to look it over again and again takes a twelfth of checking

    def close(self) -> None:
        """Close the connections to the ledger."""
        self._ledger.close()

    def text(self, text: str) -> Report:
        """Verify the text of a code, or a link."""
        return services.text_verify(text=text, verifier=self._verifier)

    def texts(self, texts: Sequence[str]) -> list[Report]:
        """Verify the texts of many codes at once; hand in thousands in parts."""
        return services.texts_verify(texts=texts, verifier=self._verifier)

    def many(self, items: Iterable[Item], seen: Mapping[str, str]) -> Iterator[Checked]:
        """Verify many files and links in this process; see `many_verify`."""
        return many_verify(items=items, verifier=self._fresh, sheets=self._sheets, seen=seen)

    def file(self, content: bytes) -> Report:
        """Verify a PDF, a picture or an OpenAttestation file."""
        return files.file_verify(content=content, verifier=self._verifier, sheets=self._sheets).report

    def evidence_of_text(self, text: str) -> bytes:
        """Return the evidence file of a code's document."""
        return evidence.evidence_of_text(
            text=text, verifier=self._verifier, trust_token=self._trust_lists.token()
        )

    def evidence_of_file(self, content: bytes) -> bytes:
        """Return the evidence file of a PDF, a picture or an OpenAttestation file."""
        return evidence.evidence_of_file(
            content=content,
            verifier=self._verifier,
            sheets=self._sheets,
            trust_token=self._trust_lists.token(),
        )

    def _fresh(self) -> Verifier:
        return replace(self._verifier, trust_lists=self._trust_lists())


def _is_here(host: str) -> bool:
    """Say whether a host is a demonstration's, which lives on this machine only."""
    return host.startswith("http://localhost:")


class _OwnFirst:
    """`PublishedReader` that answers for one host from files and for the others over the network."""

    def __init__(self, host: str, own: PublishedReader, others: PublishedReader) -> None:
        self._host, self._own, self._others = host, own, others

    def get(self, host: str, path: str, *, max_bytes: int) -> bytes:
        if host == self._host:
            return self._own.get(host, path, max_bytes=max_bytes)
        try:
            return self._others.get(host, path, max_bytes=max_bytes)
        except FetchFailed:
            if not _is_here(host):
                raise
            return self._own.get(host, path, max_bytes=max_bytes)
