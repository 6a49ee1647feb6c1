"""What a request asks of an export: the fields of the API and of the page's form, as options."""

from __future__ import annotations

from django.http import QueryDict
from drf_spectacular.utils import OpenApiParameter

from editing.reasons import Reasons
from exporters.base import ExportOptions
from exporters.bundles.base import BundleOptions, Media
from exporters.bundles.package import EDITS, edit_of
from exporters.dialects.fcpxml import VERSIONS
from exporters.paths import PathMap
from mam.errors import BadRequest

DEFAULTS = ExportOptions()
BUNDLED = BundleOptions()
_MEANT = {"": False, "0": False, "false": False, "no": False, "off": False,
          "1": True, "true": True, "yes": True, "on": True}  # fmt: skip

DIALECT_PARAMETERS = [
    OpenApiParameter(
        "map",
        str,
        many=True,
        description="`FROM=TO`: masters below FROM are below TO on the editor's machine.",
    ),
    OpenApiParameter(
        "long_reels", bool, default=False, description="EDL: reels of up to 32 characters, not 8."
    ),
    OpenApiParameter(
        "long_numbers",
        bool,
        default=False,
        description="EDL: six digits and one file in place of 999 events a file.",
    ),
    OpenApiParameter(
        "fcpxml_version",
        str,
        enum=VERSIONS,
        default=DEFAULTS.fcpxml_version,
        description="FCPXML: which one the editor's Final Cut reads.",
    ),
    OpenApiParameter(
        "reasons",
        str,
        enum=[each.value for each in Reasons],
        default=DEFAULTS.reasons.value,
        description="Why clips were chosen, and who speaks: `people`, what was asked, spoken and"
        " read there, and what people named, noted or confirmed; `all`, a machine's guesses too.",
    ),
]
PARAMETERS = [
    *DIALECT_PARAMETERS,
    OpenApiParameter(
        "media",
        str,
        enum=[each.value for each in Media],
        default=BUNDLED.media.value,
        description="Bundles: what of the footage. `trimmed` is for the shell alone.",
    ),
    OpenApiParameter(
        "edit",
        str,
        enum=list(EDITS),
        default=BUNDLED.edit,
        description="Package: the format that it holds the cut in.",
    ),
]


def options_of(wanted: QueryDict) -> ExportOptions:
    """What is asked; what a dialect has no use for it ignores. Raises BadRequest for a value that
    means nothing."""
    version = wanted.get("fcpxml_version") or DEFAULTS.fcpxml_version
    if version not in VERSIONS:
        raise BadRequest(f"There is no FCPXML {version[:20]!r}; choose {', '.join(VERSIONS)}.")
    reasons = wanted.get("reasons") or DEFAULTS.reasons.value
    if reasons not in list(Reasons):
        raise BadRequest(f"There are no reasons {reasons[:20]!r}; choose {', '.join(Reasons)}.")
    return ExportOptions(
        paths=PathMap.parse(rule for rule in wanted.getlist("map") if rule.strip()),
        long_reels=switched(wanted, "long_reels"),
        long_event_numbers=switched(wanted, "long_numbers"),
        fcpxml_version=version,
        reasons=Reasons(reasons),
    )


def bundle_options_of(wanted: QueryDict) -> BundleOptions:
    """What is asked of a bundle. Raises BadRequest."""
    media = wanted.get("media") or BUNDLED.media.value
    if media not in list(Media):
        raise BadRequest(f"There are no media {media[:20]!r}; choose {', '.join(Media)}.")
    edit = wanted.get("edit") or BUNDLED.edit
    edit_of(edit)
    return BundleOptions(media=Media(media), edit=edit, export=options_of(wanted))


def switched(wanted: QueryDict, name: str) -> bool:
    """Whether it is asked for. Raises BadRequest where that cannot be told."""
    text = wanted.get(name, "").strip().lower()
    if text not in _MEANT:
        raise BadRequest(f"{name} is true or false, not {text[:20]!r}.")
    return _MEANT[text]
