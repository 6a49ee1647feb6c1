"""The page in a real Chromium, through the running service: what a person sees, clicks and gets.

Clips are made here, so that this needs no media; words that find them stand in their names.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from zipfile import ZipFile

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Dialog,
    Page,
    Response,
    expect,
    sync_playwright,
)

from tests.journey.browsing import ARGUMENTS, asset_page, lantern, search, sign_in, until
from tests.journey.conftest import USER, Service
from tests.media import sound_clip

pytestmark = [pytest.mark.journey, pytest.mark.browser, pytest.mark.timeout(900)]

HOSTILE = "<img src=x onerror=alert(1)> \u202egpm lantern.mp4"


@pytest.fixture(scope="module")
def clips(service: Service, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three clips with `lantern` in their names, indexed."""
    folder = tmp_path_factory.mktemp("clips")
    lantern(folder / "brass lantern.mp4", "red", "blue", "white")
    lantern(folder / "paper lantern.mp4", "yellow", "black")
    lantern(folder / HOSTILE, "green", "gray")
    lines = service.lines("ingest", str(folder), "--wait")
    assert {line["status"] for line in lines} == {"indexed"}, lines
    return folder


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    program = shutil.which("chromium")
    if not program:
        pytest.skip("needs chromium (Debian: apt install chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def context(chromium: Browser, service: Service, clips: Path) -> Iterator[BrowserContext]:
    """A browser that is signed in."""
    context = chromium.new_context(viewport={"width": 1280, "height": 800})
    context.set_default_timeout(60_000)
    page = context.new_page()
    sign_in(page, service)
    page.close()
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """A tab whose console stays free of errors, refused scripts and styles, and dialogs."""
    page = context.new_page()
    trouble: list[str] = []

    def heard(line: ConsoleMessage) -> None:
        if line.type in ("error", "warning"):
            trouble.append(line.text)

    def asked(dialog: Dialog) -> None:
        trouble.append(f"a dialog: {dialog.message}")
        dialog.dismiss()

    page.on("console", heard)
    page.on("pageerror", lambda error: trouble.append(str(error)))
    page.on("dialog", asked)
    yield page
    page.close()
    assert trouble == []


def test_a_stranger_signs_in_and_lands_where_he_wanted_to_go(
    chromium: Browser, service: Service
) -> None:
    page = chromium.new_page()
    page.goto(service.url + "/jobs/")
    page.get_by_label("Name").fill(USER)
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("correct username and password")
    sign_in(page, service, "/jobs/")
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/sign-in/*")
    page.close()


def test_the_library_shows_posters_lengths_and_states(page: Page, service: Service) -> None:
    page.goto(service.url + "/")
    tile = page.get_by_role("listitem").filter(has_text="brass lantern.mp4")
    expect(tile).to_contain_text("0:00:06")
    expect(tile).to_contain_text("indexed")
    until(page, "[...document.querySelectorAll('img.poster')].every(i => i.naturalWidth)")
    page.get_by_label("File name").fill("paper lan")
    expect(page.get_by_text("brass lantern.mp4")).to_have_count(0)
    expect(page.get_by_role("link", name="paper lantern.mp4")).to_be_visible()
    assert "name=paper" in page.url


def test_the_player_really_plays_and_asks_for_ranges(page: Page, service: Service) -> None:
    statuses: list[int] = []

    def heard(answer: Response) -> None:
        if answer.url.endswith("/proxy"):
            statuses.append(answer.status)

    page.on("response", heard)
    asset_page(page, service, "brass lantern.mp4")
    player = page.locator("#player")
    player.evaluate("video => video.play()")
    until(page, "document.querySelector('#player').currentTime > 0.5")
    assert player.evaluate("video => video.videoWidth") == 640
    assert player.evaluate("video => video.getVideoPlaybackQuality().totalVideoFrames") > 5
    assert set(statuses) == {206}
    proxy = page.request.get(player.evaluate("video => video.src")).body()
    assert b"avc1" in proxy and b"mp4a" in proxy


def test_a_click_on_a_shot_plays_that_shot_to_its_last_frame(page: Page, service: Service) -> None:
    asset_page(page, service, "brass lantern.mp4")
    shots = page.get_by_role("link", name=re.compile("^Play shot"))
    expect(shots).to_have_count(3)
    shots.nth(1).click()
    until(page, "document.querySelector('#player').currentTime > 2")
    until(page, "document.querySelector('#player').paused")
    assert page.locator("#player").evaluate("video => video.currentTime") == pytest.approx(
        3.99, abs=0.001
    )
    # The picture that stands there is blue, the second shot's.
    colour = page.locator("#player").evaluate(
        """video => { const canvas = document.createElement('canvas');
            canvas.width = canvas.height = 1;
            const pen = canvas.getContext('2d');
            pen.drawImage(video, 0, 0, 1, 1);
            return [...pen.getImageData(0, 0, 1, 1).data]; }"""
    )
    assert colour[2] > 180 and colour[0] < 60


def test_a_shot_is_split_at_the_picture_in_the_player_and_the_split_undone(
    page: Page, service: Service
) -> None:
    asset_page(page, service, "paper lantern.mp4")
    address = page.url
    page.goto(address + "?from=1.01&to=1.02")
    until(page, "document.querySelector('#player').currentTime >= 1.01")
    until(page, "document.querySelector('#player').paused")
    page.get_by_text("Correct", exact=True).first.click()
    page.get_by_role("button", name="Split").first.click()
    page.wait_for_url(address + "#shots")
    shots = page.get_by_role("link", name=re.compile("^Play shot"))
    expect(shots).to_have_count(3)
    expect(page.get_by_text("split the shot at frame 25")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.set_viewport_size({"width": 390, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.get_by_role("button", name="Undo: split the shot").click()
    expect(shots).to_have_count(2)
    expect(page.get_by_text("undone by")).to_be_visible()


def test_a_range_in_the_address_is_where_the_player_stands(page: Page, service: Service) -> None:
    asset_page(page, service, "brass lantern.mp4")
    page.goto(page.url + "?from=4.5&to=5")
    until(page, "document.querySelector('#player').currentTime >= 4.5")
    assert page.locator("#player").evaluate("video => video.currentTime") <= 5.001


def test_hits_are_played_in_place_ticked_trimmed_and_cut(
    page: Page, service: Service, tmp_path: Path
) -> None:
    page.goto(service.url + "/")
    search(page, "brass lantern")
    hit = page.get_by_role("listitem").filter(has_text="brass lantern.mp4").first
    expect(hit.get_by_role("list", name="Why")).to_contain_text("lantern")
    hit.get_by_role("link", name=re.compile("^Play")).click()
    until(page, "document.querySelector('video.inplace').currentTime > 0.2")

    search(page, "lantern")
    for name in ("brass lantern.mp4", "paper lantern.mp4"):
        hit = page.locator(".hit").filter(has_text=name).first
        hit.get_by_role("checkbox").check()
        hit.get_by_label("In", exact=True).fill("00:00:00:00")
        hit.get_by_label("Out", exact=True).fill("00:00:01:10")
    page.get_by_label("Cut as").fill("Two lanterns")
    page.get_by_role("button", name="Cut", exact=True).click()
    page.wait_for_url("**/timelines/*/")
    rows = page.locator("table.cut tbody tr")
    expect(rows).to_have_count(2)
    first = rows.nth(0).inner_text()
    assert "01:00:00:00" in first and "01:00:01:10" in first and "00:00:01:10" in first
    before = [name.strip() for name in page.locator("table.cut bdi").all_inner_texts()]
    rows.nth(0).get_by_role("button", name="later").click()
    expect(page.locator("table.cut bdi").first).to_have_text(before[1])

    with page.expect_download() as waiting:
        page.get_by_role("button", name=re.compile("EDL")).click()
    # A zip: the file, and a report of the reel names that an EDL has no room for.
    assert waiting.value.suggested_filename == "Two lanterns.zip"
    waiting.value.save_as(tmp_path / "cut.zip")
    with ZipFile(tmp_path / "cut.zip") as files:
        edl = files.read("Two lanterns.edl").decode()
    assert edl.startswith("TITLE: Two lanterns") and edl.count("* FROM CLIP NAME:") >= 2
    assert "01:00:01:10 01:00:02:20" in edl

    page.get_by_label("Name", exact=True).fill("Renamed")
    page.get_by_role("button", name="Rename").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Renamed")
    page.get_by_text("Delete…").click()
    page.get_by_role("button", name="Delete it for good").click()
    page.wait_for_url("**/timelines/")
    expect(page.get_by_role("link", name="Renamed")).to_have_count(0)


def test_a_hit_goes_to_a_new_collection_and_a_cut_comes_from_it(
    page: Page, service: Service
) -> None:
    page.goto(service.url + "/search/?q=paper+lantern")
    page.locator(".hit").first.get_by_role("checkbox").check()
    page.get_by_label("Name of a new collection").fill("Lights")
    page.get_by_role("button", name="Collect").click()
    page.wait_for_url("**/collections/*/")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Lights 1 range")
    page.locator("a.play").first.click()
    until(page, "document.querySelector('video.inplace').currentTime > 0")
    page.get_by_label("Cut from it, named").fill("From lights")
    page.get_by_role("button", name="Assemble").click()
    page.wait_for_url("**/timelines/*/")
    expect(page.locator("table.cut tbody tr")).not_to_have_count(0)


def test_an_upload_is_indexed_before_ones_eyes(
    page: Page, service: Service, tmp_path: Path
) -> None:
    clip = sound_clip(tmp_path / 'a "quoted" hum.wav', seconds=3)
    page.goto(service.url + "/")
    page.get_by_label("Upload footage").set_input_files(clip)
    page.get_by_role("button", name="Upload", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text('a "quoted" hum.wav is being indexed')
    tile = page.locator(".tile").filter(has_text='a "quoted" hum.wav')
    expect(tile.locator(".state")).to_have_text("indexed", timeout=300_000)


def test_the_jobs_page_moves_without_taking_the_focus(page: Page, service: Service) -> None:
    page.goto(service.url + "/jobs/")
    expect(page.locator("table.jobs").last).to_contain_text("done")
    page.locator("#state-failed").focus()
    for _ in range(2):
        with page.expect_response(lambda answer: "/jobs/" in answer.url) as polled:
            pass
        assert "<html" not in polled.value.text()
    assert page.evaluate("document.activeElement.id") == "state-failed"


def test_what_a_name_holds_is_text(page: Page, service: Service) -> None:
    for address in ("/", "/search/?q=lantern", "/jobs/"):
        page.goto(service.url + address)
        expect(page.get_by_text("<img src=x onerror=alert(1)>").first).to_be_visible()
        assert page.locator("img[onerror]").count() == 0
    asset_page(page, service, "onerror")
    expect(page.get_by_role("heading", level=1)).to_contain_text("\\u202egpm lantern.mp4")


@pytest.mark.parametrize(
    "address", ["/", "/search/?q=lantern", "/collections/", "/timelines/", "/jobs/"]
)
def test_a_narrow_screen_scrolls_one_way(page: Page, service: Service, address: str) -> None:
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto(service.url + address)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_the_keyboard_reaches_search_and_content(page: Page, service: Service) -> None:
    page.goto(service.url + "/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("/")
    expect(page.get_by_label("Search the library")).to_be_focused()


def test_search_by_the_keyboard_and_the_parts_of_a_query(page: Page, service: Service) -> None:
    page.goto(service.url + "/")
    search(page, "lantern")
    search(page, "lantern -brass kind:video")
    brass = page.locator(".hit").filter(has_text="brass lantern.mp4")
    expect(brass).to_have_count(0)
    asked = page.get_by_role("list", name="What was asked")
    asked.get_by_role("button", name="-brass").click()
    box = page.get_by_label("Search the library")
    expect(box).to_be_focused()
    assert box.evaluate("box => box.value.slice(box.selectionStart, box.selectionEnd)") == "-brass"
    asked.get_by_role("link", name="Without -brass").click()
    expect(brass.first).to_be_visible()
    assert page.get_by_label("Search the library").input_value() == "lantern kind:video"

    page.keyboard.press("/")
    page.keyboard.press("ArrowUp")  # what stands there was asked last: the one before comes
    expect(box).to_have_value("lantern -brass kind:video")
    page.keyboard.press("ArrowUp")
    expect(box).to_have_value("lantern")
    page.keyboard.press("Escape")

    box.blur()
    page.get_by_placeholder("named").fill("By the keyboard")
    page.locator("h1").click()
    for _ in range(2):
        page.keyboard.press("j")
        page.keyboard.press("c")
        expect(page.locator(".hit:focus-within .collected")).to_have_text("collected")
    page.keyboard.press("Enter")
    until(page, "document.querySelector('.hit video.inplace')?.currentTime > 0.1")
    page.goto(service.url + "/collections/")
    page.get_by_role("link", name="By the keyboard").click()
    expect(page.get_by_role("link", name=re.compile("^Play"))).to_have_count(2)


def test_a_pointer_over_a_picture_goes_through_the_hit(page: Page, service: Service) -> None:
    page.goto(service.url + "/")
    search(page, "brass lantern")
    picture = page.locator(".hit .play").first
    place = picture.bounding_box()
    assert place is not None
    seen = []
    for share in (0.05, 0.95):
        page.mouse.move(place["x"] + share * place["width"], place["y"] + place["height"] / 2)
        tile = picture.locator(".scrub > span")
        expect(tile).to_be_visible()
        seen.append(tile.evaluate("tile => tile.style.backgroundPosition"))
    assert seen[0] != seen[1]
    page.mouse.move(1, 1)
    expect(picture.locator(".scrub")).to_have_count(0)


def test_the_whole_way_without_a_script(chromium: Browser, service: Service, clips: Path) -> None:
    context = chromium.new_context(java_script_enabled=False, accept_downloads=True)
    page = context.new_page()
    sign_in(page, service)
    page.get_by_label("File name").fill("brass")
    page.get_by_role("button", name="Filter").click()
    expect(page.get_by_text("paper lantern.mp4")).to_have_count(0)
    search(page, "brass lantern")
    page.get_by_role("link", name=re.compile("^Play")).first.click()
    page.wait_for_url("**/assets/*/?from=*")
    assert re.search(r"/proxy#t=[\d.]+,[\d.]+$", page.locator("#player").get_attribute("src") or "")
    page.go_back()
    page.get_by_role("checkbox").first.check()
    page.get_by_label("Cut as").fill("No script")
    page.get_by_role("button", name="Cut", exact=True).click()
    page.wait_for_url("**/timelines/*/")
    with page.expect_download() as waiting:
        page.get_by_role("button", name=re.compile("^OpenTimelineIO")).click()
    assert waiting.value.suggested_filename.startswith("No script.")
    page.get_by_role("button", name="Remove").first.click()
    expect(page.get_by_text("No clips")).to_be_visible()
    page.goto(service.url + "/jobs/")
    expect(page.get_by_role("heading", name="Attempts")).to_be_visible()
    context.close()
