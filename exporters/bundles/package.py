"""A package: all that somebody elsewhere needs to go on with a cut, in one folder of a zip.

The edit in one of the formats that editors take, its paths told from where it lies; the media; the
captions, where anybody speaks; what the format could not carry; and a README of what is where.
"""

from __future__ import annotations

from pathlib import Path

from editing.cutlist import CutList, Source
from exporters.base import Exporter, Note, Option, Report, shown
from exporters.bundles.base import (
    MEDIA,
    REPORT,
    BundleOptions,
    Media,
    Packed,
    Piece,
    with_report,
)
from exporters.dialects.edl import Edl
from exporters.dialects.fcpxml import Fcpxml
from exporters.dialects.mlt import Mlt
from exporters.dialects.otio import Otio
from exporters.dialects.srt import Srt
from exporters.dialects.xmeml import Xmeml
from mam.errors import BadRequest

README = "README.txt"
_DIALECTS: tuple[Exporter, ...] = (Xmeml(), Fcpxml(), Otio(), Edl(), Mlt())
EDITS = {each.name: each for each in _DIALECTS}
"""The formats that a package may hold its cut in: their paths can lead into the package."""
_MEDIA_ARE = {
    Media.MASTERS: "the masters, byte for byte",
    Media.PROXIES: "proxies: H.264 and one stereo mix (AAC), frame for frame with the masters and"
    " with their timecode; stills are the masters",
    Media.TRIMMED: "what the cut uses of the masters, with {handles} of handles: every frame as in"
    " the master, with its source timecode. ProRes, DNxHD, CineForm, DV and v210 are copied, all"
    " else is ProRes 422 HQ (4444 where there is alpha, RGB or full colour); sound is PCM{checked}",
}


class Package:
    """A zip of edit, media, captions and report."""

    name = "package"
    label = "Package (edit, media, captions)"
    suffix = ".zip"
    media_type = "application/zip"
    speaks = True

    def taken(self, edit: str) -> frozenset[Option]:
        of_the_edit = edit_of(edit).takes - {Option.MAP}  # all paths lead into the package
        return of_the_edit | {Option.MEDIA, Option.HANDLES, Option.EDIT, Option.REASONS}

    def pack(
        self, stem: str, cutlist: CutList, pieces: tuple[Piece, ...], options: BundleOptions
    ) -> Packed:
        dialect = edit_of(options.edit)
        output = Path(stem + dialect.suffix)
        written = dialect.write(cutlist, options.export)
        files = [(file.beside(output).name, file.data) for file in written.files]
        edits = [name for name, _ in files]
        notes = [*written.report, *_mixed(pieces)]
        captions = ""
        if cutlist.spoken:
            said = Srt().write(cutlist, options.export)
            captions = stem + Srt.suffix
            files.append((captions, said.files[0].data))
            notes += said.report
        report = tuple(dict.fromkeys(notes))
        files.append((README, _readme(cutlist, pieces, options, edits, captions, report).encode()))
        return Packed(with_report(files, report), report, root=f"{stem}/")


def edit_of(name: str) -> Exporter:
    """Raises BadRequest, naming those there are."""
    if name not in EDITS:
        raise BadRequest(f"A package holds its cut as {', '.join(EDITS)}, not as {name[:20]!r}.")
    return EDITS[name]


def _mixed(pieces: tuple[Piece, ...]) -> tuple[Note, ...]:
    report = Report()
    for piece in pieces:
        if piece.laid.channels < piece.source.channels:
            report.add(
                "channels",
                f"{shown(piece.source.name)} has {piece.source.channels} channels of sound, its"
                f" proxy one mix in {piece.laid.channels}: the clips of each channel play that mix,"
                " until they are relinked to the master.",
            )
    return report.notes


def _readme(
    cutlist: CutList,
    pieces: tuple[Piece, ...],
    options: BundleOptions,
    edits: list[str],
    captions: str,
    report: tuple[Note, ...],
) -> str:
    amount = options.handles
    handles = f"{float(amount.amount):g} {'s' if amount.in_seconds else 'frames'}"
    checked = ", of masters that were held against their hashes" if options.verify else ""
    dialect = edit_of(options.edit)
    lines = [
        shown(cutlist.name),
        f"{cutlist.record_timecode(0)} to {cutlist.record_timecode(cutlist.duration)},"
        f" {cutlist.rate.spoken} frames a second",
        "",
        "What is where",
        *(f"  {name}: the cut, {dialect.label}" for name in edits),
        f"  {MEDIA}/: {_MEDIA_ARE[options.media].format(handles=handles, checked=checked)}",
        *([f"  {captions}: captions of what is said"] if captions else []),
        *([f"  {REPORT}: what the format of the cut could not carry"] if report else []),
        "",
        f"Unpack all of it, keep {MEDIA} beside the cut, and import the cut. A program that asks"
        " where",
        f"the media are is shown the folder {MEDIA} once: it finds the others by their names.",
        "",
        "Media (first and last frame in source timecode, reel, the name in the library)",
        *(_told(piece) for piece in pieces),
        "",
    ]
    return "\r\n".join(lines)


def _told(piece: Piece) -> str:
    laid, parts = piece.laid, [f"  {piece.laid.name}"]
    if laid.kind == "video":
        parts.append(f"{laid.timecode(0)} to {laid.timecode(laid.duration - 1)}")
    if laid.kind == "audio":
        parts.append(f"{_clock(laid, 0)} to {_clock(laid, laid.duration)}")
    parts += [shown(text) for text in (laid.reel, piece.source.name) if text]
    return ", ".join(parts)


def _clock(source: Source, sample: int) -> str:
    """When a sample was recorded, as Broadcast Wave counts it."""
    seconds = source.rate.seconds(source.start + sample)
    whole = int(seconds)
    clock = f"{whole // 3600:02d}:{whole // 60 % 60:02d}:{whole % 60:02d}"
    return f"{clock}.{int((seconds - whole) * 1000):03d}"
