"""Findings: swapped whole or not at all, with their files, whatever text a file brought along."""

from __future__ import annotations

import os
import secrets
import threading
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from django.db import OperationalError, connection

from mam.catalog import findings as saving
from mam.catalog.files import file_discard, file_place, files_orphaned
from mam.catalog.findings import findings_save
from mam.catalog.models import Analysis, Embedding, Rendition, Shot, Tagging, Word
from mam.catalog.records import (
    DescriptionFinding,
    EmbeddingFinding,
    Findings,
    KeyframeFinding,
    Lead,
    LeadKind,
    RenditionFinding,
    ScreenTextFinding,
    SegmentFinding,
    ShotFinding,
    SpaceRecord,
    TaggingFinding,
    TechnicalFacts,
    TranscriptFinding,
    WordFinding,
)
from mam.catalog.selectors import (
    asset_get,
    derived_files,
    descriptions_of,
    embeddings_of,
    keyframes_of,
    screen_texts_of,
    shots_of,
    taggings_of,
    transcript_of,
)
from mam.catalog.services import asset_register
from mam.catalog.spaces import index_name, space_ensure
from mam.errors import LostClaim
from mam.timing import FrameRange, FrameRate

pytestmark = pytest.mark.django_db

WHOLE = FrameRange(0, 100)
SPACE = SpaceRecord("image-text", "toy", "0" * 64, 4)
FACTS = TechnicalFacts("video", FrameRate(Fraction(30000, 1001)), 100, reel="A001", drop_frame=True)


@pytest.fixture
def asset(db: None) -> str:
    content = secrets.token_hex(32)
    registered = asset_register(
        content_hash=content, size=1, path=f"/nowhere/{content}".encode(), mtime_ns=1, name="a.mp4"
    )
    return registered.asset.id


def made(folder: Path, name: str = "made.bin") -> Path:
    path = folder / name
    path.write_bytes(secrets.token_bytes(8))
    return path


def save(asset: str, findings: Findings, *, step: str = "toy", version: int = 1) -> int:
    return findings_save(
        asset_id=asset,
        step=step,
        version=version,
        inputs={"probe": 7},
        findings=findings,
        guard=lambda: None,
    )


WIPED = Lead(LeadKind.WIPE, FrameRange(35, 45))


def everything(folder: Path) -> Findings:
    """One of each kind."""
    vector = np.array([1, 0, 0, 0], np.float32)
    words = (
        WordFinding("Hello", FrameRange(0, 10), 0.9),
        WordFinding("you", FrameRange(10, 20), 1),
    )
    return Findings(
        facts=FACTS,
        renditions=(RenditionFinding("proxy", made(folder, "p.mp4"), {"size": 8}),),
        shots=(
            ShotFinding(FrameRange(0, 40), 1.0),
            ShotFinding(FrameRange(40, 100), 0.7, "net", WIPED),
        ),
        keyframes=(KeyframeFinding(20, FrameRange(0, 40), made(folder, "k.jpg")),),
        transcript=TranscriptFinding(
            "en", 0.99, (SegmentFinding("Hello you.", FrameRange(0, 20), words),)
        ),
        taggings=(TaggingFinding("dog", "object", FrameRange(0, 40), 0.8, "ssd"),),
        screen_texts=(ScreenTextFinding("EXIT", FrameRange(0, 40), 0.9),),
        descriptions=(DescriptionFinding("A dog.", FrameRange(0, 40)),),
        space=SPACE,
        embeddings=(EmbeddingFinding(FrameRange(0, 40), vector, 20),),
        damage="a little",
        note="noted",
    )


def files_below(home: Path) -> set[Path]:
    return {path for path in (home / "renditions").rglob("*") if path.is_file()}


def test_all_that_was_found_can_be_read_again(asset: str, tmp_path: Path, home: Path) -> None:
    save(asset, everything(tmp_path))
    record = asset_get(asset)
    assert record.technical == FACTS
    assert record.renditions["proxy"].is_file() and home in record.renditions["proxy"].parents
    assert [(shot.number, shot.range, shot.lead) for shot in shots_of(asset)] == [
        (1, FrameRange(0, 40), None),
        (2, FrameRange(40, 100), WIPED),
    ]
    (keyframe,) = keyframes_of(asset, "toy")
    assert keyframe.frame == 20 and keyframe.path.is_file()
    transcript = transcript_of(asset)
    assert transcript is not None and transcript.language == "en"
    assert [word.text for word in transcript.segments[0].words] == ["Hello", "you"]
    assert [item.tag for item in taggings_of(asset)] == ["dog"]
    assert [item.text for item in screen_texts_of(asset)] == ["EXIT"]
    assert [item.text for item in descriptions_of(asset)] == ["A dog."]
    (vector,) = embeddings_of(asset, SPACE)
    assert vector.frame == 20 and vector.vector.tolist() == [1, 0, 0, 0]
    analysis = Analysis.objects.get(asset_id=asset)
    assert (analysis.note, analysis.damage, analysis.inputs) == ("noted", "a little", {"probe": 7})


def test_a_second_finding_replaces_the_first_whole_files_too(
    asset: str, tmp_path: Path, home: Path, django_capture_on_commit_callbacks: object
) -> None:
    assert callable(django_capture_on_commit_callbacks)
    first = save(asset, everything(tmp_path))
    before = files_below(home)
    with django_capture_on_commit_callbacks(execute=True):
        second = save(asset, Findings(shots=(ShotFinding(WHOLE, 1.0),)), version=2)
    assert second != first
    assert Analysis.objects.get(asset_id=asset).version == 2
    assert [shot.range for shot in shots_of(asset)] == [WHOLE]
    for model in (Rendition, Tagging, Embedding, Word):
        assert not model.objects.exists()
    assert transcript_of(asset) is None
    assert len(before) == 2 and not files_below(home)
    assert asset_get(asset).technical == FACTS  # nothing new was said of them


def test_what_other_steps_found_stays(asset: str, tmp_path: Path) -> None:
    save(asset, everything(tmp_path), step="one")
    save(asset, Findings(descriptions=(DescriptionFinding("Two.", WHOLE),)), step="two")
    assert [item.text for item in descriptions_of(asset)] == ["A dog.", "Two."]
    assert Analysis.objects.filter(asset_id=asset).count() == 2


def test_a_lost_claim_saves_nothing_and_leaves_what_stood(
    asset: str, tmp_path: Path, home: Path
) -> None:
    save(asset, everything(tmp_path))
    stood, rows = files_below(home), list(Shot.objects.values_list("pk", flat=True))

    def lost() -> None:
        assert connection.in_atomic_block
        raise LostClaim("It was taken.")

    with pytest.raises(LostClaim):
        findings_save(
            asset_id=asset,
            step="toy",
            version=2,
            inputs={},
            findings=everything(tmp_path),
            guard=lost,
        )
    assert files_below(home) == stood
    assert list(Shot.objects.values_list("pk", flat=True)) == rows


def test_a_finding_that_cannot_be_saved_leaves_what_stood(
    asset: str, tmp_path: Path, home: Path
) -> None:
    save(asset, everything(tmp_path))
    stood = files_below(home)
    twice = (ShotFinding(WHOLE, 1.0), ShotFinding(WHOLE, 1.0))
    with pytest.raises(Exception, match="shot_asset_start"):
        save(asset, replace(everything(tmp_path), shots=twice))
    assert files_below(home) == stood
    assert len(shots_of(asset)) == 2


def test_files_stay_where_nobody_knows_whether_the_commit_went_through(
    asset: str, tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(*args: object) -> None:
        raise OperationalError("the connection is closed")

    monkeypatch.setattr(saving, "taggings_save", breaks)
    with pytest.raises(OperationalError):
        save(asset, everything(tmp_path))
    assert len(files_below(home)) == 2  # for the orphans' sweep, in an hour


def test_a_finding_with_a_missing_file_saves_nothing(
    asset: str, tmp_path: Path, home: Path
) -> None:
    found = everything(tmp_path)
    found.keyframes[0].path.unlink()
    with pytest.raises(FileNotFoundError):
        save(asset, found)
    assert not files_below(home)
    assert not Analysis.objects.exists()


HOSTILE = "a\0b\udc80c\u202e\n'\"<b>\U0001f600"


def test_hostile_text_is_kept_as_far_as_a_database_can(asset: str, tmp_path: Path) -> None:
    facts = replace(
        FACTS, reel=HOSTILE, streams={HOSTILE: [HOSTILE, {"nan": float("nan"), "n": 1}]}
    )
    found = replace(
        everything(tmp_path),
        facts=facts,
        taggings=(TaggingFinding(HOSTILE * 60, "sound", WHOLE, 0.5, "toy"),),
        screen_texts=(ScreenTextFinding(HOSTILE, WHOLE, 1),),
        descriptions=(DescriptionFinding(HOSTILE, WHOLE),),
        note=HOSTILE,
        damage=HOSTILE,
    )
    save(asset, found)
    kept = "ab?c\u202e\n'\"<b>\U0001f600"
    record = asset_get(asset).technical
    assert record.reel == kept
    assert record.streams == {kept: [kept, {"nan": None, "n": 1}]}
    assert screen_texts_of(asset)[0].text == kept
    assert taggings_of(asset)[0].tag == (kept * 60)[:200]


def test_vectors_without_their_space_are_a_fault_of_the_step(asset: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="space"):
        save(asset, replace(everything(tmp_path), space=None))


@pytest.mark.django_db(transaction=True)  # an index is made between two saves
def test_vectors_of_several_sizes_lie_side_by_side(asset: str) -> None:
    for step, size in (("small", 3), ("large", 5)):
        space = SpaceRecord(step, "toy", "0" * 64, size)
        vector = np.ones(size, np.float32)
        save(
            asset,
            Findings(space=space, embeddings=(EmbeddingFinding(WHOLE, vector),)),
            step=step,
        )
        assert embeddings_of(asset, space)[0].vector.shape == (size,)


def test_a_space_gets_one_index_and_keeps_its_id(db: None) -> None:
    first = space_ensure(SPACE)
    assert space_ensure(SPACE) == first
    assert space_ensure(replace(SPACE, weights_sha256="1" * 64)) != first
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexdef FROM pg_indexes WHERE indexname = %s", [index_name(first)])
        row = cursor.fetchone()
    assert row is not None and "hnsw" in row[0] and "halfvec(4)" in row[0]


@pytest.mark.django_db(transaction=True)
def test_many_who_meet_a_new_space_at_once_make_one_index(db: None) -> None:
    found: list[int | Exception] = []
    start = threading.Barrier(4)

    def race() -> None:
        start.wait()
        try:
            found.append(space_ensure(SPACE))
        except Exception as error:
            found.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=race) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(map(str, found))) == 1, found


def test_a_file_is_moved_under_a_name_of_its_own_and_its_folder_goes_with_the_last(
    tmp_path: Path, home: Path
) -> None:
    asset_id = "ab" + "0" * 30
    places = [file_place(asset_id, "proxy-v1", made(tmp_path, "x.mp4")) for _ in range(2)]
    assert places[0] != places[1]
    assert all((home / place).is_file() and place.suffix == ".mp4" for place in places)
    assert not (tmp_path / "x.mp4").exists()
    file_discard(places[0])
    assert (home / places[1]).is_file()
    file_discard(places[1])
    file_discard(places[1])  # again: no harm
    assert not (home / places[1]).parent.exists()


def test_orphans_are_old_files_that_no_row_points_at(
    asset: str, tmp_path: Path, home: Path
) -> None:
    save(asset, everything(tmp_path))
    fresh = file_place(asset, "lost-v1", made(tmp_path))
    slow = made(tmp_path, "slow.bin")
    os.utime(slow, (1, 1))  # written long before it was placed
    placed = file_place(asset, "slow-v1", slow)
    old = file_place(asset, "old-v1", made(tmp_path))
    os.utime(home / old, (1, 1))
    for path in derived_files():
        os.utime(home / path, (1, 1))
    assert files_orphaned(derived_files()) == [old]
    assert (home / fresh).is_file() and (home / placed).is_file()
