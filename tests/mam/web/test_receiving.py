"""Uploads that are too large are refused, and read on so far that a browser sees why."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.http import HttpRequest
from django.test import override_settings

from mam.errors import BadRequest
from mam.web.receiving import BoundedUpload


@pytest.mark.parametrize(("sent", "drained", "left"), [(5000, 10_000, 0), (5000, 3000, 2000)])
def test_what_is_refused_is_read_to_a_bound_so_that_the_answer_is_seen(
    monkeypatch: pytest.MonkeyPatch, sent: int, drained: int, left: int
) -> None:
    monkeypatch.setattr("mam.web.receiving.DRAINED", drained)
    body: Any = io.BytesIO(bytes(sent))
    with pytest.raises(BadRequest, match="larger than 1000 bytes: send less"):
        BoundedUpload(HttpRequest(), 1000, "send less").handle_raw_input(body, {}, sent, "x")
    assert len(body.read()) == left


@override_settings(FILE_UPLOAD_TEMP_DIR=None)
def test_what_is_small_enough_is_left_to_be_read() -> None:
    body: Any = io.BytesIO(bytes(500))
    upload = BoundedUpload(HttpRequest(), 1000, "send less")
    assert upload.handle_raw_input(body, {}, 500, "x") is None
    assert body.tell() == 0
