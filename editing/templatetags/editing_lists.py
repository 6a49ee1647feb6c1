"""Timelines to choose from, for pages of rooms that do not know editing."""

from __future__ import annotations

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from editing.selectors import timelines_named

register = template.Library()


@register.simple_tag
def timeline_choice() -> SafeString:
    """A `<select name="timeline">` of all timelines, the newest first."""
    options = format_html_join("", '<option value="{}">{}</option>', timelines_named())
    return format_html(
        '<select name="timeline" aria-label="Timeline"><option value="">a timeline</option>{}'
        "</select>",
        options,
    )
