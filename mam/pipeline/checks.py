"""What must be right around the pipeline, each with a hint. Run by `manage.py check`."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning
from django.db import connections

from mam import processes
from mam.catalog.records import CORRECTIONS
from mam.engines.device import device
from mam.errors import MamError
from mam.media import ffmpeg
from mam.pipeline.registry import steps
from mam.pipeline.steps import Step, TappedStep
from mam.processes import Limits
from mam.web.addresses import Allowed

LEAST_PGVECTOR = (0, 8)


def steps_fit(app_configs: object, **kwargs: Any) -> list[CheckMessage]:
    """settings.STEPS can be imported, names are unique, and each stands after what it needs."""
    try:
        found = steps()
    except (ImportError, TypeError) as error:
        return [Error(f"settings.STEPS: {error}", id="mam.E001")]
    return order_faults(found)


def order_faults(found: Sequence[Step]) -> list[CheckMessage]:
    faults: list[CheckMessage] = []
    # What people added is an analysis that steps may come after, though no step makes it.
    before = {CORRECTIONS}
    every = {step.name for step in found} | before
    for step in found:
        faults += [
            Error(f"{step.name} lasts until {name}, which is no step.", id="mam.E003")
            for name in step.until
            if name not in every
        ]
        if step.name in before:
            faults.append(Error(f"Two steps are named {step.name}.", id="mam.E002"))
        for name in (*step.needs, *step.after):
            if name not in every:
                faults.append(Error(f"{step.name} names {name}, which is no step.", id="mam.E003"))
            elif name not in before:
                hint = f"Put {name} before {step.name} in settings.STEPS."
                faults.append(Error(f"{step.name} stands before {name}.", hint=hint, id="mam.E004"))
        if isinstance(step, TappedStep) and not step.reads_master:
            faults.append(Warning(f"{step.name} has taps but reads no master.", id="mam.W001"))
        before.add(step.name)
    return faults


def home_is_writable(app_configs: object, **kwargs: Any) -> list[CheckMessage]:
    home = Path(settings.HOME)
    nearest = next(path for path in (home, *home.parents) if path.exists())
    if nearest.is_dir() and os.access(nearest, os.W_OK | os.X_OK):
        return []
    return [
        Error(
            f"MAM_HOME ({home}) cannot be written to.",
            hint="Set MAM_HOME to a folder that this user owns.",
            id="mam.E005",
        )
    ]


def ffmpeg_is_there(app_configs: object, **kwargs: Any) -> list[CheckMessage]:
    hint = "pip install imageio-ffmpeg, or set MAM_FFMPEG to an ffmpeg that can be run."
    try:
        program = Path(ffmpeg.binary(settings.OPTIONS))
    except (MamError, RuntimeError) as error:
        return [Error(f"There is no ffmpeg: {error}", hint=hint, id="mam.E006")]
    if not (program.is_file() and os.access(program, os.X_OK)):
        return [Error(f"{program} is no program that can be run.", hint=hint, id="mam.E006")]
    if settings.OPTIONS.places.ffmpeg and not _is_ffmpeg(program):
        return [Error(f"MAM_FFMPEG: {program} is no ffmpeg.", hint=hint, id="mam.E006")]
    return []


def _is_ffmpeg(program: Path) -> bool:
    try:
        said = processes.run([str(program), "-version"], limits=Limits(seconds=20)).stdout
    except MamError:
        return False
    return said.startswith(b"ffmpeg version")


def settings_name_what_is_there(app_configs: object, **kwargs: Any) -> list[CheckMessage]:
    """A mistyped name would refuse every file, or have steps wait for what never comes."""
    options = settings.OPTIONS
    programs = {
        "MAM_HOOK_BEFORE": options.taking.hook_before,
        "MAM_HOOK_AFTER": options.taking.hook_after,
    }
    faults: list[CheckMessage] = [
        Error(f"{variable}: {argv[0]} is no program that can be run.", id="mam.E009")
        for variable, argv in programs.items()
        if argv and not shutil.which(argv[0])
    ]
    words = options.models.vocabulary
    if words and not words.is_file():
        faults.append(Error(f"MAM_VOCABULARY: there is no file {words}.", id="mam.E010"))
    try:
        device(options.models.device)
    except MamError as error:
        faults.append(Error(str(error), id="mam.E011"))
    try:
        Allowed.of(options.web.webhook_allow)
    except MamError as error:
        faults.append(Error(str(error), id="mam.E012"))
    folder = options.models.weights_dir
    if folder and not folder.is_dir():
        faults.append(
            Warning(
                f"MAM_WEIGHTS_DIR: there is no folder {folder}.",
                hint="Weights are looked for elsewhere, and what needs them may wait.",
                id="mam.W002",
            )
        )
    return faults


def pgvector_is_new_enough(
    app_configs: object, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """Filtered search relies on iterative scans, which came with pgvector 0.8."""
    faults: list[CheckMessage] = []
    for name in databases or ():
        with connections[name].cursor() as cursor:
            cursor.execute(
                "SELECT default_version FROM pg_available_extensions WHERE name = 'vector'"
            )
            row = cursor.fetchone()
        if row is None:
            faults.append(
                Error(
                    "This PostgreSQL has no pgvector.",
                    hint="Install pgvector 0.8 or later, or leave DATABASE_URL empty: the"
                    " embedded database has it.",
                    id="mam.E007",
                )
            )
        elif _version(row[0]) < LEAST_PGVECTOR:
            faults.append(
                Error(
                    f"This PostgreSQL has pgvector {row[0]}; search needs 0.8 or later.",
                    hint="Update it, then run ALTER EXTENSION vector UPDATE.",
                    id="mam.E008",
                )
            )
    return faults


def _version(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split(".")[:2] if part.isdigit())
