"""What Media Composer, Premiere, Resolve and Pro Tools say in an AAF that we do not write."""

from __future__ import annotations

from fractions import Fraction

import pytest

from editing.cutlist import Colour
from editing.incoming import IncomingEvent
from exporters.readers.base import RateUnknown
from mam.errors import BadRequest
from mam.timing import FrameRange, FrameRate
from tests.exporters.aaf_made import (
    BLUR,
    COMBINER,
    FACTOR,
    GAIN,
    OFFSETS,
    RATIO,
    SPEED,
    TITLE,
    TITLE_TEXT,
    WIPE,
    Made,
)

PAL = FrameRate.of(25)


def placed(event: IncomingEvent) -> tuple[str, int, int, int, int]:
    return event.track, event.record.start, event.record.end, event.source.start, event.source.end


def test_a_file_that_was_captured_begins_within_its_tape() -> None:
    made = Made()
    master = made.master(
        start=90000, offset=700, tape="R012", url="file://localhost/S%3a/a%20b.mov"
    )
    made.top(made.clip(master, 100, 50), start=3600 * 25)
    edit = made.read()
    [event] = edit.events
    assert (edit.start, edit.rate) == (90000, PAL)
    assert placed(event) == ("V1", 0, 50, 90800, 90850)
    reference = event.reference
    assert (reference.start, reference.reel, reference.name) == (90700, "R012", "take.mov")
    assert reference.path == "S:/a b.mov"


def test_a_source_counts_at_its_own_rate_and_the_composition_at_its() -> None:
    made = Made()
    master = made.master(rate=50, start=0)
    made.top(made.clip(master, 100, 50))
    [event] = made.read().events
    assert (event.rate, event.source) == (FrameRate.of(50), FrameRange(200, 300))


def test_sound_in_samples_is_laid_on_frames_and_stays_in_sync() -> None:
    made = Made()
    master = made.master(sound_rate=48000, start=1000)
    picture = made.clip(master, 0, 100)
    # from sample 1,000 of the timeline on, the file's sample 96,000
    sound = made.sequence(
        made.make.Filler("sound", 1000), made.clip(master, 96_000, 191_000, 2, "sound"),
        media="sound",
    )  # fmt: skip
    mob = made.top(picture)
    made.slot(mob, sound, 9, 48000, 1)
    [_, heard] = made.read().events
    # record frame 1 is sample 1,920: 920 samples into the clip, 96,920 of the file, frame 50.48
    assert placed(heard) == ("A1", 1, 100, 1050, 1149)
    assert (heard.rate, heard.reference.start) == (PAL, 1000)


def test_sound_alone_in_samples_asks_for_a_rate() -> None:
    made = Made()
    master = made.master(sound_rate=48000)
    mob = made.mob("CompositionMob", "Sound", "Usage_TopLevel")
    made.slot(mob, made.clip(master, 0, 48000, 2, "sound"), 1, 48000)
    with pytest.raises(RateUnknown, match="counted in samples"):
        made.read()


@pytest.mark.parametrize(
    ("numbers", "channels"), [((3, 4), [2, 3]), ((0, 0), [0, 1]), ((1, 1), [0, 1])]
)
def test_a_channel_is_the_number_of_the_masters_slot_or_its_place(
    numbers: tuple[int, int], channels: list[int]
) -> None:
    made = Made()
    master = made.master(channels=numbers)
    made.top(*(made.clip(master, 0, 50, slot, "sound") for slot in (2, 3)))
    assert [(event.track, event.channel) for event in made.read().events] == [
        ("A1", channels[0]), ("A2", channels[1]),
    ]  # fmt: skip


def test_a_stereo_track_becomes_two_and_the_next_begins_behind_them() -> None:
    made = Made()
    master = made.master()
    sides = [made.clip(master, 10, 50, slot, "sound") for slot in (2, 3)]
    stereo = made.sequence(made.group(COMBINER, 50, *sides), media="sound")
    made.top(stereo, made.clip(master, 60, 50, 3, "sound"))
    edit = made.read()
    assert [(event.track, event.channel, event.source.start - 90000) for event in edit.events] == [
        ("A1", 0, 10), ("A2", 1, 10), ("A3", 1, 60),
    ]  # fmt: skip
    assert not edit.lost


def test_tracks_have_the_numbers_that_people_see() -> None:
    made = Made()
    master = made.master()
    mob = made.top()
    for number, physical in enumerate((4, 2), 5):
        made.slot(mob, made.clip(master, physical, 50, 2, "sound"), number, 25, physical)
    assert [(event.track, event.source.start - 90000) for event in made.read().events] == [
        ("A2", 2), ("A4", 4),
    ]  # fmt: skip


def test_a_subclip_is_looked_through_whether_a_composition_or_a_master() -> None:
    made = Made()
    master = made.master()
    part = made.mob("CompositionMob", "part", "Usage_SubClip")
    made.slot(part, made.sequence(made.clip(master, 1000, 200)), 1)
    second = made.mob("MasterMob", "part of it")
    made.slot(second, made.clip(master, 2000, 200), 1)
    made.top(made.sequence(made.clip(part, 20, 50), made.clip(second, 30, 50)))
    edit = made.read()
    assert [placed(event) for event in edit.events] == [
        ("V1", 0, 50, 91020, 91070), ("V1", 50, 100, 92030, 92080),
    ]  # fmt: skip
    assert {event.reference.name for event in edit.events} == {"take.mov"}
    assert {event.reference.start for event in edit.events} == {90000}


def test_a_sequence_in_the_sequence_is_told_and_a_hole() -> None:
    made = Made()
    master = made.master()
    inner = made.mob("CompositionMob", "Scene 4")
    made.slot(inner, made.sequence(made.clip(master, 0, 50), made.clip(master, 90, 50)), 1)
    made.top(made.sequence(made.clip(inner, 0, 100), made.clip(master, 7, 50)))
    edit = made.read()
    assert [placed(event) for event in edit.events] == [("V1", 100, 150, 90007, 90057)]
    assert edit.lost == ("A sequence within the sequence (Scene 4) on V1 was left out.",)


def test_layers_are_tracks_and_what_lies_below_shows_through() -> None:
    made = Made()
    master = made.master()
    scope = made.make.NestedScope(media_kind="picture")
    scope.length = 100
    through = made.make.ScopeReference(media_kind="picture", length=60)
    through["RelativeScope"].value, through["RelativeSlot"].value = 0, 1
    scope["Slots"].value = [
        made.sequence(made.clip(master, 0, 100)),
        made.sequence(through, made.clip(master, 500, 40)),
    ]
    made.top(scope)
    assert [placed(event)[:3] for event in made.read().events] == [("V1", 0, 100), ("V2", 60, 100)]


def test_choices_and_essences_and_effects() -> None:
    made = Made()
    master = made.master()
    choice = made.make.Selector("picture", 50)
    choice["Selected"].value = made.clip(master, 100, 50)
    choice["Alternates"].append(made.clip(master, 900, 50))
    essences = made.make.EssenceGroup("picture", 50)
    essences["Choices"].value = [made.clip(master, 200, 50), made.clip(master, 999, 50)]
    blurred = made.group(BLUR, 50, made.clip(master, 300, 50))
    made.top(made.sequence(choice, essences, blurred, made.group(BLUR, 50)))
    edit = made.read()
    assert [event.source.start - 90000 for event in edit.events] == [100, 200, 300]
    assert edit.lost == (
        "1 other choices of a clip on V1 were left out.",
        "An effect (Blur) on V1 was left out.",
        "A generator (Blur) on V1 was left out.",
    )


def test_a_title_brings_its_words() -> None:
    made = Made()
    words = made.constant(made.group(TITLE, 40), TITLE_TEXT, "Jörg & Ann\nArchive")
    made.top(made.sequence(made.clip(made.master(), 0, 50), words))
    edit = made.read()
    title = edit.events[1]
    assert (title.reference.kind, title.text) == ("title", "Jörg & Ann\nArchive")
    assert (title.record, title.source) == (FrameRange(50, 90), FrameRange(0, 40))
    assert not edit.lost


def test_a_clip_is_seen_up_to_the_cut_of_a_transition() -> None:
    made = Made()
    master = made.master(start=0)
    over, through = made.transition(WIPE, 20, 5), made.transition(BLUR, 10, 10)
    made.top(
        made.sequence(
            made.clip(master, 100, 60), over, made.clip(master, 300, 50), through,
            made.make.Filler("picture", 30),
        )
    )  # fmt: skip
    edit = made.read()
    assert [placed(event) for event in edit.events] == [
        ("V1", 0, 45, 100, 145), ("V1", 45, 90, 305, 350),
    ]  # fmt: skip
    assert [(t.at, t.before, t.after, str(t.kind)) for t in edit.transitions] == [
        (45, 5, 15, "wipe"), (90, 10, 0, "dissolve"),
    ]  # fmt: skip
    assert edit.lost == (
        "A transition (SMPTEVideoWipe) on V1 came in as a wipe.",
        "A transition (Blur) on V1 came in as a dissolve.",
    )


def test_what_is_seen_in_transitions_alone_is_told() -> None:
    made = Made()
    master = made.master(start=0)
    fades = [made.transition(WIPE, 10, 10), made.transition(WIPE, 10, 0)]
    made.top(
        made.sequence(
            made.clip(master, 0, 50), fades[0], made.clip(master, 300, 20), fades[1],
            made.clip(master, 600, 50),
        )
    )  # fmt: skip
    edit = made.read()
    assert [event.record for event in edit.events] == [FrameRange(0, 50), FrameRange(50, 100)]
    assert "A clip that is seen only in transitions on V1 was left out." in edit.lost


def test_a_gain_is_told_unless_it_is_one() -> None:
    made = Made()
    master = made.master()
    loud = made.constant(made.group(GAIN, 50, made.clip(master, 0, 50, 2, "sound")), FACTOR, (2, 1))
    plain = made.constant(
        made.group(GAIN, 50, made.clip(master, 0, 50, 2, "sound")), FACTOR, (1, 1)
    )
    made.top(loud, plain)
    edit = made.read()
    assert len(edit.events) == 2
    assert edit.lost == ("An effect (Mono Audio Gain) on A1 was left out.",)


@pytest.mark.parametrize(
    ("ratio", "played", "speed", "source"),
    [
        ((1, 2), 100, Fraction(2), (10, 110)),
        ((2, 1), 25, Fraction(1, 2), (10, 35)),
        ((-1, 1), 50, Fraction(-1), (10, 60)),
        ((50, 1), 1, Fraction(0), (10, 11)),  # as long as what holds it: a freeze
        ((0, 1), 1, Fraction(0), (10, 11)),
    ],
)
def test_a_speed_that_is_but_a_ratio(
    ratio: tuple[int, int], played: int, speed: Fraction, source: tuple[int, int]
) -> None:
    made = Made()
    group = made.group(SPEED, 50, made.clip(made.master(start=0), 10, played))
    made.top(made.constant(group, RATIO, ratio))
    [event] = made.read().events
    assert (event.speed, (event.source.start, event.source.end)) == (speed, source)
    assert event.record == FrameRange(0, 50)


def test_a_speed_that_changes_is_taken_at_its_mean_and_told() -> None:
    made = Made()
    group = made.group(SPEED, 100, made.clip(made.master(start=0), 1000, 150))
    made.top(made.varying(group, OFFSETS, (0, 0), (50, 50), (100, 150)))
    edit = made.read()
    [event] = edit.events
    assert (event.speed, event.source) == (Fraction(3, 2), FrameRange(1000, 1150))
    assert edit.lost == ("A changing speed on V1 was taken at its average.",)


def test_the_sequence_on_top_is_that_which_no_other_holds() -> None:
    made = Made()
    master = made.master()
    inner = made.mob("CompositionMob", "inner")
    made.slot(inner, made.clip(master, 0, 50), 1)
    outer = made.mob("CompositionMob", "outer")
    made.slot(outer, made.sequence(made.clip(inner, 5, 20), made.clip(master, 0, 9)), 1)
    edit = made.read()
    assert (edit.name, [event.record.end for event in edit.events]) == ("outer", [20, 29])


def test_further_sequences_are_told() -> None:
    made = Made()
    master = made.master()
    for name in ("one", "two", "three"):
        made.top(made.clip(master, 0, 50), name=name)
    edit = made.read()
    assert edit.lost == ("2 further sequences (two, three) were left out.",) or len(edit.lost) == 1
    assert edit.name in ("one", "two", "three")


def test_markers_without_a_name_for_their_colour() -> None:
    made = Made()
    mob = made.top(made.clip(made.master(), 0, 500))
    slot = made.make.EventMobSlot(50)
    slot.edit_rate = 25
    listed = []
    for at, rgb in ((30, (65535, 0, 0)), (10, (0, 0, 60000)), (20, (13107, 52428, 52428))):
        marker = made.make.DescriptiveMarker()
        marker.media_kind = "DescriptiveMetadata"
        marker["Position"].value, marker["Comment"].value = at, f"at {at}"
        marker["CommentMarkerColor"].value = dict(zip(("red", "green", "blue"), rgb, strict=True))
        listed.append(marker)
    sequence = made.make.Sequence(media_kind="DescriptiveMetadata")
    sequence.components.value = listed
    slot.segment = sequence
    mob.slots.append(slot)
    assert [(m.range, m.name, m.colour) for m in made.read().markers] == [
        (FrameRange(10, 11), "at 10", Colour.BLUE),
        (FrameRange(20, 21), "at 20", Colour.CYAN),
        (FrameRange(30, 31), "at 30", Colour.RED),
    ]


def test_a_clip_whose_master_is_not_in_the_file_is_told() -> None:
    made = Made()
    gone = made.make.MasterMob()
    made.top(made.sequence(made.clip(made.master(), 0, 50), made.clip(gone, 0, 50)))
    edit = made.read()
    assert len(edit.events) == 1
    assert edit.lost == ("A clip without a master on V1 was left out.",)


def test_mobs_that_name_each_other_end() -> None:
    made = Made()
    one, two = (made.mob("MasterMob", name) for name in ("one", "two"))
    made.slot(one, made.clip(two, 0, 50), 1)
    made.slot(two, made.clip(one, 0, 50), 1)
    made.top(made.clip(one, 3, 20))
    [event] = made.read().events
    assert event.record == FrameRange(0, 20)


def test_a_composition_that_holds_itself_ends() -> None:
    made = Made()
    mob = made.mob("CompositionMob", "Ouroboros", "Usage_TopLevel")
    made.slot(mob, made.clip(mob, 0, 50), 1)
    with pytest.raises(BadRequest, match="nested too deep"):
        made.read()


def test_what_is_nested_too_deep_is_told() -> None:
    made = Made()
    part = made.clip(made.master(), 0, 50)
    for _ in range(60):
        part = made.group(BLUR, 50, part)
    made.top(part)
    with pytest.raises(BadRequest, match="nested too deep"):
        made.read()


def test_a_file_without_a_sequence_or_a_clip_says_so() -> None:
    made = Made()
    made.master()
    with pytest.raises(BadRequest, match="no sequence in it"):
        made.read()
    made = Made()
    made.top(made.make.Filler("picture", 50))
    with pytest.raises(BadRequest, match="no clip in its sequence"):
        made.read()
