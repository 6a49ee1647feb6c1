"""The app of what runs on this machine: the embedded database and `manage.py up`."""

from django.apps import AppConfig


class LocalConfig(AppConfig):
    name = "mam.local"
    label = "local"
