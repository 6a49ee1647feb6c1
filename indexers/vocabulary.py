"""Tags from a list of words: pictures compared with each of them, where weights allow."""

from __future__ import annotations

from dataclasses import astuple
from itertools import groupby
from pathlib import Path
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt

from indexers.labels import labels_of_shot, tagged
from mam.catalog.records import AssetRecord, Findings, SpaceRecord
from mam.catalog.selectors import embeddings_of
from mam.engines import engine_weights
from mam.engines.base import ImageTextEncoder, Label
from mam.errors import BadRequest
from mam.pipeline.steps import Context, Step

DEFAULT = Path(__file__).with_name("vocabulary.txt")
PROMPT = "a photo of {}"
SHARPNESS = 100.0
"""What image-text models of this family multiply cosines by before they share out certainty."""
EACH = 5
FLOOR = 0.05


def words_in(path: Path) -> tuple[str, ...]:
    """The entries of a vocabulary file, each once. Raises BadRequest when it cannot be read."""
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadRequest(f"The vocabulary {path} cannot be read: {error}") from None
    lines = (line.strip() for line in text.splitlines())
    words = tuple(dict.fromkeys(line for line in lines if line and not line.startswith("#")))
    if not words:
        raise BadRequest(f"The vocabulary {path} is empty: write one tag a line.")
    return words


def fitting(
    picture: npt.NDArray[np.float32], words: npt.NDArray[np.float32], names: tuple[str, ...]
) -> list[Label]:
    """The few words nearest to a picture, with their share of certainty among all words."""
    logits = SHARPNESS * (words @ picture)
    shares = np.exp(logits - logits.max())
    shares /= shares.sum()
    best = np.argsort(-shares, kind="stable")[:EACH]
    return [Label(names[index], float(shares[index])) for index in best.tolist()]


class Vocabulary(Step):
    """Zero-shot tags: the vectors that are stored are compared, no picture is read again."""

    name = "vocabulary"
    version = 1
    title = "Comparing pictures with the vocabulary"
    needs = ("image_text",)

    def weights(self) -> tuple[str, ...]:
        return engine_weights("image-text")

    def wants(self, asset: AssetRecord) -> bool:
        return asset.has_video

    def find(self, asset: AssetRecord, context: Context) -> Findings:
        encoder: ImageTextEncoder = context.engine("image-text")
        space = SpaceRecord(*astuple(encoder.space()))
        names = words_in(context.options.models.vocabulary or DEFAULT)
        words = _encoded(encoder, names)
        vectors = sorted(embeddings_of(asset.id, space), key=lambda item: item.range)
        tags = []
        for range, group in groupby(vectors, lambda item: item.range):
            pictures = [fitting(item.vector, words, names) for item in group]
            shown = [
                Label(_plain(label.name), label.score)
                for label in labels_of_shot(pictures, floor=FLOOR)
            ]
            tags += tagged(shown, range, kind="vocabulary", source=space.model)
        return Findings(taggings=tuple(tags))


# Weakly, so that an engine let go of by the model store is not kept alive from here.
_known: WeakKeyDictionary[ImageTextEncoder, dict[tuple[str, ...], npt.NDArray[np.float32]]]
_known = WeakKeyDictionary()


def _encoded(encoder: ImageTextEncoder, names: tuple[str, ...]) -> npt.NDArray[np.float32]:
    """The vocabulary's vectors, made once for a loaded engine."""
    known = _known.setdefault(encoder, {})
    if names not in known:
        known[names] = encoder.encode_texts([PROMPT.format(name) for name in names])
    return known[names]


def _plain(name: str) -> str:
    """The tag without the article that makes a better prompt."""
    for article in ("a ", "an ", "the "):
        if name.startswith(article):
            return name[len(article) :]
    return name
