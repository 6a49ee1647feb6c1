"""What a request asks of an export: the fields of the API and of the page's form, as options."""

from __future__ import annotations

from django.http import QueryDict
from drf_spectacular.utils import OpenApiParameter

from editing.reasons import Reasons
from exporters.base import ExportOptions, Option
from exporters.bundles.base import BundleOptions, Media
from exporters.bundles.package import EDITS, edit_of
from exporters.dialects.fcpxml import VERSIONS
from exporters.offered import others_refuse, taken_by
from exporters.paths import PathMap
from exporters.registry import format_called
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


OFFERED = tuple(option for option in Option if option is not Option.HANDLES)
"""What may be asked for here: media are trimmed by the shell."""
FORM = "form"
"""Sent by a page's form, which has one set of fields for all its buttons."""
_FORMAT = "format"


def format_of(wanted: QueryDict, among: tuple[str, ...] = ()) -> str:
    """The format that is asked for, to be chosen `among` these or all. Raises BadRequest where
    there is none, and where it does not take what else is asked."""
    kind = format_called(wanted.get(_FORMAT, ""), among)
    asked = [name for name in wanted if name != _FORMAT and any(wanted.getlist(name))]
    others_refuse(kind, asked, edit=_edit(wanted), offered=OFFERED)
    return kind


def form_of(wanted: QueryDict) -> QueryDict:
    """What a page's form asks, which sends all that may be chosen of any format: so much of it as
    the format takes, and the rules of paths, a line each in one field, one by one. Raises
    BadRequest for no format."""
    kind = format_called(wanted.get(_FORMAT, ""))
    fields = {_FORMAT, *(taken_by(kind, _edit(wanted)))}
    asked = wanted.copy()
    for name in [name for name in asked if name not in fields]:
        del asked[name]
    rules = [rule.strip() for text in asked.getlist("map") for rule in text.splitlines()]
    if rules:
        asked.setlist("map", rules)
    return asked


def options_of(wanted: QueryDict) -> ExportOptions:
    """What is asked. Raises BadRequest for a value that means nothing."""
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
    media = (wanted.get("media") or BUNDLED.media.value).lower()
    if media not in list(Media):
        raise BadRequest(f"There are no media {media[:20]!r}; choose {', '.join(Media)}.")
    edit = _edit(wanted)
    edit_of(edit)
    return BundleOptions(media=Media(media), edit=edit, export=options_of(wanted))


def _edit(wanted: QueryDict) -> str:
    return (wanted.get("edit") or BUNDLED.edit).lower()


def switched(wanted: QueryDict, name: str) -> bool:
    """Whether it is asked for. Raises BadRequest where that cannot be told."""
    text = wanted.get(name, "").strip().lower()
    if text not in _MEANT:
        raise BadRequest(f"{name} is true or false, not {text[:20]!r}.")
    return _MEANT[text]
