"""The neural nets that one process holds: loaded on first use, once, within a memory budget.

Asking is safe from any thread; two threads that ask for the same engine share one load, two that
ask for different ones do not wait for each other. When the budget is passed, the engines that were
asked for longest ago are let go of; whoever still works with one keeps it until done. A forked
child starts empty, as the threads of a runtime do not survive a fork.
"""

from __future__ import annotations

import gc
import importlib
import os
import threading
import weakref
from collections import OrderedDict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mam.engines.base import Chosen, Engine, EngineClass, Movable
from mam.engines.weights import Weights
from mam.errors import NotFound
from mam.options import Models


class ModelStore:
    """`engines` maps what a net is for to the dotted path of its class."""

    def __init__(self, engines: Mapping[str, str], options: Models, home: Path) -> None:
        self.options = options
        self.weights = Weights(options, home)
        self._paths = dict(engines)
        # Before any runtime is loaded: by default its idle threads spin, and beside an ffmpeg on
        # the same cores that makes a net several times slower (measured: 7.5 s became 2 s).
        os.environ.setdefault("OMP_WAIT_POLICY", "passive")
        os.environ.setdefault("KMP_BLOCKTIME", "0")
        # What runs here is nobody else's business: ONNX Runtime would upload each model it loads
        # and keep a number for this machine, the hub's client what asks it.
        os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
        os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
        self._forget()
        _stores.add(self)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self._paths)

    @property
    def loaded(self) -> tuple[str, ...]:
        """Names of the engines that are kept, longest unused first."""
        with self._lock:
            return tuple(self._kept)

    def engine(self, name: str) -> Any:
        """The engine for `name`, loaded if it is not.

        Raises WeightsMissing when its weights are not there, NotFound for a name without an
        engine. A load that failed is tried again by the next who asks.
        """
        engine_class = self.engine_class(name)
        with self._lock:
            if name in self._kept:
                self._kept.move_to_end(name)
                return self._kept[name]
            loading = self._loading.setdefault(name, threading.Lock())
        with loading:
            with self._lock:
                engine = self._kept.get(name) or self._still_in_use(name)
            if engine is None:
                engine = engine_class(self.options, self.weights)
            with self._lock:
                self._kept[name] = engine
                self._kept.move_to_end(name)
                self._let_go(keep=name)
            return engine

    def engine_class(self, name: str) -> EngineClass:
        """The class for `name`; importing it loads no neural library. Raises NotFound."""
        if name not in self._paths:
            raise NotFound(
                f"There is no engine called {name!r}; there are {', '.join(self.names)}."
            )
        module, _, attribute = self._paths[name].rpartition(".")
        found: EngineClass = getattr(importlib.import_module(module), attribute)
        return found

    def engine_weights(self, name: str) -> tuple[str, ...]:
        """Manifest ids without which the engine cannot work. Loads nothing."""
        return self.engine_class(name).needs(self.options)

    def engine_model(self, name: str) -> str:
        """The model that the settings choose for the engine; "" for none. Loads nothing."""
        if name not in self._paths:
            return ""
        found: object = self.engine_class(name)
        return found.model(self.options) if isinstance(found, Chosen) else ""

    def runs(self) -> dict[str, str]:
        """Where and how the engines run that may run in more than one way, for a person. Loads
        nothing."""
        classes = {name: self.engine_class(name) for name in self.names}
        return {
            name: found.runs(self.options, self.weights)
            for name, found in classes.items()
            if isinstance(found, Movable) and self._is_named(found)
        }

    def _is_named(self, found: object) -> bool:
        """Whether settings choose a model for it, where that is theirs to choose."""
        return not isinstance(found, Chosen) or bool(found.model(self.options))

    def reset(self) -> None:
        """Let go of every engine."""
        with self._lock:
            self._kept.clear()
            self._released.clear()
        gc.collect()

    def _still_in_use(self, name: str) -> Engine | None:
        released = self._released.pop(name, None)
        return released() if released is not None else None

    def _let_go(self, keep: str) -> None:
        while len(self._kept) > 1:
            if sum(engine.memory for engine in self._kept.values()) <= self.options.memory:
                return
            oldest = next(name for name in self._kept if name != keep)
            self._released[oldest] = weakref.ref(self._kept.pop(oldest))

    def _forget(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, Engine] = OrderedDict()
        self._released: dict[str, weakref.ref[Engine]] = {}
        self._loading: dict[str, threading.Lock] = {}


_stores: weakref.WeakSet[ModelStore] = weakref.WeakSet()
_abandoned: list[object] = []


def _after_fork() -> None:
    # Locks may be held by threads that are gone, and freeing a net would join such threads: what
    # the parent had loaded is left alone for good.
    for store in list(_stores):
        _abandoned.append((store._kept, store._released, store._loading))
        store._forget()


os.register_at_fork(after_in_child=_after_fork)
