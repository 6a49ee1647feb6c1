"""What lets long files be read quickly changes nothing that is read of them, and lets in nothing
that was kept out."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporters.readers.edl import EdlReader
from exporters.readers.fcpxml import FcpxmlReader
from exporters.readers.otio import DEEPEST, OtioReader, depth_of
from exporters.readers.xmeml import XmemlReader
from mam.errors import BadRequest
from mam.timing import FrameRange, FrameRate, Timecode

PAL = FrameRate.of(25)

places = st.tuples(st.integers(0, 6), st.integers(1, 3), st.sampled_from(["V", "V2", "A"]))


@given(st.lists(st.tuples(places, st.integers(0, 3)), min_size=1, max_size=12))
def test_a_fade_lengthens_the_last_laid_of_those_that_end_at_it(
    lines: list[tuple[tuple[int, int, str], int]],
) -> None:
    """Against the plain rule: of all events laid before, the last on the track that ends there."""
    text = ["TITLE: FADES"]
    laid: list[tuple[str, str, int, int]] = []
    for number, ((start, length, channel), fade) in enumerate(lines, 1):
        reel, effect = ("BL", f"D    {fade:03d}") if fade else (f"R{number}", "C       ")
        first, last = tc(start), tc(start + length)
        text.append(
            f"{number:03d}  {reel}  {channel}  {effect} {tc(0)} {tc(length)} {first} {last}"
        )
        track = {"V": "V1", "V2": "V2", "A": "A1"}[channel]
        if not fade:
            laid.append((f"R{number}", track, start, start + length))
            continue
        ending = [n for n, one in enumerate(laid) if one[1] == track and one[3] == start]
        if ending:
            name, _, first_seen, end = laid[ending[-1]]
            laid[ending[-1]] = name, track, first_seen, end + min(fade, length)
    if not laid:
        return
    edit = EdlReader().read("\n".join(text).encode(), PAL)
    begin = edit.start
    assert [
        (e.reference.reel, e.track, begin + e.record.start, begin + e.record.end)
        for e in edit.events
    ] == laid


def test_a_speed_is_that_of_the_reel_it_names_within_its_event() -> None:
    edit = EdlReader().read(
        f"""TITLE: SPEEDS
001  ONE  V  C        {tc(0)} {tc(20)} {tc(0)} {tc(10)}
001  TWO  V  D    004 {tc(0)} {tc(10)} {tc(10)} {tc(20)}
M2   ONE       050.0                {tc(0)}
002  ONE  V  C        {tc(0)} {tc(10)} {tc(20)} {tc(30)}
M2   NOBODY    012.5                {tc(0)}
""".encode(),
        PAL,
    )
    assert [(event.reference.reel, float(event.speed)) for event in edit.events] == [
        ("ONE", 2), ("TWO", 1), ("ONE", .5),
    ]  # fmt: skip


def test_a_transition_lies_at_the_cut_nearest_to_its_middle_the_earlier_of_two() -> None:
    clips = "".join(
        f'<asset-clip ref="r2" offset="{n * 10}/25s" start="0s" duration="10/25s"/>'
        for n in range(4)
    )
    data = f"""<fcpxml version="1.10"><resources>
      <format id="r1" frameDuration="1/25s"/>
      <asset id="r2" name="a" src="file:///a.mov" hasVideo="1" format="r1" duration="100/25s"/>
      </resources><library><event><project name="p"><sequence format="r1"><spine>{clips}
      <transition offset="10/25s" duration="10/25s"/><transition offset="18/25s" duration="11/25s"/>
      <transition offset="25/25s" duration="5/25s"/>
      <transition offset="31/25s" duration="3/25s"/></spine></sequence></project></event></library>
      </fcpxml>"""
    edit = FcpxmlReader().read(data.encode(), None)
    assert [(one.at, one.range) for one in edit.transitions] == [
        (10, FrameRange(10, 20)), (20, FrameRange(18, 29)), (30, FrameRange(25, 30)),
    ]  # fmt: skip
    assert any("joins nothing" in told for told in edit.lost)


words = st.text(alphabet='[]{}"\\\n aé', max_size=6)
documents = st.recursive(
    st.none() | st.integers() | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=12,
)


@given(documents, st.booleans())
def test_brackets_are_counted_where_they_are_no_words(document: Any, plain: bool) -> None:
    text = json.dumps(document, ensure_ascii=plain, indent=None if plain else 1)
    assert depth_of(text.encode()) == _levels(document)


def _levels(value: Any) -> int:
    if not isinstance(value, list | dict):
        return 0
    inner = value.values() if isinstance(value, dict) else value
    return 1 + max(map(_levels, inner), default=0)


@pytest.mark.parametrize("opening", ["[", '{"a":', '{"OTIO_SCHEMA":"Stack.1","children":['])
@pytest.mark.parametrize("is_closed", [True, False])
def test_what_is_nested_too_deep_is_told_and_ends_no_process(opening: str, is_closed: bool) -> None:
    times = 200_000
    closing = "".join("]" if sign == "[" else "}" for sign in reversed(opening) if sign in "[{")
    data = opening * times + "1" + (closing * times if is_closed else "")
    with pytest.raises(BadRequest, match="nested too deep"):
        OtioReader().read(data.encode(), None)
    nearly = "[" * (DEEPEST - 1) + "]" * (DEEPEST - 1)
    with pytest.raises(BadRequest, match="no timeline in it"):
        OtioReader().read(nearly.encode(), None)


LAUGHS = (
    '<!DOCTYPE xmeml [<!ENTITY a "aaaaaaaaaa">'
    + "".join(
        f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefghi", "bcdefghij", strict=True)
    )
    + "]><xmeml><sequence><name>&j;</name></sequence></xmeml>"
)


@pytest.mark.parametrize(
    "document",
    [
        LAUGHS,
        f"<?xml version='1.0'?><!-- {'x' * 100_000} -->\n{LAUGHS}",
        '<!DOCTYPE xmeml [<!ENTITY % p SYSTEM "http://127.0.0.1:9/x.dtd">%p;]><xmeml/>',
        '<!DOCTYPE xmeml [<!ENTITY a SYSTEM "file:///etc/passwd">]><xmeml><name>&a;</name></xmeml>',
        '<!DOCTYPE xmeml [<!NOTATION n SYSTEM "n"><!ENTITY a SYSTEM "b" NDATA n>]><xmeml/>',
    ],
    ids=["laughs", "behind a comment", "parameter", "file", "unparsed"],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_no_entity_is_declared_in_any_writing(document: str, encoding: str) -> None:
    with pytest.raises(BadRequest, match="declares entities"):
        XmemlReader().read(document.encode(encoding), None)


def test_a_document_type_without_entities_is_read_and_fetches_nothing() -> None:
    """Final Cut writes one; an address in it is not gone to."""
    for told in ("<!DOCTYPE xmeml>", '<!DOCTYPE xmeml SYSTEM "http://127.0.0.1:9/x.dtd">'):
        with pytest.raises(BadRequest, match="no sequence"):
            XmemlReader().read(f"{told}<xmeml version='4'/>".encode(), None)


def test_names_that_are_no_entities_are_told_with_their_place() -> None:
    for told in ("", '<!DOCTYPE xmeml SYSTEM "x.dtd">'):
        with pytest.raises(BadRequest, match=r"not complete XML: undefined entity.*line 1"):
            XmemlReader().read(f"{told}<xmeml>&unknown;</xmeml>".encode(), None)


def test_a_file_is_described_once_or_each_time_anew() -> None:
    """Clips that name a file by its id mean what was said of it, also further down."""
    described = "<name>{0}.mov</name><pathurl>file:///{0}.mov</pathurl><duration>500</duration>"
    items = [
        '<file id="f1"/>',
        f'<file id="f1">{described.format("one")}</file>',
        f"<file>{described.format('two')}</file>",
        f"<file>{described.format('three')}</file>",
        "",
    ]
    clips = "".join(
        f"<clipitem><name>c{n}</name><start>{n * 10}</start><end>{n * 10 + 10}</end><in>0</in>"
        f"<out>10</out>{file}</clipitem>"
        for n, file in enumerate(items)
    )
    edit = XmemlReader().read(
        f"<xmeml version='5'><sequence><rate><timebase>25</timebase></rate><media><video>"
        f"<track>{clips}</track></video></media></sequence></xmeml>".encode(),
        None,
    )
    assert [event.reference.path for event in edit.events] == [
        "/one.mov", "/one.mov", "/two.mov", "/three.mov", "",
    ]  # fmt: skip


def tc(frame: int) -> Timecode:
    return Timecode(frame, PAL)
