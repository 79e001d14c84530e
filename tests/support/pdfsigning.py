"""Signs PDFs with pyHanko, as other offices' programs sign them: approvals, certifications, field locks."""

import io
from datetime import UTC, datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from pyhanko.keys import load_certs_from_pemder_data, load_private_key_from_pemder_data
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign import fields, signers
from pyhanko.sign.timestamps import DummyTimeStamper
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.sign.validation.status import PdfSignatureStatus
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.registry import SimpleCertificateStore


class Hand:
    """Somebody who signs."""

    def __init__(self) -> None:
        key = rsa.generate_private_key(65537, 2048)  # of the kind that pyHanko stamps times with
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Example Signer")])
        usage = x509.KeyUsage(
            digital_signature=True, content_commitment=True, key_encipherment=False, data_encipherment=False,
            key_agreement=False, key_cert_sign=False, crl_sign=False, encipher_only=False, decipher_only=False,
        )  # fmt: skip
        certificate = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
            .not_valid_after(datetime(2090, 1, 1, tzinfo=UTC))
            .add_extension(usage, critical=True)
            .sign(key, hashes.SHA256())
        )
        encoding = serialization.Encoding.DER
        (self._certificate,) = load_certs_from_pemder_data(certificate.public_bytes(encoding))
        private = key.private_bytes(encoding, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        self._key = load_private_key_from_pemder_data(private, None)
        self._signer = signers.SimpleSigner(self._certificate, self._key, SimpleCertificateStore())

    def sign(
        self,
        content: bytes,
        name: str = "Approval",
        *,
        certify: fields.MDPPerm | None = None,
        lock: fields.FieldMDPSpec | None = None,
        box: tuple[int, int, int, int] | None = None,
    ) -> bytes:
        """Return the PDF with one more signature."""
        writer = IncrementalPdfFileWriter(io.BytesIO(content))
        field = fields.SigFieldSpec(name, field_mdp_spec=lock, box=box)
        fields.append_signature_field(writer, field)
        permission = {"docmdp_permissions": certify} if certify else {}
        metadata = signers.PdfSignatureMetadata(field_name=name, certify=certify is not None, **permission)
        return bytes(signers.sign_pdf(writer, metadata, signer=self._signer).getvalue())

    def timestamp(self, content: bytes) -> bytes:
        """Return the PDF with a document timestamp after what it holds."""
        clock = DummyTimeStamper(self._certificate, self._key)
        return bytes(
            signers.PdfTimeStamper(clock)
            .timestamp_pdf(IncrementalPdfFileWriter(io.BytesIO(content)), "sha256")
            .getvalue()
        )

    def judge(self, content: bytes) -> list[PdfSignatureStatus]:
        """Return what pyHanko, trusting this signer, says of every signature in the PDF."""
        context = ValidationContext(trust_roots=[self._certificate])
        reader = PdfFileReader(io.BytesIO(content))
        return [validate_pdf_signature(one, context) for one in reader.embedded_signatures]
