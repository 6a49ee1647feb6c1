"""Sound: the 16 kHz file that engines listen to, and the waveform that people see."""

from __future__ import annotations

from collections.abc import Sequence

from ingest.steps.tapping import made
from mam.catalog.records import AssetRecord, Findings, RenditionFinding
from mam.media.base import FileTap, Tap
from mam.media.waveform import write_waveform
from mam.pipeline.steps import Context, TappedStep


class Sound(TappedStep):
    """Mono, sample 0 at the asset's frame 0."""

    name = "sound"
    version = 1
    title = "Taking the sound"

    def wants(self, asset: AssetRecord) -> bool:
        return asset.has_audio

    def taps(self, asset: AssetRecord, context: Context) -> Sequence[Tap]:
        return (FileTap("audio", "audio", context.workdir / "audio.wav"),)

    def find(self, asset: AssetRecord, context: Context) -> Findings:
        (audio,) = made(context)
        waveform = context.workdir / "waveform.bin"
        meta = write_waveform(audio.path, waveform)
        meta["size"] = waveform.stat().st_size
        return Findings(renditions=(audio, RenditionFinding("waveform", waveform, meta)))
