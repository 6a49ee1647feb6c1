"""Media comes in over HTTP: by form, by body, by the page, by path; and what is refused."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http.response import HttpResponseBase
from django.test import Client
from pytest_django import Settings

from mam.catalog.models import Asset, Location
from mam.options import BytesOrPercent
from tests.media import sound_clip

pytestmark = pytest.mark.django_db
URL = "/api/v1/uploads/"
ODD = '<b>"Ünï" 100% &amp; 🎬.wav'


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return sound_clip(tmp_path_factory.mktemp("up") / "a.wav", seconds=1).read_bytes()


@pytest.fixture(autouse=True)
def arriving(settings: Settings, home: Path) -> Iterator[Path]:
    """Where uploads lie while they arrive; nothing may be left there."""
    place = home / "uploads" / "arriving"
    place.mkdir(parents=True)
    settings.FILE_UPLOAD_TEMP_DIR = str(place)
    yield place
    assert list(place.iterdir()) == []


def bounded(settings: Settings, **limits: int) -> None:
    options = settings.OPTIONS
    web = {key: value for key, value in limits.items() if key == "upload_limit"}
    places = {key: BytesOrPercent(value) for key, value in limits.items() if key == "free_space"}
    settings.OPTIONS = replace(
        options, web=replace(options.web, **web), places=replace(options.places, **places)
    )


def by_form(client: Client, data: bytes, name: str = "a.wav") -> HttpResponseBase:
    return client.post(URL, {"file": SimpleUploadedFile(name, data)})


def by_body(client: Client, data: bytes, name: str = "a.wav") -> HttpResponseBase:
    return client.generic(
        "POST",
        URL,
        data,
        content_type="application/octet-stream",
        query_params={"name": name},
        CONTENT_LENGTH=str(len(data)),
    )


def read(answer: HttpResponseBase) -> Any:
    return json.loads(answer.content)  # type: ignore[attr-defined]


@pytest.mark.parametrize("send", [by_form, by_body])
def test_an_upload_is_kept_whole_under_its_own_name(
    admin_client: Client, home: Path, sound: bytes, send: Any
) -> None:
    answer = send(admin_client, sound)
    assert answer.status_code == 201
    found = read(answer)
    assert (found["name"], found["duplicate"]) == ("a.wav", False)
    assert (home / "uploads" / found["asset_id"] / "a.wav").read_bytes() == sound
    asset = Asset.objects.get(pk=found["asset_id"])
    assert (asset.origin, asset.size) == ("upload", len(sound))


def test_odd_names_are_kept_as_they_are(admin_client: Client, home: Path, sound: bytes) -> None:
    found = read(by_body(admin_client, sound, ODD))
    assert found["name"] == ODD
    assert os.listdir(home / "uploads" / found["asset_id"]) == [ODD]


def test_a_quote_in_a_name_survives_a_browsers_form(admin_client: Client, sound: bytes) -> None:
    body = (
        b'--x\r\nContent-Disposition: form-data; name="file"; filename="say %22hi%22.wav"\r\n\r\n'
        + sound
        + b"\r\n--x--\r\n"
    )
    answer = admin_client.post(URL, body, content_type="multipart/form-data; boundary=x")
    assert read(answer)["name"] == 'say "hi".wav'


def test_what_a_killed_server_left_of_a_form_is_swept_by_the_next_upload(
    admin_client: Client, arriving: Path, sound: bytes
) -> None:
    left = arriving / "tmpx.upload.wav"
    left.write_bytes(b"half")
    os.utime(left, (1, 1))
    by_body(admin_client, sound)
    assert not left.exists()


@pytest.mark.parametrize("name", ["../../etc/a.wav", "/etc/a.wav", "..\\a.wav", "a\0/../a.wav"])
def test_no_name_leads_out_of_its_folder(
    admin_client: Client, home: Path, sound: bytes, name: str
) -> None:
    found = read(by_body(admin_client, sound, name))
    assert (home / "uploads" / found["asset_id"] / "a.wav").is_file()


@pytest.mark.parametrize("again", [by_form, by_body])
def test_the_same_bytes_are_the_same_asset_and_are_kept_once(
    admin_client: Client, home: Path, sound: bytes, again: Any
) -> None:
    first, second = read(by_body(admin_client, sound)), read(again(admin_client, sound, "b.wav"))
    assert second == first | {"duplicate": True}
    assert [path.name for path in (home / "uploads").rglob("*.wav")] == ["a.wav"]


@pytest.mark.parametrize("send", [by_form, by_body])
@pytest.mark.parametrize(
    ("data", "name"), [(b"hello " * 50, "a.mp4"), (b"", "a.mp4"), (b"notes", "notes.txt")]
)
def test_what_is_no_media_is_refused_with_the_reason(
    admin_client: Client, home: Path, send: Any, data: bytes, name: str
) -> None:
    answer = send(admin_client, data, name)
    assert answer.status_code == 422, answer.content
    assert len(read(answer)["detail"]) > 20
    assert not Asset.objects.exists()
    assert [path for path in home.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize("send", [by_form, by_body])
def test_too_much_is_refused_and_says_how_much_is_taken(
    admin_client: Client, settings: Settings, sound: bytes, send: Any
) -> None:
    bounded(settings, upload_limit=1000)
    answer = send(admin_client, sound)
    assert answer.status_code == 400
    assert "1000 bytes" in read(answer)["detail"]


@pytest.mark.parametrize("send", [by_form, by_body])
def test_a_full_disk_is_told_as_such(
    admin_client: Client, settings: Settings, home: Path, sound: bytes, send: Any
) -> None:
    bounded(settings, free_space=shutil.disk_usage(home).total)
    answer = send(admin_client, sound)
    assert answer.status_code == 507
    assert "make room" in read(answer)["detail"]


def test_a_form_without_a_file_and_a_body_without_a_name(admin_client: Client) -> None:
    assert admin_client.post(URL, {"other": "x"}).status_code == 400
    answer = admin_client.post(URL, b"x", content_type="application/octet-stream")
    assert answer.status_code == 400
    assert "?name=" in read(answer)["detail"]


def test_a_body_of_unknown_length_is_asked_for_its_length(admin_client: Client) -> None:
    answer = admin_client.generic(
        "POST", URL + "?name=a.wav", b"", content_type="application/octet-stream"
    )
    assert answer.status_code == 400
    assert "Content-Length" in read(answer)["detail"]


def test_the_page_takes_several_files_and_says_of_each_what_became_of_it(
    admin_client: Client, sound: bytes
) -> None:
    files = [
        SimpleUploadedFile("good.wav", sound),
        SimpleUploadedFile("bad<i>.mp4", b"hello " * 50),
        SimpleUploadedFile("again.wav", sound),
    ]
    answer = admin_client.post("/upload/", {"file": files}, follow=True)
    text = answer.content.decode()
    assert "good.wav is being indexed." in text
    assert "good.wav was here already." in text
    assert "bad&lt;i&gt;.mp4: " in text and "<i>" not in text


def test_a_form_that_is_too_large_gets_a_page(
    admin_client: Client, settings: Settings, sound: bytes
) -> None:
    bounded(settings, upload_limit=1000)
    answer = admin_client.post("/upload/", {"file": SimpleUploadedFile("a.wav", sound)})
    assert (answer.status_code, b"larger than" in answer.content) == (400, True)


def test_the_pages_form_must_come_from_the_page(admin_user: Any, sound: bytes) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(admin_user)
    file = SimpleUploadedFile("a.wav", sound)
    assert client.post("/upload/", {"file": file}).status_code == 403
    client.get("/")
    token = client.cookies["csrftoken"].value
    file.seek(0)
    form = {"file": file, "csrfmiddlewaretoken": token}
    assert client.post("/upload/", form).status_code == 302
    assert Asset.objects.count() == 1


@pytest.mark.parametrize("address", ["/sign-in/", "/upload/", "/collections/new/", URL])
def test_strangers_and_other_addresses_write_no_file(
    client: Client, home: Path, address: str, monkeypatch: pytest.MonkeyPatch, sound: bytes
) -> None:
    def written(*_: object, **__: object) -> None:
        raise AssertionError("A file was taken.")

    monkeypatch.setattr("mam.web.receiving.BoundedUpload.new_file", written)
    answer = client.post(address, {"file": SimpleUploadedFile("a.wav", sound)})
    assert answer.status_code in (200, 302, 401)


def test_a_file_of_the_server_is_taken_below_an_allowed_folder_only(
    admin_client: Client, settings: Settings, tmp_path: Path, sound: bytes
) -> None:
    root, outside = tmp_path / "root", tmp_path / "outside.wav"
    root.mkdir()
    outside.write_bytes(sound)
    (root / "in.wav").write_bytes(sound)
    (root / "link.wav").symlink_to(outside)
    options = settings.OPTIONS
    settings.OPTIONS = replace(options, places=replace(options.places, allowed_roots=(root,)))

    def take(path: object) -> HttpResponseBase:
        return admin_client.post(
            "/api/v1/ingest/", {"path": str(path)}, content_type="application/json"
        )

    for path in (outside, root / "link.wav", root / ".." / "outside.wav", "/etc/passwd", root):
        assert take(path).status_code in (403, 422), path
    assert not Asset.objects.exists()
    assert take(root / "in.wav").status_code == 201
    assert Location.objects.get().shown_path == str(root / "in.wav")
