"""A small country with faked ports: institutions, a trust list, a ledger and a site in memory, and attackers' tools.

    world = World()
    paper = world.issue()
    world.verifier().qr_text(paper.compact).verdict.outcome

Keys and salts are the same at every run. Nothing here is faked but the ports: documents are wrapped, sealed,
signed and encrypted by the code under test.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from govseal.core import envelope, jsjson, merkle, native, seal
from govseal.core import secret as secrets_of
from govseal.core.errors import FetchFailed, LedgerUnavailable, NotPublished
from govseal.core.openattestation import v2
from govseal.core.openattestation.salting import uuid4_source
from govseal.core.ports import Anchor, LedgerFacts, LedgerQuestion, ListMemory
from govseal.core.qrtext import CompactCode, OfflineCode
from govseal.core.trustlist import Certificate, DocumentTypeRule, Institution, Store, StoreRef, TrustList
from govseal.core.verify import Report, Verifier
from support.seals import certificate, drawn, signer

HOST = "verify.example"
NOW = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)
ANCHORED_AT = datetime(2026, 3, 1, tzinfo=UTC)
GENESIS = "0x" + "ab" * 32
FIELDS: Mapping[str, Any] = {"name": "សុខ ចាន់ដារ៉ា", "grade": "A", "score": 412, "remark": "with honours"}
DECISIVE = ("name", "grade", "score")
RULES = {"diploma": DocumentTypeRule(DECISIVE), "letter": DocumentTypeRule(("title",))}
ORDER_OF_P256 = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
SHEET = b"%PDF-1.7 the sheet as it was sealed"


def store_of(label: str) -> StoreRef:
    """Return the DocumentStore of an institution."""
    return StoreRef(1337, GENESIS, "0x" + drawn(f"store {label}", 20).hex())


def institution(label: str, *types: str, **changes: Any) -> Institution:
    """Return an institution with one store, one certificate, and the document types named."""
    made = Institution(
        code=label,
        names={"en": f"Ministry {label}"},
        domain=f"{label}.example",
        stores=(Store(store_of(label)),),
        certificates=(Certificate.from_der(certificate(label)),),
        document_types={code: RULES.get(code, DocumentTypeRule(())) for code in types or ("diploma",)},
    )
    return replace(made, **changes)


def trust_list(*institutions: Institution, hosts: tuple[str, ...] = (HOST,), **changes: Any) -> TrustList:
    """Return a fresh list of those institutions."""
    stated: dict[str, Any] = {
        "country": "KH",
        "operator": {"en": "Operator"},
        "sequence": 1,
        "issued_at": NOW - timedelta(days=1),
        "next_update": NOW + timedelta(days=29),
        "hosts": hosts,
        "institutions": institutions or (institution("moeys"), institution("moh", "letter")),
    }
    return TrustList(**{**stated, **changes})


class MemoryLedger:
    """`LedgerReader` over a dict; `away` makes every question fail."""

    def __init__(self) -> None:
        self.issued: dict[tuple[tuple[int, str, str], bytes], datetime] = {}
        self.withdrawn: set[tuple[tuple[int, str, str], bytes]] = set()
        self.away = False
        self.asked: list[int] = []

    def facts(self, questions: Sequence[LedgerQuestion]) -> list[LedgerFacts]:
        return [LedgerFacts(*self._halves(one)) for one in questions]

    def _halves(self, question: LedgerQuestion) -> tuple[Any, Any]:
        try:
            root = question.hashes[-1]
            return self.anchor(question.store, root), any(self.revoked(question.store, question.hashes))
        except LedgerUnavailable as error:
            return error, error

    def anchor(self, store: StoreRef, root: bytes) -> Anchor | None:
        self._answer(1)
        time = self.issued.get((store.key, root))
        return None if time is None else Anchor(root, 7, b"\x0b" * 32, time, 12)

    def revoked(self, store: StoreRef, hashes: Sequence[bytes]) -> list[bool]:
        self._answer(len(hashes))
        return [(store.key, one) in self.withdrawn for one in hashes]

    def revoke(self, node: bytes, by: str = "moeys") -> None:
        """Revoke any hash in the store of `by`."""
        self.withdrawn.add((store_of(by).key, node))

    def _answer(self, questions: int) -> None:
        self.asked.append(questions)
        if self.away:
            raise LedgerUnavailable("The ledger does not answer.")


class MemorySite:
    """`PublishedReader` over a dict; remembers every fetch."""

    def __init__(self) -> None:
        self.objects: dict[tuple[str, str], bytes] = {}
        self.fetched: list[tuple[str, str]] = []
        self.away = False

    def get(self, host: str, path: str, *, max_bytes: int) -> bytes:
        self.fetched.append((host, path))
        if self.away:
            raise FetchFailed("The host does not answer.")
        if (host, path) not in self.objects:
            raise NotPublished("Nothing is published under this name.")
        content = self.objects[host, path]
        if len(content) > max_bytes:
            raise FetchFailed("The published object is too long.")
        return content


@dataclass(frozen=True)
class Paper:
    """An issued document, and what is printed on it."""

    secret: bytes
    raw: dict[str, Any]
    wrapped: dict[str, Any]
    seal: bytes
    host: str = HOST

    @property
    def id(self) -> str:
        return secrets_of.document_id(self.secret)

    @property
    def compact(self) -> str:
        return CompactCode(self.host, self.secret).text

    @property
    def offline(self) -> str:
        return OfflineCode(self.host, self.seal).text

    @property
    def target(self) -> bytes:
        return bytes.fromhex(self.wrapped["signature"]["targetHash"])

    @property
    def root(self) -> bytes:
        return bytes.fromhex(self.wrapped["signature"]["merkleRoot"])


@dataclass
class World:
    """Everything a verifier is given, and everything an issuer or a forger does."""

    lists: Sequence[TrustList] = field(default_factory=lambda: [trust_list()])
    now: datetime = NOW

    def __post_init__(self) -> None:
        self.ledger, self.site = MemoryLedger(), MemorySite()
        self.memory: ListMemory | None = None
        self.new_uuid = uuid4_source(_counted_bytes())

    def verifier(self) -> Verifier:
        """Return a verifier over this world."""
        return Verifier(self.lists, self.site, self.ledger, lambda: self.now, memory=self.memory)

    def check(self, text: str, **arguments: Any) -> Report:
        """Verify a code's text."""
        return self.verifier().qr_text(text, **arguments)

    def check_document(self, document: Any, **arguments: Any) -> Report:
        """Verify a document in hand."""
        return self.verifier().document(document, **arguments)

    # --- what an issuer does --------------------------------------------------------------------------

    def sealed(self, secret: bytes, *, by: str = "moeys", kid_of: str | None = None, **changes: Any) -> bytes:
        """Return a seal, signed with the key of `by` and naming the certificate of `kid_of`."""
        stated: dict[str, Any] = {
            "issuer": f"KH/{by}",
            "issued_at": int(ANCHORED_AT.timestamp()),
            "type": "diploma",
            "secret": secret,
            "fields": {code: FIELDS[code] for code in DECISIVE},
            "status_list": 1,
            "status_index": 9,
        }
        claims = seal.Claims(**{**stated, **changes})
        return seal.sign(claims, kid=seal.key_id(certificate(kid_of or by)), signer=signer(by))

    def raw(self, secret: bytes, sealed: bytes, *, by: str = "moeys", **changes: Any) -> dict[str, Any]:
        """Return the data of a native document."""
        stated: dict[str, Any] = {
            "issuer_name": f"Ministry {by}",
            "issuer_domain": f"{by}.example",
            "document_store": store_of(by).address,
            "document_id": secrets_of.document_id(secret),
            "number": "2026-0001",
            "type": "diploma",
            "type_version": 1,
            "issuer": f"KH/{by}",
            "issued": date(2026, 3, 1),
            "fields": FIELDS,
            "files": [
                native.AttestedFile(
                    "sheet.pdf", "application/pdf", len(SHEET), hashlib.sha256(SHEET).hexdigest()
                )
            ],
            "status_list": 1,
            "status_index": 9,
        }
        return native.build(**{**stated, **changes}, seal=sealed)

    def issue(
        self,
        label: str = "paper",
        *,
        by: str = "moeys",
        seal_changes: Mapping[str, Any] | None = None,
        **changes: Any,
    ) -> Paper:
        """Seal, wrap with three others, anchor and publish one native document."""
        secret = drawn(f"secret {label}", 16)
        sealed = self.sealed(secret, **{"by": by, **(seal_changes or {})})
        return self.anchor(self.raw(secret, sealed, by=by, **changes), secret, sealed, by=by)

    def anchor(
        self,
        raw: dict[str, Any],
        secret: bytes = bytes(16),
        sealed: bytes = b"",
        *,
        by: str = "moeys",
        at: datetime = ANCHORED_AT,
        host: str = HOST,
    ) -> Paper:
        """Wrap any data in a batch of four, enter its root in the store of `by`, and publish it."""
        company = [{"issuers": raw["issuers"], "n": number} for number in range(3)]
        wrapped = v2.wrap_batch([raw, *company], self.new_uuid)[0]
        paper = Paper(secret, raw, wrapped, sealed, host)
        self.ledger.issued[store_of(by).key, paper.root] = at
        self.publish(paper)
        return paper

    def publish(self, paper: Paper, wrapped: Any = None, *, body: bytes | None = None) -> None:
        """Put a document's envelope on its host: what whoever holds the site, and the code, can do."""
        content = jsjson.dumps(paper.wrapped if wrapped is None else wrapped).encode("utf-8", "surrogatepass")
        self.site.objects[paper.host, f"d/{paper.id}"] = envelope.seal(
            content if body is None else body,
            key=secrets_of.document_key(paper.secret),
            document_id=paper.id,
            nonce=bytes(12),
        )


def reseal(raw: dict[str, Any], new_uuid: Callable[[], str]) -> dict[str, Any]:
    """Wrap data alone, digest and all: what a forger without any key can do."""
    return v2.wrap_batch([raw], new_uuid)[0]


def twin(sealed: bytes) -> bytes:
    """Return the other valid ECDSA signature over the same seal: s becomes n - s."""
    signature = seal.read(sealed).signature
    s = ORDER_OF_P256 - int.from_bytes(signature[32:], "big")
    return sealed.replace(signature, signature[:32] + s.to_bytes(32, "big"))


def inner_node(paper: Paper) -> bytes:
    """Return a hash strictly between a document's target and its root."""
    nodes = merkle.path(paper.target, [bytes.fromhex(one) for one in paper.wrapped["signature"]["proof"]])
    return list(nodes)[1]


def _counted_bytes() -> Callable[[int], bytes]:
    drawn_so_far = 0

    def draw(size: int) -> bytes:
        nonlocal drawn_so_far
        drawn_so_far += 1
        return drawn(f"uuids {drawn_so_far}", size)

    return draw
