"""The exporters app."""

from django.apps import AppConfig


class ExportersConfig(AppConfig):
    name = "exporters"
    label = "exporters"
    default_auto_field = "django.db.models.BigAutoField"
