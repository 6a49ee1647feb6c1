"""The web app: shared manners of pages and API."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "mam.web"
    label = "web"
