"""What is new to a saved search: told once, by whatever happens in between."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as real
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mam.catalog.models import Analysis, Asset, Tagging
from mam.catalog.selectors import asset_get
from mam.catalog.services import asset_purge, asset_remove
from mam.pipeline.plan import Done, Facts, State, plan
from mam.pipeline.registry import steps
from mam.pipeline.steps import Context
from mam.timing import FrameRange
from search.models import Match, SavedSearch
from search.saved import matching
from search.saved.matching import Known, asset_match, shifted, strange
from search.saved.selectors import news, saved_get
from search.saved.services import saved_change, saved_create, saved_seen
from search.services import ranges_found
from search.steps.saved import SavedSearches
from tests import factories
from tests.search.saved.footage import dog

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fakes")]


@pytest.fixture(autouse=True)
def forgotten() -> Iterator[None]:
    """What the best of another test's library reached."""
    yield
    matching._LATELY.clear()


def match(clip: Asset) -> int:
    return asset_match(str(clip.pk))


def new(search_id: str) -> list[tuple[str, int, int]]:
    return [
        (hit.asset_name, hit.range.start, hit.range.end) for hit in news(saved_get(search_id)).hits
    ]


def again(clip: Asset, start: int, end: int) -> None:
    """Index the clip anew: its dog is seen there now."""
    Tagging.objects.filter(asset=clip).delete()
    clip_shots = Analysis.objects.filter(asset=clip, step="shots")
    clip_shots.delete()
    factories.shot(clip, start, end)
    factories.tag(clip, "dog", start, end)


def test_what_is_found_when_it_is_saved_is_not_new_and_what_comes_is_once() -> None:
    old = dog("old.mp4")
    saved = saved_create(name="Dogs", query="tag:dog")
    assert match(old) == 0 and new(saved) == []
    fresh = dog("new.mp4", 10, 60)
    assert match(fresh) == 1
    assert new(saved) == [("new.mp4", 10, 60)]
    assert match(fresh) == 0 and match(old) == 0
    assert new(saved) == [("new.mp4", 10, 60)]
    assert saved_get(saved).new == 1
    assert saved_seen(saved) == 1 and new(saved) == []
    assert match(fresh) == 0 and new(saved) == []


def test_shots_that_shift_are_not_new_however_often_and_far() -> None:
    clip = dog(start=0, end=100)
    saved = saved_create(name="Dogs", query="tag:dog")
    for start in range(40, 900, 40):
        again(clip, start, start + 100)
        assert match(clip) == 0, start
    again(clip, 0, 50)
    assert match(clip) == 0
    assert new(saved) == []


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.tuples(st.integers(0, 60), st.integers(1, 20)), max_size=8),
    st.lists(st.tuples(st.integers(0, 60), st.integers(1, 20)), max_size=8),
)
def test_each_range_is_new_or_known_by_the_frames_it_shares(
    before: list[tuple[int, int]], now: list[tuple[int, int]]
) -> None:
    known = [Known(FrameRange(start, start + length), False) for start, length in before]
    frames = {frame for item in known for frame in range(item.range.start, item.range.end)}
    ranges = [FrameRange(start, start + length) for start, length in now]
    fresh, moved = strange(ranges, known), shifted(ranges, known)
    for one in ranges:
        mine = set(range(one.start, one.end))
        assert (one in fresh) == (not mine & frames)
        if one in moved:
            assert mine & frames
    # Once kept, nothing of it is strange or moved a second time.
    after = [*known, *(Known(one, True) for one in (*fresh, *moved))]
    assert strange(ranges, after) == [] and shifted(ranges, after) == []


def test_what_is_weak_beside_the_best_of_the_library_is_no_news() -> None:
    strong = factories.asset("strong.mp4")
    factories.shot(strong, 0, 100)
    factories.tag(strong, "dog", 0, 100, score=0.99)
    saved = saved_create(name="Dogs", query="tag:dog")
    weak = factories.asset("weak.mp4")
    factories.shot(weak, 0, 100)
    factories.tag(weak, "dog", 0, 100, score=0.3)
    query = saved_get(saved).query
    assert ranges_found(query, asset_id=str(weak.pk))  # by itself it would be one
    assert all(hit.asset_id != str(weak.pk) for hit in ranges_found(query))
    assert match(weak) == 0


def test_the_library_is_asked_only_where_the_asset_holds_something_strange(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for query in ("tag:dog", "tag:cat", "said:budget"):
        saved_create(name=query, query=query)
    asked: list[tuple[str, bool]] = []

    def counted(query: str, *, asset_id: str = "", bests: Any = None) -> object:
        asked.append((query, bool(asset_id)))
        return ranges_found(query, asset_id=asset_id, bests=bests)

    monkeypatch.setattr(matching, "ranges_found", counted)
    clip = dog()
    assert match(clip) == 1
    alone = [("said:budget", True), ("tag:cat", True), ("tag:dog", True)]
    assert asked == [*alone, ("tag:dog", False)]
    asked.clear()
    assert match(clip) == 0
    assert asked == alone


def test_of_many_that_come_at_once_weak_ones_are_told_by_the_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The library's best is remembered for a while, and only for a while."""
    strong = factories.asset("strong.mp4")
    factories.shot(strong, 0, 100)
    factories.tag(strong, "dog", 0, 100, score=0.99)
    saved_create(name="Dogs", query="tag:dog kind:video")
    wholes: list[str] = []

    def counted(query: str, *, asset_id: str = "", bests: Any = None) -> object:
        wholes.extend([] if asset_id else [query])
        return ranges_found(query, asset_id=asset_id, bests=bests)

    monkeypatch.setattr(matching, "ranges_found", counted)
    for number in range(4):
        weak = factories.asset(f"weak{number}.mp4")
        factories.shot(weak, 0, 100)
        factories.tag(weak, "dog", 0, 100, score=0.3)
        assert match(weak) == 0
    assert len(wholes) == 1
    assert match(dog()) == 1 and len(wholes) == 2
    monkeypatch.setattr(matching, "LATELY_SECONDS", 0)
    assert match(weak) == 0 and len(wholes) == 3


def test_without_saved_searches_it_costs_one_query(
    django_assert_num_queries: pytest.FixtureRequest,
) -> None:
    clip = dog()
    with django_assert_num_queries(1):  # type: ignore[operator]
        assert match(clip) == 0


def test_what_is_no_hit_any_more_is_no_news() -> None:
    saved = saved_create(name="Dogs", query="tag:dog")
    clip = dog()
    assert match(clip) == 1
    Tagging.objects.filter(asset=clip).delete()
    assert match(clip) == 0
    assert saved_get(saved).new == 0
    factories.tag(clip, "dog", 0, 100)
    assert match(clip) == 0  # it was told before


def test_removed_and_purged_assets_are_no_news() -> None:
    saved = saved_create(name="Dogs", query="tag:dog")
    clip = dog()
    match(clip)
    asset_remove(str(clip.pk))
    assert saved_get(saved).new == 0
    assert match(clip) == 0
    asset_purge(str(clip.pk))
    assert not Match.objects.exists()
    assert match(clip) == 0


def test_another_query_begins_anew() -> None:
    saved = saved_create(name="Pets", query="tag:dog")
    clip = dog()
    match(clip)
    factories.tag(clip, "cat", 0, 100)
    saved_change(saved, query="tag:cat")
    assert saved_get(saved).new == 0
    assert match(clip) == 0
    other = factories.asset("cat.mp4")
    factories.shot(other, 0, 50)
    factories.tag(other, "cat", 0, 50)
    assert match(other) == 1


@pytest.mark.parametrize("query", ['in:"nowhere"', 'in:"Dogs"', "depth:whole (", "like:nothing"])
def test_a_query_that_leads_nowhere_stops_nobody_else(query: str) -> None:
    saved_create(name="Dogs", query=query)
    saved_create(name="Others", query="tag:dog")
    assert match(dog()) >= 1


def test_a_search_that_was_changed_meanwhile_keeps_nothing_of_the_old_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    saved = saved_create(name="Dogs", query="tag:dog")

    def changed_meanwhile(query: str, *, asset_id: str = "", bests: Any = None) -> object:
        found = ranges_found(query, asset_id=asset_id)
        SavedSearch.objects.filter(pk=saved).update(query="tag:cat")
        return found

    monkeypatch.setattr(matching, "ranges_found", changed_meanwhile)
    assert match(dog()) == 0
    assert not Match.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_tell_a_thing_once() -> None:
    saved = saved_create(name="Dogs", query="tag:dog")
    clip = dog()
    counts: list[int] = []
    ready = threading.Barrier(2)

    def work() -> None:
        ready.wait()
        counts.append(match(clip))
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(counts) == [0, 1]
    assert Match.objects.filter(search__pk=saved, is_new=True).count() == 1


def test_the_step_comes_last_and_again_when_something_was_found_anew(tmp_path: Path) -> None:
    """Softly: a step that failed or waits for weights does not hold it."""
    assert steps()[-1].name == "saved_searches"
    step = next(item for item in steps() if isinstance(item, SavedSearches))
    clip = asset_get(str(dog().pk))
    before = (*step.needs, *step.after)
    done = {name: Done(number, 1) for number, name in enumerate(before)}

    def state(facts: Facts) -> State:
        return plan([step], facts, missing={}, most_attempts=3)[step.name].state

    inputs = {name: item.id for name, item in done.items()}
    assert state(Facts(clip, done)) is State.DUE
    done[step.name] = Done(99, step.version, inputs)
    assert state(Facts(clip, done)) is State.DONE
    done["objects"] = Done(100, 1)
    assert state(Facts(clip, done)) is State.DUE
    context = Context(tmp_path, real.OPTIONS, lambda done, total, note: None, lambda name: None)
    assert step.find(clip, context).note == ""
    saved_create(name="Cats", query="tag:cat")
    factories.tag(Asset.objects.get(pk=clip.id), "cat", 0, 100)
    assert step.find(clip, context).note == "1 new hit of saved searches"


def test_it_comes_after_every_step_that_search_reads_from() -> None:
    """Whatever has rows that a retriever asks for: a new table is not forgotten."""
    silent = {
        "proxy", "pictures", "sound", "quality", "keyframes", "lexicon", "saved_searches",
        "first_vectors_next", "first_meanings_next", "image_text_next", "meanings_next",
    }  # fmt: skip
    step = next(item for item in steps() if isinstance(item, SavedSearches))
    assert {item.name for item in steps()} - silent == {*step.needs, *step.after} - {"corrections"}


def test_what_better_hits_elsewhere_push_out_is_no_news_any_more() -> None:
    """Its asset is not looked at again: what is counted as new is what the page shows as new."""
    saved = saved_create(name="Dogs", query="dog")
    weak, strong = factories.asset("weak.mp4"), factories.asset("strong.mp4")
    factories.tag(weak, "dog", 0, 40, score=0.3)
    assert match(weak) == 1
    factories.tag(strong, "dog", 0, 40, score=0.95)
    assert match(strong) == 1
    assert saved_get(saved).new == 1
    assert new(saved) == [("strong.mp4", 0, 40)]
