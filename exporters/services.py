"""A timeline leaves the house: resolved, written in a dialect, laid where it harms nothing."""

from __future__ import annotations

import os
import secrets
import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

from editing.cutlist import CutList
from exporters.base import Exported, Exporter, ExportOptions, Want
from exporters.leaving import cut_leaving
from exporters.posters import posters_of
from exporters.registry import exporter
from mam.catalog.selectors import asset_get, asset_ids_at
from mam.errors import BadRequest, Conflict

REPORT_SUFFIX = ".report.txt"
NAME_LENGTH = 120

_DEVICES = {"CON", "PRN", "AUX", "NUL", *(f"{n}{d}" for n in ("COM", "LPT") for d in range(1, 10))}
"""Windows makes no file of such a name, whatever its ending."""


@dataclass(frozen=True)
class Export:
    """A timeline in one dialect."""

    cutlist: CutList
    dialect: Exporter
    exported: Exported

    @property
    def stem(self) -> str:
        """The timeline's name as a file name on any system."""
        return file_stem(self.cutlist.name)

    def named(self) -> list[tuple[str, bytes]]:
        """Every file with its name, what was not carried last."""
        output = Path(self.stem + self.dialect.suffix)
        files = [(file.beside(output).name, file.data) for file in self.exported.files]
        if report := self.exported.report_text():
            files.append((output.name + REPORT_SUFFIX, report.encode()))
        return files

    def zipped(self) -> bytes:
        """All files in one, for those who can take only one."""
        buffer = BytesIO()
        with ZipFile(buffer, "w", ZIP_DEFLATED) as archive:
            for name, data in self.named():
                archive.writestr(name, data)
        return buffer.getvalue()


def timeline_export(id_or_name: str, dialect: str, options: ExportOptions | None = None) -> Export:
    """The timeline in that dialect. Raises NotFound, Conflict (name), BadRequest."""
    writer = exporter(dialect)
    options = options or ExportOptions()
    cutlist = cut_leaving(id_or_name, options.reasons, spoken=Want.WORDS in writer.wants)
    if Want.POSTERS in writer.wants:
        cutlist = replace(cutlist, posters=posters_of(cutlist))
    return Export(cutlist, writer, writer.write(cutlist, options))


def export_write(export: Export, output: Path) -> list[Path]:
    """Write every file beside `output`, each whole or not at all; the paths that were written.

    What the dialect could not carry stands in `OUTPUT.report.txt`; an old one of that name is
    taken away when all was carried. Raises BadRequest, Conflict (a master lies there).
    """
    masters = [source.path for source in export.cutlist.sources]
    output_check(output, masters)
    report = output.with_name(output.name + REPORT_SUFFIX)
    wanted = [(file.beside(output), file.data) for file in export.exported.files]
    if text := export.exported.report_text():
        wanted.append((report, text.encode()))
    for path, _ in wanted:
        output_check(path, masters)
    for path, data in wanted:
        with written_whole(path) as temporary:
            temporary.write_bytes(data)
    if not text and report.is_file() and not asset_ids_at(os.fsencode(os.path.abspath(report))):
        report.unlink()
    return [path for path, _ in wanted]


def output_check(path: Path, masters: Iterable[str] = ()) -> None:
    """Raises Conflict where a master lies (or lay) at `path`, BadRequest where no file can be."""
    if str(path) == "-":
        raise BadRequest("Name the file to write: nothing is written to standard output.")
    absolute = os.path.abspath(path)
    if os.path.isdir(absolute):
        raise BadRequest(f"{shown_path(path)} is a folder: name the file to write.")
    if os.path.exists(absolute) and not os.path.isfile(absolute):
        # What is written takes its place whole: /dev/null would be a file from then on.
        raise BadRequest(f"{shown_path(path)} is no ordinary file: name another to write.")
    folder = os.path.dirname(absolute)
    if not os.path.isdir(folder):
        raise BadRequest(f"There is no folder {shown_path(folder)}: make it first.")
    places = {absolute, os.path.realpath(absolute)}
    places.add(os.path.join(os.path.realpath(folder), os.path.basename(absolute)))
    owners = [asset_id for place in places for asset_id in asset_ids_at(os.fsencode(place))]
    if owners:
        raise Conflict(
            f"{shown_path(path)} is the master {asset_get(owners[0]).name}: masters are never"
            " written to; choose another name."
        )
    for master in masters:
        if master and os.path.exists(absolute) and _same_file(absolute, master):
            raise Conflict(f"{shown_path(path)} is a master of this cut; choose another name.")


@contextmanager
def written_whole(path: Path) -> Iterator[Path]:
    """A temporary file beside `path` that takes its place when all went well, else goes away."""
    temporary = path.with_name(f".{secrets.token_hex(8)}.part{path.suffix}")
    try:
        yield temporary
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def file_stem(name: str) -> str:
    """A name without what file systems, shells or a listing stumble over; never empty."""
    kept = "".join(
        " " if unicodedata.category(char)[0] in "CZ" else "_" if char in '/\\:*?"<>|' else char
        for char in name
    )
    stem = " ".join(kept.split()).strip(". ")
    while len(stem.encode()) > NAME_LENGTH:
        stem = stem[:-1].rstrip(". ")
    if stem.partition(".")[0].rstrip().upper() in _DEVICES:
        stem = f"{stem}_" if "." not in stem else f"_{stem}"
    return stem or "timeline"


def shown_path(path: Path | str) -> str:
    r"""A path on one line of UTF-8: what cannot be shown as `\x…`."""
    text = os.fsencode(path).decode("utf-8", "backslashreplace")
    return text if text.isprintable() else text.encode("unicode_escape").decode()


def _same_file(one: str, other: str) -> bool:
    try:
        return os.path.samefile(one, other)
    except OSError:
        return False
