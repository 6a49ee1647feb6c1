"""Pages of the library, assets and collections, without a script."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.http import QueryDict
from django.test import Client

from mam.catalog.choosing import ranges_chosen
from mam.catalog.models import Asset, Collection, Keyframe, Rendition
from mam.catalog.presenting import play_range
from mam.errors import BadRequest
from mam.timing import FrameRange, FrameRate
from tests import factories

pytestmark = pytest.mark.django_db
NTSC = FrameRate.of(30000, 1001)
HOSTILE = "<script>alert(1)</script>\"'>&amp;\n\u202egpm.mp4"


def text_of(client: Client, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status
    return answer.content.decode()


def with_file(row: Asset, home: Path, recipe: str = "proxy", data: bytes = b"0123456789") -> None:
    (home / recipe).write_bytes(data)
    (home / recipe).rename(home / f"{recipe}.mp4")
    Rendition.objects.create(
        analysis=factories.analysis(row, "proxy"),
        asset=row,
        recipe=recipe,
        version=1,
        path=f"{recipe}.mp4",
    )


def test_the_library_shows_each_file_with_its_length_and_state(admin_client: Client) -> None:
    factories.asset("a.mov", duration=25 * 3725)
    text = text_of(admin_client, "/")
    assert "a.mov" in text and "1:02:05" in text and "queued" in text
    assert 'enctype="multipart/form-data"' in text


def test_the_library_can_be_narrowed_and_says_when_nothing_fits(admin_client: Client) -> None:
    factories.asset("beach.mov")
    factories.asset("city.mov")
    text = text_of(admin_client, "/?name=BEA")
    assert "beach.mov" in text and "city.mov" not in text
    assert "No file name has" in text_of(admin_client, "/?name=none")
    part = admin_client.get("/?name=bea", headers={"HX-Request": "true", "HX-Target": "tiles"})
    assert "<html" not in part.content.decode() and "beach.mov" in part.content.decode()
    assert "HX-Target" in part["Vary"]


def test_a_removed_file_can_be_taken_back_from_the_page(admin_client: Client) -> None:
    row = factories.asset("a.mov")
    admin_client.post(f"/assets/{row.pk}/remove/")
    assert "a.mov" not in text_of(admin_client, "/").split("<main")[1].split("notice")[-1]
    assert "a.mov" in text_of(admin_client, "/?removed=1")
    admin_client.post(f"/assets/{row.pk}/restore/")
    assert Asset.objects.get().removed_at is None


def test_the_page_of_an_asset_has_player_shots_tags_and_transcript(
    admin_client: Client, home: Path
) -> None:
    row = factories.asset("a.mov", rate=NTSC, start=107892, drop_frame=True)
    with_file(row, home)
    factories.shot(row, 30, 90)
    factories.tag(row, "dog", 30, 90)
    factories.segment(row, "good dog", 30, 60)
    factories.screen_text(row, "EXIT", 0, 30)
    factories.tag(row, "Bark", 30, 60, kind="sound")
    text = text_of(admin_client, f"/assets/{row.pk}/")
    assert f'src="/media/{row.pk}/proxy"' in text
    for part in ("dog", "good dog", "EXIT", "Bark", "01:00:01;00 – 01:00:03;00", "29.97 fps"):
        assert part in text
    play = play_range(NTSC, 30, 90)
    assert f'?from={play["from"]}&amp;to={play["to"]}"' in text


def test_until_shots_are_known_the_pictures_of_a_first_look_are_shown(
    admin_client: Client,
) -> None:
    row = factories.asset("a.mov")
    assert "No picture yet" in text_of(admin_client, "/")
    looked = factories.analysis(row, "first_look")
    for frame in (100, 350):
        Keyframe.objects.create(
            analysis=looked, asset=row, start=frame, end=frame + 1, frame=frame, path="k.jpg"
        )
    assert f'src="/media/{row.pk}/frame/0.jpg"' in text_of(admin_client, "/")
    text = text_of(admin_client, f"/assets/{row.pk}/")
    assert f'src="/media/{row.pk}/frame/350.jpg"' in text and "00:00:14:00" in text
    factories.shot(row, 0, 500)
    assert "First look" not in text_of(admin_client, f"/assets/{row.pk}/")


def test_a_range_in_the_address_reaches_the_player_without_a_script(
    admin_client: Client, home: Path
) -> None:
    row = factories.asset("a.mov")
    with_file(row, home)
    address = f"/assets/{row.pk}/"
    assert 'proxy#t=1.5,4.25"' in text_of(admin_client, address + "?from=1.5&to=4.25")
    for odd in ("?from=x&to=1", '?from=1"onerror=x', "?from=-1", "?from=1e9"):
        assert "#t=" not in text_of(admin_client, address + odd)


def test_seconds_for_a_player_lie_inside_the_first_and_last_frame() -> None:
    for rate in (NTSC, FrameRate.of(24), FrameRate.of(120)):
        for frame in (0, 1, 99_999):
            play = play_range(rate, frame, frame + 2)
            assert int(float(play["from"]) * rate.value) == frame
            assert int(float(play["to"]) * rate.value) == frame + 1


def test_proxies_are_served_by_ranges_and_masters_never(admin_client: Client, home: Path) -> None:
    row = factories.asset("a.mov")
    with_file(row, home)
    address = f"/media/{row.pk}/proxy"
    answer = admin_client.get(address, headers={"Range": "bytes=2-4"})
    assert (answer.status_code, b"".join(answer.streaming_content)) == (206, b"234")  # type: ignore[attr-defined]
    assert answer["Content-Type"] == "video/mp4"
    for other in ("original", "master", "..%2f..%2fsecret-key"):
        assert admin_client.get(f"/media/{row.pk}/{other}").status_code == 404


def test_a_shot_has_its_keyframe_and_any_frame_the_nearest(
    admin_client: Client, home: Path
) -> None:
    row = factories.asset("a.mov")
    for frame, start, end in ((10, 0, 50), (60, 50, 100)):
        (home / f"{frame}.jpg").write_bytes(b"%d" % frame)
        Keyframe.objects.create(
            analysis=factories.analysis(row, "keyframes"),
            asset=row, frame=frame, start=start, end=end, path=f"{frame}.jpg",
        )  # fmt: skip
    for frame, shown in ((0, b"10"), (49, b"10"), (50, b"60"), (999, b"60"), (10**25, b"60")):
        answer = admin_client.get(f"/media/{row.pk}/frame/{frame}.jpg")
        assert b"".join(answer.streaming_content) == shown, frame  # type: ignore[attr-defined]
    bare = factories.asset("bare.mov")
    assert admin_client.get(f"/media/{bare.pk}/frame/0.jpg").status_code == 404


@pytest.fixture
def hostile(home: Path) -> Asset:
    row = factories.asset(HOSTILE, reel=HOSTILE)
    with_file(row, home)
    factories.shot(row, 0, 50)
    for kind in ("object", "sound"):
        factories.tag(row, HOSTILE, 0, 50, kind=kind)
    factories.segment(row, HOSTILE, 0, 50)
    factories.screen_text(row, HOSTILE, 0, 50)
    return row


def test_what_a_file_says_is_never_a_part_of_the_page(admin_client: Client, hostile: Asset) -> None:
    chosen = {"range": f"{hostile.pk}:0:50", "new": HOSTILE, "name": HOSTILE}
    collection = admin_client.post("/collections/add/", chosen)["Location"]
    timeline = admin_client.post("/timelines/new/", chosen)["Location"]
    for address in (
        "/", f"/assets/{hostile.pk}/", "/search/?q=script", "/search/?q=%3Cscript%3Ealert(1)",
        "/collections/", collection, "/timelines/", timeline, "/jobs/", "/?name=%3Cscript%3E",
    ):  # fmt: skip
        text = text_of(admin_client, address)
        assert "<script>alert" not in text, address
        assert "\"'>&amp;" not in text, address
    for address in ("/", f"/assets/{hostile.pk}/", collection, timeline):
        text = text_of(admin_client, address)
        assert "&lt;script&gt;alert(1)" in text
        # What turns writing round is seen: `\u202egpm.mp4` would pose as `4pm.mpg`.
        assert "\\u202egpm.mp4" in text, address


def test_a_collection_is_made_filled_arranged_renamed_and_deleted_by_forms(
    admin_client: Client,
) -> None:
    row = factories.asset("a.mov")
    picked = [f"{row.pk}:0:50", f"{row.pk}:100:150", f"{row.pk}:200:250"]
    address = admin_client.post("/collections/add/", {"range": picked, "new": "Best"})["Location"]
    collection = Collection.objects.get()

    def starts() -> list[int]:
        return list(collection.items.values_list("start", flat=True))

    def change(**form: Any) -> int:
        return admin_client.post(address + "change/", form).status_code

    ids = [str(pk) for pk in collection.items.values_list("pk", flat=True)]
    assert starts() == [0, 100, 200]
    assert change(up=ids[2]) == change(down=ids[0]) == 302
    assert starts() == [200, 0, 100]
    change(remove=ids[1])
    assert starts() == [200, 0]
    assert change(up="nonsense") == 302
    assert change(remove=ids[1]) == 404
    change(name="Worst")
    assert "Worst" in text_of(admin_client, "/collections/")
    assert change(name=" ") == 400
    assert change(delete="1") == 302
    assert not Collection.objects.exists()


def test_collecting_is_all_or_nothing_and_says_what_is_missing(admin_client: Client) -> None:
    row = factories.asset("a.mov", duration=100)
    for form in (
        {"new": "a"},
        {"range": f"{row.pk}:0:50"},
        {"range": [f"{row.pk}:0:50", f"{row.pk}:0:500"], "new": "a"},
        {"range": "nonsense", "new": "a"},
    ):
        assert admin_client.post("/collections/add/", form).status_code == 400
    assert not Collection.objects.exists()


def chosen(**form: str) -> list[tuple[str, FrameRange]]:
    wanted = QueryDict(mutable=True)
    for key, value in form.items():
        wanted[key] = value
    return ranges_chosen(wanted)


def test_in_and_out_points_that_a_person_set_are_taken() -> None:
    row = factories.asset("a.mov", rate=NTSC, duration=3000, start=107892, drop_frame=True)
    key = f"{row.pk}:0:300"
    assert chosen(range=key) == [(str(row.pk), FrameRange(0, 300))]
    form = {"range": key, f"in:{key}": "01:00:01;00", f"out:{key}": "01:00:02:15"}
    assert chosen(**form) == [(str(row.pk), FrameRange(30, 75))]
    for edge, value in (
        ("in", "25:61:00:00"),
        ("out", "x"),
        ("out", "01:00:00;00"),
        ("in", "01:01:00;00"),
    ):
        with pytest.raises(BadRequest):
            chosen(**{"range": key, f"{edge}:{key}": value})


def test_points_that_nobody_touched_move_nothing() -> None:
    row = factories.asset("a.wav", kind="audio", rate=FrameRate.of(44100), duration=10**7)
    key = f"{row.pk}:12345:678901"
    form = {"range": key, f"in:{key}": "00:00:00.280", f"out:{key}": "00:00:15.395"}
    assert chosen(**form) == [(str(row.pk), FrameRange(12345, 678901))]
    form[f"out:{key}"] = "00:00:15.000"
    assert chosen(**form) == [(str(row.pk), FrameRange(12345, 661500))]


def test_a_clip_that_runs_over_midnight_counts_on() -> None:
    day = 24 * 3600 * 25
    row = factories.asset("night.mov", start=day - 50, duration=200)
    key = f"{row.pk}:0:200"
    form = {"range": key, f"in:{key}": "23:59:59:00", f"out:{key}": "00:00:01:00"}
    assert chosen(**form) == [(str(row.pk), FrameRange(25, 75))]
