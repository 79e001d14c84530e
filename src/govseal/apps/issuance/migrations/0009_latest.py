"""What a chain took last is found fast: whatever it forgets is among that."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    """Two indexes."""

    dependencies: ClassVar = [("issuance", "0008_asked")]

    operations: ClassVar = [
        migrations.AddIndex(
            model_name="batch",
            index=models.Index(
                condition=models.Q(("state", "anchored")),
                fields=["institution", "-block_number", "-id"],
                name="batch_by_block",
            ),
        ),
        migrations.AddIndex(
            model_name="revocation",
            index=models.Index(
                condition=models.Q(("state", "confirmed")),
                fields=["-confirmed_at", "-id"],
                name="revocation_by_confirmation",
            ),
        ),
    ]
