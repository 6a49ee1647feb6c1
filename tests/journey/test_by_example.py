"""Pieces of the real media, brought along by the API, find where they were taken from."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import quote

import imageio_ffmpeg
import pytest
import requests
from PIL import Image

from tests.journey.conftest import Service

pytestmark = [
    pytest.mark.journey,
    pytest.mark.real_media,
    pytest.mark.real_weights,
    pytest.mark.timeout(1800),
]
CLIPS = ("01_dog", "04_coffee", "06_pingpong", "08_driving", "16_robotarm", "19_cyclist")
CROPPED = "crop=iw*0.7:ih*0.7:iw*0.2:ih*0.1,scale=640:-2"
SPOKEN = {"LJ001-0001.flac": 4.5, "LJ001-0003.flac": 2.3, "LJ001-0004.flac": 0.0}


def cut(source: Path, at: float, target: Path, *arguments: str) -> Path:
    """A piece of a file, as somebody would cut it out."""
    ffmpeg = imageio_ffmpeg.get_ffmpeg_exe()
    head = [ffmpeg, "-nostdin", "-loglevel", "error", "-y", "-ss", f"{at:.3f}", "-i", str(source)]
    subprocess.run([*head, *arguments, str(target)], check=True, timeout=120)
    return target


def brought(service: Service, path: Path) -> Any:
    """What the API says of a file."""
    with path.open("rb") as file:
        answer = requests.post(
            f"{service.url}/api/v1/examples/",
            files={"file": (path.name, file)},
            headers={"Authorization": f"Token {service.token}"},
            timeout=120,
        )
    assert answer.status_code == 201, answer.text
    return answer.json()


def hits(service: Service, path: Path) -> list[Any]:
    query = quote(brought(service, path)["query"])
    found: list[Any] = service.get(f"/api/v1/search/?q={query}&per_asset=1&limit=20")["hits"]
    return found


def place_of(name: str, found: list[Any]) -> int:
    """From 1; 0 where it is not among them."""
    names = [hit["asset_name"] for hit in found]
    return names.index(name) + 1 if name in names else 0


def test_a_frame_finds_its_clip_cut_and_compressed_too(
    service: Service, real_library: dict[str, Any], media: Path, tmp_path: Path
) -> None:
    places = {}
    for clip in CLIPS:
        source = media / "gallery" / f"{clip}.mp4"
        for how, filters, quality in (("whole", "null", 90), ("cropped", CROPPED, 40)):
            frame = cut(source, 3.0, tmp_path / "frame.png", "-frames:v", "1", "-vf", filters)
            picture = tmp_path / f"{clip} {how}.jpg"
            Image.open(frame).convert("RGB").save(picture, quality=quality)
            places[clip, how] = place_of(source.name, hits(service, picture))
    # Measured: all of them first but one, which is second.
    assert sum(place == 1 for place in places.values()) >= 10, places
    assert sum(0 < place <= 5 for place in places.values()) >= 11, places


def test_five_seconds_of_speech_find_their_place(
    service: Service, real_library: dict[str, Any], media: Path, tmp_path: Path
) -> None:
    phone = ("-t", "5", "-af", "highpass=f=300,lowpass=f=3400", "-b:a", "24k")
    for name, at in SPOKEN.items():
        piece = cut(media / "speech" / name, at, tmp_path / f"{name}.mp3", *phone)
        found = hits(service, piece)
        assert place_of(name, found) == 1, found
        [said] = [why for why in found[0]["why"] if why["lane"] == "said"]
        seconds = said["start_frame"] / int(found[0]["rate"].partition("/")[0])
        assert abs(seconds - at) <= 1.0, (name, seconds)


def test_what_is_like_nothing_here_finds_nothing(
    service: Service, real_library: dict[str, Any], tmp_path: Path
) -> None:
    for name, picture in (("white", Image.new("RGB", (640, 360), "white")), ("stripes", stripes())):
        path = tmp_path / f"{name}.png"
        picture.save(path)
        assert hits(service, path) == []


def stripes() -> Image.Image:
    picture = Image.new("RGB", (640, 360), "white")
    for left in range(0, 640, 40):
        picture.paste((0, 0, 0), (left, 0, left + 20, 360))
    return picture
