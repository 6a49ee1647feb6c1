"""What a person changes about the queue: a pause, a step left out, what goes first, what is looked
for again. Each is a row or takes one away; workers read it when they next claim."""

from __future__ import annotations

import getpass
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models.functions import Now

from mam.catalog.findings import analyses_outdate
from mam.catalog.selectors import asset_get, asset_ids_all, asset_ids_below
from mam.errors import BadRequest, Conflict, NotFound
from mam.pipeline import pausing
from mam.pipeline.claims import release
from mam.pipeline.dispatch import schedule
from mam.pipeline.facts import chunks, plans_of
from mam.pipeline.models import Job, Priority, Skip
from mam.pipeline.pausing import PauseView, pause
from mam.pipeline.plan import State
from mam.pipeline.preferring import MOST_LEVEL
from mam.pipeline.registry import step_named, steps
from mam.pipeline.services import in_words
from mam.pipeline.settling import settled_forget
from mam.pipeline.sweep import remind

__all__ = ["PauseView", "Scope", "pause", "prioritise", "reindex", "resume", "skip", "this_person"]

TOLD_AT_ONCE = 50
"""Of more assets than this the queues are told as they run dry, the first here and now."""


@dataclass(frozen=True)
class Scope:
    """Which assets are meant: one, those seen at a path or below it, or all."""

    asset_id: str = ""
    folder: bytes = b""
    every: bool = False

    def asset_ids(self) -> list[str]:
        """Raises NotFound where there is none; BadRequest where not just one thing is named."""
        if bool(self.asset_id) + bool(self.folder) + self.every != 1:
            raise BadRequest("Say which assets: one by its id, those of a folder, or all.")
        if self.asset_id:
            asset = asset_get(self.asset_id)
            if asset.removed:
                raise Conflict(f"{asset.name} was removed: take it back first.")
            return [asset.id]
        if self.every:
            return asset_ids_all()
        if not self.folder.startswith(b"/") or b"\0" in self.folder:
            raise BadRequest("Name the folder by its whole path, from / on.")
        found = asset_ids_below(self.folder)
        if not found:
            shown = self.folder.decode("utf-8", "backslashreplace")
            raise NotFound(f"Nothing of the library was seen at or below {shown}.")
        return found


@dataclass(frozen=True)
class Reindexed:
    """`outdated`: how many findings are looked for again; `steps`: those meant, in order."""

    assets: int
    outdated: int
    steps: list[str]


def this_person() -> str:
    """Who works in this shell, for people."""
    try:
        return f"{getpass.getuser()} (shell)"
    except (KeyError, OSError, ImportError):
        return "the shell"


@transaction.atomic
def resume(queue: str = "") -> list[str]:
    """Let a queue go on, or all (""), and tell its workers; the pauses that ended, by queue.

    Raises NotFound, Conflict.
    """
    gone = pausing.unpause(queue)
    transaction.on_commit(remind, robust=True)
    return gone


@transaction.atomic
def skip(asset_id: str, step_name: str, *, by: str = "") -> None:
    """Leave a step of an asset out, and what needs it, until a retry takes it up again.

    An attempt that runs is taken from its worker. Raises NotFound; Conflict for a step that is
    done or does not apply, and for one without which the asset is of no use.
    """
    asset, step = asset_get(asset_id), step_named(step_name)
    state = plans_of([asset.id])[asset.id][1][step.name].state
    if step.essential:
        raise Conflict(
            f"Without {step.name} an asset is of no use: it is not skipped. Remove the asset, or"
            " put others first."
        )
    if state in (State.DONE, State.NOT_APPLICABLE):
        raise Conflict(
            f"{step.name} of {asset.name} is {in_words(state)}: there is nothing to skip."
        )
    Skip.objects.get_or_create(asset_id=asset.id, step=step.name, defaults={"by": by[:200]})
    jobs = Job.objects.filter(asset_id=asset.id, step=step.name, counts=True)
    release(jobs.filter(state=Job.State.RUNNING).values_list("token", flat=True))
    jobs.update(counts=False)  # what failed of it is no more to be done
    _look_anew([asset.id])


@transaction.atomic
def prioritise(scope: Scope, level: int, *, by: str = "") -> int:
    """Put assets before others, the highest level (1-9) first; 0: no more. How many assets.

    Workers ask before each piece of work; a message need not reach them. Raises NotFound,
    BadRequest, Conflict.
    """
    if not 0 <= level <= MOST_LEVEL:
        raise BadRequest(f"A priority is a whole number from 0 to {MOST_LEVEL}, not {level}.")
    ids = scope.asset_ids()
    if not level:
        Priority.objects.filter(asset_id__in=ids).delete()
        return len(ids)
    for some in chunks(ids):
        Priority.objects.bulk_create(
            (Priority(asset_id=pk, level=level, by=by[:200], since=Now()) for pk in some),
            update_conflicts=True,
            unique_fields=["asset"],
            update_fields=["level", "by", "since"],
        )
    return len(ids)


@transaction.atomic
def reindex(scope: Scope, step_names: Sequence[str] = ()) -> Reindexed:
    """Look for everything again, or for what the named steps find; and, as ever, for what is
    computed from that. What is known stays and is found until the new stands in its place.

    What failed is tried again too, what runs just now is begun anew, what is skipped stays so.
    Raises NotFound, BadRequest, Conflict.
    """
    named = {step_named(name).name for name in step_names}
    meant = [step.name for step in steps() if not named or step.name in named]
    kept = [step.kept for step in steps() if step.name in meant]
    ids = scope.asset_ids()
    outdated = 0
    for some in chunks(ids):
        outdated += analyses_outdate(some, kept)
        jobs = Job.objects.filter(asset_id__in=some, step__in=meant, counts=True)
        release(jobs.filter(state=Job.State.RUNNING).values_list("token", flat=True))
        jobs.update(counts=False)
    _look_anew(ids)
    return Reindexed(len(ids), outdated, meant)


def _look_anew(ids: Collection[str]) -> None:
    """Have workers look at these assets again."""
    settled_forget(ids)
    if len(ids) <= TOLD_AT_ONCE:
        schedule(ids)
    else:
        transaction.on_commit(remind, robust=True)
