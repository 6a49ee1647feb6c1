"""What an MLT playlist or tractor shows from frame to frame, as one lane of pieces and joins.

A transition shows both its sides over each other: in a tractor of its own between two entries
(melt, Shotcut), or where the two playlists of a track overlap (Kdenlive). Here a piece lasts to the
cut, and the join says how far both are seen beyond.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from xml.etree.ElementTree import Element

from exporters.readers.mlt_parts import Document, properties
from exporters.readers.mlt_pieces import (
    Join,
    Lane,
    Piece,
    is_other,
    is_sequence,
    is_whole,
    kind_of,
    laid_over,
    mixers_of,
    tracks_of,
    transitions_of,
)
from mam.errors import BadRequest
from mam.timing import FrameRange

DEEPEST = 30
"""Services within each other; a project of nested sequences has a dozen."""
MOST = 200_000
"""Pieces that a document is laid out to: what names itself twice at each step ends here."""
FARTHEST = 1 << 40
"""Frames; five hundred years at sixty a second."""
_HEARD = frozenset({"fadein", "fadeout", "fadeInVolume", "fadeOutVolume"})
_SEEN = frozenset({"fade_from_black", "fade_to_black", "fadeInBrightness", "fadeOutBrightness"})
_AT_HEAD = frozenset({"fadein", "fade_from_black", "fadeInVolume", "fadeInBrightness"})


class Lanes:
    """Lays out what a document plays; `lost` says what of it could not be taken."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._laid = 0
        self._around: list[Element] = []
        self.lost: dict[str, None] = {}

    def lane(self, element: Element, kind: str, where: str) -> Lane:
        """What a service shows ("V") or sounds like ("A"); `where` is its track, to be told."""
        if element in self._around or len(self._around) > DEEPEST:
            raise BadRequest("Its parts hold each other, or are nested too deep.")
        self._around.append(element)
        try:
            if element.tag == "playlist":
                return self._playlist(element, kind, where)
            if element.tag == "tractor":
                return self._tractor(element, kind, where)
            length = self._document.length(element)
            return Lane([Piece(FrameRange(0, length), self._document.clip(element), 0)])
        finally:
            self._around.pop()

    def _playlist(self, playlist: Element, kind: str, where: str) -> Lane:
        lane, at = Lane(), 0
        for child in playlist:
            if child.tag == "blank":
                at += max(0, self._document.frames(child.get("length")))
            elif child.tag == "entry":
                repeats = child.get("repeat", "")
                for _ in range(int(repeats) if repeats.isdecimal() and len(repeats) < 5 else 1):
                    at = self._entry(child, lane, at, kind, where)
            if at > FARTHEST:
                raise BadRequest("It lasts longer than five hundred years.")
        return lane

    def _entry(self, entry: Element, lane: Lane, at: int, kind: str, where: str) -> int:
        self._laid += 1
        if self._laid > MOST:
            raise BadRequest(f"It holds more than {MOST} clips.")
        played = self._document.played_by(entry)
        if played is None:
            name = entry.get("producer", "")[:60]
            self.lost[f"A clip on {where} plays {name or 'nothing'}, which is not in it."] = None
            first, last = self._document.window(entry, 0)
            return at + max(0, last + 1 - first)
        first, last = self._document.window(entry, self._length(played))
        if last < first:
            self.lost[f"A clip on {where} ends before it begins and was left out."] = None
            return at
        end = at + last + 1 - first
        window = FrameRange(first, last + 1)
        if sides := self._mixed(played):
            self._mix(played, sides, lane, FrameRange(at, end), kind, where)
            return end
        if played.tag in ("producer", "chain"):
            laid = Lane([self._piece(entry, played, FrameRange(at, end), first, (kind, where))])
        else:
            laid = self.lane(played, kind, where).shown(window, at)
            self._left(entry, where)
        if laid.pieces and lane.pieces and lane.pieces[-1].goes_on:
            begun, rest = lane.pieces[-1], laid.pieces[0]
            if rest.continues(begun):
                lane.pieces.pop()
                place = begun.place.union(rest.place)
                laid.pieces[0] = replace(rest.within(place), fades=(0, rest.fades[1]))
        lane.pieces += laid.pieces
        lane.joins += laid.joins
        return end

    def _length(self, played: Element) -> int:
        """How many frames a service has where its entry does not say."""
        if played.tag in ("producer", "chain"):
            return self._document.length(played)
        if played.tag == "tractor" and (told := played.get("out")):
            return self._document.frames(told) + 1
        lanes = [self.lane(played, kind, "") for kind in "VA"]
        return max((each.place.end for lane in lanes for each in lane.pieces), default=0)

    def _piece(
        self, entry: Element, played: Element, place: FrameRange, first: int, on: tuple[str, str]
    ) -> Piece:
        """A clip with what its filters make of it; those that are not understood are told. `on` is
        whether it is seen or heard, and where."""
        kind, where = on
        piece = Piece(place, self._document.clip(played), first)
        copied = set()
        for filter in (*played.iterfind("filter"), *entry.iterfind("filter")):
            told = properties(filter)
            service = told.get("mlt_service", "")
            named = told.get("shotcut:filter") or told.get("kdenlive_id") or service
            if told.get("disable") == "1" or "internal_added" in told:
                continue
            if named in _HEARD | _SEEN:
                if named not in (_SEEN if kind == "V" else _HEARD):
                    continue
                piece = replace(piece, fades=self._faded(told, named, piece))
            elif service == "freeze" and is_whole(told):
                held = first + self._document.frames(told.get("frame"))
                piece = replace(piece, held=held)
            elif service == "channelcopy" and told.get("from", "0").isdecimal():
                copied.add(int(told.get("from", "0")[:3]))
            elif piece.clip.kind != "title":
                self._effect(named, where)
        for link in played.iterfind("link"):
            if properties(link).get("mlt_service") == "timeremap":
                self.lost[
                    f"{piece.clip.called} on {where} changes its speed as it goes: it is taken at"
                    " its own."
                ] = None
        return replace(piece, channel=copied.pop()) if len(copied) == 1 else piece

    def _faded(self, told: Mapping[str, str], named: str, piece: Piece) -> tuple[int, int]:
        is_head = named in _AT_HEAD
        frames = self._document.frames(told.get("shotcut:animIn" if is_head else "shotcut:animOut"))
        if frames <= 0:
            start = self._document.frames(told.get("in"))
            frames = self._document.frames(told.get("out"), start - 1) + 1 - start
        frames = max(0, min(frames, piece.place.duration))
        return (frames, piece.fades[1]) if is_head else (piece.fades[0], frames)

    def _left(self, element: Element, where: str) -> None:
        for filter in element.iterfind("filter"):
            told = properties(filter)
            if told.get("disable") != "1" and "internal_added" not in told:
                self._effect(told.get("kdenlive_id") or told.get("mlt_service", ""), where)

    def _effect(self, name: str, where: str) -> None:
        self.lost[f"An effect ({name[:60] or 'without a name'}) on {where} was left out."] = None

    def _mixed(self, played: Element) -> list[Element]:
        """The two tracks of a tractor that is a transition; none of any other service."""
        tracks = tracks_of(played) if played.tag == "tractor" else []
        if len(tracks) != 2 or "kdenlive:uuid" in properties(played):
            return []
        sides = [self._document.played_by(track) for track in tracks]
        if not all(mixers_of(played)) or not list(mixers_of(played)) or None in sides:
            return []
        tags = [side.tag for side in sides if side is not None]
        if "tractor" in tags or (tags.count("playlist") and self._is_backed(tracks)):
            return []
        return tracks

    def _is_backed(self, tracks: list[Element]) -> bool:
        """Whether the lowest track is nothing but the black behind a sequence."""
        lowest = self._document.played_by(tracks[0])
        return lowest is not None and self.is_background(lowest)

    def is_background(self, service: Element) -> bool:
        """Whether a service is black throughout: what editors lay below all tracks."""
        if service.tag in ("producer", "chain"):
            return self._document.clip(service).kind == "black"
        entries = [each for each in service if each.tag in ("entry", "blank")]
        played = [self._document.played_by(each) for each in entries]
        return bool(played) and all(
            one is not None and one.tag == "producer" and self.is_background(one) for one in played
        )

    def _mix(
        self,
        tractor: Element,
        tracks: list[Element],
        lane: Lane,
        place: FrameRange,
        kind: str,
        where: str,
    ) -> None:
        """A transition in a tractor of its own, between what stands before it and behind."""
        out, into = (self._side(track, place, kind, where) for track in tracks)
        out, into = (
            None if side is None or side.clip.kind == "black" else side for side in (out, into)
        )
        cut = self._cut(list(transitions_of(tractor)), place)
        cut = place.start if out is None else place.end if into is None else cut
        if out is not None and out.place.start <= cut:
            before = lane.pieces[-1] if lane.pieces else None
            if before is not None and out.continues(before):
                whole = before.within(FrameRange(before.place.start, cut))
                lane.pieces[-1] = replace(whole, goes_on=False)
            elif out.place.start < cut:
                lane.pieces.append(out.within(FrameRange(out.place.start, cut)))
        if into is not None and cut < into.place.end:
            shown = into.within(FrameRange(cut, into.place.end))
            lane.pieces.append(replace(shown, goes_on=True))
        if out is not None or into is not None:
            lane.joins.append(Join(place, cut, kind_of(transitions_of(tractor))))

    def _side(self, track: Element, place: FrameRange, kind: str, where: str) -> Piece | None:
        """What is seen of one side: where it holds a frame because its master has no more, the
        rest."""
        played = self._document.played_by(track)
        assert played is not None
        first, last = self._document.window(track, place.duration)
        if played.tag == "playlist":
            pieces = (
                self.lane(played, kind, where)
                .shown(FrameRange(first, max(first, last + 1)), place.start)
                .pieces
            )
            moving = [piece for piece in pieces if piece.held is None]
            return next(iter(moving[-1:] or pieces[-1:]), None)
        return self._piece(track, played, place, first, (kind, where))

    def _cut(self, found: list[Element], place: FrameRange) -> int:
        """Where one side is cut to the other: as Kdenlive says it, else in the middle."""
        for each in found:
            told = properties(each).get("kdenlive:mixcut")
            if told is not None:
                after = self._document.frames(told)
                if 0 <= after <= place.duration:
                    return place.end - after
        return place.start + place.duration // 2

    def _tractor(self, tractor: Element, kind: str, where: str) -> Lane:
        laid = []
        for number, track in enumerate(tracks_of(tractor)):
            played = self._document.played_by(track)
            if played is None or (number == 0 and self.is_background(played)):
                continue
            hide = track.get("hide", "")
            if hide == ("video" if kind == "V" else "audio"):
                continue
            if is_other(properties(played), kind):
                continue
            lane = self.lane(played, kind, where)
            if track.get("in") or track.get("out"):
                first, last = self._document.window(track, self._length(played))
                lane = lane.shown(FrameRange(first, max(first, last + 1)), 0)
            if hide == "both":
                lane.pieces = [replace(piece, enabled=False) for piece in lane.pieces]
            if lane.pieces:
                laid.append(lane)
        if len(laid) < 2:
            return laid[0] if laid else Lane()
        if is_sequence(tractor) or (kind == "V" and not any(mixers_of(tractor))):
            return self._flat(laid, kind, where)
        return self._overlapping(laid, list(transitions_of(tractor)), where)

    def _flat(self, laid: list[Lane], kind: str, where: str) -> Lane:
        """Tracks of a sequence within a track: of pictures the highest is seen."""
        if kind == "A":
            self.lost[
                f"A sequence on {where} has {len(laid)} tracks of sound: the first is taken."
            ] = None
            return laid[0]
        flat = laid[0]
        for lane in laid[1:]:
            flat = laid_over(flat, lane)
        return flat

    def _overlapping(self, laid: list[Lane], joins: list[Element], where: str) -> Lane:
        """The playlists of one track: where they overlap, one goes over into the other."""
        lane = Lane(joins=[join for each in laid for join in each.joins])
        for piece in sorted((p for each in laid for p in each.pieces), key=lambda p: p.place):
            before = lane.pieces[-1] if lane.pieces else None
            if before is None or before.place.end <= piece.place.start:
                lane.pieces.append(piece)
                continue
            place = FrameRange(piece.place.start, min(before.place.end, piece.place.end))
            found = [each for each in joins if self._begins_in(each, place)]
            if not found or piece.place.end < before.place.end:
                self.lost[f"{piece.clip.called} on {where} lies over another clip there."] = None
            cut = self._cut(found, place)
            lane.pieces[-1] = before.within(FrameRange(before.place.start, cut))
            lane.pieces.append(piece.within(FrameRange(cut, piece.place.end)))
            if found:
                lane.joins.append(Join(place, cut, kind_of(found)))
        lane.pieces = [piece for piece in lane.pieces if piece.place.duration]
        return lane

    def _begins_in(self, transition: Element, place: FrameRange) -> bool:
        return place.contains(self._document.frames(properties(transition).get("in")))
