"""A country's published lists in a folder, without database or processes, and a verifier that reads them there."""

from pathlib import Path

from govseal.adapters.blobs import FolderBlobs
from govseal.core import trustlist
from govseal.core.trustlist import succession
from govseal.project.configuration import Configuration
from govseal.project.wiring.shared import TrustLists
from support.seals import OPERATOR, certificate, signer
from support.world import HOST, NOW, institution, trust_list

LISTED = trust_list(institution("moeys"), operator={"en": OPERATOR})


class Office:
    """Publishes lists into a folder; its clock is the test's.

    Attributes:
        lists: what a verifier of that folder goes by, which pins the key `list`.
    """

    def __init__(self, home: Path, **environment: str) -> None:
        self.configuration = Configuration.load({"GOVSEAL_HOME": str(home), **environment}, running=False)
        self.published = FolderBlobs(self.configuration.published_folder)
        self.now = NOW
        self.pin(certificate("list"))
        self.lists = TrustLists(self.configuration, self.published, lambda: self.now)

    def pin(self, der: bytes) -> None:
        """Let verifiers hold to that certificate."""
        self.configuration.trust_pin_file.parent.mkdir(parents=True, exist_ok=True)
        self.configuration.trust_pin_file.write_bytes(der)

    def publish(self, listed: trustlist.TrustList = LISTED, *, by: str = "list") -> None:
        """Publish a list that a key has signed."""
        token = trustlist.sign(listed, certificate=certificate(by), signer=signer(by))
        self.published.replace(trustlist.PATH, token.encode())


def statement(
    before: str = "list",
    after: str = "list 2",
    sequence: int = 8,
    *hosts: str,
) -> bytes:
    """Return what a list key says of the one that follows it."""
    said = succession.Succession(
        hosts=hosts or (HOST,),
        predecessor=succession.digest(certificate(before)),
        successor=certificate(after),
        sequence=sequence,
        signed_at=LISTED.issued_at,
    )
    return succession.sign(said, certificate=certificate(before), signer=signer(before)).encode()


def place(before: str = "list") -> str:
    """Return where the statement of a key is published."""
    return succession.path(succession.digest(certificate(before)))
