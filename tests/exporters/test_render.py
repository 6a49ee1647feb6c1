"""What a cut list says is what the renderer is told."""

from __future__ import annotations

from dataclasses import replace

import pytest

from editing.cutlist import AudioLayout, CutList, Event, Source
from exporters.render import parse_size, render_plan
from mam.errors import BadRequest
from mam.media.renderplan import AudioPiece, VideoPiece
from mam.timing import FrameRange, FrameRate
from tests.exporters.rich_cuts import everything

PAL = FrameRate.of(25)
STEREO = (AudioLayout(1, 2, 48_000),)
A = Source("a", "a.mov", "/a.mov", "video", PAL, 500, width=1280, height=720, audio=STEREO)
B = Source("b", "b.mov", "/b.mov", "video", FrameRate.of(50), 500, audio=(AudioLayout(1, 1, 1),))
FIRST, SECOND = FrameRange(0, 100), FrameRange(100, 150)


def cut(*events: Event) -> CutList:
    return CutList("cut", PAL, width=1280, height=720, events=events)


def clip(source: Source, start: int, end: int, record: FrameRange, link: str) -> list[Event]:
    range = FrameRange(start, end)
    sound = [Event(f"A{n + 1}", source, range, record, link, channel=n) for n in range_of(source)]
    return [Event("V1", source, range, record, link), *sound]


def range_of(source: Source) -> range:
    return range(source.channels)


def test_each_clip_is_one_picture_and_one_sound() -> None:
    plan = render_plan(cut(*clip(A, 10, 110, FIRST, "x"), *clip(B, 0, 100, SECOND, "y")))
    assert (plan.rate, plan.width, plan.height, plan.frames) == (PAL, 1280, 720, 150)
    assert plan.video == (
        VideoPiece("/a.mov", FrameRange(10, 110), FIRST),
        VideoPiece("/b.mov", FrameRange(0, 100), SECOND),
    )
    assert plan.audio == (
        AudioPiece("/a.mov", FrameRange(10, 110), FIRST),
        AudioPiece("/b.mov", FrameRange(0, 100), SECOND),
    )


def test_channels_that_were_taken_out_are_not_heard() -> None:
    picture, left, _ = clip(A, 0, 100, FIRST, "x")
    assert render_plan(cut(picture, left)).audio[0].channels == (0,)


def test_the_size_asked_for_wins() -> None:
    plan = render_plan(cut(*clip(A, 0, 100, FIRST, "x")), (640, 360))
    assert (plan.width, plan.height) == (640, 360)


def test_masters_that_are_offline_are_named_before_anything_is_done() -> None:
    away, gone = replace(A, path=""), replace(B, path="")
    with pytest.raises(BadRequest, match=r"a\.mov, b\.mov"):
        render_plan(cut(*clip(away, 0, 100, FIRST, "x"), *clip(gone, 0, 100, SECOND, "y")))


def test_what_cannot_be_rendered_is_refused() -> None:
    with pytest.raises(BadRequest, match="empty"):
        render_plan(cut())
    two = (Event("V1", A, FIRST, FIRST), Event("V2", B, FIRST, FIRST))
    with pytest.raises(BadRequest, match="2 tracks"):
        render_plan(cut(*two))
    over = (Event("V1", A, FIRST, FIRST), Event("V1", B, FIRST, FrameRange(99, 199)))
    with pytest.raises(BadRequest, match="overlap"):
        render_plan(cut(*over))


def test_a_size_is_two_even_numbers() -> None:
    assert parse_size("1920x1080") == (1920, 1080)
    for wrong in ("", "1920", "1921x1080", "0x0", "axb", "1920x1080x3", "99999x2"):
        with pytest.raises(BadRequest):
            parse_size(wrong)


def test_what_a_render_cannot_show_is_refused_by_name_and_what_is_disabled_is_not_seen() -> None:
    whole = everything()
    with pytest.raises(BadRequest, match="dissolves, wipes, fades, changed speeds, clips played"):
        render_plan(whole)
    plain = [event for event in whole.events if event.link in ("1", "2", "10")]
    left = replace(whole, events=tuple(plain), transitions=())
    plan = render_plan(left)
    assert [piece.record for piece in plan.video] == [FrameRange(0, 100), FrameRange(100, 200)]
    assert plan.frames == 200
