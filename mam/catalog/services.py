"""Writing the catalogue: assets, where they lie, collections. Findings have their own file."""

from __future__ import annotations

import os
from dataclasses import dataclass
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import ProtectedError
from django.utils import timezone
from django.utils.module_loading import import_string

from mam.catalog.forgetting import asset_forget
from mam.catalog.growing import closed_check, growing_close
from mam.catalog.locations import location_take, shown
from mam.catalog.models import Asset, Collection, CollectionItem
from mam.catalog.records import AssetRecord
from mam.catalog.selectors import asset_record, asset_row
from mam.errors import BadRequest, Conflict, NotFound
from mam.timing import FrameRange


@dataclass(frozen=True)
class Registered:
    """`is_new`: these bytes were not known before; `grew`: but the file was, while it grew."""

    asset: AssetRecord
    is_new: bool
    grew: bool = False


@transaction.atomic
def asset_register(
    *,
    content_hash: str,
    size: int,
    path: bytes,
    mtime_ns: int,
    name: str = "",
    origin: str = "camera",
    owned: bool = False,
    revive: bool = True,
    asset_id: str = "",
    volume: str = "",
) -> Registered:
    """The asset of these bytes, with a Location at `path`; the same bytes are the same asset.

    New bytes at a path that another asset was seen at become the next version of that asset. A
    removed asset is taken back when `revive` (a person asked), left removed otherwise (a watcher).
    `asset_id` is the id for a new asset, where its master must be laid under that id first.
    `volume` is the name of the disk or share that the path lies on, "" where it has none.
    """
    grew = growing_close(path, content_hash=content_hash, size=size)
    asset, is_new = Asset.objects.get_or_create(
        content_hash=content_hash,
        defaults={
            **({"id": UUID(asset_id)} if asset_id else {}),
            "size": size,
            "name": shown(name or os.path.basename(path)),
            "origin": origin,
        },
    )
    if asset.removed_at and revive:
        asset.removed_at = None
        asset.save(update_fields=["removed_at"])
    location_take(
        asset, path, is_new=is_new, size=size, mtime_ns=mtime_ns, volume=volume, owned=owned
    )
    return Registered(asset_record(asset), is_new or grew, grew)


def asset_remove(asset_id: str) -> None:
    """Hide an asset everywhere; `asset_restore` undoes it until it is purged.

    Raises Conflict naming what uses it, NotFound.
    """
    asset = asset_row(asset_id)
    uses = [use for guard in settings.ASSET_USERS for use in import_string(guard)(asset_id)]
    if uses:
        raise Conflict(f"{asset.name} is used by {', '.join(uses)}: take it out there first.")
    if asset.removed_at is None:
        asset.removed_at = timezone.now()
        asset.save(update_fields=["removed_at"])


def asset_restore(asset_id: str) -> None:
    """Take a removed asset back, with all that was known of it."""
    asset = asset_row(asset_id)
    asset.removed_at = None
    asset.save(update_fields=["removed_at"])


def asset_purge(asset_id: str) -> None:
    """Forget a removed asset: its rows and renditions go, its master stays where it lies.

    Raises Conflict when it was not removed first.
    """
    asset = asset_row(asset_id)
    if asset.removed_at is None:
        raise Conflict(f"{asset.name} must be removed before it is purged.")
    try:
        asset_forget(asset)
    except ProtectedError:  # somebody cut it in since it was removed
        raise Conflict(f"{asset.name} is in use again: take it out there first.") from None


def collection_create(*, name: str, owner_id: int | None = None) -> str:
    """A new, empty collection's id. Raises Conflict when the name is taken."""
    name = _collection_name(name)
    _name_free(name)
    collection, created = Collection.objects.get_or_create(
        name=name, defaults={"owner_id": owner_id}
    )
    if not created:
        raise Conflict(f"There is a collection named {name} already.")
    return str(collection.pk)


def collection_rename(collection_id: str, *, name: str) -> None:
    collection, name = _collection(collection_id), _collection_name(name)
    if Collection.objects.filter(name=name).exclude(pk=collection.pk).exists():
        raise Conflict(f"There is a collection named {name} already.")
    if name.lower() != collection.name.lower():
        _name_free(name)
    collection.name = name
    collection.save(update_fields=["name"])


def collection_delete(collection_id: str) -> None:
    _collection(collection_id).delete()


@transaction.atomic
def collection_add(collection_id: str, *, asset_id: str, range: FrameRange, note: str = "") -> str:
    """Put a range into a collection, at its end; the item's id.

    Raises BadRequest when the range is empty or outside the asset, Conflict while it grows.
    """
    collection, asset = _collection(collection_id), asset_row(asset_id)
    closed_check(asset)
    if range.duration < 1 or range.start < 0 or range.end > asset.duration:
        raise BadRequest(
            f"{asset.name} has frames 0 to {asset.duration}; {range.start} to {range.end} is not"
            " a range in it."
        )
    last = collection.items.order_by("-position").values_list("position", flat=True).first()
    item = CollectionItem.objects.create(
        collection=collection,
        asset=asset,
        start=range.start,
        end=range.end,
        position=0 if last is None else last + 1,
        note=note,
    )
    import_string(settings.ASSET_SAID_OF)(str(asset.pk))
    return str(item.pk)


def collection_item_remove(collection_id: str, item_id: str) -> None:
    items = _collection(collection_id).items.filter(pk=_uuid(item_id, "collection item"))
    if not items.delete()[0]:
        raise NotFound(f"There is no collection item {item_id}.")


@transaction.atomic
def collection_reorder(collection_id: str, item_ids: list[str]) -> None:
    """Put the items in this order; it must name each once, those of removed assets aside."""
    rows = list(_collection(collection_id).items.select_related("asset"))
    items = {str(item.pk): item for item in rows if item.asset.removed_at is None}
    if sorted(items) != sorted(item_ids):
        raise BadRequest("The new order must name every item of the collection once.")
    hidden = [item for item in rows if item.asset.removed_at is not None]
    for position, item in enumerate([*(items[item_id] for item_id in item_ids), *hidden]):
        item.position = position
    CollectionItem.objects.bulk_update(rows, ["position"])


def _collection_name(name: str) -> str:
    name = shown(name).replace("\0", "").strip()[:200]
    if not name:
        raise BadRequest("A collection needs a name.")
    return name


def _name_free(name: str) -> None:
    for holder in settings.COLLECTION_NAMES:
        if what := import_string(holder)(name):
            raise Conflict(f"There is {what} named {name} already.")


def _uuid(text: str, noun: str) -> UUID:
    try:
        return UUID(str(text))
    except ValueError:
        raise NotFound(f"There is no {noun} {text!r}.") from None


def _collection(collection_id: str) -> Collection:
    collection = Collection.objects.filter(pk=_uuid(collection_id, "collection")).first()
    if collection is None:
        raise NotFound(f"There is no collection {collection_id}.")
    return collection
