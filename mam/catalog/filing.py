"""Putting assets where a rule says: into collections, under tags. Once each.

What a rule says is kept in a row until the asset is probed (before that it has no frames to point
at) and after it: what a person takes out of a collection or undoes is not put back.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction
from django.utils import timezone

from mam.catalog.corrections import LONGEST_TAG, Author, tag_correct
from mam.catalog.findings import storable
from mam.catalog.models import Asset, Collection, CollectionItem, Filing
from mam.catalog.overlay import TAGS, same_tag
from mam.catalog.records import CorrectionKind
from mam.catalog.selectors import asset_row
from mam.catalog.services import collection_add
from mam.catalog.standing import asset_held, corrections_standing
from mam.timing import FrameRange

RULE = Author(None, "folder")
LONGEST_COLLECTION = 200
TAG_KIND = "vocabulary"


def asset_file(asset_id: str, *, collections: Iterable[str] = (), tags: Iterable[str] = ()) -> None:
    """Put an asset into collections (made when missing) and under tags, as a whole; once it is
    probed, where it is not yet. What was said of it before is not said again."""
    rows = [
        Filing(asset_id=asset_id, kind=kind, name=name)
        for kind, names, longest in (
            (Filing.Kind.COLLECTION, collections, LONGEST_COLLECTION),
            (Filing.Kind.TAG, tags, LONGEST_TAG),
        )
        for name in dict.fromkeys(" ".join(storable(name).split())[:longest] for name in names)
        if name
    ]
    if not rows:
        return
    with transaction.atomic():
        Filing.objects.bulk_create(rows, ignore_conflicts=True)
        filings_carry_out(asset_id)


@transaction.atomic
def filings_carry_out(asset_id: str) -> None:
    """Do what was said of an asset, where it is probed. Does nothing twice."""
    asset_held(asset_id)
    waiting = list(Filing.objects.filter(asset_id=asset_id, filed_at=None).order_by("id"))
    if not waiting:
        return
    asset = asset_row(asset_id)
    if asset.rate is None or asset.duration < 1:
        return
    whole = FrameRange(0, asset.duration)
    for row in waiting:
        if row.kind == Filing.Kind.COLLECTION:
            _collect(asset, row.name, whole)
        else:
            _tag(asset, row.name, whole)
    Filing.objects.filter(pk__in=[row.pk for row in waiting]).update(filed_at=timezone.now())


def _tag(asset: Asset, name: str, whole: FrameRange) -> None:
    said = (name, TAG_KIND)
    for item in corrections_standing(str(asset.pk)):
        if item.kind in TAGS and same_tag((item.value["tag"], item.value["kind"]), said):
            return  # somebody has spoken of it, and knows better
    tag_correct(
        str(asset.pk),
        kind=CorrectionKind.ADD_TAG,
        tag=name,
        tag_kind=TAG_KIND,
        range=whole,
        author=RULE,
    )


def _collect(asset: Asset, name: str, whole: FrameRange) -> None:
    collection, _ = Collection.objects.get_or_create(name=name)
    there = CollectionItem.objects.filter(
        collection=collection, asset=asset, start=whole.start, end=whole.end
    )
    if not there.exists():
        collection_add(str(collection.pk), asset_id=str(asset.pk), range=whole)
