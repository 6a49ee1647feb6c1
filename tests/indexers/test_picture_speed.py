"""Both nets are asked about the same keyframes, and nothing of it is kept."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from indexers.picture_speed import Result, measure, pictures
from mam.engines import torch_cpu
from mam.errors import BadRequest
from mam.options import Models


@pytest.mark.django_db
def test_a_library_without_pictures_is_told() -> None:
    with pytest.raises(BadRequest, match="0 keyframes, 4 are needed"):
        pictures()


def test_8_bits_and_torch_on_the_same_pictures(tmp_path: Path) -> None:
    torch_cpu.cure()
    import open_clip

    tiny = {
        "embed_dim": 64,
        "vision_cfg": {
            "image_size": 64, "layers": 2, "width": 64, "patch_size": 16, "head_width": 32,
        },
        "text_cfg": {
            "context_length": 77, "vocab_size": 49408, "width": 64, "heads": 2, "layers": 1,
        },
    }  # fmt: skip
    (tmp_path / "tiny.json").write_text(json.dumps(tiny))
    open_clip.add_model_config(tmp_path / "tiny.json")
    random = np.random.default_rng(1)
    shown = [random.integers(0, 255, (36, 64, 3), dtype=np.uint8) for _ in range(4)]
    models = Models(clip_model="tiny", clip_weights="none", offline=True, threads=1)
    told = measure(shown, models, tmp_path / "home").as_json()
    assert told["weights"] == "noise"
    assert told["cosine"] > 0.99
    assert told["query_cosine"] > 0.99
    assert set(told["milliseconds"]) == set(told["query_milliseconds"]) >= {"torch", "int8"}
    assert not list((tmp_path / "home").rglob("*.onnx"))


def test_it_is_told_in_words() -> None:
    result = Result(
        "ViT-B-32",
        48,
        2,
        True,
        {"torch": 50.0, "int8": 10.0},
        0.9998,
        {"torch": 40.0, "int8": 12.0},
        0.9991,
    )
    assert "5.0 times as quick as torch" in result.as_text()
    assert "noise in place of its weights" in result.as_text()
    assert result.as_json()["faster"] == 5.0
    assert "12.0 ms a query" in result.as_text() and "0.9991" in result.as_text()
