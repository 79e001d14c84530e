"""A demonstration on the local network: a name, an address, and certificates that a phone can be told to believe.

Codes name a host without a port (docs/protocol.md clause 4.2), so the name is one of the local network (`….local`), the
port 443, and the certificate that of a small authority of our own. Its key is forgotten once it has signed, and whoever
installs its certificate on a phone lets it speak for nothing but that name and private addresses.

What is *not* here: starting the web server (`supervisor`), and answering for the name (`govseal.adapters.mdns`).
"""

import ipaddress
import os
import re
import socket
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from govseal.core.errors import InputError, OperatorError
from govseal.core.qrtext.origin import check_host

HTTPS_PORT = 443
_PRIVATE = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8")
_AUTHORITY_LIFE, _LIFE, _LEFT = timedelta(days=365), timedelta(days=90), timedelta(days=7)
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
        folder: holds the certificates.
    """

    name: str
    address: str
    port: int
    folder: Path

    @property
    def authority(self) -> Path:
        """The certificate that a phone may be told to believe, PEM."""
        return self.folder / "authority.crt"

    @property
    def certificate(self) -> Path:
        """The web server's certificate, PEM."""
        return self.folder / "server.crt"

    @property
    def key(self) -> Path:
        """The web server's key, PKCS#8 PEM."""
        return self.folder / "server.key"

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
    name = (
        name
        or f"{_ODD.sub('-', socket.gethostname().partition('.')[0].lower()).strip('-') or 'govseal'}.local"
    )
    check_host(name)
    place = Lan(name, _ipv4(address) if address else own_address(), port, home / "lan")
    _require_port(port)
    place.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not _fits(place, now):
        _make(place, now)
    return place


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


# --- certificates -------------------------------------------------------------------------------------


def _fits(place: Lan, now: datetime) -> bool:
    """Say whether the certificates that are there are of this name, address and key, and go on for some days."""
    try:
        server = x509.load_pem_x509_certificate(place.certificate.read_bytes())
        authority = x509.load_pem_x509_certificate(place.authority.read_bytes())
        key = serialization.load_pem_private_key(place.key.read_bytes(), None)
        names = server.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        server.verify_directly_issued_by(authority)
    except (OSError, ValueError, TypeError, x509.ExtensionNotFound):
        return False
    of_place = place.name in names.get_values_for_type(x509.DNSName) and ipaddress.IPv4Address(
        place.address
    ) in names.get_values_for_type(x509.IPAddress)
    ends = min(server.not_valid_after_utc, authority.not_valid_after_utc)
    return of_place and key.public_key() == server.public_key() and ends - now > _LEFT


def _make(place: Lan, now: datetime) -> None:
    """Make authority and certificate anew; the authority's key is forgotten at once, and can sign nothing more."""
    authority_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    name = _named(f"govseal demonstration on {place.name}")
    authority = (
        _builder(name, name, authority_key.public_key(), now, _AUTHORITY_LIFE)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(certificates=True), critical=True)
        .add_extension(x509.NameConstraints(_allowed(place), None), critical=True)
        .sign(authority_key, hashes.SHA256())
    )
    server = (
        _builder(_named(place.name), name, key.public_key(), now, _LIFE)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([x509.ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(_spoken_for(place), critical=False)
        .sign(authority_key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    secret = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    _write(place.key, secret, 0o600)
    _write(place.certificate, server.public_bytes(pem), 0o644)
    _write(place.authority, authority.public_bytes(pem), 0o644)


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, now: datetime, life: timedelta
) -> x509.CertificateBuilder:
    begins = now.replace(microsecond=0) - timedelta(hours=1)  # a phone's clock may be behind
    return (
        x509.CertificateBuilder(subject_name=subject, issuer_name=issuer, public_key=key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(begins + life)
    )


def _named(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, text[:64])])


def _allowed(place: Lan) -> list[x509.GeneralName]:
    networks = [ipaddress.IPv4Network(one) for one in _PRIVATE]
    own = ipaddress.IPv4Address(place.address)
    if not any(own in one for one in networks):
        networks.append(ipaddress.IPv4Network(own))
    return [x509.DNSName(place.name), x509.DNSName("localhost"), *map(x509.IPAddress, networks)]


def _spoken_for(place: Lan) -> x509.SubjectAlternativeName:
    addresses = dict.fromkeys([place.address, "127.0.0.1"])
    return x509.SubjectAlternativeName(
        [
            x509.DNSName(place.name),
            x509.DNSName("localhost"),
            *(x509.IPAddress(ipaddress.IPv4Address(one)) for one in addresses),
        ]
    )


def _usage(*, certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not certificates,
        key_cert_sign=certificates,
        crl_sign=certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _write(file: Path, content: bytes, mode: int) -> None:
    file.unlink(missing_ok=True)
    with os.fdopen(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, mode), "wb") as stream:
        stream.write(content)
