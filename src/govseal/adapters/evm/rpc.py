"""JSON-RPC 2.0 over HTTP: several calls in one request, and one kind of failure.

Whatever goes wrong on the way (refused, slow, oversized, not JSON, an answer missing) is `LedgerUnavailable`;
an error that the node *answers* to one call comes back as a value, since its meaning is the caller's to tell.

    chain_id, head = JsonRpc("http://127.0.0.1:8545").results([("eth_chainId", []), ("eth_blockNumber", [])])

What is *not* here: the way to the endpoint (`endpoint`), and what the methods mean.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from govseal.adapters.evm.endpoint import Endpoint
from govseal.core.errors import LedgerUnavailable

Call = tuple[str, Sequence[Any]]
"""A method's name and its parameters."""

# Public endpoints refuse larger batches; 100 calls of a DocumentStore answer in about 12 kB.
BATCH_LIMIT = 100


@dataclass(frozen=True, slots=True)
class RpcError:
    """What a node answered instead of a result (JSON-RPC 2.0 section 5.1)."""

    code: int
    message: str
    data: Any = None


class JsonRpc:
    """One endpoint, over connections that stay open; safe to share between threads.

    Args:
        url: http or https address of the endpoint.
        timeout: seconds within which an answer must be complete.
    """

    def __init__(self, url: str, *, timeout: float = 5.0) -> None:
        self.url = url
        self._endpoint = Endpoint(url, timeout=timeout)

    def close(self) -> None:
        """Close the connections."""
        self._endpoint.close()

    def result(self, method: str, *params: Any) -> Any:
        """Make one call and return its result.

        Raises:
            LedgerUnavailable: no answer in time, or the node answered an error.
        """
        return self.results([(method, params)])[0]

    def results(self, calls: Sequence[Call]) -> list[Any]:
        """Make several calls and return their results in the same order.

        Raises:
            LedgerUnavailable: no answer in time, or the node answered an error to any of them.
        """
        return required(calls, self.answers(calls))

    def answers(self, calls: Sequence[Call]) -> list[Any]:
        """Make several calls; return for each its result, or the `RpcError` that the node answered.

        Raises:
            LedgerUnavailable: no complete answer in time.
        """
        found: list[Any] = []
        for start in range(0, len(calls), BATCH_LIMIT):
            found += self._batch(calls[start : start + BATCH_LIMIT])
        return found

    def _batch(self, calls: Sequence[Call]) -> list[Any]:
        request = [
            {"jsonrpc": "2.0", "id": number, "method": method, "params": list(params)}
            for number, (method, params) in enumerate(calls)
        ]
        # A single call is sent alone: some endpoints know no batches.
        answer = self._post(request if len(request) > 1 else request[0])
        entries = answer if isinstance(answer, list) else [answer]
        found = [entry for entry in entries if isinstance(entry, dict) and isinstance(entry.get("id"), int)]
        by_id = {entry["id"]: entry for entry in found}
        return [_value(by_id.get(number)) for number in range(len(calls))]

    def _post(self, request: Any) -> Any:
        try:
            return json.loads(self._endpoint.post(json.dumps(request).encode()))
        except (ValueError, RecursionError) as error:
            raise LedgerUnavailable("The ledger's answer is not JSON.") from error


def required(calls: Sequence[Call], answers: Sequence[Any]) -> list[Any]:
    """Return the answers to calls when all of them are results.

    Raises:
        LedgerUnavailable: the node answered an error to one of them.
    """
    for (method, _), answer in zip(calls, answers, strict=True):
        if isinstance(answer, RpcError):
            raise LedgerUnavailable(
                f"The ledger could not answer {method}: {answer.message}", method=method, rpc_code=answer.code
            )
    return list(answers)


def _value(entry: dict[str, Any] | None) -> Any:
    """Return the result or the error of one entry of an answer."""
    if entry is not None and "result" in entry:
        return entry["result"]
    error = entry.get("error") if entry is not None else None
    if not isinstance(error, dict):
        raise LedgerUnavailable("The ledger left a call unanswered.")
    code = error.get("code")
    return RpcError(
        code if isinstance(code, int) else 0, str(error.get("message", ""))[:500], error.get("data")
    )
