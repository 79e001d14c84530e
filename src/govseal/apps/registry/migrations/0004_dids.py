"""Institutions may be listed with DIDs, and with where they revoke what those have signed."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("registry", "0003_dates")]

    operations = [
        migrations.AddField(
            model_name="institution",
            name="revocation_stores",
            field=models.JSONField(
                default=list,
                help_text="Addresses, on that chain, of stores in which it revokes what its DIDs have signed.",
            ),
        ),
        migrations.AddField(
            model_name="institution",
            name="ocsp_responders",
            field=models.JSONField(
                default=list, help_text="Locations of OCSP responders that tell what it has revoked."
            ),
        ),
        migrations.CreateModel(
            name="ListedDid",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "url",
                    models.CharField(
                        help_text="Exact DID URL: did:ethr:0x…#controller.", max_length=200, unique=True
                    ),
                ),
                ("added_at", models.DateTimeField()),
                (
                    "compromised_at",
                    models.DateTimeField(help_text="From when its key is no longer trusted.", null=True),
                ),
                (
                    "institution",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="dids",
                        to="registry.institution",
                    ),
                ),
            ],
            options={"ordering": ["pk"]},
        ),
    ]
