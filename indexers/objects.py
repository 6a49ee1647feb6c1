"""Objects seen: people, animals, vehicles, everyday things (COCO)."""

from __future__ import annotations

from indexers.tagging import TaggerStep


class Objects(TaggerStep):
    """Everyday things, whole or small in the picture."""

    name = "objects"
    version = 1
    title = "Looking for objects"
    engine_name = "objects"
    source = "ssd-mobilenet-coco"
    floor = 0.15
