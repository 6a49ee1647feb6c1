"""Paths as the editor's machine knows them, and URLs that hold every byte of them."""

from __future__ import annotations

import os
from urllib.parse import unquote_to_bytes

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporters.paths import PathMap, PathRule, file_url, localhost_url
from mam.errors import BadRequest

RULES = PathMap.parse(
    ["/mnt/san=S:\\", "/mnt/san/news=\\\\nas\\news", "/mnt=/Volumes/All/", "/srv/=T:/media/"]
)


@pytest.mark.parametrize(
    ("path", "mapped", "url", "localhost"),
    [
        (
            "/mnt/san/a b/#1 & ü.mov",
            "S:\\a b\\#1 & ü.mov",
            "file:///S:/a%20b/%231%20%26%20%C3%BC.mov",
            "file://localhost/S%3a/a%20b/%231%20%26%20%C3%BC.mov",
        ),
        (
            "/mnt/san/news/x.mov",
            "\\\\nas\\news\\x.mov",
            "file://nas/news/x.mov",
            "file://localhost//nas/news/x.mov",
        ),
        (
            "/mnt/sandbox/🎬?.mov",
            "/Volumes/All/sandbox/🎬?.mov",
            "file:///Volumes/All/sandbox/%F0%9F%8E%AC%3F.mov",
            "file://localhost/Volumes/All/sandbox/%F0%9F%8E%AC%3F.mov",
        ),
        (
            "/srv/x.mov",
            "T:\\media\\x.mov",
            "file:///T:/media/x.mov",
            "file://localhost/T%3a/media/x.mov",
        ),
        ("/home/x.mov", "/home/x.mov", "file:///home/x.mov", "file://localhost/home/x.mov"),
        (
            "/mnt/b\udcff.mov",
            "/Volumes/All/b\udcff.mov",
            "file:///Volumes/All/b%FF.mov",
            "file://localhost/Volumes/All/b%FF.mov",
        ),
    ],
)
def test_the_longest_rule_by_whole_components_decides(
    path: str, mapped: str, url: str, localhost: str
) -> None:
    assert RULES.apply(path) == mapped
    assert file_url(mapped) == url
    assert localhost_url(mapped) == localhost


def test_a_rule_for_the_root_covers_everything() -> None:
    everything = PathMap.parse(["/=/Volumes/Box"])
    assert everything.apply("/a/b.mov") == "/Volumes/Box/a/b.mov"
    assert PathMap.parse(["/mnt=/"]).apply("/mnt/b.mov") == "/b.mov"


def test_names_that_windows_cannot_have_are_found_only_on_the_way_to_windows() -> None:
    for name in ("a\\b", "a:b", "what?", 'q"', "a<b", "line\nend"):
        assert RULES.cannot_be_named(f"/mnt/san/{name}.mov")
        assert RULES.cannot_be_named(f"/mnt/san/news/{name}.mov")
        assert not RULES.cannot_be_named(f"/mnt/other/{name}.mov")
        assert not RULES.cannot_be_named(f"/home/{name}.mov")
    assert not RULES.cannot_be_named("/mnt/san/a b/#1 & ü 🎬.mov")


def test_to_may_hold_an_equals_sign() -> None:
    assert PathRule.parse("/mnt=/a=b").apply("/mnt/x") == "/a=b/x"


@pytest.mark.parametrize("text", ["", "/mnt", "mnt=S:\\", "/mnt=", "/mnt=san", "=S:\\"])
def test_a_rule_that_cannot_be_read_says_what_was_meant(text: str) -> None:
    with pytest.raises(BadRequest, match="write"):
        PathRule.parse(text)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("/mnt/s\nan=/Volumes/SAN", "control character"),
        ("/mnt/san=/Volumes/\0", "control character"),
        ("/mnt/san=S:\\\x1b[2J", "control character"),
        ("/mnt/san=", "says no TO"),
        ("=/Volumes/SAN", "says no FROM"),
        ("/mnt/san=  ", "says no TO"),
    ],
)
def test_a_rule_with_an_empty_side_or_half_a_line_says_which(text: str, why: str) -> None:
    with pytest.raises(BadRequest, match=why):
        PathRule.parse(text)


@given(st.binary(min_size=1).filter(lambda name: b"\0" not in name))
def test_every_byte_of_a_path_comes_back_out_of_its_url(name: bytes) -> None:
    path = "/" + os.fsdecode(name)
    for url, head in ((file_url(path), "file://"), (localhost_url(path), "file://localhost")):
        assert url.isascii() and not set(url) & set(" #?&<>\"'\n")
        assert unquote_to_bytes(url.removeprefix(head)) == b"/" + name
