"""Transitions, speeds, titles and markers of an FCPXML: read by a walk of its own, held to DTDs."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from editing.cutlist import CutList, Event, Transition, TransitionKind
from exporters.base import ExportOptions, Feature
from exporters.dialects.fcpxml import VERSIONS, Fcpxml
from exporters.readers.fcpxml import FcpxmlReader
from mam.timing import FrameRate
from tests.exporters.fcpxml_judge import Told, read_story
from tests.exporters.judges import xml
from tests.exporters.rich_cuts import everything, rich_cutlists
from tests.exporters.test_fcpxml import dtd_folder


def written(cut: CutList, version: str = "1.10") -> bytes:
    return Fcpxml().write(cut, ExportOptions(fcpxml_version=version)).files[0].data


def agree(told: Told, cut: CutList, data: bytes) -> None:
    ids = {
        source.asset_id: f"{asset.get('id')}"
        for asset, source in zip(xml(data).iter("asset"), cut.sources, strict=True)
    }
    shown = {
        (each.asset, each.what, each.at, each.length, each.value, each.speed, each.enabled)
        for each in told.played
        if each.asset
    }
    assert shown == {
        (
            ids[event.source.asset_id],
            "V" if event.is_video else str((event.channel or 0) + 1),
            cut.rate.seconds(event.record_range.start),
            cut.rate.seconds(event.record_range.duration),
            first_seen(event),
            event.speed,
            event.enabled,
        )
        for event in cut.events
        if not event.is_title
    }
    assert {
        (each.lane, each.at, each.before, each.after, each.name)
        for each in told.joined
        if each.pictures
    } == {
        (int(item.track[1:]) - 1, *shape(item, cut), named(item))
        for item in cut.transitions
        if item.track[0] == "V"
    }
    assert {(each.at, each.before, each.after) for each in told.joined if each.sounds} == {
        shape(item, cut) for item in cut.transitions if item.track[0] == "A"
    }


def first_seen(event: Event) -> Fraction:
    """Where on the asset's clock a clip begins to show: backwards at the end of its last frame."""
    source, chosen = event.source, event.source_range
    if source.kind == "still":
        return Fraction(0)
    return source.rate.seconds(source.start + (chosen.end if event.speed < 0 else chosen.start))


def shape(item: Transition, cut: CutList) -> tuple[Fraction, Fraction, Fraction]:
    seconds = cut.rate.seconds
    return seconds(item.at), seconds(item.before), seconds(item.after)


def named(item: Transition) -> str:
    return "Cross Dissolve" if item.kind is TransitionKind.DISSOLVE else f"SMPTE wipe {item.wipe}"


@given(rich_cutlists(odd_rates=True), st.sampled_from(VERSIONS))
@settings(max_examples=150, deadline=None)
def test_what_is_read_is_what_was_cut(cut: CutList, version: str) -> None:
    data = written(cut, version)
    told = read_story(data)
    agree(told, cut, data)
    seconds = cut.rate.seconds
    assert sorted((at, lasts) for at, lasts, _, _ in told.markers) == sorted(
        (seconds(marker.range.start), seconds(marker.range.duration)) for marker in cut.markers
    )


@pytest.mark.parametrize("version", VERSIONS)
def test_apples_dtd_accepts_all_of_it(version: str) -> None:
    folder = dtd_folder()
    dtd = etree.DTD(str(folder / f"Final_Cut_Pro_XML_DTD_version_{version}.dtd"))
    rates = (FrameRate.of(25), FrameRate.of(30000, 1001))
    for cut in (everything(rates[0]), everything(rates[1], drop=True)):
        assert dtd.validate(xml(written(cut, version))), dtd.error_log

    @given(rich_cutlists(odd_rates=True))
    @settings(max_examples=25, deadline=None)
    def accepts(cut: CutList) -> None:
        assert dtd.validate(xml(written(cut, version))), dtd.error_log

    accepts()


def test_everything_is_carried_and_what_is_not_quite_is_told() -> None:
    assert Fcpxml.carries == frozenset(Feature)
    cut = everything()
    exported = Fcpxml().write(cut, ExportOptions())
    assert {note.code for note in exported.report} == {"links", "wipes", "marker-colour"}
    told = read_story(exported.files[0].data)
    agree(told, cut, exported.files[0].data)
    [title] = [each for each in told.played if each.text]
    assert title.text == "Jörg & Ann\nHead of <archive>"
    assert (title.at, title.length) == (Fraction(220, 25), Fraction(3))
    assert told.keywords == ["Generated"]
    assert told.markers == [
        (Fraction(2), Fraction(1, 25), "Look", "eyeline & focus"),
        (Fraction(310, 25), Fraction(1), "Speed", ""),
    ]


def test_sound_that_goes_over_with_its_picture_stays_one_clip_with_it() -> None:
    cut = everything()
    along = tuple(
        replace(item, before=12, after=12) if item.track[0] == "A" else item
        for item in cut.transitions
        if item.at != 0
    )
    together = replace(cut, transitions=along)
    data = written(together)
    told = read_story(data)
    agree(told, together, data)
    assert {(each.lane, each.at, each.sounds) for each in told.joined} == {
        (0, Fraction(4), True),
        (0, Fraction(8), False),
        (0, Fraction(670, 25), False),
    }
    assert "<spine lane" not in data.decode()
    back = FcpxmlReader().read(data, None)
    assert {(item.track, item.at, item.before, item.after) for item in back.transitions} >= {
        ("V1", 100, 12, 12), ("A1", 100, 12, 12), ("A2", 100, 12, 12),
    }  # fmt: skip
    assert not any(item.track[0] == "A" and item.at != 100 for item in back.transitions)
    only_one = replace(cut, transitions=tuple(i for i in along if i.track != "A2"))
    data = written(only_one)
    agree(read_story(data), only_one, data)
    assert data.decode().count('<spine lane="-1"') == 1


def test_a_speed_reaches_as_far_as_its_transitions_show() -> None:
    cut = everything()
    around = replace(cut, transitions=(Transition("V1", 450, 7, 5), Transition("V1", 500, 9, 6)))
    data = written(around)
    agree(read_story(data), around, data)
    [back] = [
        each
        for each in xml(data).iter("asset-clip")
        if each.get("offset") == "3618s" and each.find("timeMap") is not None
    ]
    points = [(each.get("time"), each.get("value")) for each in back.iter("timept")]
    assert points == [("10840s", "271057/25s"), ("271063/25s", "270994/25s")]


def test_a_speed_of_many_digits_is_written_in_times_that_final_cut_reads() -> None:
    cut = everything(FrameRate.of(30000, 1001))
    odd = Fraction(1999999973, 1000000007)
    events = tuple(
        replace(event, speed=odd) if event.link == "4" else event for event in cut.events
    )
    told = read_story(written(replace(cut, events=events)))  # which holds times to 32 bits
    [found] = [each for each in told.played if each.at == cut.rate.seconds(300)]
    assert found.speed != odd and abs(found.speed - odd) < Fraction(1, 10**8)
