"""Published objects and OCSP answers over https, from hosts on an allow-list (docs/protocol.md section 6, "Fetching").

Limits: listed origins only; public addresses, looked up once, checked, and connected to as checked; no
redirects, no proxy; 5 s in all, from the name's look-up to the last byte, however slowly they drip; as many
bytes as the caller allows. An `http://localhost:<port>` origin, which only a demonstration list names, is on
loopback and nowhere else.

Each object, and each question to a responder, has a connection of its own: two hosts at one address never share
one, so that each shows its own certificate.

What is *not* here: which origins are listed (the trust list says).
"""

import ipaddress
import socket
import ssl
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from queue import Empty, SimpleQueue
from threading import Thread
from urllib.parse import quote

import httpcore
import httpx

from govseal.core.errors import FetchFailed, MalformedQrText, NotPublished
from govseal.core.openattestation import ocsp
from govseal.core.qrtext import origin

TIME_LIMIT = 5.0
"""Seconds for one object, from name look-up to last byte."""

Resolve = Callable[[str, int, float], list[str]]
"""Returns the addresses of a host and port within so many seconds, or raises `FetchFailed`."""

_OK, _NOT_FOUND, _GONE = 200, 404, 410
_LOOPBACK = "http://"
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


def resolve(host: str, port: int, seconds: float) -> list[str]:
    """Return the addresses that the system's resolver knows for `host`.

    The system's look-up knows no limit of time: one that is late is left behind in its thread.
    """
    answers: SimpleQueue[list[str] | Exception] = SimpleQueue()

    def look_up() -> None:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            answers.put([str(entry[4][0]) for entry in found])
        except (OSError, UnicodeError) as error:
            answers.put(error)

    Thread(target=look_up, daemon=True).start()
    try:
        answer = answers.get(timeout=seconds)
    except Empty:
        raise FetchFailed(f"The name {host} was not looked up in time.", host=host) from None
    if isinstance(answer, Exception):
        raise FetchFailed(f"The name {host} could not be looked up.", host=host) from answer
    return answer


class HttpPublished:
    """Fulfils `PublishedReader` over the network.

    Args:
        origins: allowed origins as a trust list names them: `verify.example`, `http://localhost:8080`.
        resolver: looks names up; the system's unless a test gives another.
        network: connects to addresses; the machine's unless a test gives another.
        tls: whose certificates to believe; the usual authorities unless a test gives another.
        seconds: for one object.
    """

    def __init__(
        self,
        origins: Collection[str],
        *,
        resolver: Resolve = resolve,
        network: httpcore.NetworkBackend | None = None,
        tls: ssl.SSLContext | None = None,
        seconds: float = TIME_LIMIT,
    ) -> None:
        self._origins = frozenset(origins)
        self._way = _Way(resolver, network or httpcore.SyncBackend(), tls, seconds)

    def get(self, host: str, path: str, *, max_bytes: int) -> bytes:
        """Fetch one object (see `PublishedReader.get`).

        Raises:
            NotPublished: the host answered that it has none.
            FetchFailed: it is not listed, leads to an address that is not public, or did not answer in time with
                this object and no more.
        """
        if host not in self._origins:
            raise _not_listed(host)
        (content,) = self._way.fetch([_url(host, path)], max_bytes)
        return content


class HttpResponders:
    """Fulfils `ResponderReader` over the network.

    Args:
        locations: URLs of responders as a trust list names them: `https://ocsp.example/v1`.
        resolver: looks names up, as of `HttpPublished`.
        network: connects to addresses, as there.
        tls: whose certificates to believe, as there.
        seconds: for all answers about one document.
    """

    def __init__(
        self,
        locations: Collection[str],
        *,
        resolver: Resolve = resolve,
        network: httpcore.NetworkBackend | None = None,
        tls: ssl.SSLContext | None = None,
        seconds: float = TIME_LIMIT,
    ) -> None:
        self._locations = frozenset(locations)
        self._way = _Way(resolver, network or httpcore.SyncBackend(), tls, seconds)

    def answers(self, location: str, names: Sequence[str]) -> Iterator[bytes]:
        """Ask for each name in turn, over one connection (see `ResponderReader.answers`).

        Raises:
            NotPublished: it answered that it has nothing under a name.
            FetchFailed: as of `HttpPublished.get`.
        """
        if location not in self._locations:
            raise _not_listed(location)
        try:
            host, rest = origin.split(location)
        except MalformedQrText:
            raise _not_listed(location) from None
        folder = rest.strip("/")
        return self._way.fetch([_url(host, f"{folder}/{name}".lstrip("/")) for name in names], ocsp.MAX_BYTES)


@dataclass(frozen=True)
class _Way:
    """How an origin is reached: whom its name leads to, by which network, believing whose certificates."""

    resolver: Resolve
    network: httpcore.NetworkBackend
    given_tls: ssl.SSLContext | None
    seconds: float

    @cached_property
    def tls(self) -> ssl.SSLContext:
        return self.given_tls or httpx.create_ssl_context(trust_env=False)

    def fetch(self, urls: Sequence[httpcore.URL], max_bytes: int) -> Iterator[bytes]:
        """Yield what stands at addresses of one origin, over one connection, within the time for all."""
        host = urls[0].host.decode("ascii")
        deadline = time.monotonic() + self.seconds
        try:
            dialler = _Dialler(self.network, self._addresses(urls[0], deadline), deadline)
            with httpcore.ConnectionPool(ssl_context=self.tls, network_backend=dialler) as pool:
                for url in urls:
                    with pool.stream("GET", url, headers={"Accept-Encoding": "identity"}) as response:
                        content = _content(response, host, max_bytes)
                    yield content
        except (
            httpcore.NetworkError,
            httpcore.ProtocolError,
            httpcore.TimeoutException,
            ssl.SSLError,
        ) as error:
            raise FetchFailed(f"{host} did not answer: {type(error).__name__}.", host=host) from error

    def _addresses(self, url: httpcore.URL, deadline: float) -> list[str]:
        """Return the addresses of the host, if each of them may be connected to."""
        name = url.host.decode("ascii")
        addresses = self.resolver(name, url.port or 443, _left(deadline))
        loopback = url.scheme == b"http"
        if not addresses or not all(_may_connect(one, loopback=loopback) for one in addresses):
            raise FetchFailed(f"{name} leads to an address that is not public.", code="HOST_NOT_ALLOWED")
        return addresses


class _Dialler(httpcore.NetworkBackend):
    """Connects to the addresses that were checked, whatever the name leads to by now; the name stays in TLS."""

    def __init__(self, network: httpcore.NetworkBackend, addresses: list[str], deadline: float) -> None:
        self._network, self._addresses, self._deadline = network, addresses, deadline

    def connect_tcp(
        self,
        host: str,  # noqa: ARG002 - httpcore's signature
        port: int,
        timeout: float | None = None,  # noqa: ARG002 - httpcore's signature
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        failure: Exception = httpcore.ConnectError("no address")
        for address in self._addresses:
            try:
                stream = self._network.connect_tcp(
                    address, port, _left(self._deadline), local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
            else:
                return _Timed(stream, self._deadline)
        raise failure


class _Timed(httpcore.NetworkStream):
    """A connection on which nothing takes longer than to the deadline, all its parts counted together."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: float) -> None:
        self._stream, self._deadline = stream, deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002 - httpcore's signature
        return self._stream.read(max_bytes, _left(self._deadline))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002 - httpcore's signature
        self._stream.write(buffer, _left(self._deadline))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ARG002 - httpcore's signature
    ) -> httpcore.NetworkStream:
        stream = self._stream.start_tls(ssl_context, server_hostname, _left(self._deadline))
        return _Timed(stream, self._deadline)

    def get_extra_info(self, info: str) -> object:
        return self._stream.get_extra_info(info)


def _not_listed(place: str) -> FetchFailed:
    return FetchFailed(f"{place} is not on the list of hosts that may be asked.", code="HOST_NOT_ALLOWED")


def _left(deadline: float) -> float:
    """Return the seconds to the deadline."""
    left = deadline - time.monotonic()
    if left <= 0:
        raise httpcore.ReadTimeout("the time for one object is over")
    return left


def _url(origin: str, path: str) -> httpcore.URL:
    """Return the address of an object; a path is data, and no part of it becomes a query or another host.

    Raises:
        FetchFailed: the path leads up.
    """
    if {"", ".", ".."} & set(path.split("/")):
        raise FetchFailed("No object has a name of this form.", path=path)
    target = "/" + quote(path, safe="/", errors="replace")
    if origin.startswith(_LOOPBACK):
        name, _, port = origin.removeprefix(_LOOPBACK).partition(":")
        return httpcore.URL(scheme=b"http", host=name.encode(), port=int(port or 80), target=target.encode())
    return httpcore.URL(scheme=b"https", host=origin.encode(), port=None, target=target.encode())


def _content(response: httpcore.Response, host: str, max_bytes: int) -> bytes:
    """Read the body of an answer up to the bound."""
    if response.status in {_NOT_FOUND, _GONE}:
        raise NotPublished("Nothing is published under this name.")
    if response.status != _OK:
        raise FetchFailed(f"{host} answered with status {response.status}.", status=response.status)
    content = bytearray()
    for chunk in response.iter_stream():
        content += chunk
        if len(content) > max_bytes:
            raise FetchFailed(f"{host} sent more than {max_bytes:,} bytes.")
    return bytes(content)


def _may_connect(address: str, *, loopback: bool) -> bool:
    """Say whether an address is public (or of this machine, for a demonstration), also one wrapped in another."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.sixtofour or parsed.teredo:
            return False
        if parsed in _NAT64:
            parsed = ipaddress.IPv4Address(int(parsed) & 0xFFFFFFFF)
        else:
            parsed = parsed.ipv4_mapped or parsed
    return parsed.is_loopback if loopback else parsed.is_global and not parsed.is_multicast
