"""A node's HTTP endpoint: one body out, one body back, over connections that stay open.

This speaks the standard library's http.client: a question to a chain is small, and httpcore takes two and a half times
as long over it, httpx five times, longer than the chain over its answer.

    Endpoint("http://127.0.0.1:8545", timeout=5.0).post(b'{"jsonrpc": "2.0", …}')

Invariants: whatever goes wrong on the way is `LedgerUnavailable`; no redirect is followed; the way to a chain on this
machine never leads through a proxy, whatever the environment says; a connection is kept only when its answer was read
to the end, and is used by one thread at a time.

What is *not* here: what the bodies say (`rpc`).
"""

import base64
import select
import time
from collections import deque
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection, IncompleteRead
from ssl import SSLContext
from urllib.parse import SplitResult, unquote, urlsplit, urlunsplit
from urllib.request import getproxies, proxy_bypass

import httpx

from govseal.core.errors import LedgerUnavailable, OperatorError

_ANSWER_LIMIT = 4 << 20
_PIECE = 64 << 10
_LOOPBACK = {"127.0.0.1", "::1", "localhost"}
_PORTS = {"http": 80, "https": 443}
_OK = range(200, 300)
_MOST_IDLE, _IDLE_SECONDS = 20, 5.0
_FAILURES = (HTTPException, OSError, ValueError)
"""ValueError is http.client's for what it will not send."""


class Endpoint:
    """One address; safe to share between threads.

    Args:
        url: http or https; a user and password in it are sent as basic authentication.
        timeout: seconds within which an answer must be complete.

    Raises:
        OperatorError: `url` is none, or the environment names a proxy for it that speaks something else than http.
    """

    def __init__(self, url: str, *, timeout: float) -> None:
        self._way = _way(url, timeout)
        self._timeout = timeout
        self._idle: deque[tuple[HTTPConnection, float]] = deque()

    def close(self) -> None:
        """Close the connections."""
        while connection := self._kept():
            connection.close()

    def post(self, body: bytes) -> bytes:
        """Send JSON, and return the body of the answer.

        Raises:
            LedgerUnavailable: no answer in time, a failure, or one that is too long.
        """
        deadline = time.monotonic() + self._timeout
        if (way := self._way) is None:
            raise LedgerUnavailable("The ledger's endpoint is no http or https address.")
        connection = self._kept() or way.connection()
        try:
            _open(connection)
            connection.request("POST", way.target, body, way.headers)
            with connection.getresponse() as response:
                content = _content(response, deadline)
        except BaseException as error:
            connection.close()
            if isinstance(error, _FAILURES):
                raise LedgerUnavailable("The ledger does not answer.", cause=type(error).__name__) from error
            raise
        self._keep(connection)
        return content

    def _kept(self) -> HTTPConnection | None:
        """Take out the connection that was used last, if the node still holds it open."""
        while self._idle:
            try:
                connection, since = self._idle.pop()
            except IndexError:  # another thread was faster
                return None
            if time.monotonic() - since < _IDLE_SECONDS and _is_open(connection):
                return connection
            connection.close()
        return None

    def _keep(self, connection: HTTPConnection) -> None:
        if len(self._idle) < _MOST_IDLE:
            self._idle.append((connection, time.monotonic()))
        else:
            connection.close()


def _open(connection: HTTPConnection) -> None:
    if connection.sock is None:
        try:
            connection.connect()
        except TimeoutError:  # told apart from an answer that takes too long
            raise ConnectionError("No connection was made in time.") from None


def _is_open(connection: HTTPConnection) -> bool:
    """Say whether a connection on which nothing is awaited is open: of one that was closed, the end can be read."""
    if connection.sock is None:
        return False
    poll = select.poll()
    poll.register(connection.sock, select.POLLIN)
    return not poll.poll(0)


def _content(response: HTTPResponse, deadline: float) -> bytes:
    if response.status not in _OK:
        raise LedgerUnavailable(
            f"The ledger's endpoint answers HTTP {response.status}.", status=response.status
        )
    content = bytearray()
    while piece := response.read1(_PIECE):
        content += piece
        # The connection limits the wait for each piece; an answer that drips in is limited here.
        if len(content) > _ANSWER_LIMIT or time.monotonic() > deadline:
            raise LedgerUnavailable(
                "The ledger's answer is too long, or comes too slowly.", code="LEDGER_ANSWER_TOO_LONG"
            )
    if response.length:
        raise IncompleteRead(bytes(content), response.length)
    return bytes(content)


# --- the way there ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Way:
    """How an address is reached.

    Attributes:
        host: to which a connection leads: the address's, or its proxy's.
        port: likewise.
        tls: of an https address.
        tunnel: host, port and headers by which the proxy is asked to let TLS through; None without one.
        target: what a request asks for.
        headers: of a request.
        timeout: seconds.
    """

    host: str
    port: int
    tls: SSLContext | None
    tunnel: tuple[str, int, dict[str, str]] | None
    target: str
    headers: dict[str, str]
    timeout: float

    def connection(self) -> HTTPConnection:
        """Return a connection that is not open yet."""
        if self.tls is None:
            return HTTPConnection(self.host, self.port, timeout=self.timeout)
        connection = HTTPSConnection(self.host, self.port, timeout=self.timeout, context=self.tls)
        if self.tunnel:
            connection.set_tunnel(*self.tunnel)
        return connection


def _way(url: str, timeout: float) -> _Way | None:
    """Return the way to a URL; None where it is no http or https address."""
    parts, place = _split(url)
    if parts.scheme not in _PORTS or not parts.hostname:
        return None
    target = urlunsplit(("", "", parts.path or "/", parts.query, ""))
    headers = {"Content-Type": "application/json", **_authorization(parts, "Authorization")}
    tls = httpx.create_ssl_context() if parts.scheme == "https" else None
    if (found := _proxy(parts)) is None:
        return _Way(*place, tls, None, target, headers, timeout)
    proxy, (host, port) = found
    own = _authorization(proxy, "Proxy-Authorization")
    if tls:
        return _Way(host, port, tls, (*place, own), target, headers, timeout)
    whole = f"http://{parts.netloc.rpartition('@')[2]}{target}"
    return _Way(host, port, None, None, whole, headers | own, timeout)


def _split(url: str) -> tuple[SplitResult, tuple[str, int]]:
    """Return the parts of a URL, and the host and port that it names."""
    try:
        parts = urlsplit(url.encode("ascii").decode())
        return parts, (parts.hostname or "", parts.port or _PORTS.get(parts.scheme, 0))
    except ValueError as error:
        raise OperatorError(f"The ledger's endpoint, or its proxy, is no URL: {error}") from error


def _proxy(url: SplitResult) -> tuple[SplitResult, tuple[str, int]] | None:
    """Return the proxy that the environment names for a URL, if any."""
    host, proxies = url.hostname or "", getproxies()
    named = proxies.get(url.scheme) or proxies.get("all")
    if not named or host in _LOOPBACK or proxy_bypass(host):
        return None
    parts, place = _split(named if "://" in named else f"http://{named}")
    if parts.scheme != "http":
        raise OperatorError(
            "The way to the ledger leads through a proxy that speaks something else than http."
        )
    return parts, place


def _authorization(url: SplitResult, header: str) -> dict[str, str]:
    """Return the header of basic authentication (RFC 7617) for the user that a URL names, if any."""
    if url.username is None:
        return {}
    credentials = f"{unquote(url.username)}:{unquote(url.password or '')}".encode()
    return {header: f"Basic {base64.b64encode(credentials).decode()}"}
