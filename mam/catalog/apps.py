"""The catalogue's app."""

from django.apps import AppConfig


class CatalogConfig(AppConfig):
    name = "mam.catalog"
    label = "catalog"
    default_auto_field = "django.db.models.BigAutoField"
