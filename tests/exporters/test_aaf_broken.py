"""Broken and crafted AAFs: one line that says why, soon, and within little memory."""

from __future__ import annotations

import struct
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from aaf2.cfb import CompoundFileBinary
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from editing.incoming import Incoming
from exporters.base import ExportOptions
from exporters.dialects.aaf import Aaf
from exporters.readers import aaf_parts
from exporters.readers.aaf import AafReader
from mam.errors import BadRequest
from tests.exporters.aaf_made import BLUR, COMBINER, Made
from tests.exporters.rich_cuts import everything

WHOLE = Aaf().write(everything(), ExportOptions()).files[0].data


def read(data: bytes) -> Incoming | str:
    """The edit, or why there is none: nothing else may come of any bytes."""
    began = time.process_time()
    try:
        return AafReader().read(data, None)
    except BadRequest as error:
        assert "\n" not in str(error) and str(error)
        return str(error)
    finally:
        assert time.process_time() - began < 20


def crafted(tmp_path: Path, change: Callable[[CompoundFileBinary], None], data: bytes) -> bytes:
    """The file with something changed in its folders and streams."""
    path = tmp_path / "crafted.aaf"
    path.write_bytes(data)
    with path.open("rb+") as file:
        folders = CompoundFileBinary(file, "rb+")
        change(folders)
        folders.close()
    return path.read_bytes()


def put(folders: CompoundFileBinary, path: str, data: bytes) -> None:
    stream = folders.open(path, "rw")
    stream.write(data)
    stream.truncate()


def top(folders: CompoundFileBinary) -> Any:
    """Where the sequence of the composition's first slot of pictures lies."""
    for mob in folders.listdir("/Header-2/Content-3b03"):
        if mob.isdir() and str(mob.class_id).startswith("0d010101-0101-3500"):
            return mob.path() + "/Slots-4403{1}/Segment-4803"
    raise AssertionError("no composition")


@pytest.mark.parametrize("kept", [0, 7, 8, 100, 511, 512, 4096, 5000, 20_000, len(WHOLE) - 4096])
def test_a_file_that_breaks_off_is_told(kept: int) -> None:
    told = read(WHOLE[:kept])
    assert isinstance(told, str) and ("not an AAF file" in told or "cannot be read as AAF" in told)


@given(st.lists(st.tuples(st.integers(0, len(WHOLE) - 1), st.integers(0, 255)), max_size=40))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_bytes_changed_give_an_edit_or_a_reason(changes: list[tuple[int, int]]) -> None:
    data = bytearray(WHOLE)
    for at, value in changes:
        data[at] = value
    read(bytes(data))


@given(st.integers(0, 511), st.binary(min_size=1, max_size=8))
@settings(max_examples=40, deadline=None)
def test_any_header_gives_an_edit_or_a_reason(at: int, put_there: bytes) -> None:
    read(WHOLE[:at] + put_there + WHOLE[at + len(put_there) :])


def test_a_table_of_tables_without_end_is_not_followed() -> None:
    data = bytearray(WHOLE)
    struct.pack_into("<II", data, 68, 0, 0xFFFFFFFF)
    assert read(bytes(data)) == "Its header is broken."


@pytest.mark.parametrize("count", [50_000, 0xFFFFFFFF])
def test_a_list_longer_than_what_it_lists_is_refused(tmp_path: Path, count: int) -> None:
    held = min(count, 50_000)

    def change(folders: CompoundFileBinary) -> None:
        index = struct.pack("<III", count, count, 0xFFFFFFFF) + bytes(4 * held)
        put(folders, f"{top(folders)}/Components-1001 index", index)

    found = read(crafted(tmp_path, change, WHOLE))
    assert found == "A list in it is longer than what it lists."


def test_a_stream_that_says_to_be_endless_is_not_read(tmp_path: Path) -> None:
    def change(folders: CompoundFileBinary) -> None:
        folders.find(f"{top(folders)}/properties").byte_size = 1 << 40

    tracemalloc.start()
    assert read(crafted(tmp_path, change, WHOLE)) == "Its streams hold more than the file."
    assert tracemalloc.get_traced_memory()[1] < 50 << 20
    tracemalloc.stop()


def test_a_folder_within_itself_is_told(tmp_path: Path) -> None:
    def change(folders: CompoundFileBinary) -> None:
        sequence = folders.find(top(folders))
        piece = folders.find(f"{top(folders)}/Components-1001{{2}}")
        piece.class_id = sequence.class_id
        piece.child_id = sequence.child_id

    assert read(crafted(tmp_path, change, WHOLE)) == "Its parts are nested too deep."


def test_numbers_big_end_first_are_told(tmp_path: Path) -> None:
    def change(folders: CompoundFileBinary) -> None:
        put(folders, f"{top(folders)}/properties", struct.pack(">BBH", 0x42, 32, 0))

    assert "big end first" in str(read(crafted(tmp_path, change, WHOLE)))


def test_sound_that_doubles_at_each_step_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """Compositions of two channels, each of which is the next composition: 2**18 clips."""
    monkeypatch.setattr(aaf_parts, "SOME", 2000)
    made = Made()
    behind = made.master()
    slot = 2
    for number in range(18):
        mob = made.mob("CompositionMob", f"{number}")
        sides = [made.clip(behind, 0, 50, slot, "sound") for _ in range(2)]
        made.slot(mob, made.group(COMBINER, 50, *sides), 2)
        behind = mob
    made.top(made.clip(behind, 0, 50, 2, "sound"))
    assert read(made.done()) == "Its parts refer to each other again and again."


def test_lengths_without_measure_are_told() -> None:
    made = Made()
    made.top(made.clip(made.master(), 0, (1 << 63) - 1))
    assert read(made.done()) == "Its clips lie later than a timeline can reach."


def test_a_dictionary_that_refers_to_itself_holds_nobody_up(tmp_path: Path) -> None:
    """A class that is its own ancestor: pyaaf2's objects would look through it for ever."""

    def change(folders: CompoundFileBinary) -> None:
        classes = [entry for entry in folders.listdir("/MetaDictionary-1") if entry.isdir()]
        for entry in classes:
            path = f"{entry.path()}/properties"
            data = bytes(folders.open(path).read())
            count = struct.unpack_from("<H", data, 2)[0]
            at = 4 + 6 * count
            for number in range(count):
                pid, _, size = struct.unpack_from("<HHH", data, 4 + 6 * number)
                if pid == 0x0008:  # its parent: whichever, all name the same
                    mixed = data[: at + 5] + bytes(range(16)) + data[at + 21 :]
                    put(folders, path, mixed)
                at += size

    found = read(crafted(tmp_path, change, WHOLE))
    assert isinstance(found, Incoming) and len(found.events) == 14


def test_thousands_of_effects_take_little_memory_and_one_line() -> None:
    made = Made()
    master = made.master()
    made.top(made.sequence(*(made.group(BLUR, 1, made.clip(master, n, 1)) for n in range(2000))))
    data = made.done()
    tracemalloc.start()
    found = read(data)
    assert isinstance(found, Incoming) and len(found.events) == 2000 and len(found.lost) == 1
    assert tracemalloc.get_traced_memory()[1] < 30 << 20
    tracemalloc.stop()
