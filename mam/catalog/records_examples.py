"""What is read of an example that somebody brings along: frozen values, no framework.

Indexers read it, search looks for what is like it, and neither knows the other.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from mam.catalog.records import SpaceRecord

IMAGE, SOUND, VIDEO = "image", "sound", "video"
KINDS = (IMAGE, SOUND, VIDEO)
SAID = "said"
"""A vector of what is said in it; the others are of what is seen and heard."""


@dataclass(frozen=True)
class ExampleTag:
    """What one tagger names in it; `kind` as of the catalogue's tags."""

    name: str
    kind: str
    score: float


@dataclass(frozen=True)
class ExampleVector:
    """Where it lies in a space; `of` tells apart what was looked at (a picture, its labels, all of
    them written out, what is said)."""

    space: SpaceRecord
    of: str
    values: tuple[float, ...]


@dataclass(frozen=True)
class ExampleReading:
    """All that the indexers would say of a file that is not kept.

    `missing` are the engines that had no weights, `notes` what a person should know of it (only a
    part was read), `picture` a small JPEG, empty where there is nothing to see.
    """

    kind: str
    tags: tuple[ExampleTag, ...] = ()
    texts: tuple[str, ...] = ()
    said: str = ""
    language: str = ""
    vectors: tuple[ExampleVector, ...] = ()
    missing: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    picture: bytes = field(default=b"", repr=False)
