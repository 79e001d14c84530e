"""Registers the public site's templates with Django."""

from django.apps import AppConfig


class PublicConfig(AppConfig):
    """The app that holds the public pages, and no models."""

    name = "govseal.web.public"
    label = "web_public"
