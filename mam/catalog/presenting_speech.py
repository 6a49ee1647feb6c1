"""What is said and who speaks, as people read it: on the page of an asset and by the API."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from mam.catalog.models import Asset
from mam.catalog.presenting import play_range, timecode_at
from mam.catalog.records import SegmentRecord, TranscriptRecord
from mam.catalog.records_speakers import NamedBy, SpeakerRecord, TurnRecord
from mam.catalog.speaking import Speaking, turns_on
from mam.timing import FrameRange, FrameRate


def called(who: SpeakerRecord) -> dict[str, Any]:
    """The fields by which every answer says who speaks."""
    return {
        "speaker": who.label,
        "speaker_number": who.number,
        "speaker_named_by": str(who.named_by),
        "speaker_score": round(who.score, 4),
        "guessed": who.named_by == NamedBy.MACHINE,
    }


def transcript_in_seconds(
    asset_id: str, transcript: TranscriptRecord, rate: FrameRate, speaking: Speaking
) -> dict[str, Any]:
    """As the API gives it. The rows hold frames; seconds are made here, for reading only."""

    def at(frame: int) -> float:
        return round(float(rate.seconds(frame)), 3)

    return {
        "asset_id": asset_id,
        "language": transcript.language,
        "confidence": transcript.confidence,
        "segments": [
            {
                "start": at(segment.range.start),
                "end": at(segment.range.end),
                "start_frame": segment.range.start,
                "end_frame": segment.range.end,
                **called(speaking.on(segment.range)),
                "text": segment.text,
                "words": [
                    {
                        "text": word.text,
                        "start": at(word.range.start),
                        "end": at(word.range.end),
                        "confidence": word.confidence,
                    }
                    for word in segment.words
                ],
            }
            for segment in transcript.segments
        ],
    }


def turns_shown(
    asset: Asset, turns: Iterable[TurnRecord], speaking: Speaking
) -> list[dict[str, Any]]:
    """Turns for the API, each with who speaks it."""
    return [
        called(speaking.voices.get(turn.speaker, SpeakerRecord(turn.speaker)))
        | {
            "asset_id": turn.asset_id,
            "start_frame": turn.range.start,
            "end_frame": turn.range.end,
            "start_tc": timecode_at(asset, turn.range.start),
            "end_tc": timecode_at(asset, turn.range.end),
            "score": round(turn.score, 4),
        }
        for turn in turns
    ]


def voices_shown(
    asset: Asset, transcript: TranscriptRecord | None, speaking: Speaking
) -> list[dict[str, Any]]:
    """The voices of an asset, each with how much it speaks and the sentence by which a person who
    names it says which one is meant: the longest; without one it cannot be named."""
    shown = []
    said = [
        (segment.range, speaking.on(segment.range).number)
        for segment in (transcript.segments if transcript else ())
    ]
    for number, who in sorted(speaking.voices.items()):
        turns = [turn for turn in speaking.turns if turn.speaker == number]
        own = [place for place, voice in said if voice == number]
        sentence = max(own, key=lambda place: place.duration, default=None)
        place = sentence or max((turn.range for turn in turns), key=lambda one: one.duration)
        rate = asset.rate
        spoken = sum(turn.range.duration for turn in turns)
        shown.append(
            called(who)
            | {
                "turns": len(turns),
                "seconds": round(float(rate.seconds(spoken)), 3) if rate else 0.0,
                "start_frame": place.start,
                "end_frame": place.end,
                "start_tc": timecode_at(asset, place.start),
                "end_tc": timecode_at(asset, place.end),
                "can_be_named": sentence is not None,
                "play": play_range(rate, place.start, place.end),
            }
        )
    return shown


def spoken_parts(segment: SegmentRecord, speaking: Speaking) -> list[dict[str, Any]]:
    """A sentence by who speaks which of its words; in one piece where a person named its speaker,
    or one voice has it all."""
    who = speaking.on(segment.range)
    numbers = [_number(word.range, speaking.turns) for word in segment.words]
    several = len({number for number in numbers if number}) > 1
    if who.named_by == NamedBy.PERSON or not several:
        return [called(who) | {"text": segment.text}]
    space = " " if any(map(str.isspace, segment.text)) else ""
    parts: list[tuple[int, list[str]]] = []
    for number, word in zip(numbers, segment.words, strict=True):
        if parts and number in (0, parts[-1][0]):  # nobody's words go with those before
            parts[-1][1].append(word.text)
        else:
            parts.append((number, [word.text]))
    return [
        called(speaking.voices.get(number, SpeakerRecord(number))) | {"text": space.join(texts)}
        for number, texts in parts
    ]


def _number(place: FrameRange, turns: Sequence[TurnRecord]) -> int:
    return next((turn.speaker for turn in turns_on(turns, place)), 0)
