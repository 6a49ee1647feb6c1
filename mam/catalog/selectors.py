"""Reading the catalogue: rows in, frozen records out. Other rooms read facts here."""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
from fractions import Fraction
from pathlib import Path
from uuid import UUID

import numpy as np
from django.db.models import Prefetch, Q, QuerySet

from mam.catalog.files import home
from mam.catalog.locations import shown
from mam.catalog.models import (
    Asset,
    Collection,
    CollectionItem,
    Correction,
    Description,
    Embedding,
    Keyframe,
    Location,
    Rendition,
    ScreenText,
    Segment,
    Shot,
    Tagging,
    Transcript,
    Word,
)
from mam.catalog.records import (
    KEYFRAMES,
    PERSON,
    AssetRecord,
    CollectionItemRecord,
    CollectionRecord,
    DescriptionRecord,
    EmbeddingFinding,
    KeyframeRecord,
    ScreenTextRecord,
    SegmentRecord,
    ShotRecord,
    SpaceRecord,
    TaggingRecord,
    TechnicalFacts,
    TranscriptRecord,
    WordRecord,
)
from mam.errors import Conflict, NotFound
from mam.timing import FrameRange


def asset_get(asset_id: str) -> AssetRecord:
    """Raises NotFound."""
    return asset_record(asset_row(asset_id))


def asset_named(id_or_name: str) -> AssetRecord:
    """By id, or by exact name. Raises NotFound; Conflict where several share the name."""
    with suppress(NotFound):
        return asset_get(id_or_name)
    name = shown(id_or_name).replace("\0", "")
    rows = list(assets_with_files().filter(name=name).order_by("created_at", "id")[:5])
    if not rows:
        raise NotFound(f"There is no asset {name[:80]!r}.")
    if len(rows) > 1:
        ids = ", ".join(str(row.pk) for row in rows)
        raise Conflict(f"Several assets are named {name[:80]!r}; say which by id: {ids}.")
    return asset_record(rows[0])


def assets_get(asset_ids: Iterable[str]) -> dict[str, AssetRecord]:
    """Those that exist, by id; two queries however many."""
    rows = assets_with_files().filter(pk__in=list(asset_ids))
    return {str(row.pk): asset_record(row) for row in rows}


def asset_ids_at(path: bytes) -> list[str]:
    """The assets that were seen at this path, the present one first."""
    rows = Location.objects.filter(path=path).order_by("-state", "-seen_at")
    online_first = sorted(rows, key=lambda row: row.state not in Location.AT_HAND)
    return [str(row.asset_id) for row in online_first]


def asset_id_of(content_hash: str) -> str | None:
    """The asset of these bytes, removed ones too, or None."""
    row = Asset.objects.filter(content_hash=content_hash).values_list("pk", flat=True).first()
    return str(row) if row else None


def paths_present_below(folder: bytes) -> list[bytes]:
    """Every path below a folder where something was seen last time."""
    start = folder.rstrip(b"/") + b"/"
    # "0" is the byte after "/": the range holds all that begins with `start`, by the index.
    rows = Location.objects.filter(
        state__in=Location.AT_HAND, path__gte=start, path__lt=start[:-1] + b"0"
    )
    return sorted(bytes(path) for path in rows.values_list("path", flat=True))


def asset_ids_below(path: bytes) -> list[str]:
    """The assets, not removed, that were last seen at this path or anywhere below it, on drives
    that are offline too; the oldest first."""
    start = path.rstrip(b"/") + b"/"
    # "0" is the byte after "/", as above.
    places = Location.objects.filter(
        Q(path=path) | Q(path__gte=start, path__lt=start[:-1] + b"0"),
        state__in=[*Location.AT_HAND, Location.State.MISSING],
    )
    rows = Asset.objects.filter(pk__in=places.values("asset"), removed_at=None)
    return [str(pk) for pk in rows.order_by("created_at", "id").values_list("pk", flat=True)]


def asset_ids_all() -> list[str]:
    """Every asset that is not removed, the oldest first."""
    rows = Asset.objects.filter(removed_at=None).order_by("created_at", "id")
    return [str(pk) for pk in rows.values_list("pk", flat=True)]


def location_unchanged(path: bytes, *, size: int, mtime_ns: int) -> str | None:
    """The asset seen last at this path, if with the same size and time (needs no new hash), or
    None. Its drive may have been away since."""
    rows = Location.objects.filter(path=path).exclude(
        state__in=[Location.State.REPLACED, Location.State.GROWING]
    )
    found = sorted(rows, key=lambda row: row.state != Location.State.ONLINE)[:1]
    same = [row for row in found if (row.size, row.mtime_ns) == (size, mtime_ns)]
    return str(same[0].asset_id) if same else None


def assets_with_files() -> QuerySet[Asset]:
    return Asset.objects.prefetch_related(
        "renditions",
        Prefetch("locations", queryset=Location.objects.order_by("id")),
    )


def asset_row(asset_id: str) -> Asset:
    """The row itself, for services of the catalogue and the pipeline. Raises NotFound."""
    try:
        return assets_with_files().get(pk=UUID(str(asset_id)))
    except (ValueError, Asset.DoesNotExist):
        raise NotFound(f"There is no asset {str(asset_id)[:80]!r}.") from None


def asset_record(row: Asset) -> AssetRecord:
    online = [place for place in row.locations.all() if place.state in Location.AT_HAND]
    return AssetRecord(
        id=str(row.pk),
        name=row.name,
        origin=row.origin,
        content_hash=row.content_hash or "",
        size=row.size,
        path=os.fsdecode(bytes(online[0].path)) if online else "",
        facts=_facts(row),
        renditions={item.recipe: home() / item.path for item in row.renditions.all()},
        removed=row.removed_at is not None,
        version_of=str(row.version_of_id or ""),
        growing=row.growing,
    )


def shots_of(asset_id: str) -> list[ShotRecord]:
    return [
        ShotRecord(
            str(row.pk),
            asset_id,
            row.number,
            FrameRange(row.start, row.end),
            row.confidence,
            row.lead,
        )
        for row in Shot.objects.filter(asset_id=asset_id).order_by("start")
    ]


def keyframes_of(asset_id: str, step: str = KEYFRAMES) -> list[KeyframeRecord]:
    """Those that a step has picked."""
    rows = Keyframe.objects.filter(asset_id=asset_id, analysis__step=step)
    return [
        KeyframeRecord(asset_id, row.frame, FrameRange(row.start, row.end), home() / row.path)
        for row in rows.order_by("frame")
    ]


def transcript_of(asset_id: str) -> TranscriptRecord | None:
    """None where no speech pass has ended."""
    row = Transcript.objects.filter(asset_id=asset_id).first()
    if row is None:
        return None
    words = Prefetch("words", queryset=Word.objects.order_by("number"))
    segments = (
        Segment.objects.filter(transcript=row).order_by("start", "id").prefetch_related(words)
    )
    return TranscriptRecord(
        row.language, row.confidence, tuple(segment_record(segment) for segment in segments)
    )


def segment_record(row: Segment) -> SegmentRecord:
    return SegmentRecord(
        id=str(row.pk),
        asset_id=str(row.asset_id),
        text=row.text,
        range=FrameRange(row.start, row.end),
        words=tuple(
            WordRecord(word.text, FrameRange(word.start, word.end), word.confidence)
            for word in row.words.all()
        ),
        speaker=row.speaker,
    )


def corrections_rows(asset_id: str) -> QuerySet[Correction]:
    """All that people said of an asset, the newest first; what was undone too. Raises NotFound."""
    return Correction.objects.filter(asset=asset_row(asset_id)).order_by("-id")


def taggings_of(asset_id: str) -> list[TaggingRecord]:
    """By place, the surest first within one."""
    rows = Tagging.objects.filter(asset_id=asset_id).select_related("tag")
    return [_tagging_record(row) for row in rows.order_by("start", "-score")]


def _tagging_record(row: Tagging) -> TaggingRecord:
    return TaggingRecord(
        str(row.asset_id),
        row.tag.name,
        row.tag.kind,
        FrameRange(row.start, row.end),
        row.score,
        row.source,
    )


def taggings_by_people(asset_ids: Iterable[str]) -> list[TaggingRecord]:
    """The tags that people added or confirmed in these assets."""
    rows = Tagging.objects.filter(asset_id__in=set(asset_ids), source=PERSON).select_related("tag")
    return [_tagging_record(row) for row in rows.order_by("asset_id", "start")]


def screen_texts_of(asset_id: str) -> list[ScreenTextRecord]:
    return [
        ScreenTextRecord(asset_id, row.text, FrameRange(row.start, row.end), row.score)
        for row in ScreenText.objects.filter(asset_id=asset_id).order_by("start", "id")
    ]


def descriptions_of(asset_id: str, step: str = "") -> list[DescriptionRecord]:
    """All, or those that one step has written."""
    rows = Description.objects.filter(asset_id=asset_id)
    if step:
        rows = rows.filter(analysis__step=step)
    return [
        DescriptionRecord(asset_id, row.text, FrameRange(row.start, row.end))
        for row in rows.order_by("start", "id")
    ]


def embeddings_of(asset_id: str, space: SpaceRecord) -> list[EmbeddingFinding]:
    """The asset's vectors in one space, in the order of their frames."""
    rows = Embedding.objects.filter(
        asset_id=asset_id,
        space__name=space.name,
        space__model=space.model,
        space__weights_sha256=space.weights_sha256,
        space__dimensions=space.dimensions,
    )
    return [
        EmbeddingFinding(
            FrameRange(row.start, row.end), np.asarray(row.vector, np.float32), row.frame
        )
        for row in rows.order_by("frame", "start", "id")
    ]


def collection_get(id_or_name: str) -> CollectionRecord:
    """By id, or by exact name. Raises NotFound."""
    try:
        row = collections_rows().filter(pk=UUID(id_or_name)).first()
    except ValueError:
        row = None
    row = row or collections_rows().filter(name=id_or_name.replace("\0", "")).first()
    if row is None:
        raise NotFound(f"There is no collection {id_or_name[:80]!r}.")
    return collection_record(row)


def collection_record(row: Collection) -> CollectionRecord:
    return CollectionRecord(
        id=str(row.pk),
        name=row.name,
        items=tuple(
            CollectionItemRecord(
                str(item.pk),
                str(item.asset_id),
                FrameRange(item.start, item.end),
                item.note,
                item.position,
            )
            for item in row.items.all()
        ),
    )


def collections_rows() -> QuerySet[Collection]:
    """By name, each with the items of assets that were not removed."""
    items = CollectionItem.objects.filter(asset__removed_at=None).order_by("position", "id")
    return Collection.objects.prefetch_related(Prefetch("items", queryset=items)).order_by("name")


def collections_list() -> list[CollectionRecord]:
    return [collection_record(row) for row in collections_rows()]


def derived_files() -> set[str]:
    """Every derived file that a row points at, relative to MAM_HOME."""
    renditions = Rendition.objects.values_list("path", flat=True)
    return {*renditions, *Keyframe.objects.values_list("path", flat=True)}


def rendition_path(asset_id: str, recipe: str) -> Path | None:
    """The newest file of that recipe, None where there is none."""
    row = Rendition.objects.filter(asset_id=asset_id, recipe=recipe).order_by("-version").first()
    return home() / row.path if row else None


def _facts(row: Asset) -> TechnicalFacts | None:
    rate = row.rate
    if rate is None:
        return None
    return TechnicalFacts(
        kind=row.kind,
        rate=rate,
        duration=row.duration,
        variable_rate=row.variable_rate,
        start=row.start,
        drop_frame=row.drop_frame,
        has_timecode=row.has_timecode,
        reel=row.reel,
        width=row.width,
        height=row.height,
        pixel_aspect=Fraction(row.pixel_aspect),
        rotation=row.rotation,
        audio_streams=row.audio_streams,
        container=row.container,
        video_codec=row.video_codec,
        damage=row.damage,
        streams=row.streams,
    )
