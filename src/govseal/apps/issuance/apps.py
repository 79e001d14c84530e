"""Django's entry for issuance."""

from django.apps import AppConfig


class IssuanceConfig(AppConfig):
    """Documents, batches and revocations."""

    name = "govseal.apps.issuance"
    label = "issuance"
