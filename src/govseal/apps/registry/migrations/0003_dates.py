"""A certificate is a row of its own now; stores may be compromised; a list is known by what it says."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("registry", "0002_seal_certificates")]

    operations = [
        migrations.RemoveField(model_name="institution", name="certificate"),
        migrations.AddField(
            model_name="institution",
            name="store_compromised_at",
            field=models.DateTimeField(
                help_text="Since when somebody else may have written to the store.", null=True
            ),
        ),
        migrations.AddField(
            model_name="publishedtrustlist",
            name="content",
            field=models.CharField(
                default="", help_text="Digest of what it says, its number and dates left out.", max_length=64
            ),
        ),
    ]
