"""Django's entry for evidence."""

from django.apps import AppConfig


class EvidenceConfig(AppConfig):
    """The index of the ledger's events."""

    name = "govseal.apps.evidence"
    label = "evidence"
