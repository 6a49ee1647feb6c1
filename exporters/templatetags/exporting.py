"""The export form, for the page of a timeline: editing cannot know the dialects above it."""

from __future__ import annotations

from typing import Any

from django import template
from django.http import QueryDict

from editing.reasons import Reasons
from exporters.bundles.base import Media
from exporters.bundles.package import EDITS
from exporters.choosing import BUNDLED, DEFAULTS, FORM
from exporters.dialects.fcpxml import VERSIONS
from exporters.groups import GROUPS, provable
from exporters.importing_taking import RATE_FIELD
from exporters.readers.registry import READERS

REASONS = (
    (Reasons.PEOPLE, "what was asked, said or noted"),
    (Reasons.ALL, "machines' guesses too"),
    (Reasons.NONE, "none"),
)

register = template.Library()


@register.inclusion_tag("exporters/_import.html", takes_context=True)
def import_form(context: Any) -> dict[str, Any]:
    """A form that takes in an edit of another program; after a refusal as it was filled in."""
    suffixes = [suffix for reader in READERS for suffix in reader.suffixes]
    return {
        "suffixes": ",".join(suffixes),
        "typed": _typed(context),
        "rate_field": RATE_FIELD,
        "csrf_token": context.get("csrf_token"),
    }


@register.inclusion_tag("exporters/_export.html", takes_context=True)
def export_form(context: Any, timeline_id: str) -> dict[str, Any]:
    """A button for each format, by what it is for, with what may be chosen; after a refusal as it
    was filled in."""
    typed = _typed(context)
    chosen = {
        "media": typed.get("media", BUNDLED.media.value),
        "edit": typed.get("edit", BUNDLED.edit),
        "version": typed.get("fcpxml_version", DEFAULTS.fcpxml_version),
        "map": "\n".join(typed.getlist("map")),
        "long_reels": "long_reels" in typed,
        "long_numbers": "long_numbers" in typed,
        "reasons": typed.get("reasons", DEFAULTS.reasons.value),
    }
    options = ("map", "long_reels", "long_numbers", "fcpxml_version", "edit", "reasons")
    return {
        "form": FORM,
        "timeline_id": timeline_id,
        "groups": GROUPS,
        "provable": provable(),
        "media": [each.value for each in Media if each is not Media.TRIMMED],
        "edits": EDITS.values(),
        "versions": VERSIONS,
        "chosen": chosen,
        "opened": any(typed.get(name) for name in options),
        "reasons": REASONS,
    }


def _typed(context: Any) -> QueryDict:
    request = context.get("request")
    return QueryDict() if request is None else request.GET
