from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('issuance', '0001_initial'),
    ]

    operations = [
        operation
        for model in ('batch', 'revocation')
        for operation in (
            migrations.AddField(
                model_name=model,
                name='raw_transaction',
                field=models.BinaryField(null=True, help_text='Signed, as it is sent.'),
            ),
            migrations.AddField(
                model_name=model,
                name='transaction_nonce',
                field=models.PositiveBigIntegerField(null=True),
            ),
            migrations.AddField(
                model_name=model,
                name='sent_at',
                field=models.DateTimeField(null=True, help_text='Since when the chain is to take it.'),
            ),
        )
    ]
