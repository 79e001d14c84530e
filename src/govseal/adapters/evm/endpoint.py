"""A node's HTTP endpoint: one body out, one body back, over connections that stay open.

This speaks httpcore, not httpx which stands on it: a question to a chain is small, and httpx takes twice as long over
it, longer than the chain over its answer.

    Endpoint("http://127.0.0.1:8545", timeout=5.0).post(b'{"jsonrpc": "2.0", …}')

Invariants: whatever goes wrong on the way is `LedgerUnavailable`; no redirect is followed; the way to a chain on this
machine never leads through a proxy, whatever the environment says.

What is *not* here: what the bodies say (`rpc`).
"""

import base64
import time
from collections.abc import Iterable
from urllib.parse import SplitResult, unquote, urlsplit
from urllib.request import getproxies, proxy_bypass

import httpcore
import httpx

from govseal.core.errors import LedgerUnavailable, OperatorError

_ANSWER_LIMIT = 4 << 20
_LOOPBACK = {"127.0.0.1", "::1", "localhost"}
_OK = range(200, 300)
_MOST_CONNECTIONS, _MOST_IDLE, _IDLE_SECONDS = 100, 20, 5.0
_FAILURES = (
    httpcore.NetworkError,
    httpcore.ProtocolError,
    httpcore.ProxyError,
    httpcore.TimeoutException,
    httpcore.UnsupportedProtocol,
    OSError,  # of TLS, while reading
)


class Endpoint:
    """One address; safe to share between threads.

    Args:
        url: http or https; a user and password in it are sent as basic authentication.
        timeout: seconds within which an answer must be complete.

    Raises:
        OperatorError: `url` is none.
    """

    def __init__(self, url: str, *, timeout: float) -> None:
        try:
            self._url, parts = httpcore.URL(url), urlsplit(url)
        except (TypeError, ValueError) as error:  # httpcore's for what is not ASCII
            raise OperatorError(f"The ledger's endpoint is no URL: {error}") from error
        self._timeout = timeout
        self._pool = _pool(parts)
        self._headers = [
            ("Content-Type", "application/json"),
            ("Accept-Encoding", "identity"),
            *_authorization(parts, "Authorization"),
        ]
        self._extensions = {"timeout": dict.fromkeys(("connect", "read", "write", "pool"), timeout)}

    def close(self) -> None:
        """Close the connections."""
        self._pool.close()

    def post(self, body: bytes) -> bytes:
        """Send JSON, and return the body of the answer.

        Raises:
            LedgerUnavailable: no answer in time, a failure, or one that is too long.
        """
        try:
            with self._pool.stream(
                "POST", self._url, headers=self._headers, content=body, extensions=self._extensions
            ) as response:
                if response.status not in _OK:
                    message = f"The ledger's endpoint answers HTTP {response.status}."
                    raise LedgerUnavailable(message, status=response.status)
                return self._content(response.iter_stream(), time.monotonic() + self._timeout)
        except _FAILURES as error:
            raise LedgerUnavailable("The ledger does not answer.", cause=type(error).__name__) from error

    @staticmethod
    def _content(chunks: Iterable[bytes], deadline: float) -> bytes:
        content = bytearray()
        for chunk in chunks:
            content += chunk
            # The pool limits the wait for each piece; an answer that drips in is limited here.
            if len(content) > _ANSWER_LIMIT or time.monotonic() > deadline:
                raise LedgerUnavailable(
                    "The ledger's answer is too long, or comes too slowly.", code="LEDGER_ANSWER_TOO_LONG"
                )
        return bytes(content)


def _pool(url: SplitResult) -> httpcore.ConnectionPool:
    return httpcore.ConnectionPool(
        ssl_context=httpx.create_ssl_context() if url.scheme == "https" else None,
        proxy=_proxy(url),
        max_connections=_MOST_CONNECTIONS,
        max_keepalive_connections=_MOST_IDLE,
        keepalive_expiry=_IDLE_SECONDS,
    )


def _proxy(url: SplitResult) -> httpcore.Proxy | None:
    """Return the proxy that the environment names for a URL, if any."""
    host, proxies = url.hostname or "", getproxies()
    named = proxies.get(url.scheme) or proxies.get("all")
    if not named or host in _LOOPBACK or proxy_bypass(host):
        return None
    proxy = named if "://" in named else f"http://{named}"
    return httpcore.Proxy(proxy, headers=_authorization(urlsplit(proxy), "Proxy-Authorization"))


def _authorization(url: SplitResult, header: str) -> list[tuple[str, str]]:
    """Return the header of basic authentication (RFC 7617) for the user that a URL names, if any."""
    if url.username is None:
        return []
    credentials = f"{unquote(url.username)}:{unquote(url.password or '')}".encode()
    return [(header, f"Basic {base64.b64encode(credentials).decode()}")]
