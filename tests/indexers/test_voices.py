"""Vectors that lie near each other are one voice, however many there are."""

from __future__ import annotations

import numpy as np
import pytest

from indexers import voices
from indexers.voices import grouped, unit, voices_in
from mam.engines.base import Vectors


def around(axis: int, count: int, spread: float = 0.3, seed: int = 0) -> Vectors:
    """Rows of length 1 around an axis of eight."""
    rows = np.abs(np.random.default_rng(seed + axis).normal(0, spread, (count, 8)))
    rows[:, axis] += 1
    return unit(rows.astype(np.float32))


def axes(centres: Vectors) -> list[int]:
    return [int(row.argmax()) for row in centres]


def test_the_likest_are_put_together_until_none_are_alike_enough() -> None:
    rows = unit(np.array([[1, 0], [10, 1], [0, 1], [1, 9], [1, 1]], np.float32))
    assert grouped(rows, 0.99).tolist() == [0, 0, 1, 1, 2]
    assert len(set(grouped(rows, 0.2).tolist())) == 1
    assert grouped(rows, 1.1).tolist() == [0, 1, 2, 3, 4]
    assert grouped(rows[:0], 0.5).tolist() == []
    assert grouped(rows[:1], 0.5).tolist() == [0]


def test_three_voices_are_found_the_most_heard_first() -> None:
    rows = np.concatenate([around(1, 10), around(5, 30), around(3, 20)])
    centres = voices_in(rows, [0] * 10 + [1] * 30 + [2] * 20, least=4)
    assert axes(centres) == [5, 3, 1]
    assert np.allclose(np.linalg.norm(centres, axis=1), 1, atol=1e-5)


def test_a_few_windows_are_no_voice_and_one_voice_is_enough() -> None:
    rows = np.concatenate([around(1, 20), around(5, 3)])
    phrases = [0] * 20 + [1] * 3
    assert axes(voices_in(rows, phrases, least=4)) == [1]
    assert voices_in(rows[:3], phrases[:3], least=4).shape == (0, 8)
    assert voices_in(rows[:0], [], least=4).shape == (0, 8)


def test_of_hours_a_part_finds_the_voices(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(voices, "MOST", 20)
    rows = np.concatenate([around(n % 3, 4, seed=n) for n in range(200)])
    centres = voices_in(rows, [n // 4 for n in range(800)], least=4)
    assert sorted(axes(centres)) == [0, 1, 2]
