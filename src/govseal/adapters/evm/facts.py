"""What the chain says of many documents, in one round trip: marks, revocations and the blocks that hold the marks.

A header can be asked for only by the number that a mark tells, which would make two round trips. So the numbers
that marks had before are asked along as guesses: the mark is read anew each time and decides, and a guess that
it does not confirm costs a second round trip and nothing else. Of a chain's answers nothing is kept but that guess.

    Facts(ask).of([LedgerQuestion(store, hashes)])

Invariants: those of `reader`. Where the joined call is refused, each entry is read by a call of its own: a store
that is missing spoils no other document.

What is *not* here: which chain answers (`reader`), the joined call itself (`joined`).
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from itertools import chain
from typing import Any, TypeVar

from govseal.adapters.evm import joined
from govseal.adapters.evm.answers import header_of, quantity, word
from govseal.adapters.evm.joined import Read
from govseal.adapters.evm.rpc import Call, RpcError
from govseal.core.errors import LedgerUnavailable
from govseal.core.ports import Anchor, LedgerFacts, LedgerQuestion

# Selectors of docs/protocol.md section 2. `documentIssued` holds the block number that `getIssuedBlock`
# returns, and 0 where that one would refuse to answer.
DOCUMENT_ISSUED = "0x33358d2d"
IS_REVOKED = "0x4294857f"

_MOST_GUESSES = 4_096
"""Roots whose block is remembered, about half a megabyte."""

Ask = Callable[[Sequence[Call]], list[Any]]
"""Makes calls in one request; returns results and `RpcError`s, and raises `LedgerUnavailable` when it is away."""

_T = TypeVar("_T")
_Header = tuple[bytes, datetime] | LedgerUnavailable
_Words = Mapping[Read, int | LedgerUnavailable]


class Facts:
    """Answers `LedgerQuestion`s about the stores of one chain; safe to share between threads.

    Args:
        ask: reaches that chain.
    """

    def __init__(self, ask: Ask) -> None:
        self._ask = ask
        self._guesses: dict[Read, int] = {}

    def of(self, questions: Sequence[LedgerQuestion]) -> list[LedgerFacts]:
        """Return the facts of each question, in the same order.

        Raises:
            LedgerUnavailable: the chain is away; what is wrong with one store is said in its facts.
        """
        asked = [_reads(one) for one in questions]
        reads = list(dict.fromkeys(chain.from_iterable(asked)))
        guessed = sorted({self._guesses[one] for one in reads if one in self._guesses})
        starts = range(0, len(reads), joined.MOST_READS)
        calls = [joined.call(reads[start : start + joined.MOST_READS]) for start in starts]
        head, *answers = self._ask([("eth_blockNumber", []), *calls, *map(header_call, guessed)])
        newest = quantity(_result(head))
        words = _words(reads, answers[: len(calls)])
        if words is None:
            words = self._one_by_one(reads)
        headers = _headers(guessed, answers[len(calls) :])
        headers |= self._missing(words, headers)
        return [_facts(own, words, headers, newest) for own in asked]

    def _one_by_one(self, reads: Sequence[Read]) -> _Words:
        answers = self._ask([read_call(one) for one in reads])
        return {
            read: _or_error(lambda answer: word(_result(answer)), answer)
            for read, answer in zip(reads, answers, strict=True)
        }

    def _missing(self, words: _Words, headers: Mapping[int, _Header]) -> dict[int, _Header]:
        """Return the headers of marked blocks that were not guessed, and remember all marks as guesses."""
        marks = {
            one: number
            for one, number in words.items()
            if one.selector == DOCUMENT_ISSUED and isinstance(number, int) and number
        }
        if len(self._guesses) + len(marks) > _MOST_GUESSES:
            self._guesses.clear()
        self._guesses |= marks
        numbers = sorted(set(marks.values()) - set(headers))
        try:
            return _headers(numbers, self._ask([header_call(one) for one in numbers])) if numbers else {}
        except LedgerUnavailable as error:  # what was read of revocations still counts
            return dict.fromkeys(numbers, error)


def read_call(read: Read) -> Call:
    """Return the `eth_call` that makes one read at the head of the chain."""
    return "eth_call", [{"to": read.address, "data": read.selector + read.value.hex()}, "latest"]


def header_call(number: int) -> Call:
    """Return the call for a block's header."""
    return "eth_getBlockByNumber", [hex(number), False]


def _reads(question: LedgerQuestion) -> list[Read]:
    """Return the read of the root's mark, and that of each revocation."""
    address, hashes = question.store.address, question.hashes
    return [Read(address, DOCUMENT_ISSUED, hashes[-1]), *(Read(address, IS_REVOKED, one) for one in hashes)]


def _words(reads: Sequence[Read], answers: Sequence[Any]) -> _Words | None:
    """Return what the joined calls answered, or None when one of them was refused."""
    found: dict[Read, int | LedgerUnavailable] = {}
    for place, answer in enumerate(answers):
        part = reads[place * joined.MOST_READS : (place + 1) * joined.MOST_READS]
        numbers = joined.numbers_in(answer, len(part))
        if numbers is None:
            return None
        found |= zip(part, numbers, strict=True)
    return found


def _headers(numbers: Sequence[int], answers: Sequence[Any]) -> dict[int, _Header]:
    return {
        number: _or_error(lambda answer: header_of(_result(answer)), answer)
        for number, answer in zip(numbers, answers, strict=True)
    }


def _facts(own: Sequence[Read], words: _Words, headers: Mapping[int, _Header], newest: int) -> LedgerFacts:
    """Return the facts of one question, by what its own reads gave."""
    mark, *revoked = [words[read] for read in own]
    anchor: Anchor | LedgerUnavailable | None = None
    if isinstance(mark, LedgerUnavailable):
        anchor = mark
    elif mark:
        header = headers[mark]
        if isinstance(header, LedgerUnavailable):
            anchor = header
        else:
            anchor = anchor_at(own[0].value, mark, header, newest)
    if not any(revoked):
        return LedgerFacts(anchor, revoked=False)
    unknown = [one for one in revoked if isinstance(one, LedgerUnavailable)]
    is_revoked = any(isinstance(one, int) and one for one in revoked)
    return LedgerFacts(anchor, is_revoked or unknown[0])


def anchor_at(root: bytes, number: int, header: tuple[bytes, datetime], newest: int) -> Anchor:
    """Return the anchor of a root that is marked with a block, by that block's hash and time."""
    # The head was read beside the mark: a block that came in between makes it one too low.
    return Anchor(root, number, *header, max(1, newest - number + 1))


def _result(answer: Any) -> Any:
    if isinstance(answer, RpcError):
        raise LedgerUnavailable(f"The ledger could not answer: {answer.message}", rpc_code=answer.code)
    return answer


def _or_error(read: Callable[[Any], _T], answer: Any) -> "_T | LedgerUnavailable":
    try:
        return read(answer)
    except LedgerUnavailable as error:
        return error
