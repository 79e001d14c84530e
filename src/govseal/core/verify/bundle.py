"""Evidence in one file: all that verifies a document years later without its platform (docs/evidence.md).

    {"format": "govseal-evidence-1", "made": "2026-06-01T09:00:00Z", "document": {…}, "trustList": "<JWS>",
     "statusList": {"uri": "https://…/status/1", "token": "<JWS>"}, "notices": "<JWS>" or null, "receipt": "<JWS>",
     "block": {…} or null, "successions": ["<JWS>", …]}

A bundle holds the *whole document in clear text*, its secret within the seal: whoever has it can read the document
and make its codes, as whoever holds the paper can. It holds no key and no access code.

Invariants: members are exactly these and bounded; `read` accepts what `to_bytes` makes, and files from before
notices and successions were kept. Nothing in a bundle is believed but for the signatures in it: `made` and `block` are
its maker's word, and whoever verifies judges by a trust list and a pin of their own.

What is *not* here: judging (`verifier`), and gathering what goes in (`govseal.apps.verification`).
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from govseal.core import jsjson, receipt, status, trustlist
from govseal.core.errors import InputError, MalformedDocument, NotPublished, TooLargeError
from govseal.core.qrtext.origin import origin_of
from govseal.core.trustlist import succession

FORMAT = "govseal-evidence-1"
DOCUMENT_LIMIT = 4 << 20
MAX_BYTES = (
    DOCUMENT_LIMIT
    + trustlist.MAX_BYTES
    + 2 * status.MAX_BYTES
    + status.NOTICES_MAX_BYTES
    + 2 * receipt.MAX_BYTES
    + trustlist.MAX_STEPS * succession.MAX_BYTES
)

_ADDED: dict[str, Any] = {"notices": None, "successions": []}
"""What files of earlier versions do not have."""

_MEMBERS = {"format", "made", "document", "trustList", "statusList", "receipt", "block", *_ADDED}
_STATUS = {"uri", "token"}
_BLOCK = {"number", "hash", "time", "confirmations"}
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z", re.ASCII)
_HASH = re.compile(r"0x[0-9a-f]{64}")
_URI_LIMIT = 2048
_MAX_EXACT = (1 << 53) - 1


@dataclass(frozen=True, slots=True)
class BlockFacts:
    """What the maker of a bundle read from the ledger: for looking up, signed by nobody.

    Attributes:
        number: height of the block that holds the registration.
        hash: 32 bytes.
        time: the block's timestamp, UTC.
        confirmations: blocks from that one to the head, the block itself counted.
    """

    number: int
    hash: bytes
    time: datetime
    confirmations: int


@dataclass(frozen=True, slots=True)
class Bundle:
    """One evidence file; as a `PublishedReader` it answers for the list and the receipt that it holds.

    Attributes:
        made: when it was made, by its maker's clock; UTC, whole seconds.
        document: the attested document in clear text.
        trust_list: the list by which it was judged, as published.
        status_uri: URI of the status list.
        status_list: that list, as published.
        receipt: the anchor receipt, as published.
        block: what the ledger said; None when it could not be asked.
        notices: why and since when the list's documents are not valid, as published; None where that was not told.
        successions: statements that lead from older keys to the trust list's signer, as published, oldest first.
    """

    made: datetime
    document: Any
    trust_list: str
    status_uri: str
    status_list: str
    receipt: str
    block: BlockFacts | None = None
    notices: str | None = None
    successions: tuple[str, ...] = ()

    def statements(self, key: str) -> list[bytes]:
        """Return what the bundle holds of a list key's word (see `trustlist.Find`)."""
        return [one.encode() for one in self.successions if succession.predecessor_of(one) == key]

    def get(self, host: str, path: str, *, max_bytes: int) -> bytes:
        """Return a list or receipt of the bundle (see `govseal.core.ports.PublishedReader`).

        Raises:
            NotPublished: the bundle holds none of that name.
            TooLargeError: it is longer than allowed.
        """
        if f"{origin_of(host)}/{path}" == self.status_uri:
            content = self.status_list.encode()
        elif self.notices and f"{origin_of(host)}/{path}" == self.status_uri + status.NOTICES_SUFFIX:
            content = self.notices.encode()
        elif path.startswith("a/"):  # of which root it is, the receipt itself says under its signature
            content = self.receipt.encode()
        else:
            raise NotPublished("The evidence holds nothing of this name.", path=path)
        if len(content) > max_bytes:
            raise TooLargeError("A list in the evidence is longer than any list.", path=path)
        return content

    def to_bytes(self) -> bytes:
        """Return the file."""
        block = self.block and {
            "number": self.block.number,
            "hash": f"0x{self.block.hash.hex()}",
            "time": _text_of(self.block.time),
            "confirmations": self.block.confirmations,
        }
        members = {
            "format": FORMAT,
            "made": _text_of(self.made),
            "document": self.document,
            "trustList": self.trust_list,
            "statusList": {"uri": self.status_uri, "token": self.status_list},
            "notices": self.notices,
            "receipt": self.receipt,
            "block": block,
            "successions": list(self.successions),
        }
        return jsjson.dumps(members).encode("utf-8", "surrogatepass")


def read(raw: bytes) -> Bundle:
    """Read an evidence file; nothing in it is judged yet.

    Raises:
        MalformedDocument: not one (`MALFORMED_EVIDENCE`).
        TooLargeError: longer than `MAX_BYTES`.
    """
    try:
        parsed = jsjson.parse(raw, max_bytes=MAX_BYTES)
        members = _object({**_ADDED, **parsed} if isinstance(parsed, dict) else parsed, _MEMBERS)
    except TooLargeError:
        raise
    except InputError as error:
        raise _refusal(error.message) from None
    if members["format"] != FORMAT:
        raise _refusal(f"its format is not {FORMAT}")
    listed = _object(members["statusList"], _STATUS)
    return Bundle(
        made=_moment(members["made"]),
        document=members["document"],
        trust_list=_token(members["trustList"], trustlist.MAX_BYTES),
        status_uri=_token(listed["uri"], _URI_LIMIT),
        status_list=_token(listed["token"], status.MAX_BYTES),
        receipt=_token(members["receipt"], receipt.MAX_BYTES),
        block=None if members["block"] is None else _block(_object(members["block"], _BLOCK)),
        notices=None if members["notices"] is None else _token(members["notices"], status.NOTICES_MAX_BYTES),
        successions=_successions(members["successions"]),
    )


def _block(members: dict[str, Any]) -> BlockFacts:
    if not isinstance(members["hash"], str) or not _HASH.fullmatch(members["hash"]):
        raise _refusal("its block has no hash")
    return BlockFacts(
        number=_count(members["number"]),
        hash=bytes.fromhex(members["hash"][2:]),
        time=_moment(members["time"]),
        confirmations=_count(members["confirmations"]),
    )


def _successions(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or len(value) > trustlist.MAX_STEPS:
        raise _refusal("what leads to the trust list's key is no short array")
    tokens = tuple(_token(one, succession.MAX_BYTES) for one in value)
    for one in tokens:
        try:
            succession.predecessor_of(one)
        except InputError as error:
            raise _refusal(error.message) from None
    return tokens


def _object(value: Any, names: set[str]) -> dict[str, Any]:
    if not isinstance(value, dict) or value.keys() != names:
        raise _refusal(f"an object has other members than {', '.join(sorted(names))}")
    return value


def _token(value: Any, limit: int) -> str:
    if not isinstance(value, str) or not value.isascii() or len(value) > limit:
        raise _refusal("a list, a receipt or an address is no text of bounded length")
    return value


def _count(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= _MAX_EXACT:
        raise _refusal("a number is no count")
    return value


def _moment(value: Any) -> datetime:
    if not isinstance(value, str) or not _MOMENT.fullmatch(value):
        raise _refusal("a moment is not written as 2026-06-01T09:00:00Z")
    try:
        return datetime.fromisoformat(value)
    except ValueError:
        raise _refusal("a moment is none of the calendar") from None


def _text_of(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S}Z"


def _refusal(why: str) -> MalformedDocument:
    return MalformedDocument(f"This is no evidence file: {why}.", code="MALFORMED_EVIDENCE")
