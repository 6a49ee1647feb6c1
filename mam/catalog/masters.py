"""Which assets somebody may mean who knows a name or a reel: what an edit made elsewhere says."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import connection

from mam.catalog.records import AssetRecord
from mam.catalog.selectors import assets_get

MOST = 20_000
SHORT_REEL = 8

_CALLED = r"""
SELECT a.id FROM catalog_asset a
WHERE a.removed_at IS NULL AND (
  lower(a.name) = ANY(%(names)s)
  OR lower(regexp_replace(a.name, '\.[^.]{1,5}$', '')) = ANY(%(names)s)
  OR a.reel <> '' AND (lower(a.reel) = ANY(%(reels)s)
    OR left(upper(regexp_replace(a.reel, '[^A-Za-z0-9]+', '_', 'g')), %(short)s) = ANY(%(cut)s))
  OR EXISTS (SELECT 1 FROM catalog_location l
    WHERE l.asset_id = a.id AND lower(l.name) = ANY(%(names)s)))
ORDER BY a.id LIMIT %(most)s
"""


def assets_called(names: Iterable[str], reels: Iterable[str]) -> list[AssetRecord]:
    """Assets whose file is (or was) called one of `names`, with or without its ending, or that are
    of one of `reels`, or of one that an edit list cut to eight letters. Case does not matter, nor
    whether they were probed yet."""
    wanted = list(reels)
    with connection.cursor() as cursor:
        cursor.execute(
            _CALLED,
            {
                "names": [name.lower().replace("\0", "") for name in names],
                "reels": [reel.lower().replace("\0", "") for reel in wanted],
                "cut": [reel.upper().replace("\0", "")[:SHORT_REEL] for reel in wanted],
                "short": SHORT_REEL,
                "most": MOST,
            },
        )
        ids = [str(row[0]) for row in cursor.fetchall()]
    return list(assets_get(ids).values())
