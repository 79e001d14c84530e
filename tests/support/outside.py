"""Documents in real DocumentStores, asked of two outside verifiers and of ours.

    registry = Registry(ledger)
    (wrapped,) = registry.anchor(registry.raw())
    said(chain, {"alone": registry.asked(wrapped)})["alone"]["@govtechsg/oa-verify"]["valid"]

The outside verifiers are the unmodified npm packages; DNS answers are supplied to them, nothing else is. Ours goes
by a trust list that names all of the stores but one.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from govseal.adapters.dns import resolver_of
from govseal.adapters.evm import EvmLedger
from govseal.adapters.localchain import LocalChain
from govseal.core import jsjson, status
from govseal.core.openattestation import v2
from govseal.core.status import State
from govseal.core.trustlist import Certificate, Store, StoreRef
from govseal.core.verify.binding import UNSEALED_TYPE
from support.chain import mined
from support.nameserver import nameserver
from support.node import PROJECT, need_npm, run_lines
from support.seals import certificate, drawn, signer
from support.world import HOST, NOW, World, institution, trust_list

VERSIONS = {"@govtechsg/oa-verify": "9.4.0", "@tradetrust-tt/tt-verify": "9.7.2"}
INTEGRITY, STATUS, IDENTITY = "DOCUMENT_INTEGRITY", "DOCUMENT_STATUS", "ISSUER_IDENTITY"
GENUINE = ("genuine", None)
LISTED = {"moeys": "diploma", "moh": "diploma", "archive": "diploma", "court": UNSEALED_TYPE}
UNLISTED = "nobody"
WATCHED = "archive"
"""The one institution whose documents have a status list."""
STATUS_URI = f"https://{HOST}/status/1"

_PEER = PROJECT / "tests" / "conformance" / "verifiers_peer.mjs"


@dataclass(frozen=True)
class Row:
    """What is said of one document.

    Attributes:
        theirs: the types that both outside verifiers find INVALID; all others are VALID.
        ours: our outcome and the code of its reason.
        why: set where they say valid and we do not, or the reverse.
    """

    theirs: tuple[str, ...] = ()
    ours: tuple[str, str | None] = GENUINE
    why: str = ""


ALTERED = Row((INTEGRITY,), ("altered", "DOCUMENT_TAMPERED"))
REVOKED = Row((STATUS,), ("revoked", "REVOKED"))
NOT_FOUND = Row((STATUS,), ("not_found", "ROOT_NOT_ISSUED"))


@dataclass(frozen=True)
class Asked:
    """A document, and what DNS says of whom."""

    document: dict[str, Any]
    records: dict[str, list[str]]


class Registry:
    """Real DocumentStores, and what is sealed, anchored and revoked in them."""

    def __init__(self, ledger: EvmLedger) -> None:
        self._ledger = ledger
        names = (*LISTED, UNLISTED)
        self.stores = {name: ledger.deploy(account="treasury", name=name) for name in names}
        listed = [
            institution(
                name,
                kind,
                stores=(Store(self.stores[name]),),
                status_uris=(STATUS_URI,) if name == WATCHED else (),
            )
            for name, kind in LISTED.items()
        ]
        own = Certificate.from_der(certificate("status"))
        self.world = World(lists=[trust_list(*listed, status_certificates=(own,))])
        self._drawn = 0

    def raw(self, by: str = "moeys", seal: dict[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
        """Return the data of another sealed diploma, with a place of its own in status list 1."""
        self._drawn += 1
        secret = drawn(f"outside {self._drawn}", 16)
        sealed = self.world.sealed(secret, by=by, status_index=self._drawn, **(seal or {}))
        stated = {"document_store": self.stores[by].address, "status_index": self._drawn, **changes}
        return self.world.raw(secret, sealed, by=by, **stated)

    def list_states(self, states: Mapping[int, State]) -> None:
        """Publish status list 1 with those states."""
        made = status.StatusList(
            STATUS_URI,
            NOW - timedelta(hours=1),
            NOW + timedelta(days=7),
            timedelta(hours=1),
            status.build(states),
        )
        token = status.sign_jwt(made, certificate=certificate("status"), signer=signer("status"))
        self.world.site.objects[HOST, "status/1"] = token.encode()

    def wrap(self, *raws: dict[str, Any]) -> list[dict[str, Any]]:
        """Wrap one batch."""
        return v2.wrap_batch(raws, self.world.new_uuid)

    def anchor(self, *raws: dict[str, Any], by: str = "moeys") -> list[dict[str, Any]]:
        """Wrap one batch and enter its root."""
        wrapped = self.wrap(*raws)
        self.issue(wrapped[0]["signature"]["merkleRoot"], by)
        return wrapped

    def issue(self, root: str, by: str = "moeys") -> None:
        """Enter a root in the store of `by`."""
        mined(self._ledger, self._ledger.issue(self.stores[by], bytes.fromhex(root), account="treasury"))

    def revoke(self, node: str, by: str = "moeys") -> None:
        """Revoke any hash in the store of `by`."""
        sent = self._ledger.revoke(self.stores[by], bytes.fromhex(node), account="treasury")
        mined(self._ledger, sent)

    def asked(self, document: dict[str, Any], by: str = "moeys", **records: Any) -> Asked:
        """Return the document with the right record at its issuer's domain, unless told otherwise."""
        return Asked(document, records.get("records", {f"{by}.example": [record(self.stores[by])]}))

    def told(self, asked: Asked) -> tuple[str, str | None]:
        """Return what our verifier says, on the same answers of DNS."""
        with nameserver(asked.records) as names:
            verifier = replace(self.world.verifier(), ledger=self._ledger, dns=resolver_of(names.address))
            verdict = verifier.document(jsjson.parse(jsjson.dumps(asked.document))).verdict
        return verdict.outcome.value, verdict.reason.code if verdict.reason else None


def record(store: StoreRef, *, chain: int | None = None) -> str:
    """Return the DNS-TXT record that speaks for a store."""
    return f"openatts net=ethereum netId={chain or store.chain_id} addr={store.address}"


def need_verifiers() -> None:
    """Skip the calling test where one of the outside verifiers is not installed."""
    for package in VERSIONS:
        need_npm(package)


def said(chain: LocalChain, documents: Mapping[str, Asked]) -> dict[str, dict[str, Any]]:
    """Return for each document what each outside verifier says, all asked in one process."""
    lines = [
        {"document": one.document, "records": one.records, "rpc": chain.rpc_url} for one in documents.values()
    ]
    return dict(zip(documents, map(jsjson.parse, run_lines(_PEER, lines)), strict=True))


def check_said(answers: Mapping[str, Any], row: Row) -> None:
    """Assert that each outside verifier says what the row expects, and could tell."""
    for package, answer in answers.items():
        invalid = {kind for kind, found in answer["statuses"].items() if found == "INVALID"}
        assert invalid == set(row.theirs), package
        assert set(answer["statuses"].values()) <= {"VALID", "INVALID"}
        assert answer["valid"] is not bool(row.theirs)


def differing(rows: Mapping[str, Row]) -> set[str]:
    """Return the rows in which they say valid and we do not, or the reverse."""
    return {name for name, row in rows.items() if (row.ours == GENUINE) is bool(row.theirs)}
