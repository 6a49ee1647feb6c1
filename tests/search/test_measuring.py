"""How well known items are found: ranks by hand, and a library that finds itself."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.test import Client

from mam.catalog.corrections import Author, correction_make, tag_correct
from mam.catalog.records import CorrectionKind
from mam.errors import BadRequest
from mam.timing import FrameRange
from search.measures.bench import described_in
from search.measures.finding import Measured, measure, rank_of, summed
from search.measures.history import KEPT, measure_keep, measures
from search.models import Measure
from search.retrieval.known import Known, asked_in_lane, known_items
from search.services import find
from tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fakes")]
ANNA = Author(None, "anna")


@pytest.fixture
def library() -> None:
    clip, copy = factories.asset("a.mov"), factories.asset("b.mov")
    factories.shot(clip, 0, 400)
    for row in (clip, copy):
        factories.segment(row, "Well, it was the best of times, they say.", 0, 100)
    factories.segment(clip, "Too short.", 200, 300)
    factories.screen_text(clip, "PLATFORM 9", 0, 50)
    factories.screen_text(clip, "7", 0, 50)
    factories.screen_text(clip, "dim words", 0, 50, score=0.5)
    for row in (clip, copy):
        factories.screen_text(row, "THE SAME EVERYWHERE", 0, 50)
    tag_correct(
        str(clip.pk), kind=CorrectionKind.ADD_TAG, tag="lighthouse", tag_kind="vocabulary",
        range=FrameRange(300, 400), author=ANNA,
    )  # fmt: skip
    factories.tag(copy, "dog", 0, 100)  # a machine's: nobody confirmed it
    correction_make(
        str(clip.pk), kind="mark", range=FrameRange(10, 11), author=ANNA, said={"note": "good take"}
    )


@pytest.mark.usefixtures("library")
def test_items_are_what_is_certain_and_each_place_that_says_the_same_is_right() -> None:
    items = {(item.lane, item.words): len(item.places) for item in known_items(50)}
    assert items == {
        ("said", "was the best of times"): 2,  # the middle of it, in both copies
        ("text", "platform 9"): 1,
        ("tag", "lighthouse"): 1,
        ("note", "good take"): 1,
    }
    assert known_items(50) == known_items(50)
    assert [item.lane for item in known_items(1)].count("said") == 1


@pytest.mark.usefixtures("library")
def test_a_library_finds_what_is_known_of_it_and_the_measure_is_kept(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    described = tmp_path / "described.csv"
    described.write_text("file,query\nb.mov,dog\nb.mov,a submarine\n")
    call_command("bench", "search", "--described", str(described), "--json")
    told = json.loads(capsys.readouterr().out)
    for lane in ("said", "text", "tag", "note"):
        assert told["alone"][lane]["recall_1"] == told["fused"][lane]["recall_1"] == 1.0
    assert told["fused"]["seen"]["recall_20"] == 0.5
    assert told["missed"] == [{"lane": "seen", "query": "a submarine"}]
    assert told["fused"]["all"]["items"] == 6
    assert Measure.objects.get().result == told
    client = Client()
    client.force_login(get_user_model().objects.create_user("ann"))
    page = client.get("/search/measured/").content.decode()
    assert "a submarine" in page and "0.500" in page


def test_the_rank_is_of_the_first_hit_that_lies_over_it() -> None:
    for name in ("a.mov", "b.mov", "c.mov"):
        factories.segment(factories.asset(name), "harbour", 0, 100)
    hits = find("harbour").hits
    second = hits[1]
    known = Known("said", "harbour", ((second.asset_id, FrameRange(50, 60)),))
    assert rank_of(known, hits) == 2
    assert (
        rank_of(Known("said", "harbour", ((second.asset_id, FrameRange(100, 200)),)), hits) is None
    )


def test_figures_by_hand() -> None:
    found = summed([1, 2, None, 20], [10.0, 20.0, 30.0, 40.0])
    assert (found.recall_1, found.recall_5, found.recall_20) == (0.25, 0.5, 0.75)
    assert found.mean_reciprocal_rank == pytest.approx((1 + 1 / 2 + 0 + 1 / 20) / 4)
    assert found.median_ms == 25.0
    assert summed([None], [3.0]).p95_ms == 3.0


def test_measures_stand_beside_the_one_before_and_do_not_grow_for_ever() -> None:
    for recall in (1.0, 0.5):
        found = summed([1, 1 if recall == 1 else None], [1.0, 1.0])
        measure_keep(Measured({"said": found}, {"said": found}, []))
    newest, oldest = measures(5)
    [(lane, items, figures)] = newest.fused
    assert (lane, items, figures[0]) == ("said", 2, (0.5, -0.5))
    assert oldest.fused[0][2][0] == (1.0, None)
    Measure.objects.bulk_create(Measure(result={}) for _ in range(KEPT))
    measure_keep(Measured({}, {}, []))
    assert Measure.objects.count() == KEPT


def test_nothing_known_and_files_that_say_nothing_are_told(tmp_path: Path) -> None:
    from django.core.management import CommandError

    with pytest.raises(CommandError, match="Nothing is known"):
        call_command("bench", "search")
    for text, told in (
        ("file,query\n,x\n", "line 2"), ("file,query\nno.mov,x\n", "no file named no.mov"),
    ):  # fmt: skip
        (tmp_path / "d.csv").write_text(text)
        with pytest.raises(BadRequest, match=told):
            described_in(tmp_path / "d.csv")
    with pytest.raises(BadRequest, match="cannot be read"):
        described_in(tmp_path / "nothing.csv")


def test_what_is_asked_in_a_lane_is_read_so() -> None:
    assert asked_in_lane(Known("said", "the best", ())) == "said:(the best)"
    assert measure([]).as_json() == {"alone": {}, "fused": {}, "missed": []}
