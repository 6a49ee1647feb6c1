"""Operators, lanes and filters over rows made by hand."""

from __future__ import annotations

import pytest

from mam.catalog.corrections import Author, asset_rate, correction_make, tag_correct
from mam.catalog.models import Asset, CardPart, Location
from mam.catalog.records import CorrectionKind
from mam.catalog.services import collection_add, collection_create
from mam.timing import FrameRange, FrameRate
from search.services import find
from tests import factories
from tests.search.asking import found, names, places
from tests.search.conftest import FakeEncoders

pytestmark = pytest.mark.django_db
ANNA = Author(None, "anna")


@pytest.fixture
def meeting() -> Asset:
    """A meeting of 40 s: what is seen, said and written, at different times."""
    clip = factories.asset("take1.mov", duration=1000)
    factories.shot(clip, 0, 300)
    factories.shot(clip, 300, 700, 2)
    factories.shot(clip, 700, 1000, 3)
    factories.tag(clip, "whiteboard", 0, 300)
    factories.tag(clip, "dog", 300, 700)
    factories.tag(clip, "Applause", 650, 720, kind="sound")
    factories.segment(clip, "The budget is large.", 100, 160)
    factories.segment(clip, "A dog came in.", 350, 400)
    factories.segment(clip, "The budget was cut.", 800, 860)
    factories.screen_text(clip, "BUDGET 2025", 0, 300)
    return clip


# --- lanes -----------------------------------------------------------------------------------


@pytest.mark.usefixtures("meeting")
def test_a_lane_looks_in_one_place_only() -> None:
    assert places("said:budget") == {("take1.mov", 100, 160), ("take1.mov", 800, 860)}
    assert places("text:budget") == {("take1.mov", 0, 300)}
    assert places("tag:dog") == {("take1.mov", 300, 700)}
    assert places("said:dog") == {("take1.mov", 350, 400)}
    assert places("seen:dog") == {("take1.mov", 300, 700)}
    assert places("sound:applause") == {("take1.mov", 650, 720)}
    assert places("tag:applause") == set()
    assert places("name:take") == {("take1.mov", 0, 1000)}
    assert places('said:"budget is"') == {("take1.mov", 100, 160)}
    for lane, word in {
        "said": "budget", "text": "budget", "tag": "dog", "sound": "applause", "name": "take",
    }.items():  # fmt: skip
        assert {why.lane for hit in found(f"{lane}:{word}") for why in hit.why} == {lane}
    assert places("note:budget") == places("person:dog") == places("speaker:budget") == set()


def test_a_tag_is_met_by_its_name_and_seen_by_its_meaning() -> None:
    clip = factories.asset("pets.mp4")
    factories.tag(clip, "dog", 0, 100)
    assert names("tag:puppy") == set()
    assert names("seen:puppy") == {"pets.mp4"}
    assert names("sound:dog") == set()


def test_a_person_is_what_people_tagged() -> None:
    clip, other = factories.asset("a.mp4"), factories.asset("b.mp4")
    factories.tag(other, "anna", 0, 100, kind="vocabulary")
    tag_correct(
        str(clip.pk), kind=CorrectionKind.ADD_TAG, tag="anna", tag_kind="vocabulary",
        range=FrameRange(0, 50), author=ANNA,
    )  # fmt: skip
    assert names("tag:anna") == {"a.mp4", "b.mp4"}
    assert places("person:anna") == {("a.mp4", 0, 50)}


def test_notes_on_markers_and_in_collections_are_found_and_undone_ones_not() -> None:
    clip = factories.asset("a.mp4")
    factories.shot(clip, 0, 400)
    correction_make(
        str(clip.pk), kind="mark", range=FrameRange(100, 101), author=ANNA,
        said={"note": "use this take"},
    )  # fmt: skip
    collection = collection_create(name="Selects")
    collection_add(
        collection, asset_id=str(clip.pk), range=FrameRange(500, 600), note="second take, better"
    )
    assert places("note:take") == {("a.mp4", 0, 400), ("a.mp4", 500, 600)}  # a moment is its shot
    assert places('note:"use this"') == {("a.mp4", 0, 400)}
    assert ("a.mp4", 500, 600) in places("second take")


# --- operators -------------------------------------------------------------------------------


@pytest.mark.usefixtures("meeting")
def test_words_that_must_both_be_there_are_at_one_moment() -> None:
    assert places("said:budget tag:whiteboard") == {("take1.mov", 100, 160)}
    assert places("said:budget said:dog") == set()
    assert places("said:budget OR tag:dog") == {
        ("take1.mov", 100, 160), ("take1.mov", 800, 860), ("take1.mov", 300, 700),
    }  # fmt: skip
    assert places("(said:budget OR said:dog) tag:dog") == {("take1.mov", 350, 400)}


@pytest.mark.usefixtures("meeting")
def test_what_is_excluded_is_nowhere_in_a_hit() -> None:
    assert places("said:budget -text:2025") == {("take1.mov", 800, 860)}
    assert places("said:budget -whiteboard") == {("take1.mov", 800, 860)}
    assert places("said:budget -(large OR cut)") == set()
    assert places('said:budget -"was cut"') == {("take1.mov", 100, 160)}
    factories.asset("quiet.mov", duration=50)
    assert places("-dog") == {("quiet.mov", 0, 50)}


def test_only_the_word_itself_is_excluded_and_not_what_means_the_same() -> None:
    clip = factories.asset("pets.mp4")
    factories.tag(clip, "dog", 0, 100)
    factories.tag(clip, "ball", 0, 100)
    assert names("ball -puppy") == {"pets.mp4"}
    assert names("ball -dogs") == set()  # another form of it is the word


@pytest.mark.parametrize(
    "query", ["said:note -said:senses", "said:note -senses", "note -exhibitions", "note -tiger"]
)
def test_every_form_of_a_word_is_excluded_however_weakly_it_is_there(query: str) -> None:
    clip = factories.asset("a.mov")
    factories.segment(clip, "A note on the sense of the exhibition.", 0, 100)
    factories.tag(clip, "tiger", 0, 100, score=0.03)
    factories.tag(factories.asset("b.mov"), "tiger", 0, 100, score=0.95)
    assert ("a.mov", 0, 100) not in places(query)


def test_a_hot_dog_is_no_dog() -> None:
    clip = factories.asset("a.mov")
    factories.tag(clip, "hot dog", 0, 100)
    factories.tag(clip, "table", 0, 100)
    assert names("table -dog") == {"a.mov"}
    assert names('table -"hot dog"') == set()


def test_quotes_are_exact_and_must_be_there() -> None:
    clip, other = factories.asset("a.mov"), factories.asset("b.mov")
    factories.segment(clip, "The block books of the exhibition.", 0, 100)
    factories.segment(clip, "Printing began.", 500, 600)
    factories.tag(other, "dog", 0, 100)
    factories.tag(other, "person", 0, 100)
    assert places('"block books"') == {("a.mov", 0, 100)}
    for nobody_says in ('"block book"', '"exhibition block"', '"person dog"', '"books block"'):
        assert places(nobody_says) == set(), nobody_says
    assert places('dog "block books"') == {("a.mov", 0, 100)}
    factories.tag(clip, "dog", 0, 100)
    [hit] = found('dog "block books"')
    assert {why.lane for why in hit.why} >= {"said", "tag"}


def test_an_exclusion_reaches_past_the_pool() -> None:
    """However many ranges hold the word, each hit is held against all of its asset's."""
    clip = factories.asset("long.mov", duration=100_000)
    for number in range(500):
        factories.segment(clip, "rain again", 100 * number, 100 * number + 50)
    factories.segment(clip, "sun and rain", 90_000, 90_050)
    factories.segment(clip, "sun at last", 95_000, 95_050)
    assert places("said:sun -said:rain") == {("long.mov", 95_000, 95_050)}


@pytest.mark.usefixtures("meeting")
def test_time() -> None:
    assert places("said:large THEN tag:dog") == {("take1.mov", 100, 700)}
    assert places("said:large THEN tag:dog WITHIN 5s") == set()  # 5.6 s lie between
    assert places("said:large THEN said:cut WITHIN 30s") == {("take1.mov", 100, 860)}
    assert places("said:large THEN said:cut WITHIN 25s") == set()
    assert places("said:cut BEFORE said:large") == set()
    assert places("said:large BEFORE said:cut") == {("take1.mov", 100, 860)}
    assert places("said:cut NEAR sound:applause") == {("take1.mov", 650, 860)}
    assert places("said:dog WHILE tag:dog") == {("take1.mov", 350, 400)}
    assert places("tag:dog WHILE sound:applause") == {("take1.mov", 300, 700)}
    assert places("said:large THEN tag:dog THEN said:cut") == {("take1.mov", 100, 860)}


def test_near_is_also_at_once_and_a_chain_tries_every_second() -> None:
    clip = factories.asset("a.mov", duration=5000)
    for tag, start, end in (
        ("car", 0, 100), ("person", 150, 200), ("person", 400, 450), ("bird", 450, 500),
        ("wheel", 0, 100),
    ):  # fmt: skip
        factories.tag(clip, tag, start, end)
    assert places("tag:car NEAR tag:wheel") == {("a.mov", 0, 100)}
    assert places("tag:car THEN tag:person") == {("a.mov", 0, 200)}
    assert places("tag:car THEN tag:person THEN tag:bird WITHIN 1s") == {("a.mov", 0, 500)}


def test_a_rare_thing_after_a_common_one_is_found_though_the_common_one_has_better_places() -> None:
    for number in range(450):
        clip = factories.asset(f"{number}.mov")
        factories.tag(clip, "person", 0, 100, score=0.9)
    rare = factories.asset("rare.mov")
    factories.tag(rare, "person", 0, 100, score=0.7)
    factories.tag(rare, "zebra", 150, 250, score=0.9)
    assert places("tag:person THEN tag:zebra") == {("rare.mov", 0, 250)}
    assert places("tag:zebra NEAR tag:person") == {("rare.mov", 0, 250)}


def test_not_like_puts_lower_what_shows_it() -> None:
    for name, also in (("a.mp4", "snow"), ("b.mp4", "sand")):
        clip = factories.asset(name)
        factories.tag(clip, "mountain", 0, 100)
        factories.tag(clip, also, 0, 100)
    plain = [hit.asset_name for hit in found("mountain NOT LIKE snow")]
    assert plain[0] == "b.mp4"
    assert found("mountain NOT LIKE sand")[0].asset_name == "a.mp4"


# --- filters ---------------------------------------------------------------------------------


@pytest.fixture
def library() -> None:
    """Three clips with a dog each, that differ in everything else."""
    uhd = factories.asset("uhd.mov", rate=FrameRate.of(30000, 1001), reel="A001")
    uhd.width, uhd.height, uhd.video_codec = 3840, 2160, "prores"
    uhd.streams = {
        "audio": [{"codec": "pcm_s24le"}],
        "tags": {
            "creation_time": "2024-05-17T10:00:00.000000Z",
            "com.apple.quicktime.model": "FX6",
        },
    }  # fmt: skip
    uhd.save()
    Location.objects.create(
        asset=uhd, path=b"/san/day 2/uhd.mov", shown_path="/san/day 2/uhd.mov", name="uhd.mov",
        size=1, mtime_ns=1,
    )  # fmt: skip
    tall = factories.asset("tall.mp4")
    tall.width, tall.height, tall.video_codec = 1080, 1920, "h264"
    tall.origin = Asset.Origin.GENERATED
    tall.save()
    Location.objects.create(
        asset=tall, path=b"/x/tall.mp4", shown_path="/x/tall.mp4", name="tall.mp4",
        size=1, mtime_ns=1_735_689_600 * 10**9,
    )  # fmt: skip
    CardPart.objects.create(
        asset=tall, layout="p2", card="B007", clip="1", clip_key="k", recording="r", role="clip"
    )
    talk = factories.asset("talk.wav", kind="audio", rate=FrameRate.of(48000), duration=480_000)
    factories.segment(talk, "Der Hund bellt, dog.", 0, 48_000, language="de")
    for clip in (uhd, tall):
        factories.shot(clip, 0, 300 if clip is uhd else 50)
        factories.tag(clip, "dog", 0, 300 if clip is uhd else 50)
    asset_rate(str(tall.pk), range=None, stars=4, author=ANNA)
    asset_rate(str(uhd.pk), range=FrameRange(0, 300), stars=5, author=ANNA)
    asset_rate(str(uhd.pk), range=FrameRange(0, 300), stars=2, author=ANNA)
    collection = collection_create(name="Best of")
    collection_add(collection, asset_id=str(uhd.pk), range=FrameRange(0, 200))


EVERY = {"uhd.mov", "tall.mp4", "talk.wav"}


@pytest.mark.usefixtures("library")
@pytest.mark.parametrize(
    ("filter", "kept"),
    [
        ("rate:29.97", {"uhd.mov"}),
        ("rate:25", {"tall.mp4"}),  # sound has no frames
        ("rate:>=25", {"uhd.mov", "tall.mp4"}),
        ("rate:24..26", {"tall.mp4"}),
        ("res:>=1080", {"uhd.mov", "tall.mp4"}),
        ("res:1080", {"tall.mp4"}),  # held upright
        ("res:4k", {"uhd.mov"}),
        ("codec:prores", {"uhd.mov"}),
        ("codec:PCM", {"uhd.mov"}),
        ("codec:%", set()),
        ("cam:fx6", {"uhd.mov"}),
        ("cam:B007", {"tall.mp4"}),
        ("reel:a001", {"uhd.mov"}),
        ("reel:A*", {"uhd.mov"}),
        ("reel:A", set()),
        ("date:2024", {"uhd.mov"}),
        ("date:2024-05-17", {"uhd.mov"}),
        ("date:>2024-05-17", {"tall.mp4"}),  # written on 1 January 2025
        ("date:2024..2025", {"uhd.mov", "tall.mp4"}),
        ('path:"day 2"', {"uhd.mov"}),
        ("path:/x/", {"tall.mp4"}),
        ('in:"best OF"', {"uhd.mov"}),
        ("rated:>=3", {"tall.mp4"}),  # the last word on a range counts
        ("rated:2", {"uhd.mov"}),
        ("lang:de", {"talk.wav"}),
        ("lang:German", {"talk.wav"}),
        ("origin:generated", {"tall.mp4"}),
        ("kind:audio", {"talk.wav"}),
        ("shot:>3s", {"uhd.mov"}),
        ("shot:<=2s", {"tall.mp4"}),
    ],
)
def test_a_filter_keeps_what_it_says(filter: str, kept: set[str]) -> None:
    assert names("dog") == EVERY
    assert names(f"dog {filter}") == kept
    assert names(filter) == kept  # by itself: all that it keeps
    ranged = filter.startswith(("in:", "rated:", "shot:"))
    if not ranged:
        assert names(f"dog -{filter}") == EVERY - kept
        assert names(f"dog ({filter} OR kind:audio)") == kept | {"talk.wav"}


@pytest.mark.usefixtures("library")
def test_ranges_that_a_filter_speaks_of_are_the_hits_where_nothing_else_is_asked() -> None:
    assert places('in:"Best of"') == {("uhd.mov", 0, 200)}
    assert places("rated:4") == {("tall.mp4", 0, 1000)}
    assert places("shot:>3s") == {("uhd.mov", 0, 300)}
    assert places("kind:audio") == {("talk.wav", 0, 480_000)}
    assert {why.lane for hit in found("kind:audio") for why in hit.why} == {"filter"}
    assert places('dog -in:"Best of" kind:video') == {("tall.mp4", 0, 50)}
    # Never more than the filter speaks of.
    assert places('name:uhd in:"Best of"') == {("uhd.mov", 0, 200)}
    assert places("name:tall shot:<=2s") == {("tall.mp4", 0, 50)}
    assert {why.text for hit in found("-dog") for why in hit.why} <= {"everything"}


def test_a_filter_leaves_no_hit_out_however_little_it_keeps() -> None:
    for number in range(450):
        clip = factories.asset(f"{number}.mov", reel="B")
        factories.tag(clip, "dog", 0, 100, score=0.95)
        factories.segment(clip, "a dog", 0, 100)
        factories.screen_text(clip, "dog", 0, 100)
    few = factories.asset("few.mov", reel="A")
    factories.tag(few, "dog", 0, 100, score=0.6)
    factories.segment(few, "there was a dog here that I saw", 200, 300)
    factories.screen_text(few, "a dog", 400, 500, score=0.8)
    assert places("dog reel:A") == {
        ("few.mov", 0, 100), ("few.mov", 200, 300), ("few.mov", 400, 500),
    }  # fmt: skip


def test_a_collection_that_is_none_is_told() -> None:
    collection_create(name="Selects")
    for query, told in (("in:nope", 1), ("dog in:nope", 1), ("dog -in:nope", 1), ("in:selects", 0)):
        page = find(query, encoders=FakeEncoders())
        assert [note for note in page.notes if "no collection" in note] == [
            "in:nope: there is no collection of that name."
        ] * told
