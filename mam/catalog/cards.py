"""What is known of camera cards: written as files are registered, read as recordings."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields
from itertools import pairwise
from operator import attrgetter

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from mam.catalog import card_records
from mam.catalog.card_records import PartRecord, PartRole, RecordingRecord
from mam.catalog.card_timecode import card_timecode_lay
from mam.catalog.findings import storable
from mam.catalog.models import Asset, CardPart, Location
from mam.catalog.standing import asset_held

_LARGEST = 2**31 - 1


@transaction.atomic
def card_part_save(asset_id: str, part: card_records.CardPart) -> None:
    """Say which part of what recording an asset is; what was said before is forgotten.

    Where the file itself told no timecode, the camera's note of it holds.
    """
    asset_held(asset_id)  # a probe that ends just now lays the same timecode
    values = {item.name: getattr(part, item.name) for item in fields(part)}
    rate = values.pop("timecode_rate")
    if max(rate.numerator, rate.denominator) > _LARGEST:
        rate, values["timecode"] = rate * 0, ""
    values["timecode_rate_numerator"] = rate.numerator
    values["timecode_rate_denominator"] = rate.denominator
    for name in ("card", "clip", "title", "device"):
        values[name] = storable(values[name])
    place = {name: values[name] for name in ("clip_key", "role", "order", "track")}
    # Another version of the same file, which lies there no more.
    others = CardPart.objects.filter(**place).exclude(asset_id=asset_id)
    others.exclude(asset__locations__state=Location.State.ONLINE).delete()
    CardPart.objects.update_or_create(asset_id=asset_id, defaults=values)
    card_timecode_lay(asset_id)


def card_part_known(asset_id: str) -> tuple[str, list[bytes]]:
    """The key of the clip that an asset is known to be of, "" where none is, and every path where
    the asset lies."""
    keys = CardPart.objects.filter(asset_id=asset_id).values_list("clip_key", flat=True)
    places = Location.objects.filter(asset_id=asset_id, state=Location.State.ONLINE)
    paths = [bytes(path) for path in places.order_by("id").values_list("path", flat=True)]
    return keys.first() or "", paths


def card_parts_unnoted(clip_keys: Iterable[str]) -> list[tuple[str, bytes]]:
    """The assets of these clips whose camera's note was not there when they came, each with every
    path where it lies."""
    places = Location.objects.filter(
        state=Location.State.ONLINE,
        asset__card_part__clip_key__in=list(clip_keys),
        asset__card_part__noted=False,
    )
    return [(str(row.asset_id), bytes(row.path)) for row in places.order_by("id")]


def recording_of(asset_id: str) -> RecordingRecord | None:
    """What the camera recorded that an asset is a part of; None where it came off no card."""
    return recordings_of([asset_id]).get(asset_id)


def recordings_of(asset_ids: Iterable[str]) -> dict[str, RecordingRecord]:
    """The same of many, by asset: three queries however many. Removed assets are no parts."""
    own = list(CardPart.objects.filter(asset_id__in=list(asset_ids)))
    together: dict[str, list[CardPart]] = {}
    rows = CardPart.objects.filter(recording__in={row.recording for row in own})
    here = rows.filter(asset__removed_at=None).select_related("asset")
    for row in here.prefetch_related("asset__renditions"):
        together.setdefault(row.recording, []).append(row)
    return {str(row.asset_id): _record(row, together.get(row.recording) or [row]) for row in own}


def _record(row: CardPart, rows: list[CardPart]) -> RecordingRecord:
    clips: dict[str, list[CardPart]] = {}
    for item in sorted(rows, key=attrgetter("order", "clip", "clip_key", "pk")):
        clips.setdefault(_place(item), []).append(item)
    numbers = {key: number for number, key in enumerate(clips, 1)}
    return RecordingRecord(
        layout=row.layout,
        card=row.card,
        clip=row.clip,
        title=row.title,
        device=row.device,
        role=row.role,
        number=numbers.get(_place(row), 1),
        count=len(clips),
        track=row.track,
        missing=_missing(list(clips.values()), clips.get(_place(row), [])),
        parts=tuple(
            _part(item, number)
            for number, items in enumerate(clips.values(), 1)
            for item in sorted(items, key=_within)
        ),
    )


def _part(row: CardPart, number: int) -> PartRecord:
    recipes = {item.recipe for item in row.asset.renditions.all()}
    return PartRecord(
        str(row.asset_id), row.asset.name, row.clip, number, row.role, row.track, "proxy" in recipes
    )


def _place(row: CardPart) -> str:
    """The clip of a recording that a file belongs to. Chapters have one name and two numbers."""
    return f"{row.order} {row.clip_key}"


def _within(row: CardPart) -> tuple[int, int, int]:
    return list(PartRole).index(PartRole(row.role)), row.track, row.pk


def _missing(clips: list[list[CardPart]], own: list[CardPart]) -> str:
    said = []
    pictures = [[row for row in rows if row.role == PartRole.PICTURE] for rows in clips]
    firsts = [rows[0] for rows in pictures if rows]
    if firsts and firsts[0].follows:
        said.append("what comes before")
    if any(a.span and a.order + a.span != b.order for a, b in pairwise(firsts)):
        said.append("something between")
    if firsts and firsts[-1].goes_on:
        said.append("what comes after")
    if own and not any(row.role == PartRole.PICTURE for row in own):
        said.append("its picture")
    sounds = max((row.sounds for row in own), default=0)
    here = sum(row.role == PartRole.SOUND for row in own)
    if sounds > here:
        said.append(f"{sounds - here} of its {sounds} sound files")
    return ", ".join(said)


def without_sound_apart(rows: QuerySet[Asset]) -> QuerySet[Asset]:
    """Assets without those that are the sound of a clip whose picture is here: they stand on its
    page."""
    pictures = CardPart.objects.filter(
        clip_key=OuterRef("clip_key"), role=PartRole.PICTURE, asset__removed_at=None
    )
    sounds = CardPart.objects.filter(Exists(pictures), role=PartRole.SOUND)
    return rows.exclude(pk__in=sounds.values("asset"))
