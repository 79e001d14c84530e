"""Registers the shared templates, template tags and static files with Django."""

from django.apps import AppConfig


class SharedConfig(AppConfig):
    """The app that holds templates and static files, and no models."""

    name = "govseal.web.shared"
    label = "web_shared"
