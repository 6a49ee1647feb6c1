"""Two models side by side: searched all the while one is filled, swapped in, swapped back, named
anew and dropped, and every query finds what it is known to mean."""

from __future__ import annotations

import io
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from pytest_django import Settings

from mam import engines
from mam.catalog.laying import descriptions_forget
from mam.catalog.models import Analysis, Asset, Embedding, Keyframe, Space
from mam.catalog.spaces import index_name, space_served
from mam.errors import BadRequest, Conflict, NotFound
from mam.media.pictures import save_picture
from mam.options import ModelAndWeights, Models
from mam.pipeline.facts import plans_of
from mam.pipeline.heart import Heart
from mam.pipeline.plan import State
from mam.pipeline.registry import step_named
from mam.pipeline.runner import Runner
from mam.pipeline.selectors import asset_states
from mam.pipeline.workers import worker_forget, worker_register
from mam.timing import FrameRange
from search.encoders import EngineEncoders
from search.measures.beside import other_space
from search.services import find
from search.serving import drop, serve, spaces
from tests import factories, fakes

pytestmark = pytest.mark.django_db(transaction=True)
COLOURS = ("red", "green", "blue", "yellow")
MULTILINGUAL = "paraphrase-multilingual-minilm-l12-v2"
ONE = Models()
BOTH = replace(ONE, clip_next=ModelAndWeights("hues", "x"), sentence_next=MULTILINGUAL)
NAMED_ANEW = replace(ONE, clip_model="hues", clip_weights="x", sentence_model=MULTILINGUAL)
MAIN, NEXT = ("image_text", "meanings"), ("image_text_next", "meanings_next")
OLD, NEW = {"fake-colours", "fake-words"}, {"fake-hues", "fake-tongues"}


@pytest.fixture
def library(settings: Settings, home: Path) -> dict[str, Asset]:
    """A clip a colour, with its keyframe on disk and its description as a row."""
    settings.STEPS = [
        "indexers.image_text.ImageText",
        "indexers.meanings.Meanings",
        "indexers.image_text.ImageTextNext",
        "indexers.meanings.MeaningsNext",
    ]
    start_with(settings, home, ONE)
    return {colour: clip_of(colour, home) for colour in COLOURS}


@pytest.fixture
def runner(library: dict[str, Asset]) -> Iterator[Runner]:
    worker = worker_register()
    yield Runner(Heart(worker, beat_seconds=3600), lambda ids: None)
    worker_forget(worker)


def clip_of(colour: str, home: Path) -> Asset:
    clip = factories.asset(f"{COLOURS.index(colour)}.mp4", duration=50)
    factories.shot(clip, 0, 50)
    factories.description(clip, colour, 0, 50)
    save_picture(fakes.plain(colour), home / f"{colour}.jpg")
    Keyframe.objects.create(
        analysis=factories.analysis(clip, "keyframes"), asset=clip, start=0, end=50, frame=25,
        path=f"{colour}.jpg",
    )  # fmt: skip
    return clip


def start_with(settings: Settings, home: Path, models: Models) -> None:
    """What a start of the service with these settings does."""
    settings.OPTIONS = replace(settings.OPTIONS, models=models)
    engines.configure(fakes.ENGINES, models, home)


def fill(runner: Runner, clips: Any, steps: tuple[str, ...]) -> None:
    for clip in clips:
        for step in steps:
            assert runner.run(str(clip.pk), step), step


def missed(library: dict[str, Asset]) -> list[str]:
    """Colours whose clip is not found by its picture and by what its description means."""
    wrong = []
    for colour, clip in library.items():
        page = find(colour)
        lanes = {why.lane for hit in page.hits[:1] for why in hit.why}
        if not page.hits or page.hits[0].asset_id != str(clip.pk) or lanes != {"seen", "described"}:
            wrong.append(f"{colour}: {page.hits} {page.lanes}")
    return wrong


@contextmanager
def searched(library: dict[str, Asset]) -> Iterator[list[int]]:
    """Searching all the while, on a connection of its own; fails if anything was missed."""
    over, wrong, rounds = threading.Event(), list[str](), [0]

    def search() -> None:
        try:
            while not over.is_set():
                wrong.extend(missed(library))
                rounds[0] += 1
        except Exception as error:
            wrong.append(repr(error))
        finally:
            connection.close()

    thread = threading.Thread(target=search)
    thread.start()
    try:
        yield rounds
        after = rounds[0] + 2  # what was done last is searched too
        while rounds[0] < after and thread.is_alive():
            over.wait(0.01)
    finally:
        over.set()
        thread.join()
    assert wrong == []


def serving() -> set[str]:
    return {space.model for name in ("image-text", "sentence") if (space := space_served(name))}


def states(clip: Asset) -> dict[str, State]:
    return {name: item.state for name, item in plans_of([str(clip.pk)])[str(clip.pk)][1].items()}


def test_every_query_finds_what_it_means_while_models_come_and_go(
    library: dict[str, Asset], runner: Runner, settings: Settings, home: Path
) -> None:
    fill(runner, library.values(), MAIN)
    before = set(Embedding.objects.values_list("pk", flat=True))
    with searched(library) as rounds:
        start_with(settings, home, BOTH)
        for clip in library.values():
            with pytest.raises((Conflict, NotFound)):
                serve("fake-hues")
            fill(runner, [clip], NEXT)
            assert serving() == OLD
        assert before < set(Embedding.objects.values_list("pk", flat=True))  # none was touched
        for models in (NEW, OLD, NEW):
            for model in models:
                serve(model)
            assert serving() == models
            seen = rounds[0]
            while rounds[0] < seen + 2:
                threading.Event().wait(0.01)
        made = set(Analysis.objects.values_list("pk", flat=True))
        start_with(settings, home, NAMED_ANEW)
        for clip in library.values():  # what is there already is taken up, and nothing made anew
            assert {states(clip)[step] for step in MAIN} == {State.DONE}
            assert {states(clip)[step] for step in NEXT} == {State.NOT_APPLICABLE}
        assert made == set(Analysis.objects.values_list("pk", flat=True))
        gone = [Space.objects.get(model=model).pk for model in OLD]
        for model in OLD:
            assert drop(model)[1] == len(COLOURS)
    assert not Embedding.objects.filter(space_id__in=gone).exists()
    assert not Analysis.objects.filter(model__in=OLD).exists()
    assert {item.space.model for item in spaces()} == NEW
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_class WHERE relname = ANY(%s)",
                       [[index_name(pk) for pk in gone]])  # fmt: skip
        assert cursor.fetchone() == (0,)


def test_one_that_is_not_filled_is_refused_unless_forced_and_loses_nothing(
    library: dict[str, Asset], runner: Runner, settings: Settings, home: Path
) -> None:
    clips = list(library.values())
    fill(runner, clips, MAIN)
    start_with(settings, home, BOTH)
    fill(runner, clips[:3], NEXT)
    with pytest.raises(Conflict, match="lacks 1 of the assets"):
        serve("fake-hues")
    assert serving() == OLD and missed(library) == []
    shown = {item.space.model: item for item in spaces()}
    assert (shown["fake-hues"].space.lacking, shown["fake-hues"].share) == (1, 0.75)
    assert (shown["fake-colours"].space.lacking, shown["fake-colours"].space.serves) == (0, True)
    serve("fake-hues", force=True)
    assert [colour for colour in COLOURS if find(f"seen:{colour}").hits] != []
    serve("fake-colours", force=True)  # that which serves lacks nothing of itself
    assert missed(library) == []


def test_an_asset_that_was_removed_keeps_nobody_from_swapping(
    library: dict[str, Asset], runner: Runner, settings: Settings, home: Path
) -> None:
    clips = list(library.values())
    fill(runner, clips, MAIN)
    start_with(settings, home, BOTH)
    fill(runner, clips[:3], NEXT)
    Asset.objects.filter(pk=clips[3].pk).update(removed_at=clips[3].created_at)
    serve("fake-hues")
    assert "fake-hues" in serving()


def test_what_broke_off_is_done_again_and_an_asset_is_whole_meanwhile(
    library: dict[str, Asset],
    runner: Runner,
    settings: Settings,
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clip = library["red"]
    fill(runner, [clip], MAIN)
    assert asset_states([str(clip.pk)])[str(clip.pk)].depth == "whole"
    start_with(settings, home, BOTH)
    assert states(clip)["image_text_next"] is State.DUE

    def dies(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(fakes.FakeImageTextNext, "encode_images", dies)
        with pytest.raises(KeyboardInterrupt):
            runner.run(str(clip.pk), "image_text_next")
    shown = asset_states([str(clip.pk)])[str(clip.pk)]
    assert (shown.status, shown.depth) == ("indexed", "whole")
    assert states(clip)["image_text_next"] is State.DUE
    fill(runner, [clip], NEXT)
    assert states(clip)["image_text_next"] is State.DONE
    assert Embedding.objects.filter(space__model="fake-hues", asset=clip).count() == 1


def test_with_no_second_model_its_steps_do_not_apply_and_cost_nothing(
    library: dict[str, Asset], runner: Runner
) -> None:
    clip = library["red"]
    for name in NEXT:
        assert states(clip)[name] is State.NOT_APPLICABLE
        assert step_named(name).weights() == ()
        assert not runner.run(str(clip.pk), name)


def test_a_corrected_description_goes_from_every_space(
    library: dict[str, Asset], runner: Runner, settings: Settings, home: Path
) -> None:
    clip = library["red"]
    fill(runner, [clip], MAIN)
    start_with(settings, home, BOTH)
    fill(runner, [clip], NEXT)
    descriptions_forget(str(clip.pk), FrameRange(0, 50))
    left = Embedding.objects.filter(asset=clip).values_list("space__name", flat=True)
    assert set(left) == {"image-text"}
    assert {states(clip)[name] for name in ("meanings", "meanings_next")} == {State.DUE}


def test_the_serving_one_and_one_that_is_named_are_not_dropped(
    library: dict[str, Asset], runner: Runner, settings: Settings, home: Path
) -> None:
    fill(runner, library.values(), MAIN)
    start_with(settings, home, BOTH)
    fill(runner, library.values(), NEXT)
    with pytest.raises(Conflict, match="serves searches"):
        drop("fake-colours")
    with pytest.raises(Conflict, match="A setting names fake-hues still"):
        drop("fake-hues")
    with pytest.raises(NotFound, match="There is no space 'nothing'; there are "):
        drop("nothing")
    assert {item.space.index_bytes is None for item in spaces()} == {False}
    assert missed(library) == []


def test_one_that_no_setting_names_says_so_instead_of_finding_nothing(
    library: dict[str, Asset], runner: Runner, settings: Settings, home: Path
) -> None:
    fill(runner, library.values(), MAIN)
    start_with(settings, home, NAMED_ANEW)  # at once, without having filled it first
    page = find("red")
    reasons = {lane.name: lane.reason for lane in page.lanes if not lane.used}
    assert set(reasons) == {"seen", "described"}
    assert "fake-colours serves, which no setting names any more" in reasons["seen"]
    fill(runner, library.values(), MAIN)  # beside the old ones, which stand
    assert Embedding.objects.filter(space__model="fake-colours").count() == len(COLOURS)
    with pytest.raises(BadRequest, match="No setting names fake-words"):
        serve("fake-words")
    for model in NEW:
        serve(model)
    assert missed(library) == []


def test_weights_that_were_replaced_under_their_name_are_told(
    library: dict[str, Asset], runner: Runner
) -> None:
    fill(runner, library.values(), MAIN)
    Space.objects.filter(model="fake-colours").update(weights_sha256="9" * 64)
    [reason] = {lane.reason for lane in find("seen:red").lanes if lane.name == "seen"}
    assert "are others than its vectors were made with" in reason


def test_what_does_not_serve_yet_is_measured_beside_what_does(
    library: dict[str, Asset], runner: Runner, settings: Settings, home: Path, tmp_path: Path
) -> None:
    fill(runner, library.values(), MAIN)
    start_with(settings, home, BOTH)
    fill(runner, list(library.values())[:2], NEXT)
    rows = [f"{library[colour].name},{colour}" for colour in COLOURS]
    (tmp_path / "known.csv").write_text("\n".join(["file,query", *rows]), "utf-8")
    said: dict[bool, str] = {}
    for as_json in (True, False):
        out = io.StringIO()
        call_command(
            "bench", "search", "--described", str(tmp_path / "known.csv"), "--space", "fake-hues",
            *(["--json"] if as_json else []), stdout=out,
        )  # fmt: skip
        said[as_json] = out.getvalue()
    found = json.loads(said[True])
    assert (found["serving"], found["lacking"]) == ("fake-colours", 2)
    ranks = {
        model: of["alone"]["seen"]["mean_reciprocal_rank"] for model, of in found["models"].items()
    }
    assert ranks["fake-colours"] == 1.0 and serving() == OLD
    assert "fake-hues lacks 2 of the assets" in said[False]
    with pytest.raises(BadRequest, match="serves already"):
        other_space("fake-colours")


def test_each_model_is_asked_in_its_own_space(
    library: dict[str, Asset], runner: Runner, settings: Settings, home: Path
) -> None:
    fill(runner, library.values(), MAIN)
    start_with(settings, home, BOTH)
    fill(runner, library.values(), NEXT)
    encoders = EngineEncoders({"image-text": "fake-hues"})
    assert encoders.image_texts().space().model == "fake-hues"
    assert encoders.sentences().space().model == "fake-words"
    hits = find("seen:red", encoders=encoders).hits
    assert hits[0].asset_id == str(library["red"].pk)


def test_the_shell_shows_swaps_and_drops(
    library: dict[str, Asset], runner: Runner, settings: Settings, home: Path
) -> None:
    fill(runner, library.values(), MAIN)
    start_with(settings, home, BOTH)
    fill(runner, library.values(), NEXT)

    def shell(*words: str) -> str:
        out = io.StringIO()
        call_command("spaces", *words, stdout=out, stderr=io.StringIO())
        return out.getvalue()

    lines = shell().splitlines()
    assert [line.split()[2] for line in lines[1:3]] == ["fake-colours", "fake-hues"]
    assert "serves" in lines[1] and "serves" not in lines[2] and "100.0%" in lines[2]
    shell("serve", "fake-hues")
    found = {item["model"]: item for item in json.loads(shell("--json"))}
    assert [model for model, item in found.items() if item["serves"]] == ["fake-hues", "fake-words"]
    assert found["fake-hues"]["vectors"] == 4 and found["fake-hues"]["index_bytes"] > 0
    start_with(settings, home, NAMED_ANEW)
    assert "fake-colours" not in shell("drop", "fake-colours")
    with pytest.raises(CommandError, match="needs a SPACE"):
        shell("serve")


def test_staff_swap_by_page_and_api_and_others_do_not(
    library: dict[str, Asset], runner: Runner, settings: Settings, home: Path
) -> None:
    fill(runner, library.values(), MAIN)
    start_with(settings, home, BOTH)
    fill(runner, list(library.values())[:3], NEXT)
    new, old = (Space.objects.get(model=name).pk for name in ("fake-hues", "fake-colours"))
    anna, boss = Client(), Client()
    anna.force_login(User.objects.create_user("anna"))
    boss.force_login(User.objects.create_user("boss", is_staff=True))
    listed = anna.get("/api/v1/spaces/")
    assert [item["model"] for item in listed.json()][:2] == ["fake-colours", "fake-hues"]
    for path in (f"/api/v1/spaces/{new}/serve/", f"/search/spaces/{new}/serve/"):
        sent: dict[str, Any] = {"data": {}, "content_type": "application/json"}
        assert anna.post(path, **sent).status_code == 403
        assert boss.post(path, **sent).status_code == 409  # it lacks one
    assert boss.post("/api/v1/spaces/99999/serve/", **sent).status_code == 404
    forced = boss.post(
        f"/api/v1/spaces/{new}/serve/", {"force": True}, content_type="application/json"
    )
    assert next(item["model"] for item in forced.json() if item["serves"]) == "fake-hues"
    fill(runner, list(library.values())[3:], NEXT)
    assert "Have it serve" in boss.get("/search/measured/").text
    assert "Have it serve" not in anna.get("/search/measured/").text
    back = boss.post(f"/search/spaces/{old}/serve/", follow=True)
    assert "fake-colours serves from the next query on." in back.text
    assert serving() == OLD
