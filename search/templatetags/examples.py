"""What a page says of examples before one is brought."""

from __future__ import annotations

from django import template
from django.conf import settings

register = template.Library()


@register.simple_tag
def example_limit() -> int:
    """The most bytes that a file may have."""
    limit: int = settings.OPTIONS.search.example_limit
    return limit
