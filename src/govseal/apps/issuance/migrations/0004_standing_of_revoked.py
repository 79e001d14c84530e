"""Documents revoked before standings were kept are revoked in their status lists too."""

from django.db import migrations


def enter(apps, schema_editor):
    Document = apps.get_model('issuance', 'Document')
    Revocation = apps.get_model('issuance', 'Revocation')
    StandingChange = apps.get_model('issuance', 'StandingChange')
    revocations = Revocation.objects.filter(document__standing='valid').order_by('pk')
    StandingChange.objects.bulk_create(
        (
            StandingChange(
                document_id=one.document_id,
                standing='revoked',
                code='other',
                reason=one.reason,
                changed_at=one.asked_at,
            )
            for one in revocations.iterator()
        ),
        batch_size=1000,
    )
    Document.objects.filter(revocation__isnull=False).update(standing='revoked')


class Migration(migrations.Migration):

    dependencies = [
        ('issuance', '0003_standing'),
    ]

    operations = [
        migrations.RunPython(enter, migrations.RunPython.noop),
    ]
