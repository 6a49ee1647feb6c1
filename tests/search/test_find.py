"""Finding, lane by lane, over rows made by hand."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mam.catalog.models import Asset, Location, Segment
from mam.errors import BadRequest
from mam.timing import FrameRange, FrameRate
from search.services import find
from search.values import Hit, Page
from tests import factories
from tests.search.conftest import FakeEncoder, FakeEncoders

pytestmark = pytest.mark.django_db


def found(words: str, encoders: FakeEncoders | None = None, **asked: object) -> list[Hit]:
    return list(page(words, encoders, **asked).hits)


def page(words: str, encoders: FakeEncoders | None = None, **asked: object) -> Page:
    return find(words, encoders=encoders or FakeEncoders(), **asked)  # type: ignore[arg-type]


def lanes(hit: Hit) -> set[str]:
    return {why.lane for why in hit.why}


# --- said ------------------------------------------------------------------------------------


def test_spoken_words_give_the_whole_sentence_and_the_time_of_the_words() -> None:
    clip = factories.asset("talk.mp4")
    shot = factories.shot(clip, 0, 1000)
    factories.segment(clip, "It was the best of times.", 100, 160)
    factories.segment(clip, "Nobody expected rain that day.", 160, 260)
    [hit] = found("expected rain")
    assert (hit.asset_id, hit.shot_id) == (str(clip.pk), str(shot.pk))
    assert hit.range == FrameRange(160, 260)
    [why] = [why for why in hit.why if why.lane == "said"]
    assert why.range == FrameRange(180, 220)  # "expected rain" of five words in 100 frames
    assert why.text == "Nobody expected rain that day."


def test_stems_are_found_in_the_language_that_was_spoken() -> None:
    german, english = factories.asset("de.mp4"), factories.asset("en.mp4")
    factories.segment(german, "Die Häuser standen am Fluss.", 0, 50, language="de")
    factories.segment(english, "They were running home.", 0, 50)
    assert [hit.asset_name for hit in found("Haus")] == ["de.mp4"]
    assert [hit.asset_name for hit in found("runs")] == ["en.mp4"]


def test_quoted_words_are_found_in_this_order_only() -> None:
    right, wrong = factories.asset("right.mp4"), factories.asset("wrong.mp4")
    factories.segment(right, "We shall fight on the beaches.", 0, 50)
    factories.segment(wrong, "On the beaches we shall fight.", 0, 50)
    [hit] = found('"fight on the beaches"')
    assert hit.asset_name == "right.mp4"
    assert hit.why[0].range == FrameRange(16, 50)  # from the third of six words to the last
    assert found('"beaches fight"') == []


def test_a_quote_that_was_cut_over_two_sentences_is_put_together() -> None:
    clip = factories.asset("novel.mp4")
    factories.segment(clip, "It was the best of times, it was", 0, 80)
    factories.segment(clip, "the worst of times, it was", 80, 140)
    [hit] = found('"it was the worst of times"')
    assert hit.range == FrameRange(0, 140)
    assert hit.score > 0.9


def test_all_words_spoken_win_over_some_and_over_pictures() -> None:
    both, one, seen = (factories.asset(name) for name in ("both.mp4", "one.mp4", "seen.mp4"))
    factories.segment(both, "The red lorry stopped.", 0, 50)
    factories.segment(one, "The lorry stopped.", 0, 50)
    factories.shot(seen, 0, 50)
    factories.tag(seen, "red lorry", 0, 50, score=1.0)
    names = [hit.asset_name for hit in found("red lorry")]
    assert names[0] == "both.mp4"


def test_stop_words_alone_are_words_too() -> None:
    clip = factories.asset("hamlet.mp4")
    factories.segment(clip, "To be or not to be.", 0, 50)
    assert [hit.asset_name for hit in found('"to be or not to be"')] == ["hamlet.mp4"]
    assert [hit.asset_name for hit in found("to be")] == ["hamlet.mp4"]


# --- on screen, tags, sounds, names ----------------------------------------------------------


def test_words_on_screen_are_exact() -> None:
    clip = factories.asset("sign.mp4")
    factories.screen_text(clip, "PLATFORM 9 CLOSED", 20, 60)
    [hit] = found("platform closed")
    assert lanes(hit) == {"text"}
    assert hit.range == FrameRange(20, 60)
    assert hit.score > 0.9


def test_a_tag_is_found_by_its_plural_without_any_weights() -> None:
    clip = factories.asset("pets.mp4")
    shot = factories.shot(clip, 0, 100)
    factories.tag(clip, "dog", 0, 100, score=0.8)
    without = FakeEncoders(sentences=False)
    [hit] = found("dogs", without)
    assert (hit.shot_id, lanes(hit)) == (str(shot.pk), {"tag"})


def test_a_word_that_means_the_same_finds_the_tag() -> None:
    clip = factories.asset("clip.mp4")
    factories.shot(clip, 0, 100)
    factories.tag(clip, "dog", 0, 100, score=0.8)
    [hit] = found("puppy")
    assert "described" in lanes(hit)
    assert "dog" in {why.text for why in hit.why}
    assert found('"puppy"') == []  # quoted words are meant literally


def test_more_of_the_words_seen_rank_higher() -> None:
    one, both = factories.asset("one.mp4"), factories.asset("both.mp4")
    for clip in (one, both):
        factories.tag(clip, "dog", 0, 100, score=0.9)
    factories.tag(both, "ball", 0, 100, score=0.5)
    assert found("dog with a ball")[0].asset_name == "both.mp4"


def test_a_sound_gives_its_own_stretch() -> None:
    clip = factories.asset("noise.mp4")
    factories.shot(clip, 0, 1000)
    factories.tag(clip, "Vehicle horn, car horn, honking", 300, 350, kind="sound")
    [hit] = found("honking")
    assert hit.range == FrameRange(300, 350)
    assert lanes(hit) == {"sound"}


def test_a_name_is_found_by_its_words_and_is_the_whole_clip() -> None:
    factories.asset("B-roll_CityNight02.mov", duration=250)
    [hit] = found("city night")
    assert (hit.range, lanes(hit)) == (FrameRange(0, 250), {"name"})
    assert [hit.asset_name for hit in found("%")] == []
    assert [hit.asset_name for hit in found("___")] == []


# --- meaning and pictures --------------------------------------------------------------------


def test_a_description_near_in_meaning_is_found_among_others() -> None:
    encoder = FakeEncoder()
    for number, text in enumerate(("lake boat", "desk lamp", "train snow", "crowd stage") * 5):
        other = factories.asset(f"{number}.mp4")
        factories.embedding(other, encoder.space(), encoder.encode([text])[0], 0, 100)
    clip = factories.asset("clip.mp4")
    factories.description(clip, "harbour crane container", 0, 100)
    vector = encoder.encode(["harbour crane container"])[0]
    factories.embedding(clip, encoder.space(), vector, 0, 100)
    [hit] = found("harbour container")
    assert hit.asset_name == "clip.mp4"
    assert [(why.lane, why.text) for why in hit.why] == [("described", "harbour crane container")]


def test_pictures_are_found_once_there_are_weights_and_are_left_out_with_a_reason_before() -> None:
    clip = factories.asset("clip.mp4")
    encoder = FakeEncoder("image-text")
    vector = encoder.encode(["a photo of sunset"])[0]
    factories.embedding(clip, encoder.space(), vector, 0, 100)
    without = page("sunset")
    assert without.hits == ()
    [lane] = [lane for lane in without.lanes if not lane.used]
    assert (lane.name, "open_clip" in lane.reason) == ("seen", True)
    [hit] = found("sunset", FakeEncoders(image_texts=True))
    assert lanes(hit) == {"seen"}


def test_only_new_query_texts_are_encoded() -> None:
    from search.encoders import Remembering

    encoder = FakeEncoder()
    remembering = Remembering(encoder.space, encoder.encode)
    first = remembering.encode(["a", "b"])
    again = remembering.encode(["b", "c", "a"])
    assert encoder.asked == ["a", "b", "c"]
    assert (again[0] == first[1]).all()


# --- the page --------------------------------------------------------------------------------


def test_nonsense_and_nothing_find_nothing() -> None:
    clip = factories.asset("dogs.mp4")
    factories.shot(clip, 0, 100)
    factories.tag(clip, "dog", 0, 100)
    for words in ("xqzzy flurb", "", "   ", '""', "\0", "…"):
        assert page(words).total == 0


def test_removed_and_unprobed_assets_never_show() -> None:
    encoder = FakeEncoder()
    for clip in (
        factories.asset("dog.mp4", removed=True),
        factories.asset("dog2.mp4", probed=False),
    ):
        factories.shot(clip, 0, 100)
        factories.tag(clip, "dog", 0, 100)
        factories.segment(clip, "a dog", 0, 100)
        factories.screen_text(clip, "dog", 0, 100)
        factories.embedding(clip, encoder.space(), encoder.encode(["dog"])[0], 0, 100)
    assert page("dog").hits == ()
    assert page('"dog"').hits == ()
    Asset.objects.update(removed_at=None)
    assert {hit.asset_name for hit in found("dog")} == {"dog.mp4"}


def test_timecodes_are_the_source_s_own() -> None:
    ntsc = FrameRate(Fraction(30000, 1001))
    clip = factories.asset("cam.mov", rate=ntsc, start=107892, drop_frame=True)  # 01:00:00;00
    factories.shot(clip, 0, 60)
    factories.tag(clip, "dog", 0, 60)
    [hit] = found("dog")
    assert (hit.start_tc, hit.end_tc, str(hit.rate)) == (
        "01:00:00;00",
        "01:00:02;00",
        "30000/1001",
    )


def test_sound_alone_has_a_clock_and_no_shot() -> None:
    talk = factories.asset("talk.wav", kind="audio", rate=FrameRate.of(48000), duration=480_000)
    factories.segment(talk, "good evening", 72_000, 96_000)
    [hit] = found("evening")
    assert (hit.shot_id, hit.start_tc, hit.end_tc) == (None, "00:00:01.500", "00:00:02.000")


def test_paging_shows_every_hit_once_in_one_order() -> None:
    for number in range(25):
        clip = factories.asset(f"{number}.mp4")
        factories.shot(clip, 0, 50)
        factories.tag(clip, "dog", 0, 50, score=0.9)
    whole = page("dog", limit=100)
    assert (whole.total, whole.reachable, len(whole.hits)) == (25, 25, 25)
    pages = [hit for offset in (0, 10, 20) for hit in found("dog", limit=10, offset=offset)]
    assert [hit.asset_id for hit in pages] == [hit.asset_id for hit in whole.hits]
    assert page("dog", limit=0).hits == ()
    assert page("dog", limit=0).total == 25


def test_an_impossible_limit_is_told() -> None:
    impossible: list[dict[str, Any]] = [{"limit": -1}, {"offset": -1}, {"limit": 100_000}]
    for asked in impossible:
        with pytest.raises(BadRequest, match="limit"):
            find("dog", encoders=FakeEncoders(), **asked)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(
    st.text(max_size=60)
    | st.text(alphabet="'\"%_\\;|&!()<>:*-.@/$ \0\ud800ä中א🙂ab12", max_size=40)
)
def test_any_text_gets_an_answer(text: str) -> None:
    assert page(text).total >= 0


def test_a_very_long_query_gets_an_answer() -> None:
    clip = factories.asset("dogs.mp4")
    factories.segment(clip, "dog", 0, 10)
    assert Segment.objects.count() == 1
    for text in ("dog " * 2500, "x" * 10_000, "é" * 10_000, '"' * 10_000):
        assert page(text).total >= 0


@pytest.mark.parametrize(
    ("words", "score"),
    [("日本", 0.5), ("東京", 0.5), ("夜景", 0.7), ("k2", 0.7), ("zanzibar", 0.7), ("old", 0.7)],
)
def test_every_name_that_a_clip_has_or_had_is_searched_and_short_words_too(
    words: str, score: float
) -> None:
    row = factories.asset("日本語 東京タワー 夜景 K2.mp4")
    for path, state in (("/m/Zanzibar.mp4", "online"), ("/m/old.mp4", "missing")):
        Location.objects.create(
            asset=row, path=path.encode(), shown_path=path, name=path[3:], size=1, mtime_ns=1,
            state=state,
        )  # fmt: skip
    factories.asset("K20 prezanzibarian.mp4")
    hits = found(words)
    assert hits[0].asset_id == str(row.pk)
    assert hits[0].score >= score
