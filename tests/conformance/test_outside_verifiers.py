"""Two outside verifiers and ours judge the same documents on the same chain; where we differ, the row says why.

Documents are native ones, sealed and wrapped by core, anchored and revoked in real DocumentStores of a real chain
(id 1337); see `support.outside`.
"""

import copy
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from govseal.core import jsjson, merkle, native
from govseal.core.openattestation import v2
from govseal.core.status import State
from support.conformance import PROJECT
from support.judged import Judged
from support.outside import (
    ALTERED,
    GENUINE,
    IDENTITY,
    INTEGRITY,
    NOT_FOUND,
    REVOKED,
    STATUS,
    UNLISTED,
    VERSIONS,
    WATCHED,
    Asked,
    Registry,
    Row,
    need_verifiers,
    record,
)
from support.world import FIELDS

pytestmark = pytest.mark.npm

OF_DNS = (
    "section 6: who may issue is the signed trust list's to say; no domain is asked about a sealed document"
)
DISOWNED = Row((IDENTITY,), ("not_recognised", "DNS_RECORD_MISSING"))
OF_LISTS = "section 6: OpenAttestation knows no status lists"

ROWS = {
    "alone": Row(),
    "first of five": Row(),
    "third of five": Row(),
    "last of five, promoted": Row(),
    "with a field hidden": Row(),
    "without a seal, of an issuer who seals nothing": Row(),
    "a field changed": ALTERED,
    "a field added": ALTERED,
    "a field removed": ALTERED,
    "another document's proof": ALTERED,
    "the root replaced": Row((INTEGRITY, STATUS), ALTERED.ours),
    "the target replaced": ALTERED,
    "revoked, alone": REVOKED,
    "revoked": REVOKED,
    "beside the revoked one": Row(),
    "under a revoked inner node, left": REVOKED,
    "under a revoked inner node, right": REVOKED,
    "beside the revoked inner node": Row(),
    "under a revoked root": REVOKED,
    "promoted under a revoked root": REVOKED,
    "never anchored": NOT_FOUND,
    "in a store that does not hold it": NOT_FOUND,
    "of a store that neither DNS nor the trust list knows": Row(
        (IDENTITY,), ("not_recognised", "STORE_NOT_LISTED")
    ),
    "of a status list on which nothing happened to it": Row(),
    "revoked, and not yet so in the status list": REVOKED,
    "without a seal, no DNS record": DISOWNED,
    "without a seal, a DNS record of another store": DISOWNED,
    "without a seal, a DNS record of another chain": DISOWNED,
    "without a seal, a DNS record of another domain": DISOWNED,
    # --- where we differ ---
    "no DNS record": Row((IDENTITY,), GENUINE, OF_DNS),
    "a DNS record of another store": Row((IDENTITY,), GENUINE, OF_DNS),
    "a DNS record of another chain": Row((IDENTITY,), GENUINE, OF_DNS),
    "a DNS record of another domain": Row((IDENTITY,), GENUINE, OF_DNS),
    "of a store that only DNS knows": Row((), ("not_recognised", "STORE_NOT_LISTED"), OF_DNS),
    "an empty key shadows a field": Row(
        (), ("altered", "AMBIGUOUS_CONTENT"), "section 1, exceptions: what is shown is not what was hashed"
    ),
    "a decisive field hidden": Row(
        (), ("altered", "SEAL_MISMATCH"), "section 1: a sheet hides nothing that its seal says"
    ),
    "sealed for another grade": Row(
        (), ("altered", "SEAL_MISMATCH"), "section 7, step 8: whoever has the ledger key alone cannot issue"
    ),
    "sealed with another issuer's key": Row(
        (), ("not_recognised", "KEY_NOT_LISTED"), "section 6: seal keys are listed for each institution"
    ),
    "without a seal": Row(
        (), ("not_recognised", "UNSEALED_NOT_ALLOWED"), "section 1: a native issuer's documents are sealed"
    ),
    "suspended": Row((), ("suspended", "SUSPENDED"), f"{OF_LISTS}, and a suspension stands nowhere else"),
    "superseded": Row((), ("replaced", "REPLACED"), f"{OF_LISTS}; until the ledger has the revocation too"),
    "revoked in the status list": Row((), ("revoked", "REVOKED"), f"{OF_LISTS}; until the ledger has it too"),
    "expired": Row((), ("expired", "EXPIRED"), "section 7, step 6: OpenAttestation knows no expiry"),
}  # fmt: skip


def inner_node(wrapped: dict[str, Any]) -> str:
    """Return the hash above a document's, under the root."""
    target, proof = wrapped["signature"]["targetHash"], wrapped["signature"]["proof"]
    return list(merkle.path(bytes.fromhex(target), [bytes.fromhex(one) for one in proof]))[1].hex()


def changed(wrapped: dict[str, Any], change: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
    """Return a document with a change made to a copy."""
    made = copy.deepcopy(wrapped)
    change(made)
    return made


# --- the documents ------------------------------------------------------------------------------------


def anchored(registry: Registry) -> dict[str, Asked]:
    (alone,) = registry.anchor(registry.raw())
    first, _, third, _, last = registry.anchor(*(registry.raw() for _ in range(5)))
    issuer = registry.raw("court")["issuers"]
    (plain,) = registry.anchor({"issuers": issuer, "judgement": "acquitted"}, by="court")
    return {
        "alone": registry.asked(alone),
        "first of five": registry.asked(first),
        "third of five": registry.asked(third),
        "last of five, promoted": registry.asked(last),
        "with a field hidden": registry.asked(v2.obfuscate(first, ["fields.remark"])),
        "without a seal, of an issuer who seals nothing": registry.asked(plain, "court"),
    }


def tampered(registry: Registry) -> dict[str, Asked]:
    one, other = registry.anchor(registry.raw(), registry.raw())
    proof, root = other["signature"]["proof"], other["signature"]["targetHash"]
    salted = one["data"]["fields"]["grade"]
    forged = {
        "a field changed": lambda made: made["data"]["fields"].update(grade=f"{salted}+"),
        "a field added": lambda made: made["data"]["fields"].update(rank=salted),
        "a field removed": lambda made: made["data"]["fields"].pop("remark"),
        "another document's proof": lambda made: made["signature"].update(proof=proof),
        "the root replaced": lambda made: made["signature"].update(merkleRoot=root),
        "the target replaced": lambda made: made["signature"].update(targetHash=root),
    }
    return {name: registry.asked(changed(one, change)) for name, change in forged.items()}


def revoked(registry: Registry) -> dict[str, Asked]:
    (alone,) = registry.anchor(registry.raw())
    one, beside = registry.anchor(registry.raw(), registry.raw())
    four = sorted(registry.anchor(*(registry.raw() for _ in range(4))), key=target)
    five = sorted(registry.anchor(*(registry.raw() for _ in range(5))), key=target)
    for node in (target(alone), target(one), inner_node(four[0]), five[0]["signature"]["merkleRoot"]):
        registry.revoke(node)
    return {
        "revoked, alone": registry.asked(alone),
        "revoked": registry.asked(one),
        "beside the revoked one": registry.asked(beside),
        "under a revoked inner node, left": registry.asked(four[0]),
        "under a revoked inner node, right": registry.asked(four[1]),
        "beside the revoked inner node": registry.asked(four[2]),
        "under a revoked root": registry.asked(five[0]),
        "promoted under a revoked root": registry.asked(five[4]),
    }


def target(wrapped: dict[str, Any]) -> str:
    return str(wrapped["signature"]["targetHash"])


def held_elsewhere(registry: Registry) -> dict[str, Asked]:
    (loose,) = registry.wrap(registry.raw())
    (misplaced,) = registry.anchor(registry.raw("moh"), by="moeys")
    (unknown,) = registry.anchor(registry.raw(UNLISTED), by=UNLISTED)
    return {
        "never anchored": registry.asked(loose),
        "in a store that does not hold it": registry.asked(misplaced, "moh"),
        "of a store that neither DNS nor the trust list knows": registry.asked(unknown, records={}),
        "of a store that only DNS knows": registry.asked(unknown, UNLISTED),
    }


def of_other_names(registry: Registry) -> dict[str, Asked]:
    (sealed,) = registry.anchor(registry.raw())
    issuers = registry.raw("court")["issuers"]
    (plain,) = registry.anchor({"issuers": issuers, "judgement": "acquitted"}, by="court")
    return {
        **{name: registry.asked(sealed, records=found) for name, found in wrong_records(registry, "moeys")},
        **{
            f"without a seal, {name}": registry.asked(plain, records=found)
            for name, found in wrong_records(registry, "court")
        },
    }


def wrong_records(registry: Registry, by: str) -> list[tuple[str, dict[str, list[str]]]]:
    """Return what DNS may say otherwise than that the store of `by` is its own."""
    own, other = registry.stores[by], registry.stores["moh"]
    return [
        ("no DNS record", {}),
        ("a DNS record of another store", {f"{by}.example": [record(other)]}),
        ("a DNS record of another chain", {f"{by}.example": [record(own, chain=1)]}),
        ("a DNS record of another domain", {"moh.example": [record(own)]}),
    ]


def ours_to_refuse(registry: Registry) -> dict[str, Asked]:
    ended = date(2026, 5, 1)
    raw = registry.raw()
    whole, upgraded, borrowed, bare, expired = registry.anchor(
        raw,
        registry.raw(fields={**FIELDS, "grade": "A+"}),
        registry.raw(seal={"kid_of": "moh"}),
        {"issuers": raw["issuers"], "grade": "A"},
        registry.raw(valid_until=ended, seal={"expires_at": native.expires_at(ended)}),
    )
    shadow = {"fields": {"name": "00000000-0000-4000-8000-000000000001:string:Forged"}}
    return {
        "an empty key shadows a field": registry.asked({**whole, "data": {"": shadow, **whole["data"]}}),
        "a decisive field hidden": registry.asked(v2.obfuscate(whole, ["fields.grade"])),
        "sealed for another grade": registry.asked(upgraded),
        "sealed with another issuer's key": registry.asked(borrowed),
        "without a seal": registry.asked(bare),
        "expired": registry.asked(expired),
    }


def with_a_standing(registry: Registry) -> dict[str, Asked]:
    states = {
        "of a status list on which nothing happened to it": State.VALID,
        "revoked, and not yet so in the status list": State.VALID,
        "suspended": State.SUSPENDED,
        "superseded": State.SUPERSEDED,
        "revoked in the status list": State.REVOKED,
    }
    raws = [registry.raw(WATCHED) for _ in states]
    wrapped = dict(zip(states, registry.anchor(*raws, by=WATCHED), strict=True))
    places = [raw["govseal"]["status"]["idx"] for raw in raws]
    registry.list_states(dict(zip(places, states.values(), strict=True)))
    registry.revoke(target(wrapped["revoked, and not yet so in the status list"]), WATCHED)
    return {name: registry.asked(document, WATCHED) for name, document in wrapped.items()}


# --- what is said of them -----------------------------------------------------------------------------


@pytest.mark.parametrize("package", VERSIONS)
def test_the_outside_verifiers_are_of_the_versions_we_name(package: str) -> None:
    need_verifiers()
    installed = jsjson.parse((PROJECT / "node_modules" / package / "package.json").read_bytes())
    assert installed["version"] == VERSIONS[package]


class TestVersion2(Judged):
    """The rows above."""

    ROWS = ROWS

    @staticmethod
    def made(registry: Registry) -> dict[str, Asked]:
        """Return the document of each row."""
        makers = (
            anchored,
            tampered,
            revoked,
            held_elsewhere,
            of_other_names,
            ours_to_refuse,
            with_a_standing,
        )
        return {name: asked for make in makers for name, asked in make(registry).items()}
