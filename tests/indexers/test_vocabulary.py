"""The vocabulary is a plain list; a picture gets the few words that fit it best."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from indexers.vocabulary import DEFAULT, EACH, fitting, words_in
from mam.errors import BadRequest


def test_the_list_that_ships_is_broad_and_has_no_word_twice() -> None:
    words = words_in(DEFAULT)
    lines = [line.strip() for line in DEFAULT.read_text("utf-8").splitlines()]
    assert len(words) > 300
    assert len(words) == len([line for line in lines if line and not line.startswith("#")])


def test_notes_blank_lines_and_repeats_are_passed_over(tmp_path: Path) -> None:
    file = tmp_path / "words.txt"
    file.write_text("# animals\n\na dog\n  a cat \na dog\n", "utf-8")
    assert words_in(file) == ("a dog", "a cat")


@pytest.mark.parametrize("content", [b"", b"# only a note\n", b"\xff\xfe\xfa"])
def test_a_list_that_cannot_be_used_says_so(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "words.txt"
    file.write_bytes(content)
    with pytest.raises(BadRequest):
        words_in(file)


def test_a_picture_gets_the_words_nearest_to_it_best_first() -> None:
    words = np.eye(8, dtype=np.float32)
    names = tuple("abcdefgh")
    picture = np.array([0, 0.6, 0, 0.8, 0, 0, 0, 0], np.float32)
    labels = fitting(picture, words, names)
    assert [label.name for label in labels[:2]] == ["d", "b"]
    assert len(labels) == EACH
    assert labels[0].score > 0.99
