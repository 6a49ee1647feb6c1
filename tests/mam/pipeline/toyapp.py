"""Puts a decode in the place of the real one that reads no media: toys have none."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from django.apps import AppConfig

from mam.catalog.records import AssetRecord
from mam.errors import BadMedia, ProcessFailed
from mam.media.base import Tap
from mam.media.decode import DecodeReport
from mam.options import Options

decodes: list[list[str]] = []
"""The names of the taps that shared each decode in this process."""


def toy_decode(
    asset: AssetRecord,
    taps: Sequence[Tap],
    options: Options,
    report: Callable[[float, float], None],
) -> DecodeReport:
    """Reads nothing; fails as the asset's name says."""
    decodes.append([tap.name for tap in taps])
    report(1, 2)
    if "bad-decode" in asset.name:
        raise BadMedia("Nothing of the file could be decoded.")
    errors = {tap.name: ProcessFailed("This tap broke.") for tap in taps if _breaks(asset, tap)}
    damage = "only 90 of 100 frames could be decoded" if "damaged" in asset.name else ""
    return DecodeReport(frames=100, samples=0, errors={**errors}, damage=damage)


def _breaks(asset: AssetRecord, tap: Tap) -> bool:
    return f"tapless-{tap.name}" in asset.name


class ToyConfig(AppConfig):
    name = "tests.mam.pipeline"
    label = "toys"

    def ready(self) -> None:
        from mam.pipeline import sharing  # models are there only now

        sharing.decode = toy_decode
