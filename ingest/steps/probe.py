"""What a file is: the first step, without which nothing else is done."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

from mam.catalog.records import AssetRecord, Findings, RenditionFinding, TechnicalFacts
from mam.errors import BadMedia, TransientError
from mam.media.base import MediaInfo
from mam.media.facts import info_to_json
from mam.media.probe import probe
from mam.pipeline.steps import Context, Step


def technical_facts(info: MediaInfo) -> TechnicalFacts:
    """A probe's tale as the catalogue keeps it; `streams` is all of it but the timestamps."""
    video = info.video
    turned = video is not None and video.rotation in (90, 270)
    width, height = (video.width, video.height) if video else (0, 0)
    aspect = video.sample_aspect if video else TechnicalFacts.pixel_aspect
    return TechnicalFacts(
        kind=info.kind,
        rate=info.rate,
        duration=info.duration,
        variable_rate=info.variable_rate,
        start=info.start,
        drop_frame=info.drop_frame,
        has_timecode=info.has_timecode,
        reel=info.reel,
        width=height if turned else width,
        height=width if turned else height,
        pixel_aspect=1 / aspect if turned else aspect,
        rotation=video.rotation if video else 0,
        audio_streams=len(info.audio),
        container=info.container,
        video_codec=video.codec if video else "",
        damage=info.damage,
        streams=info_to_json(replace(info, pts=())),
    )


class Probe(Step):
    """Reads the master once, in a bounded child; a file that is no media fails here."""

    name = "probe"
    version = 1
    title = "Looking at the file"
    needs = ()
    queue = "media"
    essential = True
    while_growing = True
    reads_master = True

    def find(self, asset: AssetRecord, context: Context) -> Findings:
        if asset.growing:
            info = _probe_growing(asset.path, context)
        else:
            _check_is_the_same(asset)
            info = probe(asset.path, options=context.options)
        renditions: tuple[RenditionFinding, ...] = ()
        if info.pts:
            renditions = (_timemap(info, context.workdir / "timemap.json"),)
        return Findings(facts=technical_facts(info), renditions=renditions, damage=info.damage)


def _probe_growing(path: str, context: Context) -> MediaInfo:
    """What there is so far. That it breaks off at its end says nothing of the media."""
    try:
        return replace(probe(path, options=context.options), damage="")
    except BadMedia as error:
        raise TransientError(f"It cannot be read yet, while it is being written: {error}") from None


def _check_is_the_same(asset: AssetRecord) -> None:
    try:
        size = os.stat(os.fsencode(asset.path)).st_size
    except OSError as error:
        raise TransientError(f"The master cannot be reached: {error.strerror}.") from None
    if size != asset.size:
        raise TransientError(
            "Other bytes lie where the master was registered: ingest that path again."
        )


def _timemap(info: MediaInfo, path: Path) -> RenditionFinding:
    """The source timestamp of every frame that is shown, where the rate varies."""
    told = info_to_json(info)
    path.write_text(json.dumps({key: told[key] for key in ("time_base", "first_pts", "pts")}))
    meta = {"size": path.stat().st_size, "frames": len(info.pts)}
    return RenditionFinding("timemap", path, meta)
