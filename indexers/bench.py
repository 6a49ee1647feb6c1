"""`manage.py bench index PATH…`: how fast footage is indexed here, and what takes the time."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser

from mam import processes
from mam.catalog.findings import analyses_outdate
from mam.catalog.records import AssetRecord
from mam.catalog.selectors import asset_get, asset_ids_at
from mam.errors import BadRequest, MamError
from mam.media import ffmpeg
from mam.pipeline.progress import Progress, duration
from mam.pipeline.selectors import jobs_list
from mam.pipeline.services import schedule
from mam.pipeline.work import Snapshot, wait


@dataclass(frozen=True)
class Span:
    """One step at work, in seconds of one clock."""

    name: str
    start: float
    end: float


def seconds_by_step(spans: Iterable[Span]) -> dict[str, float]:
    """Busy seconds of each step: where several work at once, each gets its part of the time.

    Steps that share one decode run together; so the sum is the time in which anything ran.
    """
    found = list(spans)
    borders = sorted({border for span in found for border in (span.start, span.end)})
    seconds = dict.fromkeys((span.name for span in found), 0.0)
    for start, end in pairwise(borders):
        busy = [span.name for span in found if span.start <= start and span.end >= end]
        for name in busy:
            seconds[name] += (end - start) / len(busy)
    return seconds


@dataclass(frozen=True)
class Result:
    """Seconds; `decode` is what ffmpeg alone takes to decode the same files."""

    files: int
    media: Fraction
    wall: float
    decode: float
    steps: Mapping[str, float]

    def as_json(self) -> dict[str, Any]:
        busy = sum(self.steps.values()) or 1.0
        return {
            "files": self.files,
            "media_seconds": round(float(self.media), 3),
            "wall_seconds": round(self.wall, 3),
            "x_realtime": round(float(self.media) / max(self.wall, 1e-9), 2),
            "decode_seconds": round(self.decode, 3),
            "decode_x_realtime": round(float(self.media) / max(self.decode, 1e-9), 2),
            "steps": [
                {"name": name, "seconds": round(took, 3), "share": round(took / busy, 4)}
                for name, took in sorted(self.steps.items(), key=lambda item: -item[1])
            ],
        }

    def as_text(self) -> str:
        told = self.as_json()
        lines = [
            f"{self.files} files, {duration(float(self.media))} of media, indexed in"
            f" {duration(self.wall)}: {told['x_realtime']} x realtime.",
            f"ffmpeg alone decodes them in {duration(self.decode)}:"
            f" {told['decode_x_realtime']} x realtime.",
            "",
        ]
        lines += [
            f"{step['name']:<14} {step['seconds']:>9.2f} s {step['share']:>7.1%}"
            for step in told["steps"]
        ]
        return "\n".join(lines)


class Index:
    """Indexes files of the library anew and tells where the time went."""

    help = "Index files that are in the library anew, and tell how fast and what took the time."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("paths", nargs="+", metavar="PATH", type=os.fsencode)
        parser.add_argument("--json", action="store_true", help="print JSON alone")

    def handle(self, **options: Any) -> str:
        assets = _assets_at(options["paths"])
        with Progress("Decoding, ffmpeg alone") as progress:
            decode = 0.0
            for number, asset in enumerate(assets):
                progress(number, len(assets), asset.name)
                decode += _bare_decode(asset)
        result = _index_again(assets, decode)
        return json.dumps(result.as_json()) if options["json"] else result.as_text()


def _index_again(assets: list[AssetRecord], decode: float) -> Result:
    ids = [asset.id for asset in assets]
    before = {asset_id: _newest_job(asset_id) for asset_id in ids}
    began = time.monotonic()
    analyses_outdate(ids)
    schedule(ids)
    with Progress("Indexing") as progress:

        def report(now: Snapshot) -> None:
            progress(now.done, now.total, now.note)

        stopped = wait(ids, report)
    wall = time.monotonic() - began
    if stopped:
        raise MamError(stopped)
    spans = [
        Span(job.step, job.started_at.timestamp(), job.finished_at.timestamp())
        for asset_id in ids
        for job in jobs_list(asset_id=asset_id)
        if job.pk > before[asset_id] and job.finished_at is not None
    ]
    media = sum((_seconds(asset_get(asset_id)) for asset_id in ids), Fraction(0))
    return Result(len(ids), media, wall, decode, seconds_by_step(spans))


def _assets_at(paths: Iterable[bytes]) -> list[AssetRecord]:
    """The assets whose masters lie at or below these paths. Raises BadRequest where none does."""
    found: dict[str, AssetRecord] = {}
    for path in paths:
        real = os.path.realpath(path)
        places = (
            [os.path.join(folder, name) for folder, _, names in os.walk(real) for name in names]
            if os.path.isdir(real)
            else [real]
        )
        for place in sorted(places):
            for asset_id in asset_ids_at(place)[:1]:
                asset = asset_get(asset_id)
                if asset.facts is not None and asset.path and not asset.removed:
                    found[asset_id] = asset
    if not found:
        raise BadRequest("Nothing there is indexed: run `manage.py ingest PATH… --wait` first.")
    return list(found.values())


def _bare_decode(asset: AssetRecord) -> float:
    """Seconds that ffmpeg takes to decode picture and sound and throw them away."""
    options = settings.OPTIONS
    read = [part for key, value in ffmpeg.READ_OPTIONS.items() for part in (f"-{key}", value)]
    with ffmpeg.opened(asset.path) as file:
        streams = ["-map", "0:v:0?", "-map", "0:a?"]
        argv = ffmpeg.command(
            options, [*read, "-i", file.url, *streams, "-f", "null", "-"], loglevel="fatal"
        )
        began = time.monotonic()
        processes.run(argv, limits=ffmpeg.limits(options), pass_fds=[file.descriptor])
    return time.monotonic() - began


def _seconds(asset: AssetRecord) -> Fraction:
    facts = asset.technical
    return Fraction(0) if facts.kind == "still" else facts.rate.seconds(facts.duration)


def _newest_job(asset_id: str) -> int:
    newest = jobs_list(asset_id=asset_id).first()
    return newest.pk if newest else 0
