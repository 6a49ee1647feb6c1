"""The web app: shared manners of pages and API."""

from django.apps import AppConfig
from django.urls import register_converter

from mam.web.converters import IdConverter


class WebConfig(AppConfig):
    name = "mam.web"
    label = "web"

    def ready(self) -> None:
        register_converter(IdConverter, "id")
