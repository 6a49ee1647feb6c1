"""Keyframes: the pictures that stand for each shot, from the proxy."""

from __future__ import annotations

import shutil

from indexers.sampling import frames_standing_for
from mam.catalog.records import KEYFRAMES, AssetRecord, Findings, KeyframeFinding
from mam.catalog.selectors import shots_of
from mam.errors import TransientError
from mam.media.frames import read_frames
from mam.media.pictures import save_picture
from mam.pipeline.steps import Context, Step


class Keyframes(Step):
    """One for a short shot, more for a long one; a still stands for itself, by its poster."""

    name = KEYFRAMES
    version = 1
    title = "Picking keyframes"
    needs = ("shots", "proxy", "pictures")

    def wants(self, asset: AssetRecord) -> bool:
        return asset.has_video

    def find(self, asset: AssetRecord, context: Context) -> Findings:
        shots, rate = shots_of(asset.id), asset.technical.rate
        source = asset.renditions.get("poster" if asset.technical.kind == "still" else "proxy")
        if source is None or not source.is_file():
            raise TransientError("The proxy is not there.")
        if asset.technical.kind == "still":
            copy = context.workdir / "0.jpg"
            shutil.copyfile(source, copy)
            found = [KeyframeFinding(0, shot.range, copy) for shot in shots]
            return Findings(keyframes=tuple(found))
        ranges = {
            frame: shot.range for shot in shots for frame in frames_standing_for(shot.range, rate)
        }
        made: list[KeyframeFinding] = []
        for frame, picture in read_frames(source, list(ranges), rate):
            context.report(len(made), len(ranges), self.title)
            path = context.workdir / f"{frame}.jpg"
            save_picture(picture, path)
            made.append(KeyframeFinding(frame, ranges[frame], path))
        return Findings(keyframes=tuple(made))
