"""The jobs page: what runs, how far, what failed and why, and a second try."""

from __future__ import annotations

from datetime import timedelta

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.timesince import timesince
from django.views.decorators.http import require_POST, require_safe

from mam.errors import NotFound
from mam.pipeline import selectors, services
from mam.pipeline.models import Job
from mam.pipeline.pausing import pauses
from mam.pipeline.places import space_short
from mam.pipeline.refusing import refusals_count, refusals_list
from mam.pipeline.registry import step_named
from mam.pipeline.watching import folders_watched
from mam.printing import counted, duration
from mam.web.fragments import page_or_part

ROWS_A_PAGE = 50
TO_TRY_AGAIN = (Job.State.FAILED, Job.State.LOST, Job.State.POSTPONED)


@require_safe
def jobs(request: HttpRequest) -> HttpResponse:
    """What runs and what failed, then every attempt; `?state=` narrows those.

    The part that moves is fetched again every two seconds.
    """
    state = request.GET.get("state", "")
    rows, counts = selectors.jobs_list(state=state), selectors.job_counts()
    pages = Paginator(rows, ROWS_A_PAGE)
    pages.count = counts[state] if state else sum(counts.values())  # not counted twice
    page = pages.get_page(request.GET.get("page"))
    failed = selectors.jobs_list(counting=True).filter(state__in=TO_TRY_AGAIN)
    values = {
        "section": "jobs",
        "state": state,
        "states": counts,
        "page": page,
        "rows": [_row(job) for job in page],
        "running": [] if state else [_row(job) for job in selectors.jobs_list(state="running")],
        "failed": [] if state else [_row(job) for job in failed[:ROWS_A_PAGE]],
        "queues": selectors.queue_views(),
        "space": space_short(),
        "paused": (held := pauses()),
        "all_paused": any(not item.queue for item in held),
        "workers": selectors.worker_views(),
        "watching": folders_watched(),
        "refused": refusals_count(),
        "refusals": refusals_list(),
    }
    return page_or_part(request, "pipeline/jobs.html", values, jobs="pipeline/_jobs.html")


@require_POST
def job_retry(request: HttpRequest, job_id: int) -> HttpResponse:
    steps = services.job_retry(job_id)
    messages.success(request, f"Tried again: {', '.join(steps)}.")
    return redirect("jobs")


@require_POST
def failed_retry(request: HttpRequest) -> HttpResponse:
    count = services.retry_failed()
    messages.success(request, f"Tried again: {counted(count, 'file')}.")
    return redirect("jobs")


def _row(job: Job) -> dict[str, object]:
    running = job.state == Job.State.RUNNING
    took = job.took
    return {
        "job": job,
        "title": _title(job.step),
        "percent": round(100 * min(1.0, job.done / job.total)) if running and job.total else None,
        "running": running,
        "time": f"for {timesince(job.started_at)}" if took is None else _took(took),
        "can_retry": job.counts and job.state in TO_TRY_AGAIN,
    }


def _title(step: str) -> str:
    """Attempts outlive their steps: a step that was taken out still has a name."""
    try:
        return step_named(step).title or step
    except NotFound:
        return step


def _took(time: timedelta) -> str:
    seconds = time.total_seconds()
    return f"{seconds:.1f} s" if seconds < 60 else duration(seconds)
