"""`manage.py bench accuracy`: how right the detectors are, on reels whose cut list is known."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import add
from typing import Any

import numpy as np
from django.core.management.base import CommandParser
from PIL import Image
from scenedetect import FrameTimecode
from scenedetect.detectors import (
    AdaptiveDetector,
    ContentDetector,
    HashDetector,
    HistogramDetector,
    ThresholdDetector,
)

from indexers.base import picture_of
from indexers.reels import SHOT_FRAMES, Piece, Reel, reel_of
from indexers.scoring import Score, Scores, scored
from indexers.shots import DetectorTap, TransitionTap, decided
from mam import engines
from mam.catalog.selectors import asset_get, assets_with_files, keyframes_of, shots_of
from mam.errors import BadRequest
from mam.media.base import Frames
from mam.media.frames import read_frames
from mam.pipeline.progress import Progress
from mam.timing import FrameRange, FrameRate

SIZE = (256, 144)
RATE = FrameRate.of(25)
EVEN = 2.0
"""Of 255: below this spread of its brightness a picture is of one colour."""
OURS, NET = "mam", "TransNetV2 alone"
PEERS: Mapping[str, Callable[[], Any]] = {
    "scenedetect detect-adaptive": AdaptiveDetector,
    "scenedetect detect-content": ContentDetector,
    "scenedetect detect-hist": HistogramDetector,
    "scenedetect detect-hash": HashDetector,
    "scenedetect detect-threshold": ThresholdDetector,
}


@dataclass(frozen=True)
class Result:
    """Scores by detector, over all reels."""

    reels: int
    frames: int
    detectors: Mapping[str, Scores]

    def as_json(self) -> dict[str, Any]:
        return {
            "reels": self.reels,
            "frames": self.frames,
            "detectors": [
                {
                    "name": name,
                    "cuts": _told(found.cuts),
                    "gradual": _told(found.gradual),
                    "all": _told(found.all)
                    | {
                        "invented": found.all.invented,
                        "precision": round(found.all.precision, 4),
                        "f1": round(found.all.f1, 4),
                    },
                    "overlap": None if found.overlap is None else round(found.overlap, 4),
                    "kinds": {kind: _told(score) for kind, score in found.kinds.items()},
                }
                for name, found in self.detectors.items()
            ],
        }

    def as_text(self) -> str:
        width = max(len(name) for name in self.detectors)
        lines = [
            f"{self.reels} reels, {self.frames} frames. Found of all that there are; invented:"
            " finds that belong to none, or a second time to one.",
            "",
            f"{'detector':<{width}}  {'cuts':>7}  {'gradual':>7}  invented     F1",
        ]
        for name, found in self.detectors.items():
            cuts, gradual = (f"{s.found}/{s.true}" for s in (found.cuts, found.gradual))
            lines.append(
                f"{name:<{width}}  {cuts:>7}  {gradual:>7}  {found.all.invented:>8}"
                f"  {found.all.f1:.3f}"
            )
        ours = self.detectors[OURS]
        shown = (f"{kind} {score.found}/{score.true}" for kind, score in sorted(ours.kinds.items()))
        lines += ["", f"{OURS}, by kind: {', '.join(shown)}"]
        if ours.overlap is not None:
            lines.append(f"{OURS}, frames of gradual ones that are right: {ours.overlap:.0%}")
        return "\n".join(lines)


class Accuracy:
    """Joins shots of the library into reels and compares detectors on them."""

    help = "How many transitions are found, on reels joined from the library's own shots."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--reels", type=int, default=4, help="how many (default 4)")
        parser.add_argument("--joins", type=int, default=24, help="transitions in each (24)")
        parser.add_argument("--json", action="store_true", help="print JSON alone")

    def handle(self, **options: Any) -> str:
        reels, joins = options["reels"], options["joins"]
        if not (1 <= reels <= 1000 and 1 <= joins <= 1000):
            raise BadRequest("Reels and transitions are counted from 1 to 1000.")
        shots = long_shots()
        found: dict[str, list[Scores]] = {}
        frames = 0
        with Progress("Watching reels") as progress:
            for seed in range(reels):
                progress(seed, reels)
                reel = reel_of(shots, joins, seed)
                watched = watch(reel)
                frames += watched.frames
                for name, opened in watched.opened.items():
                    over = watched.over if name == OURS else None
                    found.setdefault(name, []).append(scored(reel.transitions, opened, over))
        result = Result(reels, frames, {name: summed(each) for name, each in found.items()})
        return json.dumps(result.as_json()) if options["json"] else result.as_text()


def long_shots() -> list[tuple[str, FrameRange]]:
    """Shots long enough for a reel. Raises BadRequest where they are of fewer than two assets.

    They end where our own detectors saw a cut: what all of them overlooked in the footage itself
    counts as theirs when it is found here. Shots of one colour are left out: from black to black
    there is no cut to be seen.
    """
    found = [
        (asset_id, FrameRange(shot.range.start + 2, shot.range.end - 2))
        for row in assets_with_files().filter(kind="video").order_by("content_hash")
        for asset_id in [str(row.pk)]
        for shot in shots_of(asset_id)
        if shot.range.duration >= SHOT_FRAMES + 4 and _shows_something(asset_id, shot.range)
    ]
    if len({asset_id for asset_id, _ in found}) < 2:
        raise BadRequest(
            "Shots of four seconds and more from two clips are needed: run `manage.py ingest"
            " PATH… --wait` first."
        )
    return found


def _shows_something(asset_id: str, shot: FrameRange) -> bool:
    """Whether every keyframe of the shot is more than one colour."""
    pictures = (picture_of(item) for item in keyframes_of(asset_id) if item.range == shot)
    return all(float(picture.std(axis=(0, 1)).max()) >= EVEN for picture in pictures)


@dataclass(frozen=True)
class Watched:
    """Frames that open a shot, by detector; and over which frames ours says that it is led into."""

    frames: int
    opened: Mapping[str, Sequence[int]]
    over: Mapping[int, FrameRange]


def watch(reel: Reel) -> Watched:
    """Show a reel to every detector, frame by frame."""
    transitions = TransitionTap(engines.engine("transitions"))
    detector = DetectorTap(*SIZE, RATE)
    peers = {name: make() for name, make in PEERS.items()}
    cuts: dict[str, list[int]] = {name: [] for name in peers}
    width, height = transitions.format.width, transitions.format.height
    count = 0
    for picture in reel.pictures(read):
        small = Image.fromarray(picture).resize((width, height), Image.Resampling.BICUBIC)
        transitions.take(np.asarray(small)[np.newaxis], count)
        detector.take(picture[np.newaxis], count)
        image = np.ascontiguousarray(picture[:, :, ::-1])  # it wants BGR
        for name, peer in peers.items():
            cuts[name] += _frames(peer.process_frame(FrameTimecode(count, RATE.value), image))
        count += 1
    transitions.close()
    detector.close()
    for name, peer in peers.items():
        cuts[name] += _frames(peer.post_process(FrameTimecode(count - 1, RATE.value)))
    shots = decided(transitions, detector, RATE)[1:]
    over = {shot.range.start: shot.lead.range for shot in shots if shot.lead}
    net = [cut.frame for cut in transitions.cuts]
    return Watched(count, {OURS: list(over), NET: net, **cuts}, over)


def read(piece: Piece) -> list[Frames]:
    """The frames of a piece from the asset's proxy, in the reels' size."""
    asset = asset_get(piece.asset_id)
    pictures = read_frames(asset.renditions["proxy"], piece.frames, asset.technical.rate)
    return [np.asarray(Image.fromarray(picture).resize(SIZE)) for _, picture in pictures]


def summed(scores: Sequence[Scores]) -> Scores:
    """The counts of several reels together."""
    kinds: dict[str, Score] = {}
    for each in scores:
        for kind, score in each.kinds.items():
            kinds[kind] = kinds.get(kind, Score(0, 0)) + score
    return Scores(
        reduce(add, (each.cuts for each in scores)),
        reduce(add, (each.gradual for each in scores)),
        reduce(add, (each.all for each in scores)),
        kinds,
        tuple(overlap for each in scores for overlap in each.overlaps),
    )


def _frames(found: Iterable[FrameTimecode]) -> list[int]:
    return [time.frame_num for time in found]


def _told(score: Score) -> dict[str, Any]:
    return {"true": score.true, "found": score.found, "recall": round(score.recall, 4)}
