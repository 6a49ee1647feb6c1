"""Which vectors searches look in: what is there, having another model's serve, and letting go."""

from __future__ import annotations

from dataclasses import dataclass

from mam import engines
from mam.catalog.spaces import (
    SpaceView,
    space_drop,
    space_named,
    space_serve,
    spaces_list,
)
from mam.errors import BadRequest, Conflict
from search.encoders import PLACES, SENTENCE, EngineEncoders
from search.retrieval.vocabulary import VOCABULARIES


@dataclass(frozen=True)
class ShownSpace:
    """A space, whether settings name its model, and the share of the assets of its name (of those
    with vectors in any space of it) that have vectors in it."""

    space: SpaceView
    named: bool
    share: float


def spaces() -> list[ShownSpace]:
    """All whose vectors are compared with words, the oldest of a name first."""
    found = spaces_list(PLACES)
    most = {name: max((s.assets for s in found if s.name == name), default=0) for name in PLACES}
    return [
        ShownSpace(item, is_named(item), item.assets / most[item.name] if most[item.name] else 0.0)
        for item in found
    ]


def is_named(space: SpaceView) -> bool:
    """Whether a setting names its model, so that words can be put into it."""
    return space.model in (engines.engine_model(place) for place in PLACES[space.name])


def serve(text: str, *, force: bool = False) -> SpaceView:
    """Have searches look in this space (its number or its model) from the next query on, in every
    process. Raises NotFound, BadRequest where no setting names its model, WeightsMissing, and
    Conflict while it lacks what the serving one has, unless `force`."""
    space = space_named(PLACES, text)
    if not is_named(space):
        raise BadRequest(
            f"No setting names {space.model}: words could not be compared with its vectors. Name it"
            " in MAM_CLIP_MODEL and MAM_CLIP_WEIGHTS, MAM_CLIP_NEXT, MAM_SENTENCE_MODEL or"
            " MAM_SENTENCE_NEXT first."
        )
    _prepare(space)
    space_serve(space, force=force)
    return space


def drop(text: str) -> tuple[SpaceView, int]:
    """Forget a space (its number or its model) with its index; how many vectors that were. Raises
    NotFound, BadRequest, and Conflict where it serves or would be filled again at once."""
    space = space_named(PLACES, text)
    if space.serves:
        raise Conflict(f"{space.model} serves searches: have another serve first.")
    if is_named(space):
        raise Conflict(
            f"A setting names {space.model} still, so that it would be filled again: take it out,"
            " and start the service anew."
        )
    return space, space_drop(space)


def _prepare(space: SpaceView) -> None:
    """Load what the first query would load, and put the library's tags into the space: no query
    waits for it."""
    encoders = EngineEncoders({space.name: space.model})
    encoder = encoders.sentences() if space.name == SENTENCE else encoders.image_texts()
    if encoder.space().weights_sha256 != space.weights_sha256:
        raise BadRequest(
            f"The weights of {space.model} that are here are others than those vectors were made"
            " with: words could not be compared with them."
        )
    if space.name == SENTENCE:
        VOCABULARIES.prepared(encoder)
    else:
        encoder.encode(["a photo"])
