"""The pipeline's app."""

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import Tags, register

from mam.commands import MACHINE
from mam.engines import configure
from mam.pipeline import checks


class PipelineConfig(AppConfig):
    name = "mam.pipeline"
    label = "pipeline"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Tells the engines where weights lie (loads none), and Django what to check."""
        configure(settings.ENGINES, settings.OPTIONS.models, settings.HOME)
        register(checks.steps_fit)
        register(checks.home_is_writable, MACHINE)
        register(checks.ffmpeg_is_there, MACHINE)
        register(checks.settings_name_what_is_there, MACHINE)
        register(checks.pgvector_is_new_enough, Tags.database)
