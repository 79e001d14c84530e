"""Where a demonstration is found on the local network: a name, an address, a port.

Codes name a host without a port (docs/protocol.md clause 4.2), so the name is one of the local network (`….local`), the
port 443, and the certificate that of a small authority of our own (`govseal.adapters.keys.lan`).

What is *not* here: starting the web server (`supervisor`), and answering for the name (`govseal.adapters.mdns`).
"""

import ipaddress
import re
import socket
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from govseal.adapters.keys.lan import LanCertificates
from govseal.core.errors import InputError, OperatorError
from govseal.core.qrtext.origin import check_host

HTTPS_PORT = 443
_ODD = re.compile(r"[^a-z0-9]+")
_TOWARDS = ("192.0.2.1", 9)
"""An address of documentation (RFC 5737): nothing is sent there, the system only names the way."""


@dataclass(frozen=True, slots=True)
class Lan:
    """Where a demonstration is found.

    Attributes:
        name: what its codes name.
        address: IPv4 address of this machine.
        port: of the web server.
        certificates: by which phones believe it.
    """

    name: str
    address: str
    port: int
    certificates: LanCertificates

    @property
    def origin(self) -> str:
        """What a phone opens when it cannot find the name."""
        return f"https://{self.address}{'' if self.port == HTTPS_PORT else f':{self.port}'}"


def lan(home: Path, *, name: str, address: str, port: int, now: datetime) -> Lan:
    """Return the place, with certificates that are made where none fit.

    Args:
        home: the data folder.
        name: of the local network; made from this machine's own when empty.
        address: found when empty.
        port: 443, unless the codes need not be opened by a camera.
        now: the time.

    Raises:
        InputError: no usable name or address.
        OperatorError: no local network, or a port that may not be used.
    """
    name = name or _own_name()
    check_host(name)
    address = _ipv4(address) if address else own_address()
    _require_port(port)
    certificates = LanCertificates(home / "lan", name, address)
    certificates.ensure(now)
    return Lan(name, address, port, certificates)


def _own_name() -> str:
    machine = socket.gethostname().partition(".")[0].lower()
    return f"{_ODD.sub('-', machine).strip('-') or 'govseal'}.local"


def _ipv4(text: str) -> str:
    try:
        return str(ipaddress.IPv4Address(text))
    except ValueError:
        raise InputError(f"{text!r} is no IPv4 address, such as 192.168.1.5: --address") from None


def own_address() -> str:
    """Return this machine's address on its network.

    Raises:
        OperatorError: it has none but its own loopback.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(_TOWARDS)
        except OSError as error:
            raise OperatorError(
                "This machine is on no network: join one, or name its address: --address", code="NO_NETWORK"
            ) from error
        return str(probe.getsockname()[0])


def _require_port(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("", port))
        except PermissionError as error:
            raise OperatorError(
                f"Port {port} is not yours to use. Allow it: sudo sysctl net.ipv4.ip_unprivileged_port_start={port}",
                code="PORT_FORBIDDEN",
            ) from error
        except OSError as error:
            raise OperatorError(
                f"Port {port} is in use: end what uses it, or choose another: --port"
            ) from error
