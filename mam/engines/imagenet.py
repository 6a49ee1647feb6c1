"""Scenes and things in pictures: MobileNetV2, the 1,000 classes of ImageNet."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mam.engines import tflite
from mam.engines.base import Label, Picture
from mam.engines.manifest import IMAGENET
from mam.engines.weights import Weights
from mam.options import Models

FLOOR = 0.01
"""Scores are shared out over 1,000 classes, many of them near relatives: little is a lot. Guesses
this faint are no tags to show, but together they tell a kitchen from a forest."""
MOST = 40


class MobileNetV2:
    """Names what the picture is of: the best score of each class over the whole and cuts of it."""

    kind = "scene"
    memory = 30 << 20

    @classmethod
    def needs(cls, options: Models) -> tuple[str, ...]:
        return (IMAGENET.id,)

    def __init__(self, options: Models, weights: Weights) -> None:
        self.weights = self.needs(options)
        model = weights.file(IMAGENET.id, "mobilenet_v2_1.0_224_quant.tflite")
        self._net = tflite.Net(model, options.threads)
        self._labels = tflite.labels(weights.file(IMAGENET.id, "labels.txt"))

    def tag(self, pictures: Sequence[Picture]) -> list[list[Label]]:
        return [self._tag(picture) for picture in pictures]

    def _tag(self, picture: Picture) -> list[Label]:
        views = tflite.squares(picture, self._net.shape[1])
        scores = np.max([_softmax(self._net.run(view)[0]) for view in views], axis=0)
        best: dict[str, float] = {}
        for index in np.argsort(-scores, kind="stable"):
            score = float(scores[index])
            if score < FLOOR or len(best) == MOST:
                break
            if index != 0:  # "background"
                best.setdefault(self._labels[int(index)], score)  # "crane" is there twice
        return [Label(name, score) for name, score in best.items()]


def _softmax(logits: tflite.Numbers) -> tflite.Numbers:
    shifted = np.exp(logits - logits.max())
    result: tflite.Numbers = shifted / shifted.sum()
    return result
