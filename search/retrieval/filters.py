"""What each filter asks of an asset, as a condition on its row; and which filters speak of ranges.

A filter on a fact that an asset does not have (the rate of what was never probed, the height of
sound) does not hold.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from fractions import Fraction
from typing import Any

from mam.catalog.models.transcript import STEMMERS
from mam.pipeline.standing import assets_at_depth
from search.query import All, AnyOf, Filter, Node, Without
from search.query.values import Bounds, date_bounds, rate_bounds, size_bounds
from search.retrieval.scope import Condition, each, either

RECORDED = r"""coalesce(
 substring(a.streams#>>'{tags,com.apple.quicktime.creationdate}' from '^\d{4}-\d{2}-\d{2}'),
 substring(a.streams#>>'{tags,creation_time}' from '^\d{4}-\d{2}-\d{2}'),
 substring(a.streams#>>'{tags,date}' from '^\d{4}-\d{2}-\d{2}'),
 (SELECT to_char(to_timestamp(min(l.mtime_ns) / 1e9) AT TIME ZONE 'UTC', 'YYYY-MM-DD')
  FROM catalog_location l WHERE l.asset_id = a.id))"""
"""The day it was recorded, as the file says it, else its file was last written, as ISO text (which
compares as days do): of the row `a`."""
_LANGUAGES = {
    "arabic": "ar", "chinese": "zh", "czech": "cs", "danish": "da", "dutch": "nl", "english": "en",
    "finnish": "fi", "french": "fr", "german": "de", "greek": "el", "hebrew": "he", "hindi": "hi",
    "hungarian": "hu", "italian": "it", "japanese": "ja", "korean": "ko", "norwegian": "no",
    "polish": "pl", "portuguese": "pt", "romanian": "ro", "russian": "ru", "spanish": "es",
    "swedish": "sv", "turkish": "tr", "ukrainian": "uk", "vietnamese": "vi",
}  # fmt: skip


def asset_condition(node: Node) -> Condition | None:
    """The condition on the asset alone that a part of a query is; None where it speaks of
    anything else."""
    if isinstance(node, Filter):
        make = _CONDITIONS.get(node.field)
        return make(node.text) if make else None
    if isinstance(node, Without):
        inner = asset_condition(node.of)
        return None if inner is None else ~inner
    if isinstance(node, All | AnyOf):
        found = [asset_condition(part) for part in node.of]
        whole = [condition for condition in found if condition is not None]
        if len(whole) < len(found):
            return None
        return each(whole) if isinstance(node, All) else either(whole)
    return None


def within(
    column: str, bounds: Bounds[Any], cast: Callable[[Any], Any] = lambda it: it
) -> Condition:
    """That an expression of SQL lies within bounds."""
    texts: list[str] = []
    params: dict[str, Any] = {}
    if bounds.low is not None:
        texts.append(f"{column} {'>' if bounds.low_open else '>='} %(low)s")
        params["low"] = cast(bounds.low)
    if bounds.high is not None:
        texts.append(f"{column} {'<' if bounds.high_open else '<='} %(high)s")
        params["high"] = cast(bounds.high)
    return Condition(" AND ".join(texts), params)


def _rate(text: str) -> Condition:
    """Compared crosswise: a rate is a fraction."""
    bounds: Bounds[Fraction] = rate_bounds(text)
    texts = ["a.rate_numerator > 0 AND a.kind <> 'audio'"]
    params: dict[str, Any] = {}
    for name, value, sign in (
        ("low", bounds.low, ">" if bounds.low_open else ">="),
        ("high", bounds.high, "<" if bounds.high_open else "<="),
    ):
        if value is not None:
            texts.append(
                f"a.rate_numerator * %({name}_by)s::numeric {sign}"
                f" %({name})s::numeric * a.rate_denominator"
            )
            params |= {name: value.numerator, f"{name}_by": value.denominator}
    return Condition(" AND ".join(texts), params)


def _size(text: str) -> Condition:
    """The shorter side: a telephone held upright records as many lines as one on its side."""
    bounds = within("least(a.width, a.height)", size_bounds(text))
    return Condition(f"a.height > 0 AND {bounds.sql}", bounds.params)


def _codec(text: str) -> Condition:
    return Condition(
        "a.video_codec ILIKE %(codec)s OR EXISTS (SELECT 1 FROM"
        " jsonb_array_elements(coalesce(a.streams->'audio', '[]')) s"
        " WHERE s->>'codec' ILIKE %(codec)s)",
        {"codec": f"{_literal(text)}%"},
    )


def _camera(text: str) -> Condition:
    return Condition(
        "EXISTS (SELECT 1 FROM catalog_cardpart p WHERE p.asset_id = a.id"
        " AND (p.device ILIKE %(cam)s OR p.card ILIKE %(cam)s))"
        " OR EXISTS (SELECT 1 FROM jsonb_each_text(coalesce(a.streams->'tags', '{}')) t"
        " WHERE t.key ~* '(^|[._-])(make|model|manufacturer|camera_id|camera)$'"
        " AND t.value ILIKE %(cam)s)",
        {"cam": f"%{_literal(text)}%"},
    )


def _reel(text: str) -> Condition:
    return Condition("a.reel ILIKE %(reel)s", {"reel": _literal(text)})


def _date(text: str) -> Condition:
    return within(f"({RECORDED})", date_bounds(text), date.isoformat)


def _path(text: str) -> Condition:
    return Condition(
        "EXISTS (SELECT 1 FROM catalog_location l WHERE l.asset_id = a.id"
        " AND l.state <> 'replaced' AND l.shown_path ILIKE %(path)s)",
        {"path": f"%{_literal(text)}%"},
    )


def _language(text: str) -> Condition:
    """A code or a name; as the whole asset or any sentence of it was heard. OFFSET 0 keeps the
    planner from reading all sentences of the library first."""
    code = _LANGUAGES.get(text.lower(), text.lower())
    code = next((key for key, name in STEMMERS.items() if name == text.lower()), code)
    return Condition(
        "EXISTS (SELECT 1 FROM catalog_transcript t"
        " WHERE t.asset_id = a.id AND t.language = %(lang)s)"
        " OR EXISTS (SELECT 1 FROM catalog_segment s"
        " WHERE s.asset_id = a.id AND s.language = %(lang)s OFFSET 0)",
        {"lang": code},
    )


def _literal(text: str) -> str:
    """Text for ILIKE in which nothing but `*` stands for anything."""
    for special in ("\\", "%", "_"):
        text = text.replace(special, f"\\{special}")
    return text.replace("*", "%")


_CONDITIONS: Mapping[str, Callable[[str], Condition]] = {
    "rate": _rate,
    "res": _size,
    "codec": _codec,
    "cam": _camera,
    "reel": _reel,
    "date": _date,
    "path": _path,
    "lang": _language,
    "origin": lambda text: Condition("a.origin = %(origin)s", {"origin": text}),
    "depth": lambda text: Condition(
        "a.id = ANY(%(depth)s::uuid[])", {"depth": assets_at_depth(text)}
    ),
    "kind": lambda text: Condition("a.kind = %(kind)s", {"kind": text}),
}
