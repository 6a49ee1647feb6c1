"""Saved searches for pages of rooms that do not know search."""

from __future__ import annotations

from typing import Any

from django import template
from django.contrib.auth.base_user import AbstractBaseUser

from search.saved.selectors import news_count, saved_list

register = template.Library()


@register.simple_tag
def news(user: AbstractBaseUser) -> int:
    """How many new ranges a person is to be told of."""
    return news_count(user.pk)


@register.inclusion_tag("search/_saved_list.html")
def smart_collections() -> dict[str, Any]:
    """A table of all saved searches."""
    return {"searches": saved_list()}
