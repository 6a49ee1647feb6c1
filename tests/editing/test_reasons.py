"""Why a clip was chosen is kept so that its parts can be told apart, and told as far as is safe."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from editing.reasons import (
    ASKED,
    Part,
    Reasons,
    parts_of,
    plain,
    reason_by_hand,
    reason_of,
    told,
)
from search.values import LANES

FOUND = "said: we go; tag: Boat; described: a man; seen: sea; described: a hat; asked: sea"
lanes = st.sampled_from([*LANES, ASKED])
texts = st.text(max_size=20) | st.lists(
    st.sampled_from(["; ", "tag: ", "said: ", "x", ";", " ", "seen:"]), max_size=6
).map("".join)


def test_only_what_was_asked_said_read_or_noted_by_people_leaves() -> None:
    assert told(FOUND, Reasons.PEOPLE) == "said: we go; asked: sea"
    assert told("speaker: Anna; text: EXIT; note: use this", Reasons.PEOPLE) == (
        "text: EXIT; note: use this"
    )
    assert told("sound: siren; seen: fire", Reasons.PEOPLE) == ""
    assert told("chosen by hand", Reasons.PEOPLE) == "chosen by hand"
    assert told("chosen by hand", Reasons.NONE) == ""


def test_what_people_confirmed_leaves_with_it_by_whatever_lane_it_was_met() -> None:
    said = frozenset({plain(Part("tag", "boat")), plain(Part("tag", "A  man"))})
    assert told(FOUND, Reasons.PEOPLE, said) == (
        "said: we go; tag: Boat; described: a man; asked: sea"
    )
    anna = frozenset({plain(Part("speaker", "Anna"))})
    assert told("speaker: anna; tag: Anna", Reasons.PEOPLE, anna) == "speaker: anna"


def test_all_of_it_names_each_lane_once() -> None:
    assert told(FOUND, Reasons.ALL) == (
        "said: we go; tag: Boat; described: a man, a hat; seen: sea; asked: sea"
    )


@given(st.lists(st.tuples(lanes, texts), max_size=6))
def test_no_text_of_one_reason_reads_as_another(found: list[tuple[str, str]]) -> None:
    reason = reason_of(Part(lane, text) for lane, text in found)
    kept = [lane for lane, text in dict.fromkeys(found) if text.strip()]
    lanes_read = [part.lane for part in parts_of(reason)]
    assert set(lanes_read) == set(kept) and len(lanes_read) <= len(kept)
    assert reason_of(parts_of(reason)) == reason
    for part in parts_of(told(reason, Reasons.PEOPLE)):
        assert part.lane not in ("tag", "sound", "described", "seen", "speaker")


@given(texts)
def test_what_a_person_wrote_leaves_whatever_it_looks_like(text: str) -> None:
    left = told(reason_by_hand(text), Reasons.PEOPLE)
    assert left.removeprefix("note: ").replace(",", ";").split() == text.replace(
        ",", ";"
    ).split()  # fmt: skip
