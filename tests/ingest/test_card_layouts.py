"""What a file on a camera's card is, by folder and name; and nobody's own folders are a card's."""

from __future__ import annotations

import pytest

from ingest.cards.layouts import LAYOUTS, TAKEN, Kind, above_card, card_file

P, S, M = Kind.PICTURE, Kind.SOUND, Kind.MEMO
X, T, N = Kind.PROXY, Kind.THUMBNAIL, Kind.INDEX


@pytest.mark.parametrize(
    ("path", "layout", "kind", "clip", "number"),
    [
        ("CONTENTS/VIDEO/0001AB.MXF", "P2", P, "0001AB", 1),
        ("CONTENTS/AVCLIP/0001AB.MXF", "P2", P, "0001AB", 1),
        ("CONTENTS/AUDIO/0001AB00.MXF", "P2", S, "0001AB", 0),
        ("CONTENTS/AUDIO/0001AB03.MXF", "P2", S, "0001AB", 3),
        ("CONTENTS/VOICE/0001AB00.WAV", "P2", M, "0001AB", 0),
        ("CONTENTS/PROXY/0001AB.MP4", "P2", X, "0001AB", 1),
        ("CONTENTS/ICON/0001AB.BMP", "P2", T, "0001AB", 1),
        ("CONTENTS/CLIP/0001AB.XML", "P2", N, "0001AB", 1),
        ("LASTCLIP.TXT", "P2", N, "", 1),
        ("CONTENTS/CLIPS001/AA0012/AA001202.MXF", "Canon XF", P, "AA0012", 2),
        ("CONTENTS/CLIPS001/AA0012/AA0012.XML", "Canon XF", N, "AA0012", 1),
        ("PRIVATE/M4ROOT/CLIP/C0001.MP4", "XAVC", P, "C0001", 1),
        ("M4ROOT/CLIP/C0001M01.XML", "XAVC", N, "C0001", 1),
        ("PRIVATE/M4ROOT/THMBNL/C0001T01.JPG", "XAVC", T, "C0001", 1),
        ("PRIVATE/M4ROOT/SUB/C0001S03.MP4", "XAVC", X, "C0001", 1),
        ("PRIVATE/M4ROOT/MEDIAPRO.XML", "XAVC", N, "", 1),
        ("XDROOT/Clip/A001C001_2101.MXF", "XDCAM", P, "A001C001_2101", 1),
        ("PRIVATE/XDROOT/Clip/C0001M01.XML", "XDCAM", N, "C0001", 1),
        ("XDROOT/Sub/C0001S01.MXF", "XDCAM", X, "C0001", 1),
        ("XDROOT/MEDIAPRO.XML", "XDCAM", N, "", 1),
        ("BPAV/CLPR/abc_0001_02/abc_0001_02.MP4", "XDCAM EX", P, "abc_0001", 2),
        ("BPAV/CLPR/abc_0001_02/abc_0001_02M01.XML", "XDCAM EX", N, "abc_0001", 1),
        ("PRIVATE/AVCHD/BDMV/STREAM/00007.MTS", "AVCHD", P, "00007", 1),
        ("AVCHD/BDMV/STREAM/00007.m2ts", "AVCHD", P, "00007", 1),
        ("PRIVATE/AVCHD/BDMV/PLAYLIST/00000.MPL", "AVCHD", N, "", 1),
        ("PRIVATE/AVCHD/BDMV/INDEX.BDM", "AVCHD", N, "", 1),
        ("PRIVATE/AVCHD/AVCHDTN/THUMB.TDT", "AVCHD", T, "", 1),
        ("DCIM/100GOPRO/GX020123.MP4", "GoPro", P, "0123", 2),
        ("DCIM/100GOPRO/GOPR0123.MP4", "GoPro", P, "0123", 0),
        ("DCIM/100GOPRO/GP010123.MP4", "GoPro", P, "0123", 1),
        ("DCIM/100GOPRO/GL020123.LRV", "GoPro", X, "0123", 1),
        ("DCIM/100GOPRO/GX020123.THM", "GoPro", T, "0123", 1),
        ("surfing/GH020123.MP4", "GoPro", P, "0123", 2),
        ("A001_C002_0101AB_003.R3D", "RED", P, "A001_C002_0101AB", 3),
        ("A001.RDM/A001_C002_0101AB.RDC/A001_C002_0101AB_001.R3D", "RED", P, "A001_C002_0101AB", 1),
        ("DCIM/100CANON/MVI_0001.MP4", "DCIM", P, "MVI_0001", 1),
        ("DCIM/100CANON/MVI_0001.THM", "DCIM", T, "MVI_0001", 1),
        ("DCIM/DJI_001/DJI_0001.mov", "DCIM", P, "DJI_0001", 1),
        ("DCIM/100MEDIA/DJI_0001.LRF", "DCIM", X, "DJI_0001", 1),
        ("copied/MVI_0001.THM", "DCIM", T, "MVI_0001", 1),
        ("dcim/100canon/mvi_0001.mp4", "DCIM", P, "mvi_0001", 1),
    ],
)
def test_a_card_tells_what_its_files_are(
    path: str, layout: str, kind: Kind, clip: str, number: int
) -> None:
    file = card_file(b"/in/A001/" + path.encode())
    assert file is not None
    assert (file.layout, file.kind, file.clip, file.number) == (layout, kind, clip, number)
    assert layout in LAYOUTS
    assert bool(file.passed_over) is (kind not in TAKEN)
    if file.in_folders and layout != "RED":
        assert file.root == b"/in/A001"


@pytest.mark.parametrize(
    "path",
    [
        "clip.mp4",
        "VIDEO/0001AB.MXF",
        "CONTENTS/VIDEO/interview.MXF",
        "CONTENTS/AUDIO/mix.MXF",
        "CONTENTS/PROXY/interview.mov",
        "CLIP/C0001.MP4",
        "SUB/C0001S03.MP4",
        "XDROOT/General/notes/C0001.MXF",
        "BDMV/STREAM/00007.m2ts",
        "BPAV/CLPR/abc_0001_02/other.MP4",
        "DCIM/holiday/clip.mp4",
        "GX02012.MP4",
        "A001_C002.R3D",
        "THM",
        "notes/C0001M01.XML",
    ],
)
def test_other_folders_and_names_are_no_cards(path: str) -> None:
    assert card_file(b"/in/A001/" + path.encode()) is None


def test_names_of_any_bytes_are_read() -> None:
    file = card_file(b"/in/\xff\n/PRIVATE/M4ROOT/CLIP/\xfe\n.MP4")
    assert file is not None and (file.root, file.clip) == (b"/in/\xff\n", "\\xfe\n")


def test_a_split_clip_is_counted_and_its_card_named_where_names_tell() -> None:
    chapter = card_file(b"/in/DCIM/100GOPRO/GX020123.MP4")
    alone = card_file(b"/in/DCIM/100CANON/MVI_0002.MP4")
    red = card_file(b"/in/A001_C002_0101AB_003.R3D")
    assert chapter is not None and chapter.counted
    assert alone is not None and not alone.counted
    assert red is not None and (red.counted, red.card) == (True, "A001")


@pytest.mark.parametrize(
    ("path", "above"),
    [
        (b"/in/Berlin/A001/PRIVATE/M4ROOT/CLIP/C1.MP4", b"/in/Berlin/A001/C1.MP4"),
        (b"/in/Berlin/DCIM/100CANON/MVI_1.MP4", b"/in/Berlin/MVI_1.MP4"),
        (b"/in/Berlin/DCIM/100CANON/IMG_1.JPG", b"/in/Berlin/IMG_1.JPG"),
        (b"/in/Berlin/GX010001.MP4", b"/in/Berlin/GX010001.MP4"),
        (b"/in/Berlin/clip.mp4", b"/in/Berlin/clip.mp4"),
    ],
)
def test_a_cards_own_folders_say_nothing_of_where_it_belongs(path: bytes, above: bytes) -> None:
    assert above_card(path) == above
