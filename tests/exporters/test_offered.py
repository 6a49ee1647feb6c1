"""Which options each format takes: no fewer than make a difference to it, and no more."""

from __future__ import annotations

from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from rest_framework.test import APIClient

from editing.cutlist import CutList, Event, Source
from editing.records import ChosenRange
from editing.services import Wishes, timeline_from_hits
from exporters.base import Exporter, ExportOptions, Option
from exporters.groups import GROUPS, provable
from exporters.offered import others_refuse, taken_by
from exporters.paths import PathMap
from exporters.proof.proving import PROVABLE
from exporters.registry import EXPORTERS, format_called, formats, names
from mam.errors import BadRequest
from mam.timing import FrameRange, FrameRate
from tests.editing.library import asset

CHOSEN: dict[Option, dict[str, Any]] = {
    Option.MAP: {"paths": PathMap.parse(["/san=/Volumes/SAN"])},
    Option.LONG_REELS: {"long_reels": True},
    Option.LONG_NUMBERS: {"long_event_numbers": True},
    Option.FCPXML_VERSION: {"fcpxml_version": "1.8"},
}


def long_cut() -> CutList:
    """Of one master with a long reel, and of more events than an EDL numbers with three digits."""
    rate = FrameRate.of(25)
    master = Source("1", "a.mov", "/san/a.mov", "video", rate, 5000, reel="A001C002_230101_R1AB")
    events = tuple(
        Event("V1", master, FrameRange(2 * n, 2 * n + 1), FrameRange(n, n + 1)) for n in range(1001)
    )
    return CutList("cut", rate, events=events)


@pytest.mark.parametrize("option", CHOSEN)
@pytest.mark.parametrize("dialect", EXPORTERS, ids=names())
def test_a_format_takes_what_changes_its_file_and_nothing_else(
    dialect: Exporter, option: Option
) -> None:
    if dialect.name.startswith("paper"):  # a thousand clips on paper take a minute
        cut = replace(long_cut(), events=long_cut().events[:3])
    else:
        cut = long_cut()
    plain = dialect.write(cut, ExportOptions())
    asked = dialect.write(cut, ExportOptions(**CHOSEN[option]))
    assert (asked.files != plain.files) == (option in taken_by(dialect.name))


def test_a_package_takes_what_its_cut_takes_but_paths_which_lead_into_it() -> None:
    for_media = [Option.MEDIA, Option.HANDLES]
    assert taken_by("otioz") == [*for_media, Option.REASONS]
    rest = [*for_media, Option.EDIT, Option.REASONS]
    assert taken_by("package") == rest
    assert taken_by("package", "fcpxml") == [Option.FCPXML_VERSION, *rest]
    with pytest.raises(BadRequest, match="long_reels; it takes media, handles, edit, reasons"):
        others_refuse("package", ["long_reels"])
    others_refuse("package", ["long_reels"], edit="edl")


def test_reasons_are_for_formats_that_tell_them() -> None:
    told = [name for name in names() if Option.REASONS in taken_by(name)]
    assert {"edl", "aaf", "csv", "paper"} <= set(told)
    assert not {"mlt", "srt"} & set(told)  # they have no words for them


def test_every_format_stands_in_one_group() -> None:
    grouped = [name for group in GROUPS for name in group.names]
    assert sorted(grouped) == sorted(formats())
    assert sorted(each.name for each in provable()) == sorted(PROVABLE)


def test_a_format_is_known_however_it_is_written() -> None:
    assert [format_called(text) for text in ("EDL", " Paper-DOCX ")] == ["edl", "paper-docx"]
    for text in ("", "  ", "omf"):
        with pytest.raises(BadRequest, match="edl, xmeml, fcpxml"):
            format_called(text)


@pytest.fixture
def cut() -> str:
    return timeline_from_hits(
        Wishes("cut"), [ChosenRange(asset("a.mov"), FrameRange(0, 50))]
    ).timeline.id


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (("edl", "--media", "trimmed"), "edl does not take --media; it takes --map, --long-reels"),
        (("edl", "--media", "masters"), "does not take --media"),
        (("edl", "--handles", "12"), "does not take --handles"),
        (("fcpxml", "--edit", "edl"), "does not take --edit; it takes --map, --fcpxml-version"),
        (
            ("otio", "--fcpxml-version", "1.10"),
            "does not take --fcpxml-version; it takes --map, --reasons.",
        ),
        (("srt", "--map", "/san=/x"), "does not take --map; it takes no options"),
        (("package", "--long-reels"), "cut as xmeml does not take --long-reels"),
        (("otioz", "--handles", "1s"), "--handles belong to --media trimmed"),
    ],
)
def test_the_shell_refuses_what_the_format_does_not_take(
    cut: str, asked: tuple[str, ...], told: str, tmp_path: Path
) -> None:
    kind, *more = asked
    output = tmp_path / "out"
    with pytest.raises(CommandError, match=told):
        call_command("export", cut, "--format", kind, "--output", str(output), *more)
    assert not output.exists()


@pytest.mark.django_db
def test_the_shell_takes_formats_in_capitals(cut: str, tmp_path: Path) -> None:
    output = tmp_path / "cut.edl"
    call_command("export", cut, "--format", "EDL", "--output", str(output), stdout=StringIO())
    assert output.read_text().startswith("TITLE")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("path", "query", "told"),
    [
        ("export", {"format": "edl", "edit": "paper"}, "does not take edit; it takes map, long_re"),
        ("export", {"format": "srt", "media": "masters"}, "not take media; it takes no options"),
        ("export", {"format": "edl", "long_reel": "1"}, "does not take long_reel;"),
        (
            "export",
            {"format": "otioz", "handles": "1s"},
            "not take handles; it takes media, reasons.",
        ),
        ("export", {"format": "omf"}, "There is no format 'omf'; choose edl"),
        ("prove", {"format": "omf"}, "There is no format 'omf'; choose edl, xmeml, fcpxml, otio, "),
        ("prove", {}, "Say in which format: edl, xmeml, fcpxml, otio, aaf, mlt."),
        ("prove", {"format": "srt"}, "The format srt cannot be proven: only edl"),
        (
            "prove",
            {"format": "otio", "long_reels": "1"},
            "does not take long_reels; it takes map, reasons.",
        ),
    ],
)
def test_the_api_refuses_what_the_format_does_not_take(
    cut: str, path: str, query: dict[str, str], told: str, django_user_model: Any
) -> None:
    api = APIClient()
    api.force_authenticate(django_user_model.objects.create_user("ed"))
    answer = api.get(f"/api/v1/timelines/{cut}/{path}/", query)
    assert answer.status_code == 400 and told in answer.json()["detail"]


@pytest.mark.django_db
def test_the_api_takes_formats_in_capitals(cut: str, django_user_model: Any) -> None:
    api = APIClient()
    api.force_authenticate(django_user_model.objects.create_user("ed"))
    answer = api.get(f"/api/v1/timelines/{cut}/export/", {"format": "EDL", "long_reels": "1"})
    assert answer.status_code == 200 and answer.content.startswith(b"TITLE")
