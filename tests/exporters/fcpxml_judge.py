"""All of an FCPXML's story by a walk of its own: clips, maps, storylines, transitions, markers."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction

from lxml import etree

from tests.exporters.judges import attribute, text_of, time_of, xml


@dataclass(frozen=True)
class Played:
    """A clip: asset, "V" or a channel from 1, where, what of its asset at its start, how."""

    asset: str
    what: str
    at: Fraction
    length: Fraction
    value: Fraction  # on the asset's clock
    speed: Fraction
    enabled: bool
    text: str


@dataclass(frozen=True)
class Joined:
    lane: int
    at: Fraction
    before: Fraction
    after: Fraction
    name: str
    pictures: bool
    sounds: bool


@dataclass
class Told:
    played: set[Played] = field(default_factory=set)
    joined: set[Joined] = field(default_factory=set)
    markers: list[tuple[Fraction, Fraction, str, str]] = field(default_factory=list)
    keywords: list[str] = field(default_factory=list)


class Walk:
    def __init__(self, data: bytes) -> None:
        root = xml(data)
        self.assets = {each.get("id"): each for each in root.iter("asset")}
        self.effects = {each.get("id"): attribute(each, "uid") for each in root.iter("effect")}
        self.told = Told()
        sequence = next(root.iter("sequence"))
        begin = time_of(attribute(sequence, "tcStart"))
        spine = sequence.find("spine")
        assert spine is not None
        end = self._storyline(spine, begin, 0, -begin)
        assert end - begin == time_of(attribute(sequence, "duration"))

    def _storyline(
        self, spine: etree._Element, begin: Fraction, lane: int, shift: Fraction
    ) -> Fraction:
        """`shift` turns offsets within it into time of the record. Returns its end."""
        end = begin
        waiting: list[etree._Element] = []
        for element in spine:
            offset = time_of(attribute(element, "offset"))
            if element.tag == "transition":
                self._transition(element, end, lane, shift)
                continue
            assert offset == end, "a storyline has no holes, and its clips no overlaps"
            self._item(element, offset + shift, lane)
            end = offset + time_of(attribute(element, "duration"))
            waiting.append(element)
        assert waiting, "a storyline holds clips"
        return end

    def _transition(
        self, element: etree._Element, cut: Fraction, lane: int, shift: Fraction
    ) -> None:
        offset = time_of(attribute(element, "offset"))
        length = time_of(attribute(element, "duration"))
        kinds = [child.tag for child in element]
        for child in element:
            assert child.get("ref") in self.effects
        self.told.joined.add(
            Joined(
                lane,
                cut + shift,
                cut - offset,
                offset + length - cut,
                attribute(element, "name"),
                "filter-video" in kinds,
                "filter-audio" in kinds,
            )
        )

    def _item(self, element: etree._Element, at: Fraction, lane: int) -> None:
        start = time_of(element.get("start", "0s"))
        length = time_of(attribute(element, "duration"))
        for child in element:
            if child.tag == "marker":
                place = at + time_of(attribute(child, "start")) - start
                assert at <= place < at + length
                lasts = time_of(attribute(child, "duration"))
                told = (place, lasts, attribute(child, "value"), child.get("note", ""))
                self.told.markers.append(told)
            elif child.tag == "keyword":
                self.told.keywords.append(attribute(child, "value"))
            elif child.tag == "spine":
                offset = time_of(attribute(child, "offset"))
                inner = int(attribute(child, "lane"))
                self._storyline(child, Fraction(0), inner, at + offset - start)
            elif child.get("lane"):
                place = at + time_of(attribute(child, "offset")) - start
                self._item(child, place, int(attribute(child, "lane")))
        if element.tag == "gap":
            return
        value, speed = self._mapped(element, start, length)
        enabled = element.get("enabled") != "0"
        if element.tag == "title":
            assert "Basic Title" in self.effects[element.get("ref")]
            text = text_of(element, "text/text-style")
            self.told.played.add(Played("", "V", at, length, start, speed, enabled, text))
            return
        asset = self.assets[element.get("ref")]
        for what in _plays(element, asset):
            clip = Played(attribute(asset, "id"), what, at, length, value, speed, enabled, "")
            self.told.played.add(clip)

    def _mapped(
        self, element: etree._Element, start: Fraction, length: Fraction
    ) -> tuple[Fraction, Fraction]:
        points = [
            (time_of(attribute(each, "time")), time_of(attribute(each, "value")))
            for each in element.findall("timeMap/timept")
        ]
        if not points:
            return start, Fraction(1)
        (first, low), (last, high) = points
        assert first <= start and start + length <= last, "the map reaches over all of the clip"
        speed = (high - low) / (last - first)
        return low + (start - first) * speed, speed


def _plays(element: etree._Element, asset: etree._Element) -> list[str]:
    enable = element.get("srcEnable", "all")
    found = ["V"] if asset.get("hasVideo") and enable != "audio" else []
    if asset.get("hasAudio") and enable != "video" and element.tag == "asset-clip":
        listed = element.findall("audio-channel-source")
        found += [attribute(each, "srcCh") for each in listed if each.get("active") != "0"]
        if not listed:
            found += [str(at + 1) for at in range(int(attribute(asset, "audioChannels")))]
    return found


def read_story(data: bytes) -> Told:
    return Walk(data).told
