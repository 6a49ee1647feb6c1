"""What became of each path to be ingested: one object a file, whose fields are a contract."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from mam.catalog.locations import path_json
from mam.printing import counted

TAKEN = ("queued", "indexed", "partial")


@dataclass(frozen=True)
class Outcome:
    """`status`: queued, indexed, partial, refused, failed or skipped; `reason` for a person."""

    path: bytes
    status: str
    asset_id: str | None = None
    duplicate: bool = False
    reason: str = ""
    steps: Mapping[str, str] = field(default_factory=dict)

    def standing(self, status: str, reason: str, steps: Mapping[str, str]) -> Outcome:
        """The same file as its asset stands now."""
        return replace(self, status=status, reason=reason, steps=dict(steps))

    def as_json(self) -> dict[str, Any]:
        """`path_bytes` (base64) is there only where the name is not UTF-8."""
        return {
            **path_json(self.path),
            "asset_id": self.asset_id,
            "status": self.status,
            "duplicate": self.duplicate,
            "reason": self.reason,
            "steps": dict(self.steps),
        }


def all_taken(outcomes: Iterable[Outcome]) -> bool:
    """Whether every file was taken, those apart that are no media."""
    return all(outcome.status in (*TAKEN, "skipped") for outcome in outcomes)


def worth_telling(outcomes: Iterable[Outcome]) -> list[Outcome]:
    """What did not go as a person would wish, in order: what has a reason and is not done."""
    return [
        outcome
        for outcome in outcomes
        if outcome.status not in ("indexed", "queued") or (outcome.reason and not outcome.steps)
    ]


def summary(outcomes: Sequence[Outcome]) -> str:
    """`12 files: 9 indexed, 1 partial, 2 skipped; 3 were known already.`"""
    counts = Counter(outcome.status for outcome in outcomes)
    order = ("indexed", "queued", "partial", "refused", "failed", "skipped")
    parts = [f"{counts[status]} {status}" for status in order if counts[status]]
    files = counted(len(outcomes), "file")
    known = sum(outcome.duplicate for outcome in outcomes)
    tail = f"; {known} {'was' if known == 1 else 'were'} known already" if known else ""
    return f"{files}: {', '.join(parts) or 'nothing to take'}{tail}."
