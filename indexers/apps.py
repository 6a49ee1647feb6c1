"""The indexers app."""

from django.apps import AppConfig


class IndexersConfig(AppConfig):
    name = "indexers"
    label = "indexers"
    default_auto_field = "django.db.models.BigAutoField"
