"""Pictures and words in one space: open_clip, model and weights by setting.

Either half is built when it is first needed: the process that only searches keeps the half that
reads text. Without weights nothing is made up: making the engine raises WeightsMissing.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from mam.engines import manifest, torch_cpu
from mam.engines.base import Picture, SpaceSpec, Vectors
from mam.engines.weights import Weights
from mam.errors import BadRequest, PermanentError, WeightsMissing
from mam.options import Models

if TYPE_CHECKING:
    import torch

BATCH = 16
_FILE = "open_clip_model.safetensors"
_TOKENIZER = "tokenizer.json"


class OpenClip:
    """`random_seed` is for tests of the real architecture: it fills the net with noise instead of
    weights. No setting leads there, and its space says so."""

    @classmethod
    def needs(cls, options: Models) -> tuple[str, ...]:
        return (manifest.open_clip(options.clip_model, options.clip_weights).id,)

    def __init__(
        self, options: Models, weights: Weights, *, random_seed: int | None = None
    ) -> None:
        self.weights = self.needs(options)
        self._options = options
        self._seed = random_seed
        self._checkpoint: Path | None = None
        self._tokens: Path | None = None
        if random_seed is None:
            self._checkpoint = weights.file(self.weights[0], _FILE)
            folder = weights.path(self.weights[0])
            self._tokens = folder if (folder / _TOKENIZER).is_file() else None
        torch_cpu.prepare(options.threads)
        import open_clip

        config = open_clip.get_model_config(options.clip_model)
        if config is None:
            raise BadRequest(
                f"MAM_CLIP_MODEL={options.clip_model!r} is no model of open_clip; "
                "`open_clip.list_models()` names them."
            )
        self._config: dict[str, Any] = config
        tag = open_clip.get_pretrained_cfg(options.clip_model, options.clip_weights)
        self._tag: dict[str, Any] = dict(tag or {})
        self._space = SpaceSpec(
            name="image-text",
            model=f"{options.clip_model}/{options.clip_weights}",
            weights_sha256=(
                weights.sha256(self.weights[0], _FILE)
                if random_seed is None
                else f"random-{random_seed}"
            ),
            dimensions=int(self._config["embed_dim"]),
        )
        size = self._checkpoint.stat().st_size if self._checkpoint else 0
        self.memory = max(2 * size, 700 << 20)
        self._lock = threading.Lock()
        self._halves: dict[str, Any] = {}

    def space(self) -> SpaceSpec:
        return self._space

    def encode_images(self, pictures: Sequence[Picture]) -> Vectors:
        from PIL import Image

        net, prepare = self._half("image", self._build_image)
        return self._encode(
            pictures,
            lambda some: net.encode_image(
                _stack([prepare(Image.fromarray(picture)) for picture in some]), normalize=True
            ),
        )

    def encode_texts(self, texts: Sequence[str]) -> Vectors:
        net, tokenize = self._half("text", self._build_text)
        # Names may hold lone surrogates (bytes that are not UTF-8); tokenizers take none.
        clean = [text.encode("utf-8", "replace").decode("utf-8") for text in texts]
        return self._encode(
            clean, lambda some: net.encode_text(tokenize(list(some)), normalize=True)
        )

    def _encode(
        self, items: Sequence[Any], encode: Callable[[Sequence[Any]], torch.Tensor]
    ) -> Vectors:
        import torch

        rows = [np.zeros((0, self._space.dimensions), np.float32)]
        with torch.inference_mode():
            for start in range(0, len(items), BATCH):
                rows.append(encode(items[start : start + BATCH]).float().numpy())
        vectors: Vectors = np.concatenate(rows)
        return vectors

    def _half(self, name: str, build: Callable[[], Any]) -> Any:
        with self._lock:
            if name not in self._halves:
                self._halves[name] = build()
            return self._halves[name]

    def _build_image(self) -> Any:
        from open_clip.transform import PreprocessCfg, image_transform_v2

        net = self._net()
        for part in ("text", "transformer", "token_embedding", "ln_final"):
            if hasattr(net, part):
                setattr(net, part, None)
        size = net.visual.image_size
        known = {k: v for k, v in self._tag.items() if k in PreprocessCfg.__dataclass_fields__}
        config = PreprocessCfg(**{**known, "size": size})
        return net, image_transform_v2(config, is_train=False)

    def _build_text(self) -> Any:
        import open_clip

        text: dict[str, Any] = self._config.get("text_cfg", {})
        if not text.get("hf_tokenizer_name"):
            tokenizer = open_clip.get_tokenizer(self._options.clip_model)  # in the package
        elif self._tokens is None:
            # open_clip would ask the hub by itself, whatever MAM_OFFLINE says.
            raise WeightsMissing(
                f"The weights {self.weights[0]} came without the {_TOKENIZER} that the model "
                f"{self._options.clip_model} reads texts with: put it beside them.",
                self.weights,
            )
        else:
            tokenizer = open_clip.tokenizer.HFTokenizer(
                str(self._tokens),
                context_length=text.get("context_length", 77),
                tokenizer_mode=text.get("tokenizer_mode"),
                **text.get("tokenizer_kwargs", {}),
            )
        net = self._net()
        net.visual = None
        return net, tokenizer

    def _net(self) -> Any:
        """The whole net, on the CPU in fp32, with its weights. Raises PermanentError when they
        are no weights of this model."""
        import open_clip
        import torch

        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(self._seed or 0)
            try:
                net = open_clip.create_model(
                    self._options.clip_model,
                    pretrained=str(self._checkpoint) if self._checkpoint else None,
                    precision="fp32",
                    device="cpu",
                    force_quick_gelu=bool(self._tag.get("quick_gelu", False)),
                    pretrained_text=False,
                    weights_only=True,
                )
            except Exception as error:  # each kind of file fails in its own way
                reason = " ".join(str(error).split())[:200]
                raise PermanentError(
                    f"{self._checkpoint or 'The net'} cannot be loaded as open_clip's "
                    f"{self._options.clip_model}: {reason}"
                ) from error
        return net.eval().requires_grad_(False)


def _stack(tensors: Sequence[torch.Tensor]) -> torch.Tensor:
    import torch

    return torch.stack(list(tensors))
