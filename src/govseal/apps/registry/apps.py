"""Django's entry for the registry."""

from django.apps import AppConfig


class RegistryConfig(AppConfig):
    """Institutions and trust lists."""

    name = "govseal.apps.registry"
    label = "registry"
