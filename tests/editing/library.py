"""Assets in the catalogue without any file behind them: for cuts, facts are all that is needed."""

from __future__ import annotations

import hashlib
from fractions import Fraction
from itertools import count
from pathlib import Path

from mam.catalog.findings import findings_save
from mam.catalog.models import Asset
from mam.catalog.records import (
    Findings,
    SegmentFinding,
    ShotFinding,
    TechnicalFacts,
    TranscriptFinding,
    WordFinding,
)
from mam.catalog.services import asset_register
from mam.timing import FrameRange, FrameRate

PAL = FrameRate.of(25)
_numbers = count(1)


def asset(
    name: str = "clip.mov",
    *,
    kind: str = "video",
    rate: FrameRate = PAL,
    duration: int = 1000,
    channels: tuple[int, ...] = (2,),
    size: tuple[int, int] = (1920, 1080),
    pixel_aspect: Fraction = Fraction(1),
    start: int = 0,
    drop_frame: bool = False,
    reel: str = "",
    path: str = "",
    shots: tuple[int, ...] = (),
    said: tuple[tuple[str, int, int], ...] = (),
) -> str:
    """A probed asset's id. `shots` are the frames that open one; `said` is (word, start, end)."""
    number = next(_numbers)
    registered = asset_register(
        content_hash=hashlib.sha256(f"{number}".encode()).hexdigest(),
        size=1000,
        path=(path or f"/masters/{number}/{name}").encode("utf-8", "surrogateescape"),
        mtime_ns=number,
        name=name,
    )
    asset_id = registered.asset.id
    facts = TechnicalFacts(
        kind=kind,
        rate=rate,
        duration=duration,
        start=start,
        drop_frame=drop_frame,
        has_timecode=bool(start),
        reel=reel,
        width=size[0] if kind != "audio" else 0,
        height=size[1] if kind != "audio" else 0,
        pixel_aspect=pixel_aspect,
        audio_streams=len(channels),
        container="mov",
        streams={
            "video": {"index": 0, "field_order": "progressive", "color_transfer": "bt709"},
            "audio": [
                {"index": n, "codec": "pcm", "sample_rate": 48_000, "channels": c, "layout": ""}
                for n, c in enumerate(channels, 1)
            ],
        },
    )
    _save(asset_id, "probe", Findings(facts=facts))
    if shots:
        ends = [*shots[1:], duration]
        found = tuple(ShotFinding(FrameRange(a, b), 1.0) for a, b in zip(shots, ends, strict=True))
        _save(asset_id, "shots", Findings(shots=found))
    if said:
        words = tuple(WordFinding(text, FrameRange(a, b), 0.9) for text, a, b in said)
        whole = FrameRange(said[0][1], said[-1][2])
        text = " ".join(word.text for word in words)
        segment = SegmentFinding(text, whole, words)
        _save(asset_id, "transcript", Findings(transcript=TranscriptFinding("en", 0.9, (segment,))))
    return asset_id


def known_by_its_bytes(asset_id: str, path: Path) -> None:
    """The asset has the size and hash of the file at `path`, as if that had been ingested."""
    data = path.read_bytes()
    Asset.objects.filter(pk=asset_id).update(
        size=len(data), content_hash=hashlib.sha256(data).hexdigest()
    )


def _save(asset_id: str, step: str, findings: Findings) -> None:
    findings_save(
        asset_id=asset_id, step=step, version=1, inputs={}, findings=findings, guard=lambda: None
    )
