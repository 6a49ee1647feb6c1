"""Path converters of the house."""

from __future__ import annotations

from django.urls.converters import UUIDConverter


class IdConverter(UUIDConverter):
    """`<id:asset_id>`: an id as it is everywhere outside the models, a string."""

    def to_python(self, value: str) -> str:  # type: ignore[override]
        return value
