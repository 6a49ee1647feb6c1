"""What lies on a track of an AAF: its segments, laid flat.

Pieces of a sequence overlap where a transition lies, each longer by its handle; a clip is seen up
to the cut. What holds another segment (an effect, a choice, a clip of a clip) is looked through, as
long as one picture or sound is behind it at a time.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import islice

from editing.cutlist import TransitionKind
from exporters.readers.aaf_effects import Operations, does_nothing, title_of, wiped
from exporters.readers.aaf_mobs import Mobs, Slot, comments_of
from exporters.readers.aaf_parts import Part
from mam.errors import BadRequest

DEEPEST = 40
"""Segments within each other; an effect on an effect in a nest has six."""
_ENDLESS = 1 << 62
_NOTHING = ("Filler", "ScopeReference")
_COMMENTS = ("_COMMENT", "Comment")


@dataclass(frozen=True)
class View:
    """Where a segment is seen: frames `start` to `end` of a track, the first of which shows its
    frame `into` and each next one the one `pace` further. `speed` is what people call that,
    whatever the rates; `rate` is what the segment counts at."""

    track: int
    start: Fraction
    end: Fraction
    rate: Fraction
    into: Fraction = Fraction(0)
    pace: Fraction = Fraction(1)
    speed: Fraction = Fraction(1)
    enabled: bool = True
    is_warped: bool = False
    comment: str = ""
    depth: int = 0

    def cut(self, start: Fraction, end: Fraction) -> View:
        """What is seen of a stretch of the segment, counted from that stretch's own start."""
        first = self.start + (start - self.into) / self.pace
        last = self.start + (end - self.into) / self.pace
        seen, over = max(first, self.start), min(last, self.end)
        into = self.into + (seen - self.start) * self.pace - start
        return replace(self, start=seen, end=over, into=into)


@dataclass(frozen=True)
class Laid:
    """A clip of a mob's slot where it is seen; `view.into` counts from that slot's origin. A title
    is of no mob and has its words in `text`."""

    view: View
    mob: bytes = b""
    slot: int = 0
    text: str | None = None


@dataclass(frozen=True)
class Joined:
    """A transition around the frame `at` of a track."""

    track: int
    at: Fraction
    before: Fraction
    after: Fraction
    kind: TransitionKind
    wipe: int


class Segments:
    """Lays slots of a composition; `clips` and `transitions` are what was found, `lost` what a cut
    does not hold."""

    def __init__(self, mobs: Mobs, operations: Operations, attributes: int) -> None:
        """`attributes` is the number of the property that holds what people wrote of a clip."""
        self._mobs = mobs
        self._operations = operations
        self._attributes = attributes
        self._media = "V"
        self._top = 0
        self.clips: list[Laid] = []
        self.transitions: list[Joined] = []
        self.lost: dict[str, None] = {}

    def lay(self, slot: Slot, track: int) -> int:
        """A slot from the track of that number on; how many tracks it takes."""
        self._media, self._top = slot.media, track
        view = View(track, Fraction(0), Fraction(_ENDLESS), slot.rate)
        if slot.segment.kind == "NestedScope":
            for number, layer in enumerate(slot.segment.parts(0x0C01)):
                self._top = track + number
                self._lay(layer, replace(view, track=track + number))
        else:
            self._lay(slot.segment, view)
        return self._top - track + 1

    def _lay(self, part: Part | None, view: View) -> None:
        if part is None or part.kind in _NOTHING:
            return
        if view.depth > DEEPEST:
            raise BadRequest("Its parts are nested too deep.")
        view = replace(view, depth=view.depth + 1, comment=self._comment(part) or view.comment)
        length = part.whole(0x0202)
        # what a warp plays may say less than it plays: Avid counts what it shows at least once
        if part.kind not in ("Sequence", "NestedScope") and not view.is_warped:
            view = view.cut(Fraction(0), Fraction(length))
        if view.end <= view.start:
            return
        match part.kind:
            case "SourceClip":
                self._clip(part, view)
            case "Sequence":
                self._sequence(part, view)
            case "OperationGroup":
                self._group(part, length, view)
            case "Selector":
                self._choice(part, view)
            case "EssenceGroup":  # all show the same
                self._lay(next(part.parts(0x0501), None), view)
            case "Pulldown":
                self._lay(part.part(0x0D01), view)
            case "NestedScope":
                self._nest(part, view)
            case _:
                self._tell("Something that a timeline here cannot hold", view)

    def _clip(self, part: Part, view: View) -> None:
        key, number = part.raw(0x1101), part.whole(0x1102)
        view = replace(view, into=view.into + part.whole(0x1201))
        mob = self._mobs.get(key)
        if mob is None:
            self._tell("A clip without a master", view)
        elif mob.kind != "CompositionMob":
            self.clips.append(Laid(view, key, number))
        else:
            slot = mob.slots.get(number)
            inner = _alone(slot.segment) if slot is not None and slot.rate else None
            if slot is None or inner is None:
                self._tell(f"A sequence within the sequence ({mob.name[:60]})", view)
                return
            scale = slot.rate / view.rate
            into = view.into * scale + slot.origin
            self._lay(inner, replace(view, into=into, pace=view.pace * scale, rate=slot.rate))

    def _sequence(self, part: Part, view: View) -> None:
        """Each piece once it is known what follows it."""
        at = lead = 0
        held: tuple[Part, int, int] | None = None
        if view.pace <= 0:
            alone = _alone(part)
            if alone is None:
                self._tell("A sequence that is held or runs backwards", view)
            else:
                self._lay(alone, view)
            return
        for each in part.parts(0x1001):
            length = each.whole(0x0202)
            if each.kind == "Transition":
                at -= length
                lead = min(max(0, each.whole(0x1802)), length)
                self._piece(held, at + lead, view)
                held = None
                self._transition(each, at + lead, lead, length - lead, view)
            else:
                self._piece(held, at, view)
                held, lead = (each, at, lead), 0
                at += length
        self._piece(held, at, view)

    def _piece(self, held: tuple[Part, int, int] | None, end: int, view: View) -> None:
        if held is None or held[0].kind in _NOTHING:
            return
        part, start, lead = held
        if end <= start + lead:
            if part.whole(0x0202) > 0:
                self._tell("A clip that is seen only in transitions", view)
            return
        seen = view.cut(Fraction(start + lead), Fraction(end))
        self._lay(part, replace(seen, into=seen.into + lead))

    def _transition(self, part: Part, at: int, before: int, after: int, view: View) -> None:
        place = view.start + (at - view.into) / view.pace
        if before + after < 1 or not view.start <= place <= view.end:
            return
        group = part.part(0x1801)
        kind, code = TransitionKind.DISSOLVE, 0
        if group is not None:
            operation = self._operations.of(group)
            kind, code, is_known = wiped(operation)
            if not is_known:
                self._tell(f"A transition ({operation.name})", view, f"came in as a {kind}")
        scale = 1 / view.pace
        joined = Joined(view.track, place, before * scale, after * scale, kind, code)
        self.transitions.append(joined)

    def _group(self, part: Part, length: int, view: View) -> None:
        operation = self._operations.of(part)
        inputs = [each for each in part.parts(0x0B02) if each.kind not in _NOTHING]
        if not inputs and self._media == "V" and (text := title_of(operation)) is not None:
            self.clips.append(Laid(view, text=text))
        elif not inputs:
            self._tell(f"A generator ({operation.name})", view)
        elif operation.is_warp:
            curve = self._operations.curve(operation, length, inputs[0].whole(0x0202))
            if curve is None:
                self._tell(f"A speed ({operation.name})", view)
                self._lay(inputs[0], view)
                return
            last = view.into + (view.end - view.start) * view.pace
            speed, is_even = Fraction(0), True
            if last != view.into:
                speed, is_even = curve.speed(*sorted((view.into, last)))
            if not is_even:
                self._tell("A changing speed", view, "was taken at its average")
            into, pace = curve.at(view.into), view.pace * speed
            speed *= view.speed
            self._lay(inputs[0], replace(view, into=into, pace=pace, speed=speed, is_warped=True))
        elif self._media == "A" and len(inputs) > 1:  # channels of one track, as stereo is kept
            for number, each in enumerate(inputs):
                self._top = max(self._top, view.track + number)
                self._lay(each, replace(view, track=view.track + number))
        else:
            if not does_nothing(operation):
                self._tell(f"An effect ({operation.name})", view)
            self._lay(inputs[0], view)

    def _choice(self, part: Part, view: View) -> None:
        """What is selected; where that is nothing, the clip is there and not seen."""
        selected = part.part(0x0F01)
        others = [each for each in part.parts(0x0F02) if each.kind not in _NOTHING]
        if selected is None or selected.kind in _NOTHING:
            selected, others = (others[0] if others else None), others[1:]
            view = replace(view, enabled=False)
        if others:
            self._tell(f"{len(others)} other choices of a clip", view, "were left out")
        self._lay(selected, view)

    def _nest(self, part: Part, view: View) -> None:
        """Layers that were folded into one piece: the topmost is what people see of it."""
        layers = list(part.parts(0x0C01))
        if len(layers) > 1:
            self._tell("Everything below the top layer of a nest", view)
        self._lay(layers[-1] if layers else None, view)

    def _comment(self, part: Part) -> str:
        for number in (self._attributes, 0x0204):
            if number and number in part:
                told = comments_of(part, number)
                for word in _COMMENTS:
                    if word in told:
                        return told[word][:2000]
        return ""

    def _tell(self, what: str, view: View, done: str = "was left out") -> None:
        self.lost[f"{what} on {self._media}{view.track} {done}."] = None


def _alone(segment: Part) -> Part | None:
    """What a slot holds where that is one piece; None of a whole sequence."""
    for _ in range(DEEPEST):
        if segment.kind == "NestedScope":
            return None
        if segment.kind != "Sequence":
            return segment
        parts = list(islice(segment.parts(0x1001), 2))
        if len(parts) != 1:
            return None
        segment = parts[0]
    return None
