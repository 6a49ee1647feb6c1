"""Readers that share no code with the writers: what an event says once it has been read back."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from urllib.parse import unquote_to_bytes

from lxml import etree

_TC = r"(\d\d):(\d\d):(\d\d)([:;])(\d\d)"
_EVENT = re.compile(rf"^(\d+)  (\S+) +(\S+) +C +{_TC} {_TC} {_TC} {_TC}$")
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
class EdlEvent:
    number: str
    reel: str
    tracks: frozenset[str]
    times: tuple[int, int, int, int]  # source in and out, record in and out, since midnight
    marks: tuple[str, str, str, str]  # their separators
    comments: dict[str, str]


def read_edl(text: str, rate: Fraction) -> tuple[str, str, list[EdlEvent]]:
    """Title, FCM and events. Raises AssertionError for any line that is none of an EDL's."""
    title, mode, *lines = text.removesuffix("\n").split("\n")
    assert title.startswith("TITLE: ")
    assert mode in ("FCM: DROP FRAME", "FCM: NON-DROP FRAME")
    assert lines.pop(0) == ""
    blocks: list[list[str]] = []
    for line in lines:
        if _EVENT.match(line):
            blocks.append([line])
        else:
            assert line.startswith(("* ", "AUD  ")), line
            blocks[-1].append(line)
    events = []
    for head, *rest in blocks:
        match = _EVENT.match(head)
        assert match is not None
        fields = match.groups()
        labels = [fields[at : at + 5] for at in (3, 8, 13, 18)]
        tracks = set(_CHANNELS[fields[2]])
        comments = {}
        for line in rest:
            if line.startswith("AUD"):
                tracks |= {f"A{number}" for number in line.split()[1:]}
            else:
                key, _, value = line[2:].partition(": ")
                comments[key] = value
        a, b, c, d = (frames_of(label, rate) for label in labels)
        e, f, g, h = (label[3] for label in labels)
        events.append(
            EdlEvent(fields[0], fields[1], frozenset(tracks), (a, b, c, d), (e, f, g, h), comments)
        )
    return title.removeprefix("TITLE: "), mode.removeprefix("FCM: "), events


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
