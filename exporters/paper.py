"""A cut as people read it on paper: what stands where, what is said in it, why it was chosen. Pure.

The rows of the paper edit in the order of the record: clips, and in their place between them
transitions, markers and where nothing is seen. How they are printed is a `Document`'s affair.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from editing.cutlist import CutList, Event, Marker, Source, SpokenWord, Transition, TransitionKind
from editing.presenting import speed_in_words
from exporters.base import Clip, clips, shown
from exporters.captions import joined
from exporters.documents.base import Band, Block, Document, Picture, Row, Style, Text
from mam.timing import FrameRange, Timecode, clock

HEAD = ("No.", "Picture", "Timecodes", "What and why")
WIDTHS = (11, 42, 30, 97)
NO_WORDS = "none: nobody speaks, or the speech was not transcribed yet"
_KINDS = {
    TransitionKind.DISSOLVE: "Dissolve", TransitionKind.WIPE: "Wipe",
}  # fmt: skip
# where several begin at one frame: what joins two clips stands between them
_GAP, _TRANSITION, _CLIP, _MARKER = range(4)


def write_paper(cutlist: CutList, document: Document) -> None:
    """The whole cut."""
    document.facts(facts_of(cutlist))
    document.table(HEAD, rows_of(cutlist), WIDTHS)


def facts_of(cutlist: CutList) -> list[tuple[str, str]]:
    """What stands at the head: counted, and without a date."""
    found = clips(cutlist)
    masters = len(cutlist.sources)
    drop = ", drop-frame" if cutlist.drop_frame else ""
    return [
        ("Length", f"{_length(cutlist, cutlist.duration)}   ({_seconds(cutlist)})"),
        ("Record", _span(cutlist, FrameRange(0, cutlist.duration))),
        ("Rate", f"{cutlist.rate.spoken} frames a second{drop}"),
        ("Picture", f"{cutlist.width} x {cutlist.height}"),
        ("Clips", f"{_counted(len(found), 'clip')} of {_counted(masters, 'master')}"),
        ("Tracks", ", ".join(cutlist.tracks)),
        *([] if cutlist.spoken else [("Words", NO_WORDS)]),
    ]


def rows_of(cutlist: CutList) -> list[Row]:
    """Clips, and between them what joins, marks and parts them."""
    found = clips(cutlist)
    said = words_of(cutlist, found)
    placed: list[tuple[int, int, Row]] = [
        (clip.record_range.start, _CLIP, _clip_row(cutlist, number, clip, words))
        for number, (clip, words) in enumerate(zip(found, said, strict=True), 1)
    ]
    placed += [(item.at, _TRANSITION, band) for item, band in _transitions(cutlist)]
    placed += [(each.range.start, _MARKER, _marker(cutlist, each)) for each in cutlist.markers]
    placed += [(gap.start, _GAP, _gap(cutlist, gap)) for gap in gaps_of(cutlist)]
    return [row for _, _, row in sorted(placed, key=lambda item: item[:2])]


def words_of(cutlist: CutList, found: Sequence[Clip]) -> list[list[SpokenWord]]:
    """The words that begin in each clip's sound, every word in one clip only."""
    said: list[list[SpokenWord]] = [[] for _ in found]
    speaking: dict[str, list[int]] = {}
    for number, clip in enumerate(found):
        if clip.sound and clip.event.enabled and clip.event.speed == 1:
            speaking.setdefault(clip.source.asset_id, []).append(number)
    for word in cutlist.spoken:
        for number in speaking.get(word.asset_id, ()):
            if found[number].record_range.contains(word.range.start):
                said[number].append(word)
                break
    return said


def gaps_of(cutlist: CutList) -> list[FrameRange]:
    """Where nothing is seen; in a cut of sound alone, where nothing is heard."""
    events = cutlist.video or cutlist.audio
    gaps, end = [], 0
    for range in sorted(event.record_range for event in events if event.enabled):
        if range.start > end:
            gaps.append(FrameRange(end, range.start))
        end = max(end, range.end)
    if end < cutlist.duration:
        gaps.append(FrameRange(end, cutlist.duration))
    return gaps


# --- clips ----------------------------------------------------------------------------------


def _clip_row(cutlist: CutList, number: int, clip: Clip, words: list[SpokenWord]) -> Row:
    event = clip.event
    told: list[Block] = [Text(shown(event.name or event.source.name), Style.STRONG)]
    told.append(Text(_known(clip), Style.FAINT))
    if event.is_title:
        told += [Text("Title:", Style.FAINT), Text(event.text or "(no words)")]
    told += _said(words)
    if event.reason:
        told.append(Text(f"Why: {event.reason}", Style.ASIDE))
    return (str(number), _picture(cutlist, clip), _times(cutlist, clip), told)


def _known(clip: Clip) -> str:
    event, source = clip.event, clip.source
    tracks = [item.track for item in (clip.picture, *clip.sound) if item]
    parts = [" ".join(dict.fromkeys(tracks))]
    if source.reel:
        parts.append(f"reel {shown(source.reel)}")
    if not event.is_title and event.name and event.name != source.name:
        parts.append(shown(source.name))
    if source.origin == "generated":
        parts.append("generated")
    if speed := speed_in_words(event.speed):
        parts.append(speed)
    if not event.enabled:
        parts.append("disabled: neither seen nor heard")
    if not event.is_title and not source.path:
        parts.append("master offline")
    return " · ".join(parts)


def _picture(cutlist: CutList, clip: Clip) -> Block:
    if clip.picture is None:
        return Text("(sound)", Style.FAINT)
    if clip.picture.is_title:
        return Text("(title)", Style.FAINT)
    if jpeg := cutlist.poster_of(clip.picture):
        return Picture(jpeg, f"The first frame of {clip.event.name or clip.source.name}")
    return Text("(no picture here)", Style.FAINT)


def _times(cutlist: CutList, clip: Clip) -> list[Block]:
    record, chosen = clip.record_range, clip.source_range
    told: list[Block] = [
        Text("Record", Style.FAINT),
        Text(f"{cutlist.record_timecode(record.start)}", Style.CODE),
        Text(f"{cutlist.record_timecode(record.end)}", Style.CODE),
    ]
    if clip.source.kind not in ("title", "still"):
        told += [
            Text("Source", Style.FAINT),
            Text(_source_time(clip.source, chosen.start), Style.CODE),
            Text(_source_time(clip.source, chosen.end), Style.CODE),
        ]
    told.append(Text(f"lasts {_length(cutlist, record.duration)}", Style.FAINT))
    return told


def _source_time(source: Source, frame: int) -> str:
    """Its timecode; of sound alone the clock."""
    if source.kind == "audio":
        return clock(source.rate.seconds(source.start + frame))
    return str(source.timecode(frame))


def _said(words: Iterable[SpokenWord]) -> Iterator[Text]:
    """A paragraph for each turn, by whom it is spoken where that is known."""
    for speaker, turn in groupby(words, key=lambda word: word.speaker):
        said = joined(word.text for word in turn if word.text)
        yield Text(f"{speaker}: “{said}”" if speaker else f"“{said}”")


# --- between clips --------------------------------------------------------------------------


@dataclass(frozen=True)
class _Joined:
    """A transition of several tracks at once."""

    item: Transition
    tracks: tuple[str, ...]


def _transitions(cutlist: CutList) -> Iterator[tuple[Transition, Band]]:
    together: dict[tuple[str, Transition], list[str]] = {}
    for item in cutlist.transitions:
        key = _named(cutlist, item), replace(item, track="")
        together.setdefault(key, []).append(item.track)
    for (name, item), tracks in together.items():
        ordered = sorted(tracks, key=lambda track: (track[0] != "V", int(track[1:])))
        frames = _counted(item.range.duration, "frame")
        text = f"{name} on {' '.join(ordered)}, {frames}: {_span(cutlist, item.range)}"
        yield item, Band(Text(text, Style.FAINT))


def _named(cutlist: CutList, item: Transition) -> str:
    out, into = cutlist.neighbours(item)
    if out is None or into is None:
        return "Fade in" if out is None else "Fade out"
    return f"Wipe (SMPTE {item.wipe})" if item.wipe else _KINDS[item.kind]


def _marker(cutlist: CutList, marker: Marker) -> Band:
    said = " – ".join(part for part in (marker.name, marker.note) if part) or "(no words)"
    place = (
        _span(cutlist, marker.range)
        if marker.range.duration > 1
        else str(cutlist.record_timecode(marker.range.start))
    )
    return Band((Text(f"Marker, {marker.colour.value.lower()}: {place}", Style.FAINT), Text(said)))


def _gap(cutlist: CutList, gap: FrameRange) -> Band:
    what = "Black" if cutlist.video else "Silence"
    lasts = _length(cutlist, gap.duration)
    return Band(Text(f"{what} for {lasts}: {_span(cutlist, gap)}", Style.FAINT))


# --- words for numbers ----------------------------------------------------------------------


def _span(cutlist: CutList, range: FrameRange) -> str:
    return f"{cutlist.record_timecode(range.start)} – {cutlist.record_timecode(range.end)}"


def _length(cutlist: CutList, frames: int) -> str:
    return str(Timecode(frames, cutlist.rate, cutlist.drop_frame))


def _seconds(cutlist: CutList) -> str:
    return f"{clock(cutlist.rate.seconds(cutlist.duration))} of real time"


def _counted(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def unseen(cutlist: CutList) -> Counter[str]:
    """How many clips of each master have no picture here, by the master's asset."""
    return Counter(
        event.source.asset_id for event in _pictured(cutlist) if cutlist.poster_of(event) is None
    )


def _pictured(cutlist: CutList) -> Iterator[Event]:
    return (event for event in cutlist.video if event.source.kind in ("video", "still"))
