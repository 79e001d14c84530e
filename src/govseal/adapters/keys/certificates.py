"""What every X.509 certificate of ours has in common, whoever signs it (RFC 5280 section 4.2.1).

What is *not* here: whose they are and for how long (`authority`, `lan`).
"""

from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec


def begin(
    subject: x509.Name,
    issuer: x509.Name,
    public_key: ec.EllipticCurvePublicKey,
    *,
    not_before: datetime,
    not_after: datetime,
    certifies: bool,
) -> x509.CertificateBuilder:
    """Return a certificate to be signed: of an authority with none below it, or of a key that signs no certificate."""
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(not_before)
        .not_valid_after(not_after)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
        .add_extension(
            x509.BasicConstraints(ca=certifies, path_length=0 if certifies else None), critical=True
        )
        .add_extension(_usage(certifies=certifies), critical=True)
    )


def _usage(*, certifies: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not certifies,
        key_cert_sign=certifies,
        crl_sign=certifies,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
