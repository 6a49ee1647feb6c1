"""A cut of the real media: six rates, with and without timecode and sound; and speech."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from editing.records import ChosenRange, TimelineRecord
from editing.services import Wishes, timeline_from_hits
from ingest.steps.probe import technical_facts
from mam.catalog.findings import findings_save
from mam.catalog.records import Findings
from mam.catalog.services import asset_register
from mam.timing import FrameRange, FrameRate
from tests.media import probed

# file, first and last+1 frame (samples for sound alone)
PIECES = (
    ("camera/karma.mp4", 40, 75),  # 29.97, timecode 19:26:48:04
    ("gallery/03_skateboarder.mp4", 30, 60),  # 24, with timecode, silent
    ("gallery/16_robotarm.mp4", 50, 81),  # 25, silent
    ("gallery/19_cyclist.mp4", 100, 129),  # 23.976
    ("speech/LJ001-0002.flac", 2205, 24255),  # sound alone
    ("formats/sowt-with-video.mov", 11, 62),  # 50
    ("gallery/car-detection.mp4", 200, 217),  # 12.5
    ("gallery/01_dog.mp4", 0, 35),  # 29.97 from its first frame
)


def registered(path: Path) -> str:
    """The asset of a file, probed as ingest does it."""
    info = probed(path)
    asset = asset_register(
        content_hash=hashlib.sha256(path.read_bytes()).hexdigest(),
        size=path.stat().st_size,
        path=os.fsencode(path),
        mtime_ns=path.stat().st_mtime_ns,
    ).asset
    findings_save(
        asset_id=asset.id,
        step="probe",
        version=1,
        inputs={},
        findings=Findings(facts=technical_facts(info)),
        guard=lambda: None,
    )
    return asset.id


def real_cut(media: Path, *, rate: FrameRate | None = None) -> TimelineRecord:
    """The timeline of PIECES, in their order."""
    ranges = [
        ChosenRange(registered(media / name), FrameRange(start, end)) for name, start, end in PIECES
    ]
    return timeline_from_hits(Wishes("Real cut", rate=rate), ranges).timeline
