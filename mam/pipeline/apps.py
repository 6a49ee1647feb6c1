"""The pipeline's app."""

from django.apps import AppConfig


class PipelineConfig(AppConfig):
    name = "mam.pipeline"
    label = "pipeline"
    default_auto_field = "django.db.models.BigAutoField"
