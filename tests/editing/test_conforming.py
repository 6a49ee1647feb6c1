"""Which masters an edit means: by reel, timecode, name and path, and never by a guess."""

from __future__ import annotations

from dataclasses import replace

import pytest

from editing.conforming import Matched, Unmatched, conform_edit
from editing.cutlist import AudioLayout, Source, Transition
from editing.incoming import Incoming, IncomingEvent, Reference
from mam.timing import FrameRange, FrameRate

PAL = FrameRate.of(25)
HOUR = 90_000


def master(number: int, **more: object) -> Source:
    given = {
        "asset_id": str(number),
        "name": f"take {number}.mov",
        "path": f"/san/day 1/take {number}.mov",
        "kind": "video",
        "rate": PAL,
        "duration": 1000,
        "start": number * HOUR,
        "reel": f"A00{number}",
        "audio": (AudioLayout(1, 2, 48000),),
    }
    return Source(**(given | more))  # type: ignore[arg-type]


def edit(*events: IncomingEvent, **more: object) -> Incoming:
    return Incoming("edit", PAL, HOUR, events=events, **more)  # type: ignore[arg-type]


def event(first: int, *, at: int = 0, track: str = "V1", **said: object) -> IncomingEvent:
    return IncomingEvent(
        number="1",
        track=track,
        reference=Reference(**said),  # type: ignore[arg-type]
        source=FrameRange(first, first + 50),
        rate=PAL,
        record=FrameRange(at, at + 50),
        channel=0 if track[0] == "A" else None,
    )


def only(wanted: IncomingEvent, *masters: Source) -> Matched | Unmatched:
    found = conform_edit(edit(wanted), masters)
    return found.matched[0] if found.matched else found.unmatched[0]


def test_a_reel_goes_before_a_name_and_a_timecode_before_both_alone() -> None:
    reel, name = master(1), master(2, name="take 9.mov", reel="")
    found = only(event(HOUR + 10, reel="a001", name="take 9"), reel, name)
    assert isinstance(found, Matched)
    assert (found.source, found.range, found.by) == (reel, FrameRange(10, 60), ("reel", "timecode"))


def test_of_two_of_a_name_the_one_whose_timecode_fits_is_meant() -> None:
    one, two = master(1, reel=""), master(2, name="take 1.mov", reel="", path="/other/take 1.mov")
    found = only(event(2 * HOUR + 5, name="take 1.mov"), one, two)
    assert isinstance(found, Matched)
    assert (found.source, found.by) == (two, ("timecode", "name"))


def test_of_two_alike_neither_is_guessed() -> None:
    one, two = (
        master(1, asset_id=key, reel="", path=f"/{key}/take 1.mov", start=0) for key in ("x", "y")
    )
    found = only(event(5, name="take 1"), one, two)
    assert isinstance(found, Unmatched)
    assert "several masters fit: take 1.mov (x), take 1.mov (y)" in found.why
    where = only(event(5, name="take 1", path=r"S:\media\Y\Take 1.MOV"), one, two)
    assert isinstance(where, Matched)
    assert (where.source, where.by) == (two, ("timecode", "name", "path"))


def test_a_timecode_alone_is_no_evidence() -> None:
    found = only(event(HOUR + 5, reel="AX", name="something else"), master(1))
    assert isinstance(found, Unmatched)
    assert found.why == "something else: no master in the library has its reel, name or path."


def test_frames_that_a_master_does_not_have_are_told() -> None:
    found = only(event(HOUR + 990, name="take 1"), master(1))
    assert isinstance(found, Unmatched)
    assert "take 1.mov does not hold the frames" in found.why


def test_a_file_that_counts_from_its_first_frame_is_understood() -> None:
    found = only(event(100, name="take 1"), master(1))
    assert isinstance(found, Matched)
    assert (found.range, found.by) == (FrameRange(100, 150), ("name",))
    told = only(event(HOUR + 100, name="take 1", start=HOUR), master(1))
    assert isinstance(told, Matched)
    assert (told.range, told.by) == (FrameRange(100, 150), ("timecode", "name"))


def test_a_reel_cut_to_eight_letters_and_a_still() -> None:
    long = master(1, reel="A001C002_230101_R1AB", name="x.mov")
    found = only(event(HOUR, reel="A001C002"), long)
    assert isinstance(found, Matched)
    still = master(3, kind="still", duration=1, start=0, audio=(), name="logo.png", reel="")
    shown = only(event(7, name="logo.png"), still)
    assert isinstance(shown, Matched)
    assert shown.range == FrameRange(0, 1)


def test_sound_goes_to_a_master_that_has_such_a_channel() -> None:
    silent, loud = master(1, audio=(), reel=""), master(2, name="take 1.wav", reel="", start=HOUR)
    found = only(event(HOUR + 3, track="A1", name="take 1"), silent, loud)
    assert isinstance(found, Matched)
    assert found.source == loud


@pytest.mark.parametrize("rate", [FrameRate.of(24), FrameRate.of(50), FrameRate.of(30000, 1001)])
def test_a_master_of_another_rate_is_found_at_its_own_frame(rate: FrameRate) -> None:
    source = master(1, rate=rate, start=0, duration=2000)
    found = only(event(100, name="take 1"), source)
    assert isinstance(found, Matched)
    assert abs(rate.seconds(found.range.start) - PAL.seconds(100)) <= rate.seconds(1) / 2


def test_what_is_not_found_is_a_hole_and_its_transition_goes() -> None:
    there, gone = event(HOUR, name="take 1"), event(0, at=50, name="lost")
    joined = (Transition("V1", 0, 0, 5), Transition("V1", 100, 5, 0))
    found = conform_edit(edit(there, gone, transitions=joined), [master(1)])
    assert [one.record_range for one in found.cutlist.events] == [FrameRange(0, 50)]
    assert [item.at for item in found.cutlist.transitions] == [0]
    assert [item.event for item in found.unmatched] == [gone]


def test_picture_and_sound_of_one_moment_are_one_clip_where_the_file_does_not_say() -> None:
    both = [event(HOUR, name="take 1"), event(HOUR, name="take 1", track="A1")]
    later = event(HOUR, at=50, name="take 1", track="A1")
    found = conform_edit(edit(*both, later), [master(1)]).cutlist.events
    assert found[0].link == found[1].link != ""
    assert found[2].link == ""


def test_ten_thousand_events_know_their_masters_by_name() -> None:
    masters = [master(n, name=f"c{n}.mov", reel="", path=f"/m/c{n}.mov") for n in range(1, 500)]
    many = [
        replace(event(0, at=50 * n, name=f"c{1 + n % 499}.mov"), number=str(n))
        for n in range(10_000)
    ]
    found = conform_edit(edit(*many), masters)
    assert len(found.matched) == 10_000
    assert all(match.source.name == match.event.reference.name for match in found.matched)


def test_what_cannot_stand_at_the_end_of_a_line_is_no_part_of_a_name() -> None:
    """A list of lines leaves it off: a blank of another kind, a mark of an end."""
    for end in ("\xa0", "\x1c", " \u2028", "\u3000"):
        found = only(event(5, name="take 7"), master(1, name=f"take 7{end}", reel="", start=0))
        assert isinstance(found, Matched), ascii(end)
        assert found.by == ("timecode", "name")


def test_what_a_master_has_not_is_told_by_its_name() -> None:
    silent = master(1, audio=())
    found = only(event(HOUR, name="take 1", track="A1"), silent)
    assert isinstance(found, Unmatched)
    assert found.why == "take 1.mov has no sound to lay on A1."
    wild = master(1, kind="audio", rate=FrameRate.of(48000), start=0, duration=10**7)
    found = only(event(0, name="take 1"), wild)
    assert isinstance(found, Unmatched)
    assert found.why == "take 1.mov has no picture to lay on V1."
    found = only(replace(event(HOUR, name="take 1", track="A3"), channel=2), master(1))
    assert isinstance(found, Unmatched)
    assert "has 2 channels of sound, none numbered 3 to lay on A3" in found.why
