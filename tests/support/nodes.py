"""Asking a chain's node itself, beside the code under test."""

from typing import Any

import httpx

from support.waiting import PATIENCE


def rpc(url: str, method: str, *params: Any) -> Any:
    """Return a node's answer to one call."""
    request = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
    answer = httpx.post(url, json=request, trust_env=False, timeout=PATIENCE).json()
    assert "error" not in answer, answer
    return answer["result"]


def passed_on(url: str, body: bytes) -> bytes:
    """Hand a request on as it came; return the node's answer as it came."""
    headers = {"Content-Type": "application/json"}
    return httpx.post(url, content=body, headers=headers, trust_env=False, timeout=PATIENCE).content
