"""What a shell may ask of an export, for each command that writes one."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Mapping
from typing import Any

from editing.reasons import Reasons
from exporters.base import ExportOptions, Option
from exporters.bundles.base import BundleOptions
from exporters.dialects.fcpxml import VERSIONS
from exporters.offered import others_refuse
from exporters.paths import PathMap

DEFAULTS = ExportOptions()
BUNDLED = BundleOptions()
VERIFY = "read masters whole and hold them against their hash, also where not all is needed of them"


def add_wishes(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--map",
        action="append",
        default=[],
        metavar="FROM=TO",
        help="masters below FROM are below TO on the editor's machine; may be repeated",
    )
    parser.add_argument(
        "--long-reels", action="store_true", help="EDL: reels of up to 32 characters"
    )
    parser.add_argument(
        "--long-numbers",
        action="store_true",
        help="EDL: six digits and one file in place of 999 events a file",
    )
    parser.add_argument(
        "--fcpxml-version",
        choices=VERSIONS,
        metavar="1.8…1.14",
        help=f"FCPXML: which one the editor's Final Cut reads (default {DEFAULTS.fcpxml_version})",
    )
    parser.add_argument(
        "--reasons",
        choices=[each.value for each in Reasons],
        help="why clips were chosen, and who speaks: what was asked, what is spoken and read there,"
        " and what people named, noted or confirmed (default); or a machine's guesses too; or"
        " nothing",
    )


def wishes_of(options: Mapping[str, Any]) -> ExportOptions:
    """Raises BadRequest for a rule of paths that cannot be read, and for what the format does not
    take."""
    others_refuse(
        options["format"],
        [name for name in Option if options.get(name)],
        edit=options.get("edit") or BUNDLED.edit,
        spelled=lambda name: f"--{name.replace('_', '-')}",
    )
    return ExportOptions(
        paths=PathMap.parse(options["map"]),
        long_reels=options["long_reels"],
        long_event_numbers=options["long_numbers"],
        fcpxml_version=options["fcpxml_version"] or DEFAULTS.fcpxml_version,
        reasons=Reasons(options["reasons"] or DEFAULTS.reasons),
    )
