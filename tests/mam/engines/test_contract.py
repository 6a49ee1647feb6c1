"""What every engine must do, the real ones and the fakes that stand in for them."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mam.engines import clip, minilm
from mam.engines.base import SAMPLE_RATE, Picture, SpaceSpec
from mam.engines.clip import OpenClip
from mam.engines.store import ModelStore
from mam.engines.weights import Weights
from mam.errors import BadRequest
from mam.options import ModelAndWeights, Models
from mam.settings import ENGINES
from tests import fakes
from tests.mam.engines.real_media import RealEngine

RNG = np.random.default_rng(5)
NOISE: Picture = RNG.integers(0, 255, (90, 160, 3), dtype=np.uint8)
PICTURES = [fakes.plain("red"), NOISE, fakes.plain("white", 31, 77)]


@pytest.fixture(params=["fake", pytest.param("real", marks=pytest.mark.real_weights)])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def random_clip(store: ModelStore) -> OpenClip:
    """Its weights are too large for a test: the architecture's own."""
    return OpenClip(store.options, store.weights, random_seed=7)


@pytest.fixture
def engine(kind: str, request: pytest.FixtureRequest) -> Any:
    """`engine(name)`: the fake or the real one of that name."""
    if kind == "real":
        real: RealEngine = request.getfixturevalue("real")

        def get(name: str) -> Any:
            if name == "image-text":
                return request.getfixturevalue("random_clip")
            return real(name)

        return get
    store = ModelStore(fakes.ENGINES, Models(), Path("unused"))
    return store.engine


@pytest.mark.parametrize("name", list(ENGINES))
def test_there_is_a_fake_for_every_engine(name: str) -> None:
    assert list(fakes.ENGINES) == list(ENGINES)


SECOND: dict[str, Any] = {"image-text-next": clip.OpenClipNext, "sentences-next": minilm.MiniLMNext}
"""They are there once a setting names a model for them."""


def test_a_second_place_without_a_model_needs_nothing_and_says_how_to_name_one() -> None:
    for made in SECOND.values():
        assert (made.model(Models()), made.needs(Models())) == ("", ())
        with pytest.raises(BadRequest, match=r"MAM_\w+_NEXT"):
            made(Models(), Weights(Models(), Path("unused")))


def test_a_model_that_is_named_twice_is_in_the_first_place() -> None:
    twice = Models(
        clip_model="a", clip_weights="b", clip_next=ModelAndWeights("a", "b"),
        sentence_next=Models().sentence_model,
    )  # fmt: skip
    assert [made.model(twice) for made in SECOND.values()] == ["", ""]


@pytest.mark.parametrize("name", [name for name in ENGINES if name not in SECOND])
def test_names_its_weights_and_its_memory(engine: Any, name: str) -> None:
    made = engine(name)
    assert made.weights == type(made).needs(Models())
    assert made.memory > 0


@pytest.mark.parametrize("name", ["image-text", "sentences"])
def test_vectors_have_length_one_and_know_their_space(engine: Any, name: str) -> None:
    made = engine(name)
    space = made.space()
    assert isinstance(space, SpaceSpec)
    encode = made.encode if name == "sentences" else made.encode_texts
    texts = ["a red dog", "", "a red dog", "x" * 5000, "name\udcff.mp4", "犬 🐕"]
    vectors = encode(texts)
    assert vectors.shape == (len(texts), space.dimensions)
    assert vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert np.allclose(vectors[0], vectors[2], atol=1e-6)
    assert np.allclose(vectors[1:], encode(texts[1:]), atol=1e-5)
    assert encode([]).shape == (0, space.dimensions)


def test_a_picture_gives_the_same_vector_in_any_company(
    engine: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clip, "BATCH", 4)
    made = engine("image-text")
    together = made.encode_images(PICTURES * 2)
    assert together.shape == (6, made.space().dimensions)
    assert np.allclose(np.linalg.norm(together, axis=1), 1, atol=1e-5)
    assert np.allclose(together[1], made.encode_images([NOISE])[0], atol=1e-4)
    assert made.encode_images([]).shape == (0, made.space().dimensions)
    assert not np.allclose(together[0], together[1], atol=1e-3)


def test_a_window_of_sound_gives_the_same_voice_in_any_company(engine: Any) -> None:
    made = engine("voices")
    tones = [np.resize(fakes.tone(hertz, 1), made.window) for hertz in (200, 700, 200)]
    together = made.encode(np.stack(tones * 14))
    assert together.shape == (42, made.space().dimensions)
    assert together.dtype == np.float32
    assert np.allclose(np.linalg.norm(together, axis=1), 1, atol=1e-5)
    assert np.allclose(together[0], together[2], atol=1e-5)
    assert not np.allclose(together[0], together[1], atol=1e-2)
    assert np.allclose(together[1:2], made.encode(tones[1][None]), atol=1e-5)
    nothing = np.zeros((0, made.window), np.float32)
    assert made.encode(nothing).shape == (0, made.space().dimensions)
    assert np.isfinite(made.encode(np.zeros((1, made.window), np.float32))).all()
    assert isinstance(made.space(), SpaceSpec)


@pytest.mark.parametrize("name", ["objects", "scenes"])
def test_a_tagger_gives_every_picture_its_own_list_best_first(engine: Any, name: str) -> None:
    made = engine(name)
    tags = made.tag(PICTURES)
    assert len(tags) == len(PICTURES)
    for labels in tags:
        scores = [label.score for label in labels]
        assert scores == sorted(scores, reverse=True)
        assert all(0 < score <= 1 for score in scores)
        assert all(label.name and label.name == label.name.strip() for label in labels)
        assert len({label.name for label in labels}) == len(labels)
    assert made.tag([]) == []
    assert made.tag(PICTURES) == tags
    assert made.kind == {"objects": "object", "scenes": "scene"}[name]


def test_a_transition_detector_scores_every_frame_in_any_batching(engine: Any, kind: str) -> None:
    made = engine("transitions")
    width, height = made.size
    for count in (1, 101) if kind == "real" else (1, 2, 49, 50, 51, 130):
        frames = np.zeros((count, height, width, 3), np.uint8)
        frames[count // 2 :] = 255
        whole, pieces = made.begin(), made.begin()
        whole.push(frames)
        for start in range(0, count, 7):
            batch = frames[start : start + 7].copy()
            pieces.push(batch)
            batch[:] = 77  # a decoder fills the same memory again
        scores = whole.finish()
        in_pieces = pieces.finish()
        assert scores.ends.shape == scores.inside.shape == (count,)
        for found, again in (
            (scores.ends, in_pieces.ends),
            (scores.inside, in_pieces.inside),
        ):
            assert ((found >= 0) & (found <= 1)).all()
            assert np.array_equal(found, again)
        if count > 50:
            assert int(scores.ends.argmax()) == count // 2 - 1
            assert int(scores.inside.argmax()) == count // 2 - 1
    nothing = made.begin().finish()
    assert nothing.ends.shape == nothing.inside.shape == (0,)


@pytest.mark.parametrize("seconds", [0.0, 0.01, 0.7, 12.0])
def test_silence_says_and_sounds_nothing(engine: Any, seconds: float) -> None:
    silence = np.zeros(round(seconds * SAMPLE_RATE), np.float32)
    speech = engine("speech").transcribe(silence)
    assert (speech.language, speech.segments) == ("", ())
    assert engine("sounds").tag(silence) == []


def test_sounds_lie_within_the_sound_in_order(engine: Any) -> None:
    sound = np.concatenate([fakes.tone(400, 3.2), fakes.tone(0, 2), fakes.tone(900, 1.3)])
    heard = engine("sounds").tag(sound)
    assert heard
    assert [label.start for label in heard] == sorted(label.start for label in heard)
    for label in heard:
        assert 0 <= label.start < label.end <= len(sound) / SAMPLE_RATE + 1e-6
        assert 0 < label.score <= 1


def test_a_plain_picture_holds_no_text(engine: Any) -> None:
    assert engine("text").read(fakes.plain("grey", 320, 180)) == []


def test_text_is_read_where_it_stands(engine: Any, kind: str) -> None:
    from PIL import Image, ImageDraw, ImageFont

    image = Image.new("RGB", (640, 360), (20, 20, 60))
    if kind == "fake":
        ImageDraw.Draw(image).rectangle((320, 270, 359, 281), fill=(255, 255, 255))
    else:
        font = ImageFont.load_default(40)
        ImageDraw.Draw(image).text((320, 270), "ROLL 40x12", fill=(255, 255, 255), font=font)
    (line,) = engine("text").read(np.asarray(image))
    assert "40x12" in line.text
    left, top, right, bottom = line.box
    assert 0.45 < left < right <= 1 and 0.7 < top < bottom <= 1


def test_no_engine_loads_a_neural_library_before_it_is_made(tmp_path: Path) -> None:
    """`manage.py status` asks which weights are missing, and must not wait for torch."""
    program = (
        "import sys; from pathlib import Path; from mam.engines import configure;"
        "from mam.options import Models; from mam.settings import ENGINES;"
        "store = configure(ENGINES, Models(), Path(sys.argv[1]));"
        "ids = [id for name in ENGINES for id in store.engine_weights(name)];"
        "store.weights.missing(ids);"
        "print([m for m in ('torch', 'torchvision', 'onnxruntime', 'open_clip', 'tokenizers',"
        " 'ctranslate2', 'faster_whisper', 'ai_edge_litert', 'rapidocr', 'huggingface_hub')"
        " if m in sys.modules])"
    )
    root = Path(__file__).parents[3]
    done = subprocess.run(
        [sys.executable, "-c", program, tmp_path],
        capture_output=True, text=True, cwd=root, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert ast.literal_eval(done.stdout) == []
