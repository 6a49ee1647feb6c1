"""The editing app."""

from django.apps import AppConfig


class EditingConfig(AppConfig):
    name = "editing"
    label = "editing"
    default_auto_field = "django.db.models.BigAutoField"
