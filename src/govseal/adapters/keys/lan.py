"""Certificates for a demonstration on the local network, by which a phone can be told to believe its name.

The authority's key is forgotten once it has signed, and whoever installs its certificate on a phone lets it speak for
nothing but that name, this machine and private addresses (RFC 5280 section 4.2.1.10).

    certificates = LanCertificates(Path("var/lan"), "desk.local", "192.168.1.5")
    certificates.ensure(now)

What is *not* here: the name and the address (`govseal.project.lan`), and any key that seals or signs lists.
"""

import ipaddress
import os
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID

from govseal.adapters.keys import certificates

_PRIVATE = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8")
_AUTHORITY_LIFE, _LIFE, _LEFT = timedelta(days=365), timedelta(days=90), timedelta(days=7)
_CLOCK_SLACK = timedelta(hours=1)  # a phone's clock may be behind
_NAME_LIMIT = 64  # X.520's bound on common names


@dataclass(frozen=True, slots=True)
class LanCertificates:
    """The certificates of one place on the local network.

    Attributes:
        folder: holds them.
        name: what they speak for: a host name.
        address: likewise, an IPv4 address.
    """

    folder: Path
    name: str
    address: str

    @property
    def authority(self) -> Path:
        """The certificate that a phone may be told to believe, PEM."""
        return self.folder / "authority.crt"

    @property
    def server(self) -> Path:
        """The web server's certificate, PEM."""
        return self.folder / "server.crt"

    @property
    def key(self) -> Path:
        """The web server's key, PKCS#8 PEM, 0600."""
        return self.folder / "server.key"

    def ensure(self, now: datetime) -> None:
        """Make them where there are none of this name and address, or where they end within some days."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not self._fit(now):
            self._make(now)

    def _fit(self, now: datetime) -> bool:
        try:
            server = x509.load_pem_x509_certificate(self.server.read_bytes())
            authority = x509.load_pem_x509_certificate(self.authority.read_bytes())
            key = serialization.load_pem_private_key(self.key.read_bytes(), None)
            names = server.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
            server.verify_directly_issued_by(authority)
        except (OSError, ValueError, TypeError, x509.ExtensionNotFound):
            return False
        of_place = self.name in names.get_values_for_type(x509.DNSName) and ipaddress.IPv4Address(
            self.address
        ) in names.get_values_for_type(x509.IPAddress)
        ends = min(server.not_valid_after_utc, authority.not_valid_after_utc)
        return of_place and key.public_key() == server.public_key() and ends - now > _LEFT

    def _make(self, now: datetime) -> None:
        """Make authority and certificate anew; the authority's key ends with this call, and can sign nothing more."""
        authority_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
        name, begins = (
            _named(f"govseal demonstration on {self.name}"),
            now.replace(microsecond=0) - _CLOCK_SLACK,
        )
        authority = certificates.begin(
            name,
            name,
            authority_key.public_key(),
            not_before=begins,
            not_after=begins + _AUTHORITY_LIFE,
            certifies=True,
        ).add_extension(x509.NameConstraints(self._allowed(), None), critical=True)
        server = (
            certificates.begin(
                _named(self.name),
                name,
                key.public_key(),
                not_before=begins,
                not_after=begins + _LIFE,
                certifies=False,
            )
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
            .add_extension(self._spoken_for(), critical=False)
        )
        pem = serialization.Encoding.PEM
        secret = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        _write(self.key, secret, 0o600)
        for file, made in ((self.server, server), (self.authority, authority)):
            _write(file, made.sign(authority_key, hashes.SHA256()).public_bytes(pem), 0o644)

    def _allowed(self) -> list[x509.GeneralName]:
        networks = [ipaddress.IPv4Network(one) for one in _PRIVATE]
        own = ipaddress.IPv4Address(self.address)
        if not any(own in one for one in networks):
            networks.append(ipaddress.IPv4Network(own))
        return [x509.DNSName(self.name), x509.DNSName("localhost"), *map(x509.IPAddress, networks)]

    def _spoken_for(self) -> x509.SubjectAlternativeName:
        addresses = map(ipaddress.IPv4Address, dict.fromkeys([self.address, "127.0.0.1"]))
        return x509.SubjectAlternativeName(
            [x509.DNSName(self.name), x509.DNSName("localhost"), *map(x509.IPAddress, addresses)]
        )


def _named(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, text[:_NAME_LIMIT])])


def _write(file: Path, content: bytes, mode: int) -> None:
    file.unlink(missing_ok=True)
    with os.fdopen(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, mode), "wb") as stream:
        stream.write(content)
