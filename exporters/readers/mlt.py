"""MLT XML, as Kdenlive, Shotcut and melt write it.

All of it counts frames of its profile, from each file's first: it knows no timecode of masters. The
timeline is a tractor of tracks, `mlt_lanes.py` lays out each of them. A clip's sound is one entry,
which becomes as many tracks as it has channels.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from xml.etree.ElementTree import Element

from editing.cutlist import Transition, TransitionKind
from editing.incoming import Incoming, IncomingEvent
from exporters.readers.mlt_lanes import Lanes
from exporters.readers.mlt_marks import markers_of
from exporters.readers.mlt_parts import SERVICES, Document, properties
from exporters.readers.mlt_pieces import Lane, Piece, tracks_of, transitions_of
from mam.errors import BadRequest
from mam.timing import FrameRange, FrameRate, Timecode, rescale

_MOST_TRACKS = 999
_OFFSET = "kdenlive:sequenceproperties.timecodeOffset"
_OPEN = "kdenlive:docproperties.activetimeline"
_EDITORS = ("Shotcut version", "Anonymous Submission")
"""What editors write as a title by themselves."""


class MltReader:
    """Reads `.mlt` and `.kdenlive`."""

    name = "mlt"
    suffixes: tuple[str, ...] = (".mlt", ".kdenlive")

    def read(self, data: bytes, rate: FrameRate | None) -> Incoming:
        return _Walk(Document(data, rate)).edit()


@dataclass(frozen=True)
class _Track:
    """A track of the timeline, seen or heard or both; `is_hidden` of either is switched off."""

    played: Element
    is_seen: bool
    is_heard: bool
    hides_picture: bool = False
    hides_sound: bool = False


class _Walk:
    def __init__(self, document: Document) -> None:
        self._document = document
        self._lanes = Lanes(document)
        self._events: list[IncomingEvent] = []
        self._transitions: list[Transition] = []
        self._bin = next(
            (
                told
                for each in document.root.iterfind("playlist")
                if (told := properties(each)).get("xml_retain")
            ),
            {},
        )

    def edit(self) -> Incoming:
        document, main = self._document, self._main()
        rate = document.counted
        tracks = list(self._tracks(main))
        pictures = [track for track in tracks if track.is_seen]
        for number, track in enumerate(pictures[:_MOST_TRACKS], 1):
            self._pictures(track, f"V{number}")
        self._sounds(main, tracks)
        for each in transitions_of(main):
            self._composition(each)
        if not self._events:
            raise BadRequest("There is no clip in its timeline.")
        for clip in document.binned.values():
            is_clip = "kdenlive:uuid" not in clip  # a sequence's are its guides once more
            if is_clip and clip.get("kdenlive:markers", "").strip("[] \n"):
                called = clip.get("kdenlive:clipname") or clip.get("resource", "")
                self._lanes.lost[f"Markers on {called[:80]} itself were left out."] = None
        told = properties(main)
        offset = told.get(_OFFSET, "0")
        return Incoming(
            name=self._name(main),
            rate=rate,
            start=int(offset) if offset.isdecimal() and len(offset) < 12 else 0,
            drop_frame=rate.can_drop and _drops(told),
            width=_size(document.profile.get("width", "")),
            height=_size(document.profile.get("height", "")),
            events=tuple(self._events),
            transitions=tuple(self._transitions),
            markers=tuple(markers_of(document, main, self._bin)),
            lost=tuple(self._lanes.lost),
        )

    def _main(self) -> Element:
        """The timeline: what the document plays, in a project the sequence that is open."""
        document, root = self._document, self._document.root
        sequences = {
            told["kdenlive:uuid"]: each
            for each in root.iterfind("tractor")
            if "kdenlive:uuid" in (told := properties(each))
        }
        services = [
            each for each in root if each.tag in SERVICES and not properties(each).get("xml_retain")
        ]
        if not services:
            raise BadRequest("There is nothing in it that plays.")
        named = document.by_id.get(root.get("producer", ""))
        main = named if named is not None and named in services else services[-1]
        if "kdenlive:projectTractor" in properties(main):
            played = [document.played_by(track) for track in tracks_of(main)]
            main = next((one for one in played if one is not None), main)
        main = sequences.get(self._bin.get(_OPEN, ""), main)
        inside = {id(document.played_by(each)) for each in root.iter("entry")}
        for each in sequences.values():
            if each is not main and id(each) not in inside - self._binned():
                called = properties(each).get("kdenlive:clipname", "")[:80]
                self._lanes.lost[
                    f"The sequence {called} was left out: the one that is open is taken."
                ] = None
        return main

    def _binned(self) -> set[int]:
        """What only lies in the bin."""
        root, document = self._document.root, self._document
        played: dict[bool, set[int]] = {True: set(), False: set()}
        for playlist in root.iterfind("playlist"):
            is_bin = bool(properties(playlist).get("xml_retain"))
            played[is_bin] |= {id(document.played_by(each)) for each in playlist.iterfind("entry")}
        return played[True] - played[False]

    def _name(self, main: Element) -> str:
        told = properties(main)
        names = (told.get("kdenlive:clipname"), told.get("title"), self._document.root.get("title"))
        return next(
            (name for name in names if name and not name.startswith(_EDITORS)), "Imported timeline"
        )

    def _tracks(self, main: Element) -> Iterator[_Track]:
        document = self._document
        if main.tag != "tractor":
            yield _Track(main, is_seen=True, is_heard=True)
            return
        for number, track in enumerate(tracks_of(main)):
            played = document.played_by(track)
            if played is None:
                name = track.get("producer", "")[:60] or "nothing"
                self._lanes.lost[f"A track plays {name}, which is not in it."] = None
            elif number or not self._lanes.is_background(played):
                yield self._track(track, played)

    def _track(self, track: Element, played: Element) -> _Track:
        """Editors say what a track is for; to melt it is what is not hidden of it."""
        told, hide = properties(played), track.get("hide", "")
        picture, sound = hide in ("video", "both"), hide in ("audio", "both")
        if told.get("kdenlive:audio_track") == "1" or told.get("shotcut:audio") == "1":
            return _Track(played, is_seen=False, is_heard=True, hides_sound=sound)
        if "kdenlive:trackheight" in told or "kdenlive:timeline_active" in told:
            return _Track(played, is_seen=True, is_heard=False, hides_picture=picture)
        if told.get("shotcut:video") == "1" or hide == "both":
            return _Track(played, True, True, hides_picture=picture, hides_sound=sound)
        return _Track(played, is_seen=not picture, is_heard=not sound)

    def _pictures(self, track: _Track, name: str) -> None:
        lane = self._lanes.lane(track.played, "V", name)
        for piece in lane.pieces:
            clip = piece.clip
            if clip.kind == "black" or (clip.kind == "file" and not piece.place.duration):
                continue
            if clip.kind in ("colour", ""):
                self._left(piece, name)
                continue
            self._event(piece, name, None, not track.hides_picture)
        self._join(lane, name)

    def _sounds(self, main: Element, tracks: list[_Track]) -> None:
        """What is heard: that of pictures first, then the tracks of sound. Kdenlive counts these
        from the pictures down, and so from the last one."""
        heard = [track for track in tracks if track.is_heard]
        if any("kdenlive:audio_track" in properties(track.played) for track in heard):
            heard.reverse()
        heard.sort(key=lambda track: not track.is_seen)
        first = 1
        for number, track in enumerate(heard, 1):
            where, told = f"sound track {number}", dict(self._lanes.lost)
            lane = self._lanes.lane(track.played, "A", where)
            if track.is_seen:  # what is told of its pictures need not be told of their sound
                self._lanes.lost = told
            lane.pieces = [piece for piece in lane.pieces if piece.clip.kind == "file"]
            laid = [(piece, self._channels(piece, track, where)) for piece in lane.pieces]
            width = max((len(channels) for _, channels in laid), default=0)
            if track.is_seen and not width:
                continue
            width = max(1, width)
            if first + width > _MOST_TRACKS:
                raise BadRequest(f"It has more than {_MOST_TRACKS} tracks of sound.")
            for piece, channels in laid:
                for at, channel in enumerate(channels):
                    self._event(piece, f"A{first + at}", channel, not track.hides_sound)
            for at in range(width):
                kept = [piece for piece, channels in laid if at < len(channels)]
                self._join(Lane(kept, lane.joins), f"A{first + at}")
            first += width

    def _channels(self, piece: Piece, track: _Track, where: str) -> tuple[int, ...]:
        channels = piece.clip.channels
        if channels is None:
            if track.is_seen:
                self._lanes.lost[
                    f"Whether {piece.clip.called} has sound, it does not say: its picture alone"
                    " was taken."
                ] = None
                return ()
            self._lanes.lost[
                f"How many channels {piece.clip.called} on {where} has, it does not say: the first"
                " was taken."
            ] = None
            channels = (0,)
        if piece.channel is not None:
            return channels[piece.channel : piece.channel + 1] or (piece.channel,)
        return channels

    def _left(self, piece: Piece, track: str) -> None:
        at = self._label(piece.place.start)
        self._lanes.lost[f"{piece.clip.called} on {track} at {at} was left out."] = None

    def _label(self, frame: int) -> Timecode:
        """Where that is in the timeline, from its first frame."""
        rate = self._document.counted
        return Timecode(frame, rate, rate.can_drop)

    def _event(self, piece: Piece, track: str, channel: int | None, enabled: bool) -> None:
        if not piece.place.duration:
            return
        source, rate, speed = _played(piece, self._document.counted)
        is_title = piece.clip.kind == "title"
        if is_title and not piece.clip.text:
            at = self._label(piece.place.start)
            title = f"{piece.clip.called} on {track} at {at}"
            self._lanes.lost[f"{title} has no words that can be read: its name is taken."] = None
        self._events.append(
            IncomingEvent(
                number=str(len(self._events) + 1),
                track=track,
                reference=piece.clip.reference,
                source=FrameRange(0, piece.place.duration) if is_title else source,
                rate=rate,
                record=piece.place,
                channel=channel,
                speed=speed,
                enabled=enabled and piece.enabled,
                text=(piece.clip.text or piece.clip.called) if is_title else "",
            )
        )

    def _join(self, lane: Lane, track: str) -> None:
        """Its transitions, and the fades that are filters of its clips."""
        edges = {edge for piece in lane.pieces for edge in (piece.place.start, piece.place.end)}
        joined = set()
        for join in lane.joins:
            if join.cut in edges:
                before, after = join.cut - join.place.start, join.place.end - join.cut
                kind = join.kind if track[0] == "V" else TransitionKind.DISSOLVE
                self._transitions.append(Transition(track, join.cut, before, after, kind))
                joined.add(join.cut)
        for piece in lane.pieces:
            head, tail = piece.fades
            place = piece.place
            if head and place.start not in joined:
                self._transitions.append(Transition(track, place.start, 0, head))
            tail = min(tail, place.duration - head)
            if tail > 0 and place.end not in joined:
                self._transitions.append(Transition(track, place.end, tail, 0))

    def _composition(self, transition: Element) -> None:
        told = properties(transition)
        if told.get("always_active") == "1" or "internal_added" in told:
            return
        name = told.get("kdenlive_id") or told.get("mlt_service", "")
        if name == "mix" or told.get("disable") == "1" or not (told.get("in") or told.get("out")):
            return
        at = self._label(self._document.frames(told.get("in")))
        self._lanes.lost[f"A composition ({name[:60]}) over other tracks at {at} was left out."] = (
            None
        )


def _played(piece: Piece, counted: FrameRate) -> tuple[FrameRange, FrameRate, Fraction]:
    """The file's frames that are seen, at a rate that says them exactly, and the speed. Backwards a
    producer shows its last position first."""
    clip = piece.clip
    pace = abs(clip.speed)
    finer = FrameRate(counted.value * pace.denominator)
    if piece.held is not None:
        held = clip.begins + piece.held
        at = (clip.last - held if clip.speed < 0 else held) * pace.numerator
        return FrameRange(max(0, at), max(0, at) + pace.denominator), finer, Fraction(0)
    lasts = piece.place.duration * pace.numerator
    if clip.speed > 0:
        start = max(0, (clip.begins + piece.first) * pace.numerator)
        return FrameRange(start, start + lasts), finer, clip.speed
    if clip.rate is not None:  # the frame seen first is known to be its last one
        shown = rescale((clip.last - piece.first) * pace.numerator, finer, clip.rate)
        lasts = max(1, rescale(lasts, finer, clip.rate))
        return FrameRange(max(0, shown + 1 - lasts), max(1, shown + 1)), clip.rate, clip.speed
    end = max(1, (clip.last - piece.first) * pace.numerator + pace.denominator)
    return FrameRange(max(0, end - lasts), end), finer, clip.speed


def _drops(told: Mapping[str, str]) -> bool:
    """As the sequence's length is written; where it is not, as these editors show such rates."""
    return ";" in told.get("kdenlive:duration", ";")


def _size(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 6 else 0
