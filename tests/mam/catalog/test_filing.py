"""What a rule says of an asset: done once there are frames, kept over a re-index, not doubled."""

from __future__ import annotations

import pytest

from mam.catalog.corrections import Author, correction_undo, tag_correct
from mam.catalog.filing import asset_file, filings_carry_out
from mam.catalog.findings import findings_save
from mam.catalog.models import Correction, Filing
from mam.catalog.records import Findings
from mam.catalog.selectors import asset_get, collection_get, collections_list, taggings_of
from mam.catalog.services import collection_add, collection_create, collection_item_remove
from mam.timing import FrameRange
from tests import factories

pytestmark = pytest.mark.django_db
WHOLE = FrameRange(0, 1000)


def tags(asset_id: str) -> list[tuple[str, FrameRange, str]]:
    return [(item.tag, item.range, item.source) for item in taggings_of(asset_id)]


def test_a_probed_asset_is_put_into_collections_and_under_tags_as_a_whole() -> None:
    asset_id = str(factories.asset().pk)
    asset_file(asset_id, collections=["Berlin"], tags=["night", "day  2"])
    (item,) = collection_get("Berlin").items
    assert (item.asset_id, item.range) == (asset_id, WHOLE)
    assert sorted(tags(asset_id)) == [("day 2", WHOLE, "person"), ("night", WHOLE, "person")]
    assert {row.author_name for row in Correction.objects.all()} == {"folder"}
    assert not Filing.objects.filter(filed_at=None).exists()


def test_before_the_probe_it_is_remembered_and_then_done() -> None:
    row = factories.asset(probed=False)
    asset_file(str(row.pk), collections=["Berlin"], tags=["night"])
    assert not collections_list() and not tags(str(row.pk))
    row.rate_numerator, row.duration = 25, 1000
    row.save()
    filings_carry_out(str(row.pk))
    assert collection_get("Berlin").items[0].range == WHOLE
    assert tags(str(row.pk)) == [("night", WHOLE, "person")]


def test_said_again_it_is_not_done_again_though_a_person_took_it_back() -> None:
    asset_id = str(factories.asset().pk)
    for _ in range(2):
        asset_file(asset_id, collections=["Berlin"], tags=["night"])
    (item,) = collection_get("Berlin").items
    collection_item_remove(collection_get("Berlin").id, item.id)
    correction_undo(Correction.objects.get().pk, author=Author(None, "me"))
    asset_file(asset_id, collections=["Berlin"], tags=["night"])
    filings_carry_out(asset_id)
    assert not collection_get("Berlin").items
    assert not tags(asset_id)


def test_what_a_person_did_before_is_not_doubled_or_overruled() -> None:
    asset_id, me = str(factories.asset().pk), Author(None, "me")
    berlin = collection_create(name="Berlin")
    collection_add(berlin, asset_id=asset_id, range=WHOLE)
    tag_correct(
        asset_id,
        kind="refuse_tag",
        tag="Night",
        tag_kind="object",
        range=FrameRange(0, 5),
        author=me,
    )
    asset_file(asset_id, collections=["Berlin"], tags=["night"])
    assert len(collection_get("Berlin").items) == 1
    assert not tags(asset_id)


def test_a_new_look_at_the_asset_leaves_it_as_it_is() -> None:
    row = factories.asset()
    asset_file(str(row.pk), collections=["Berlin"], tags=["night"])
    for _ in range(2):
        findings_save(
            asset_id=str(row.pk),
            step="objects",
            version=1,
            inputs={},
            findings=Findings(),
            guard=lambda: None,
        )
    assert tags(str(row.pk)) == [("night", WHOLE, "person")]
    assert len(collection_get("Berlin").items) == 1
    assert asset_get(str(row.pk)).facts is not None


def test_long_and_empty_names_are_cut_or_left_out() -> None:
    asset_id = str(factories.asset().pk)
    asset_file(asset_id, collections=["x" * 300, " "], tags=["y" * 300, ""])
    assert [item.name for item in collections_list()] == ["x" * 200]
    assert [name for name, _, _ in tags(asset_id)] == ["y" * 200]
