"""The export form, for the page of a timeline: editing cannot know the dialects above it."""

from __future__ import annotations

from typing import Any

from django import template

from exporters.registry import EXPORTERS

register = template.Library()


@register.inclusion_tag("exporters/_export.html")
def export_form(timeline_id: str) -> dict[str, Any]:
    """A button for each dialect, with path mapping."""
    return {"timeline_id": timeline_id, "dialects": EXPORTERS}
