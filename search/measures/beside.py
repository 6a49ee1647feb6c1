"""The known items asked for with the vectors that serve, and with those of a model that does not
yet: whether it finds better is seen before anybody searches with it."""

from __future__ import annotations

import json
from dataclasses import dataclass

from mam.catalog.spaces import SpaceView, space_named, spaces_list
from mam.errors import BadRequest
from search.encoders import PLACES, Encoders, EngineEncoders
from search.measures.finding import Found, Measured
from search.serving import is_named


@dataclass(frozen=True)
class OtherSpace:
    """A space that does not serve; `serving` is the model that does, `encoders` ask this one."""

    space: SpaceView
    serving: str
    encoders: Encoders


def other_space(text: str) -> OtherSpace:
    """By number or model. Raises NotFound, BadRequest where it serves already or no words can be
    put into it."""
    space = space_named(PLACES, text)
    if space.serves:
        raise BadRequest(f"{space.model} serves already: name one that does not.")
    if not is_named(space):
        raise BadRequest(f"No setting names {space.model}: words cannot be compared with it.")
    serving = next((item.model for item in spaces_list([space.name]) if item.serves), "none serves")
    return OtherSpace(space, serving, EngineEncoders({space.name: space.model}))


def beside_json(other: OtherSpace, serving: Measured, beside: Measured) -> str:
    found = {other.serving: serving.as_json(), other.space.model: beside.as_json()}
    return json.dumps({"serving": other.serving, "models": found, "lacking": other.space.lacking})


def beside_text(other: OtherSpace, serving: Measured, beside: Measured) -> str:
    """Two lines a lane: the model that serves, and below it the other."""
    models = (other.serving, other.space.model)
    wide = max(map(len, models))
    heads = f"{'':<8}{'':<{wide}}{'items':>7}{'first':>8}{'of 5':>8}{'of 20':>8}{'MRR':>8}{'ms':>8}"
    lines: list[str] = []
    for title, by_lane in (
        ("In their lane alone", (serving.alone, beside.alone)),
        ("As plain words", (serving.fused, beside.fused)),
    ):
        lines += ["", title, heads]
        for lane in by_lane[0]:
            for model, measured in zip(models, by_lane, strict=True):
                named = lane if model == models[0] else ""
                lines.append(f"{named:<8}{model:<{wide}}{_figures(measured[lane])}")
    gained = sorted(set(serving.missed) - set(beside.missed))
    lost = sorted(set(beside.missed) - set(serving.missed))
    lines += [f"Found by {models[1]} alone: {lane}: {query}" for lane, query in gained]
    lines += [f"Missed by {models[1]} alone: {lane}: {query}" for lane, query in lost]
    if other.space.lacking:
        lines.append(
            f"{models[1]} lacks {other.space.lacking} of the assets that are there: not comparable"
            " until it is filled."
        )
    return "\n".join(lines[1:])


def _figures(found: Found) -> str:
    shares = (found.recall_1, found.recall_5, found.recall_20, found.mean_reciprocal_rank)
    figures = "".join(f"{share:>8.3f}" for share in shares)
    return f"{found.items:>7}{figures}{found.median_ms:>8.1f}"
