"""OpenTimelineIO's own format (`.otio`), written by OpenTimelineIO.

`source_range` starts at the source's own rate and timecode. OTIO lays clips one after another by
their durations and knows no record position, so a duration that the source's frames cannot say
exactly (25 in 24, samples) is given in whole frames of the timeline: otherwise every clip after it
would slip. The exact source range then still stands in the clip's metadata.

A changed speed is a LinearTimeWarp, whose clip keeps its length in the timeline (as OTIO's own
readers say it): `source_range` starts on the first frame of what is shown and lasts as long as the
clip does; backwards that stretch is played from its end. A fade is a transition that has a gap, or
nothing, on its other side.

Metadata under `mam` is for our own way back; `Resolve_OTIO` is what Resolve reads for links and
channels, as its own exports write it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import opentimelineio as otio

from editing.cutlist import CutList, Event, Marker, Source, Transition, TransitionKind
from exporters.base import (
    ExportedFile,
    ExportOptions,
    Feature,
    Report,
    by_track,
    pace,
    shown,
)
from exporters.dialects.dialect import CutDialect, text_file
from exporters.paths import file_url
from mam.timing import FrameRate

_WIPE = "SMPTE_Wipe"  # as OpenTimelineIO's EDL reader names it; which one is in the metadata


class Otio(CutDialect):
    """OpenTimelineIO."""

    name = "otio"
    label = "OpenTimelineIO (Resolve and others)"
    suffix = ".otio"
    media_type = "application/vnd.opentimelineio+json"

    carries = frozenset(
        {
            Feature.TRACKS, Feature.SOUND, Feature.LINKS, Feature.CHANNELS, Feature.DISSOLVES,
            Feature.WIPES, Feature.FADES, Feature.SPEED, Feature.REVERSE, Feature.FREEZE,
            Feature.STILLS, Feature.TITLES, Feature.MARKERS, Feature.DISABLED, Feature.GENERATED,
            Feature.REASONS,
        }
    )  # fmt: skip

    def files(
        self, cutlist: CutList, options: ExportOptions, report: Report
    ) -> Iterable[ExportedFile]:
        writer = _Writer(cutlist, options, report)
        text: str = writer.timeline().to_json_string(indent=2)
        return (text_file(text + "\n"),)


class _Writer:
    def __init__(self, cutlist: CutList, options: ExportOptions, report: Report) -> None:
        self.cutlist = cutlist
        self.options = options
        self.report = report
        self.rate = float(cutlist.rate.value)
        links: dict[str, int] = {}
        for event in cutlist.events:
            if event.link:
                links.setdefault(event.link, len(links) + 1)
        self.links = links
        # made once a source and cloned: filling in metadata is what takes time
        self.references = {source.asset_id: self._reference(source) for source in cutlist.sources}

    def timeline(self) -> otio.schema.Timeline:
        cut = self.cutlist
        timeline = otio.schema.Timeline(
            name=shown(cut.name),
            global_start_time=otio.opentime.RationalTime(cut.start, self.rate),
            metadata={
                "mam": {
                    "rate": str(cut.rate),
                    "drop_frame": cut.drop_frame,
                    "width": cut.width,
                    "height": cut.height,
                },
                "Resolve_OTIO": {"Resolve OTIO Meta Version": "1.0"},
            },
        )
        for name, events in by_track(cut).items():
            timeline.tracks.append(self._track(name, events))
        timeline.tracks.markers.extend(self._marker(marker) for marker in cut.markers)
        return timeline

    def _track(self, name: str, events: list[Event]) -> otio.schema.Track:
        is_video = name.startswith("V")
        track = otio.schema.Track(
            name=name,
            kind=otio.schema.TrackKind.Video if is_video else otio.schema.TrackKind.Audio,
            metadata={} if is_video else {"Resolve_OTIO": {"Audio Type": "Mono"}},
        )
        transitions = {item.at: item for item in self.cutlist.transitions if item.track == name}
        children, end = [], 0
        for event in events:
            place = event.record_range
            if end and place.start > end and end in transitions:
                children.append(self._transition(transitions[end]))  # out, into the hole
            if place.start > end:
                hole = self._range(0, self.rate, place.start - end)
                children.append(otio.schema.Gap(source_range=hole))
            if place.start in transitions:
                children.append(self._transition(transitions[place.start]))
            children.append(self._clip(event))
            end = place.end
        if end in transitions:
            children.append(self._transition(transitions[end]))
        track.extend(children)
        return track

    def _transition(self, item: Transition) -> otio.schema.Transition:
        is_wipe = item.kind is TransitionKind.WIPE
        return otio.schema.Transition(
            name=f"SMPTE wipe {item.wipe}" if is_wipe else "Cross Dissolve",
            transition_type=_WIPE if is_wipe else otio.schema.TransitionTypes.SMPTE_Dissolve,
            in_offset=otio.opentime.RationalTime(item.before, self.rate),
            out_offset=otio.opentime.RationalTime(item.after, self.rate),
            metadata={"mam": {"kind": str(item.kind), "wipe": item.wipe}} if is_wipe else {},
        )

    def _marker(self, marker: Marker) -> otio.schema.Marker:
        return otio.schema.Marker(
            name=shown(marker.name),
            marked_range=self._range(marker.range.start, self.rate, marker.range.duration),
            color=str(marker.colour),
            comment=_told(marker.note),
        )

    def _clip(self, event: Event) -> otio.schema.Clip:
        source = event.source
        clip = otio.schema.Clip(
            name=shown(event.name or source.name),
            media_reference=self._title(event)
            if event.is_title
            else self.references[source.asset_id].clone(),
            source_range=self._source_range(event),
            metadata=self._clip_metadata(event),
        )
        clip.enabled = event.enabled
        if event.speed == 0:
            clip.effects.append(otio.schema.FreezeFrame("Freeze"))
        elif event.speed != 1:
            clip.effects.append(otio.schema.LinearTimeWarp("Speed", float(event.speed)))
        return clip

    def _title(self, event: Event) -> otio.schema.GeneratorReference:
        return otio.schema.GeneratorReference(
            name=shown(event.name or event.source.name),
            generator_kind="Title",
            available_range=self._range(0, self.rate, event.record_range.duration),
            parameters={"text": _told(event.text)},
        )

    def _source_range(self, event: Event) -> otio.opentime.TimeRange:
        source, chosen, placed = event.source, event.source_range, event.record_range
        if source.kind in ("still", "title"):
            return self._range(0, self.rate, placed.duration)
        rate = float(source.rate.value)
        if _lasts_exactly(event, self.cutlist.rate):
            frames = placed.duration if event.speed != 1 else chosen.duration
            return self._range(source.start + chosen.start, rate, frames)
        if source.kind == "video":
            self.report.add(
                "source-rate",
                f"{shown(source.name)} runs at {pace(source)}, the timeline at "
                f"{self.cutlist.rate.spoken}: its clips start on their own frame and last "
                "whole timeline frames; the exact source range stands in their metadata.",
            )
        start = otio.opentime.RationalTime(source.start + chosen.start, rate)
        return otio.opentime.TimeRange(
            start, otio.opentime.RationalTime(placed.duration, self.rate)
        )

    def _reference(self, source: Source) -> otio.core.MediaReference:
        name = shown(source.name)
        available = None
        if source.kind != "still":
            available = self._range(source.start, float(source.rate.value), source.duration)
        metadata = {"mam": _source_metadata(source)}
        if not source.path:
            return otio.schema.MissingReference(
                name=name, available_range=available, metadata=metadata
            )
        reference = otio.schema.ExternalReference(
            target_url=file_url(self.options.paths.apply(source.path)),
            available_range=available,
            metadata=metadata,
        )
        reference.name = name
        return reference

    def _clip_metadata(self, event: Event) -> dict[str, object]:
        chosen = event.source_range
        mam: dict[str, object] = {
            "source_in": chosen.start,
            "source_out": chosen.end,
            "source_rate": str(event.source.rate),
        }
        if event.speed != 1:
            mam["speed"] = str(event.speed)
        resolve: dict[str, object] = {}
        if event.link:
            mam["link"] = shown(event.link)
            resolve["Link Group ID"] = self.links[event.link]
        if event.reason:
            mam["reason"] = shown(event.reason)
        if not event.is_video:
            channel = event.channel or 0
            stream, within = _place(event.source, channel)
            mam["channel"] = channel
            resolve["Channels"] = [{"Source Channel ID": within, "Source Track ID": stream}]
        metadata: dict[str, object] = {"mam": mam}
        if resolve:
            metadata["Resolve_OTIO"] = resolve
        if event.source.reel:
            metadata["reel"] = shown(event.source.reel)
        return metadata

    def _range(self, start: int, rate: float, duration: int) -> otio.opentime.TimeRange:
        return otio.opentime.TimeRange(
            otio.opentime.RationalTime(start, rate), otio.opentime.RationalTime(duration, rate)
        )


def _told(text: str) -> str:
    """What a person wrote at length: its lines stay lines."""
    return "\n".join(shown(line) for line in text.splitlines())


def _lasts_exactly(event: Event, rate: FrameRate) -> bool:
    """True where the clip's length in the timeline is whole frames of its source as well."""
    source, record = event.source.rate.value, rate.value
    if event.speed != 1:
        return source == record
    if source == record:
        return event.source_range.duration == event.record_range.duration
    return event.source_range.duration * record == event.record_range.duration * source


def _place(source: Source, channel: int) -> tuple[int, int]:
    """The ordinal of the sound stream that holds a channel of the source, and its place there."""
    for ordinal, stream in enumerate(source.audio):
        if channel < stream.channels:
            return ordinal, channel
        channel -= stream.channels
    return 0, channel


def _source_metadata(source: Source) -> Mapping[str, object]:
    return {
        "asset_id": source.asset_id,
        "content_hash": source.content_hash,
        "kind": source.kind,
        "origin": source.origin,
        "rate": str(source.rate),
        "start": source.start,
        "drop_frame": source.drop_frame,
        "reel": shown(source.reel),
        "width": source.width,
        "height": source.height,
        "pixel_aspect": str(source.pixel_aspect),
        "audio": [
            {"channels": stream.channels, "sample_rate": stream.sample_rate}
            for stream in source.audio
        ],
    }
