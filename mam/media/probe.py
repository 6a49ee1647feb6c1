"""Probe: what a file is, found out in a bounded child before anything else is done with it."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import mam
from mam.errors import BadMedia, NotMedia, OutOfBounds, ProcessFailed
from mam.media import ffmpeg
from mam.media.base import MediaInfo
from mam.media.content import is_text, named_as_media, pointing_kind
from mam.media.facts import info_from_json
from mam.options import Options
from mam.processes.forkserver import ForkServer

_ROOT = str(Path(mam.__file__).resolve().parent.parent)
_BYTES_A_SECOND = 20 << 20
"""A master is read once from end to end: the time a probe may take grows with it."""
_BROKEN = re.compile(r"partial file|truncat|ended prematurely|corrupt|invalid|error|missing", re.I)


def probe(path: str, *, options: Options) -> MediaInfo:
    """Tell what a file holds. `path` may hold any bytes (surrogates stand for undecodable ones).

    Raises NotMedia where neither name nor content is media (skip it), BadMedia where it claims to
    be but cannot be read, only points at other files, or broke its reader; RefusedPath and
    TransientError where it cannot be opened.
    """
    with ffmpeg.opened(path) as file:
        pointer = pointing_kind(file.head)
        if pointer:
            raise BadMedia(
                f"It is {pointer}, which only points at other files: it was not opened. "
                "Ingest those files themselves."
            )
        if is_text(file.head):
            _refuse_text(path)
        try:
            answer, said = _ask(path, file, options)
        except OutOfBounds as error:
            raise BadMedia(f"Reading the file was stopped at its bounds: {error}") from error
        except ProcessFailed as error:
            last = str(error).splitlines()[-1]
            raise BadMedia(f"The file broke its reader: {last}") from error
    if "error" in answer:
        if not named_as_media(path):
            raise NotMedia(str(answer["error"]))
        raise BadMedia(str(answer["error"]))
    info = info_from_json(answer["info"])
    return replace(info, damage=_damage(info.damage, said))


def _refuse_text(path: str) -> None:
    if named_as_media(path):
        raise BadMedia("It is named as media but holds text.")
    raise NotMedia("It is text, not media.")


def _ask(path: str, file: ffmpeg.Opened, options: Options) -> tuple[dict[str, Any], str]:
    seconds = options.media.probe_seconds + file.size / _BYTES_A_SECOND
    done = _READER.run(
        [str(file.descriptor), path.encode("utf-8", "surrogateescape").hex()],
        limits=ffmpeg.limits(options, seconds=seconds),
        pass_fds=[file.descriptor],
    )
    answer = json.loads(done.stdout)
    assert isinstance(answer, dict)
    return answer, done.stderr_tail


def child_environment() -> dict[str, str]:
    """What a Python child of ours needs to find the project's code."""
    return {"PYTHONPATH": _ROOT, "OPENBLAS_NUM_THREADS": "1"}


_READER = ForkServer("mam.media.child", child_environment())


def _damage(noted: str, said: str) -> str:
    """What the reader noted, and the first complaint of the library where it tells of a break."""
    complaints = [line for line in said.splitlines() if _BROKEN.search(line)]
    parts = [part for part in (noted, complaints[0] if complaints else "") if part]
    return "; ".join(parts)
