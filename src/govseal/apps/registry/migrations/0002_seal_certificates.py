"""Seal keys have versions: each institution's certificate becomes the first of its `SealCertificate` rows."""

import hashlib

import django.db.models.deletion
from django.db import migrations, models


def certificates_out(apps, _editor):
    """Enter what each institution held as its one certificate."""
    institutions = apps.get_model("registry", "Institution")
    rows = apps.get_model("registry", "SealCertificate")
    for institution in institutions.objects.order_by("pk").iterator():
        der = bytes(institution.certificate)
        rows.objects.create(
            institution=institution,
            der=der,
            fingerprint=hashlib.sha256(der).hexdigest(),
            added_at=institution.added_at,
            used_from=institution.added_at,
        )


class Migration(migrations.Migration):

    dependencies = [("registry", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="SealCertificate",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("der", models.BinaryField(help_text="X.509 seal certificate, DER.")),
                ("fingerprint", models.CharField(help_text="SHA-256 of it, hex.", max_length=64, unique=True)),
                ("added_at", models.DateTimeField()),
                ("used_from", models.DateTimeField(help_text="Since when its key seals; empty while prepared.", null=True)),
                ("retired_at", models.DateTimeField(help_text="From when it seals nothing more.", null=True)),
                ("compromised_at", models.DateTimeField(help_text="From when its key is no longer trusted.", null=True)),
                (
                    "institution",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="certificates",
                        to="registry.institution",
                    ),
                ),
            ],
            options={"ordering": ["pk"]},
        ),
        migrations.RunPython(certificates_out, migrations.RunPython.noop),
    ]
