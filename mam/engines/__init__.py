"""The neural boundary: nothing outside loads a net or knows which library runs it.

The composition root calls `configure` once; everyone else asks for an engine by what it is for
(`engine("speech")`, see base.py for what each can do), or whether its weights are there. Nothing
heavy is imported before an engine is asked for.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mam.engines.store import ModelStore
from mam.engines.weights import Weights, WeightStatus
from mam.options import Models

__all__ = [
    "ModelStore",
    "WeightStatus",
    "Weights",
    "configure",
    "engine",
    "engine_model",
    "engine_weights",
    "missing_weights",
    "reset",
    "store",
    "weights",
]

_lock = threading.Lock()
_store: ModelStore | None = None


def configure(engines: Mapping[str, str], options: Models, home: Path) -> ModelStore:
    """Make the process's store: `engines` is settings.ENGINES, `home` the data folder."""
    global _store
    with _lock:
        _store = ModelStore(engines, options, home)
        return _store


def store() -> ModelStore:
    """The process's store. Asking before `configure` is a fault in the composition."""
    if _store is None:
        raise LookupError("mam.engines.configure(…) was not called in this process.")
    return _store


def engine(name: str) -> Any:
    """The loaded engine for `name`, a key of settings.ENGINES.

    Raises WeightsMissing, naming manifest entries, when its weights are not there.
    """
    return store().engine(name)


def engine_weights(name: str) -> tuple[str, ...]:
    """Manifest ids without which the engine cannot work. Cheap: loads nothing."""
    return store().engine_weights(name)


def engine_model(name: str) -> str:
    """The model whose space the engine's vectors lie in; "" where the settings choose none for that
    place, or the engine makes no such vectors. Cheap: loads nothing."""
    return store().engine_model(name)


def missing_weights(name: str) -> tuple[str, ...]:
    """Those of `engine_weights` that are not there; empty when the engine can be asked for."""
    return store().weights.missing(engine_weights(name))


def weights() -> Weights:
    """Where the weights are: `status()`, `available(id)`, `path(id)`, `fetch(ids, report)`."""
    return store().weights


def reset() -> None:
    """Let go of every loaded engine (tests, and before a process forks)."""
    if _store is not None:
        _store.reset()
