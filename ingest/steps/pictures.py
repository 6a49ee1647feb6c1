"""Poster and sprite sheet: what a library shows before anything is played."""

from __future__ import annotations

from collections.abc import Sequence

from ingest.steps.tapping import made
from mam.catalog.records import AssetRecord, Findings
from mam.media.base import FileTap, Tap
from mam.pipeline.steps import Context, TappedStep


class Pictures(TappedStep):
    """A lively frame, and small ones at even distances to scrub through."""

    name = "pictures"
    version = 1
    title = "Making poster and sprites"

    def wants(self, asset: AssetRecord) -> bool:
        return asset.has_video

    def taps(self, asset: AssetRecord, context: Context) -> Sequence[Tap]:
        return tuple(
            FileTap(recipe, recipe, context.workdir / f"{recipe}.jpg")
            for recipe in ("poster", "sprite")
        )

    def find(self, asset: AssetRecord, context: Context) -> Findings:
        return Findings(renditions=tuple(made(context)))
