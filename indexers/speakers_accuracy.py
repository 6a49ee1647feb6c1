"""`manage.py bench speakers`: how right turns are, and whether a named voice is known again."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
from django.core.management.base import CommandParser

from indexers.dialogues import RATE, Dialogue, Reading, Span, Wrong, dialogue_of, wrong
from indexers.sound import sound_of
from indexers.turns import Told, Window, turns_told, windows_of, words_spoken
from mam import engines
from mam.catalog.records import SegmentRecord, WordRecord
from mam.catalog.selectors import asset_get, assets_with_files, transcript_of
from mam.catalog.speaking import recognised
from mam.engines.base import SAMPLE_RATE, Sound, Vectors, VoiceEncoder
from mam.errors import BadRequest
from mam.pipeline.progress import Progress
from mam.timing import FrameRange, FrameRate

DIALOGUES = 20


@dataclass(frozen=True)
class Result:
    """`right_count`: dialogues with as many voices as speakers. Of each file's voice it is asked
    which of the others' it is: `known`, taken for another's (`mistaken`), or nobody's (`unknown`);
    a speaker of one file cannot be known."""

    files: int
    speakers: int
    dialogues: int
    right_count: int
    wrong: Wrong
    known: int
    mistaken: int
    unknown: int
    same: Sequence[float]
    different: Sequence[float]

    def as_json(self) -> dict[str, Any]:
        return {
            "files": self.files,
            "speakers": self.speakers,
            "dialogues": self.dialogues,
            "right_count": self.right_count,
            "seconds": round(self.wrong.speech, 1),
            "missed": round(self.wrong.missed, 2),
            "confused": round(self.wrong.confused, 2),
            "invented": round(self.wrong.invented, 2),
            "error_rate": round(self.wrong.rate, 4),
            "known": self.known,
            "mistaken": self.mistaken,
            "unknown": self.unknown,
            "same_least": round(min(self.same, default=0.0), 3),
            "different_most": round(max(self.different, default=0.0), 3),
        }

    def as_text(self) -> str:
        told = self.as_json()
        return (
            f"{self.files} files of {self.speakers} speakers, {self.dialogues} dialogues joined of"
            f" them ({told['seconds']:.0f} s of speech).\n"
            f"Turns: {told['error_rate']:.1%} wrong (missed {told['missed']} s, given to another"
            f" {told['confused']} s, invented {told['invented']} s); the right number of voices in"
            f" {self.right_count} of {self.dialogues}.\n"
            f"Voices known again from another file: {self.known}, taken for another's:"
            f" {self.mistaken}, for nobody's: {self.unknown}. One speaker's voices are at least"
            f" {told['same_least']} alike, two speakers' at most {told['different_most']}."
        )


class Apart:
    """Joins dialogues of the library's files of which a person has named the one who speaks."""

    help = "How right speaker turns are, on dialogues joined of files whose speaker was named."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dialogues", type=int, default=DIALOGUES, help="how many are joined")
        parser.add_argument("--json", action="store_true", help="print JSON alone")

    def handle(self, **options: Any) -> str:
        readings = named_readings()
        encoder: VoiceEncoder = engines.engine("voices")
        with Progress("Listening") as progress:
            count = max(1, options["dialogues"])
            result = measured(encoder, readings, count, lambda n: progress(n, count, "dialogues"))
        return json.dumps(result.as_json()) if options["json"] else result.as_text()


def named_readings() -> list[Reading]:
    """The files all of whose sentences a person gave one name. Raises BadRequest where these are
    not of two speakers at least."""
    found = []
    for row in assets_with_files().filter(removed_at=None).order_by("name", "content_hash"):
        asset, transcript = asset_get(str(row.pk)), transcript_of(str(row.pk))
        names = {segment.speaker for segment in transcript.segments} if transcript else set()
        if transcript and len(names) == 1 and "" not in names and "audio" in asset.renditions:
            words = _on_samples(transcript.segments, asset.technical.rate)
            found.append(Reading(names.pop(), sound_of(asset), words))
    if len({reading.speaker for reading in found}) < 2:
        raise BadRequest(
            "Name the speakers of at least two files first, each of one speaker alone: all of its"
            " sentences (name_speaker on the whole asset)."
        )
    return found


def measured(
    encoder: VoiceEncoder,
    readings: Sequence[Reading],
    count: int,
    report: Callable[[int], None],
) -> Result:
    """Over `count` dialogues of two speakers, each pair of them by turns."""
    speakers = sorted({reading.speaker for reading in readings})
    pairs = list(combinations(speakers, 2))
    total, right = Wrong(0, 0, 0, 0), 0
    for number in range(count):
        report(number)
        dialogue = dialogue_of(readings, pairs[number % len(pairs)], number)
        told = told_of(encoder, dialogue)
        right += len(told.voices) == 2
        found = [Span(str(turn.speaker), turn.range) for turn in told.turns]
        total = total + wrong(dialogue.truth, found)
    likeness, names = voices_alike(encoder, readings)
    same: list[float] = []
    different: list[float] = []
    for one, other in combinations(range(len(names)), 2):
        (same if names[one] == names[other] else different).append(float(likeness[one, other]))
    known, mistaken, unknown = _known_again(likeness, names)
    return Result(
        len(readings), len(speakers), count, right, total, known, mistaken, unknown,
        same, different,
    )  # fmt: skip


def told_of(encoder: VoiceEncoder, dialogue: Dialogue) -> Told:
    """What the step would tell of a dialogue."""
    words = words_spoken([dialogue.segment], RATE)
    windows = windows_of(words, encoder.window)
    return turns_told(words, windows, _heard(encoder, dialogue.sound, windows))


def voices_alike(encoder: VoiceEncoder, readings: Sequence[Reading]) -> tuple[Vectors, list[str]]:
    """How alike the main voices of readings are, each with each, and whose they are."""
    vectors, names = [], []
    for reading in readings:
        place = FrameRange(0, len(reading.sound))
        segment = SegmentRecord("", "", "", place, reading.words)
        told = told_of(encoder, Dialogue(reading.sound, segment, ()))
        if told.voices:
            longest = max(told.voices, key=lambda voice: voice[0].duration)
            vectors.append(longest[1])
            names.append(reading.speaker)
    rows = np.stack(vectors) if vectors else np.zeros((0, 1), np.float32)
    return rows @ rows.T, names


def _known_again(likeness: Vectors, names: Sequence[str]) -> tuple[int, int, int]:
    known = mistaken = unknown = 0
    for one, name in enumerate(names):
        others = [n for n in range(len(names)) if n != one]
        found = recognised((names[n], float(likeness[one, n])) for n in others)
        known += found is not None and found[0] == name
        mistaken += found is not None and found[0] != name
        unknown += found is None and name in [names[n] for n in others]
    return known, mistaken, unknown


def _heard(encoder: VoiceEncoder, sound: Sound, windows: Sequence[Window]) -> Vectors:
    pieces = [np.resize(sound[w.start : w.end], encoder.window) for w in windows]
    return encoder.encode(np.stack(pieces) if pieces else np.zeros((0, encoder.window), np.float32))


def _on_samples(segments: Sequence[SegmentRecord], rate: FrameRate) -> tuple[WordRecord, ...]:
    def words() -> Iterator[WordRecord]:
        for segment in segments:
            for word in segment.words:
                start, end = (
                    int(rate.seconds(frame) * SAMPLE_RATE)
                    for frame in (word.range.start, word.range.end)
                )
                yield WordRecord(word.text, FrameRange(start, max(end, start + 1)), 1.0)

    return tuple(words())
