"""What sentences mean, as vectors: all-MiniLM-L6-v2, 384 dimensions.

The net is a small BERT of six layers; it is written out here, as the libraries that carry it load
for seconds and the web process needs it for the first search.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from mam.engines import torch_cpu
from mam.engines.base import SpaceSpec, Vectors
from mam.engines.manifest import MINILM
from mam.engines.weights import Weights
from mam.options import Models

if TYPE_CHECKING:
    import torch

MOST_TOKENS = 256
BATCH = 32


class MiniLM:
    """Sentence vectors: mean of the last layer's tokens, scaled to length 1."""

    memory = 200 << 20

    @classmethod
    def needs(cls, options: Models) -> tuple[str, ...]:
        return (MINILM.id,)

    def __init__(self, options: Models, weights: Weights) -> None:
        torch_cpu.prepare(options.threads)
        from safetensors.torch import load_file
        from tokenizers import Tokenizer

        self.weights = self.needs(options)
        config: dict[str, Any] = json.loads(weights.file(MINILM.id, "config.json").read_text())
        self._layers = int(config["num_hidden_layers"])
        self._heads = int(config["num_attention_heads"])
        self._epsilon = float(config["layer_norm_eps"])
        self._dimensions = int(config["hidden_size"])
        self._weights = load_file(weights.file(MINILM.id, "model.safetensors"))
        self._tokenizer = Tokenizer.from_str(
            weights.file(MINILM.id, "tokenizer.json").read_text("utf-8")
        )
        self._tokenizer.enable_truncation(MOST_TOKENS)
        self._tokenizer.no_padding()
        self._space = SpaceSpec(
            name="sentence",
            model=MINILM.id,
            weights_sha256=weights.sha256(MINILM.id, "model.safetensors"),
            dimensions=self._dimensions,
        )

    def space(self) -> SpaceSpec:
        return self._space

    def encode(self, texts: Sequence[str]) -> Vectors:
        import torch

        vectors = np.zeros((len(texts), self._dimensions), np.float32)
        # Python's str may hold lone surrogates (names that are not UTF-8); the tokenizer may not.
        clean = [text.encode("utf-8", "replace").decode("utf-8") for text in texts]
        tokens = [encoding.ids for encoding in self._tokenizer.encode_batch(clean)]
        # Texts of one length go together: no padding, so no mask either.
        by_length: dict[int, list[int]] = {}
        for index, ids in enumerate(tokens):
            by_length.setdefault(len(ids), []).append(index)
        with torch.inference_mode():
            for indices in by_length.values():
                for start in range(0, len(indices), BATCH):
                    some = indices[start : start + BATCH]
                    vectors[some] = self._forward(torch.tensor([tokens[i] for i in some])).numpy()
        return vectors

    def _forward(self, ids: torch.Tensor) -> torch.Tensor:
        """`(texts, tokens)` token numbers to `(texts, dimensions)`."""
        from torch.nn import functional

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
                .view(count, length, self._heads, -1)
                .transpose(1, 2)
                for part in ("query", "key", "value")
            )
            seen = functional.scaled_dot_product_attention(query, key, value)
            seen = seen.transpose(1, 2).reshape(count, length, -1)
            seen = self._linear(seen, f"{layer}.attention.output.dense")
            state = self._normal(state + seen, f"{layer}.attention.output.LayerNorm")
            inner = functional.gelu(self._linear(state, f"{layer}.intermediate.dense"))
            inner = self._linear(inner, f"{layer}.output.dense")
            state = self._normal(state + inner, f"{layer}.output.LayerNorm")
        return functional.normalize(state.mean(dim=1), dim=1)

    def _linear(self, state: torch.Tensor, name: str) -> torch.Tensor:
        from torch.nn import functional

        return functional.linear(
            state, self._weights[f"{name}.weight"], self._weights[f"{name}.bias"]
        )

    def _normal(self, state: torch.Tensor, name: str) -> torch.Tensor:
        from torch.nn import functional

        return functional.layer_norm(
            state,
            (self._dimensions,),
            self._weights[f"{name}.weight"],
            self._weights[f"{name}.bias"],
            self._epsilon,
        )
