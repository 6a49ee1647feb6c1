"""The jobs page: what runs and how far, what failed and why, and a second try."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from mam.pipeline.models import Job
from tests import factories

pytestmark = pytest.mark.django_db


def job(name: str = "a.mov", state: str = "failed", step: str = "probe", **facts: object) -> Job:
    ended = None if state == "running" else timezone.now()
    row = Job.objects.create(
        asset=factories.asset(name, probed=False), step=step, version=1, state=state, trigger="new",
        finished_at=ended, **facts,
    )  # fmt: skip
    Job.objects.filter(pk=row.pk).update(started_at=timezone.now() - timedelta(seconds=75))
    return row


def text_of(client: Client, address: str = "/jobs/", **headers: str) -> str:
    return client.get(address, headers=headers).content.decode()


def test_an_empty_page_says_so_and_that_nobody_works(admin_client: Client) -> None:
    text = text_of(admin_client)
    assert "Nothing has run yet." in text and "No worker is running" in text


def test_what_runs_stands_first_with_how_far_it_is(admin_client: Client) -> None:
    job("old.mov", "done")
    job("now.mov", "running", done=30, total=120, note="frame 30")
    now = text_of(admin_client).split("<h2>Now</h2>")[1].split("<h2")[0]
    assert "now.mov" in now and "frame 30" in now and 'value="25"' in now
    assert "old.mov" not in now


def test_what_failed_says_why_and_is_tried_again_by_a_button(admin_client: Client) -> None:
    row = job("bad.mov", error="It holds <b>text</b>, not media.", attempt=2)
    text = text_of(admin_client)
    failed = text.split("<h2>Failed</h2>")[1].split("<h2")[0]
    assert "It holds &lt;b&gt;text&lt;/b&gt;, not media." in failed and "try 2" in failed
    assert f'formaction="/jobs/{row.pk}/retry/"' in failed
    assert admin_client.post(f"/jobs/{row.pk}/retry/").status_code == 302
    text = text_of(admin_client)
    assert "Tried again: probe." in text and "<h2>Failed</h2>" not in text
    assert f"/jobs/{row.pk}/retry/" not in text
    assert admin_client.post(f"/jobs/{row.pk}/retry/").status_code == 409
    assert admin_client.post("/jobs/999999/retry/").status_code == 404


def test_all_that_failed_is_tried_again_at_once(admin_client: Client) -> None:
    for name in ("a.mov", "b.mov"):
        job(name)
    answer = admin_client.post("/jobs/retry/", follow=True)
    assert "Tried again: 2 files." in answer.content.decode()
    assert not Job.objects.filter(counts=True).exists()


def test_one_state_can_be_looked_at_alone(admin_client: Client) -> None:
    job("bad.mov")
    job("good.mov", "done")
    text = text_of(admin_client, "/jobs/?state=done")
    assert "good.mov" in text and "bad.mov" not in text
    assert "None is lost." in text_of(admin_client, "/jobs/?state=lost")


def test_attempts_outlive_their_steps(admin_client: Client) -> None:
    job("a.mov", "done", step="long_gone")
    assert "long_gone" in text_of(admin_client)


def test_only_the_part_that_moves_is_fetched_and_it_holds_no_secret(admin_client: Client) -> None:
    job("bad.mov")
    part = text_of(admin_client, **{"HX-Request": "true", "HX-Target": "jobs"})
    assert "<html" not in part and "bad.mov" in part
    # The same as long as nothing moves, so that the page need not be touched.
    assert "csrfmiddlewaretoken" not in part
    assert part == text_of(admin_client, **{"HX-Request": "true", "HX-Target": "jobs"})
