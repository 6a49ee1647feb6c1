"""Real weights for the tests of the engines."""

from __future__ import annotations

import pytest

from mam.engines import ModelStore
from mam.settings import ENGINES, HOME, OPTIONS
from tests.mam.engines.real_media import RealEngine


@pytest.fixture(scope="session")
def store() -> ModelStore:
    """The real engines, with the weights of this machine. What is fetched is kept for next time."""
    return ModelStore(ENGINES, OPTIONS.models, HOME)


@pytest.fixture(scope="session")
def real(store: ModelStore) -> RealEngine:
    """`real(name)` is the real engine; the test is skipped where its weights cannot be had."""
    said: dict[str, list[str]] = {}

    def get(name: str) -> object:
        missing = store.weights.missing(store.engine_weights(name))
        if missing and name not in said:
            said[name] = []
            store.weights.fetch(missing, said[name].append)
            missing = store.weights.missing(missing)
        if missing:
            why = " ".join(said[name])
            pytest.skip(f"There are no weights {', '.join(missing)} to be had. {why}")
        return store.engine(name)

    return get
