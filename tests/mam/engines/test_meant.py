"""Vectors of words and pictures: the real nets, and the real way that weights come into them."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import cast

import numpy as np
import pytest

from mam.engines import ModelStore, manifest, manifest_sentences, torch_cpu
from mam.engines.base import SentenceEncoder
from mam.engines.clip import OpenClip, OpenClipNext
from mam.engines.minilm import READINGS, MiniLM
from mam.engines.weights import Weights
from mam.errors import BadRequest, PermanentError, WeightsMissing
from mam.options import SENTENCE_MODELS, ModelAndWeights, Models
from tests import fakes
from tests.mam.engines.real_media import RealEngine

TEXTS = ["a dog on a leash", "the quick brown fox jumps over the lazy dog " * 9, "Ünïcode ¿qué?"]
SMALL = "ViT-S-32-alt"


@pytest.fixture(scope="module")
def sentences(real: RealEngine) -> SentenceEncoder:
    return cast(SentenceEncoder, real("sentences"))


@pytest.mark.real_weights
def test_the_sentence_net_gives_what_its_publishers_code_gives(
    sentences: SentenceEncoder, store: ModelStore
) -> None:
    import torch

    torch_cpu.cure()
    from transformers import AutoTokenizer, BertModel

    folder = store.weights.path(manifest_sentences.MINILM.id)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        net, tokenizer = BertModel.from_pretrained(folder), AutoTokenizer.from_pretrained(folder)
    for text, vector in zip(TEXTS, sentences.encode(TEXTS), strict=True):
        with torch.no_grad():
            tokens = tokenizer(text, return_tensors="pt", truncation=True, max_length=256)
            state = net(**tokens).last_hidden_state.mean(dim=1)[0]
        expected = (state / state.norm()).numpy()
        assert float(vector @ expected) == pytest.approx(1, abs=1e-4)


@pytest.mark.real_weights
@pytest.mark.parametrize(
    ("asked", "near", "far"),
    [
        ("puppy", "dog", "bicycle"),
        ("automobile", "car", "banana"),
        ("someone talking", "Speech", "Waterfall"),
        ("bike ride", "bicycle", "oven"),
    ],
)
def test_words_of_one_meaning_lie_near_each_other(
    sentences: SentenceEncoder, asked: str, near: str, far: str
) -> None:
    a, b, c = sentences.encode([asked, near, far])
    assert float(a @ b) > float(a @ c) + 0.2


@pytest.mark.real_weights
def test_a_space_names_the_weights_it_was_made_with(
    sentences: SentenceEncoder, store: ModelStore
) -> None:
    space = sentences.space()
    assert (space.name, space.dimensions) == ("sentence", 384)
    assert space.weights_sha256 == manifest_sentences.MINILM.files[0].sha256


# --- many languages: the architecture and the kind of tokenizer are real, the weights are noise ---

MULTILINGUAL = manifest_sentences.MINILM_MULTILINGUAL.id
LINES = ["der Hund auf der Wiese", "犬が走る", "собака", "a dog", "كلب", "", "Hund " * 400]


@pytest.fixture(scope="module")
def tongues(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return noise_in_many_tongues(tmp_path_factory.mktemp("weights") / MULTILINGUAL)


def noise_in_many_tongues(folder: Path) -> Path:
    """A folder of weights: a BERT of three small layers, and a unigram tokenizer of the letters and
    some words, with the marks and the truncation that the publisher's has."""
    import torch

    torch_cpu.cure()
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
    from transformers import BertConfig, BertModel

    letters = sorted(set("".join(LINES)) - {" "})
    pieces = ["<s>", "<pad>", "</s>", "<unk>", "▁", "▁Hund", "▁der", *letters]
    tokenizer = Tokenizer(models.Unigram([(piece, -2.0) for piece in pieces], 3, False))
    tokenizer.normalizer = normalizers.NFKC()
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    config = BertConfig(
        vocab_size=len(pieces), hidden_size=48, num_hidden_layers=3, num_attention_heads=4,
        intermediate_size=96, max_position_embeddings=512, pad_token_id=1,
    )  # fmt: skip
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(11)
        BertModel(config).save_pretrained(folder)
    tokenizer.save(str(folder / "tokenizer.json"))
    return folder


def tongue(folder: Path, home: Path) -> MiniLM:
    models = Models(weights_dir=folder.parent, sentence_model=MULTILINGUAL)
    return MiniLM(models, Weights(models, home))


def test_the_multilingual_net_gives_what_its_publishers_code_would(
    tongues: Path, tmp_path: Path
) -> None:
    import torch
    from tokenizers import Tokenizer
    from transformers import BertModel

    made = tongue(tongues, tmp_path)
    net = BertModel.from_pretrained(tongues)
    tokenizer = Tokenizer.from_file(str(tongues / "tokenizer.json"))
    tokenizer.enable_truncation(128)
    for text, vector in zip(LINES, made.encode(LINES), strict=True):
        with torch.no_grad():
            ids = torch.tensor([tokenizer.encode(text).ids])
            state = net(input_ids=ids).last_hidden_state.mean(dim=1)[0]
        assert np.allclose(vector, (state / state.norm()).numpy(), atol=1e-5), text


def test_the_multilingual_net_says_what_it_is_and_answers_alike(
    tongues: Path, tmp_path: Path
) -> None:
    made, again = tongue(tongues, tmp_path), tongue(tongues, tmp_path)
    space = made.space()
    assert (space.name, space.model, space.dimensions) == ("sentence", MULTILINGUAL, 48)
    assert len(space.weights_sha256) == 64
    assert {"de", "ja", "ar", "ru", "en"} <= set(made.languages) and made.languages != ("en",)
    vectors = made.encode(LINES)
    assert vectors.shape == (len(LINES), 48) and vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert np.array_equal(vectors, again.encode(LINES))
    # A text's vector does not hang on its company.
    assert np.allclose(vectors[3:4], made.encode([LINES[3]]), atol=1e-6)


def test_without_its_weights_the_multilingual_net_waits_and_says_for_which(tmp_path: Path) -> None:
    models = Models(sentence_model=MULTILINGUAL)
    with pytest.raises(WeightsMissing) as raised:
        MiniLM(models, Weights(models, tmp_path))
    assert raised.value.weights == (MULTILINGUAL,)
    assert f"put model.safetensors, tokenizer.json, config.json into {tmp_path}" in str(
        raised.value
    )


def test_every_sentence_model_that_may_be_named_has_weights_and_languages() -> None:
    assert set(SENTENCE_MODELS) == set(READINGS)
    for name in SENTENCE_MODELS:
        assert manifest_sentences.sentences(name).id == name
        both = manifest.entries(Models(sentence_next=name))
        assert [entry.id for entry in both].count(name) == 1


# --- image-text: the architecture is real, its weights are noise ------------------------------


@pytest.fixture(scope="module")
def noise(tmp_path_factory: pytest.TempPathFactory) -> OpenClip:
    models = Models(clip_model=SMALL, clip_weights="noise", threads=2)
    return OpenClip(models, Weights(models, tmp_path_factory.mktemp("home")), random_seed=3)


def test_without_weights_nothing_is_made_up(tmp_path: Path) -> None:
    models = Models(clip_model=SMALL, clip_weights="noise")
    with pytest.raises(WeightsMissing) as raised:
        OpenClip(models, Weights(models, tmp_path))
    assert raised.value.weights == OpenClip.needs(models) == (f"open_clip-{SMALL}-noise",)


def test_a_folder_of_weights_is_loaded_and_named_by_its_sha256(
    noise: OpenClip, tmp_path: Path
) -> None:
    from safetensors.torch import save_file

    models = Models(
        weights_dir=tmp_path, clip_model=SMALL, clip_weights="noise", threads=2,
        clip_runtime="torch",
    )  # fmt: skip
    folder = tmp_path / OpenClip.needs(models)[0]
    folder.mkdir()
    state = {name: tensor.contiguous() for name, tensor in noise._net().state_dict().items()}
    save_file(state, folder / "open_clip_pytorch_model.safetensors")
    loaded = OpenClip(models, Weights(models, tmp_path / "home"))
    assert len(loaded.space().weights_sha256) == 64
    assert loaded.space().weights_sha256 != noise.space().weights_sha256
    pictures = [fakes.plain("red"), fakes.plain("blue")]
    assert np.allclose(loaded.encode_images(pictures), noise.encode_images(pictures), atol=1e-5)
    assert np.allclose(loaded.encode_texts(TEXTS), noise.encode_texts(TEXTS), atol=1e-5)


def test_a_file_that_is_no_weights_of_the_model_is_named(tmp_path: Path) -> None:
    models = Models(weights_dir=tmp_path, clip_model=SMALL, clip_weights="noise", threads=2)
    folder = tmp_path / OpenClip.needs(models)[0]
    folder.mkdir()
    (folder / "open_clip_pytorch_model.bin").write_bytes(b"<html>moved</html>")
    loaded = OpenClip(models, Weights(models, tmp_path / "home"))
    with pytest.raises(PermanentError, match=r"open_clip_pytorch_model\.bin cannot be loaded"):
        loaded.encode_texts(["a dog"])


def test_a_model_without_its_tokenizer_waits_and_asks_no_hub(tmp_path: Path) -> None:
    models = Models(clip_model="ViT-B-16-SigLIP", clip_weights="webli", threads=2)
    fresh = OpenClip(models, Weights(models, tmp_path), random_seed=1)
    with pytest.raises(WeightsMissing, match=r"tokenizer\.json"):
        fresh.encode_texts(["a dog"])


def test_the_half_that_reads_text_is_loaded_alone(tmp_path: Path) -> None:
    models = Models(clip_model=SMALL, clip_weights="noise", threads=2)
    fresh = OpenClip(models, Weights(models, tmp_path), random_seed=3)
    fresh.encode_texts(["a dog"])
    assert list(fresh._halves) == ["text"]
    assert fresh._halves["text"][0].args[0].visual is None  # the net that reads


def test_the_same_seed_is_the_same_net_and_another_is_another(
    noise: OpenClip, tmp_path: Path
) -> None:
    models = Models(clip_model=SMALL, clip_weights="noise", threads=2)
    weights = Weights(models, tmp_path)
    same = OpenClip(models, weights, random_seed=3)
    other = OpenClip(models, weights, random_seed=4)
    assert np.array_equal(same.encode_texts(["dog"]), noise.encode_texts(["dog"]))
    assert not np.allclose(other.encode_texts(["dog"]), noise.encode_texts(["dog"]), atol=1e-3)
    assert other.space() != noise.space() == same.space()


def test_a_second_model_has_weights_and_a_space_of_its_own(noise: OpenClip, tmp_path: Path) -> None:
    models = Models(
        clip_model=SMALL, clip_weights="noise", clip_next=ModelAndWeights(SMALL, "other"), threads=2
    )
    second = OpenClipNext(models, Weights(models, tmp_path), random_seed=3)
    assert second.weights == (f"open_clip-{SMALL}-other",)
    assert OpenClipNext.model(models) == second.space().model == f"{SMALL}/other"
    assert second.space() != noise.space()
    assert np.array_equal(second.encode_texts(["dog"]), noise.encode_texts(["dog"]))
    assert {*OpenClip.needs(models), *second.weights} <= {e.id for e in manifest.entries(models)}


def test_a_model_that_open_clip_does_not_know_is_named(tmp_path: Path) -> None:
    models = Models(clip_model="ViT-Z-99")
    with pytest.raises(BadRequest, match="ViT-Z-99"):
        OpenClip(models, Weights(models, tmp_path), random_seed=1)


def test_no_setting_leads_to_random_weights() -> None:
    import inspect

    taken = inspect.signature(OpenClip.__init__).parameters["random_seed"]
    assert taken.default is None and taken.kind is inspect.Parameter.KEYWORD_ONLY
    assert "random_seed" not in inspect.getsource(ModelStore)
