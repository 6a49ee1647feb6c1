"""What passes the door is media by name or content, and never only points elsewhere."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.sniff import MEDIA_NAMES, SHARED_NAMES, Look, look
from mam.errors import BadMedia, NotMedia

MP4 = b"\0\0\0\x20ftypisom" + bytes(64)
REFERENCES = [
    b"#EXTM3U\n/etc/passwd\n",
    b"ffconcat version 1.0\nfile '/etc/passwd'\n",
    b"file '/etc/passwd'\n",
    b"[playlist]\nFile1=http://example.org/\n",
    b"<svg xmlns='http://www.w3.org/2000/svg'><image href='file:///etc/passwd'/></svg>",
    b"<?xml version='1.0'?>\n<!-- x -->\n<svg xmlns='http://www.w3.org/2000/svg'/>",
    b"<?xml version='1.0'?><MPD xmlns='urn:mpeg:dash:schema:mpd:2011'/>",
    b"\xef\xbb\xbf  #EXTM3U\n",
]


@pytest.mark.parametrize("head", REFERENCES)
@pytest.mark.parametrize("name", [b"a.mp4", b"a.m3u8", b"a.svg", b"a.txt", b"a"])
def test_files_that_point_at_others_are_refused_under_any_name(name: bytes, head: bytes) -> None:
    with pytest.raises(BadMedia, match="points at other files") as refusal:
        look(name, head, len(head))
    assert not isinstance(refusal.value, NotMedia)


def test_text_named_as_media_is_refused_and_says_why() -> None:
    with pytest.raises(BadMedia, match=r"named \.mp4 but holds text") as refusal:
        look(b"notes.MP4", b"Shopping list\n", 14)
    assert not isinstance(refusal.value, NotMedia)


@pytest.mark.parametrize(
    "head",
    [
        b"Just notes.",
        "Grüße".encode(),
        "Grüße, viele plain letters here".encode("latin-1"),
        "notes".encode("utf-16"),
        b"{}",
        b"<fcpxml/>",
    ],
)
def test_text_is_passed_over(head: bytes) -> None:
    with pytest.raises(NotMedia):
        look(b"notes.txt", head, len(head))


def test_programs_written_in_typescript_are_no_broken_media() -> None:
    with pytest.raises(NotMedia):
        look(b"main.ts", b"export const a = 1\n", 19)


def test_empty_files_are_refused_or_passed_over_by_their_name() -> None:
    with pytest.raises(BadMedia, match="empty") as refusal:
        look(b"clip.mp4", b"", 0)
    assert not isinstance(refusal.value, NotMedia)
    with pytest.raises(NotMedia, match="empty"):
        look(b"README", b"", 0)


def test_media_is_known_by_content_whatever_it_is_called() -> None:
    assert look(b"backup.bin", MP4, len(MP4)) is Look.MEDIA
    assert look(b"noending", b"\x1aE\xdf\xa3" + bytes(9), 13) is Look.MEDIA


def test_weak_marks_count_only_under_a_media_name() -> None:
    assert look(b"a.mp3", b"\xff\xfb\x90" + bytes(9), 12) is Look.MEDIA
    with pytest.raises(NotMedia):
        look(b"a.bin", b"\xff\xfb\x90" + bytes(9), 12)


def test_unknown_bytes_under_a_media_name_are_left_to_the_probe() -> None:
    assert look(b"a.r3d", b"\x01\x02\x03\x04\x05\xff\xfe", 7) is Look.UNSURE


@given(st.binary(max_size=300), st.binary(max_size=30))
def test_every_file_is_judged_without_an_accident(name: bytes, head: bytes) -> None:
    try:
        assert look(name, head, len(head)) in Look
    except BadMedia as refusal:
        assert str(refusal)


@given(st.text(min_size=1).filter(lambda text: text.isprintable() and text.strip()))
def test_no_text_is_taken_for_media(text: str) -> None:
    for ending in (
        b".txt",
        *(b"." + name.encode() for name in sorted(MEDIA_NAMES - SHARED_NAMES)[:5]),
    ):
        head = text.encode()
        with pytest.raises(BadMedia):
            # YUV4MPEG2 and QuickTime's boxes begin with letters, but not with these alone.
            look(b"a" + ending, b"Notes: " + head, len(head))


@pytest.mark.real_media
def test_all_real_media_passes_and_their_notes_do_not(media: Path) -> None:
    for path in sorted(media.rglob("*.*")):
        with path.open("rb") as file:
            head = file.read(256 << 10)
        if path.suffix in (".md", ".txt", ".csv", ".fcpxml"):
            with pytest.raises(NotMedia):
                look(path.name.encode(), head, path.stat().st_size)
        else:
            assert look(path.name.encode(), head, path.stat().st_size) is Look.MEDIA, path
