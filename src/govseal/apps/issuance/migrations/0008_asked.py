"""What was asked for, so that a number asked for again with other content is refused."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    """A column, empty for documents from before."""

    dependencies: ClassVar = [("issuance", "0007_trouble")]

    operations: ClassVar = [
        migrations.AddField(
            model_name="document",
            name="asked",
            field=models.BinaryField(
                help_text="What was asked for, as a digest under the secret; null: not known.",
                max_length=16,
                null=True,
            ),
        ),
    ]
