"""Examples by the page, the API and the command."""

from __future__ import annotations

import json
import os
from io import StringIO
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import Client
from pytest_django import Settings

from mam.options import Options, Search
from search.examples import example_get
from search.models import Example
from search.presenting import chips, with_example
from search.query import parse
from tests import factories
from tests.search.examples import kept, reading, user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fakes", "by_text")]


@pytest.fixture
def by_text(settings: Settings, tmp_path: Path) -> None:
    settings.EXAMPLE_READER = "tests.search.test_example.reader"
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path / "arriving")
    (tmp_path / "arriving").mkdir()


@pytest.fixture
def browser() -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(user())
    return client


def file(text: str = "harbour", name: str = "mine.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, text.encode(), "image/jpeg")


def test_the_api_takes_tells_and_forgets(browser: Client, tmp_path: Path) -> None:
    made = browser.post("/api/v1/examples/", {"file": file()}, format="multipart")
    assert made.status_code == 201, made.content
    told = made.json()
    assert told["query"] == f"like:example:{told['id']}"
    assert (told["name"], told["kind"], told["spaces"]) == ("mine.jpg", "image", ["sentence"])
    assert browser.get(f"/api/v1/examples/{told['id']}/").json() == told
    assert not any((tmp_path / "arriving").iterdir())  # its bytes are not kept
    stranger = Client()
    stranger.force_login(user("ben"))
    assert stranger.delete(f"/api/v1/examples/{told['id']}/").status_code == 400
    assert browser.delete(f"/api/v1/examples/{told['id']}/").status_code == 204
    assert browser.get(f"/api/v1/examples/{told['id']}/").status_code == 404


@pytest.mark.parametrize("text", ["broken"])
def test_the_api_says_why_it_cannot_be_read(browser: Client, text: str) -> None:
    answer = browser.post("/api/v1/examples/", {"file": file(text)}, format="multipart")
    assert (answer.status_code, answer.json()["detail"]) == (422, "It is broken.")
    assert browser.post("/api/v1/examples/", {}, format="multipart").status_code == 400


def test_what_is_too_large_is_refused_while_it_arrives(
    browser: Client, settings: Settings, tmp_path: Path
) -> None:
    settings.OPTIONS = Options(search=Search(example_limit=1000))
    answer = browser.post("/api/v1/examples/", {"file": file("x" * 2000)}, format="multipart")
    assert answer.status_code == 400 and "larger than 1000 bytes" in answer.json()["detail"]
    assert not any((tmp_path / "arriving").iterdir())
    page = browser.post("/search/examples/", {"file": file("x" * 2000), "q": "dog"}, follow=True)
    assert page.status_code == 200 and "larger than 1000 bytes" in page.content.decode()


def test_the_page_takes_one_beside_what_is_asked_and_shows_it(browser: Client) -> None:
    form = {"file": file("harbour ship", "A < B.jpg"), "q": "tag:ship"}
    answer = browser.post("/search/examples/", form)
    [row] = Example.objects.all()
    assert answer.status_code == 302
    Example.objects.update(picture=b"JPEG")
    page = browser.get(answer["Location"]).content.decode()
    assert f'data-part="like:example:{row.pk}"' in page and "like A &lt; B.jpg" in page
    assert f'src="/search/examples/{row.pk}/picture/"' in page
    picture = browser.get(f"/search/examples/{row.pk}/picture/")
    assert (picture.content, picture["Content-Type"]) == (b"JPEG", "image/jpeg")
    assert browser.get("/search/examples/0123/picture/").status_code == 404


def test_the_page_says_why_not_and_keeps_what_was_asked(browser: Client) -> None:
    page = browser.post("/search/examples/", {"file": file("broken"), "q": "dog"}, follow=True)
    text = page.content.decode()
    assert "mine.jpg: It is broken." in text and 'value="dog"' in text
    empty = browser.post("/search/examples/", {}, follow=True)
    assert "Choose a picture, a sound or a movie first." in empty.content.decode()


def test_a_form_of_another_site_brings_nothing() -> None:
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    client.force_login(user())
    assert client.post("/search/examples/", {"file": file()}).status_code == 403
    assert not Example.objects.exists()


def test_a_new_one_stands_in_the_place_of_the_last_and_keeps_its_words() -> None:
    one, two = kept(reading("a")), kept(reading("b"), name="two.jpg")
    assert with_example(parse(""), one) == one.query
    assert with_example(parse("dog rate:25"), one) == f"{one.query} dog rate:25"
    assert with_example(parse(f"{one.query} dog"), two) == f"{two.query} dog"
    assert with_example(parse(f"dog {one.query} + night"), two) == f"{two.query} + night dog"
    assert with_example(parse("a OR b"), one) == f"{one.query} (a OR b)"
    [chip, _] = chips(parse(f"{two.query} + night dog"), {two.text: two})
    assert (chip.shown, chip.examples) == ("like two.jpg + night", (two,))


def test_the_command_reads_a_file_and_takes_words_beside_it(tmp_path: Path) -> None:
    row = factories.asset("ship.mov")
    factories.tag(row, "harbour", 0, 100)
    path = tmp_path / "mine.jpg"
    path.write_text("harbour")
    out, err = StringIO(), StringIO()
    call_command("search", "+", "night", like=str(path), stdout=out, stderr=err)
    [example] = Example.objects.all()
    assert f"mine.jpg (like:example:{example.pk})" in err.getvalue()
    assert example_get(example.pk).brought_by is None
    assert "Nothing was found" in out.getvalue()
    os.mkfifo(tmp_path / "pipe")
    for bad, why in (
        (tmp_path / "none.jpg", "No such file"),
        (tmp_path, "not a plain file"),
        (tmp_path / "pipe", "not a plain file"),
    ):
        with pytest.raises(CommandError, match=why):
            call_command("search", like=str(bad))
    with pytest.raises(CommandError, match="Say what is to be found"):
        call_command("search")


def test_what_the_api_says_is_json_whatever_was_read(browser: Client) -> None:
    example = kept(reading("a", texts=("\ud7ff<b>",)))
    assert json.loads(browser.get(f"/api/v1/examples/{example.id}/").content)["texts"]
