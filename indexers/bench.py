"""`manage.py bench index PATH…`: how fast footage is indexed here, and what takes the time."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import count, pairwise
from typing import Any

from django.core.management.base import CommandParser

from indexers.peers import DECODE, INSTEAD, ONE_DECODE, PROXY, Peers, measured
from mam.catalog.findings import analyses_outdate
from mam.catalog.records import AssetRecord
from mam.catalog.selectors import asset_get, asset_ids_at
from mam.errors import BadRequest, MamError
from mam.pipeline.progress import Progress
from mam.pipeline.selectors import jobs_list
from mam.pipeline.services import schedule
from mam.pipeline.work import Snapshot, wait
from mam.printing import duration, printable

BY_HAND = ("proxy", "scenedetect", "faster-whisper")
"""What a person without this service would run."""


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
    """Seconds over `files` files of `media` seconds; `peers` by the names of indexers/peers.py."""

    files: int
    media: Fraction
    wall: float
    steps: Mapping[str, float]
    peers: Peers

    def as_json(self) -> dict[str, Any]:
        busy = sum(self.steps.values()) or 1.0
        seconds = self.peers.seconds
        by_hand = sum(seconds.get(name, 0.0) for name in BY_HAND)
        instead = sum(seconds.get(tool.name, 0.0) for tool in INSTEAD)
        return {
            "files": self.files,
            "media_seconds": round(float(self.media), 3),
            "wall_seconds": round(self.wall, 3),
            "x_realtime": self._speed(self.wall),
            "steps": [
                {"name": name, "seconds": round(took, 3), "share": round(took / busy, 4)}
                for name, took in sorted(self.steps.items(), key=lambda item: -item[1])
            ],
            "peers": [
                {"name": name, "seconds": round(took, 3), "x_realtime": self._speed(took)}
                for name, took in seconds.items()
            ],
            "left_out": [
                {"name": name, "reason": why} for name, why in self.peers.left_out.items()
            ],
            "refused": [
                {"name": name, "file": file, "reason": why}
                for name, file, why in self.peers.refused
            ],
            "one_decode_of_proxy": _share(seconds.get(ONE_DECODE.name), seconds.get(PROXY.name)),
            "by_hand_seconds": round(by_hand, 3),
            "instead_seconds": round(instead, 3),
            "wall_of_instead": _share(self.wall, instead),
        }

    def _speed(self, seconds: float) -> float:
        return round(float(self.media) / max(seconds, 1e-9), 2)

    def as_text(self) -> str:
        told = self.as_json()
        lines = [
            f"{self.files} files, {duration(float(self.media))} of media, indexed in"
            f" {duration(self.wall)}: {told['x_realtime']} x realtime.",
            "",
        ]
        lines += [
            f"{step['name']:<16} {step['seconds']:>9.2f} s {step['share']:>7.1%}"
            for step in told["steps"]
        ]
        if self.peers.seconds:
            lines += ["", "The same files, one tool after another:"]
        lines += [
            f"{peer['name']:<16} {peer['seconds']:>9.2f} s {peer['x_realtime']:>7.2f} x realtime"
            for peer in told["peers"]
        ]
        lines += [f"{item['name']:<16} left out: {item['reason']}" for item in told["left_out"]]
        lines += [
            f"{item['name']} on {printable(item['file'])}: {item['reason']}"
            for item in told["refused"]
        ]
        if told["one_decode_of_proxy"] is not None:
            lines += [
                "",
                f"The one decode without nets takes {told['one_decode_of_proxy']} x the bare"
                " proxy's time.",
                f"By hand ({', '.join(BY_HAND)}): {duration(told['by_hand_seconds'])}. All of these"
                f" tools: {duration(told['instead_seconds'])}; indexing takes"
                f" {told['wall_of_instead']} of that.",
            ]
        return "\n".join(lines)


def _share(part: float | None, whole: float | None) -> float | None:
    """How many times the whole the part is; None where one of them was not measured."""
    return round(part / whole, 3) if part is not None and whole else None


class Index:
    """Indexes files of the library anew and tells where the time went."""

    help = "Index files that are in the library anew, and tell how fast and what took the time."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("paths", nargs="+", metavar="PATH", type=os.fsencode)
        parser.add_argument(
            "--decode-only", action="store_true", help="of the other tools, ffmpeg's decode alone"
        )
        parser.add_argument("--json", action="store_true", help="print JSON alone")

    def handle(self, **options: Any) -> str:
        assets = _assets_at(options["paths"])
        tools = (DECODE,) if options["decode_only"] else (DECODE, ONE_DECODE, *INSTEAD)
        told = count()
        with Progress("Other tools") as progress:
            peers = measured(
                tools,
                assets,
                lambda tool, file: progress(
                    next(told), len(tools) * len(assets), f"{tool}, {file}"
                ),
            )
        result = _index_again(assets, peers)
        return json.dumps(result.as_json()) if options["json"] else result.as_text()


def _index_again(assets: list[AssetRecord], peers: Peers) -> Result:
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
    return Result(len(ids), media, wall, seconds_by_step(spans), peers)


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


def _seconds(asset: AssetRecord) -> Fraction:
    facts = asset.technical
    return Fraction(0) if facts.kind == "still" else facts.rate.seconds(facts.duration)


def _newest_job(asset_id: str) -> int:
    newest = jobs_list(asset_id=asset_id).first()
    return newest.pk if newest else 0
