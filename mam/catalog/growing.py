"""Assets whose files are still being written: told apart by where they lie, until they are closed.

They can be found, and nothing else: who cuts or corrects them builds on bytes that may yet turn out
to be those of another asset.
"""

from __future__ import annotations

import os

from django.db import transaction

from mam.catalog.forgetting import asset_forget
from mam.catalog.locations import location_take, shown
from mam.catalog.models import Asset, Location
from mam.catalog.records import AssetRecord
from mam.catalog.selectors import asset_record
from mam.errors import Conflict


@transaction.atomic
def growing_register(path: bytes, *, size: int, mtime_ns: int, volume: str = "") -> AssetRecord:
    """The asset of the file that is being written at `path`, so far `size` bytes long.

    Of another one that lay there before it is the next version.
    """
    known = _growing_at(path)
    asset = known or Asset(name=shown(os.path.basename(path)))
    asset.size = size
    asset.save(update_fields=["size"] if known else None)
    location_take(
        asset,
        path,
        is_new=known is None,
        size=size,
        mtime_ns=mtime_ns,
        volume=volume,
        state=Location.State.GROWING,
    )
    return asset_record(asset)


def growing_close(path: bytes, *, content_hash: str, size: int) -> bool:
    """The file at `path` is whole: the asset that grew there is the one of these bytes now.

    False where none grew there, or its bytes turn out to be known: then it is forgotten, since all
    that is known of it is known better. In the transaction that registers the bytes.
    """
    asset = _growing_at(path)
    if asset is None:
        return False
    if Asset.objects.filter(content_hash=content_hash).exists():
        asset_forget(asset)
        return False
    asset.content_hash, asset.size = content_hash, size
    asset.save(update_fields=["content_hash", "size"])
    return True


@transaction.atomic
def growing_gone(path: bytes) -> None:
    """What was being written at `path` lies there no more: nobody knows what it was."""
    asset = _growing_at(path)
    if asset is not None:
        asset_forget(asset)


def closed_check(asset: Asset) -> None:
    """Raises Conflict while it is still being written."""
    if asset.growing:
        raise Conflict(f"{asset.name} is still being written: it can be used once it is whole.")


def _growing_at(path: bytes) -> Asset | None:
    places = Location.objects.select_for_update().filter(path=path, state=Location.State.GROWING)
    place = places.select_related("asset").first()
    return place.asset if place else None
