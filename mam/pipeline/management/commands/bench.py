"""`manage.py bench NAME …`: measures that several rooms make together, composed by strings."""

from __future__ import annotations

from typing import Any, Protocol

from django.conf import settings
from django.core.management.base import CommandError, CommandParser
from django.utils.module_loading import import_string

from mam.commands import LibraryCommand


class Bench(Protocol):
    """What settings.BENCHES names: a class made without arguments."""

    help: str

    def add_arguments(self, parser: CommandParser) -> None: ...

    def handle(self, **options: Any) -> str:
        """What goes to stdout: JSON alone where `--json` was asked for."""


class Command(LibraryCommand):
    help = "Measure: `bench NAME --help` says what and how."

    def add_arguments(self, parser: CommandParser) -> None:
        named = parser.add_subparsers(dest="name", required=True, metavar="NAME")
        for name in sorted(settings.BENCHES):
            bench = bench_named(name)
            bench.add_arguments(named.add_parser(name, help=bench.help, description=bench.help))

    def handle(self, *args: Any, **options: Any) -> str:
        return bench_named(options.pop("name")).handle(**options)


def bench_named(name: str) -> Bench:
    try:
        bench: Bench = import_string(settings.BENCHES[name])()
    except ImportError as error:
        raise CommandError(f"The bench {name} cannot be loaded: {error}") from None
    return bench
