"""`manage.py prove`: a timeline is written, read back without the writer's code, and every event of
it followed to the picture that an editor would show."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from editing.cutlist import CutList, Source
from exporters.base import ExportedFile, ExportOptions, Feature, Report, clips
from exporters.features import carried
from exporters.masters import check_bytes, check_facts
from exporters.proof.holding import Held, HeldEvent, ReadBack, hold
from exporters.proof.picturing import Pair, pairs_of
from exporters.proof.resolving import Master, label_frames, leads
from exporters.readers.base import Reader, rate_near
from exporters.readers.registry import READERS
from exporters.services import Export, timeline_export
from mam.errors import BadRequest, MamError
from mam.media.base import MediaInfo
from mam.media.probe import probe
from mam.media.witness import Testimony, timecode_told
from mam.options import Options
from mam.timing import FrameRate, Timecode, round_half_up

PROVABLE = ("edl", "xmeml", "fcpxml", "otio", "aaf", "mlt")
"""The dialects of whole cuts that there are readers of."""
MOST = 300
"""Events of pictures that are looked at while somebody waits for a page."""
_PART = re.compile(r"^([VA])(\d+)")
Progress = Callable[[float, float, str], object]


@dataclass(frozen=True)
class Proof:
    """What was found. `pairs` are the pictures of `held.events` by place and record frame; `doubts`
    are what speaks against a master's timecode or pictures without being the file's fault."""

    export: Export
    cut: CutList  # as far as the format carries it
    held: Held
    pairs: dict[tuple[int, int], Pair]
    masters: tuple[Master, ...]
    doubts: tuple[str, ...]
    unseen: frozenset[str] = frozenset()  # assets whose masters were not there, or are other files
    verified: bool = False  # each master is the one that was ingested, to the byte

    @property
    def not_looked_at(self) -> int:
        """Events whose master could not be asked: of them there is no verdict."""
        return sum(self.is_unseen(one) for one in self.held.events)

    def is_unseen(self, one: HeldEvent) -> bool:
        return one.event.source.asset_id in self.unseen

    @property
    def disabled(self) -> int:
        """Events that are switched off: nobody sees them, so no pictures are compared."""
        return sum(not one.event.enabled for one in self.held.events)

    @property
    def left_out(self) -> int:
        """Clips that the format has no words for."""
        there = {(event.track, event.record_range) for event in self.cut.events}
        return sum(
            (clip.event.track, clip.record_range) not in there
            for clip in clips(self.export.cutlist)
        )

    @property
    def frames_off(self) -> int:
        return sum(one.off for one in self.held.events)

    @property
    def aside(self) -> int:
        """Events that lie less than half a frame of the timeline beside their place."""
        return sum(bool(one.aside) for one in self.held.events)

    @property
    def faults(self) -> tuple[tuple[int, HeldEvent, str], ...]:
        """The events that an editor would not show as the timeline does: place, event and why."""
        return tuple(
            (place, one, why)
            for place, one in enumerate(self.held.events)
            if (why := self.fault(place))
        )

    def fault(self, place: int) -> str:
        """What is wrong with an event, "" where nothing is."""
        one = self.held.events[place]
        if one.problem:
            return one.problem
        if one.off:
            return f"it is {one.off} frame{'s' * (one.off != 1)} off"
        ends = (one.first.record, one.last.record)
        if one.aside:  # its picture is the neighbour's, as was told
            return ""
        pairs = [self.pairs[place, record] for record in ends if (place, record) in self.pairs]
        return next((pair.wrong for pair in pairs if pair.wrong), "")

    @property
    def lost(self) -> tuple[str, ...]:
        """What the format could not carry, and what the file lacks without that."""
        told = tuple(note.message for note in self.export.exported.report)
        return told + self.held.lost

    @property
    def is_proven(self) -> bool:
        return not self.faults and not self.held.lost and not self.unseen


def timeline_prove(
    id_or_name: str,
    dialect: str,
    wishes: ExportOptions | None = None,
    *,
    options: Options,
    most: int = 0,
    verify: bool = False,
    on_progress: Progress = lambda done, total, doing: None,
) -> Proof:
    """Write the timeline in that dialect and prove what was written. Raises NotFound, Conflict
    (name), BadRequest (the cut cannot be said, the format points at no frames, or there are more
    than `most` events of pictures, where that is no 0). To `verify` is to hash the masters."""
    reader_for(dialect)
    export = timeline_export(id_or_name, dialect, wishes)
    pictures = len(export.cutlist.video)
    if most and pictures > most:
        raise BadRequest(
            f"This cut shows {pictures} clips; prove more than {most} at the command line: "
            f"manage.py prove {id_or_name} --format {dialect}."
        )
    return export_prove(
        export,
        wishes or ExportOptions(),
        options=options,
        verify=verify,
        on_progress=on_progress,
    )


def reader_for(dialect: str) -> Reader:
    """What reads a dialect back. Raises BadRequest for one that tells words, not frames."""
    if dialect not in PROVABLE:
        raise BadRequest(
            f"The format {dialect} cannot be proven: only {', '.join(PROVABLE)} lead an editor to "
            "frames that can be compared."
        )
    return next(reader for reader in READERS if reader.name == dialect)


def export_prove(
    export: Export,
    wishes: ExportOptions,
    *,
    options: Options,
    verify: bool = False,
    on_progress: Progress = lambda done, total, doing: None,
) -> Proof:
    """The proof of an export that was made with `wishes`."""
    dialect = export.dialect
    reader = reader_for(dialect.name)
    cut = carried(export.cutlist, dialect.label, dialect.carries, Report())
    masters, files, doubts, unseen = [], {}, [], set()
    for number, source in enumerate(cut.sources):
        on_progress(number, len(cut.sources), source.name)
        master, info, doubt = _master(source, options, verify=verify)
        masters.append(master)
        doubts += [doubt] * bool(doubt)
        if info is None:
            unseen.add(source.asset_id)
        elif info.video is not None:
            files[source.asset_id] = (source.path, info)
    read = [read_back(reader, file, cut, masters, wishes) for file in export.exported.files]
    held = hold(cut, read)
    if Feature.TRACKS in dialect.carries:
        held = replace(held, lost=(*held.lost, *_reader_lost(read)))
    pairs = {}
    ends = 2 * len(held.events)
    for place, end, pair in pairs_of(held.events, files, options=options):
        pairs[place, end.record] = pair
        on_progress(len(pairs), ends, held.events[place].event.source.name)
    return Proof(export, cut, held, pairs, tuple(masters), tuple(doubts), frozenset(unseen), verify)


def read_back(
    reader: Reader,
    file: ExportedFile,
    cut: CutList,
    masters: list[Master],
    wishes: ExportOptions,
) -> ReadBack:
    """A file of the export as an editor reads it over these masters."""
    edit = reader.read(file.data, cut.rate)
    # what our files tell ourselves, no editor reads
    events = [replace(event, own=None, own_rate=None) for event in edit.events]
    picture, sound = _tracks_of(file.part, cut)
    return ReadBack(edit, tuple(leads(events, masters, wishes.paths)), picture, sound)


def _tracks_of(part: str, cut: CutList) -> tuple[str, int]:
    """Which picture track, and which is the first track of sound, where files are named by them."""
    if match := _PART.match(part):
        return (f"V{match[2]}", 1) if match[1] == "V" else ("", int(match[2]))
    return "", 1


def _reader_lost(read: list[ReadBack]) -> Iterator[str]:
    for each in read:
        for word in each.edit.lost:
            yield f"Reading the file back: {word}"


def _master(
    source: Source, options: Options, *, verify: bool = False
) -> tuple[Master, MediaInfo | None, str]:
    """The master by MediaInfo, its facts (None where it could not be looked at, or is another file
    than was ingested), and what there is to doubt."""
    unseen = Master(source, source.start)
    if not source.path:
        return unseen, None, f"{source.name} is offline: its pictures were not looked at."
    try:
        info = probe(source.path, options=options)
        told = timecode_told(source.path, options=options)
    except MamError as error:
        return unseen, None, f"{source.name} was not looked at: {error}"
    try:
        check_facts(source, info)
        if verify:
            check_bytes(source)
    except BadRequest as error:
        return unseen, None, str(error)
    master = _by_testimony(source, told)
    return master, info, master.disputed


def _by_testimony(source: Source, told: Testimony) -> Master:
    if source.kind == "audio":  # samples since midnight, which no timecode track counts
        return Master(source, source.start)
    if told.delay is None or not told.label:
        missing = "has a timecode that MediaInfo does not find" if source.has_timecode else ""
        return Master(source, source.start, disputed=missing and f"{source.name} {missing}.")
    if not source.has_timecode:
        said = f"{source.name} has the timecode {told.label} for MediaInfo, and none here."
        return Master(source, source.start, told=told.label, disputed=said)
    start = round_half_up(told.delay * source.rate.value)
    own = str(Timecode(source.start, source.rate, source.drop_frame))
    counted = label_frames(told.label, source.rate)
    disputed = ""
    if counted is not None and counted != start:
        # it counts another number of frames a second than there are
        disputed = f"{source.name} begins at {told.label} for MediaInfo, and at {own} here."
    if told.rate is not None and rate_near(told.rate) != source.rate:
        disputed = disputed or (
            f"{source.name} has {FrameRate(told.rate).spoken} frames a second for MediaInfo, and "
            f"{source.rate.spoken} here."
        )
    return Master(source, start, "" if disputed else told.label, told.label, disputed)
