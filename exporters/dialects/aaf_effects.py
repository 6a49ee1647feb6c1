"""Dissolves, wipes and speeds in an AAF: operations as AAF's own dictionary and Avid name them.

An operation is a definition that stands once in the file, and groups that point at it. A speed is
Avid's *Motion Control*: `SpeedRatio` is record time in source time, and a curve of two points says
which frame of the clip is seen when: exactly, backwards and held too, whatever handles lie around.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any
from uuid import UUID

from aaf2.auid import AUID
from aaf2.file import AAFFile
from aaf2.misc import LinearInterp
from aaf2.rational import AAFRational

from editing.cutlist import Transition, TransitionKind

_LEVEL = ("Level", "e4962320-2267-11d3-8a4c-0050040ef7d2", "Rational")
_WIPE = ("SMPTEWipeNumber", "e4962323-2267-11d3-8a4c-0050040ef7d2", "aafUInt16")
_RATIO = ("SpeedRatio", "72559a80-24d7-11d3-8a50-0050040ef7d2", "Rational")
_CURVE = ("PARAM_SPEED_OFFSET_MAP_U", "8d56827d-847e-11d5-935a-50f857c10000", "Rational")
# kind of media and of transition -> operation
_TRANSITIONS = {
    ("picture", TransitionKind.DISSOLVE): ("VideoDissolve", "0c3bea40-fc05-11d2-8a29-0050040ef7d2"),
    ("picture", TransitionKind.WIPE): ("SMPTEVideoWipe", "0c3bea44-fc05-11d2-8a29-0050040ef7d2"),
    ("sound", TransitionKind.DISSOLVE): (
        "MonoAudioDissolve", "0c3bea41-fc05-11d2-8a29-0050040ef7d2",
    ),
}  # fmt: skip
_SPEED = ("Motion Control", "9d2ea890-0968-11d3-8a38-0050040ef7d2")


_LARGEST = 2**31 - 1  # a Rational's two numbers are 32 bits wide


def _rational(value: Fraction) -> AAFRational:
    """The value, or what is nearest to it of those that can be written."""
    return AAFRational(value.limit_denominator(max(1, _LARGEST // (abs(int(value)) + 1))))


class Effects:
    """Makes the groups; the definitions are put into the file at their first use."""

    def __init__(self, file: AAFFile) -> None:
        self._file = file
        self._operations: dict[tuple[str, str], Any] = {}
        self._parameters: dict[str, Any] = {}
        self._linear = file.create.InterpolationDef(
            LinearInterp, "LinearInterp", "Linear keyframe interpolation"
        )
        file.dictionary.register_def(self._linear)

    def transition(self, item: Transition, media: str) -> Any:
        name, number = _TRANSITIONS[media, item.kind]
        used = [_LEVEL, _WIPE] if item.kind is TransitionKind.WIPE else [_LEVEL]
        group = self._group(name, number, media, item.range.duration, used, inputs=2)
        zero, one = (Fraction(0), Fraction(0)), (Fraction(1), Fraction(1))
        group.parameters.append(self._varying(_LEVEL, zero, one))
        if item.kind is TransitionKind.WIPE:
            group.parameters.append(self._constant(_WIPE, item.wipe))
        made = self._file.create.Transition(media, item.range.duration)
        made["OperationGroup"].value = group
        made["CutPoint"].value = item.before
        return made

    def speed(
        self, clip: Any, length: int, speed: Fraction, first: Fraction, media: str = "picture"
    ) -> Any:
        """`clip` played at `speed` over `length` record frames, from its frame `first` on."""
        name, number = _SPEED
        group = self._group(name, number, media, length, [_RATIO, _CURVE], inputs=1)
        # a held frame lasts for all of the length, as Avid writes it
        ratio = 1 / speed if speed else Fraction(length)
        group.parameters.append(self._constant(_RATIO, _rational(ratio)))
        last = first + length * speed
        curve = self._varying(_CURVE, (Fraction(0), first), (Fraction(length), last))
        group.parameters.append(curve)
        group.segments.append(clip)
        return group

    def _group(
        self,
        name: str,
        number: str,
        media: str,
        length: int,
        parameters: list[tuple[str, str, str]],
        *,
        inputs: int,
    ) -> Any:
        made = self._operations.get((number, media))
        if made is None:
            made = self._file.create.OperationDef(UUID(number), name)
            made.media_kind = media
            made["IsTimeWarp"].value = name == _SPEED[0]
            made["Bypass"].value = 0 if inputs == 1 else 1
            made["NumberInputs"].value = inputs
            made["OperationCategory"].value = "OperationCategory_Effect"
            made["Description"].value = ""
            self._file.dictionary.register_def(made)
            made["ParametersDefined"].extend([self._parameter(each) for each in parameters])
            self._operations[number, media] = made
        return self._file.create.OperationGroup(made, length, media)

    def _parameter(self, wanted: tuple[str, str, str]) -> Any:
        name, number, kind = wanted
        if name not in self._parameters:
            typedef = self._file.dictionary.lookup_typedef(kind)
            made = self._file.create.ParameterDef(AUID(number), name, "", typedef)
            self._file.dictionary.register_def(made)
            self._parameters[name] = made
        return self._parameters[name]

    def _constant(self, wanted: tuple[str, str, str], value: object) -> Any:
        made = self._file.create.ConstantValue()
        made.parameterdef = self._parameter(wanted)
        made.value = value
        return made

    def _varying(self, wanted: tuple[str, str, str], *points: tuple[Fraction, Fraction]) -> Any:
        made = self._file.create.VaryingValue()
        made.parameterdef = self._parameter(wanted)
        made["Interpolation"].value = self._linear
        listed = []
        for time, value in points:
            point = self._file.create.ControlPoint()
            point["EditHint"].value = "Proportional"
            point.time = _rational(time)
            point.value = _rational(value)
            listed.append(point)
        made["PointList"].extend(listed)
        return made
