"""The one decode that tapped steps share. Knows which tap belongs to which attempt."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from mam.catalog.records import AssetRecord
from mam.media.base import Tap
from mam.options import Media
from mam.pipeline.claims import Claim
from mam.pipeline.heart import Held
from mam.pipeline.steps import Context


@dataclass(frozen=True)
class Decoded:
    """What came of one pass. `failures` by the tap's place in the list; `damage` in words."""

    failures: Mapping[int, Exception] = field(default_factory=dict)
    damage: str = ""


class Tapped(Protocol):
    """What is asked of an attempt here."""

    held: Held
    claim: Claim
    context: Context
    damage: str

    def end_badly(self, error: Exception) -> None: ...


T = TypeVar("T", bound=Tapped)


def decode_shared(attempts: Sequence[T]) -> list[T]:
    """Run one decode for all their taps; those that may go on to find.

    A tap that fails ends its own attempt, a decode that fails ends them all with its reason.
    """
    owners = [(attempt, tap) for attempt in attempts for tap in attempt.context.taps]
    if not owners:
        return list(attempts)
    first = attempts[0]

    sharing = [attempt for attempt in attempts if attempt.context.taps]

    def report(done: float, total: float, note: str) -> None:
        ours = [attempt for attempt in sharing if not attempt.held.gone]
        for attempt in ours or sharing:  # the pass ends when it is nobody's any more
            attempt.held.report(done, total, note)

    try:
        report(0, 0, "Decoding")
        decoded = decode(
            first.claim.asset, [tap for _, tap in owners], first.context.options.media, report
        )
    except Exception as error:
        for attempt in sharing:
            attempt.end_badly(error)
        return [attempt for attempt in attempts if attempt not in sharing]
    ended: list[T] = []
    for place, failure in sorted(decoded.failures.items()):
        attempt = owners[place][0]
        if attempt not in ended:
            attempt.end_badly(failure)
            ended.append(attempt)
    going_on = [attempt for attempt in attempts if attempt not in ended]
    for attempt in going_on:
        attempt.damage = decoded.damage
    return going_on


def decode(
    asset: AssetRecord,
    taps: Sequence[Tap],
    options: Media,
    report: Callable[[float, float, str], None],
) -> Decoded:
    raise NotImplementedError
