"""One store a process: lazy, one load for all who ask, a budget, and a fresh start after a fork."""

from __future__ import annotations

import gc
import multiprocessing
import os
import subprocess
import sys
import threading
import weakref
from pathlib import Path

import pytest

from mam import engines
from mam.engines import ModelStore
from mam.engines.weights import Weights
from mam.errors import NotFound, WeightsMissing
from mam.options import Models

made: list[Net] = []


class Net:
    weights: tuple[str, ...] = ()
    memory = 40
    fail: Exception | None = None
    gate: threading.Event | None = None

    @classmethod
    def needs(cls, options: Models) -> tuple[str, ...]:
        return (f"weights-of-{options.whisper_model}",)

    def __init__(self, options: Models, weights: Weights) -> None:
        if self.gate is not None:
            assert self.gate.wait(20)
        if self.fail is not None:
            raise self.fail
        made.append(self)


class Other(Net):
    gate = None


PATHS = {"net": f"{__name__}.Net", "other": f"{__name__}.Other", "third": f"{__name__}.Other"}


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> ModelStore:
    import sys

    # The tests are imported by path; the store imports by name.
    monkeypatch.setitem(sys.modules, __name__, sys.modules.get(__name__) or sys.modules["__main__"])
    made.clear()
    return ModelStore(PATHS, Models(memory=100), tmp_path)


def test_an_engine_is_loaded_once_and_only_when_asked_for(store: ModelStore) -> None:
    assert store.engine_weights("net") == ("weights-of-base",)
    assert made == []
    first = store.engine("net")
    assert store.engine("net") is first
    assert store.loaded == ("net",)


def test_all_who_ask_at_once_share_one_load(
    store: ModelStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = threading.Event()
    monkeypatch.setattr(Net, "gate", gate)
    got: list[object] = []
    threads = [threading.Thread(target=lambda: got.append(store.engine("net"))) for _ in range(8)]
    for thread in threads:
        thread.start()
    assert store.engine("other") is not None  # is not held up by the load of another
    gate.set()
    for thread in threads:
        thread.join(20)
    assert len(set(map(id, got))) == 1 and len(got) == 8
    assert len(made) == 2


def test_past_the_budget_the_longest_unused_is_let_go_of(store: ModelStore) -> None:
    store.engine("net")
    store.engine("other")
    store.engine("net")
    store.engine("third")  # 120 of 100: "other" was asked for longest ago
    assert store.loaded == ("net", "third")


def test_an_engine_larger_than_the_budget_still_serves(tmp_path: Path) -> None:
    small = ModelStore(PATHS, Models(memory=1), tmp_path)
    assert small.engine("net") is small.engine("net")


def test_an_engine_let_go_of_but_in_use_is_not_loaded_twice(store: ModelStore) -> None:
    used = store.engine("other")
    store.engine("net")
    store.engine("third")
    assert "other" not in store.loaded
    assert store.engine("other") is used


def test_what_is_let_go_of_and_unused_is_freed(store: ModelStore) -> None:
    gone = weakref.ref(store.engine("other"))
    store.engine("net")
    store.engine("third")
    made.clear()
    gc.collect()
    assert gone() is None
    kept = weakref.ref(store.engine("net"))
    made.clear()
    store.reset()
    assert kept() is None and store.loaded == ()


def test_a_load_that_failed_is_tried_again(
    store: ModelStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Net, "fail", WeightsMissing("not yet", ("net",)))
    with pytest.raises(WeightsMissing, match="not yet"):
        store.engine("net")
    monkeypatch.setattr(Net, "fail", None)
    assert store.engine("net") is made[-1]


def test_a_name_without_an_engine_is_told_with_those_that_have_one(store: ModelStore) -> None:
    with pytest.raises(NotFound, match="net, other, third"):
        store.engine("nets")


def test_a_forked_child_starts_empty_even_while_a_lock_is_held(store: ModelStore) -> None:
    store.engine("net")
    context = multiprocessing.get_context("fork")
    mine, theirs = context.Pipe()

    def child() -> None:
        before = store.loaded
        store.engine("net")
        theirs.send((before, store.loaded, len(made)))

    with store._lock:  # as a thread of the parent might
        process = context.Process(target=child)
        process.start()
    assert mine.poll(20), "the child hangs on a lock of its parent"
    assert mine.recv() == ((), ("net",), 2)
    process.join(20)
    assert store.loaded == ("net",)


def test_the_face_speaks_for_the_process(
    store: ModelStore, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(engines, "_store", None)
    with pytest.raises(LookupError, match="configure"):
        engines.engine("net")
    configured = engines.configure(PATHS, Models(whisper_model="small"), tmp_path)
    assert engines.store() is configured
    assert engines.engine_weights("net") == ("weights-of-small",)
    assert engines.engine("net") is made[-1]
    assert "faster-whisper-small" in engines.weights().ids
    engines.reset()
    assert configured.loaded == ()


def test_no_runtime_leaves_or_uploads_anything_of_its_use(tmp_path: Path) -> None:
    """ONNX Runtime, as it is published, keeps a number for the machine, and events to upload."""
    places = {name: tmp_path / name for name in ("HOME", "TMPDIR", "XDG_CACHE_HOME")}
    for place in places.values():
        place.mkdir()
    use = (
        "import sys; from pathlib import Path;"
        "from mam.engines import configure; from mam.options import Models;"
        "configure({}, Models(), Path(sys.argv[1]));"
        "import onnxruntime, rapidocr;"
        "model = next(Path(rapidocr.__file__).parent.rglob('*.onnx'));"
        "onnxruntime.InferenceSession(str(model), providers=['CPUExecutionProvider'])"
    )
    kept = {k: v for k, v in os.environ.items() if k not in ("CI", "ORT_DISABLE_TELEMETRY")}
    env = kept | {name: str(place) for name, place in places.items()}
    argv = [sys.executable, "-B", "-c", use, str(tmp_path)]
    subprocess.run(argv, check=True, env=env, cwd=Path(__file__).parents[3], timeout=120)
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]
