"""The picture of a clip is the very frame that it shows first, of the proxy; masters stay shut."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from editing.cutlist import CutList, Event
from editing.saving import cutlist_save
from editing.selectors import cutlist_of, source_of
from exporters import posters
from exporters.posters import SIDE, posters_of
from exporters.services import timeline_export
from ingest.steps.probe import technical_facts
from mam.catalog.findings import findings_save
from mam.catalog.locations import location_mark_missing
from mam.catalog.records import Findings, RenditionFinding
from mam.catalog.selectors import asset_get
from mam.catalog.services import asset_register
from mam.media.base import FileTap
from mam.media.decode import decode
from mam.options import Options
from mam.timing import FrameRange, FrameRate
from tests.exporters.paper import docx_pictures, pdf_pictures
from tests.media import numbered_clip, probed, read_number, still

pytestmark = pytest.mark.django_db
PAL = FrameRate.of(25)


def known(path: Path, recipe: str = "proxy") -> str:
    """The asset of a file with that rendition of it, as ingest makes them."""
    info = probed(path)
    asset = asset_register(
        content_hash=path.name.ljust(64, "0"), size=1, path=bytes(path), mtime_ns=1
    ).asset
    made = path.with_suffix(".made.mp4" if recipe == "proxy" else ".made.jpg")
    decode(str(path), info, [FileTap(recipe, recipe, made)], options=Options())
    for step, findings in (
        ("probe", Findings(facts=technical_facts(info))),
        (recipe, Findings(renditions=(RenditionFinding(recipe, made),))),
    ):
        findings_save(
            asset_id=asset.id, step=step, version=1, inputs={}, findings=findings,
            guard=lambda: None,
        )  # fmt: skip
    return asset.id


def cut_of(*pieces: tuple[str, FrameRange, Fraction]) -> CutList:
    """Clips on V1, one after the other."""
    events, at = [], 0
    for asset_id, chosen, speed in pieces:
        place = FrameRange(at, at + 20)
        events.append(Event("V1", source_of(asset_get(asset_id)), chosen, place, speed=speed))
        at += 20
    return CutList("posters", PAL, events=tuple(events))


def number_of(jpeg: bytes) -> int:
    return read_number(np.asarray(Image.open(BytesIO(jpeg)).convert("RGB")))


def test_pictures_are_the_first_frames_shown_however_a_clip_runs(tmp_path: Path) -> None:
    one = known(numbered_clip(tmp_path / "a.mp4", frames=300, size=(640, 360)))
    ntsc = known(numbered_clip(tmp_path / "b.mp4", frames=200, rate="30000/1001", size=(180, 320)))
    cut = cut_of(
        (one, FrameRange(217, 237), Fraction(1)),
        (ntsc, FrameRange(101, 125), Fraction(1)),
        (one, FrameRange(30, 50), Fraction(-1)),
        (one, FrameRange(250, 251), Fraction(0)),
        (ntsc, FrameRange(199, 200), Fraction(1)),
    )
    pictured = with_posters(cut)
    found = [pictured.poster_of(event) for event in cut.events]
    assert all(found)
    assert [number_of(jpeg) for jpeg in found if jpeg] == [217, 101, 49, 250, 199]
    for jpeg in filter(None, found):
        assert max(Image.open(BytesIO(jpeg)).size) <= SIDE and len(jpeg) < 40_000


def with_posters(cut: CutList) -> CutList:
    return replace(cut, posters=posters_of(cut))


def test_a_still_is_its_poster(tmp_path: Path) -> None:
    picture = known(still(tmp_path / "s.png"), "poster")
    cut = with_posters(cut_of((picture, FrameRange(0, 1), Fraction(1))))
    jpeg = cut.poster_of(cut.events[0])
    assert jpeg is not None and number_of(jpeg) == 1


def test_an_export_of_an_offline_master_shows_its_proxy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clip = numbered_clip(tmp_path / "a.mp4", frames=100)
    asset_id = known(clip)
    location_mark_missing(bytes(clip))
    clip.unlink()
    cut = cut_of(
        (asset_id, FrameRange(33, 53), Fraction(1)), (asset_id, FrameRange(5, 25), Fraction(1))
    )
    saved = cutlist_save(cut)
    for name, pictures in (("paper", pdf_pictures), ("paper-docx", docx_pictures)):
        exported = timeline_export(saved.id, name).exported
        found = [read_number(np.asarray(image)) for image in pictures(exported.files[0].data)]
        assert found == [33, 5] and not exported.report
        assert timeline_export(saved.id, name).exported == exported
    monkeypatch.setattr(posters, "read_frames", None)
    assert not timeline_export(saved.id, "csv").cutlist.posters, "nobody asked for pictures"


def test_a_proxy_that_is_gone_broken_or_too_short_costs_its_pictures_only(tmp_path: Path) -> None:
    good = known(numbered_clip(tmp_path / "a.mp4", frames=60))
    gone = known(numbered_clip(tmp_path / "b.mp4", frames=60))
    asset_get(gone).renditions["proxy"].unlink()
    broken = known(numbered_clip(tmp_path / "c.mp4", frames=60))
    asset_get(broken).renditions["proxy"].write_bytes(b"no movie")
    pieces = [(each, FrameRange(7, 27), Fraction(1)) for each in (gone, broken, good)]
    saved = cutlist_save(cut_of(*pieces, (good, FrameRange(50, 70), Fraction(-1))))
    export = timeline_export(saved.id, "paper")
    assert [number_of(item.jpeg) for item in export.cutlist.posters] == [7]
    told = sorted(note.message for note in export.exported.report)
    assert [message.split(":")[0] for message in told] == ["a.mp4", "b.mp4", "c.mp4"]
    assert all("no picture for 1 clip " in message for message in told)
    assert cutlist_of(saved.id).posters == ()
