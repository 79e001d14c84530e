"""JSON-RPC 2.0 over HTTP: several calls in one request, and one kind of failure.

Whatever goes wrong on the way (refused, slow, oversized, not JSON, an answer missing) is `LedgerUnavailable`;
an error that the node *answers* to one call comes back as a value, since its meaning is the caller's to tell.

    chain_id, head = JsonRpc("http://127.0.0.1:8545").results([("eth_chainId", []), ("eth_blockNumber", [])])

What is *not* here: what the methods mean.
"""

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx

from govseal.core.errors import LedgerUnavailable

Call = tuple[str, Sequence[Any]]
"""A method's name and its parameters."""

# Public endpoints refuse larger batches; 100 calls of a DocumentStore answer in about 12 kB.
BATCH_LIMIT = 100

_ANSWER_LIMIT = 4 << 20
_LOOPBACK = {"127.0.0.1", "::1", "localhost"}


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
        self.timeout = timeout
        # The way to a chain on this machine never leads through a proxy, whatever the environment says.
        remote = urlsplit(url).hostname not in _LOOPBACK
        self._client = httpx.Client(timeout=timeout, trust_env=remote, follow_redirects=False)

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

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
            return json.loads(self._exchange(json.dumps(request).encode()))
        except httpx.HTTPStatusError as error:
            status = error.response.status_code
            raise LedgerUnavailable(f"The ledger's endpoint answers HTTP {status}.", status=status) from error
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise LedgerUnavailable("The ledger does not answer.", cause=type(error).__name__) from error
        except (ValueError, RecursionError) as error:
            raise LedgerUnavailable("The ledger's answer is not JSON.") from error

    def _exchange(self, body: bytes) -> bytes:
        deadline = time.monotonic() + self.timeout
        content = bytearray()
        headers = {"Content-Type": "application/json"}
        with self._client.stream("POST", self.url, content=body, headers=headers) as response:
            response.raise_for_status()
            for chunk in response.iter_bytes():
                content += chunk
                # httpx limits the wait for each piece; an answer that drips in is limited here.
                if len(content) > _ANSWER_LIMIT or time.monotonic() > deadline:
                    raise LedgerUnavailable(
                        "The ledger's answer is too long, or comes too slowly.", code="LEDGER_ANSWER_TOO_LONG"
                    )
        return bytes(content)


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
