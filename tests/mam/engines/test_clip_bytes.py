"""Pictures in 8 bits: believed only after they agreed with torch, and then the same vectors."""

from __future__ import annotations

import json
import time
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mam.engines import clip_bytes, torch_cpu
from mam.engines.base import Vectors
from mam.engines.clip import OpenClip
from mam.engines.clip_bytes import (
    AGREES,
    PICTURES,
    READS,
    ByteNet,
    Pixels,
    Trial,
    Verdict,
    verdict_in,
)
from mam.engines.weights import Weights
from mam.errors import PermanentError
from mam.options import Models
from tests import fakes

TINY = {
    "embed_dim": 64,
    "vision_cfg": {
        "image_size": 64, "layers": 2, "width": 64, "patch_size": 16, "head_width": 32,
    },
    "text_cfg": {"context_length": 77, "vocab_size": 49408, "width": 64, "heads": 2, "layers": 1},
}  # fmt: skip
"""open_clip's own architecture, of two layers."""
FRAMES = [
    np.random.default_rng(seed).integers(0, 255, (90, 160, 3), dtype=np.uint8) // (1 + seed % 3)
    for seed in range(6)
] + [fakes.plain("red"), fakes.plain("white")]


# --- the trial, with nets that can be computed in the head --------------------------------------


def slowly(pixels: Pixels) -> Vectors:
    """Torch's part: the first two numbers of a picture as its vector, of length 1."""
    time.sleep(0.02)
    rows = pixels[:, 0, 0, :2]
    vectors: Vectors = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return vectors


def pictures(count: int) -> Pixels:
    made = np.zeros((count, 3, 4, 4), np.float32)
    made[:, 0, 0, :2] = [3, 4]
    return made


@pytest.fixture
def trial(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """`trial(answer)`: one whose 8-bit net answers so."""

    def with_answer(answer: Any) -> Trial:
        monkeypatch.setattr(clip_bytes, "make", lambda net, shape, folder, half: None)
        monkeypatch.setattr(clip_bytes, "ByteNet", lambda folder, threads, half: answer)
        return Trial(None, slowly, tmp_path, 1)

    return with_answer


def test_torch_answers_until_both_were_asked_often_enough(trial: Any, tmp_path: Path) -> None:
    made = trial(lambda pixels: np.full((len(pixels), 2), [0.6, 0.8], np.float32))
    assert np.allclose(made(pictures(PICTURES - 1))[0], [0.6, 0.8])
    assert not made.ended and verdict_in(tmp_path) is None
    made(pictures(1))
    verdict = verdict_in(tmp_path)
    assert made.ended and verdict and verdict.stands
    assert (verdict.pictures, round(verdict.cosine, 4)) == (PICTURES, 1.0)


def test_one_picture_that_is_seen_otherwise_is_enough_against_it(
    trial: Any, tmp_path: Path
) -> None:
    angles = np.zeros(PICTURES)
    angles[7] = 0.2  # cosine .98
    rows = np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)
    turned = np.stack([rows[:, 0] * 0.6 - rows[:, 1] * 0.8, rows[:, 0] * 0.8 + rows[:, 1] * 0.6], 1)
    made = trial(lambda pixels: turned[: len(pixels)])
    made(pictures(PICTURES))
    verdict = verdict_in(tmp_path)
    assert verdict and not verdict.stands
    assert verdict.cosine == pytest.approx(np.cos(0.2), abs=1e-5)


def test_what_is_slower_is_not_taken_and_what_cannot_be_made_is_let_be(
    trial: Any, tmp_path: Path
) -> None:
    def slower(pixels: Pixels) -> Vectors:
        time.sleep(0.05)
        return slowly(pixels)

    trial(slower)(pictures(PICTURES))
    verdict = verdict_in(tmp_path)
    assert verdict and verdict.faster < 1 and not verdict.stands

    def broken(pixels: Pixels) -> Vectors:
        raise RuntimeError("no such operator")

    made = trial(broken)
    assert np.allclose(made(pictures(2))[1], [0.6, 0.8])
    assert made.ended


def test_a_torn_verdict_is_none(tmp_path: Path) -> None:
    for text in ("", "{", '{"cosine": 1}', "[]"):
        (tmp_path / clip_bytes.VERDICT).write_text(text)
        assert verdict_in(tmp_path) is None


# --- the real architecture, its weights noise ---------------------------------------------------


def a_model(folder: Path, home: Path, runtime: str) -> OpenClip:
    models = Models(
        weights_dir=folder, clip_model="tiny", clip_weights="noise", threads=2, clip_runtime=runtime
    )
    return OpenClip(models, Weights(models, home))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of weights as they are published, but of noise."""
    made = tmp_path_factory.mktemp("weights")
    torch_cpu.cure()
    import open_clip
    from safetensors.torch import save_file

    (made / "tiny.json").write_text(json.dumps(TINY))
    open_clip.add_model_config(made / "tiny.json")
    models = Models(clip_model="tiny", clip_weights="noise", threads=2)
    noise = OpenClip(models, Weights(models, made / "home"), random_seed=3)
    place = made / noise.weights[0]
    place.mkdir()
    state = {name: tensor.contiguous() for name, tensor in noise._net().state_dict().items()}
    save_file(state, place / "open_clip_pytorch_model.safetensors")
    return made


def verdict_is(model: OpenClip, cosine: float) -> None:
    text = json.dumps({"cosine": cosine, "faster": 2, "pictures": PICTURES})
    (model._made / clip_bytes.VERDICT).write_text(text)


def how(model: OpenClip, home: Path) -> str:
    return OpenClip.runs(model._options, Weights(model._options, home))


def test_a_model_tries_8_bits_by_itself_and_keeps_what_it_found(folder: Path, home: Path) -> None:
    tried = a_model(folder, home, "auto")
    told = "8 bits are tried with the first pictures"
    assert told in how(tried, home)
    by_torch = a_model(folder, home, "torch").encode_images(FRAMES)
    assert np.allclose(tried.encode_images(FRAMES), by_torch, atol=1e-5)
    tried.encode_images(FRAMES)
    verdict = verdict_in(tried._made)
    assert verdict and verdict.pictures == 2 * len(FRAMES) and verdict.cosine >= AGREES
    assert str(verdict) in how(tried, home)

    # However quick it was on this machine just now: once it stands, the next one begins with it.
    verdict_is(tried, 1.0)
    known = a_model(folder, home, "auto")
    vectors = known.encode_images(FRAMES)
    assert isinstance(known._halves["image"][0], ByteNet)
    assert known.space() == tried.space()
    assert (vectors * by_torch).sum(axis=1).min() >= AGREES
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert np.allclose(vectors[2], known.encode_images([FRAMES[2]])[0], atol=1e-6)  # alone too
    assert known.encode_images([]).shape == (0, known.space().dimensions)

    verdict_is(tried, 0.9)
    refused = a_model(folder, home, "auto")
    assert np.allclose(refused.encode_images(FRAMES), by_torch, atol=1e-5)
    assert "torch, not in 8 bits" in how(refused, home)


def test_a_person_who_asks_for_8_bits_gets_them_at_once(folder: Path, tmp_path: Path) -> None:
    asked = a_model(folder, tmp_path, "int8")
    by_torch = a_model(folder, tmp_path, "torch").encode_images(FRAMES)
    assert (asked.encode_images(FRAMES) * by_torch).sum(axis=1).min() >= AGREES
    assert isinstance(asked._halves["image"][0], ByteNet)
    assert verdict_in(asked._made) is None


def test_who_asks_for_8_bits_of_a_net_that_has_none_is_told(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*given: object) -> None:
        raise RuntimeError("no such operator")

    monkeypatch.setattr(clip_bytes, "make", broken)
    with pytest.raises(PermanentError, match="MAM_CLIP_RUNTIME asks for: no such operator"):
        a_model(folder, tmp_path, "int8").encode_images(FRAMES[:1])


def test_verdicts_stand_by_agreement_and_speed() -> None:
    assert Verdict(AGREES, 1.1, PICTURES).stands
    assert not Verdict(AGREES - 0.001, 9, PICTURES).stands
    assert not Verdict(1, 1, PICTURES).stands


TEXTS = [f"a photo of thing number {number}" for number in range(PICTURES)]


def test_texts_are_tried_where_many_are_read_and_no_query_waits_for_it(
    folder: Path, home: Path
) -> None:
    by_torch = a_model(folder, home, "torch").encode_texts(TEXTS)
    tried = a_model(folder, home, "auto")
    for text, vector in zip(TEXTS, by_torch, strict=True):
        assert np.allclose(tried.encode_texts([text])[0], vector, atol=1e-5)
    assert not (tried._made / READS.file).exists()
    assert np.allclose(tried.encode_texts(TEXTS), by_torch, atol=1e-5)
    verdict = verdict_in(tried._made, READS)
    assert verdict and verdict.pictures == PICTURES and verdict.cosine >= AGREES

    (tried._made / READS.verdict).write_text(json.dumps(asdict(replace(verdict, faster=2.0))))
    known = a_model(folder, home, "auto")
    vectors = known.encode_texts(TEXTS)
    assert isinstance(known._halves["text"][0], ByteNet)
    assert (vectors * by_torch).sum(axis=1).min() >= AGREES
    assert np.allclose(vectors[3], known.encode_texts([TEXTS[3]])[0], atol=1e-6)  # alone too

    (tried._made / READS.verdict).write_text(json.dumps(asdict(replace(verdict, cosine=0.9))))
    refused = a_model(folder, home, "auto")
    assert np.allclose(refused.encode_texts(TEXTS), by_torch, atol=1e-5)
    assert not isinstance(refused._halves["text"][0], ByteNet | Trial)
