"""The proxy: the asset as people watch it, and the truth about how long it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ingest.steps.tapping import made
from mam.catalog.records import AssetRecord, Findings, TechnicalFacts
from mam.media.base import FileTap, Tap
from mam.pipeline.steps import Context, TappedStep


class Proxy(TappedStep):
    """H.264/AAC, frame for frame; sound alone gets one without a picture."""

    name = "proxy"
    version = 1
    title = "Making the proxy"

    def wants(self, asset: AssetRecord) -> bool:
        return asset.technical.kind in ("video", "audio")

    def taps(self, asset: AssetRecord, context: Context) -> Sequence[Tap]:
        return (FileTap("proxy", "proxy", context.workdir / "proxy.mp4"),)

    def find(self, asset: AssetRecord, context: Context) -> Findings:
        frames = context.decoded.frames if context.decoded else 0
        return Findings(renditions=tuple(made(context)), facts=corrected(asset.technical, frames))


def corrected(facts: TechnicalFacts, frames: int) -> TechnicalFacts | None:
    """The facts with the count of frames that were really decoded, None where they agree.

    A probe believes the container; a damaged file ends sooner, and nothing may point past its end.
    """
    if facts.kind != "video" or frames < 1 or frames == facts.duration:
        return None
    return replace(facts, duration=frames)
