"""`manage.py bench speech`: how right words and their times are, on read speech with its text."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Any

import jiwer
from django.core.management.base import CommandParser

from indexers.read_speech import (
    GAP_SECONDS,
    between_silences,
    bounds_of_speech,
    text_beside,
    wordless,
)
from indexers.sound import sound_of
from mam import engines
from mam.catalog.records import AssetRecord
from mam.catalog.selectors import asset_get, assets_with_files
from mam.engines.base import SAMPLE_RATE, Sound, Speech, SpeechRecogniser
from mam.errors import BadRequest
from mam.pipeline.progress import Progress

_PLAIN = jiwer.Compose(
    [
        jiwer.ToLowerCase(),
        jiwer.SubstituteRegexes({r"[-\u2013\u2014]": " ", r"[^\w\s']": ""}),
        jiwer.RemoveMultipleSpaces(),
        jiwer.Strip(),
        jiwer.ReduceToListOfListOfWords(),
    ]
)
"""Case and punctuation are no words; `Mr.` for a read `mister` counts as a mistake."""


@dataclass(frozen=True)
class Reading:
    """One file: words read, mistakes (changed, left out and invented), and how far off, in
    seconds, its first word begins and its last one ends."""

    name: str
    seconds: float
    words: int
    mistakes: int
    begins_off: float
    ends_off: float


@dataclass(frozen=True)
class Result:
    """`invented` counts the words heard where there are none, by kind of sound."""

    readings: Sequence[Reading]
    invented: Mapping[str, int]

    def as_json(self) -> dict[str, Any]:
        words = sum(reading.words for reading in self.readings)
        mistakes = sum(reading.mistakes for reading in self.readings)
        return {
            "files": len(self.readings),
            "seconds": round(sum(reading.seconds for reading in self.readings), 3),
            "words": words,
            "mistakes": mistakes,
            "word_error_rate": round(mistakes / words, 4),
            "begins_off": _spread([reading.begins_off for reading in self.readings]),
            "ends_off": _spread([reading.ends_off for reading in self.readings]),
            "readings": [
                {
                    "name": reading.name,
                    "words": reading.words,
                    "mistakes": reading.mistakes,
                    "begins_off_seconds": round(reading.begins_off, 3),
                    "ends_off_seconds": round(reading.ends_off, 3),
                }
                for reading in self.readings
            ],
            "invented": dict(self.invented),
        }

    def as_text(self) -> str:
        told = self.as_json()
        lines = [
            f"{told['files']} files, {told['words']} words read: {told['mistakes']} mistakes, a"
            f" word error rate of {told['word_error_rate']:.1%}.",
            *(
                f"{what}: {told[key]['mean']:.2f} s off, {told[key]['most']:.2f} s at most."
                for what, key in (
                    ("The first word begins", "begins_off"),
                    ("The last word ends", "ends_off"),
                )
            ),
            "Words heard where there are none: "
            + ", ".join(f"{kind} {count}" for kind, count in self.invented.items())
            + ".",
            "",
        ]
        width = max(len(reading.name) for reading in self.readings)
        lines += [
            f"{reading.name:<{width}}  {reading.mistakes:>3} of {reading.words:>3} wrong"
            f"  {reading.begins_off:>6.2f} s  {reading.ends_off:>6.2f} s"
            for reading in self.readings
        ]
        return "\n".join(lines)


class Heard:
    """Has the recogniser listen to what is in the library and has a text beside its master."""

    help = "How right words and their times are, on the library's read speech with texts."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print JSON alone")

    def handle(self, **options: Any) -> str:
        found = read_assets()
        recogniser: SpeechRecogniser = engines.engine("speech")
        readings, invented = [], {}
        silent = wordless()
        with Progress("Listening") as progress:
            for number, (asset, text) in enumerate(found):
                progress(number, len(found) + len(silent), asset.name)
                readings.append(read_by(recogniser, asset.name, sound_of(asset), text))
            for number, (kind, sound) in enumerate(silent.items(), len(found)):
                progress(number, len(found) + len(silent), kind)
                invented[kind] = len(_words(recogniser.transcribe(sound)))
        result = Result(readings, invented)
        return json.dumps(result.as_json()) if options["json"] else result.as_text()


def read_assets() -> list[tuple[AssetRecord, str]]:
    """Assets with what is read in them. Raises BadRequest where the library has none."""
    found = []
    for row in assets_with_files().order_by("name", "content_hash"):
        asset = asset_get(str(row.pk))
        if "audio" in asset.renditions and asset.path:
            text = text_beside(Path(os.fsdecode(os.fsencode(asset.path))))
            if text:
                found.append((asset, text))
    if not found:
        raise BadRequest(
            "No sound in the library has its text beside it (NAME.txt, or a row NAME|text of a"
            " .csv): run `manage.py ingest PATH… --wait` on such files first."
        )
    return found


def read_by(recogniser: SpeechRecogniser, name: str, sound: Sound, text: str) -> Reading:
    """Have the recogniser hear this sound between two silences, and compare."""
    speech = recogniser.transcribe(between_silences(sound))
    words = _words(speech)
    begins, ends = (GAP_SECONDS + at for at in bounds_of_speech(sound))
    compared = jiwer.process_words(text, " ".join(text for text, _, _ in words), _PLAIN, _PLAIN)
    return Reading(
        name,
        len(sound) / SAMPLE_RATE,
        sum(map(len, compared.references)),
        compared.substitutions + compared.deletions + compared.insertions,
        # Where nothing was heard the whole reading is missed.
        abs(words[0][1] - begins) if words else ends - begins,
        abs(words[-1][2] - ends) if words else ends - begins,
    )


def _words(speech: Speech) -> list[tuple[str, float, float]]:
    return [
        (word.text, word.start, word.end) for segment in speech.segments for word in segment.words
    ]


def _spread(seconds: Sequence[float]) -> dict[str, float]:
    return {"mean": round(fmean(seconds), 3), "most": round(max(seconds), 3)}
