"""What tests in a browser do again and again."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page

from tests.journey.conftest import PASSWORD, USER, Service
from tests.media import AAC, H264, make, tone

ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


def lantern(path: Path, *colours: str) -> Path:
    """Two seconds of each colour, cut hard, with a tone."""
    inputs = [
        part
        for colour in colours
        for part in ("-f", "lavfi", "-i", f"color=c={colour}:s=640x360:r=25:d=2")
    ]
    graph = "".join(f"[{number}:v]" for number in range(len(colours))) + f"concat=n={len(colours)}"
    sound = ("-f", "lavfi", "-i", tone(2.0 * len(colours)))
    return make(
        path, *inputs, *sound, "-filter_complex", graph, "-map", f"{len(colours)}:a", *AAC, *H264
    )


def sign_in(page: Page, service: Service, to: str = "/") -> None:
    page.goto(service.url + to)
    page.get_by_label("Name").fill(USER)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(service.url + to)


def until(page: Page, expression: str) -> None:
    """Wait for it to be true; Playwright's own wait needs eval, which our policy forbids."""
    for _ in range(1200):
        if page.evaluate(expression):
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"Never true: {expression}")


def asset_page(page: Page, service: Service, name: str) -> None:
    page.goto(service.url + "/")
    page.get_by_role("link", name=name).click()
    page.wait_for_url("**/assets/*/")


def search(page: Page, words: str) -> None:
    page.get_by_label("Search the library").fill(words)
    page.keyboard.press("Enter")
    page.wait_for_url("**/search/?q=*")
