"""Saving what a step found: files first, then every row in one short transaction."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Collection, Iterable, Mapping
from math import isfinite
from pathlib import Path
from typing import Any

from django.db import InterfaceError, OperationalError, transaction
from pgvector import HalfVector

from mam.catalog.as_found import written
from mam.catalog.card_timecode import card_timecode_lay
from mam.catalog.files import file_discard, file_place, files_discard_later, home
from mam.catalog.forgetting import derived_files, of_steps
from mam.catalog.models import (
    Analysis,
    Asset,
    Description,
    Embedding,
    Keyframe,
    Rendition,
    ScreenText,
    Segment,
    Shot,
    Tag,
    Tagging,
    Transcript,
    Word,
)
from mam.catalog.overlay import laid_over
from mam.catalog.quality import quality_save
from mam.catalog.records import (
    Findings,
    ShotFinding,
    TaggingFinding,
    TechnicalFacts,
    TranscriptFinding,
)
from mam.catalog.spaces import space_ensure
from mam.catalog.standing import asset_held, corrections_standing, losses_save
from mam.catalog.turns import turns_save

BATCH = 1000


def findings_save(
    *,
    asset_id: str,
    step: str,
    model: str = "",
    version: int,
    inputs: dict[str, int],
    findings: Findings,
    guard: Callable[[], None],
) -> int:
    """Swap in a step's findings; the id of the new Analysis. Those of another `model` stand.

    `guard` is called inside the transaction and raises LostClaim when the attempt was taken away:
    then nothing is saved. Files that rows no longer point at are removed after the commit.
    Corrections are laid over what was found: the rows are what people read, and where they differ
    the machine's own findings are kept in the Analysis.
    """
    if findings.embeddings and findings.space is None:
        raise ValueError(f"The step {step} gave vectors without their space.")
    space_id = space_ensure(findings.space) if findings.space else 0
    placed: list[Path] = []
    try:
        for rendition in findings.renditions:
            name = f"{rendition.recipe}-v{version}"
            placed.append(file_place(asset_id, name, rendition.path))
        for keyframe in findings.keyframes:
            name = f"{step}-v{version}-{keyframe.frame}"
            placed.append(file_place(asset_id, name, keyframe.path))
        with transaction.atomic():
            asset_held(asset_id)
            guard()
            laid = laid_over(findings, corrections_standing(asset_id))
            old = Analysis.objects.filter(asset_id=asset_id, step=step, model=model)
            gone = derived_files(old)
            old.delete()
            analysis = Analysis.objects.create(
                asset_id=asset_id,
                step=step,
                model=model,
                version=version,
                inputs=inputs,
                note=storable(findings.note),
                damage=storable(findings.damage),
                found=None if laid.findings is findings else storable_json(written(findings)),
            )
            if findings.facts:
                _facts_save(asset_id, findings.facts)
                card_timecode_lay(asset_id)
            count = len(findings.renditions)
            _rows_save(analysis, laid.findings, placed[:count], placed[count:], space_id)
            if laid.findings.transcript:
                transcript_save(analysis, laid.findings.transcript)
            taggings_save(analysis, laid.findings.taggings)
            quality_save(analysis, findings)
            turns_save(analysis, findings)
            losses_save(laid.lost)
    except (OperationalError, InterfaceError):
        # The connection broke, perhaps after the commit had gone through: rows may point at these
        # files. If none does, they are orphans, and removed as such.
        raise
    except Exception:
        for place in placed:
            file_discard(place)
        raise
    files_discard_later(gone)
    return int(analysis.pk)


def analyses_outdate(
    asset_ids: Iterable[str], kept: Collection[tuple[str, str]] | None = None
) -> int:
    """Have what steps found on assets looked for again, by step and model (None: all); how many
    findings.

    What is known stays until the new stands in its place.
    """
    rows = Analysis.objects.filter(asset_id__in=list(asset_ids))
    if kept is not None:
        rows = rows.filter(of_steps(kept))
    return rows.update(inputs={"outdated": 0})


def _facts_save(asset_id: str, facts: TechnicalFacts) -> None:
    Asset.objects.filter(pk=asset_id).update(
        kind=facts.kind,
        rate_numerator=facts.rate.numerator,
        rate_denominator=facts.rate.denominator,
        duration=facts.duration,
        variable_rate=facts.variable_rate,
        start=facts.start,
        drop_frame=facts.drop_frame,
        has_timecode=facts.has_timecode,
        reel=storable(facts.reel),
        width=facts.width,
        height=facts.height,
        pixel_aspect_numerator=facts.pixel_aspect.numerator,
        pixel_aspect_denominator=facts.pixel_aspect.denominator,
        rotation=facts.rotation,
        audio_streams=facts.audio_streams,
        container=storable(facts.container),
        video_codec=storable(facts.video_codec),
        streams=storable_json(facts.streams),
        damage=storable(facts.damage),
    )


def _rows_save(
    analysis: Analysis,
    findings: Findings,
    renditions: list[Path],
    keyframes: list[Path],
    space_id: int,
) -> None:
    asset_id = analysis.asset_id
    # A version raised leaves rows of the old one only until here: the old Analysis is gone.
    Rendition.objects.bulk_create(
        Rendition(
            analysis=analysis,
            asset_id=asset_id,
            recipe=item.recipe,
            version=analysis.version,
            path=str(place),
            size=item.meta.get("size", 0),
            meta=storable_json(item.meta),
        )
        for item, place in zip(findings.renditions, renditions, strict=True)
    )
    shots_save(analysis, findings.shots)
    Keyframe.objects.bulk_create(
        (
            Keyframe(
                analysis=analysis,
                asset_id=asset_id,
                start=item.range.start,
                end=item.range.end,
                frame=item.frame,
                path=str(place),
            )
            for item, place in zip(findings.keyframes, keyframes, strict=True)
        ),
        batch_size=BATCH,
    )
    ScreenText.objects.bulk_create(
        (
            ScreenText(
                analysis=analysis,
                asset_id=asset_id,
                start=item.range.start,
                end=item.range.end,
                text=storable(item.text),
                score=item.score,
                box=list(item.box),
            )
            for item in findings.screen_texts
        ),
        batch_size=BATCH,
    )
    Description.objects.bulk_create(
        (
            Description(
                analysis=analysis,
                asset_id=asset_id,
                start=item.range.start,
                end=item.range.end,
                text=storable(item.text),
            )
            for item in findings.descriptions
        ),
        batch_size=BATCH,
    )
    Embedding.objects.bulk_create(
        (
            Embedding(
                analysis=analysis,
                asset_id=asset_id,
                start=item.range.start,
                end=item.range.end,
                frame=item.frame,
                space_id=space_id,
                vector=HalfVector(item.vector.tolist()),
            )
            for item in findings.embeddings
        ),
        batch_size=BATCH,
    )


def shots_save(analysis: Analysis, found: tuple[ShotFinding, ...]) -> None:
    """Write shots' rows, numbered from 1."""
    Shot.objects.bulk_create(
        (
            Shot(
                analysis=analysis,
                asset_id=analysis.asset_id,
                number=number,
                start=item.range.start,
                end=item.range.end,
                confidence=item.confidence,
                source=item.source,
                leads_in=item.lead.kind if item.lead else "",
                lead_start=item.lead.range.start if item.lead else None,
                lead_end=item.lead.range.end if item.lead else None,
            )
            for number, item in enumerate(found, 1)
        ),
        batch_size=BATCH,
    )


def transcript_save(analysis: Analysis, found: TranscriptFinding) -> None:
    """Write a transcript's rows."""
    asset_id = analysis.asset_id
    segments = found.segments
    transcript = Transcript.objects.create(
        analysis=analysis,
        asset_id=asset_id,
        start=min((item.range.start for item in segments), default=0),
        end=max((item.range.end for item in segments), default=0),
        language=found.language,
        confidence=found.confidence,
    )
    rows = Segment.objects.bulk_create(
        (
            Segment(
                analysis=analysis,
                asset_id=asset_id,
                transcript=transcript,
                start=item.range.start,
                end=item.range.end,
                language=found.language,
                speaker=storable(item.speaker),
                text=storable(item.text),
            )
            for item in segments
        ),
        batch_size=BATCH,
    )
    Word.objects.bulk_create(
        (
            Word(
                segment=row,
                number=number,
                text=storable(word.text),
                start=word.range.start,
                end=word.range.end,
                confidence=word.confidence,
            )
            for row, item in zip(rows, segments, strict=True)
            for number, word in enumerate(item.words)
        ),
        batch_size=BATCH,
    )


def taggings_save(analysis: Analysis, found: tuple[TaggingFinding, ...]) -> None:
    """Write taggings' rows; tags that are new to the vocabulary are made."""
    names = sorted({(_tag_name(item), item.kind) for item in found})
    # Sorted, so that two workers that meet the same new tags take their locks in one order.
    Tag.objects.bulk_create((Tag(name=n, kind=k) for n, k in names), ignore_conflicts=True)
    ids = {
        (tag.name, tag.kind): tag.pk
        for tag in Tag.objects.filter(name__in={name for name, _ in names})
    }
    Tagging.objects.bulk_create(
        (
            Tagging(
                analysis=analysis,
                asset_id=analysis.asset_id,
                tag_id=ids[_tag_name(item), item.kind],
                start=item.range.start,
                end=item.range.end,
                score=item.score,
                source=item.source,
            )
            for item in found
        ),
        batch_size=BATCH,
    )


def _tag_name(item: TaggingFinding) -> str:
    return storable(item.tag)[:200]


def storable_json(value: Any) -> Any:
    """JSON as PostgreSQL takes it: what `storable` does, in every key and text; numbers that JSON
    has no word for become null."""
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, Mapping):
        return {storable(str(key)): storable_json(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [storable_json(item) for item in value]
    if isinstance(value, float) and not isfinite(value):
        return None
    return value


def storable(text: str) -> str:
    """Text as PostgreSQL takes it, no NUL, no lone surrogates; and letters that may be written in
    several ways as they mostly are (NFC): text search knows no accent that stands alone."""
    plain = text.replace("\0", "").encode("utf-8", "replace").decode("utf-8")
    return unicodedata.normalize("NFC", plain)


def findings_without_files() -> list[str]:
    """Forget analyses whose files are gone, so that they are due again: the asset of each."""
    places = [
        *Rendition.objects.values_list("analysis_id", "path"),
        *Keyframe.objects.values_list("analysis_id", "path"),
    ]
    gone = {analysis_id for analysis_id, path in places if not (home() / path).is_file()}
    rows = Analysis.objects.filter(pk__in=gone)
    assets = [str(asset_id) for asset_id in rows.values_list("asset_id", flat=True)]
    rows.delete()
    return assets
