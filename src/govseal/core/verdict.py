"""From fragments to the one outcome a person is told (docs/protocol.md section 7).

A *fragment* is the result of one numbered step of `verify`. Three families of fragments must each hold a
VALID, steps 4 to 7 one each, and none may be INVALID or ERROR, before a sheet is genuine: "all skipped" is never
valid, and an ERROR ("could not tell") is never shown as "false".

    >>> conclude([]).outcome
    <Outcome.COULD_NOT_CHECK: 'could_not_check'>

What is *not* here: taking the steps (`verify`), and the words in each language (`govseal.web.shared`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Any, NamedTuple


class Family(StrEnum):
    """The three families of fragments, named as OpenAttestation's verifiers name them."""

    DOCUMENT_INTEGRITY = "DOCUMENT_INTEGRITY"
    DOCUMENT_STATUS = "DOCUMENT_STATUS"
    ISSUER_IDENTITY = "ISSUER_IDENTITY"


class FragmentStatus(StrEnum):
    """What a step found. ERROR is "could not tell"."""

    VALID = "VALID"
    INVALID = "INVALID"
    ERROR = "ERROR"
    SKIPPED = "SKIPPED"


class Outcome(StrEnum):
    """What the person is told, in the order of section 7: the first that is established."""

    ALTERED = "altered"
    NOT_RECOGNISED = "not_recognised"
    REPLACED = "replaced"
    REVOKED = "revoked"
    SUSPENDED = "suspended"
    EXPIRED = "expired"
    NOT_FOUND = "not_found"
    COULD_NOT_CHECK = "could_not_check"
    GENUINE = "genuine"


class Reason(NamedTuple):
    """Why a fragment is not VALID: a published code and one sentence for a person."""

    code: str
    message: str


class Fragment(NamedTuple):
    """The result of one step.

    Attributes:
        step: the step's number in section 7, 1 to 9.
        name: what was checked, a published word such as `MerkleProof`.
        type: its family.
        status: what was found.
        reason: why, unless VALID.
        data: facts for the evidence view (JSON values only; never a key or secret).
    """

    step: int
    name: str
    type: Family
    status: FragmentStatus
    reason: Reason | None = None
    data: Mapping[str, Any] = MappingProxyType({})

    def as_json(self) -> dict[str, Any]:
        """Return the published JSON form."""
        form: dict[str, Any] = {
            "step": self.step,
            "name": self.name,
            "type": self.type,
            "status": self.status,
        }
        if self.reason:
            form["reason"] = {"code": self.reason.code, "message": self.reason.message}
        if self.data:
            form["data"] = dict(self.data)
        return form


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome and the fragments that led to it.

    Attributes:
        outcome: what the person is told.
        reason: the reason of the fragment that decided; None when genuine.
        fragments: every step taken, in order.
    """

    outcome: Outcome
    reason: Reason | None
    fragments: tuple[Fragment, ...]


# Which outcome an INVALID fragment establishes. A code that is not here follows its family's default.
_OUTCOME_OF_CODE = {
    "REPLACED": Outcome.REPLACED,
    "REVOKED": Outcome.REVOKED,
    "SUSPENDED": Outcome.SUSPENDED,
    "EXPIRED": Outcome.EXPIRED,
    "ROOT_NOT_ISSUED": Outcome.NOT_FOUND,
    "ID_UNKNOWN": Outcome.NOT_FOUND,
}
_OUTCOME_OF_FAMILY = {
    Family.DOCUMENT_INTEGRITY: Outcome.ALTERED,
    Family.ISSUER_IDENTITY: Outcome.NOT_RECOGNISED,
    Family.DOCUMENT_STATUS: Outcome.NOT_FOUND,
}
_ORDER = list(Outcome)
_NEVER_SKIPPED = (4, 5, 6, 7)
"""Integrity, issue, revocation and issuer: taken for every document, whatever its form and source."""


def conclude(fragments: Sequence[Fragment]) -> Verdict:
    """Return the first outcome of section 7's order that `fragments` establish."""
    findings: list[tuple[int, Outcome, Reason | None]] = []
    for fragment in fragments:
        if fragment.status is FragmentStatus.INVALID:
            code = fragment.reason.code if fragment.reason else ""
            outcome = _OUTCOME_OF_CODE.get(code, _OUTCOME_OF_FAMILY[fragment.type])
            findings.append((_ORDER.index(outcome), outcome, fragment.reason))
        elif fragment.status is FragmentStatus.ERROR:
            findings.append((_ORDER.index(Outcome.COULD_NOT_CHECK), Outcome.COULD_NOT_CHECK, fragment.reason))
    if findings:
        _, outcome, reason = min(findings, key=lambda finding: finding[0])
        return Verdict(outcome, reason, tuple(fragments))
    missing = _missing(fragments)
    if missing:
        reason = Reason("STEP_MISSING", f"Not every step could be taken: nothing was found for {missing}.")
        return Verdict(Outcome.COULD_NOT_CHECK, reason, tuple(fragments))
    return Verdict(Outcome.GENUINE, None, tuple(fragments))


def _missing(fragments: Sequence[Fragment]) -> str:
    """Return the first family or step without which nothing is genuine and that has no VALID; empty when none."""
    valid = [fragment for fragment in fragments if fragment.status is FragmentStatus.VALID]
    families, steps = {fragment.type for fragment in valid}, {fragment.step for fragment in valid}
    absent = [str(family) for family in Family if family not in families]
    absent += [f"step {step}" for step in _NEVER_SKIPPED if step not in steps]
    return absent[0] if absent else ""
