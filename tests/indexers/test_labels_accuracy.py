"""Tags and text on screen are held against what is known to be there."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from indexers.labels_accuracy import Truth, answers_to, truths_in
from mam.catalog.models import Tagging
from mam.catalog.records import PERSON
from mam.errors import BadRequest
from tests import factories


def truths(path: Path, *rows: str) -> Path:
    path.write_text("\n".join(["file,what,truth", *rows]))
    return path


@pytest.mark.parametrize(
    ("truth", "tag", "right"),
    [
        (("dog",), "dog", True),
        (("dog",), "Guide dog", True),
        (("dog",), "hotdog", False),
        (("hot dog",), "hot dog, red hot", True),
        (("hot dog",), "dog", False),
        (("cat", "dog"), "dog", True),
        (("Café",), "CAFÉ", True),
        (("dog",), "dogs", False),
    ],
)
def test_a_tag_is_right_when_it_has_the_truth_among_its_words(
    truth: tuple[str, ...], tag: str, right: bool
) -> None:
    assert Truth("a.mp4", "seen", truth).is_named_by(tag) is right


def test_lines_are_read_with_where_they_are_wrong(tmp_path: Path) -> None:
    path = truths(tmp_path / "a.csv", 'a.mp4,seen,"dog | guide dog"', "a.mp4,read,NO|ENTRY at 7")
    assert truths_in(path) == [
        Truth("a.mp4", "seen", ("dog", "guide dog")),
        Truth("a.mp4", "read", ("NO|ENTRY at 7",)),
    ]
    for wrong in ("a.mp4,felt,cold", ",seen,dog", "a.mp4,seen,| ", "a.mp4,seen"):
        with pytest.raises(BadRequest, match="line 3"):
            truths_in(truths(path, "a.mp4,seen,dog", wrong))
    with pytest.raises(BadRequest, match="no truth"):
        truths_in(truths(path))
    with pytest.raises(BadRequest, match="cannot be read"):
        truths_in(tmp_path / "gone.csv")
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(BadRequest, match="cannot be read"):
        truths_in(path)


@pytest.mark.django_db
class TestLibrary:
    def test_each_tagger_is_asked_for_its_surest_of_the_whole_file(self) -> None:
        park = factories.asset("park.mp4")
        factories.tag(park, "bench", 0, 100, 0.9)
        factories.tag(park, "dog", 0, 30, 0.9)
        factories.tag(park, "dog", 30, 90, 0.9)
        factories.tag(park, "kite", 0, 10, 0.99)
        factories.tag(park, "person", 0, 9, 0.99)
        factories.tag(park, "Labrador", 0, 5, kind="scene")
        factories.tag(park, "Bark", 0, 5, kind="sound")
        told = answers_to(
            [
                Truth("park.mp4", "seen", ("dog",)),
                Truth("park.mp4", "seen", ("labrador", "person")),
                Truth("park.mp4", "seen", ("person",)),
                Truth("park.mp4", "heard", ("dog", "bark")),
                Truth("park.mp4", "heard", ("music",)),
            ]
        ).as_json()
        assert told["seen"] == {
            "object": {"truths": 3, "first": 0, "among_three": 1},
            "scene": {"truths": 3, "first": 1, "among_three": 1},
            "vocabulary": {"truths": 3, "first": 0, "among_three": 0},
            "any": {"truths": 3, "first": 1, "among_three": 2},
        }
        assert told["heard"]["sound"] == {"truths": 2, "first": 1, "among_three": 1}
        assert [(item["what"], item["truth"]) for item in told["missed"]] == [
            ("seen", "person"),
            ("heard", "music"),
        ]
        assert told["missed"][0]["tags"]["object"] == ["bench", "dog", "kite"]

    def test_what_a_person_said_is_no_merit_of_the_machine(self) -> None:
        tagging = factories.tag(factories.asset("park.mp4"), "dog", 0, 30)
        assert answers_to([Truth("park.mp4", "seen", ("dog",))]).as_json()["missed"] == []
        Tagging.objects.filter(pk=tagging.pk).update(source=PERSON)
        assert len(answers_to([Truth("park.mp4", "seen", ("dog",))]).as_json()["missed"]) == 1

    def test_text_is_found_word_by_word(self) -> None:
        sign = factories.asset("sign.mp4")
        factories.screen_text(sign, "NO ENTRY", 0, 30)
        factories.screen_text(sign, "(after: 7 pm)", 30, 60)
        told = answers_to(
            [
                Truth("sign.mp4", "read", ("No entry after 7",)),
                Truth("sign.mp4", "read", ("entry for dogs",)),
            ]
        ).as_json()
        assert told["read"] == {"lines": 2, "whole": 1, "words": 7, "found": 5}
        assert [item["truth"] for item in told["missed"]] == ["entry for dogs"]

    def test_a_file_that_is_not_there_or_not_alone_is_named(self) -> None:
        with pytest.raises(BadRequest, match=r"no file named gone\.mp4"):
            answers_to([Truth("gone.mp4", "seen", ("dog",))])
        for _ in range(2):
            factories.asset("twice.mp4")
        with pytest.raises(BadRequest, match=r"more than one file named twice\.mp4"):
            answers_to([Truth("twice.mp4", "seen", ("dog",))])

    def test_the_command_prints_both_ways(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        park = factories.asset("park.mp4")
        factories.tag(park, "dog", 0, 30)
        path = truths(tmp_path / "a.csv", "park.mp4,seen,dog", "park.mp4,read,KEEP OUT")
        call_command("bench", "labels", str(path))
        text = capsys.readouterr().out
        assert "seen   object        1 of 1 named first, 1 among the first 3" in text
        assert "read   0 of 2 words, 0 of 1 lines whole" in text
        assert "Missed: park.mp4, read: KEEP OUT" in text
        call_command("bench", "labels", str(path), "--json")
        assert json.loads(capsys.readouterr().out)["truths"] == 2
        with pytest.raises(CommandError, match="cannot be read"):
            call_command("bench", "labels", str(tmp_path / "gone.csv"))
