"""An edit with dissolves comes in where some of its masters are not here: it can leave again."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, Phase, given, reject, settings
from hypothesis import strategies as st

from editing.conforming import conform_edit
from editing.cutlist import CutList, Transition
from editing.models import Timeline
from editing.records import ChosenRange
from editing.saving import cutlist_save
from editing.selectors import cutlist_of
from editing.services import Wishes, timeline_from_hits
from exporters.base import ExportOptions, Feature
from exporters.importing import edit_import
from exporters.readers.registry import READERS
from exporters.registry import EXPORTERS
from exporters.services import timeline_export
from mam.catalog.services import asset_remove
from mam.errors import BadRequest
from mam.timing import FrameRange
from tests.editing.library import asset
from tests.exporters.rich_cuts import rich_cutlists

READ = {reader.name: reader for reader in READERS}
WRITE = {each.name: each for each in EXPORTERS}
JOINING = [each for each in EXPORTERS if each.carries & {Feature.DISSOLVES, Feature.FADES}]
"""What never says a transition checks it all the same, but takes long (paper)."""


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)
@given(rich_cutlists(), st.sampled_from(["otio", "edl", "xmeml", "fcpxml"]), st.data())
def test_whatever_is_missing_no_transition_stops_a_format(
    cut: CutList, form: str, data: st.DataObject
) -> None:
    try:
        file = WRITE[form].write(cut, ExportOptions()).files[0]
        edit = READ[form].read(file.data, cut.rate)
    except BadRequest:  # a cut that this format cannot say
        reject()
    here = [source for source in cut.sources if data.draw(st.booleans())]
    # a file that says no size is shown at its pictures', when it is read from its rows
    back = replace(conform_edit(edit, here).cutlist, width=cut.width, height=cut.height)
    for each in JOINING:
        try:
            each.write(replace(back, transitions=()), ExportOptions())
        except BadRequest:  # whatever its transitions
            continue
        each.write(back, ExportOptions())


@pytest.mark.django_db
def test_a_dissolve_from_a_clip_that_is_not_here_is_a_fade_and_told() -> None:
    ids = [asset(f"take {n}.mov", start=n * 90_000, reel=f"A00{n}") for n in (1, 2)]
    ranges = [ChosenRange(key, FrameRange(100, 200)) for key in ids]
    cut = cutlist_of(timeline_from_hits(Wishes("sent"), ranges).timeline.id)
    sent = cutlist_save(replace(cut, transitions=(Transition("V1", 100, 6, 6),)))
    data = timeline_export(sent.id, "otio").exported.files[0].data
    Timeline.objects.all().delete()
    asset_remove(ids[0])
    found = edit_import("cut.otio", data)
    assert found.timeline is not None
    assert cutlist_of(found.timeline.id).transitions == (Transition("V1", 100, 0, 6),)
    assert [line for line in found.edit.lost if "is a fade from black of 6 frames" in line]
    for form in ("edl", "otio", "aaf", "mlt", "xmeml", "fcpxml"):
        assert timeline_export(found.timeline.id, form).exported.files
