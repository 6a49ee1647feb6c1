"""Reading an example in children: by nets that can be computed in the head, of files made here."""

from __future__ import annotations

import os
import struct
import time
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pytest_django import Settings

from indexers import example
from indexers.example import read
from mam.engines import configure
from mam.errors import BadMedia, MamError, TransientError
from tests import fakes
from tests.media import make


@pytest.fixture(autouse=True)
def nets(settings: Settings) -> None:
    settings.ENGINES = fakes.ENGINES
    configure(fakes.ENGINES, settings.OPTIONS.models, settings.HOME)


def picture(path: Path, colour: str = "red", size: tuple[int, int] = (320, 180)) -> Path:
    """Of one colour with a little of another, so that it is not blank."""
    image = Image.new("RGB", size, fakes.COLOURS[colour])
    image.paste((0, 0, 0), (0, 0, size[0] // 6, size[1] // 6))
    image.save(path)
    return path


def test_a_picture_is_tagged_and_put_into_words_as_footage_is(tmp_path: Path) -> None:
    found = read(str(picture(tmp_path / "a.png")))
    assert found.kind == "image"
    assert {(tag.name, tag.kind) for tag in found.tags} == {("red", "object"), ("dark", "scene")}
    spaces = {vector.of: vector.space.name for vector in found.vectors}
    assert spaces == {"picture": "image-text", "labels": "sentence", "written": "sentence"}
    [written] = [vector for vector in found.vectors if vector.of == "written"]
    [meant] = fakes.FakeSentences().encode(["red, dark"])
    assert written.values == pytest.approx(meant.tolist())
    assert found.picture.startswith(b"\xff\xd8") and len(found.picture) < 20_000
    assert found.notes == () and found.missing == () and found.said == ""


def test_of_a_sound_its_first_half_minute_is_heard(tmp_path: Path) -> None:
    source = "sine=f=300:d=40"
    found = read(str(make(tmp_path / "a.wav", "-f", "lavfi", "-i", source)))
    assert (found.kind, found.picture) == ("sound", b"")
    assert {(tag.name, tag.kind) for tag in found.tags} == {("Tone three", "sound")}
    assert found.said.split() and set(found.said.split()) == {"three"}
    assert "said" in {vector.of for vector in found.vectors}
    assert found.notes == ("Only its first 30 seconds were read.",)


@pytest.mark.parametrize("seconds", [4, 40])
def test_of_a_movie_a_few_pictures_and_its_sound(tmp_path: Path, seconds: int) -> None:
    graph = f"color=c=blue:s=160x90:r=10:d={seconds},drawbox=c=black:w=30:h=20:t=fill"
    path = make(
        tmp_path / "a.mp4", "-f", "lavfi", "-i", graph, "-f", "lavfi", "-i",
        f"sine=f=200:d={seconds}", "-pix_fmt", "yuv420p", "-g", "10", "-shortest",
    )  # fmt: skip
    found = read(str(path))
    assert found.kind == "video" and found.picture
    assert {tag.name for tag in found.tags} == {"blue", "dark", "Tone two"}
    assert len([vector for vector in found.vectors if vector.of == "picture"]) == 3
    assert bool(found.notes) == (seconds > 30)


def png(path: Path, width: int, height: int) -> Path:
    """One of that size in its head, black, a few kilobytes however large it is."""
    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    row = b"\0" * (1 + -(-width // 8))
    packer, data = zlib.compressobj(9), b""
    for _ in range(height):
        data += packer.compress(row)
    data += packer.flush()
    chunks = ((b"IHDR", head), (b"IDAT", data), (b"IEND", b""))
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n"
        + b"".join(
            struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
            for name, body in chunks
        )
    )
    return path


def huge(folder: Path) -> Path:
    return png(folder / "huge.png", 30_000, 30_000)


def large(folder: Path) -> Path:
    return png(folder / "large.png", 12_000, 12_000)


def cut(folder: Path) -> Path:
    whole = picture(folder / "whole.jpg").read_bytes()
    (folder / "cut.jpg").write_bytes(whole[:300])
    return folder / "cut.jpg"


def text(folder: Path, name: str, content: str) -> Path:
    (folder / name).write_text(content)
    return folder / name


@pytest.mark.parametrize(
    ("made", "why"),
    [
        (huge, "picture|pixels|decoded"),
        (large, "12000 x 12000 pixels: of an example at most 100 million"),
        (cut, "decoded|broken|no media|read"),
        (lambda at: text(at, "a.svg", "<svg xmlns='x'><image href='/etc/passwd'/></svg>"), "SVG"),
        (lambda at: text(at, "a.jpg", "<html><body>a page</body></html>"), "text"),
        (lambda at: text(at, "a.m3u8", "#EXTM3U\n/etc/passwd"), "playlist"),
        (lambda at: text(at, "a.txt", "words"), "text"),
        (lambda at: text(at, "empty.png", ""), "empty"),
    ],
)
def test_what_cannot_be_read_says_why_and_soon(
    tmp_path: Path, made: Callable[[Path], Path], why: str
) -> None:
    began = time.monotonic()
    with pytest.raises(BadMedia, match=why) as caught:
        read(str(made(tmp_path)))
    assert "\n" not in str(caught.value) and time.monotonic() - began < 20


def test_a_picture_cut_short_is_read_as_far_as_it_goes_or_refused(tmp_path: Path) -> None:
    noise = np.random.default_rng(1).integers(0, 255, (400, 400, 3), dtype=np.uint8)
    Image.fromarray(noise).save(tmp_path / "a.jpg")
    whole = (tmp_path / "a.jpg").read_bytes()
    for share in (0.05, 0.5, 0.95):
        (tmp_path / "b.jpg").write_bytes(whole[: int(len(whole) * share)])
        try:
            assert read(str(tmp_path / "b.jpg")).kind == "image"
        except MamError as error:
            assert "\n" not in str(error)


def test_nets_that_take_too_long_are_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(example, "NETS_SECONDS", 0.05)
    with pytest.raises(TransientError, match="longer than"):
        read(str(picture(tmp_path / "a.png")))


def test_what_has_no_weights_is_left_out_and_told(tmp_path: Path, settings: Settings) -> None:
    settings.ENGINES = {**fakes.ENGINES, "image-text": "tests.fakes.FakeImageTextWaiting"}
    found = read(str(picture(tmp_path / "a.png")))
    assert found.missing == ("image-text",)
    assert {vector.space.name for vector in found.vectors} == {"sentence"}


def test_nothing_is_left_of_it(tmp_path: Path, home: Path) -> None:
    before = set(os.listdir("/proc/self/fd"))
    read(str(picture(tmp_path / "a.png")))
    assert not any(home.rglob("*.png"))
    assert len(set(os.listdir("/proc/self/fd")) - before) <= 2  # the server that forks probes
