"""Of words that were parted over two sentences both are found, around the rarest word."""

from __future__ import annotations

import itertools

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mam.catalog.models import Asset, Segment
from search.answering import question_of
from search.query import Words, parse
from search.retrieval import parted as parted_module
from search.retrieval.parted import parted
from search.retrieval.scope import EVERYTHING
from tests import factories
from tests.search.asking import names, places
from tests.search.conftest import FakeEncoders

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fakes")]
SAID = ("lorry", "harbour", "ladder", "violin")


def asked(text: str) -> Words:
    root = parse(text).root
    assert isinstance(root, Words)
    return root


def spoken(clip: Asset, *texts: str) -> list[int]:
    made = [factories.segment(clip, text, 50 * n, 50 * n + 50) for n, text in enumerate(texts)]
    return [row.pk for row in made]


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.lists(st.sets(st.sampled_from(SAID), min_size=1), min_size=1, max_size=5),
        min_size=1,
        max_size=3,
    ),
    st.permutations(SAID).map(lambda words: words[:2]),
)
def test_every_pair_that_holds_all_is_found(clips: list[list[set[str]]], wanted: list[str]) -> None:
    Segment.objects.all().delete()
    pairs = set()
    for sentences in clips:
        ids = spoken(factories.asset(), *(" ".join(sorted(words)) for words in sentences))
        for (one, held), (two, also) in itertools.pairwise(zip(ids, sentences, strict=True)):
            # One that holds nothing of it is no half of a quote.
            if set(wanted) <= held | also and held & set(wanted) and also & set(wanted):
                pairs |= {one, two}
    question = question_of(asked(f'"{" ".join(wanted)}"'), FakeEncoders())
    assert set(parted(question)) == pairs


def test_how_the_database_plans_is_as_before() -> None:
    spoken(factories.asset(), "down by the harbour", "ladder and all")
    assert parted(question_of(asked('"harbour ladder"'), FakeEncoders()))
    with connection.cursor() as cursor:
        cursor.execute("SHOW enable_seqscan")
        assert cursor.fetchone() == ("on",)


@pytest.mark.parametrize("quote", ["saw a red lorry", "red lorry overturned"])
def test_a_rare_word_is_found_before_and_after_common_ones(
    quote: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parted_module, "MOST_LOOKED_AT", 3)
    for number in range(5):
        spoken(factories.asset(f"other{number}.mp4"), "the lorry was", "red it stopped", "there")
    spoken(factories.asset("right.mp4"), "we saw a red", "lorry overturned", "there")
    assert places(f'"{quote}"') == {("right.mp4", 0, 100)}


def test_a_quote_in_two_is_looked_for_in_what_a_filter_keeps() -> None:
    for number in range(3):
        clip = factories.asset(f"clip{number}.mp4")
        Asset.objects.filter(pk=clip.pk).update(reel=f"R{number}")
        spoken(clip, "down by the harbour", "ladder and all")
    assert names('"harbour ladder"') == {"clip0.mp4", "clip1.mp4", "clip2.mp4"}
    assert names('"harbour ladder" reel:R1') == {"clip1.mp4"}
    first = str(Asset.objects.get(name="clip0.mp4").pk)
    question = question_of(asked('"harbour ladder"'), FakeEncoders(), EVERYTHING.among([first]))
    assert len(parted(question)) == 2
