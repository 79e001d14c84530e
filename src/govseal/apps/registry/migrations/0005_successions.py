"""A list key may be followed by another: what it says of that one is kept with the other's first list."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("registry", "0004_dids")]

    operations = [
        migrations.AddField(
            model_name="publishedtrustlist",
            name="succession",
            field=models.BinaryField(
                help_text="What the key of the list before says of the key that signs this one.", null=True
            ),
        ),
        migrations.AddField(
            model_name="publishedtrustlist",
            name="succeeded",
            field=models.JSONField(
                default=list, help_text="Digests of the keys whose statements lead to its own, oldest first."
            ),
        ),
    ]
