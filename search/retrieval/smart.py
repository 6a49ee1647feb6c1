"""Saved searches by name: what `in:` means where no collection is called so."""

from __future__ import annotations

from django.db.models.functions import Lower

from search.models import SavedSearch


def saved_query(name: str) -> str | None:
    """The query that is saved under a name, in whatever case it is written; None where none is."""
    rows = SavedSearch.objects.annotate(low=Lower("name")).filter(low=name.lower())
    return rows.values_list("query", flat=True).first()
