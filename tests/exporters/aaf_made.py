"""AAFs as other programs make them, a piece at a time, by pyaaf2's own objects."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID

import aaf2
from aaf2.auid import AUID
from aaf2.misc import LinearInterp
from aaf2.rational import AAFRational

from editing.incoming import Incoming
from exporters.readers.aaf import AafReader

SPEED = ("Motion Control", "9d2ea890-0968-11d3-8a38-0050040ef7d2", True)
GAIN = ("Mono Audio Gain", "9d2ea894-0968-11d3-8a38-0050040ef7d2", False)
COMBINER = ("Audio Channel Combiner", "6b46dd7a-132d-4856-ab03-8b751d8462ec", False)
BLUR = ("Blur", "11111111-0968-11d3-8a38-0050040ef7d2", False)
TITLE = ("Title", "2c50831c-572e-4042-b1dd-55ed0b7c49df", False)
TITLE_TEXT = ("TitleText", "7b92827b-5ae3-465e-b5f9-5ee21b070859")
WIPE = ("SMPTEVideoWipe", "0c3bea44-fc05-11d2-8a29-0050040ef7d2", False)
RATIO = ("SpeedRatio", "72559a80-24d7-11d3-8a50-0050040ef7d2")
OFFSETS = ("PARAM_SPEED_OFFSET_MAP_U", "8d56827d-847e-11d5-935a-50f857c10000")
FACTOR = ("Amplitude multiplier", "e4962321-2267-11d3-8a4c-0050040ef7d2")


class Made:
    """A file that is being made; `done` gives its bytes, `read` what the reader has of it."""

    def __init__(self) -> None:
        self._folder = TemporaryDirectory()
        self._path = Path(self._folder.name) / "made.aaf"
        self.file = aaf2.open(str(self._path), "w")
        self.make = self.file.create
        self._linear = self.make.InterpolationDef(LinearInterp, "LinearInterp", "")
        self.file.dictionary.register_def(self._linear)

    def done(self) -> bytes:
        self.file.close()
        data = self._path.read_bytes()
        self._folder.cleanup()
        return data

    def read(self) -> Incoming:
        return AafReader().read(self.done(), None)

    def mob(self, kind: str, name: str, usage: str = "") -> Any:
        mob = getattr(self.make, kind)()
        mob.name = name
        if usage:
            mob.usage = usage
        self.file.content.mobs.append(mob)
        return mob

    def slot(
        self, mob: Any, segment: Any, number: int, rate: object = 25, physical: int = 0
    ) -> Any:
        slot = mob.create_timeline_slot(rate, number)
        slot.segment = segment
        if physical:
            slot["PhysicalTrackNumber"].value = physical
        return slot

    def top(self, *segments: Any, rate: object = 25, start: int = 0, name: str = "Cut") -> Any:
        """A composition on top, with its timecode."""
        mob = self.mob("CompositionMob", name, "Usage_TopLevel")
        clock = self.make.Timecode(25, False)
        clock.start = start
        self.slot(mob, clock, 1, 25, 1)
        for number, segment in enumerate(segments, 2):
            self.slot(mob, segment, number, rate)
        return mob

    def clip(self, mob: Any, start: int, length: int, slot: int = 1, media: str = "picture") -> Any:
        key = mob.mob_id if mob is not None else None
        return self.make.SourceClip(start, length, key, slot if key else 0, media)

    def sequence(self, *parts: Any, media: str = "picture") -> Any:
        made = self.make.Sequence(media_kind=media)
        made.components.value = list(parts)
        made.length = sum(
            -part.length if type(part).__name__ == "Transition" else part.length for part in parts
        )
        return made

    def master(
        self,
        name: str = "take.mov",
        url: str = "file:///san/take.mov",
        *,
        rate: object = 25,
        start: int = 90000,
        offset: int = 0,
        channels: Iterable[int] = (1, 2),
        tape: str = "A001",
        sound_rate: object = None,
    ) -> Any:
        """A master mob over a file over a tape that counts from `start`, in which the file begins
        `offset` frames in. Slot 1 is its picture, slots 2 and on its sound."""
        source = self.mob("SourceMob", tape)
        source.descriptor = self.make.TapeDescriptor()
        clock = self.make.Timecode(25, False)
        clock.start = start
        self.slot(source, clock, 99, 25, 1)
        file = self.mob("SourceMob", f"{name}.file")
        file.descriptor = self.make.ImportDescriptor()
        locator = self.make.NetworkLocator()
        locator["URLString"].value = url
        file.descriptor["Locator"].append(locator)
        master = self.mob("MasterMob", name)
        kinds = [("picture", rate, 1), *(("sound", sound_rate or rate, n) for n in channels)]
        for number, (media, counted, physical) in enumerate(kinds, 1):
            self.slot(source, self.clip(None, 0, 9000, media=media), number, counted, physical)
            behind = self.clip(source, offset, 5000, number, media)
            self.slot(file, behind, number, counted, physical)
            ahead = self.clip(file, 0, 5000, number, media)
            self.slot(master, ahead, number, counted, physical)
        return master

    def group(self, operation: tuple[str, str, bool], length: int, *inputs: Any) -> Any:
        name, number, is_warp = operation
        media = inputs[0].media_kind if inputs else "picture"
        known = list(self.file.dictionary["OperationDefinitions"].value)
        found = next((each for each in known if str(each.auid) == number), None)
        if found is None:
            found = self.make.OperationDef(UUID(number), name)
            found.media_kind = media
            found["IsTimeWarp"].value = is_warp
            found["NumberInputs"].value = len(inputs)
            self.file.dictionary.register_def(found)
        made = self.make.OperationGroup(found, length, media)
        for each in inputs:
            made.segments.append(each)
        return made

    def transition(self, operation: tuple[str, str, bool], length: int, cut: int) -> Any:
        made = self.make.Transition("picture", length)
        made["OperationGroup"].value = self.group(operation, length)
        made["CutPoint"].value = cut
        return made

    def constant(self, group: Any, named: tuple[str, str], value: tuple[int, int] | str) -> Any:
        made = self.make.ConstantValue()
        made.parameterdef = self._parameter(
            named, "Rational" if isinstance(value, tuple) else "aafString"
        )
        made.value = value if isinstance(value, str) else AAFRational(*value)
        group.parameters.append(made)
        return group

    def varying(self, group: Any, named: tuple[str, str], *points: tuple[int, int]) -> Any:
        made = self.make.VaryingValue()
        made.parameterdef = self._parameter(named)
        made["Interpolation"].value = self._linear
        listed = []
        for time, value in points:
            point = self.make.ControlPoint()
            point.time, point.value = AAFRational(time, 1), AAFRational(value, 1)
            listed.append(point)
        made["PointList"].extend(listed)
        group.parameters.append(made)
        return group

    def _parameter(self, named: tuple[str, str], kind: str = "Rational") -> Any:
        for each in self.file.dictionary["ParameterDefinitions"].value:
            if each.name == named[0]:
                return each
        typedef = self.file.dictionary.lookup_typedef(kind)
        made = self.make.ParameterDef(AUID(named[1]), named[0], "", typedef)
        self.file.dictionary.register_def(made)
        return made
