"""What a camera noted of a clip is read; what pretends to be a note harms nobody."""

from __future__ import annotations

from fractions import Fraction

import pytest

from ingest.cards.playlists import recordings_in
from ingest.cards.sidecars import LARGEST, Told, told_by
from mam.errors import BadMedia
from tests.ingest import card_notes

NTSC30 = Fraction(30000, 1001)


def test_sonys_note_tells_camera_and_start_timecode() -> None:
    told = told_by(card_notes.sony(ltc="22223110"))
    assert told == Told(device="Sony ILME-FX3", timecode="10:31:22:22", timecode_rate=Fraction(25))


@pytest.mark.parametrize(
    ("ltc", "fps", "rate", "timecode", "exact", "drop"),
    [
        ("42000001", "30", "29.97", "01:00:00:02", NTSC30, True),  # 40 is the drop-frame flag
        ("02000001", "30", "29.97", "01:00:00:02", NTSC30, False),
        ("02808041", "30", "59.94", "01:00:00:02", NTSC30, False),  # the other flags count nothing
        ("02000001", "24", "23.98", "01:00:00:02", Fraction(24000, 1001), False),
        ("02000001", "24", "24", "01:00:00:02", Fraction(24), False),
    ],
)
def test_sonys_timecode_is_read_digit_by_digit(
    ltc: str, fps: str, rate: str, timecode: str, exact: Fraction, drop: bool
) -> None:
    told = told_by(card_notes.sony(ltc=ltc, fps=fps, rate=rate))
    assert (told.timecode, told.timecode_rate, told.drop) == (timecode, exact, drop)


@pytest.mark.parametrize(("ltc", "fps"), [("FFFFFFFF", "25"), ("1", "25"), ("00000001", "0")])
def test_a_timecode_that_is_none_is_left_out(ltc: str, fps: str) -> None:
    told = told_by(card_notes.sony(ltc=ltc, fps=fps))
    assert (told.timecode, told.timecode_rate) == ("", Fraction(0))
    assert told.device == "Sony ILME-FX3"


def test_panasonics_note_tells_name_camera_timecode_and_sound_files() -> None:
    told = told_by(card_notes.p2("0001AB", 1, sounds=4, title="Interview  2"))
    assert told == Told(
        title="Interview 2",
        device="Panasonic AG-HPX371E",
        timecode="10:00:00:00",
        timecode_rate=Fraction(25),
        sounds=4,
    )


@pytest.mark.parametrize(
    ("unit", "timecode", "rate"),
    [
        ("1001/30000", "01:00:00:29", NTSC30),
        ("1001/60000", "01:00:00:29", NTSC30),
        ("1001/60000", "01:00:00:59", 2 * NTSC30),
        ("1/50", "01:00:00:24", Fraction(25)),
        ("1001/24000", "01:00:00:23", Fraction(24000, 1001)),
        ("0/0", "01:00:00:00", Fraction(0)),
        ("", "01:00:00:00", Fraction(0)),
    ],
)
def test_panasonics_timecode_counts_what_its_numbers_can(
    unit: str, timecode: str, rate: Fraction
) -> None:
    told = told_by(card_notes.p2("0001AB", 1, unit=unit, timecode=timecode))
    assert (told.timecode, told.timecode_rate) == (timecode if rate else "", rate)


def test_panasonics_drop_frame_flag_is_heard() -> None:
    flag = ' DropFrameFlag="true"'
    assert told_by(card_notes.p2("0001AB", 1, unit="1001/30000", drop=flag)).drop


def test_the_clips_of_a_spanned_recording_name_it_alike() -> None:
    first = told_by(card_notes.p2("0001AB", 1, following=2))
    second = told_by(card_notes.p2("0002CD", 2, top=1, previous=1, following=3, offset=10))
    third = told_by(card_notes.p2("0003EF", 3, top=1, previous=2, offset=20))
    assert first.part_of == second.part_of == third.part_of == card_notes.umid(1)
    assert [told.offset for told in (first, second, third)] == [0, 10, 20]
    assert [(told.follows, told.goes_on) for told in (first, second, third)] == [
        (False, True),
        (True, True),
        (True, False),
    ]
    assert told_by(card_notes.p2("0004GH", 4)).part_of == ""


BILLION_LAUGHS = b"""<?xml version="1.0"?><!DOCTYPE P2Main [<!ENTITY a "ha">
<!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]>
<P2Main><ClipMetadata><UserClipName>&c;</UserClipName></ClipMetadata></P2Main>"""
READS_A_FILE = b"""<!DOCTYPE P2Main [<!ENTITY x SYSTEM "file:///etc/passwd">]>
<P2Main><ClipMetadata><UserClipName>&x;</UserClipName></ClipMetadata></P2Main>"""


@pytest.mark.parametrize(
    "data",
    [
        BILLION_LAUGHS,
        READS_A_FILE,
        READS_A_FILE.decode().encode("utf-16"),
        b"<P2Main><ClipName>&x;</ClipName></P2Main>",
        b"",
        b"no xml",
        b"<P2Main>",
        b"<Playlist/>",
        b'<?xml version="1.0" encoding="klingon"?><P2Main/>',
        b"<P2Main>" + b" " * LARGEST + b"</P2Main>",
    ],
)
def test_a_hostile_or_broken_note_is_refused(data: bytes) -> None:
    with pytest.raises(BadMedia):
        told_by(data)


def test_a_note_that_says_little_or_nonsense_leaves_the_rest_empty() -> None:
    assert told_by(b"<P2Main/>") == Told()
    assert told_by(b"<NonRealTimeMeta/>") == Told()
    deep = b"<P2Main>" + b"<a>" * 5000 + b"</a>" * 5000 + b"</P2Main>"
    assert told_by(deep) == Told()
    long = told_by(card_notes.p2("0001AB", 1, title="x" * 5000, offset=10**30, previous=1))
    assert (len(long.title), long.offset) == (200, 0)
    assert told_by(card_notes.p2("0001AB", 1, sounds=1000)).sounds == 99


def test_a_playlist_tells_which_files_are_one_recording() -> None:
    data = card_notes.playlist(("00000", 1), ("00001", 1), ("00002", 6), ("00003", 5), ("00004", 1))
    assert recordings_in(data) == [["00000"], ["00001", "00002", "00003"], ["00004"]]


def test_what_is_no_playlist_tells_nothing_and_a_cut_one_what_stands() -> None:
    data = card_notes.playlist(("00000", 1), ("00001", 6))
    assert recordings_in(b"") == recordings_in(b"MPLS") == recordings_in(b"x" * 100) == []
    assert recordings_in(data[: len(data) - 30]) == [["00000"]]
    for end in range(len(data)):
        recordings_in(data[:end])
    assert recordings_in(data.replace(b"\0\0\0\x28", b"\xff\xff\xff\xff", 1)) == []
