"""Pictures and words in one space: open_clip, model and weights by setting.

Either half is built when it is first needed: the process that only searches keeps the half that
reads text. Without weights nothing is made up: making the engine raises WeightsMissing. On a GPU
torch runs in 16 bits; on a CPU both halves run in 8 bits (`clip_bytes`) where these were seen to
agree with torch and to be quicker. Texts are tried where many are read at once, which is where the
footage is indexed: no query waits for it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from mam.engines import clip_bytes, manifest, torch_cpu
from mam.engines.base import Picture, SpaceSpec, Vectors
from mam.engines.clip_bytes import LOOKS, READS, ByteNet, Half, Look, Pixels, Tokens, Trial
from mam.engines.device import CUDA, device
from mam.engines.tflite import threads
from mam.engines.weights import Weights
from mam.errors import BadRequest, PermanentError, WeightsMissing
from mam.options import Models

if TYPE_CHECKING:
    import torch

BATCH = 16
_FILE = "open_clip_model.safetensors"
_TOKENIZER = "tokenizer.json"
_OTHERS: Mapping[Half, tuple[str, ...]] = {
    LOOKS: ("text", "transformer", "token_embedding", "ln_final"),
    READS: ("visual",),
}
"""What each half can do without."""


class OpenClip:
    """MAM_CLIP_MODEL with MAM_CLIP_WEIGHTS. `random_seed` is for tests of the real architecture: it
    fills the net with noise instead of weights. No setting leads there, and its space says so."""

    setting = "MAM_CLIP_MODEL"

    @classmethod
    def named(cls, options: Models) -> tuple[str, str] | None:
        """Model and weights; None where none were chosen."""
        return options.clip_model, options.clip_weights

    @classmethod
    def model(cls, options: Models) -> str:
        return "/".join(cls.named(options) or ())

    @classmethod
    def needs(cls, options: Models) -> tuple[str, ...]:
        named = cls.named(options)
        return (manifest.open_clip(*named).id,) if named else ()

    @classmethod
    def runs(cls, options: Models, weights: Weights) -> str:
        """Where and how it looks at pictures, for a person."""
        if device(options.device) == CUDA:
            return "on the GPU, by torch in 16 bits"
        verdict = clip_bytes.verdict_in(weights.made(cls.needs(options)[0]))
        if options.clip_runtime == "int8":
            return "on the processor, by ONNX Runtime in 8 bits"
        if options.clip_runtime == "auto" and verdict is None:
            return "on the processor, by torch; 8 bits are tried with the first pictures"
        if options.clip_runtime == "auto" and verdict is not None:
            how = "ONNX Runtime in 8 bits" if verdict.stands else "torch, not in 8 bits"
            return f"on the processor, by {how} ({verdict})"
        return "on the processor, by torch"

    def __init__(
        self, options: Models, weights: Weights, *, random_seed: int | None = None
    ) -> None:
        named = self.named(options)
        if named is None:
            raise BadRequest("No second model is named: MAM_CLIP_NEXT=MODEL/WEIGHTS.")
        self.weights = self.needs(options)
        self._name, tag_name = named
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

        config = open_clip.get_model_config(self._name)
        if config is None:
            raise BadRequest(
                f"{self.setting}={self._name!r} is no model of open_clip; "
                "`open_clip.list_models()` names them."
            )
        self._config: dict[str, Any] = config
        tag = open_clip.get_pretrained_cfg(self._name, tag_name)
        self._tag: dict[str, Any] = dict(tag or {})
        self._space = SpaceSpec(
            name="image-text",
            model=self.model(options),
            weights_sha256=(
                weights.sha256(self.weights[0], _FILE)
                if random_seed is None
                else f"random-{random_seed}"
            ),
            dimensions=int(self._config["embed_dim"]),
        )
        size = self._checkpoint.stat().st_size if self._checkpoint else 0
        self.memory = max(2 * size, 700 << 20)
        self._device = device(options.device)
        # Noise is for tests, which want one net and the same answer to the same question.
        auto = options.clip_runtime == "auto" and random_seed is None
        self._runtime = "torch" if self._device == CUDA else options.clip_runtime
        self._untried = {LOOKS, READS} if auto and self._runtime == "auto" else set()
        self._made = weights.made(self.weights[0])
        if random_seed is not None:
            self._made /= f"random-{random_seed}"
        self._lock = threading.Lock()
        self._halves: dict[str, Any] = {}

    def space(self) -> SpaceSpec:
        return self._space

    def encode_images(self, pictures: Sequence[Picture]) -> Vectors:
        from PIL import Image

        rows = [np.zeros((0, self._space.dimensions), np.float32)]
        for start in range(0, len(pictures), BATCH):
            look, prepare = self._half("image", self._build_image)
            some = pictures[start : start + BATCH]
            rows.append(look(_stack([prepare(Image.fromarray(picture)) for picture in some])))
            if isinstance(look, Trial) and look.ended:
                self._end(look, LOOKS)
        return _united(rows)

    def encode_texts(self, texts: Sequence[str]) -> Vectors:
        # Names may hold lone surrogates (bytes that are not UTF-8); tokenizers take none.
        clean = [text.encode("utf-8", "replace").decode("utf-8") for text in texts]
        rows = [np.zeros((0, self._space.dimensions), np.float32)]
        for start in range(0, len(clean), BATCH):
            read, tokenize = self._half("text", self._build_text)
            tokens: Tokens = tokenize(clean[start : start + BATCH]).numpy()
            is_trial = isinstance(read, Trial)
            # One query tells little of how two nets agree, and should not wait for it.
            rows.append(read.plain(tokens) if is_trial and len(tokens) < BATCH else read(tokens))
            if is_trial and read.ended:
                self._end(read, READS)
        return _united(rows)

    def _half(self, name: str, build: Callable[[], Any]) -> Any:
        with self._lock:
            if name not in self._halves:
                self._halves[name] = build()
            return self._halves[name]

    def _build_image(self) -> Any:
        from open_clip.transform import PreprocessCfg, image_transform_v2

        size = self._config["vision_cfg"]["image_size"]
        known = {k: v for k, v in self._tag.items() if k in PreprocessCfg.__dataclass_fields__}
        config = PreprocessCfg(**{**known, "size": size})
        shape = (3, size, size) if isinstance(size, int) else (3, *size)
        return self._answering(LOOKS, shape), image_transform_v2(config, is_train=False)

    def _answering(self, half: Half, shape: tuple[int, ...]) -> Look:
        """What answers for a half, given things of this shape."""
        if self._runtime != "torch":
            verdict = clip_bytes.verdict_in(self._made, half)
            known = (self._made / half.file).is_file()
            if known and (self._runtime == "int8" or (verdict and verdict.stands)):
                return self._in_bytes(half)
            if verdict is not None:
                self._untried.discard(half)
        net = self._net()
        for part in _OTHERS[half]:
            if hasattr(net, part):
                setattr(net, part, None)
        if self._runtime == "int8":
            return self._made_in_bytes(net, shape, half)
        look = partial(_look if half == LOOKS else _read, net, self._device)
        if half not in self._untried:
            return look
        return Trial(net, look, self._made, threads(self._options.threads), half)

    def _made_in_bytes(self, net: Any, shape: tuple[int, ...], half: Half) -> Look:
        """Raises PermanentError for a net that the exporter cannot write."""
        try:
            clip_bytes.make(net, shape, self._made, half)
        except Exception as error:  # each kind of net fails in its own way
            reason = " ".join(str(error).split())[:200]
            raise PermanentError(
                f"{self._name} cannot be had in 8 bits, which MAM_CLIP_RUNTIME asks for: {reason}"
            ) from error
        return self._in_bytes(half)

    def _in_bytes(self, half: Half) -> Look:
        if half == LOOKS:
            self.memory = (300 << 20) + 2 * (self._made / half.file).stat().st_size
        return ByteNet(self._made, threads(self._options.threads), half)

    def _end(self, trial: Trial, half: Half) -> None:
        """Have the half built anew, by what was found."""
        name = "image" if half == LOOKS else "text"
        with self._lock:
            self._untried.discard(half)
            if self._halves.get(name, (None,))[0] is trial:
                del self._halves[name]

    def _build_text(self) -> Any:
        import open_clip

        text: dict[str, Any] = self._config.get("text_cfg", {})
        if not text.get("hf_tokenizer_name"):
            tokenizer = open_clip.get_tokenizer(self._name)  # in the package
        elif self._tokens is None:
            # open_clip would ask the hub by itself, whatever MAM_OFFLINE says.
            raise WeightsMissing(
                f"The weights {self.weights[0]} came without the {_TOKENIZER} that the model "
                f"{self._name} reads texts with: put it beside them.",
                self.weights,
            )
        else:
            tokenizer = open_clip.tokenizer.HFTokenizer(
                str(self._tokens),
                context_length=text.get("context_length", 77),
                tokenizer_mode=text.get("tokenizer_mode"),
                **text.get("tokenizer_kwargs", {}),
            )
        return self._answering(READS, (text.get("context_length", 77),)), tokenizer

    def _net(self) -> Any:
        """The whole net, on the CPU in fp32, with its weights. Raises PermanentError when they
        are no weights of this model."""
        import open_clip
        import torch

        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(self._seed or 0)
            try:
                net = open_clip.create_model(
                    self._name,
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
                    f"{self._name}: {reason}"
                ) from error
        net = net.eval().requires_grad_(False)
        return net.to(device=CUDA, dtype=torch.bfloat16) if self._device == CUDA else net


class OpenClipNext(OpenClip):
    """A second one, whose vectors are made beside those of the first."""

    setting = "MAM_CLIP_NEXT"

    @classmethod
    def named(cls, options: Models) -> tuple[str, str] | None:
        second = options.clip_next
        named = (second.model, second.weights) if second else None
        return None if named == OpenClip.named(options) else named  # it is there already


def _read(net: Any, where: str, tokens: Tokens) -> Vectors:
    import torch

    with torch.inference_mode():
        given = torch.from_numpy(tokens).to(where)
        vectors: Vectors = net.encode_text(given, normalize=True).float().cpu().numpy()
    return vectors


def _look(net: Any, where: str, pixels: Pixels) -> Vectors:
    import torch

    with torch.inference_mode():
        given = torch.from_numpy(pixels).to(where, next(net.visual.parameters()).dtype)
        vectors: Vectors = net.encode_image(given, normalize=True).float().cpu().numpy()
    return vectors


def _united(rows: Sequence[Vectors]) -> Vectors:
    """One below the other, of length 1 to the last bit: 16 bits round."""
    whole = np.concatenate(rows)
    vectors: Vectors = whole / np.linalg.norm(whole, axis=1, keepdims=True)
    return vectors


def _stack(tensors: Sequence[torch.Tensor]) -> Pixels:
    import torch

    stacked: Pixels = torch.stack(list(tensors)).numpy()
    return stacked
