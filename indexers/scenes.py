"""What a picture is of: scene and thing classes (ImageNet)."""

from __future__ import annotations

from indexers.tagging import TaggerStep


class Scenes(TaggerStep):
    """A classifier of a thousand classes: shares of certainty are small where many are alike."""

    name = "scenes"
    version = 1
    title = "Naming what is seen"
    engine_name = "scenes"
    source = "mobilenet-imagenet"
    floor = 0.03
