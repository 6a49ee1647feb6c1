"""Correcting by the asset's page, without a script, and by the API."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest
from django.test import Client

from mam.catalog.models import Asset, Correction, Tagging
from mam.catalog.selectors import shots_of, taggings_of, transcript_of
from tests import factories

pytestmark = pytest.mark.django_db
API = "/api/v1/corrections/"
HOSTILE = "<script>alert(1)</script>\"'>&amp;\u202e:x"


@pytest.fixture
def clip(db: None) -> Asset:
    row = factories.asset("clip.mp4", duration=100)
    factories.shot(row, 0, 40)
    factories.shot(row, 40, 100, 2)
    factories.tag(row, "dog", 0, 40)
    factories.tag(row, "Bark", 10, 30, kind="sound")
    factories.segment(row, "so Gandolf said", 0, 30)
    return row


def page(client: Client, clip: Asset) -> str:
    answer = client.get(f"/assets/{clip.pk}/")
    assert answer.status_code == 200
    return answer.content.decode()


def press(client: Client, clip: Asset, **form: Any) -> int:
    return client.post(f"/assets/{clip.pk}/correct/", form).status_code


def send(client: Client, address: str = API, /, **said: Any) -> Any:
    answer = client.post(address, said, content_type="application/json")
    return answer.status_code, answer.json()


def tags(clip: Asset) -> list[tuple[str, str]]:
    return sorted((item.tag, item.source) for item in taggings_of(str(clip.pk)))


def test_the_buttons_beside_a_tag_confirm_and_refuse_it(admin_client: Client, clip: Asset) -> None:
    text = page(admin_client, clip)
    assert "found by a machine" in text and "(confirmed)" not in text
    buttons = dict(re.findall(r'name="(\w+_tag)" value="(0:40:object:dog)"', text))
    assert set(buttons) == {"confirm_tag", "refuse_tag"}
    press(admin_client, clip, confirm_tag=buttons["confirm_tag"], part="shots")
    assert tags(clip) == [("Bark", "test"), ("dog", "person")]
    assert "(confirmed)" in page(admin_client, clip)
    press(admin_client, clip, refuse_tag=buttons["refuse_tag"])
    press(admin_client, clip, refuse_tag="10:30:sound:Bark")
    assert tags(clip) == []
    text = page(admin_client, clip)
    assert "admin" in text and "refused the tag “dog”" in text


def test_forms_add_a_tag_mend_a_sentence_and_undo(admin_client: Client, clip: Asset) -> None:
    form = {"kind": "add_tag", "start": 40, "end": 100, "tag": "red lorry", "part": "shots"}
    answer = admin_client.post(f"/assets/{clip.pk}/correct/", form)
    assert answer["Location"] == f"/assets/{clip.pk}/#shots"
    assert ("red lorry", "person") in tags(clip)
    text = page(admin_client, clip)
    assert '<textarea name="text"' in text and ">so Gandolf said</textarea>" in text
    press(admin_client, clip, kind="mend_words", start=0, end=30, text="so Gandalf\r\nsaid")
    text = page(admin_client, clip)
    assert ">so Gandalf said</textarea>" in text and "mended “Gandolf” to “Gandalf”" in text
    press(admin_client, clip, kind="name_speaker", start=0, end=30, name=f"Tom {HOSTILE}")
    text = page(admin_client, clip)
    assert "<b>Tom &lt;script&gt;" in text and "<script>alert" not in text
    said = admin_client.get(f"/api/v1/transcript/?asset={clip.pk}").json()
    assert said["segments"][0]["speaker"] == f"Tom {HOSTILE}"
    for row in Correction.objects.all():
        assert f'name="undo" value="{row.pk}"' in text
        press(admin_client, clip, undo=row.pk)
    text = page(admin_client, clip)
    assert ">so Gandolf said</textarea>" in text and "undone by admin" in text
    assert 'name="undo" value' not in text
    assert tags(clip) == [("Bark", "test"), ("dog", "test")]


def starts(clip: Asset) -> list[int]:
    return [shot.range.start for shot in shots_of(str(clip.pk))]


def test_shots_are_split_merged_and_moved_by_forms(admin_client: Client, clip: Asset) -> None:
    Asset.objects.update(start=90000)  # 01:00:00:00
    press(admin_client, clip, kind="split_shot", at="01:00:00:10")
    press(admin_client, clip, kind="split_shot", at="@0.799999")  # a player on frame 20
    assert starts(clip) == [0, 10, 20, 40]
    press(admin_client, clip, kind="move_cut", start=40, at="01:00:02:00")
    assert starts(clip) == [0, 10, 20, 50]
    text = page(admin_client, clip)
    assert 'name="merge_shots" value="50"' in text and 'name="merge_shots" value="0"' not in text
    press(admin_client, clip, merge_shots=20)
    assert starts(clip) == [0, 10, 50]
    text = page(admin_client, clip)
    assert "moved the cut at frame 40 to frame 50" in text
    for form in (
        {"kind": "split_shot", "at": ""},
        {"kind": "split_shot", "at": "@x"},
        {"kind": "split_shot", "at": "@" + "9" * 50},
        {"kind": "move_cut", "start": "50", "at": "01:00:00:05"},
        {"merge_shots": "0"},
    ):
        assert press(admin_client, clip, **form) == 400, form
    place = {"asset_id": str(clip.pk), "start_frame": 10}
    assert send(admin_client, **place, kind="move_cut", to_frame=12)[0] == 201
    assert send(admin_client, **place, kind="merge_shots")[0] == 400
    assert starts(clip) == [0, 12, 50]


def rating(client: Client, clip: Asset) -> int:
    return int(client.get(f"/api/v1/assets/{clip.pk}/").json()["rating"])


def test_a_rating_and_markers_are_set_shown_and_taken_back(
    admin_client: Client, clip: Asset
) -> None:
    press(admin_client, clip, kind="rate", stars="3")
    press(admin_client, clip, kind="rate", stars="5", part="notes")
    assert rating(admin_client, clip) == 5
    assert '<option value="5" selected>' in page(admin_client, clip)
    place = {"asset_id": str(clip.pk), "start_frame": 10, "end_frame": 20}
    assert send(admin_client, **place, kind="rate", stars=1)[0] == 201
    assert rating(admin_client, clip) == 5  # that is of a range
    last = Correction.objects.filter(value__stars=5).get()
    press(admin_client, clip, undo=last.pk)
    assert rating(admin_client, clip) == 3
    press(admin_client, clip, kind="rate", stars="0")
    assert rating(admin_client, clip) == 0

    press(admin_client, clip, kind="mark", at="00:00:01:00", note=f"use this {HOSTILE}")
    _, made = send(admin_client, **place, kind="mark", note="and this")
    text = page(admin_client, clip)
    assert "use this &lt;script&gt;" in text and "Play the marker at 00:00:01:00" in text
    listed = admin_client.get(f"{API}?asset={clip.pk}&kind=mark&standing=1").json()["results"]
    assert [item["value"]["note"] for item in listed] == ["and this", f"use this {HOSTILE}"]
    assert (listed[1]["start_frame"], listed[1]["end_frame"]) == (25, 26)
    press(admin_client, clip, undo=made["id"])
    assert "Play the marker at 00:00:00:10" not in page(admin_client, clip)
    assert tags(clip) == [("Bark", "test"), ("dog", "test")] and starts(clip) == [0, 40]
    for form in (
        {"kind": "rate", "stars": "6"},
        {"kind": "rate", "stars": ""},
        {"kind": "mark", "at": "00:01:00:00"},
        {"kind": "mark", "at": "00:00:01:00", "note": "x" * 2001},
    ):
        assert press(admin_client, clip, **form) == 400, form
    for said in ({"kind": "add_tag", "tag": "x"}, {"kind": "rate"}, {"kind": "rate", "stars": -1}):
        assert send(admin_client, asset_id=str(clip.pk), **said)[0] == 400, said


def test_a_form_that_cannot_be_meant_is_answered_with_what_was_expected(
    admin_client: Client, clip: Asset
) -> None:
    for form in (
        {},
        {"confirm_tag": ""},
        {"confirm_tag": "0:40"},
        {"refuse_tag": "0:40:smell:dog"},
        {"refuse_tag": "40:0:object:dog"},
        {"refuse_tag": "٣:40:object:dog"},
        {"refuse_tag": f"0:{'9' * 30}:object:dog"},
        {"undo": "x"},
        {"kind": "mend_words", "start": "0", "end": "30", "text": "so Gandolf said"},
        {"kind": "nothing", "start": "0", "end": "30"},
    ):
        assert press(admin_client, clip, **form) == 400, form
    assert press(admin_client, clip, undo="999999") == 404
    assert not Correction.objects.exists()


def test_a_form_from_elsewhere_is_refused(clip: Asset, django_user_model: Any) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(django_user_model.objects.create_user("anna"))
    assert press(client, clip, confirm_tag="0:40:object:dog") == 403
    token = re.search(r'csrfmiddlewaretoken" value="(\w+)"', page(client, clip))
    assert token is not None
    form = {"confirm_tag": "0:40:object:dog", "csrfmiddlewaretoken": token[1]}
    assert press(client, clip, **form) == 302
    assert Correction.objects.get().author_name == "anna"


def test_what_people_write_is_never_a_part_of_the_page(admin_client: Client, clip: Asset) -> None:
    press(admin_client, clip, kind="add_tag", start=0, end=40, tag=HOSTILE)
    press(admin_client, clip, kind="mend_words", start=0, end=30, text=f"</textarea>{HOSTILE}")
    text = page(admin_client, clip)
    assert "<script>alert" not in text and "\"'>&amp;" not in text
    assert "&lt;script&gt;alert(1)" in text and "\\u202e" in text
    # The button of a tag with colons in it says that tag.
    [value] = re.findall(r'name="refuse_tag" value="(0:40:vocabulary:[^"]*)"', text)
    press(admin_client, clip, refuse_tag=html.unescape(value))
    assert ("dog", "test") in tags(clip) and len(tags(clip)) == 2


def test_the_api_says_lists_and_undoes(admin_client: Client, clip: Asset) -> None:
    place: dict[str, Any] = {"asset_id": str(clip.pk), "start_frame": 0, "end_frame": 40}
    code, made = send(admin_client, **place, kind="refuse_tag", tag="dog", tag_kind="object")
    assert code == 201
    assert made["author"] == "admin" and made["in_words"] == "refused the tag “dog”"
    assert made["value"] == {"tag": "dog", "kind": "object"} and made["undone_at"] is None
    code, mended = send(admin_client, **place, kind="mend_words", text="so Gandalf said")
    assert code == 201
    transcript = transcript_of(str(clip.pk))
    assert transcript is not None and transcript.segments[0].text == "so Gandalf said"
    code, undone = send(admin_client, f"{API}{made['id']}/undo/")
    assert code == 200 and undone["undone_by"] == "admin" and undone["undone_at"]
    assert send(admin_client, f"{API}{made['id']}/undo/")[0] == 409

    def listed(query: str = "") -> list[int]:
        found = admin_client.get(f"{API}?asset={clip.pk}{query}").json()
        return [item["id"] for item in found["results"]]

    assert listed() == [mended["id"], made["id"]]
    assert listed("&standing=1") == [mended["id"]]
    shots = admin_client.get(f"/api/v1/shots/?asset={clip.pk}").json()["results"]
    [tag] = [tag for tag in shots[0]["tags"] if tag["name"] == "dog"]
    assert tag["confirmed"] is False and Tagging.objects.filter(tag__name="dog").exists()


def test_the_api_refuses_what_it_cannot_carry_out(admin_client: Client, clip: Asset) -> None:
    place: dict[str, Any] = {
        "asset_id": str(clip.pk),
        "start_frame": 0,
        "end_frame": 40,
        "kind": "add_tag",
    }
    assert send(admin_client, **{**place, "end_frame": 10**30}, tag="x")[0] == 400
    assert send(admin_client, **{**place, "start_frame": -1}, tag="x")[0] == 400
    assert send(admin_client, **{**place, "start_frame": 50}, tag="x")[0] == 400
    assert send(admin_client, **{**place, "asset_id": "nobody"}, tag="x")[0] == 404
    assert send(admin_client, **{**place, "kind": "improve"})[0] == 400
    assert send(admin_client, **place, tag="x\0" * 300)[0] == 400
    assert admin_client.get(API).status_code == 400
    assert admin_client.get(f"{API}?asset=nobody").status_code == 404
    assert admin_client.post(f"{API}{10**17}/undo/").status_code == 404
    assert not Correction.objects.exists()
