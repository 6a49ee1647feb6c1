"""The export form, for the page of a timeline: editing cannot know the dialects above it."""

from __future__ import annotations

from typing import Any

from django import template

from editing.reasons import Reasons
from exporters.bundles.package import EDITS
from exporters.choosing import DEFAULTS
from exporters.dialects.fcpxml import VERSIONS
from exporters.proof.proving import PROVABLE
from exporters.readers.registry import READERS
from exporters.registry import EXPORTERS, PACKAGERS

REASONS = (
    (Reasons.PEOPLE, "what was asked, said or noted"),
    (Reasons.ALL, "machines' guesses too"),
    (Reasons.NONE, "none"),
)

register = template.Library()


@register.inclusion_tag("exporters/_import.html", takes_context=True)
def import_form(context: Any) -> dict[str, Any]:
    """A form that takes in an edit of another program."""
    suffixes = [suffix for reader in READERS for suffix in reader.suffixes]
    return {"suffixes": ",".join(suffixes), "csrf_token": context.get("csrf_token")}


@register.inclusion_tag("exporters/_export.html")
def export_form(timeline_id: str) -> dict[str, Any]:
    """A button for each dialect, with what may be chosen."""
    return {
        "timeline_id": timeline_id,
        "dialects": EXPORTERS,
        "packagers": PACKAGERS,
        "provable": [dialect for dialect in EXPORTERS if dialect.name in PROVABLE],
        "edits": EDITS.values(),
        "versions": VERSIONS,
        "version": DEFAULTS.fcpxml_version,
        "reasons": REASONS,
    }
