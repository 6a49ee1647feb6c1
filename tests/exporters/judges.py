"""Readers that share no code with the writers: what an event says once it has been read back."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from urllib.parse import unquote_to_bytes

from lxml import etree

_TC = r"(\d\d):(\d\d):(\d\d)([:;])(\d\d)"
_EVENT = re.compile(rf"^(\d+)  (\S+) +(\S+) +(C|D|W\d{{3}}) +(\d{{3}})? *{_TC} {_TC} {_TC} {_TC}$")
_MOTION = re.compile(rf"^M2   (\S+) +(-?\d{{3}}\.\d) +{_TC}$")
_LOCATOR = re.compile(rf"^\* LOC: {_TC} ([A-Z]+)(?: +(.*))?$")
_CHANNELS = {
    "V": {"V"},
    "B": {"V", "A1"},
    "A2/V": {"V", "A2"},
    "AA/V": {"V", "A1", "A2"},
    "A": {"A1"},
    "A2": {"A2"},
    "AA": {"A1", "A2"},
    "NONE": set(),
}


def counted(rate: Fraction) -> int:
    return int(rate + Fraction(1, 2))


def frames_of(groups: tuple[str, ...], rate: Fraction) -> int:
    """Frames since midnight of a label, by its own separator; SMPTE ST 12-1 by the book."""
    hours, minutes, seconds, frames = (int(groups[at]) for at in (0, 1, 2, 4))
    label = ((hours * 60 + minutes) * 60 + seconds) * counted(rate) + frames
    if groups[3] == ":":
        return label
    skipped = {30: 2, 60: 4}[counted(rate)]
    return label - skipped * (60 * hours + minutes - 6 * hours - minutes // 10)


@dataclass(frozen=True)
class EdlLine:
    """One event line: times are source in and out, record in and out, since midnight."""

    reel: str
    effect: str
    length: int
    times: tuple[int, int, int, int]
    marks: tuple[str, str, str, str]  # their separators


@dataclass(frozen=True)
class EdlEvent:
    """What stands under one number; `motion` is reel, frames a second (exact, where
    SPEED says so) and first frame shown."""

    number: str
    tracks: frozenset[str]
    lines: tuple[EdlLine, ...]
    comments: dict[str, str]
    files: tuple[str, ...]
    motion: tuple[tuple[str, Fraction, int], ...]
    locators: tuple[tuple[int, str, str], ...]
    held: bool

    @property
    def coming(self) -> EdlLine:
        return self.lines[-1]

    @property
    def reel(self) -> str:
        return self.coming.reel

    @property
    def times(self) -> tuple[int, int, int, int]:
        return self.coming.times

    @property
    def marks(self) -> tuple[str, str, str, str]:
        return self.coming.marks


def read_edl(text: str, rate: Fraction) -> tuple[str, str, list[EdlEvent]]:
    """Title, FCM and events. Raises AssertionError for any line that is none of an EDL's."""
    title, mode, *lines = text.removesuffix("\n").split("\n")
    assert title.startswith("TITLE: ")
    assert mode in ("FCM: DROP FRAME", "FCM: NON-DROP FRAME")
    assert lines.pop(0) == ""
    blocks: list[list[str]] = []
    for line in lines:
        if match := _EVENT.match(line):
            number = match[1]
            if match[4] != "C":  # the second line of a transition
                assert blocks[-1][0].startswith(f"{number}  ")
                blocks[-1].append(line)
            else:
                blocks.append([line])
        else:
            assert line.startswith(("* ", "AUD  ", "M2   ")), line
            blocks[-1].append(line)
    events = [_edl_event(block, rate) for block in blocks]
    return title.removeprefix("TITLE: "), mode.removeprefix("FCM: "), events


def _edl_event(block: list[str], rate: Fraction) -> EdlEvent:
    lines, files, motion, locators, held = [], [], [], [], False
    comments: dict[str, str] = {}
    channels, tracks = set(), set()
    number = ""
    for line in block:
        if match := _EVENT.match(line):
            fields = match.groups()
            number, reel, column, effect, length = fields[:5]
            labels = [fields[at : at + 5] for at in (5, 10, 15, 20)]
            a, b, c, d = (frames_of(label, rate) for label in labels)
            e, f, g, h = (label[3] for label in labels)
            lines.append(EdlLine(reel, effect, int(length or 0), (a, b, c, d), (e, f, g, h)))
            channels.add(column)
            tracks |= _CHANNELS[column]
        elif line.startswith("AUD"):
            tracks |= {f"A{number}" for number in line.split()[1:]}
        elif match := _MOTION.match(line):
            motion.append((match[1], Fraction(match[2]), frames_of(match.groups()[2:7], rate)))
        elif match := _LOCATOR.match(line):
            locators.append((frames_of(match.groups()[:5], rate), match[6], match[7] or ""))
        elif line == "* * FREEZE FRAME":
            held = True
        else:
            assert line.startswith("* "), line
            key, _, value = line[2:].partition(": ")
            if key == "SOURCE FILE":
                files.append(value)
            if key == "SPEED":  # of the M2 line above it
                reel, fps, first = motion[-1]
                exact = Fraction(value) * rate
                assert abs(exact - fps) <= Fraction(1, 20)
                motion[-1] = (reel, exact, first)
            comments[key] = value
    assert len(channels) == 1, "both lines of a transition are of the same channels"
    return EdlEvent(
        number,
        frozenset(tracks),
        tuple(lines),
        comments,
        tuple(files),
        tuple(motion),
        tuple(locators),
        held,
    )


def xml(data: bytes) -> etree._Element:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)
    return etree.fromstring(data, parser)


def text_of(element: etree._Element, path: str) -> str:
    found = element.find(path)
    assert found is not None, f"no {path} in {etree.tostring(element)!r}"
    return found.text or ""


def attribute(element: etree._Element, name: str) -> str:
    value = element.get(name)
    assert isinstance(value, str), f"no {name} in {etree.tostring(element)!r}"
    return value


def path_of(url: str) -> bytes:
    """The bytes of the path in a file URL."""
    assert url.startswith("file://") and url.isascii()
    return unquote_to_bytes(re.sub(r"^file://[^/]*", "", url))


def time_of(text: str) -> Fraction:
    """`1001/30000s` as a Fraction, held to FCPXML's 64-bit numerator and 32-bit denominator."""
    assert re.fullmatch(r"-?\d+(/\d+)?s", text), text
    time = Fraction(text.removesuffix("s"))
    assert abs(time.numerator) < 2**63 and time.denominator < 2**32
    return time


@dataclass(frozen=True)
class Shown:
    """One element of a story: asset, what of it plays ("V" or a channel from 1), where, what."""

    asset: str
    what: str
    record_start: Fraction  # seconds from the sequence's own start
    record_length: Fraction
    source_start: Fraction  # seconds on the asset's clock from its first frame
    lane: int


def read_fcpxml(data: bytes) -> tuple[etree._Element, list[Shown]]:
    root = xml(data)
    assets = {asset.get("id"): asset for asset in root.iter("asset")}
    sequence = next(root.iter("sequence"))
    start = time_of(sequence.get("tcStart") or "0s")
    spine = sequence.find("spine")
    assert spine is not None
    shown: list[Shown] = []
    end = start
    for element in spine:
        offset = time_of(attribute(element, "offset"))
        assert offset == end, "the spine has no holes and no overlaps"
        end = offset + time_of(attribute(element, "duration"))
        shown += _shown(element, offset - start, assets)
        begin = time_of(element.get("start", "0s"))
        for child in element:
            if child.get("lane"):
                place = offset - start + time_of(attribute(child, "offset")) - begin
                shown += _shown(child, place, assets)
    assert end - start == time_of(sequence.get("duration") or "")
    return root, shown


def _shown(
    element: etree._Element, place: Fraction, assets: dict[str | None, etree._Element]
) -> list[Shown]:
    if element.tag == "gap":
        return []
    asset = assets[element.get("ref")]
    length = time_of(attribute(element, "duration"))
    begin = time_of(element.get("start", "0s")) - time_of(attribute(asset, "start"))
    plays = element.get("srcEnable", "all")
    what = ["V"] if asset.get("hasVideo") and plays != "audio" else []
    if asset.get("hasAudio") and plays != "video" and element.tag == "asset-clip":
        listed = element.findall("audio-channel-source")
        what += [str(each.get("srcCh")) for each in listed if each.get("active") != "0"]
        if not listed:
            what += [str(at + 1) for at in range(int(attribute(asset, "audioChannels")))]
    lane = int(element.get("lane", "0"))
    return [Shown(attribute(asset, "id"), each, place, length, begin, lane) for each in what]
