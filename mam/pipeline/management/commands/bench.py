"""`manage.py bench NAME …`: measures that several rooms make together, composed by strings."""

from __future__ import annotations

import sys
from typing import Any, Protocol

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.module_loading import import_string

from mam.errors import MamError


class Bench(Protocol):
    """What settings.BENCHES names: a class made without arguments."""

    help: str

    def add_arguments(self, parser: CommandParser) -> None: ...

    def handle(self, **options: Any) -> str:
        """What goes to stdout: JSON alone where `--json` was asked for."""


class Command(BaseCommand):
    help = "Measure: `bench NAME --help` says what and how."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", choices=sorted(settings.BENCHES), help="what to measure")
        # Each bench names its own arguments; the one that is asked for adds them here.
        chosen = next((word for word in sys.argv[2:] if word in settings.BENCHES), None)
        if chosen is not None:
            bench_named(chosen).add_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> str:
        try:
            return bench_named(options.pop("name")).handle(**options)
        except MamError as error:
            raise CommandError(str(error)) from error


def bench_named(name: str) -> Bench:
    try:
        bench: Bench = import_string(settings.BENCHES[name])()
    except ImportError as error:
        raise CommandError(f"The bench {name} cannot be loaded: {error}") from None
    return bench
