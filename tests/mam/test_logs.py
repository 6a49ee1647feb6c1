"""Our log holds what we say, and what others warn of."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from logging.config import dictConfig

import pytest
from django.conf import settings


@pytest.fixture
def stream(capsys: pytest.CaptureFixture[str]) -> Iterator[pytest.CaptureFixture[str]]:
    kept = logging.root.handlers[:], logging.root.level
    dictConfig(settings.LOGGING)
    yield capsys
    logging.root.handlers[:], level = kept
    logging.root.setLevel(level)


def test_what_libraries_tell_of_their_work_is_left_out(
    stream: pytest.CaptureFixture[str],
) -> None:
    logging.info("Parsing model identifier")
    logging.getLogger("onnx_ir.passes.common").info("Removed 116 unused nodes")
    logging.getLogger("mam.pipeline.runner").info("probe of a.mov")
    logging.warning("a file is broken")
    logging.getLogger("onnx_ir.passes").warning("a net is broken")
    said = stream.readouterr().err
    assert "Parsing" not in said and "unused nodes" not in said
    for kept in ("probe of a.mov", "a file is broken", "a net is broken"):
        assert kept in said
