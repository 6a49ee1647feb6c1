"""Keyframes: the pictures that stand for each shot, from the proxy."""

from __future__ import annotations

from mam.catalog.records import AssetRecord, Findings
from mam.pipeline.steps import Context, Step


class Keyframes(Step):
    """One a short shot, more a long one; a still stands for itself by its poster."""

    name = "keyframes"
    version = 1
    title = "Picking keyframes"
    needs = ("shots", "proxy", "pictures")

    def wants(self, asset: AssetRecord) -> bool:
        return asset.has_video

    def find(self, asset: AssetRecord, context: Context) -> Findings:
        return Findings()
