"""TXT records by dnspython: what a domain says of stores and DIDs (docs/protocol.md 1.16).

    resolver_of("system")           # as this machine is set up
    resolver_of("192.0.2.53")       # or ask one resolver; "127.0.0.1:5353", "[2001:db8::53]:53" with its port

A resolver on the way can lie, and learns which issuer's documents are checked here: name one that you trust. One
look-up takes 5 s at most, asks no search list, and follows names as any resolver does.

What is *not* here: what a record must say (`govseal.core.openattestation.records`), and DNSSEC, which a
validating resolver judges.
"""

import ipaddress

import dns.exception
import dns.resolver
from dns.rdatatype import TXT

from govseal.core.errors import DnsUnavailable, OperatorError

TIME_LIMIT = 5.0
"""Seconds for one name."""

SYSTEM = "system"
_PORT = 53
_HIGHEST_PORT = 65_535


class DnsTexts:
    """Fulfils `DnsReader`.

    Args:
        resolver: whom to ask.
        seconds: for one name, all servers and tries together.
    """

    def __init__(self, resolver: dns.resolver.Resolver, *, seconds: float = TIME_LIMIT) -> None:
        self._resolver = resolver
        self._seconds = seconds

    def texts(self, name: str) -> list[str]:
        """Return each TXT record of `name`; see `DnsReader.texts`."""
        try:
            answer = self._resolver.resolve(f"{name}.", TXT, search=False, lifetime=self._seconds)
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return []
        except (dns.exception.DNSException, OSError, UnicodeError) as error:
            message = f"The name system did not answer for {name}: {type(error).__name__}."
            raise DnsUnavailable(message, name=name) from error
        return [b"".join(record.strings).decode("utf-8", "replace") for record in answer]


def resolver_of(text: str) -> DnsTexts:
    """Return a reader that asks the resolver that an operator named.

    Raises:
        OperatorError: `text` is neither `system` nor an address; or this machine names no resolver.
    """
    if text == SYSTEM:
        try:
            return DnsTexts(dns.resolver.Resolver())
        except (dns.exception.DNSException, OSError) as error:
            raise OperatorError("This machine names no DNS resolver: name one in GOVSEAL_DNS.") from error
    host, port = _address(text)
    resolver = dns.resolver.Resolver(configure=False)
    resolver.nameservers, resolver.port = [host], port
    return DnsTexts(resolver)


def _address(text: str) -> tuple[str, int]:
    host, port = text, str(_PORT)
    if text.startswith("[") or text.count(":") == 1:
        host, _, port = text.rpartition(":")
    try:
        address = ipaddress.ip_address(host.removeprefix("[").removesuffix("]"))
        number = int(port) if port.isdecimal() else 0
    except ValueError:
        number = 0
    if not 0 < number <= _HIGHEST_PORT:
        raise OperatorError(f"GOVSEAL_DNS is {text!r}: it must be system, or an address such as 192.0.2.53.")
    return str(address), number
