"""Published objects over https, from hosts on an allow-list (docs/protocol.md section 6, "Fetching").

Limits: listed origins only, public addresses checked after resolution and connected to as checked, no
redirects, 5 s in all, as many bytes as the caller allows. An `http://localhost:<port>` origin, which only a
demonstration list names, may be on loopback.

What is *not* here: which origins are listed (the trust list says).
"""

import ipaddress
import socket
import time
from collections.abc import Callable, Collection

import httpx

from govseal.core.errors import FetchFailed, NotPublished

TIME_LIMIT = 5.0
"""Seconds for one object, from name look-up to last byte."""

Resolve = Callable[[str, int], list[str]]
"""Returns the addresses of a host and port."""


def resolve(host: str, port: int) -> list[str]:
    """Return the addresses that the system's resolver knows for `host`."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise FetchFailed(f"The name {host} could not be looked up.", host=host) from error
    return [str(entry[4][0]) for entry in found]


class HttpPublished:
    """Fulfils `PublishedReader` over the network.

    Args:
        origins: allowed origins as a trust list names them: `verify.example`, `http://localhost:8080`.
        transport: carries the requests; the real network unless a test gives another.
        resolver: looks names up; the system's unless a test gives another.
    """

    def __init__(
        self,
        origins: Collection[str],
        *,
        transport: httpx.BaseTransport | None = None,
        resolver: Resolve = resolve,
    ) -> None:
        self._origins = frozenset(origins)
        self._resolve = resolver
        self._client = httpx.Client(
            transport=transport, timeout=TIME_LIMIT, follow_redirects=False, trust_env=False
        )

    def get(self, host: str, path: str, *, max_bytes: int) -> bytes:
        """Fetch one object (see `PublishedReader.get`)."""
        if host not in self._origins:
            raise FetchFailed(
                f"{host} is not on the list of hosts that may be asked.", code="HOST_NOT_ALLOWED"
            )
        url = httpx.URL(host if host.startswith("http://") else f"https://{host}").join(f"/{path}")
        address = self._address(url)
        try:
            return self._read(url, address, max_bytes)
        except httpx.HTTPError as error:
            raise FetchFailed(f"{url.host} did not answer: {type(error).__name__}.", host=host) from error

    def _address(self, url: httpx.URL) -> str:
        """Return an address of the host that may be connected to."""
        port = url.port or 443
        addresses = self._resolve(url.host, port)
        allowed = [one for one in addresses if _may_connect(one, loopback=url.scheme == "http")]
        if not allowed or len(allowed) != len(addresses):
            raise FetchFailed(f"{url.host} leads to an address that is not public.", code="HOST_NOT_ALLOWED")
        return allowed[0]

    def _read(self, url: httpx.URL, address: str, max_bytes: int) -> bytes:
        """Connect to the address that was checked, while name and certificate stay the host's."""
        deadline = time.monotonic() + TIME_LIMIT
        with self._client.stream(
            "GET",
            url.copy_with(host=address),
            headers={"Host": url.netloc.decode("ascii"), "Accept-Encoding": "identity"},
            extensions={"sni_hostname": url.host},
        ) as response:
            if response.status_code == httpx.codes.NOT_FOUND:
                raise NotPublished("Nothing is published under this name.", path=url.path)
            if response.status_code != httpx.codes.OK:
                raise FetchFailed(f"{url.host} answered with status {response.status_code}.")
            content = bytearray()
            for chunk in response.iter_raw():
                content += chunk
                if len(content) > max_bytes:
                    raise FetchFailed(f"{url.host} sent more than {max_bytes:,} bytes.")
                if time.monotonic() > deadline:
                    raise FetchFailed(f"{url.host} took longer than {TIME_LIMIT:g} seconds.")
            return bytes(content)


def _may_connect(address: str, *, loopback: bool) -> bool:
    parsed = ipaddress.ip_address(address)
    return parsed.is_loopback if loopback else parsed.is_global
