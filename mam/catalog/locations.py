"""Where the bytes of assets lie: a Location for each place they were seen at."""

from __future__ import annotations

import base64
import os

from django.utils import timezone

from mam.catalog.models import Asset, Location


def shown(path: bytes | str) -> str:
    """A file name as text that can be stored and shown: undecodable bytes become `\\xNN`."""
    raw = path if isinstance(path, bytes) else os.fsencode(path)
    return raw.decode("utf-8", "backslashreplace")


def path_json(path: bytes) -> dict[str, str]:
    """A path as JSON tells it; `path_bytes` (base64) is there only where it is not UTF-8."""
    told = {"path": shown(path)}
    try:
        path.decode("utf-8")
    except UnicodeDecodeError:
        told["path_bytes"] = base64.b64encode(path).decode("ascii")
    return told


def location_take(
    asset: Asset,
    path: bytes,
    *,
    is_new: bool,
    size: int,
    mtime_ns: int,
    volume: str = "",
    owned: bool = False,
    state: str = Location.State.ONLINE,
) -> None:
    """The asset's bytes lie at `path` now, and no others do. Of an asset that `is_new` there is no
    Location yet; what lay there before is what it is the next version of."""
    before = (
        Location.objects.select_for_update()
        .filter(path=path)
        .exclude(asset=asset)
        .order_by("-seen_at", "-id")
    )
    previous = before.first()
    displaced: list[Asset] = []
    if previous:
        displaced = list(Asset.objects.filter(locations__in=before.values("pk")).distinct())
        before.update(state=Location.State.REPLACED)
        if is_new:
            asset.version_of = previous.asset
            asset.save(update_fields=["version_of"])
    seen = {
        "shown_path": shown(path),
        "name": shown(os.path.basename(path)),
        "volume": _volume(volume),
        "size": size,
        "mtime_ns": mtime_ns,
        "state": state,
        "owned": owned,
    }
    if is_new:
        Location.objects.create(asset=asset, path=path, **seen)
    else:
        Location.objects.update_or_create(asset=asset, path=path, defaults=seen)
        _follow_name(asset)
    for other in displaced:
        _follow_name(other)


def location_mark_missing(path: bytes) -> None:
    """Nothing lies at `path` any more; the assets seen there keep their index."""
    rows = Location.objects.filter(path=path, state=Location.State.ONLINE)
    assets = list(Asset.objects.filter(locations__in=rows))
    if rows.update(state=Location.State.MISSING):
        for asset in assets:
            _follow_name(asset)


def location_mark_online(asset_id: str, path: bytes, *, volume: str = "") -> bool:
    """An asset's bytes lie at `path` again, as they did; False where that was known.

    `volume` is the name of the disk or share they lie on now, where it has one.
    """
    rows = Location.objects.filter(asset_id=asset_id, path=path, state=Location.State.MISSING)
    named = {"volume": _volume(volume)} if volume else {}
    return bool(rows.update(state=Location.State.ONLINE, seen_at=timezone.now(), **named))


def _follow_name(asset: Asset) -> None:
    """An asset is called as its file is: where that was renamed, it is renamed with it."""
    named = Location.objects.filter(asset=asset, name=asset.name)
    if named.exists() and not named.filter(state__in=Location.AT_HAND).exists():
        present = Location.objects.filter(asset=asset, state__in=Location.AT_HAND)
        place = present.order_by("id").first()
        if place is not None:
            asset.name = place.name
            asset.save(update_fields=["name"])


def _volume(name: str) -> str:
    return shown(name).replace("\0", "")
