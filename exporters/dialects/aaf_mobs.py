"""The mobs of an AAF that stand for masters, and what all mobs of a file have in common.

A master is a chain as the format wants it: what is cut with (a master mob), its file (a source
mob with a locator), its tape (a source mob that bears reel and timecode). Sound has a slot a
channel. A master's mobs have the same ids in every export, so an editor that reads a second cut
knows its clips again.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from aaf2.file import AAFFile
from aaf2.mobid import MobID

from editing.cutlist import CutList, Source
from exporters.base import ExportOptions, shown
from exporters.paths import file_url
from mam.timing import FrameRate

NO_CLOCK = datetime(2000, 1, 1)
"""What is written for times of day: the same cut gives the same file, whenever."""
PICTURE_SLOT = 1
_STILL_FRAMES = 24 * 3600 * 25  # as long as any cut shows it


def unique(text: str) -> UUID:
    return uuid5(NAMESPACE_URL, f"mam/aaf/{text}")


def fixed(mob: Any, name: str, text: str) -> None:
    """The mob's name, and an id that follows from `text` alone."""
    mob.name = name
    number = MobID.new()
    number.material = unique(text)
    mob.mob_id = number
    mob["CreationTime"].value = NO_CLOCK
    mob["LastModified"].value = NO_CLOCK


def slot_of(channel: int | None) -> int:
    """The slot of a master mob that holds the picture, or a channel of its sound."""
    return PICTURE_SLOT if channel is None else PICTURE_SLOT + 1 + channel


def length_of(source: Source) -> int:
    return _STILL_FRAMES if source.kind == "still" else source.duration


class Masters:
    """Writes the mobs of every source; `ids` are the master mobs by asset."""

    def __init__(self, file: AAFFile, cutlist: CutList, options: ExportOptions) -> None:
        self._file = file
        self._options = options
        self._record = cutlist.rate
        self.ids: dict[str, Any] = {}
        for source in cutlist.sources:
            self.ids[source.asset_id] = self._master(source)

    def _master(self, source: Source) -> Any:
        tape = self._tape(source)
        kept = f"{source.asset_id} {source.content_hash}"
        master = self._file.create.MasterMob()
        fixed(master, shown(source.name), f"master {kept}")
        if source.origin == "generated":
            master.comments["Generated"] = "by a machine"
        if source.reel:
            master.comments["Reel"] = shown(source.reel)
        self._file.content.mobs.append(master)
        for kind, channels in _essences(source):
            file_mob = self._file.create.SourceMob()
            fixed(file_mob, shown(source.name), f"file {kind} {kept}")
            describe = self._picture if kind == "picture" else self._sound
            file_mob.descriptor = describe(source)
            if source.path:
                locator = self._file.create.NetworkLocator()
                locator["URLString"].value = file_url(self._options.paths.apply(source.path))
                file_mob.descriptor["Locator"].append(locator)
            self._file.content.mobs.append(file_mob)
            for channel in channels:
                self._slot(file_mob, source, kind, channel, tape)
                self._slot(master, source, kind, channel, file_mob)
        return master.mob_id

    def _tape(self, source: Source) -> Any:
        tape = self._file.create.SourceMob()
        name = shown(source.reel or source.name)
        fixed(tape, name, f"tape {source.asset_id} {source.content_hash} {name}")
        tape.descriptor = self._file.create.TapeDescriptor()
        self._file.content.mobs.append(tape)
        for kind, channels in _essences(source):
            for channel in channels:
                self._slot(tape, source, kind, channel, None)
        # sound alone has no label; its samples since midnight are counted as the record counts
        rate = source.rate if source.kind != "audio" else self._record
        start = round(source.rate.seconds(source.start) * rate.value)
        slot = tape.create_timeline_slot(rate.value)
        slot.name = "TC"
        slot["PhysicalTrackNumber"].value = 1
        slot.segment = timecode(self._file, rate, start, source.drop_frame)
        slot.segment.length = round(source.rate.seconds(length_of(source)) * rate.value)
        return tape

    def _slot(
        self, mob: Any, source: Source, kind: str, channel: int | None, behind: Any | None
    ) -> None:
        number = slot_of(channel)
        slot = mob.create_timeline_slot(source.rate.value, number)
        slot["PhysicalTrackNumber"].value = 1 if channel is None else channel + 1
        clip = self._file.create.SourceClip(
            start=0,
            length=length_of(source),
            mob_id=behind.mob_id if behind is not None else MobID(),
            slot_id=number if behind is not None else 0,
            media_kind=kind,
        )
        slot.segment = clip

    def _picture(self, source: Source) -> Any:
        descriptor = self._file.create.CDCIDescriptor()
        width, height = source.width or 1920, source.height or 1080
        shape = width * source.pixel_aspect / height
        descriptor["ComponentWidth"].value = 8
        descriptor["HorizontalSubsampling"].value = 2
        descriptor["ImageAspectRatio"].value = f"{shape.numerator}/{shape.denominator}"
        descriptor["StoredWidth"].value = width
        descriptor["StoredHeight"].value = height
        descriptor["FrameLayout"].value = "MixedFields" if source.interlaced else "FullFrame"
        descriptor["VideoLineMap"].value = [42, 0]
        descriptor["SampleRate"].value = source.rate.value
        descriptor["Length"].value = length_of(source)
        return descriptor

    def _sound(self, source: Source) -> Any:
        rate = source.audio[0].sample_rate if source.audio else source.rate.numerator
        descriptor = self._file.create.PCMDescriptor()
        channels = max(1, source.channels)
        descriptor["AudioSamplingRate"].value = rate
        descriptor["Channels"].value = channels
        descriptor["QuantizationBits"].value = 16
        descriptor["BlockAlign"].value = 2 * channels
        descriptor["AverageBPS"].value = 2 * channels * rate
        descriptor["SampleRate"].value = rate
        descriptor["Length"].value = round(source.rate.seconds(source.duration) * rate)
        return descriptor


def _essences(source: Source) -> list[tuple[str, list[int | None]]]:
    """`picture` and `sound`, each with its channels (None of a picture)."""
    found: list[tuple[str, list[int | None]]] = []
    if source.kind != "audio":
        found.append(("picture", [None]))
    if source.channels:
        found.append(("sound", list(range(source.channels))))
    return found


def timecode(file: AAFFile, rate: FrameRate, start: int, drop: bool) -> Any:
    segment = file.create.Timecode(fps=rate.nominal, drop=drop)
    segment.start = start
    return segment
