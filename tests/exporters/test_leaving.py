"""No file that leaves says of a clip what only a machine believes, whatever its format."""

from __future__ import annotations

from io import BytesIO, StringIO
from pathlib import Path
from zipfile import ZipFile

import pytest
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.test import Client

from editing.hearing import spoken_cutlist_of
from editing.reasons import Reasons
from editing.records import ChosenRange
from editing.services import Wishes, timeline_from_hits
from exporters.leaving import cut_leaving
from exporters.registry import EXPORTERS
from exporters.services import timeline_export
from mam.catalog.corrections import Author, correction_make, tag_correct
from mam.catalog.findings import findings_save
from mam.catalog.records import Findings, TaggingFinding
from mam.timing import FrameRange
from tests.editing.library import asset
from tests.exporters.paper import docx_text, pdf_text

pytestmark = pytest.mark.django_db
ANNA = Author(None, "anna")
WHY = "said: we go; tag: harbour; tag: primate; seen: a face; asked: the harbour at night"
TOLD = "said: we go; tag: harbour; asked: the harbour at night"
PLACE = FrameRange(10, 60)


@pytest.fixture
def cut() -> str:
    """A clip for which a net guessed two tags, of which a person confirmed one; the other one was
    confirmed where the clip does not go."""
    found = asset("talk.mov", path="/san/talk.mov", said=(("we", 10, 20), ("go.", 22, 40)))
    tags = tuple(
        TaggingFinding(name, "object", PLACE, 0.9, "net") for name in ("harbour", "primate")
    )
    findings_save(
        asset_id=found, step="scenes", version=1, inputs={}, findings=Findings(taggings=tags),
        guard=lambda: None,
    )  # fmt: skip
    for name, place in (("Harbour", PLACE), ("primate", FrameRange(500, 600))):
        tag_correct(
            found, kind="confirm_tag", tag=name, tag_kind="object", range=place, author=ANNA
        )
    return timeline_from_hits(Wishes("Night"), [ChosenRange(found, PLACE, WHY)]).timeline.id


def texts(cut: str, dialect: str) -> str:
    export = timeline_export(cut, dialect)
    data = b"\n".join(file.data for file in export.exported.files)
    if dialect.startswith("paper"):
        return (pdf_text if dialect == "paper" else docx_text)(data)
    return data.replace(b"\0", b"").decode("utf-8", "replace")  # an AAF's words are of 16 bits


@pytest.mark.parametrize("dialect", [each.name for each in EXPORTERS])
def test_no_format_tells_a_guess(cut: str, dialect: str) -> None:
    text = texts(cut, dialect)
    assert "primate" not in text and "seen: a face" not in text
    if dialect not in ("mlt", "srt", "vtt", "ttml", "stl"):  # which tell no reasons
        assert TOLD in text


def test_shell_page_and_api_may_ask_for_all_or_none(cut: str, tmp_path: Path) -> None:
    output = tmp_path / "cut.edl"
    for wanted, comment in (("all", "primate"), ("people", TOLD), ("none", None)):
        call_command(
            "export", cut, "--format", "edl", "--output", str(output), "--reasons", wanted,
            stdout=StringIO(), stderr=StringIO(),
        )  # fmt: skip
        text = output.read_text()
        assert comment in text if comment else "COMMENT" not in text
    client = Client(raise_request_exception=False)
    client.force_login(get_user_model().objects.create_user("ed"))
    asked = {"format": "csv", "reasons": "all"}
    data = client.get(f"/timelines/{cut}/export/", asked).content
    if data.startswith(b"PK"):
        with ZipFile(BytesIO(data)) as archive:
            data = b"".join(archive.read(name) for name in archive.namelist())
    assert b"primate" in data
    wrong = client.get(f"/api/v1/timelines/{cut}/export/", {"format": "csv", "reasons": "some"})
    assert wrong.status_code == 400 and "people, all, none" in wrong.json()["detail"]
    assert 'name="reasons"' in client.get(f"/timelines/{cut}/").content.decode()


def test_a_name_leaves_where_people_gave_it(cut: str) -> None:
    [clip] = cut_leaving(cut, Reasons.PEOPLE).video
    found = clip.source.asset_id
    named = timeline_from_hits(
        Wishes("Named"), [ChosenRange(found, PLACE, "speaker: Anna; asked: speaker:anna")]
    ).timeline.id
    assert cut_leaving(named, Reasons.PEOPLE).video[0].reason == "asked: speaker:anna"
    correction_make(found, kind="name_speaker", range=PLACE, said={"name": "Anna"}, author=ANNA)
    assert cut_leaving(named, Reasons.PEOPLE).video[0].reason == (
        "speaker: Anna; asked: speaker:anna"
    )
    assert {word.speaker for word in spoken_cutlist_of(named).spoken} == {"Anna"}
