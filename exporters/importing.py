"""An edit comes back, or comes in from another program: read, conformed against the library, saved
as a timeline, and held against the cut that was sent out."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO

from editing.comparing import Compared, compare
from editing.conforming import Conformed, conform_edit, evidence, wanted_of
from editing.cutlist import Source
from editing.incoming import Incoming
from editing.records import TimelineHead
from editing.saving import cutlist_save
from editing.selectors import cutlist_of, source_of, timelines_rows
from editing.services import timeline_name
from exporters.readers.base import LARGEST, BundleReader, RateUnknown, Reader
from exporters.readers.registry import reader_of, reader_of_edit
from mam.catalog.masters import assets_called
from mam.catalog.selectors import assets_get
from mam.errors import BadRequest
from mam.timing import FrameRate

_HARVESTED = FrameRate.of(120)
"""At this rate every label of a list is one: its names are read before its rate is known."""


@dataclass(frozen=True)
class Imported:
    """What came in. `timeline` is None where no event of it was found; then `reason` says why.
    `against` is the cut that it was held against, "" where there is none."""

    edit: Incoming
    conformed: Conformed
    timeline: TimelineHead | None
    against: str = ""
    compared: tuple[Compared, ...] = ()
    reason: str = ""


def file_read(path: Path) -> bytes:
    """What is to be imported of a file. Raises BadRequest where it is none."""
    try:
        with path.open("rb") as file:
            return edit_bytes(path.name, file)
    except OSError as error:
        raise BadRequest(f"{path.name} cannot be read: {error.strerror}.") from error


def edit_bytes(name: str, file: IO[bytes]) -> bytes:
    """The edit in a file of that name, no more of it than is imported: of a bundle, which may be
    as large as its media, the edit alone. Raises BadRequest."""
    reader = reader_of(name)
    return reader.edit_in(file) if isinstance(reader, BundleReader) else file.read(LARGEST + 1)


def edit_import(
    name: str,
    data: bytes,
    *,
    rate: FrameRate | None = None,
    against: str = "",
    called: str = "",
    owner_id: int | None = None,
) -> Imported:
    """The edit in `data`, of a file called `name`, as a new timeline. `rate` where the format does
    not tell it, else that of the masters it means; `against` is a timeline, else the newest that
    bears the edit's name. The new one is `called` so, else by the edit's name, numbered where that
    is taken. Raises BadRequest where it cannot be read, NotFound and Conflict."""
    edit = _read(reader_of_edit(name, data), data, rate)
    masters = _masters(edit)
    conformed = conform_edit(edit, masters)
    sent = against or _namesake(edit.name)
    before = cutlist_of(sent) if sent else None
    if not conformed.cutlist.events:
        reason = (
            conformed.unmatched[0].why
            if len(conformed.unmatched) == 1
            else f"None of its {len(edit.events)} events was found in the library."
        )
        return Imported(edit, conformed, None, reason=reason)
    cut = replace(conformed.cutlist, name=called or conformed.cutlist.name)
    timeline = cutlist_save(cut, owner_id=owner_id, comes_back=not called)
    if before is None:
        return Imported(edit, conformed, timeline)
    compared = tuple(compare(before, cutlist_of(timeline.id)))
    return Imported(edit, conformed, timeline, before.name, compared)


def _read(reader: Reader, data: bytes, rate: FrameRate | None) -> Incoming:
    try:
        return reader.read(data, rate)
    except RateUnknown:
        found = _rate_of_masters(reader.read(data, _HARVESTED))
        if found is None:
            raise
        return reader.read(data, found)


def _rate_of_masters(edit: Incoming) -> FrameRate | None:
    """That of most masters which its reels, names and paths speak for."""
    masters = _masters(edit)
    counts = Counter(
        source.rate.value
        for event in edit.events
        if event.track[0] == "V"
        for source in masters
        if source.kind == "video" and evidence(event.reference, source)
    )
    return FrameRate(counts.most_common(1)[0][0]) if counts else None


def _masters(edit: Incoming) -> list[Source]:
    names, reels = wanted_of(edit)
    ids = {event.reference.asset_id for event in edit.events} - {""}
    assets = {asset.id: asset for asset in assets_called(names, reels)}
    assets |= assets_get(ids & _uuids(ids))
    return [source_of(asset) for asset in assets.values() if asset.facts and not asset.removed]


def _uuids(ids: set[str]) -> set[str]:
    return {text for text in ids if len(text) == 36 and not set(text) - set("0123456789abcdef-")}


def _namesake(name: str) -> str:
    row = timelines_rows().filter(name=timeline_name(name)).first()
    return str(row.pk) if row else ""
