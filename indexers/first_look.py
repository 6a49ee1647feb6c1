"""First looks: what makes a long file findable while its one decode has hardly begun.

They look at a picture every ten seconds and listen to a part of the sound, by seeks. What they find
is as good as any, only sparse; it goes when the finer steps have found the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

from indexers.base import BATCH
from indexers.descriptions import Descriptions
from indexers.image_text import ImageText, ImageTextNext
from indexers.labels import labels_shown
from indexers.meanings import Meanings, MeaningsNext
from indexers.objects import Objects
from indexers.sampling import shares
from indexers.scenes import Scenes
from mam.catalog.records import AssetRecord, Findings, KeyframeFinding, TaggingRecord
from mam.catalog.selectors import keyframes_of
from mam.engines.base import Label, Picture
from mam.media.pictures import save_picture
from mam.media.recipes import proxy_size
from mam.media.sparse import pictures_near
from mam.pipeline.sharing import media_info
from mam.pipeline.steps import Context, Step
from mam.timing import FrameRange

LONG_SECONDS = 120
"""Shorter files are indexed so soon that a first look would only take time from them."""
SECONDS_EACH = 10
MOST = 360
"""Pictures of one file: those of an hour; of a longer one they stand further apart."""
FIRST_LOOK = "first_look"


def is_worth_it(asset: AssetRecord) -> bool:
    """Whether it will be long until finer steps have found the same: a long file, and any that is
    still being written."""
    if asset.growing:
        return True
    facts = asset.technical
    return facts.kind != "still" and facts.rate.seconds(facts.duration) >= LONG_SECONDS


def moments_in(asset: AssetRecord) -> list[Fraction]:
    """When it is looked at, in seconds: the middle of each stretch of ten, or longer ones."""
    facts = asset.technical
    seconds = facts.rate.seconds(facts.duration)
    count = max(1, min(MOST, int(seconds / SECONDS_EACH)))
    return [seconds * (2 * number + 1) / (2 * count) for number in range(count)]


class FirstLook(Step):
    """A picture every ten seconds, with the objects and scenes that it shows."""

    name = FIRST_LOOK
    version = 1
    title = "Taking a first look"
    until = ("objects", "scenes")
    while_growing = True
    reads_master = True
    _taggers = (Objects(), Scenes())

    def weights(self) -> tuple[str, ...]:
        return tuple(name for step in self._taggers for name in step.weights())

    def wants(self, asset: AssetRecord) -> bool:
        jumps = asset.technical.streams.get("discontinuous", False)
        return asset.has_video and is_worth_it(asset) and not jumps

    def find(self, asset: AssetRecord, context: Context) -> Findings:
        engines = [context.engine(step.engine_name) for step in self._taggers]
        frames: list[int] = []
        labels: list[list[list[Label]]] = [[] for _ in engines]
        for some, pictures in self._looked(asset, context):
            frames += some
            for found, engine in zip(labels, engines, strict=True):
                found += labels_shown(engine, pictures)
        ranges = shares(FrameRange(0, asset.technical.duration), frames)
        return Findings(
            keyframes=tuple(
                KeyframeFinding(frame, range, _file(context, frame))
                for frame, range in zip(frames, ranges, strict=True)
            ),
            taggings=tuple(
                tag
                for step, engine, found in zip(self._taggers, engines, labels, strict=True)
                for picture, range in zip(found, ranges, strict=True)
                for tag in step.tags(engine, [picture], range)
            ),
            note="" if frames else "No picture could be had by a seek.",
        )

    def _looked(
        self, asset: AssetRecord, context: Context
    ) -> Iterator[tuple[list[int], list[Picture]]]:
        """Frames and their pictures, some at a time, each kept as a file."""
        info = media_info(asset)
        moments = moments_in(asset)
        size = proxy_size(info, context.options)
        frames: list[int] = []
        pictures: list[Picture] = []
        near = pictures_near(asset.path, info, moments, size, options=context.options)
        for number, found in enumerate(near, 1):
            context.report(number, len(moments), self.title)
            if found is not None:
                frame, picture = found
                save_picture(picture, _file(context, frame))
                frames.append(frame)
                pictures.append(picture)
            if len(pictures) == BATCH or (number == len(moments) and pictures):
                yield frames, pictures
                frames, pictures = [], []


def _file(context: Context, frame: int) -> Path:
    return context.workdir / f"{frame}.jpg"


class FirstVectors(ImageText):
    """The first look's pictures, comparable with words."""

    name = "first_vectors"
    version = 1
    title = "Comparing first pictures with words"
    needs = (FIRST_LOOK,)
    until = ("image_text",)
    while_growing = True
    keyframes_by = FIRST_LOOK

    def wants(self, asset: AssetRecord) -> bool:
        return super().wants(asset) and is_worth_it(asset)


class FirstVectorsNext(FirstVectors):
    """The same with a second model."""

    name = "first_vectors_next"
    keeps_as = FirstVectors.name
    beside = True
    title = "Comparing first pictures with words, by a second model"
    engine_name = ImageTextNext.engine_name
    until = (ImageTextNext.name,)


class FirstWords(Descriptions):
    """The first look in words; with what was heard, if that is known yet."""

    name = "first_words"
    version = 1
    title = "Putting the first look into words"
    needs = (FIRST_LOOK,)
    after = ()
    until = ("descriptions",)
    while_growing = True

    def wants(self, asset: AssetRecord) -> bool:
        return asset.has_video and is_worth_it(asset)

    def ranges(self, asset: AssetRecord, tags: list[TaggingRecord]) -> list[FrameRange]:
        return [keyframe.range for keyframe in keyframes_of(asset.id, FIRST_LOOK)]


class FirstMeanings(Meanings):
    """What the first look's words mean."""

    name = "first_meanings"
    version = 1
    title = "Working out what the first look means"
    needs = (FirstWords.name,)
    until = (Meanings.name,)
    while_growing = True
    words = FirstWords()

    def wants(self, asset: AssetRecord) -> bool:
        return super().wants(asset) and self.words.wants(asset)


class FirstMeaningsNext(FirstMeanings):
    """The same with a second model."""

    name = "first_meanings_next"
    keeps_as = FirstMeanings.name
    beside = True
    title = "Working out what the first look means, by a second model"
    engine_name = MeaningsNext.engine_name
    until = (MeaningsNext.name,)
