"""Avid log exchange: a log and no cut. Its rows become clips one after another, in its own order,
each as long as what it logs.

A row names its master by tape, name and file, and its frames by `Start` and by `End` (the frame
after) or `Duration`; a row that does not is told and left out, the others are taken.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from editing.incoming import Incoming, IncomingEvent, Reference
from exporters.readers.base import RateUnknown, rate_near, size_check, text_of
from mam.errors import BadRequest
from mam.timing import FrameRange, FrameRate, Timecode

MOST_TRACKS = 64
_LINES = re.compile(r"\r\n|\r|\n")
_TRACK = re.compile(r"(V|A)(\d*)(?:-(\d+))?")
_SPEED = re.compile(r"(-?\d{1,6}(?:\.\d{1,6})?) ?%")
_SECTIONS = ("Heading", "Column", "Data")
# what programs call the same, the most exact first
_TAPES = ("Tape", "Reel", "Reel Name", "Tape Name", "TapeID", "Camroll")
_PATHS = ("UNC Path", "UNC", "Source File Path", "Source Path", "File Path")
_FILES = ("Source File", "Source File Name", "Filename", "File Name")
_SAID = ("Comments", "Comment", "DESCRIPT", "Description")


class AleReader:
    """Reads `.ale`."""

    name = "ale"
    suffixes: tuple[str, ...] = (".ale",)

    def read(self, data: bytes, rate: FrameRate | None) -> Incoming:
        size_check(data)
        return _Log(text_of(data), rate).edit()


@dataclass(frozen=True)
class _Row:
    """One line of the log; `line` is its number in the file. Columns go by their small letters."""

    line: int
    cells: dict[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells.get(column.lower(), "")

    def first(self, columns: tuple[str, ...]) -> str:
        return next((self[column] for column in columns if self[column]), "")

    @property
    def called(self) -> str:
        name = self["Name"] or self.first(_FILES) or self.first(_TAPES)
        return f"Line {self.line}{f' ({name[:80]})' if name else ''}"


class _Log:
    def __init__(self, text: str, rate: FrameRate | None) -> None:
        self.lost: dict[str, None] = {}
        self.heading: dict[str, str] = {}
        self.rows: list[_Row] = []
        self._parse(text)
        self.rate = self._told_rate() or rate
        if self.rate is None:
            raise RateUnknown("This log does not say its frame rate (FPS).")
        self.drops: set[bool] = set()

    def edit(self) -> Incoming:
        assert self.rate is not None
        events: list[IncomingEvent] = []
        at = 0
        for row in self.rows:
            try:
                source = self._range(row, self.rate)
            except BadRequest as error:
                self.lost[f"{row.called} was left out: {error}"] = None
                continue
            speed = self._speed(row)
            lasts = max(1, round(source.duration / abs(speed))) if speed else 1
            record = FrameRange(at, at + lasts)
            laid = list(self._laid(row, source, record, self.rate, speed))
            events += laid
            at = record.end if laid else at
        if not events:
            told = next(iter(self.lost), "")
            raise BadRequest(f"There is no clip in this log. {told}".strip())
        order = "It is a log, not a cut: its clips were laid one after another, in its order."
        return Incoming(
            name="Imported log",
            rate=self.rate,
            start=Timecode.parse("01:00:00:00", self.rate).frames,
            drop_frame=self.rate.can_drop and self.drops == {True},
            events=tuple(events),
            lost=(order, *self.lost),
        )

    def _parse(self, text: str) -> None:
        section, columns = "", list[str]()
        for number, line in enumerate(_LINES.split(text), 1):
            if line.strip() in _SECTIONS:
                section = line.strip()
            elif not line.strip():
                continue
            elif section == "Heading":
                key, _, value = line.partition("\t")
                self.heading[key.strip().upper()] = value.strip()
            elif section == "Column" and not columns:
                columns = [name.strip().lower() for name in line.split("\t")]
            elif section == "Data":
                self._row(number, line, columns)
        if not columns:
            raise BadRequest("There are no columns in it: is it an ALE?")
        if (parted := self.heading.get("FIELD_DELIM", "TABS").upper()) != "TABS":
            raise BadRequest(f"Its fields are separated by {parted[:20]}; only TABS can be read.")

    def _row(self, number: int, line: str, columns: list[str]) -> None:
        cells = [cell.strip() for cell in line.split("\t")]
        if any(cells[len(columns) :]):
            counts = f"{len(cells)} fields for {len(columns)} columns"
            self.lost[f"Line {number} was left out: it has {counts}."] = None
            return
        found: dict[str, str] = {}
        for column, cell in zip(columns, cells, strict=False):
            found[column] = found.get(column) or cell
        self.rows.append(_Row(number, found))

    def _told_rate(self) -> FrameRate | None:
        """The heading's, else that of the first row that says one."""
        for text in (self.heading.get("FPS", ""), *(row["FPS"] for row in self.rows)):
            if re.fullmatch(r"\d{1,3}(\.\d{1,6})?", text) and float(text) > 0:
                return rate_near(float(text))
            if text:
                raise BadRequest(f"{text[:20]!r} is not a frame rate (FPS).")
        return None

    def _range(self, row: _Row, rate: FrameRate) -> FrameRange:
        start = self._frames(row, "Start", rate)
        if start is None:
            raise BadRequest("it has no start timecode.")
        self.drops.add(";" in row["Start"])
        end, length = self._frames(row, "End", rate), self._frames(row, "Duration", rate)
        if end is not None and end < start:  # it runs through midnight
            end += Timecode(0, rate, ";" in row["Start"] and rate.can_drop).frames_a_day
        if end is None and length is not None:
            end = start + length
        if end is None:
            raise BadRequest("it has neither an end nor a duration.")
        if end <= start:
            raise BadRequest("it has no frames.")
        if length is not None and length != end - start:
            self.lost[
                f"{row.called}: {row['Duration']} is not from start to end; those are taken."
            ] = None
        return FrameRange(start, end)

    def _frames(self, row: _Row, column: str, rate: FrameRate) -> int | None:
        text = row[column]
        drop = rate.can_drop and bool(set(";,") & set(text))
        return Timecode.parse(text, rate, drop=drop).frames if text else None

    def _speed(self, row: _Row) -> Fraction:
        """`-50%`, as logs of this house say it; 1 where nothing is said."""
        text = row["Speed"]
        if not text:
            return Fraction(1)
        if found := _SPEED.fullmatch(text):
            return (Fraction(found[1]) / 100).limit_denominator(1000)
        self.lost[f"{row.called}: {text[:20]!r} is no speed in percent: taken at its own."] = None
        return Fraction(1)

    def _laid(
        self,
        row: _Row,
        source: FrameRange,
        record: FrameRange,
        rate: FrameRate,
        speed: Fraction,
    ) -> Iterator[IncomingEvent]:
        tracks = self._tracks(row)
        for track in tracks:
            yield IncomingEvent(
                number=str(row.line),
                track=track,
                reference=_reference(row),
                source=source,
                rate=rate,
                record=record,
                own=_own(row),
                link=str(row.line) if len(tracks) > 1 else "",
                channel=int(track[1:]) - 1 if track[0] == "A" else None,
                speed=speed,
                reason=row.first(_SAID),
            )

    def _tracks(self, row: _Row) -> list[str]:
        """`VA1A2` or `VA1-2`, of the source; a log that says none is of pictures."""
        text = re.sub(r"[\s,/]+", "", row["Tracks"].upper()) or "V"
        found: dict[str, None] = {}
        rest = _TRACK.sub("", text)
        for kind, first, last in _TRACK.findall(text):
            if kind == "V":
                found["V1"] = None
            elif 0 < (low := int(first or 1)) <= (high := int(last or low)) <= MOST_TRACKS:
                found |= {f"A{number}": None for number in range(low, high + 1)}
            else:
                rest += f"A{first}"
        if rest:
            self.lost[f"{row.called}: no tracks are called {rest[:20]!r}."] = None
        return list(found)


def _reference(row: _Row) -> Reference:
    path, file = row.first(_PATHS), row.first(_FILES)
    if path.endswith(("/", "\\")):
        path += file
    return Reference(name=row["Name"] or file, path=path or file, reel=row.first(_TAPES))


def _own(row: _Row) -> FrameRange | None:
    """The master's own frames, which logs of this house give too."""
    first, after = row["First Frame"], row["Frame After"]
    if first.isdecimal() and after.isdecimal() and len(after) < 16 and int(first) < int(after):
        return FrameRange(int(first), int(after))
    return None
