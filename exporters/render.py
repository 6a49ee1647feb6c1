"""A timeline as a movie: what of which master stands where. `mam.media` does the work."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

from editing.cutlist import CutList, Event, Source
from editing.selectors import cutlist_of
from exporters.base import Feature, by_track
from exporters.features import FEATURE_WORDS, features_of
from exporters.services import output_check, shown_path, written_whole
from mam.catalog.selectors import assets_get
from mam.errors import BadRequest
from mam.media.render import render
from mam.media.renderplan import AudioPiece, RenderPlan, VideoPiece
from mam.options import Options

SUFFIX = ".mp4"
_NOT_SHOWN = (
    Feature.DISSOLVES, Feature.WIPES, Feature.FADES, Feature.SPEED, Feature.REVERSE, Feature.FREEZE,
    Feature.TITLES,
)  # fmt: skip
_SIZE = re.compile(r"^(\d{1,5})[xX×](\d{1,5})$")
LARGEST = 8192


def timeline_render(
    id_or_name: str,
    output: Path,
    *,
    options: Options,
    size: tuple[int, int] | None = None,
    on_progress: Callable[[float, float], None] | None = None,
) -> RenderPlan:
    """Write the timeline as a movie to `output`; what was rendered.

    `on_progress` gets frames done and frames in all. Raises NotFound, Conflict (a name shared, a
    master in the way), BadRequest (nothing to render, a master offline or changed, no .mp4).
    """
    if output.suffix.lower() != SUFFIX:
        raise BadRequest(f"A render is an mp4: name the output *{SUFFIX}, not {output.name!r}.")
    cutlist = cutlist_of(id_or_name)
    plan = render_plan(cutlist, size)
    output_check(output, [source.path for source in cutlist.sources])
    _masters_check(cutlist)
    with written_whole(output) as temporary:
        render(plan, temporary, options=options, on_progress=on_progress)
    return plan


def parse_size(text: str) -> tuple[int, int]:
    """Read `1920x1080`: even sides of 16 to 8192 pixels. Raises BadRequest."""
    match = _SIZE.match(text.strip())
    width, height = (int(match[1]), int(match[2])) if match else (0, 0)
    if not all(16 <= side <= LARGEST and side % 2 == 0 for side in (width, height)):
        raise BadRequest(
            f"{text!r} is not a picture size: write two even numbers from 16 to {LARGEST},"
            " as 1920x1080."
        )
    return width, height


def render_plan(cutlist: CutList, size: tuple[int, int] | None = None) -> RenderPlan:
    """What to render, at the timeline's rate and exactly its length; disabled clips are not seen.

    Raises BadRequest for an empty cut, one with masters offline (naming them), one whose pictures
    lie on several tracks, or one that holds what a render cannot show.
    """
    length = cutlist.duration
    cutlist = replace(cutlist, events=tuple(one for one in cutlist.events if one.enabled))
    if not cutlist.events:
        raise BadRequest("The timeline is empty: there is nothing to render.")
    offline = [source.name for source in cutlist.sources if not source.path]
    if offline:
        raise BadRequest(
            f"Offline: {', '.join(offline)}. Connect the storage they lie on, ingest them from"
            " where they are now, or take them out of the timeline."
        )
    _shown_check(cutlist)
    width, height = size or (cutlist.width, cutlist.height)
    return RenderPlan(
        rate=cutlist.rate,
        width=width,
        height=height,
        frames=length,
        video=tuple(
            VideoPiece(event.source.path, event.source_range, event.record_range)
            for event in _pictures(cutlist)
        ),
        audio=tuple(_sound(events) for events in _heard_together(cutlist)),
    )


def _shown_check(cutlist: CutList) -> None:
    held = features_of(cutlist)
    lacking = [FEATURE_WORDS[feature][0] for feature in _NOT_SHOWN if feature in held]
    if lacking:
        raise BadRequest(
            f"A render cannot show {', '.join(lacking)} yet: export the cut to an editor, or take"
            " them out."
        )


def _pictures(cutlist: CutList) -> list[Event]:
    tracks = {name: events for name, events in by_track(cutlist).items() if name.startswith("V")}
    if len(tracks) > 1:
        raise BadRequest(
            f"Pictures lie on {len(tracks)} tracks; a render takes one: put them on V1."
        )
    events = next(iter(tracks.values()), [])
    for one, two in pairwise(events):
        if one.record_range.overlaps(two.record_range):
            place = cutlist.record_timecode(two.record_range.start)
            raise BadRequest(f"Two clips overlap at {place}.")
    return events


def _heard_together(cutlist: CutList) -> list[list[Event]]:
    """The channels of each clip: one piece of sound, not one a channel."""
    clips: dict[tuple[object, ...], list[Event]] = {}
    for event in cutlist.audio:
        key = (event.link or event.track, event.source.asset_id, event.source_range)
        clips.setdefault((*key, event.record_range), []).append(event)
    return list(clips.values())


def _sound(events: list[Event]) -> AudioPiece:
    first = events[0]
    return AudioPiece(
        first.source.path, first.source_range, first.record_range, _channels(first.source, events)
    )


def _channels(source: Source, events: list[Event]) -> tuple[int, ...]:
    """The channels heard; none means the source's own mix, which is meant when all are laid."""
    laid = {event.channel for event in events if event.channel is not None}
    if None in {event.channel for event in events} or laid >= set(range(source.channels)):
        return ()
    return tuple(sorted(laid))


def _masters_check(cutlist: CutList) -> None:
    """Before the work, not in the middle of it: every master is there and still the same."""
    assets = assets_get(source.asset_id for source in cutlist.sources)
    wrong = []
    for source in cutlist.sources:
        try:
            size = os.stat(os.fsencode(source.path)).st_size
        except OSError as error:
            wrong.append(f"{shown_path(source.path)} cannot be read ({error.strerror}).")
            continue
        if size != assets[source.asset_id].size:
            wrong.append(
                f"{shown_path(source.path)} has changed since it was ingested: ingest it again."
            )
    if wrong:
        raise BadRequest(" ".join(["The render was not begun.", *wrong]))
