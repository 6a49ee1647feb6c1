"""Work that is no step's: a real worker does it beside its step, however long that takes."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from django.utils import timezone

from mam.pipeline.dispatch import schedule
from mam.pipeline.models import Job
from search.models import Delivery, Match, SavedSearch
from tests import factories

from .conftest import Register
from .test_kill import Crew, crew, until  # noqa: F401 (a fixture)

pytestmark = pytest.mark.django_db(transaction=True)


class Hook(BaseHTTPRequestHandler):
    """Keeps what it is sent."""

    got: list[bytes] = []

    def do_POST(self) -> None:
        self.got.append(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(204)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        pass


def test_a_message_is_sent_while_a_step_runs_though_nobody_told_of_it(
    register: Register,
    crew: Crew,  # noqa: F811
) -> None:
    """The row alone is there: the sweep finds it."""
    server = HTTPServer(("127.0.0.1", 0), Hook)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    schedule([register()])
    crew.start("media", "index", TOY_SECONDS="600", MAM_WEBHOOK_ALLOW="127.0.0.1")
    until(lambda: Job.objects.filter(state="running").exists())
    search = SavedSearch.objects.create(
        name="Dogs",
        query="dog",
        webhook=f"http://127.0.0.1:{server.server_port}/",
        secret="whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    )
    now = timezone.now()
    row = Delivery.objects.create(search=search, next_at=now)
    Match.objects.create(
        search=search, asset=factories.asset(), start=0, end=9, found_at=now, is_new=True,
        delivery=row,
    )  # fmt: skip
    try:
        until(lambda: Delivery.objects.filter(state="sent").exists())
    finally:
        server.shutdown()
        server.server_close()
    assert len(Hook.got) == 1 and b"saved_search.matched" in Hook.got[0]
    assert Job.objects.filter(state="running").count() == 1
