"""Documents, the batches that anchor them, what becomes of them, and the lists that say so.

The states below are the outbox (docs/architecture.md, "The outbox"): each arrow is one transaction in
`services`, and whatever dies in between is taken up again from the state in the row.

    Document:   WAITING -> BATCHED -> ANCHORED -> RELEASED
                WAITING -> SET_ASIDE, BATCHED -> SET_ASIDE       with the reason
    Batch:      FORMED -> PUBLISHED -> SENT -> ANCHORED          (deleted from FORMED, when no document is left)
                SENT -> PUBLISHED                                the transaction cannot be mined any more, or failed
                ANCHORED -> SENT, ANCHORED -> PUBLISHED          the chain has lost it
    Revocation: WAITING -> SENT -> CONFIRMED
                WAITING -> CONFIRMED                             the ledger holds it without us
                SENT -> WAITING                                  as of a batch
                CONFIRMED -> SENT, CONFIRMED -> WAITING          as of a batch

`services.states` has the same arrows as a table, and is the only way along them.

Apart from the outbox goes a document's standing (docs/protocol.md clause 6.6); each arrow is one transaction, that
writes a `StandingChange` and marks the document's status list as changed:

    Standing:   VALID <-> SUSPENDED;  either -> REVOKED or REPLACED, which are final
"""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models

from govseal.apps.evidence.models import FollowedChain
from govseal.apps.registry.models import Institution

REASON_LENGTH = 200


class Standing(models.TextChoices):
    """What became of a document."""

    VALID = "valid"
    SUSPENDED = "suspended"
    REPLACED = "replaced"
    REVOKED = "revoked"


class ReasonCode(models.TextChoices):
    """Why a document's standing changed; the words beside it say more."""

    ERROR = "error"
    CORRECTED = "corrected"
    RENEWED = "renewed"
    LOST = "lost"
    FRAUD = "fraud"
    REVIEW = "review"
    COURT = "court"
    ENDED = "ended"
    CLEARED = "cleared"
    OTHER = "other"


class Source(models.TextChoices):
    """Who changed a document's standing."""

    PLATFORM = "platform"
    LEDGER = "ledger"


class OnLedger(models.Model):
    """A row that one ledger transaction carries out, and that transaction, recorded before it is sent.

    What is sent is what lies here, byte for byte and as often as needed: a chain takes it once. The fields are
    filled together and emptied together. Of a transaction that is not ours to send again `transaction` alone is kept:
    from before they were recorded, by an account that was changed, or by whoever else sent the root.
    """

    transaction = models.BinaryField(max_length=32, null=True)
    raw_transaction = models.BinaryField(null=True, help_text="Signed, as it is sent.")
    transaction_nonce = models.PositiveBigIntegerField(null=True)
    sent_at = models.DateTimeField(null=True, help_text="Since when the chain is to take it.")
    trouble = models.TextField(
        blank=True, default="", help_text="What keeps it from going on; empty when nothing."
    )
    failures = models.PositiveIntegerField(default=0, help_text="How often in a row.")
    retry_at = models.DateTimeField(null=True, help_text="Not to be tried before.")

    class Meta:
        """No table of its own."""

        abstract = True


class Batch(OnLedger):
    """Documents of one institution under one Merkle root: one ledger transaction."""

    class State(models.TextChoices):
        """How far the batch has come."""

        FORMED = "formed"
        PUBLISHED = "published"
        SENT = "sent"
        ANCHORED = "anchored"

    LATEST: ClassVar = ("-block_number", "-pk")
    """Orders what is anchored: what the chain took last comes first."""

    institution = models.ForeignKey(Institution, on_delete=models.PROTECT, related_name="batches")
    root = models.BinaryField(max_length=32)
    size = models.PositiveIntegerField()
    state = models.CharField(max_length=10, choices=State, default=State.FORMED)
    block_number = models.PositiveBigIntegerField(null=True)
    block_hash = models.BinaryField(max_length=32, null=True)
    block_time = models.DateTimeField(null=True)
    formed_at = models.DateTimeField()
    receipt = models.BinaryField(null=True, help_text="The anchor receipt, once signed; never another.")
    nodes_kept = models.BooleanField(default=False, help_text="Whether its inner nodes can be looked up.")

    class Meta:
        """A root is issued once per institution; batches with work to do are found fast."""

        ordering: ClassVar = ["pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["institution", "root"], name="one_batch_per_root"),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["institution", "id"], name="unfinished_batch", condition=~models.Q(state="anchored")
            ),
            models.Index(
                fields=["institution", "-block_number", "-id"],
                name="batch_by_block",
                condition=models.Q(state="anchored"),
            ),
            models.Index(
                fields=["id"],
                name="batch_without_receipt",
                condition=models.Q(state="anchored", receipt__isnull=True, transaction__isnull=False),
            ),
            models.Index(
                fields=["id"],
                name="batch_without_nodes",
                condition=models.Q(state="anchored", nodes_kept=False),
            ),
        ]

    def __str__(self) -> str:
        return f"batch {self.pk} ({self.state})"


class BatchNodes(models.Model):
    """Where a batch's inner nodes are found: the first four bytes of each, as signed integers.

    Of four bytes several nodes may share the value: whoever finds a batch so looks at its proofs. A row of its own,
    because an update of the batch would write its thousands of index entries anew.
    """

    batch = models.OneToOneField(Batch, on_delete=models.CASCADE, primary_key=True, related_name="nodes")
    prefixes = ArrayField(models.IntegerField())

    class Meta:
        """A node is found without reading batches or documents."""

        indexes: ClassVar = [GinIndex(fields=["prefixes"], name="batch_by_node")]

    def __str__(self) -> str:
        return f"nodes of batch {self.batch_id}"


class Document(models.Model):
    """One attested document, from the moment its sheet is rendered.

    The platform keeps no readable copy once it is anchored: `salted` and `key` exist only while the
    document waits, `escrow` opens only with the institution's escrow key.
    """

    class State(models.TextChoices):
        """How far the document has come."""

        WAITING = "waiting"
        BATCHED = "batched"
        ANCHORED = "anchored"
        RELEASED = "released"
        SET_ASIDE = "set_aside"

    id = models.CharField(max_length=32, primary_key=True, help_text="Public id, 32 hex digits.")
    institution = models.ForeignKey(Institution, on_delete=models.PROTECT, related_name="documents")
    type = models.CharField(max_length=64)
    number = models.CharField(max_length=128)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    reason = models.TextField(blank=True, default="", help_text="Why it was set aside.")
    standing = models.CharField(max_length=9, choices=Standing, default=Standing.VALID)
    target_hash = models.BinaryField(max_length=32)
    status_list = models.PositiveIntegerField()
    status_index = models.PositiveIntegerField()
    salted = models.BinaryField(null=True, help_text="Salted data, JSON; until anchored.")
    key = models.BinaryField(max_length=32, null=True, help_text="Document key; until anchored.")
    escrow = models.BinaryField(help_text="The secret, under the institution's escrow key.")
    asked = models.BinaryField(
        max_length=16,
        null=True,
        help_text="What was asked for, as a digest under the secret; null: not known.",
    )
    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, null=True, related_name="documents")
    proof = models.BinaryField(null=True, help_text="Sibling hashes bottom-up, 32 bytes each.")
    nonce = models.BinaryField(max_length=12, null=True, help_text="Of the envelope; fixed with the batch.")
    prepared_at = models.DateTimeField()
    anchored_at = models.DateTimeField(null=True)
    released_at = models.DateTimeField(null=True)

    class Meta:
        """A number is issued once per institution and type; a status index belongs to one document."""

        ordering: ClassVar = ["prepared_at", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["institution", "type", "number"],
                condition=~models.Q(state="set_aside"),
                name="one_document_per_number",
            ),
            models.UniqueConstraint(fields=["status_list", "status_index"], name="one_document_per_status"),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["institution", "prepared_at"],
                name="waiting_document",
                condition=models.Q(state="waiting"),
            ),
            # A status list is made from this index alone, however many documents share it.
            models.Index(
                fields=["status_list", "status_index", "standing"],
                name="document_not_valid",
                condition=~models.Q(standing="valid"),
            ),
            models.Index(fields=["target_hash"], name="document_by_target"),
            models.Index(
                fields=["id"],
                name="document_aside_but_valid",
                condition=models.Q(state="set_aside", standing="valid"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.number} ({self.state})"


class Revocation(OnLedger):
    """A document taken back for good: on the ledger, in the order in which it was asked."""

    class State(models.TextChoices):
        """How far the revocation has come."""

        WAITING = "waiting"
        SENT = "sent"
        CONFIRMED = "confirmed"

    LATEST: ClassVar = ("-confirmed_at", "-pk")
    """Orders what is confirmed: what the chain took last comes first."""

    document = models.OneToOneField(Document, on_delete=models.PROTECT, related_name="revocation")
    reason = models.CharField(max_length=REASON_LENGTH)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    asked_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)

    class Meta:
        """Oldest first; what was confirmed last is found fast."""

        ordering: ClassVar = ["pk"]
        indexes: ClassVar = [
            models.Index(
                fields=["-confirmed_at", "-id"],
                name="revocation_by_confirmation",
                condition=models.Q(state="confirmed"),
            ),
        ]

    def __str__(self) -> str:
        return f"revocation of {self.document_id} ({self.state})"


class StandingChange(models.Model):
    """One change of a document's standing: what, why and when. Rows are added and never changed."""

    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="standing_changes")
    standing = models.CharField(max_length=9, choices=Standing)
    code = models.CharField(max_length=9, choices=ReasonCode)
    reason = models.CharField(max_length=REASON_LENGTH)
    source = models.CharField(max_length=8, choices=Source, default=Source.PLATFORM)
    successor = models.ForeignKey(
        Document, on_delete=models.PROTECT, null=True, related_name="+", help_text="What replaces it."
    )
    changed_at = models.DateTimeField()

    class Meta:
        """Oldest first."""

        ordering: ClassVar = ["pk"]

    def __str__(self) -> str:
        return f"{self.document_id} became {self.standing}"


class LedgerCursor(models.Model):
    """How far the revocations that a chain's index holds have been entered here.

    Events of one chain are written one transaction after the other, and one that is read anew gets a higher key: what
    lies at or below `event` was seen, whatever a fork has taken back or brought since.
    """

    chain = models.OneToOneField(FollowedChain, on_delete=models.CASCADE, primary_key=True, related_name="+")
    event = models.PositiveBigIntegerField(default=0, help_text="Key of the last event entered.")

    def __str__(self) -> str:
        return f"revocations up to event {self.event}"


class StatusList(models.Model):
    """One published status list, byte for byte, and whether its documents have changed since.

    `version` grows in each transaction that changes a document's standing; the list says all of them once
    `published_version` has caught up.
    """

    number = models.PositiveIntegerField(primary_key=True)
    version = models.PositiveBigIntegerField(default=1)
    published_version = models.PositiveBigIntegerField(default=0)
    host = models.CharField(max_length=300, default="", help_text="Whose list it says it is.")
    kid = models.BinaryField(max_length=8, default=bytes, help_text="Id of the key that signed it.")
    issued_at = models.DateTimeField(null=True)
    jwt = models.BinaryField(default=bytes)
    cwt = models.BinaryField(default=bytes)
    notices = models.BinaryField(default=bytes, help_text="Why its documents are not valid; signed with it.")

    class Meta:
        """By number."""

        ordering: ClassVar = ["number"]

    def __str__(self) -> str:
        return f"status list {self.number}"
