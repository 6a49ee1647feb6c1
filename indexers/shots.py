"""Shots: where the picture changes from one take to another, seen in the one decode."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from scenedetect import FrameTimecode
from scenedetect.detectors import AdaptiveDetector

from indexers.cuts import Cut, cuts_in, merged, shots_between
from indexers.flashes import Thumbnails, thumbnails, without_flashes
from indexers.gradual import spread
from indexers.wipes import wipes_in
from mam.catalog.records import AssetRecord, Findings, ShotFinding
from mam.engines import engine_weights
from mam.engines.base import TransitionDetector
from mam.media.base import FrameFormat, Frames, Tap
from mam.pipeline.steps import Context, TappedStep
from mam.timing import FrameRate

DETECTOR_WIDTH = 256
"""PySceneDetect itself shrinks pictures to about this width before it compares them."""
NET = "transnetv2"
LEAST_CHANGE = 27.0
"""Its content detector's own threshold: a cut that it alone sees must stand out and be large."""


class TransitionTap:
    """Feeds TransNetV2 as frames come; `cuts` once closed, and `inside`: a likelihood a frame that
    it lies within a transition."""

    name = "transitions"

    def __init__(self, detector: TransitionDetector) -> None:
        self.format = FrameFormat(*detector.size)
        self.frames = 0
        self.cuts: list[Cut] = []
        self.inside = np.zeros(0, np.float32)
        self._session = detector.begin()
        self._thumbnails: list[Thumbnails] = []

    @property
    def pictures(self) -> Thumbnails:
        """Every frame as a thumbnail, some 430 bytes each."""
        empty = np.zeros((0, 1, 1, 3), np.uint8)
        return np.concatenate(self._thumbnails) if self._thumbnails else empty

    def take(self, frames: Frames, first: int) -> None:
        self.frames = first + len(frames)
        self._thumbnails.append(thumbnails(frames))
        self._session.push(frames)

    def close(self) -> None:
        if self.frames:
            scores = self._session.finish()
            self.cuts = cuts_in(scores.ends, NET)
            self.inside = scores.inside


class DetectorTap:
    """Feeds PySceneDetect's adaptive detector as frames come."""

    name = "detector"

    def __init__(self, width: int, height: int, rate: FrameRate) -> None:
        self.format = FrameFormat(*detector_size(width, height))
        self.cuts: list[Cut] = []
        self._rate = rate.value
        # Its own shortest shot: a cut that only it sees lies half a second from any other.
        self._detector = AdaptiveDetector(
            min_scene_len=max(1, rate.nearest_frame(1) // 2), min_content_val=LEAST_CHANGE
        )

    def take(self, frames: Frames, first: int) -> None:
        for offset, picture in enumerate(frames):
            time = FrameTimecode(first + offset, self._rate)
            image = cv2.cvtColor(picture, cv2.COLOR_RGB2BGR)
            self._add(self._detector.process_frame(time, image))
        self._last = first + len(frames) - 1

    def close(self) -> None:
        if hasattr(self, "_last"):
            self._add(self._detector.post_process(FrameTimecode(self._last, self._rate)))

    def _add(self, found: list[FrameTimecode]) -> None:
        self.cuts += [Cut(time.frame_num, 0.5, "pyscenedetect") for time in found]


def detector_size(width: int, height: int) -> tuple[int, int]:
    """The picture's shape at PySceneDetect's working size: even numbers, never larger."""
    scale = min(1.0, DETECTOR_WIDTH / max(width, height, 1))
    return max(2, round(width * scale / 2) * 2), max(2, round(height * scale / 2) * 2)


class Shots(TappedStep):
    """TransNetV2, and PySceneDetect where it finds a cut that TransNetV2 has none near; flashes
    that either takes for cuts are left out, wipes that neither sees are added."""

    name = "shots"
    version = 3
    title = "Looking for cuts"

    def weights(self) -> tuple[str, ...]:
        return engine_weights("transitions")

    def wants(self, asset: AssetRecord) -> bool:
        return asset.has_video

    def taps(self, asset: AssetRecord, context: Context) -> Sequence[Tap]:
        facts = asset.technical
        if facts.kind == "still":
            return ()
        return (
            TransitionTap(context.engine("transitions")),
            DetectorTap(facts.width, facts.height, facts.rate),
        )

    def find(self, asset: AssetRecord, context: Context) -> Findings:
        facts = asset.technical
        if not context.taps:
            return Findings(shots=shots_between((), facts.duration))
        transitions, detector = context.taps
        assert isinstance(transitions, TransitionTap)
        assert isinstance(detector, DetectorTap)
        return Findings(shots=decided(transitions, detector, facts.rate))


def decided(
    transitions: TransitionTap, detector: DetectorTap, rate: FrameRate
) -> tuple[ShotFinding, ...]:
    """The shots of what both taps have watched to its end."""
    pictures = transitions.pictures
    seen = without_flashes(merged(transitions.cuts, detector.cuts, rate), pictures)
    cuts = spread(seen, transitions.inside, pictures)
    wipes = wipes_in(pictures, (cut for cut in cuts if cut.source == NET))
    # A cut that only PySceneDetect saw within a wipe is some moment of that.
    cuts = [
        cut
        for cut in cuts
        if not any(wipe.over and wipe.over.start <= cut.frame <= wipe.over.end for wipe in wipes)
    ]
    # What was really decoded: a damaged file ends sooner than its header says.
    return shots_between([*cuts, *wipes], transitions.frames)
