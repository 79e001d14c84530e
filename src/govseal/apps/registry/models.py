"""What the country knows of its issuers.

The trust list is made from these rows and nothing else; verifiers read the list, never the rows.
"""

from typing import ClassVar

from django.db import models


class Institution(models.Model):
    """One issuer with its DocumentStore and the public half of its seal key.

    Invariant: `code`, the store's address and the certificate never change once documents bear them; a
    successor is added beside them.
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
    certificate = models.BinaryField(help_text="X.509 seal certificate, DER.")
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


class PublishedTrustList(models.Model):
    """Every trust list ever published, byte for byte: the next one names its predecessor."""

    sequence = models.PositiveIntegerField(primary_key=True)
    token = models.BinaryField()
    issued_at = models.DateTimeField()
    hosts = models.JSONField(help_text="Origins whose codes it judges.")

    class Meta:
        """Newest first."""

        ordering: ClassVar = ["-sequence"]

    def __str__(self) -> str:
        return f"trust list {self.sequence}"
