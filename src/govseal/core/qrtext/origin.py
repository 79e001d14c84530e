"""Which hosts a QR code may name (docs/protocol.md sections 4 and 6).

A host is an exact lower-case ASCII name reached by https: no port, no user part, no address in numbers. A
demonstration's is `http://localhost:<port>`, whole, so that nobody takes one for the other.

    >>> origin_of("verify.gov.kh"), split("https://verify.gov.kh/s#1")
    ('https://verify.gov.kh', ('verify.gov.kh', '/s#1'))

What is *not* here: whether anybody is recognised under that name (`trustlist`).
"""

import re
from functools import lru_cache

from govseal.core.errors import MalformedQrText

_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_NAME = rf"(?:{_LABEL}\.)+(?!\d+(?![a-z0-9-])){_LABEL}"
_LOOPBACK = r"http://localhost:[1-9]\d{1,4}"
_HOST = re.compile(rf"(?:{_NAME}|{_LOOPBACK})", re.ASCII)
_URL = re.compile(rf"(?:https://(?P<name>{_NAME})|(?P<loopback>{_LOOPBACK}))(?P<rest>(?:[/?#].*)?)", re.ASCII)
_MAX_NAME = 253
_MAX_PORT = 65_535


@lru_cache(maxsize=64)  # of a code it is asked twice, and a country has few
def check_host(host: str) -> None:
    """Refuse what is no host of a code.

    Raises:
        MalformedQrText: not an exact lower-case host name, nor `http://localhost:<port>`.
    """
    if len(host) > _MAX_NAME or not _HOST.fullmatch(host) or not _port_exists(host):
        raise MalformedQrText("A code names a lower-case host name, or http://localhost:<port>.")


def origin_of(host: str) -> str:
    """Return the URL's beginning, scheme and host."""
    return host if host.startswith("http://") else f"https://{host}"


def split(text: str) -> tuple[str, str]:
    """Return (host, all that follows it) of a code's URL.

    Raises:
        MalformedQrText: not such a URL, or a host that no code names.
    """
    match = _URL.fullmatch(text)
    if match is None:
        raise MalformedQrText("This is not a link to a host that can vouch for documents.")
    host = match["name"] or match["loopback"]
    check_host(host)
    return host, match["rest"]


def _port_exists(host: str) -> bool:
    return not host.startswith("http://") or int(host.rpartition(":")[2]) <= _MAX_PORT
