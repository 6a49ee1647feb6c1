"""Files over HTTP as RFC 9110 wants them: players seek by ranges."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from django.http import Http404
from django.http.response import HttpResponseBase
from django.test import RequestFactory
from hypothesis import given
from hypothesis import strategies as st

from mam.web.streaming import file_response

DATA = bytes(range(256)) * 40


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("served") / "proxy.mp4"
    place.write_bytes(DATA)
    return place


def ask(path: Path, method: str = "get", **headers: str) -> HttpResponseBase:
    request = getattr(RequestFactory(), method)("/x", headers=headers)
    return file_response(request, path, "video/mp4")


def body(response: HttpResponseBase) -> bytes:
    return b"".join(response.streaming_content)  # type: ignore[attr-defined]


def test_the_whole_file_says_that_ranges_may_be_asked_for(path: Path) -> None:
    answer = ask(path)
    assert (answer.status_code, answer["Accept-Ranges"]) == (200, "bytes")
    assert (answer["Content-Type"], answer["Content-Length"]) == ("video/mp4", str(len(DATA)))
    assert body(answer) == DATA


@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=0-", 0, len(DATA)),
        ("bytes=100-199", 100, 200),
        ("Bytes=100-199", 100, 200),
        ("bytes=100-999999999", 100, len(DATA)),
        ("bytes=-5", len(DATA) - 5, len(DATA)),
        ("bytes=-999999999", 0, len(DATA)),
        (f"bytes={len(DATA) - 1}-", len(DATA) - 1, len(DATA)),
    ],
)
def test_a_range_gives_its_bytes_and_says_which(
    path: Path, asked: str, start: int, end: int
) -> None:
    answer = ask(path, range=asked)
    assert answer.status_code == 206
    assert answer["Content-Range"] == f"bytes {start}-{end - 1}/{len(DATA)}"
    assert answer["Content-Length"] == str(end - start)
    assert body(answer) == DATA[start:end]


@pytest.mark.parametrize("asked", [f"bytes={len(DATA)}-", "bytes=-0", "bytes=9-8", "bytes=999999-"])
def test_a_range_outside_the_file_is_refused_with_its_size(path: Path, asked: str) -> None:
    answer = ask(path, range=asked)
    assert answer.status_code == 416
    assert answer["Content-Range"] == f"bytes */{len(DATA)}"


@pytest.mark.parametrize(
    "asked",
    ["bytes=-", "bytes=a-b", "items=0-1", "bytes=0-1,5-6", "bytes=1", "x" * 9000,
     "bytes=" + "9" * 6000 + "-", "bytes=٣-٤", "bytes=+1-2", "bytes=0x1-2"],
)  # fmt: skip
def test_a_header_that_says_nothing_gets_the_whole_file(path: Path, asked: str) -> None:
    answer = ask(path, range=asked)
    assert answer.status_code == 200
    assert body(answer) == DATA


@given(header=st.text(alphabet="bytes=-0123456789, ;", max_size=30))
def test_no_header_breaks_it_and_what_comes_is_what_it_says(path: Path, header: str) -> None:
    answer = ask(path, range=header)
    assert answer.status_code in (200, 206, 416)
    if answer.status_code == 206:
        first, last = (int(n) for n in answer["Content-Range"][6:].split("/")[0].split("-"))
        assert body(answer) == DATA[first : last + 1]


def test_an_empty_file_has_no_range(tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.touch()
    assert body(ask(empty)) == b""
    for asked in ("bytes=0-", "bytes=-1", "bytes=0-0"):
        assert ask(empty, range=asked).status_code == 416


def test_a_head_has_all_headers_and_no_body(path: Path) -> None:
    answer = ask(path, "head", range="bytes=10-19")
    assert (answer.status_code, answer["Content-Length"]) == (206, "10")
    assert answer.content == b""  # type: ignore[attr-defined]


def test_who_has_the_file_already_is_told_so(path: Path) -> None:
    tag = ask(path)["ETag"]
    for known in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        answer = ask(path, if_none_match=known, range="bytes=0-1")
        assert (answer.status_code, answer["ETag"]) == (304, tag)
    assert ask(path, if_none_match='"other"').status_code == 200
    assert ask(path, if_none_match=tag.strip('"')).status_code == 200


def test_a_range_of_a_file_that_changed_is_the_whole_new_file(tmp_path: Path) -> None:
    place = tmp_path / "proxy.mp4"
    place.write_bytes(DATA)
    tag = ask(place)["ETag"]
    assert ask(place, range="bytes=0-9", if_range=tag).status_code == 206
    place.write_bytes(DATA[::-1])
    os.utime(place, ns=(1, 1))
    answer = ask(place, range="bytes=0-9", if_range=tag)
    assert answer.status_code == 200
    assert body(answer) == DATA[::-1]
    assert ask(place, range="bytes=0-9", if_range=f"W/{tag}").status_code == 200


def test_what_is_not_there_is_not_found(tmp_path: Path) -> None:
    for place in (tmp_path / "none", tmp_path):
        with pytest.raises(Http404):
            ask(place)


def test_the_file_is_closed_when_the_player_goes_away(path: Path) -> None:
    answer = ask(path)
    pieces = answer.streaming_content  # type: ignore[attr-defined]
    next(iter(pieces))
    for close in answer._resource_closers:  # type: ignore[attr-defined]
        close()
    assert [file for file in os.listdir("/proc/self/fd") if _target(file) == str(path)] == []


def _target(number: str) -> str:
    try:
        return os.readlink(f"/proc/self/fd/{number}")
    except OSError:
        return ""
