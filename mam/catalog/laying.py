"""Laying an asset's corrections over what was found, at once, when a person has spoken."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from django.db import connection
from django.db.models import ManyToOneRel, Prefetch

from mam.catalog import as_found
from mam.catalog.findings import shots_save, storable_json, taggings_save, transcript_save
from mam.catalog.models import (
    Analysis,
    Description,
    Embedding,
    Segment,
    Shot,
    Tagging,
    Transcript,
    Word,
)
from mam.catalog.models.analysis import Finding
from mam.catalog.overlay import laid_over, tags_given
from mam.catalog.records import (
    CORRECTIONS,
    CorrectionRecord,
    Findings,
    SegmentFinding,
    ShotFinding,
    TaggingFinding,
    TranscriptFinding,
    WordFinding,
)
from mam.catalog.standing import corrections_standing, losses_save
from mam.timing import FrameRange

CORRECTED: tuple[type[Finding], ...] = (Shot, Tagging, Transcript)
"""The tables whose rows are laid over."""
FOUND = tuple(
    field.related_model
    for field in Analysis._meta.get_fields(include_hidden=True)
    if isinstance(field, ManyToOneRel)
)
"""Every table of found rows."""


def corrections_lay(asset_id: str) -> bool:
    """Bring the rows of an asset to what its corrections and the machine's own findings say; False
    where they say that already, or differ in who speaks alone.

    Inside the caller's transaction, the asset held. An analysis whose rows change gets a new id, by
    which the steps that were computed from it are due again.
    """
    corrections = corrections_standing(asset_id)
    analyses = Analysis.objects.filter(asset_id=asset_id).exclude(step=CORRECTIONS)
    held = {
        pk
        for model in CORRECTED
        for pk in model._default_manager.filter(asset_id=asset_id).values_list(
            "analysis_id", flat=True
        )
    }
    changed = [
        _lay(analysis, corrections)
        for analysis in analyses
        if analysis.pk in held or analysis.found is not None
    ]
    changed.append(_given_save(asset_id, tags_given(corrections)))
    return any(changed)


def descriptions_forget(asset_id: str, range: FrameRange) -> None:
    """Drop what was put into words of a range: it says what a person has just denied. The step that
    describes is due again, and says it anew; so do its vectors, in every space."""
    describing = set(
        Description.objects.filter(asset_id=asset_id).values_list("analysis_id", flat=True)
    )
    made_of = Analysis.objects.filter(asset_id=asset_id).values_list("pk", "inputs")
    describing |= {pk for pk, inputs in made_of if describing.intersection(inputs.values())}
    for model in (Description, Embedding):
        model._default_manager.filter(
            analysis_id__in=describing, start__lt=range.end, end__gt=range.start
        ).delete()
    # Even where undoing brings its inputs back to what they were: its rows are gone.
    Analysis.objects.filter(pk__in=describing).update(inputs={"corrected": 0})


def _lay(analysis: Analysis, corrections: Sequence[CorrectionRecord]) -> bool:
    stands = _rows(analysis)
    found = stands if analysis.found is None else as_found.read(analysis.found)
    laid = laid_over(found, corrections)
    losses_save(laid.lost)
    new = laid.findings
    kept = None if new is found else storable_json(as_found.written(found))
    if kept != analysis.found:
        Analysis.objects.filter(pk=analysis.pk).update(found=kept)
    if _corrected(new) == _corrected(stands):
        return False
    if new.taggings != stands.taggings:
        Tagging.objects.filter(analysis=analysis).delete()
        taggings_save(analysis, new.taggings)
    if new.transcript is not None and new.transcript != stands.transcript:
        Transcript.objects.filter(analysis=analysis).delete()
        transcript_save(analysis, new.transcript)
    if new.shots != stands.shots:
        Shot.objects.filter(analysis=analysis).delete()
        shots_save(analysis, new.shots)
    if _corrected(_unnamed(new)) == _corrected(_unnamed(stands)):
        return False  # who speaks is read as it stands: nothing is computed from a name
    _renew(analysis)
    return True


def _unnamed(findings: Findings) -> Findings:
    """Without the names of those who speak."""
    heard = findings.transcript
    if heard is None:
        return findings
    segments = tuple(replace(segment, speaker="") for segment in heard.segments)
    return replace(findings, transcript=replace(heard, segments=segments))


def _corrected(findings: Findings) -> tuple[object, ...]:
    return findings.taggings, findings.transcript, findings.shots


def _given_save(asset_id: str, given: tuple[TaggingFinding, ...]) -> bool:
    """What people added hangs on an analysis of their own, which no step's re-run touches."""
    old = Analysis.objects.filter(asset_id=asset_id, step=CORRECTIONS).first()
    if (_tags(old) if old else ()) == given:
        return False
    if old:
        old.delete()
    if given:
        made = Analysis.objects.create(asset_id=asset_id, step=CORRECTIONS, version=1)
        taggings_save(made, given)
    return True


def _renew(analysis: Analysis) -> None:
    """Give an analysis, whose rows are others now, an id of its own again."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence('catalog_analysis', 'id'))")
        row = cursor.fetchone()
    assert row is not None
    # Foreign keys are checked at the commit: the row goes first, what hangs on it follows.
    Analysis.objects.filter(pk=analysis.pk).update(id=row[0])
    for model in FOUND:
        model._default_manager.filter(analysis_id=analysis.pk).update(analysis_id=row[0])


def _rows(analysis: Analysis) -> Findings:
    heard = Transcript.objects.filter(analysis=analysis).first()
    shots = Shot.objects.filter(analysis=analysis).order_by("start")
    return Findings(
        taggings=_tags(analysis),
        transcript=_transcript(heard) if heard is not None else None,
        shots=tuple(
            ShotFinding(FrameRange(row.start, row.end), row.confidence, row.source, row.lead)
            for row in shots
        ),
    )


def _tags(analysis: Analysis) -> tuple[TaggingFinding, ...]:
    rows = Tagging.objects.filter(analysis=analysis).select_related("tag").order_by("id")
    return tuple(
        TaggingFinding(
            row.tag.name, row.tag.kind, FrameRange(row.start, row.end), row.score, row.source
        )
        for row in rows
    )


def _transcript(row: Transcript) -> TranscriptFinding:
    words = Prefetch("words", queryset=Word.objects.order_by("number"))
    segments = Segment.objects.filter(transcript=row).order_by("start", "id")
    return TranscriptFinding(
        row.language,
        row.confidence,
        tuple(
            SegmentFinding(
                segment.text,
                FrameRange(segment.start, segment.end),
                tuple(
                    WordFinding(word.text, FrameRange(word.start, word.end), word.confidence)
                    for word in segment.words.all()
                ),
                segment.speaker,
            )
            for segment in segments.prefetch_related(words)
        ),
    )
