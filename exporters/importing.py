"""An edit comes back, or comes in from another program: read, conformed against the library, saved
as a timeline, and held against the cut that was sent out."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path, PurePath
from typing import IO

from editing.between import Between, between
from editing.comparing import Compared
from editing.conforming import Conformed, conform_edit, evidence, wanted_of
from editing.cutlist import Source
from editing.incoming import Incoming
from editing.naming import returned
from editing.records import TimelineHead
from editing.saving import cutlist_save
from editing.selectors import cutlist_of, source_of, timelines_rows
from editing.services import NAME_LENGTH, timeline_name
from exporters.dialects.edl import titles_meant
from exporters.readers.base import LARGEST, BundleReader, RateUnknown, Reader
from exporters.readers.bounds import edit_read
from exporters.readers.registry import reader_of, reader_of_edit
from exporters.returning import compare_back, way_of
from mam.catalog.locations import shown
from mam.catalog.masters import assets_called
from mam.catalog.selectors import assets_get
from mam.errors import BadRequest
from mam.timing import FrameRate

_HARVESTED = FrameRate.of(120)
"""At this rate every label of a list is one: its names are read before its rate is known."""

_NO_FOOTAGE = "No footage that it names is in the library to take the rate from."


@dataclass(frozen=True)
class Imported:
    """What came in. `timeline` is None where no event of it was found; then `reason` says why.
    `against` is the cut that it was held against, "" where there is none; `between` its gaps and
    transitions that changed. `label` is what people call its format, `notes` what else they should
    know of how it was taken in."""

    edit: Incoming
    conformed: Conformed
    timeline: TimelineHead | None
    against: str = ""
    compared: tuple[Compared, ...] = ()
    between: tuple[Between, ...] = ()
    label: str = ""
    notes: tuple[str, ...] = ()
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
    not tell it, else that of the cut that comes back, else of the masters it means; `against` is a
    timeline, else the newest that bears the edit's name. The new one is `called` so, else by the
    edit's name, numbered where that is taken. Raises BadRequest where it cannot be read, NotFound
    and Conflict."""
    reader = reader_of_edit(name, data)
    called = timeline_name(called) if called else ""
    edit, of_rate = _read(reader, data, rate, against)
    title = edit.name
    edit, of_name = _named(edit, name)
    notes = (*of_rate, *of_name)
    conformed = conform_edit(edit, *_masters(edit))
    again = _again(conformed)
    edit = replace(edit, lost=(*edit.lost, *conformed.lost))
    sent, is_part = (
        (against, False) if against else _namesake(title if title.strip() else edit.name, reader)
    )
    before = cutlist_of(sent) if sent else None
    if not conformed.cutlist.events:
        reason = (
            conformed.unmatched[0].why
            if len(conformed.unmatched) == 1
            else f"None of its {len(edit.events)} events was found in the library."
        )
        reason = f"{reason} {again}".strip()
        return Imported(edit, conformed, None, notes=notes, reason=reason)
    cut = replace(conformed.cutlist, name=called or (returned(edit.name) if is_part else edit.name))
    timeline = cutlist_save(cut, owner_id=owner_id, comes_back=not called)
    notes = (*notes, *([again] if again else []))
    if before is None:
        return Imported(edit, conformed, timeline, notes=notes)
    back = cutlist_of(timeline.id)
    left, compared = compare_back(before, back, reader.name)
    changed = between(left.cut, back, compared, way_of(reader.name))
    return Imported(
        edit, conformed, timeline, before.name, tuple(compared), tuple(changed), left.label, notes
    )


def _named(edit: Incoming, file: str) -> tuple[Incoming, tuple[str, ...]]:
    """The edit under a name that a timeline may have: a file's own may be blank, or a paragraph."""
    name = " ".join(shown(edit.name).replace("\0", "").split())
    if not name:
        name = " ".join(shown(PurePath(file).stem).split())[:NAME_LENGTH] or "Imported edit"
        return replace(edit, name=name), (
            f"The edit has no name: it is named after its file, {name}.",
        )
    if len(shown(edit.name)) > NAME_LENGTH:
        name = name[:NAME_LENGTH].rstrip()
        told = f"The edit's name has {len(edit.name)} characters: its first {len(name)} were taken."
        return replace(edit, name=name), (told,)
    return edit, ()


def _read(
    reader: Reader, data: bytes, rate: FrameRate | None, against: str
) -> tuple[Incoming, tuple[str, ...]]:
    """The edit, and what is to be told of where its rate was taken from."""
    try:
        return edit_read(reader, data, rate), ()
    except RateUnknown as error:
        names = edit_read(reader, data, _HARVESTED)
        masters, waiting = _masters(names)
        sent = against or _namesake(names.name, reader)[0]
        cut = cutlist_of(sent) if sent else None
        used = {source.asset_id for source in cut.sources} if cut else set()
        if cut and any(
            source.asset_id in used and evidence(event.reference, source)
            for event in names.events
            for source in masters
        ):
            return edit_read(reader, data, cut.rate), (_rate_told(cut.rate, f"the cut {cut.name}"),)
        found = _rate_of_masters(names, masters)
        if found is None:
            late = next(iter(conform_edit(names, (), waiting).unmatched), None)
            raise RateUnknown(
                f"{error} {late.why if late and late.waits_for else _NO_FOOTAGE}"
            ) from error
        told = _rate_told(found, "most of the masters that it names")
        return edit_read(reader, data, found), (told,)


def _rate_told(rate: FrameRate, whose: str) -> str:
    return (
        f"The file does not say its frame rate: it was read at {rate.spoken} frames"
        f" a second, the rate of {whose}. If that is wrong, import it with its own."
    )


def _rate_of_masters(edit: Incoming, masters: list[Source]) -> FrameRate | None:
    """That of most masters which its reels, names and paths speak for."""
    counts = Counter(
        source.rate.value
        for event in edit.events
        if event.track[0] == "V"
        for source in masters
        if source.kind == "video" and evidence(event.reference, source)
    )
    return FrameRate(counts.most_common(1)[0][0]) if counts else None


def _masters(edit: Incoming) -> tuple[list[Source], list[Source]]:
    """Assets that the edit may mean, and those of them that wait for their facts."""
    names, reels = wanted_of(edit)
    ids = {event.reference.asset_id for event in edit.events} - {""}
    assets = {asset.id: asset for asset in assets_called(names, reels)}
    assets |= assets_get(ids & _uuids(ids))
    here = [asset for asset in assets.values() if not asset.removed]
    waiting = [
        Source(asset.id, asset.name, asset.path, "", edit.rate, 0)
        for asset in here
        if not asset.facts
    ]
    return [source_of(asset) for asset in here if asset.facts], waiting


def _again(conformed: Conformed) -> str:
    """What to do about events whose masters are not indexed yet, "" where there is none."""
    late = len({item.waits_for for item in conformed.unmatched} - {""})
    if not late:
        return ""
    when = "that file is" if late == 1 else f"those {late} files are"
    return f"Import the edit again when {when} indexed."


def _uuids(ids: set[str]) -> set[str]:
    return {text for text in ids if len(text) == 36 and not set(text) - set("0123456789abcdef-")}


def _namesake(title: str, reader: Reader) -> tuple[str, bool]:
    """The newest timeline of that name, "" where there is none; and whether the title is that of
    one of several files that it left in."""
    titles = titles_meant(title) if reader.name == "edl" else [title]
    for number, name in enumerate(titles):
        known, _ = _named(Incoming(name, _HARVESTED), "")
        row = timelines_rows().filter(name=timeline_name(known.name)).first()
        if row:
            return str(row.pk), number > 0
    return "", False
