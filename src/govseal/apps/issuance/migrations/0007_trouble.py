from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("issuance", "0006_notices"),
    ]

    operations = [
        operation
        for model in ("batch", "revocation")
        for operation in (
            migrations.AddField(
                model_name=model,
                name="trouble",
                field=models.TextField(
                    blank=True, default="", help_text="What keeps it from going on; empty when nothing."
                ),
            ),
            migrations.AddField(
                model_name=model,
                name="failures",
                field=models.PositiveIntegerField(default=0, help_text="How often in a row."),
            ),
            migrations.AddField(
                model_name=model,
                name="retry_at",
                field=models.DateTimeField(help_text="Not to be tried before.", null=True),
            ),
        )
    ]
