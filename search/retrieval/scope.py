"""Which assets may answer: conditions that every retriever puts to the row of its asset, `a`.

A condition is SQL with named parameters. It goes into the query itself and is not applied to what
came back, so that a filter that keeps little does not leave too few.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

LOOKED_UP = 32
"""Assets that are found by the index of their ids; of more PostgreSQL makes a hash to look into. A
row's asset that an index finds is else held against each of the ids: 27 us for two thousand."""


@dataclass(frozen=True)
class Condition:
    """`sql` speaks of the row `a` of catalog_asset; its parameters stand as `%(name)s`, and each
    name begins with `{n}`, which is made unique where conditions meet."""

    sql: str
    params: Mapping[str, Any] = field(default_factory=dict)

    def __invert__(self) -> Condition:
        return Condition(f"NOT coalesce({self.sql}, false)", self.params)


def either(conditions: Iterable[Condition]) -> Condition:
    """One of these holds."""
    return _joined(conditions, " OR ")


def each(conditions: Iterable[Condition]) -> Condition:
    """All of these hold."""
    return _joined(conditions, " AND ")


def _joined(conditions: Iterable[Condition], word: str) -> Condition:
    texts: list[str] = []
    params: dict[str, Any] = {}
    for number, condition in enumerate(conditions):
        names = {name: f"{name}_{number}" for name in condition.params}
        text = condition.sql
        for name, unique in names.items():
            text = text.replace(f"%({name})s", f"%({unique})s")
        texts.append(f"({text})")
        params |= {unique: condition.params[name] for name, unique in names.items()}
    return Condition(f"({word.join(texts)})", params)


@dataclass(frozen=True)
class Scope:
    """The assets that are there and hold to every one of `conditions`; no more than `most`, where
    that is known."""

    conditions: tuple[Condition, ...] = ()
    most: int | None = None

    def where(self, condition: Condition) -> Scope:
        """The same, narrowed."""
        return replace(self, conditions=(*self.conditions, condition))

    def among(self, asset_ids: Iterable[str]) -> Scope:
        """The same, but of these assets alone."""
        ids = sorted(set(asset_ids))
        sql = "a.id = ANY(%(among)s::uuid[])"
        if len(ids) > LOOKED_UP:
            sql = f"({sql}) IS TRUE"
        most = len(ids) if self.most is None else min(len(ids), self.most)
        return replace(self.where(Condition(sql, {"among": ids})), most=most)

    @property
    def sql(self) -> str:
        """What stands in a WHERE, about the row `a` of catalog_asset."""
        return f"(a.removed_at IS NULL AND {self._all.sql})" if self.conditions else _THERE

    @property
    def params(self) -> Mapping[str, Any]:
        return self._all.params if self.conditions else {}

    @property
    def is_narrow(self) -> bool:
        """Whether it is less than the whole library."""
        return bool(self.conditions)

    @property
    def _all(self) -> Condition:
        return each(self.conditions)


_THERE = "(a.removed_at IS NULL)"
EVERYTHING = Scope()
