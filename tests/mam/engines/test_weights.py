"""Where weights are found, what is believed of them, and what a person is told."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any

import pytest

from mam.engines import manifest
from mam.engines.entry import Entry, Installed, WeightFile
from mam.engines.fetching import RECORD
from mam.engines.weights import Weights
from mam.errors import NotFound, WeightsMissing
from mam.options import Models

GOOD = b"weights of a small net"


def entry(**changes: Any) -> Entry:
    files = (
        WeightFile("net.bin", len(GOOD), hashlib.sha256(GOOD).hexdigest()),
        WeightFile("labels.txt", also=("vocabulary.txt",)),
        WeightFile("extra.json", optional=True),
    )
    return Entry(
        **{"id": "small", "engine": "x", "title": "X", "licence": "MIT", "files": files, **changes}
    )


@pytest.fixture
def only_small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(manifest, "entries", lambda options: (entry(),))


def fill(folder: Path, content: bytes = GOOD) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "net.bin").write_bytes(content)
    (folder / "vocabulary.txt").write_text("dog\n")
    return folder


@pytest.mark.usefixtures("only_small")
class TestPlaces:
    def test_the_operators_folder_comes_before_what_was_fetched(self, tmp_path: Path) -> None:
        mine = fill(tmp_path / "mine" / "small")
        fill(tmp_path / "home" / "weights" / "small")
        known = Weights(Models(weights_dir=tmp_path / "mine"), tmp_path / "home")
        assert known.path("small") == mine
        assert known.status()[0].where == "folder"

    def test_a_wrong_file_in_one_place_gives_way_to_the_right_one_in_the_next(
        self, tmp_path: Path
    ) -> None:
        fill(tmp_path / "mine" / "small", GOOD[::-1])
        right = fill(tmp_path / "home" / "weights" / "small")
        known = Weights(Models(weights_dir=tmp_path / "mine"), tmp_path / "home")
        assert known.path("small") == right

    @pytest.mark.parametrize("content", [GOOD[::-1], GOOD[:-1], b""])
    def test_other_bytes_are_missing_weights(self, tmp_path: Path, content: bytes) -> None:
        fill(tmp_path / "small", content)
        known = Weights(Models(weights_dir=tmp_path), tmp_path / "home")
        assert not known.available("small")
        with pytest.raises(WeightsMissing, match=r"weights fetch") as raised:
            known.path("small")
        assert raised.value.weights == ("small",)
        assert str(tmp_path / "home/weights/small") in known.status()[0].hint

    def test_a_file_is_found_under_any_name_it_goes_by(self, tmp_path: Path) -> None:
        folder = fill(tmp_path / "small")
        known = Weights(Models(weights_dir=tmp_path), tmp_path / "home")
        assert known.file("small", "labels.txt") == folder / "vocabulary.txt"
        with pytest.raises(NotFound, match=r"extra\.json"):
            known.file("small", "extra.json")

    def test_a_file_that_changes_later_is_looked_at_again(self, tmp_path: Path) -> None:
        folder = fill(tmp_path / "small")
        known = Weights(Models(weights_dir=tmp_path), tmp_path / "home")
        assert known.available("small")
        (folder / "net.bin").write_bytes(GOOD[::-1])
        os.utime(folder / "net.bin", ns=(1, 1))
        assert not known.available("small")

    def test_sums_are_taken_once_for_all_processes(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        fill(tmp_path / "small")
        models = Models(weights_dir=tmp_path)
        assert Weights(models, tmp_path / "home").available("small")

        def never(*_: object) -> None:
            raise AssertionError("read again")

        monkeypatch.setattr(hashlib, "file_digest", never)
        again = Weights(models, tmp_path / "home")
        assert again.available("small")
        assert again.sha256("small", "net.bin") == hashlib.sha256(GOOD).hexdigest()

    def test_a_home_that_cannot_be_written_to_costs_nothing_but_time(self, tmp_path: Path) -> None:
        fill(tmp_path / "small")
        (tmp_path / "taken").write_text("a file where the folder should be")
        assert Weights(Models(weights_dir=tmp_path), tmp_path / "taken").available("small")

    def test_folders_with_names_that_are_no_unicode_are_fine(self, tmp_path: Path) -> None:
        odd = tmp_path / os.fsdecode(b"caf\xe9")
        fill(odd / "small")
        known = Weights(Models(weights_dir=odd), tmp_path / "home")
        assert known.available("small")
        assert Weights(Models(weights_dir=odd), tmp_path / "home").available("small")

    def test_an_unknown_id_is_named_with_the_known_ones(self, tmp_path: Path) -> None:
        with pytest.raises(NotFound, match="there are small"):
            Weights(Models(), tmp_path).available("large")


def test_what_was_fetched_without_a_known_sha256_is_held_to_its_record(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    unknown = entry(files=(WeightFile("net.bin"),))
    monkeypatch.setattr(manifest, "entries", lambda options: (unknown,))
    folder = fill(tmp_path / "weights" / "small")
    sha256 = hashlib.sha256(GOOD).hexdigest()
    (folder / RECORD).write_text(json.dumps({"files": {"net.bin": sha256}}))
    assert Weights(Models(), tmp_path).available("small")
    (folder / "net.bin").write_bytes(GOOD[::-1])
    os.utime(folder / "net.bin", ns=(1, 1))
    assert not Weights(Models(), tmp_path).available("small")


def test_an_installed_package_is_found_without_importing_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(tmp_path / "net_in_a_package" / "model")
    (tmp_path / "net_in_a_package" / "__init__.py").write_text("raise RuntimeError('imported')")
    monkeypatch.syspath_prepend(tmp_path)
    packed = entry(installed=Installed("net_in_a_package", "model"))
    monkeypatch.setattr(manifest, "entries", lambda options: (packed,))
    (status,) = Weights(Models(), tmp_path / "home").status()
    assert (status.where, status.present) == ("package", True)


def test_settings_choose_the_models() -> None:
    chosen = Models(whisper_model="small", clip_model="ViT-L/14", clip_weights="../../etc")
    ids = [entry.id for entry in manifest.entries(chosen)]
    assert "faster-whisper-small" in ids
    assert "open_clip-ViT-L-14-etc" in ids
    assert not [id for id in ids if "/" in id or id.startswith(".")]


def test_every_entry_is_whole_and_says_its_licence() -> None:
    for found in (*manifest.entries(Models()), manifest.WHISPER_TINY_EN):
        assert found.licence and found.title and (found.sources or found.installed)
        if found.engine != "image-text":  # chosen by the operator: not known ahead
            assert all(len(file.sha256) == 64 and file.size for file in found.files)
