"""The program in which the nets look at an example: `python -m indexers.example_nets`.

Standard input is a NumPy archive: `asked` (JSON: the engines by name, the options of `Models`, the
data folder, and the taggers of pictures with the score from which each names something), `sound`,
and the pictures `picture0`, `picture1` … Prints one JSON object. Started by indexers/example.py, in
bounds; what the nets took of memory goes with it. It is handed no file of a stranger's, only what
was decoded of one.
"""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable
from dataclasses import astuple
from pathlib import Path
from typing import Any

import numpy as np

from indexers.labels import folded, is_worth_keeping, labels_of_shot, labels_shown
from mam.engines.base import Picture, Sound
from mam.engines.store import ModelStore
from mam.errors import WeightsMissing
from mam.options import Models

PATHS = ("weights_dir", "vocabulary")


def main() -> None:
    handed = np.load(io.BytesIO(sys.stdin.buffer.read()), allow_pickle=False)
    asked = json.loads(bytes(handed["asked"]))
    models: dict[str, Any] = {
        name: Path(value) if name in PATHS and value else value
        for name, value in asked["models"].items()
    }
    store = ModelStore(asked["engines"], Models(**models), Path(asked["home"]))
    pictures = [handed[f"picture{number}"] for number in range(asked["pictures"])]
    out = sys.stdout
    sys.stdout = sys.stderr  # what libraries print is no answer
    answer = looked(store, asked["taggers"], pictures, handed["sound"])
    json.dump(answer, out)
    out.flush()


def looked(
    store: ModelStore, taggers: dict[str, float], pictures: list[Picture], sound: Sound
) -> dict[str, Any]:
    """What each engine says; `missing` tells which have no weights."""
    answer: dict[str, Any] = {
        "tags": [], "texts": [], "said": "", "language": "", "image_text": None,
        "missing": [],
    }  # fmt: skip

    def ask(name: str, look: Callable[[Any], None]) -> None:
        try:
            engine = store.engine(name)
        except WeightsMissing:
            answer["missing"].append(name)
            return
        look(engine)

    def tag(floor: float) -> Callable[[Any], None]:
        def look(engine: Any) -> None:
            found = labels_of_shot(labels_shown(engine, pictures), floor=floor)
            answer["tags"] += [(label.name, engine.kind, label.score) for label in found]

        return look

    def read(engine: Any) -> None:
        for line in (line for picture in pictures for line in engine.read(picture)):
            text = line.text.strip()
            if is_worth_keeping(folded(text), line.score) and text not in answer["texts"]:
                answer["texts"].append(text)

    def compare(engine: Any) -> None:
        vectors = engine.encode_images(pictures)
        answer["image_text"] = {"space": astuple(engine.space()), "vectors": vectors.tolist()}

    def hear(engine: Any) -> None:
        best: dict[str, float] = {}
        for label in engine.tag(sound):
            best[label.name] = max(label.score, best.get(label.name, 0.0))
        answer["tags"] += [(name, "sound", score) for name, score in best.items()]

    def listen(engine: Any) -> None:
        speech = engine.transcribe(sound)
        answer["said"] = " ".join(segment.text.strip() for segment in speech.segments)
        answer["language"] = speech.language if answer["said"] else ""

    if pictures:
        for name, floor in taggers.items():
            ask(name, tag(floor))
        ask("text", read)
        ask("image-text", compare)
    if len(sound):
        ask("sounds", hear)
        ask("speech", listen)
    return answer


if __name__ == "__main__":
    main()
