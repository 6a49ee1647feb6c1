"""An edit comes in before all of its footage is indexed: what waits is told, not called missing."""

from __future__ import annotations

import hashlib

import pytest

from editing.models import Timeline
from editing.records import ChosenRange
from editing.services import Wishes, timeline_from_hits
from exporters.importing import edit_import
from exporters.importing_told import import_as_json, import_in_words
from exporters.readers.base import RateUnknown
from exporters.services import timeline_export
from mam.catalog.services import asset_register, asset_remove
from mam.timing import FrameRange, FrameRate
from tests.editing.library import asset

pytestmark = pytest.mark.django_db
PAL = FrameRate.of(25)


def sent(*names: str, form: str) -> bytes:
    """A cut of masters of these names as it left a library that has none of them any more."""
    ids = [asset(name, start=90_000) for name in names]
    made = timeline_from_hits(Wishes("cut"), [ChosenRange(key, FrameRange(0, 50)) for key in ids])
    data = timeline_export(made.timeline.id, form).exported.files[0].data
    Timeline.objects.all().delete()
    for key in ids:
        asset_remove(key)
    return data


def queued(name: str) -> str:
    """An asset that no step has looked at yet."""
    registered = asset_register(
        content_hash=hashlib.sha256(name.encode()).hexdigest(),
        size=1000,
        path=f"/new/{name}".encode(),
        mtime_ns=1,
        name=name,
    )
    return registered.asset.id


@pytest.mark.parametrize("form", ["edl", "otio"])
def test_what_is_not_indexed_yet_is_told_beside_what_is_not_here(form: str) -> None:
    data = sent("a.mov", "b.mov", "c.mov", form=form)
    asset("a.mov", start=90_000)
    queued("b.mov")
    found = edit_import(f"x.{form}", data, rate=PAL)
    told = list(import_in_words(found))
    assert [line for line in told if line.endswith("on V1: b.mov is here, but is not indexed yet.")]
    assert [line for line in told if "c.mov: no master in the library" in line]
    assert "Import the edit again when that file is indexed." in told
    assert import_as_json(found)["notes"][-1] == "Import the edit again when that file is indexed."


def test_where_nothing_is_indexed_the_reason_says_so_and_then_it_comes_in() -> None:
    data = sent("a.mov", "b.mov", form="edl")
    with pytest.raises(RateUnknown, match="No footage that it names is in the library"):
        edit_import("x.edl", data)
    for name in ("a.mov", "b.mov"):
        queued(name)
    with pytest.raises(RateUnknown, match=r"rate\. a\.mov is here, but is not indexed yet\."):
        edit_import("x.edl", data)
    found = edit_import("x.edl", data, rate=PAL)
    assert found.timeline is None
    assert found.reason.endswith("Import the edit again when those 2 files are indexed.")
    for name in ("a.mov", "b.mov"):
        asset(name, start=90_000)
    again = edit_import("x.edl", data)
    assert not again.conformed.unmatched and not again.reason
    assert not [note for note in again.notes if "again" in note]


def test_what_was_removed_before_it_was_indexed_is_not_here() -> None:
    data = sent("a.mov", "b.mov", form="otio")
    asset("a.mov", start=90_000)
    asset_remove(queued("b.mov"))
    told = " ".join(import_in_words(edit_import("x.otio", data)))
    assert "b.mov: no master in the library" in told and "indexed yet" not in told
