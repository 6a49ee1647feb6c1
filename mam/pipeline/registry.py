"""The steps that settings.STEPS names, in order."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from django.conf import settings
from django.utils.module_loading import import_string

from mam.engines import weights
from mam.errors import MamError, NotFound
from mam.pipeline.steps import Step


def steps() -> tuple[Step, ...]:
    """One instance each. Raises ImportError naming a path that leads nowhere."""
    return _steps(tuple(settings.STEPS))


@lru_cache(maxsize=8)
def _steps(paths: tuple[str, ...]) -> tuple[Step, ...]:
    return tuple(import_string(path)() for path in paths)


def step_named(name: str) -> Step:
    """Raises NotFound."""
    for step in steps():
        if step.name == name:
            return step
    known = ", ".join(step.name for step in steps())
    raise NotFound(f"There is no step {name[:80]!r}; there are {known}.")


def queues() -> tuple[str, ...]:
    """Every queue that a step is worked on, in order."""
    return tuple(dict.fromkeys(step.queue for step in steps()))


def weights_missing() -> Mapping[str, tuple[str, ...]]:
    """By step, the manifest ids that it waits for; looked up anew at each call, cheaply."""
    present: dict[str, bool] = {}
    found: dict[str, tuple[str, ...]] = {}
    for step in steps():
        wanted = step.weights()
        for name in wanted:
            if name not in present:
                present[name] = weights_present(name)
        found[step.name] = tuple(name for name in wanted if not present[name])
    return found


def weights_present(name: str) -> bool:
    """Whether they are here, by manifest id."""
    try:
        return weights().available(name)
    except MamError:
        # A name that the manifest does not know (a model set by the operator): never to be had.
        return False
