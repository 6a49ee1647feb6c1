"""Words on screen: titles, signs, slates."""

from __future__ import annotations

from indexers.base import KeyframeStep, by_shot
from indexers.labels import lines_merged
from indexers.sampling import shares
from mam.catalog.records import AssetRecord, Findings, KeyframeRecord
from mam.engines.base import ReadText, TextReader
from mam.pipeline.steps import Context


class ScreenText(KeyframeStep):
    """Reads keyframes; a line that stands over neighbouring ones is one finding."""

    name = "screen_text"
    version = 1
    title = "Reading text on screen"
    engine_name = "text"

    def find(self, asset: AssetRecord, context: Context) -> Findings:
        reader: TextReader = self.engine(context)
        read: dict[int, list[ReadText]] = {}
        keyframes: list[KeyframeRecord] = []
        for [keyframe], [picture] in self.look(asset, context, batch=1):
            read[keyframe.frame] = reader.read(picture)
            keyframes.append(keyframe)
        seen = [
            (share, read[frame])
            for shot, group in by_shot(keyframes)
            for frames in [[item.frame for item in group]]
            for frame, share in zip(frames, shares(shot, frames), strict=True)
        ]
        return Findings(screen_texts=tuple(lines_merged(seen)))
