"""What sentences mean, as vectors: all-MiniLM-L6-v2, or its relative that reads fifty languages.

Both are small BERTs of 384 dimensions, of six layers and of twelve; they are written out here in
numpy, as the libraries that carry them load for seconds, torch itself for two, and a search from
the shell needs nothing else of them. The multilingual one was taught to put a sentence where the
English one of the same meaning lies, and asks for no words before a query: cosines of single words
spread as calibration expects it. (multilingual-e5-small, as large, has them all above .7.)
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from mam.engines.base import SpaceSpec, Vectors
from mam.engines.manifest_sentences import MINILM, MINILM_MULTILINGUAL
from mam.engines.weights import Weights
from mam.errors import BadRequest
from mam.options import Models

BATCH = 32


@dataclass(frozen=True)
class Reading:
    """What a model reads: languages by ISO 639-1, and how long a text it was taught with."""

    languages: tuple[str, ...]
    most_tokens: int


_FIFTY = (
    "ar bg ca cs da de el en es et fa fi fr gl gu he hi hr hu hy id it ja ka ko ku lt lv mk mn mr"
    " ms my nb nl pl pt ro ru sk sl sq sr sv th tr uk ur vi zh"
)
READINGS = {
    MINILM.id: Reading(("en",), 256),
    MINILM_MULTILINGUAL.id: Reading(tuple(_FIFTY.split()), 128),
}

Floats = npt.NDArray[np.float32]


class MiniLM:
    """Sentence vectors: mean of the last layer's tokens, scaled to length 1. MAM_SENTENCE_MODEL."""

    @classmethod
    def model(cls, options: Models) -> str:
        return options.sentence_model

    @classmethod
    def needs(cls, options: Models) -> tuple[str, ...]:
        return tuple(filter(None, [cls.model(options)]))

    def __init__(self, options: Models, weights: Weights) -> None:
        from safetensors.numpy import load_file
        from tokenizers import Tokenizer

        name = self.model(options)
        if not name:
            raise BadRequest("No second model is named: MAM_SENTENCE_NEXT.")
        self.weights = self.needs(options)
        self.languages = READINGS[name].languages
        tensors = weights.file(name, "model.safetensors")
        self.memory = (100 << 20) + tensors.stat().st_size
        config: dict[str, Any] = json.loads(weights.file(name, "config.json").read_text())
        self._layers = int(config["num_hidden_layers"])
        self._heads = int(config["num_attention_heads"])
        self._epsilon = float(config["layer_norm_eps"])
        self._dimensions = int(config["hidden_size"])
        self._weights = load_file(tensors)
        self._tokenizer = Tokenizer.from_str(
            weights.file(name, "tokenizer.json").read_text("utf-8")
        )
        self._tokenizer.enable_truncation(READINGS[name].most_tokens)
        self._tokenizer.no_padding()
        self._space = SpaceSpec(
            name="sentence",
            model=name,
            weights_sha256=weights.sha256(name, "model.safetensors"),
            dimensions=self._dimensions,
        )

    def space(self) -> SpaceSpec:
        return self._space

    def knows(self, word: str) -> bool:
        pieces = self._tokenizer.encode(
            word.encode("utf-8", "replace").decode("utf-8"), add_special_tokens=False
        ).ids
        return len(pieces) == 1 and pieces[0] != self._tokenizer.token_to_id("[UNK]")

    def encode(self, texts: Sequence[str]) -> Vectors:
        vectors = np.zeros((len(texts), self._dimensions), np.float32)
        # Python's str may hold lone surrogates (names that are not UTF-8); the tokenizer may not.
        clean = [text.encode("utf-8", "replace").decode("utf-8") for text in texts]
        tokens = [encoding.ids for encoding in self._tokenizer.encode_batch(clean)]
        # Texts of one length go together: no padding, so no mask either.
        by_length: dict[int, list[int]] = {}
        for index, ids in enumerate(tokens):
            by_length.setdefault(len(ids), []).append(index)
        for indices in by_length.values():
            for start in range(0, len(indices), BATCH):
                some = indices[start : start + BATCH]
                vectors[some] = self._forward(np.array([tokens[index] for index in some]))
        return vectors

    def _forward(self, ids: npt.NDArray[np.int64]) -> Floats:
        """`(texts, tokens)` token numbers to `(texts, dimensions)`."""
        count, length = ids.shape
        named = self._weights
        state = (
            named["embeddings.word_embeddings.weight"][ids]
            + named["embeddings.position_embeddings.weight"][:length]
            + named["embeddings.token_type_embeddings.weight"][0]
        )
        state = self._normal(state, "embeddings.LayerNorm")
        for number in range(self._layers):
            layer = f"encoder.layer.{number}"
            query, key, value = (
                self._linear(state, f"{layer}.attention.self.{part}")
                .reshape(count, length, self._heads, -1)
                .transpose(0, 2, 1, 3)
                for part in ("query", "key", "value")
            )
            likeness = query @ key.transpose(0, 1, 3, 2) / np.float32(query.shape[-1] ** 0.5)
            seen = _softmax(likeness) @ value
            seen = seen.transpose(0, 2, 1, 3).reshape(count, length, -1)
            seen = self._linear(seen, f"{layer}.attention.output.dense")
            state = self._normal(state + seen, f"{layer}.attention.output.LayerNorm")
            inner = _gelu(self._linear(state, f"{layer}.intermediate.dense"))
            inner = self._linear(inner, f"{layer}.output.dense")
            state = self._normal(state + inner, f"{layer}.output.LayerNorm")
        mean = state.mean(axis=1)
        length_one: Floats = mean / np.linalg.norm(mean, axis=1, keepdims=True)
        return length_one

    def _linear(self, state: Floats, name: str) -> Floats:
        rows = state.reshape(-1, state.shape[-1])  # one product instead of one a text
        made: Floats = rows @ self._weights[f"{name}.weight"].T
        made += self._weights[f"{name}.bias"]
        return made.reshape(*state.shape[:-1], -1)

    def _normal(self, state: Floats, name: str) -> Floats:
        """Layer normalisation."""
        apart = state - state.mean(axis=-1, keepdims=True)
        spread = np.sqrt((apart * apart).mean(axis=-1, keepdims=True) + np.float32(self._epsilon))
        made: Floats = apart / spread * self._weights[f"{name}.weight"]
        made += self._weights[f"{name}.bias"]
        return made


class MiniLMNext(MiniLM):
    """A second one, whose vectors are made beside those of the first."""

    @classmethod
    def model(cls, options: Models) -> str:
        second = options.sentence_next
        return "" if second == options.sentence_model else second  # it is there already


def _softmax(rows: Floats) -> Floats:
    raised: Floats = np.exp(rows - rows.max(axis=-1, keepdims=True))
    raised /= raised.sum(axis=-1, keepdims=True)
    return raised


def _gelu(x: Floats) -> Floats:
    """x times the normal distribution's share below x; the error function by Abramowitz and
    Stegun 7.1.26, at most 1.5e-7 away."""
    half: Floats = np.abs(x)
    half *= np.float32(0.5**0.5)
    t: Floats = np.reciprocal(np.float32(0.3275911) * half + np.float32(1))
    series: Floats = np.full_like(t, 1.061405429)
    for factor in (-1.453152027, 1.421413741, -0.284496736, 0.254829592, 0):
        series *= t
        series += np.float32(factor)
    half *= -half
    series *= np.exp(half, out=half)
    series /= 2  # the share beyond |x| on one side
    np.subtract(1, series, out=series, where=x > 0)
    series *= x
    return series
