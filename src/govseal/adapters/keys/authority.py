"""The country's certification authority, its key in a file or on a token.

It certifies the seal keys of institutions, and the keys that sign the trust list, status lists and receipts. Verifiers do not build chains to
it: a certificate counts because the trust list names it (docs/protocol.md section 6). The authority lets other
software, which does build chains, follow the same keys.

What is *not* here: which institutions there are, and publishing the list.
"""

from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from govseal.adapters.keys import certificates
from govseal.adapters.keys.store import KeyStore
from govseal.core.errors import OperatorError

_MAX_NAME = 64  # X.520's bound on organisation and common names


class CountryAuthority:
    """Certifies keys with the authority's own key, held in a folder by the name `authority`.

    Attributes:
        certificate: the authority's, DER.
    """

    NAME = "authority"

    def __init__(self, folder: KeyStore, name: str = NAME) -> None:
        self._key = folder.private_key(name)
        self.certificate = folder.certificate(name)
        self._subject = x509.load_der_x509_certificate(self.certificate).subject

    @classmethod
    def create(
        cls, folder: KeyStore, *, country: str, operator: str, not_before: datetime, not_after: datetime
    ) -> "CountryAuthority":
        """Make the authority's key and its certificate, signed by itself.

        Args:
            folder: takes both.
            country: ISO 3166-1 alpha-2.
            operator: name of who runs it.
            not_before: first moment of validity.
            not_after: last moment of validity.

        Raises:
            OperatorError: there is an authority in the folder already, or a name is too long.
        """
        if (
            cls.NAME not in folder.signing_keys()
        ):  # else by a run that was killed before it had the certificate
            folder.create_signing_key(cls.NAME)
        certificate = cls.certify_itself(
            folder,
            cls.NAME,
            country=country,
            operator=operator,
            not_before=not_before,
            not_after=not_after,
        )
        folder.store_certificate(cls.NAME, certificate)
        return cls(folder)

    @staticmethod
    def certify_itself(
        folder: KeyStore,
        key: str,
        *,
        country: str,
        operator: str,
        not_before: datetime,
        not_after: datetime,
    ) -> bytes:
        """Return the certificate (DER) that an authority's key, any version of it, signs for itself."""
        name = _name(country, operator, "Document seals: authority")
        public_key = folder.public_key(key)
        begun = certificates.begin(
            name, name, public_key, not_before=not_before, not_after=not_after, certifies=True
        )
        return begun.sign(folder.private_key(key), SHA256()).public_bytes(Encoding.DER)

    def certify_institution(
        self,
        public_key: ec.EllipticCurvePublicKey,
        *,
        country: str,
        code: str,
        name: str,
        not_before: datetime,
        not_after: datetime,
    ) -> bytes:
        """Return the seal certificate (DER) of an institution; its common name is a seal's `iss`.

        A name beyond X.520's 64 characters is cut: what people are shown is the trust list's.
        """
        subject = _name(country, name[:_MAX_NAME], f"{country}/{code}")
        return self._certify(public_key, subject, not_before, not_after)

    def certify_list_signer(
        self,
        public_key: ec.EllipticCurvePublicKey,
        *,
        country: str,
        operator: str,
        not_before: datetime,
        not_after: datetime,
        purpose: str = "Trust list",
    ) -> bytes:
        """Return the certificate (DER) of the trust list's key, or of another that the operator signs with.

        Args:
            public_key: the key.
            country: the list's territory.
            operator: the list maker's name, word for word one of those in the list (TS 119 602 clause 6.8).
            not_before: first moment of validity.
            not_after: last moment of validity.
            purpose: what it signs; the certificate's common name.
        """
        return self._certify(public_key, _name(country, operator, purpose), not_before, not_after)

    def _certify(
        self,
        public_key: ec.EllipticCurvePublicKey,
        subject: x509.Name,
        not_before: datetime,
        not_after: datetime,
    ) -> bytes:
        issuer_key = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())
        begun = certificates.begin(
            subject, self._subject, public_key, not_before=not_before, not_after=not_after, certifies=False
        )
        signed = begun.add_extension(issuer_key, critical=False).sign(self._key, SHA256())
        return signed.public_bytes(Encoding.DER)


def _name(country: str, organisation: str, common_name: str) -> x509.Name:
    if max(len(organisation), len(common_name)) > _MAX_NAME:
        raise OperatorError(
            f"A name in a certificate has at most {_MAX_NAME} characters: {organisation!r}.",
            code="NAME_TOO_LONG",
        )
    parts = {
        NameOID.COUNTRY_NAME: country,
        NameOID.ORGANIZATION_NAME: organisation,
        NameOID.COMMON_NAME: common_name,
    }
    return x509.Name([x509.NameAttribute(kind, value) for kind, value in parts.items()])
