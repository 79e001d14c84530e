"""What the country knows of its issuers.

The trust list is made from these rows and nothing else; verifiers read the list, never the rows.
"""

from typing import ClassVar

from django.db import models


class Institution(models.Model):
    """One issuer with its DocumentStore.

    Invariant: `code` and the store's address never change once documents bear them.
    """

    code = models.CharField(max_length=32, unique=True)
    names = models.JSONField(help_text="Name per language code.")
    domain = models.CharField(max_length=253)
    document_types = models.JSONField(
        default=list, help_text="Codes of the country pack's types it may issue."
    )
    chain_id = models.PositiveBigIntegerField()
    genesis = models.CharField(max_length=66)
    store_address = models.CharField(max_length=42)
    store_compromised_at = models.DateTimeField(
        null=True, help_text="Since when somebody else may have written to the store."
    )
    revocation_stores = models.JSONField(
        default=list,
        help_text="Addresses, on that chain, of stores in which it revokes what its DIDs have signed.",
    )
    ocsp_responders = models.JSONField(
        default=list, help_text="Locations of OCSP responders that tell what it has revoked."
    )
    added_at = models.DateTimeField()

    class Meta:
        """One store belongs to one institution."""

        ordering: ClassVar = ["code"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["chain_id", "genesis", "store_address"], name="one_store_one_institution"
            )
        ]

    def __str__(self) -> str:
        return self.code


class SealCertificate(models.Model):
    """The public half of one version of an institution's seal key.

    Invariant: a row never goes, since documents are judged by it for ever; its dates only move towards the past.
    """

    institution = models.ForeignKey(Institution, on_delete=models.PROTECT, related_name="certificates")
    der = models.BinaryField(help_text="X.509 seal certificate, DER.")
    fingerprint = models.CharField(max_length=64, unique=True, help_text="SHA-256 of it, hex.")
    added_at = models.DateTimeField()
    used_from = models.DateTimeField(null=True, help_text="Since when its key seals; empty while prepared.")
    retired_at = models.DateTimeField(null=True, help_text="From when it seals nothing more.")
    compromised_at = models.DateTimeField(null=True, help_text="From when its key is no longer trusted.")

    class Meta:
        """Oldest first."""

        ordering: ClassVar = ["pk"]

    def __str__(self) -> str:
        return f"{self.fingerprint[:16]} of institution {self.institution_id}"


class ListedDid(models.Model):
    """A key that signs an institution's OpenAttestation documents, named by its DID URL.

    Invariant: a row never goes, since documents are judged by it for ever; its date only moves towards the past.
    """

    institution = models.ForeignKey(Institution, on_delete=models.PROTECT, related_name="dids")
    url = models.CharField(max_length=200, unique=True, help_text="Exact DID URL: did:ethr:0x…#controller.")
    added_at = models.DateTimeField()
    compromised_at = models.DateTimeField(null=True, help_text="From when its key is no longer trusted.")

    class Meta:
        """Oldest first."""

        ordering: ClassVar = ["pk"]

    def __str__(self) -> str:
        return f"{self.url} of institution {self.institution_id}"


class PublishedTrustList(models.Model):
    """Every trust list ever published, byte for byte: the next one names its predecessor."""

    sequence = models.PositiveIntegerField(primary_key=True)
    token = models.BinaryField()
    content = models.CharField(
        max_length=64, default="", help_text="Digest of what it says, its number and dates left out."
    )
    issued_at = models.DateTimeField()
    hosts = models.JSONField(help_text="Origins whose codes it judges.")
    succession = models.BinaryField(
        null=True, help_text="What the key of the list before says of the key that signs this one."
    )
    succeeded = models.JSONField(
        default=list, help_text="Digests of the keys whose statements lead to its own, oldest first."
    )

    class Meta:
        """Newest first."""

        ordering: ClassVar = ["-sequence"]

    def __str__(self) -> str:
        return f"trust list {self.sequence}"
