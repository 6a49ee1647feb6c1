"""Objects in pictures: SSD MobileNet v1, 80 everyday things (COCO)."""

from __future__ import annotations

from collections.abc import Sequence

from mam.engines import tflite
from mam.engines.base import Label, Picture
from mam.engines.manifest import COCO
from mam.engines.weights import Weights
from mam.options import Models

MODEL = "coco_ssd_mobilenet_v1_1.0_quant_2018_06_29.tflite"
FLOOR = 0.3
"""Below this score it sees kites in every sky. Alone a label is to be believed from about 0.5."""


class SsdMobileNet:
    """Says what is seen, not where; the whole picture and squares cut from it are looked at."""

    kind = "object"
    memory = 40 << 20

    @classmethod
    def needs(cls, options: Models) -> tuple[str, ...]:
        return (COCO.id,)

    def __init__(self, options: Models, weights: Weights) -> None:
        self.weights = self.needs(options)
        self._net = tflite.Net(weights.file(COCO.id, MODEL), options.threads)
        self._labels = tflite.labels(weights.file(COCO.id, "labelmap.txt"))

    def tag(self, pictures: Sequence[Picture]) -> list[list[Label]]:
        return [self._tag(picture) for picture in pictures]

    def _tag(self, picture: Picture) -> list[Label]:
        best: dict[str, float] = {}
        for view in tflite.squares(picture, self._net.shape[1]):
            _, classes, scores, count = self._net.run(view)
            for number in range(int(count[0])):
                name = self._labels[int(classes[number])]
                score = min(1.0, float(scores[number]))
                if score >= FLOOR and name != "???":
                    best[name] = max(score, best.get(name, 0.0))
        return sorted(
            (Label(name, score) for name, score in best.items()),
            key=lambda label: (-label.score, label.name),
        )
