"""The tables of what we know about footage."""

from mam.catalog.models.analysis import (
    Analysis,
    Description,
    Embedding,
    Serving,
    Space,
)
from mam.catalog.models.asset import Asset, Location, Rendition
from mam.catalog.models.card import CardPart
from mam.catalog.models.collection import Collection, CollectionItem
from mam.catalog.models.correction import Correction
from mam.catalog.models.filing import Filing
from mam.catalog.models.quality import Flaw, Loudness
from mam.catalog.models.shot import Keyframe, Shot
from mam.catalog.models.tag import ScreenText, Tag, Tagging
from mam.catalog.models.transcript import Segment, Transcript, Word
from mam.catalog.models.voice import Turn

__all__ = [
    "Analysis",
    "Asset",
    "CardPart",
    "Collection",
    "CollectionItem",
    "Correction",
    "Description",
    "Embedding",
    "Filing",
    "Flaw",
    "Keyframe",
    "Location",
    "Loudness",
    "Rendition",
    "ScreenText",
    "Segment",
    "Serving",
    "Shot",
    "Space",
    "Tag",
    "Tagging",
    "Transcript",
    "Turn",
    "Word",
]
