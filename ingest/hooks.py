"""Programs of the operator's that are run before a file is taken and after it was.

They are named by settings alone: whoever may reach the service by its pages or its API can name
none. They get their facts as variables of the environment, never as words of a command line.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping
from dataclasses import dataclass

from django.conf import settings

from mam.errors import ProcessFailed, RefusedFile
from mam.options import Argv
from mam.printing import fitted
from mam.processes import Limits, start

log = logging.getLogger(__name__)
_OUTPUT_TAIL = 4096  # bytes of stdout in which the last line is looked for
_LONGEST_REASON = 200  # characters of that line


@dataclass(frozen=True)
class Candidate:
    """A file that is about to be taken: where it lies, its own name, and the watched folder that
    it was found in (empty where a person brought it)."""

    path: bytes
    name: str
    size: int
    origin: str
    folder: bytes = b""

    def facts(self) -> dict[str, str]:
        return {
            "MAM_FILE": os.fsdecode(self.path),
            "MAM_NAME": self.name,
            "MAM_SIZE": str(self.size),
            "MAM_ORIGIN": self.origin,
            "MAM_FOLDER": os.fsdecode(self.folder),
        }


def before(file: Candidate) -> None:
    """Ask the hook whether this file may be taken. Raises RefusedFile with its last line."""
    hook = settings.OPTIONS.taking.hook_before
    if hook:
        said = _run(hook, file.facts())
        if said is not None:
            raise RefusedFile(f"{os.path.basename(hook[0])} refuses it: {said}")


def after(file: Candidate, *, asset_id: str, duplicate: bool) -> None:
    """Tell the hook of a file that was taken. What it does wrong is only logged."""
    hook = settings.OPTIONS.taking.hook_after
    if hook:
        more = {"MAM_ASSET_ID": asset_id, "MAM_DUPLICATE": "yes" if duplicate else "no"}
        said = _run(hook, file.facts() | more)
        if said is not None:
            log.warning("The hook after %r failed: %s", file.name, said)


def _run(hook: Argv, facts: Mapping[str, str]) -> str | None:
    """The last line of a hook that failed, or what ended it; None where it did not fail."""
    tail = b""
    seconds = settings.OPTIONS.taking.hook_seconds
    try:
        with start(hook, limits=Limits(seconds=seconds), env=facts) as running:
            for chunk in running.chunks():
                tail = (tail + chunk)[-_OUTPUT_TAIL:]
            try:
                running.wait()
            except ProcessFailed as error:
                return _last_line(running.stderr_tail) or _last_line(_text(tail)) or str(error)
    except ProcessFailed as error:
        return str(error)
    return None


def _text(tail: bytes) -> str:
    text = tail.decode("utf-8", "backslashreplace")
    return "".join(c if c.isprintable() or c == "\n" else "?" for c in text)


def _last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return fitted(lines[-1], _LONGEST_REASON) if lines else ""
