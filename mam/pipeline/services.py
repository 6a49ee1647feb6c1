"""What people and other rooms ask of the pipeline. Services plan and tell; none waits."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction

from mam.catalog.findings import analyses_outdate, findings_without_files
from mam.catalog.selectors import asset_get
from mam.errors import Conflict, NotFound
from mam.pipeline.claims import lose, release
from mam.pipeline.dispatch import asset_schedule, schedule
from mam.pipeline.facts import is_silent, plans_of
from mam.pipeline.models import Job, Skip
from mam.pipeline.plan import State
from mam.pipeline.registry import step_named, steps
from mam.pipeline.settling import settled_forget, unsettled

__all__ = [
    "asset_changed",
    "asset_said_of",
    "asset_schedule",
    "job_retry",
    "lost_files_make_up",
    "retry",
    "retry_failed",
    "schedule",
    "schedule_all",
]


@transaction.atomic
def retry(asset_id: str, step: str | None = None) -> list[str]:
    """Try failed steps of an asset again, or the one that is named; the steps that were reset.

    What was given up, and what rests after an error, may be tried at once and as often as a new
    one. A skipped step is taken up again where it is named: the others are skipped on purpose.
    Raises NotFound; Conflict where the named step has nothing to be tried again.
    """
    asset = asset_get(asset_id)
    if step is not None:
        step_named(step)
    jobs = Job.objects.filter(asset_id=asset.id, counts=True)
    if step is not None:
        jobs = jobs.filter(step=step)
    lose(jobs.filter(is_silent()))
    ended = jobs.exclude(state=Job.State.RUNNING)
    names = sorted(set(ended.values_list("step", flat=True)))
    ended.update(counts=False)
    if step is not None and Skip.objects.filter(asset_id=asset.id, step=step).delete()[0]:
        names = [step]
    if step is not None and not names:
        found = plans_of([asset.id])[asset.id][1][step]
        why = f" ({found.reason})" if found.reason else ""
        raise Conflict(
            f"{step} of {asset.name} is {in_words(found.state)}{why}: there is nothing to retry."
        )
    settled_forget([asset.id])
    schedule([asset.id])
    return names


def asset_changed(asset_id: str) -> None:
    """Have an asset looked at anew whose facts a person has changed."""
    settled_forget([asset_id])
    schedule([asset_id])


def asset_said_of(asset_id: str) -> None:
    """Have those steps look at an asset anew that tell of it whatever a person says: a rating and a
    name too, of which nothing is computed. One that runs may have looked before: it is begun
    anew."""
    telling = [step for step in steps() if step.tells]
    running = Job.objects.filter(
        asset_id=asset_id, step__in=[step.name for step in telling], state=Job.State.RUNNING
    )
    outdated = analyses_outdate([asset_id], [step.kept for step in telling])
    if release(running.values_list("token", flat=True)) or outdated:
        asset_changed(asset_id)


def job_retry(job_id: int) -> list[str]:
    """Try the step of this attempt again. Raises NotFound, Conflict."""
    job = Job.objects.filter(pk=job_id).first()
    if job is None:
        raise NotFound(f"There is no job {job_id}.")
    return retry(str(job.asset_id), job.step)


def retry_failed(asset_ids: Iterable[str] | None = None) -> int:
    """Try all that has failed again, of these assets or of all; how many assets."""
    jobs = Job.objects.filter(counts=True, state=Job.State.FAILED)
    lost = Job.objects.filter(counts=True, state__in=[Job.State.LOST, Job.State.POSTPONED])
    found = {str(pk) for pk in (jobs | lost).values_list("asset_id", flat=True)}
    chosen = found if asset_ids is None else found & {str(pk) for pk in asset_ids}
    for asset_id in sorted(chosen):
        retry(asset_id)
    return len(chosen)


def schedule_all() -> None:
    """Have everything that may be due looked at: after weights came, or steps were changed."""
    schedule(unsettled())


def lost_files_make_up() -> list[str]:
    """Have it made again where somebody took away what was made: the asset of each finding."""
    with transaction.atomic():
        lost = findings_without_files()
        settled_forget(set(lost))
    schedule(sorted(set(lost)))
    return lost


def in_words(state: State) -> str:
    return state.value.replace("_", " ")
