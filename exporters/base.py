"""What every dialect is: a CutList goes in, files and a list of what was not carried come out.

A dialect keeps no state, opens no file and knows no framework. What it cannot say goes into its
report, never away in silence: the command writes that beside the file, the API answers it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Protocol, runtime_checkable

from editing.conform import handle_room, handles
from editing.cutlist import CutList, Event, Source
from editing.reasons import Reasons
from exporters.paths import PathMap
from mam.errors import BadRequest
from mam.printing import counted
from mam.timing import FrameRange, FrameRate


@dataclass(frozen=True)
class ExportOptions:
    """What a person may choose. A dialect heeds what it `takes`; whoever asks for more is told so
    before it is written (exporters/offered.py)."""

    paths: PathMap = field(default_factory=PathMap)
    long_reels: bool = False  # EDL: reels of up to 32 characters in place of 8
    long_event_numbers: bool = False  # EDL: six digits and one file in place of 999 events a file
    fcpxml_version: str = "1.10"  # 1.8 to 1.14
    reasons: Reasons = Reasons.PEOPLE  # heeded before any dialect, by `leaving.py`


@dataclass(frozen=True)
class Note:
    """One thing that the format could not carry, or carries only nearly.

    `code` is a stable word for programs; `message` is for people, its names already made safe.
    """

    code: str
    message: str


class Report:
    """Collects notes while a dialect writes; the same sentence is told once."""

    def __init__(self) -> None:
        self._notes: dict[Note, None] = {}

    def add(self, code: str, message: str) -> None:
        self._notes[Note(code, message)] = None

    @property
    def notes(self) -> tuple[Note, ...]:
        return tuple(self._notes)


@dataclass(frozen=True)
class ExportedFile:
    """One file of an export. `part` tells several apart ("" for the first, "V2", "2", …)."""

    part: str
    data: bytes

    @property
    def text(self) -> str:
        return self.data.decode("utf-8")

    def beside(self, output: Path) -> Path:
        """Where it goes when the person asked for `output`: `cut.edl`, `cut-V2.edl`, …"""
        if not self.part:
            return output
        return output.with_name(f"{output.stem}-{self.part}{output.suffix}")


@dataclass(frozen=True)
class Exported:
    """What a dialect wrote; never without a file."""

    files: tuple[ExportedFile, ...]
    report: tuple[Note, ...] = ()

    def report_text(self) -> str:
        """The report as it stands beside the file; empty when all was carried."""
        return "".join(f"[{note.code}] {note.message}\n" for note in self.report)


class Feature(StrEnum):
    """What a cut may hold that not every format can say; stable words for programs. features.py
    says them to people."""

    TRACKS = "tracks"
    SOUND = "sound"
    LINKS = "links"
    CHANNELS = "channels"
    DISSOLVES = "dissolves"
    WIPES = "wipes"
    FADES = "fades"
    SPEED = "speed"
    REVERSE = "reverse"
    FREEZE = "freeze"
    STILLS = "stills"
    TITLES = "titles"
    MARKERS = "markers"
    DISABLED = "disabled"
    GENERATED = "generated"
    REASONS = "reasons"


class Option(StrEnum):
    """What may be chosen of an export, as the fields of the API are called. A format says which of
    them it `takes`; exporters/offered.py refuses the others by name."""

    MAP = "map"
    LONG_REELS = "long_reels"
    LONG_NUMBERS = "long_numbers"
    FCPXML_VERSION = "fcpxml_version"
    MEDIA = "media"
    HANDLES = "handles"
    EDIT = "edit"
    REASONS = "reasons"


class Want(StrEnum):
    """What a dialect needs of a cut beyond its events, which takes time to find."""

    WORDS = "words"  # CutList.spoken
    POSTERS = "posters"  # CutList.posters


@runtime_checkable
class Exporter(Protocol):
    """A dialect.

    `name` is what people type, `label` what a button says, `suffix` begins with a dot,
    `media_type` is for HTTP; `carries` are the features that it has words for, `wants` what the
    cut must hold that it is given, `takes` the options that make a difference to it.
    """

    name: str
    label: str
    suffix: str
    media_type: str
    carries: frozenset[Feature]
    wants: frozenset[Want]
    takes: frozenset[Option]

    def write(self, cutlist: CutList, options: ExportOptions) -> Exported:
        """The cut in this dialect.

        Raises BadRequest where the cut cannot be said at all (nothing in it, events over each
        other on a track, a rate or version that the format does not know).
        """
        ...


@dataclass(frozen=True)
class Clip:
    """Events that show the same moment of one source at the same place: picture and sound.

    `picture` is its event on a picture track, `sound` its events on audio tracks in their order.
    """

    picture: Event | None
    sound: tuple[Event, ...]

    @property
    def event(self) -> Event:
        return self.picture or self.sound[0]

    @property
    def source(self) -> Source:
        return self.event.source

    @property
    def source_range(self) -> FrameRange:
        return self.event.source_range

    @property
    def record_range(self) -> FrameRange:
        return self.event.record_range


def clips(cutlist: CutList) -> list[Clip]:
    """The events, those of one clip together, by record start and then by track.

    Picture and sound are one clip when they share link, source, both ranges, speed and whether they
    are enabled; a J or L cut therefore comes out as two.
    """
    pictures: dict[tuple[object, ...], list[Event]] = {}
    sounds: dict[tuple[object, ...], list[Event]] = {}
    for event in in_order(cutlist.events):
        key = (
            event.link,
            event.source.asset_id,
            event.source_range,
            event.record_range,
            event.speed,
            event.enabled,
        )
        (pictures if event.is_video else sounds).setdefault(key, []).append(event)
    found = [
        # the same moment on two picture tracks: the sound goes with the lower one
        Clip(picture, tuple(sounds.pop(key, ())))
        for key, events in pictures.items()
        for picture in events
    ]
    found += [Clip(None, tuple(events)) for events in sounds.values()]
    return sorted(found, key=lambda clip: order(clip.event))


def order(event: Event) -> tuple[int, bool, int]:
    """By record start, pictures before sound, lower tracks first."""
    return event.record_range.start, not event.is_video, track_number(event.track)


def in_order(events: Iterable[Event]) -> list[Event]:
    return sorted(events, key=order)


def track_number(track: str) -> int:
    """2 for "A2"."""
    return int(track[1:])


def by_track(cutlist: CutList) -> dict[str, list[Event]]:
    """The events of each track in record order, pictures first."""
    tracks: dict[str, list[Event]] = {name: [] for name in cutlist.tracks}
    for event in in_order(cutlist.events):
        tracks[event.track].append(event)
    return tracks


def check(cutlist: CutList) -> None:
    """Raises BadRequest for a cut that no dialect can say."""
    if not cutlist.events:
        raise BadRequest("The timeline is empty: there is nothing to export.")
    for name, events in by_track(cutlist).items():
        end = 0
        for event in events:
            if event.record_range.start < end or not event.record_range.duration:
                raise BadRequest(
                    f"Two clips overlap on track {name} at "
                    f"{cutlist.record_timecode(event.record_range.start)}, or one has no length;"
                    " move one of them."
                )
            end = event.record_range.end
    _check_transitions(cutlist)


def _check_transitions(cutlist: CutList) -> None:
    ends: dict[str, int] = {}
    for item in sorted(cutlist.transitions, key=lambda item: (item.track, item.range)):
        out, into = cutlist.neighbours(item)
        fits = (
            item.range.duration > 0
            and (item.before <= out.record_range.duration if out else not item.before)
            and (item.after <= into.record_range.duration if into else not item.after)
            and item.range.start >= ends.get(item.track, 0)
        )
        if not fits:
            raise BadRequest(
                f"The transition on {item.track} at {cutlist.record_timecode(item.at)} is longer"
                " than the clips that it joins, or overlaps another: shorten it or take it out."
            )
        ends[item.track] = item.range.end


def same_time(event: Event, rate: FrameRate) -> bool:
    """True when the source range, at the event's speed, lasts as long as the record range, to one
    frame of the record; a held frame always does."""
    if event.speed == 0:
        return True
    if event.source.rate.value == rate.value and event.speed == 1:
        return event.source_range.duration == event.record_range.duration
    lasts = event.source.rate.seconds(event.source_range.duration) * rate.value / abs(event.speed)
    return abs(lasts - event.record_range.duration) <= 1


def common_notes(cutlist: CutList, options: ExportOptions, report: Report) -> None:
    """What is told whatever the dialect: sources that an editor will not find, or finds unlike."""
    for source in cutlist.sources:
        name = shown(source.name)
        if not source.path:
            report.add(
                "offline",
                f"{name} is offline: connect its storage and export again, "
                "or relink it by name in the editor.",
            )
        elif options.paths.rules and not options.paths.covers(source.path):
            report.add(
                "unmapped",
                f"No path rule (map) covers {shown(source.path)}; it was written as it is.",
            )
        if source.path and options.paths.cannot_be_named(source.path):
            report.add(
                "windows-name",
                f"{name}: its path holds characters that Windows allows in no name; rename the "
                "master or relink it by hand.",
            )
        if source.variable_rate:
            report.add(
                "variable-rate",
                f"{name} has a variable frame rate: its frames are counted at "
                f"{source.rate.spoken} a second, and an editor that counts otherwise may be a frame"
                " off.",
            )
    for event in cutlist.events:
        if event.source.kind not in ("still", "title") and not same_time(event, cutlist.rate):
            report.add(
                "length",
                f"{shown(event.name or event.source.name)} on {event.track} at "
                f"{cutlist.record_timecode(event.record_range.start)} does not last as long as "
                "its source range; it is written at normal speed from its first frame.",
            )
    _handle_notes(cutlist, report)


def _handle_notes(cutlist: CutList, report: Report) -> None:
    for item in cutlist.transitions:
        out, into = cutlist.neighbours(item)
        wanted = handles(item, out, into, cutlist.rate)
        for event, frames, at_end in ((out, wanted[0], True), (into, wanted[1], False)):
            if event and frames and (room := handle_room(event, at_end=at_end)) < frames:
                report.add(
                    "handles",
                    f"{shown(event.name or event.source.name)} on {event.track}: the transition at "
                    f"{cutlist.record_timecode(item.at)} needs {counted(frames, 'frame')} of its "
                    f"handle, and there are {max(0, room)}.",
                )


def pace(source: Source) -> str:
    """`25 frames a second`, `48000 samples a second`."""
    unit = "samples" if source.kind == "audio" else "frames"
    return f"{source.rate.spoken} {unit} a second"


def shown(text: str) -> str:
    r"""`text` on one line of legal XML characters: what cannot stand there as `\xNN` or `\uNNNN`.

    Control characters, line separators, undecodable bytes (surrogates) and non-characters go;
    quotes, emoji and right-to-left marks are ordinary characters of a name and stay.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(char if _stands(ord(char)) else _escaped(ord(char)) for char in text)


def _stands(code: int) -> bool:
    if code < 0x20 or 0x7F <= code < 0xA0 or code in (0x2028, 0x2029):
        return False
    return not (0xD800 <= code <= 0xDFFF or code & 0xFFFE == 0xFFFE)


def _escaped(code: int) -> str:
    if 0xDC80 <= code <= 0xDCFF:  # a byte that os.fsdecode could not read
        return f"\\x{code - 0xDC00:02x}"
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
