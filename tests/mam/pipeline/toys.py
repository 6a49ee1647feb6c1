"""Small steps for tests: quick, of every kind, and able to fail when the asset's name says so."""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

from mam.catalog.records import (
    AssetRecord,
    DescriptionFinding,
    Findings,
    RenditionFinding,
    ShotFinding,
    TechnicalFacts,
)
from mam.errors import BadMedia, PermanentError, TransientError, WeightsMissing
from mam.media.base import FileTap, Tap
from mam.pipeline.steps import Context, Step, TappedStep
from mam.timing import FrameRange, FrameRate

STEPS = [
    f"tests.mam.pipeline.toys.{name}" for name in ("Look", "Copy", "Count", "Cut", "Think", "Tell")
]
FRAMES = 100


def meet_fate(asset: AssetRecord, step: str, context: Context) -> None:
    """What the asset's name says happens to that step: `bad-probe`, `kill-cut` …"""
    for word in asset.name.split("."):
        fate, _, where = word.partition("-")
        if where != step:
            continue
        if fate == "bad":
            raise BadMedia("It is no media at all.")
        if fate == "never":
            raise PermanentError("This cannot be done.")
        if fate == "later":
            raise TransientError("Not now.")
        if fate == "weights":
            raise WeightsMissing("The weights w are missing.", ("w",))
        if fate == "bug":
            raise KeyError("a fault of ours")
        if fate == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        if fate == "hang":
            time.sleep(3600)
    dawdle(context)


def dawdle(context: Context) -> None:
    """Take TOY_SECONDS at most, reporting on the way, so that a kill finds something to hit."""
    most = float(os.environ.get("TOY_SECONDS", "0"))
    count = 5 if most else 1
    for number in range(count):
        context.report(number, count, "working")
        time.sleep(random.uniform(0, most) / count)


class Look(Step):
    name = "probe"
    version = 1
    title = "Looking"
    needs = ()
    queue = "media"
    essential = True

    def find(self, asset: AssetRecord, context: Context) -> Findings:
        meet_fate(asset, self.name, context)
        facts = TechnicalFacts("video", FrameRate(Fraction(25)), FRAMES, audio_streams=1)
        return Findings(facts=facts)


class Copy(TappedStep):
    """Leaves a file."""

    name = "copy"
    version = 1
    essential = True

    def taps(self, asset: AssetRecord, context: Context) -> Sequence[Tap]:
        return (FileTap("copy", "proxy", context.workdir / "copy.mp4"),)

    def find(self, asset: AssetRecord, context: Context) -> Findings:
        meet_fate(asset, self.name, context)
        made = Path(context.workdir / "copy.mp4")
        made.write_bytes(b"proxy of " + asset.id.encode())
        return Findings(renditions=(RenditionFinding("proxy", made),))


class Count(TappedStep):
    name = "count"
    version = 1

    def taps(self, asset: AssetRecord, context: Context) -> Sequence[Tap]:
        meet_fate(asset, "taps", context)
        return (FileTap("count", "poster", context.workdir / "count.jpg"),)

    def find(self, asset: AssetRecord, context: Context) -> Findings:
        meet_fate(asset, self.name, context)
        return Findings(note="counted")


class Cut(Step):
    name = "cut"
    version = 1
    needs = ("copy",)

    def find(self, asset: AssetRecord, context: Context) -> Findings:
        meet_fate(asset, self.name, context)
        return Findings(shots=(ShotFinding(FrameRange(0, FRAMES), 1.0),))


class Think(Step):
    """Needs weights that tests hide and show."""

    name = "think"
    version = 1
    needs = ("cut",)

    def weights(self) -> tuple[str, ...]:
        wanted = os.environ.get("TOY_WEIGHTS", "")
        return (wanted,) if wanted else ()

    def wants(self, asset: AssetRecord) -> bool:
        return "thoughtless" not in asset.name

    def find(self, asset: AssetRecord, context: Context) -> Findings:
        meet_fate(asset, self.name, context)
        return Findings(note="thought")


class Tell(Step):
    """Waits for what may still come, and is made anew when more has come."""

    name = "tell"
    version = 1
    needs = ("cut",)
    after = ("count", "think")

    def find(self, asset: AssetRecord, context: Context) -> Findings:
        meet_fate(asset, self.name, context)
        text = f"A description of {asset.id}."
        return Findings(descriptions=(DescriptionFinding(text, FrameRange(0, FRAMES)),))
