"""Messages to webhooks: written with the news, sent once it is time, tried again, given up."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings as real
from django.db import transaction
from django.utils import timezone
from dramatiq import Worker
from dramatiq.brokers.stub import StubBroker
from pytest_django import Settings

from mam.catalog.models import Tagging
from mam.catalog.services import asset_purge, asset_remove
from mam.errors import BadRequest, Conflict, NotFound, TransientError
from mam.pipeline import broker
from mam.pipeline.sweep import sweep
from search.models import Delivery, Match, SavedSearch
from search.saved import actors, deliveries
from search.saved.deliveries import GATHER, LEASE, RESTS, deliver, due
from search.saved.matching import asset_match
from search.saved.selectors import deliveries_of, saved_get
from search.saved.services import (
    deliver_due,
    delivery_again,
    saved_change,
    saved_create,
    secret_renew,
)
from tests.search.saved.footage import dog

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fakes")]
URL = "https://hooks.example.com/in"


class Hook:
    """A receiver that answers what it is told to, in turn; the last one again and again."""

    def __init__(self, *answers: int | Exception) -> None:
        self.answers = list(answers)
        self.got: list[tuple[str, bytes, dict[str, str]]] = []

    def __call__(self, url: str, body: bytes, headers: dict[str, str]) -> int:
        self.got.append((url, body, headers))
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    def told(self) -> Any:
        return json.loads(self.got[-1][1])["data"]


@pytest.fixture(autouse=True)
def queue(settings: Settings) -> Iterator[StubBroker]:
    stub = broker.made("stub:")
    assert isinstance(stub, StubBroker)
    broker.use(stub)
    yield stub
    broker.close()


@pytest.fixture
def search() -> str:
    return saved_create(name="Dogs", query="tag:dog", webhook=URL)


def waiting() -> Delivery:
    return Delivery.objects.get()


def later(by: timedelta = GATHER) -> None:
    """As if so much time had passed."""
    for row in Delivery.objects.filter(state="waiting"):
        Delivery.objects.filter(pk=row.pk).update(next_at=row.next_at - by)


def news(name: str = "new.mp4") -> str:
    clip = dog(name)
    assert asset_match(str(clip.pk)) == 1
    return str(clip.pk)


def test_news_of_half_a_minute_go_in_one_message(search: str, settings: Settings) -> None:
    web = replace(real.OPTIONS.web, public_url="https://mam.studio.tv/")
    settings.OPTIONS = replace(real.OPTIONS, web=web)
    first = news("a.mp4")
    hook = Hook(200)
    assert not deliver(waiting().pk, hook)  # it is gathering yet
    news("b.mp4")
    later()
    assert deliver(waiting().pk, hook)
    [(url, body, headers)] = hook.got
    told = json.loads(body)
    assert (url, told["type"]) == (URL, "saved_search.matched")
    assert told["data"]["search"] == {
        "id": search, "name": "Dogs", "query": "tag:dog",
        "link": f"https://mam.studio.tv/saved/{search}/",
    }  # fmt: skip
    hits = sorted(told["data"]["hits"], key=lambda hit: hit["asset_name"])
    assert told["data"]["total"] == 2
    assert hits[0] == {
        "asset_id": first, "asset_name": "a.mp4", "start_frame": 0, "end_frame": 100,
        "rate": "25/1", "start_tc": "00:00:00:00", "end_tc": "00:00:04:00",
        "link": f"https://mam.studio.tv/assets/{first}/?from=0.0100&to=3.9900",
    }  # fmt: skip
    secret = SavedSearch.objects.get().secret
    content = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    key = base64.b64decode(secret.removeprefix("whsec_"))
    mark = base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{mark}"
    assert headers["webhook-id"] == f"msg_{waiting().pk}"
    assert waiting().state == "sent" and not due()
    assert not deliver(waiting().pk, hook)
    news("c.mp4")
    assert Delivery.objects.count() == 2


def test_no_webhook_no_message_and_nothing_new_none() -> None:
    saved = saved_create(name="Quiet", query="tag:dog")
    news()
    assert not Delivery.objects.exists()
    saved_change(saved, webhook=URL)
    assert asset_match(str(dog("other.mp4").pk)) == 1
    assert Delivery.objects.count() == 1


def test_a_failing_receiver_is_tried_six_times_over_hours_with_the_same_message(
    search: str,
) -> None:
    news()
    hook = Hook(500)
    rests = []
    for number in range(1, len(RESTS) + 2):
        Delivery.objects.update(next_at=timezone.now())
        assert due()
        assert not deliver(due()[0], hook)
        row = waiting()
        assert (row.attempts, row.reason) == (number, "The receiver answered 500.")
        rests.append(row.next_at - timezone.now())
    assert row.state == "failed" and not due()
    for rest, wanted in zip(rests, RESTS, strict=False):
        assert wanted - timedelta(seconds=5) < rest <= wanted
    assert sum(RESTS, timedelta()) > timedelta(hours=6)
    assert len({body for _, body, _ in hook.got}) == 1 and len(hook.got) == 6
    assert len({headers["webhook-id"] for _, _, headers in hook.got}) == 1
    assert saved_get(search).failed == 1
    delivery_again(search, str(row.pk))
    assert deliver(row.pk, Hook(200))
    assert saved_get(search).failed == 0
    with pytest.raises(Conflict, match="received"):
        delivery_again(search, str(row.pk))


def test_one_that_answers_in_the_end_has_it(search: str) -> None:
    news()
    hook = Hook(TransientError("There was no answer within 10 s."), 503, 202)
    reasons = []
    for _ in range(3):
        Delivery.objects.update(next_at=timezone.now())
        deliver(waiting().pk, hook)
        reasons.append(waiting().reason)
    assert reasons == ["There was no answer within 10 s.", "The receiver answered 503.", ""]
    assert waiting().state == "sent"


@pytest.mark.parametrize(
    ("answer", "state", "reason"),
    [
        (410, "failed", "The receiver says that it wants no more of these (410)."),
        (302, "waiting", "It redirects (302), and redirects are not followed."),
        (404, "waiting", "The receiver answered 404."),
        (BadRequest("x lies in a private network."), "waiting", "x lies in a private network."),
    ],
)
def test_what_became_of_it_is_told(
    search: str, answer: int | Exception, state: str, reason: str
) -> None:
    news()
    later()
    assert not deliver(waiting().pk, Hook(answer))
    [told] = deliveries_of(search)
    assert (told.state, told.reason, told.attempts, told.hits) == (state, reason, 1, 1)


def test_who_dies_over_it_leaves_it_to_be_sent_and_at_last_given_up(search: str) -> None:
    news()
    later()

    class Killed(BaseException):
        pass

    def die(*_: object) -> int:
        raise Killed

    for number in range(1, len(RESTS) + 2):
        with pytest.raises(Killed):
            deliver(waiting().pk, die)
        assert waiting().attempts == number
        assert not due()  # it is thought to be at it
        later(LEASE)
        assert due()
    assert not deliver(waiting().pk, Hook(200))
    assert (waiting().state, waiting().reason) == ("failed", "It was tried too often.")


def test_what_was_removed_or_is_no_hit_any_more_is_not_told(search: str) -> None:
    gone, denied, kept = news("gone.mp4"), news("denied.mp4"), news("kept.mp4")
    asset_remove(gone)
    asset_purge(gone)
    Tagging.objects.filter(asset_id=denied).delete()
    asset_match(denied)
    later()
    hook = Hook(200)
    assert deliver(waiting().pk, hook)
    assert [hit["asset_id"] for hit in hook.told()["hits"]] == [kept]
    Delivery.objects.all().delete()
    other = news("other.mp4")
    asset_remove(other)
    later()
    assert not deliver(waiting().pk, hook)
    assert not Delivery.objects.exists() and len(hook.got) == 1


def test_a_webhook_that_is_taken_away_gets_nothing(search: str) -> None:
    news()
    later()
    saved_change(search, webhook="")
    hook = Hook(200)
    assert not deliver(waiting().pk, hook) and not hook.got
    assert waiting().state == "failed"
    with pytest.raises(Conflict, match="no webhook"):
        delivery_again(search, str(waiting().pk))


def test_another_address_gets_another_secret_and_one_can_be_asked_for(search: str) -> None:
    def secret() -> str:
        return SavedSearch.objects.get(pk=search).secret

    kept = secret()
    saved_change(search, name="All dogs")
    assert secret() == kept
    saved_change(search, webhook="https://elsewhere.example.com/")
    assert secret() != kept
    kept = secret()
    secret_renew(search)
    assert secret() not in ("", kept)
    saved_change(search, webhook="")
    assert secret() == ""
    with pytest.raises(Conflict):
        secret_renew(search)


@pytest.mark.parametrize(
    "url", ["http://hooks.example.com/", "https://127.0.0.1/", "https://a:b@c.example/", "nonsense"]
)
def test_an_address_that_may_not_be_called_is_not_kept(url: str) -> None:
    with pytest.raises(BadRequest):
        saved_create(name="Dogs", query="tag:dog", webhook=url)
    saved = saved_create(name="Dogs", query="tag:dog", webhook=URL)
    with pytest.raises(BadRequest):
        saved_change(saved, webhook=url)
    assert saved_get(saved).webhook == URL


def test_a_thousand_hits_are_counted_and_a_hundred_told(search: str) -> None:
    clip = dog()
    asset_match(str(clip.pk))
    row = waiting()
    Match.objects.bulk_create(
        Match(
            search_id=row.search_id, asset=clip, start=200 + number, end=201 + number,
            found_at=timezone.now(), is_new=True, delivery=row,
        )
        for number in range(300)
    )  # fmt: skip
    later()
    hook = Hook(200)
    assert deliver(row.pk, hook)
    assert (hook.told()["total"], len(hook.told()["hits"])) == (301, 100)


@pytest.mark.django_db(transaction=True)
def test_the_actor_sends_and_the_sweep_sends_what_the_queue_lost(
    search: str, queue: StubBroker, monkeypatch: pytest.MonkeyPatch
) -> None:
    hook = Hook(200)
    monkeypatch.setattr(deliveries, "_post", hook)
    assert actors.declare(queue) == actors.QUEUE
    with transaction.atomic():
        news()
        assert queue.queues[actors.QUEUE].qsize() == 0  # not before others see the row
    delayed = queue.queues[f"{actors.QUEUE}.DQ"]
    assert delayed.qsize() == 1
    queue.flush_all()  # lost
    later()
    assert sweep() and sweep()
    assert queue.queues[actors.QUEUE].qsize() == 1  # not once more while it lies there
    queue.enqueue(queue.get_actor(actors.ACTOR).message("no-such-delivery"))
    worker = Worker(queue, worker_timeout=50, worker_threads=1)
    worker.start()
    try:
        queue.join(actors.QUEUE, timeout=10_000, fail_fast=True)
        worker.join()
    finally:
        worker.stop()
    assert waiting().state == "sent" and len(hook.got) == 1


def test_by_hand_what_is_due_is_sent(search: str, monkeypatch: pytest.MonkeyPatch) -> None:
    hook = Hook(200)
    monkeypatch.setattr(deliveries, "_post", hook)
    news()
    assert deliver_due() == (0, 0)
    later()
    assert deliver_due() == (1, 1)


def test_a_message_of_another_search_is_not_sent_again_by_this_one(search: str) -> None:
    news()
    other = saved_create(name="Cats", query="tag:cat", webhook=URL)
    with pytest.raises(Conflict):
        delivery_again(other, str(waiting().pk))
    for nothing in ("x", "00000000-0000-0000-0000-000000000001"):
        with pytest.raises(NotFound):
            delivery_again(search, nothing)


def test_received_messages_are_forgotten_after_a_month(search: str) -> None:
    news()
    later()
    deliver(waiting().pk, Hook(200))
    assert deliveries.prune() == 0
    Delivery.objects.update(sent_at=timezone.now() - timedelta(days=31))
    assert deliveries.prune() >= 1
    assert not Delivery.objects.exists() and Match.objects.filter(is_new=True).count() == 1
