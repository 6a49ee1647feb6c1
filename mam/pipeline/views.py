"""The jobs page: what runs, how far, what failed and why, and a second try."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from mam.pipeline import selectors, services
from mam.pipeline.models import Job
from mam.pipeline.registry import steps

ROWS_A_PAGE = 50


@require_safe
def jobs(request: HttpRequest) -> HttpResponse:
    """`?state=` narrows the list. The part that moves is fetched again every two seconds."""
    state = request.GET.get("state", "")
    rows = selectors.jobs_list(state=state)
    page = Paginator(rows, ROWS_A_PAGE).get_page(request.GET.get("page"))
    titles = {step.name: step.title for step in steps()}
    values = {
        "section": "jobs",
        "state": state,
        "states": selectors.job_counts(),
        "page": page,
        "rows": [_row(job, titles.get(job.step) or job.step) for job in page],
        "queues": selectors.queue_views(),
        "workers": selectors.worker_views(),
    }
    partial = request.headers.get("HX-Target") == "jobs"
    return render(request, "pipeline/_jobs.html" if partial else "pipeline/jobs.html", values)


@require_POST
def job_retry(request: HttpRequest, job_id: int) -> HttpResponse:
    steps = services.job_retry(job_id)
    messages.success(request, f"Tried again: {', '.join(steps)}.")
    return redirect("jobs")


@require_POST
def failed_retry(request: HttpRequest) -> HttpResponse:
    count = services.retry_failed()
    messages.success(request, f"Tried again: {count} files.")
    return redirect("jobs")


def _row(job: Job, title: str) -> dict[str, object]:
    running = job.state == Job.State.RUNNING
    return {
        "job": job,
        "title": title,
        "percent": round(100 * min(1.0, job.done / job.total)) if running and job.total else None,
        "running": running,
        "can_retry": job.counts
        and job.state in (Job.State.FAILED, Job.State.LOST, Job.State.POSTPONED),
    }
