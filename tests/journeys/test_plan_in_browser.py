"""Does the first page hold in a real browser? Wide and narrow, in both languages, for everybody."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Page, expect

from tests.journeys.browser import CHROMIUM, opened, running

pytestmark = pytest.mark.skipif(
    not CHROMIUM.exists() and "CI" not in os.environ, reason="chromium is not installed"
)

#: WCAG 2.2 AA: what a public office must meet (BITV 2.0, EN 301 549).
_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]

_TITLES = {"de": "Der Plan von heute und das Ziel", "en": "Today\u2019s plan and the target"}

expect.set_options(timeout=30_000)

_SHAPES = {"wide": (1280, 900), "phone": (390, 844)}


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with running() as address:
        yield address


@pytest.fixture(scope="module")
def browser() -> Iterator[BrowserContext]:
    with opened() as browser:
        yield browser


@pytest.fixture
def page(browser: BrowserContext) -> Iterator[Page]:
    page = browser.new_page()
    page.set_default_timeout(60_000)
    yield page
    page.close()


def _open(page: Page, address: str) -> None:
    """Open the plan and wait until all of it is there, the charts included."""
    page.goto(address)
    page.get_by_test_id("stCode").wait_for()
    for chart in page.get_by_test_id("stVegaLiteChart").all():
        chart.locator("svg, canvas").first.wait_for()


@pytest.mark.parametrize("shape", _SHAPES)
@pytest.mark.parametrize("language", _TITLES)
def test_the_plan_can_be_read_and_calls_nobody(
    page: Page, address: str, language: str, shape: str
) -> None:
    """Nothing leaves the house: every request of the page goes to the server that sent it."""
    width, height = _SHAPES[shape]
    page.set_viewport_size({"width": width, "height": height})
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("websocket", lambda socket: asked.append(socket.url))
    _open(page, f"{address}/?lang={language}")
    expect(page.get_by_role("heading", level=1)).to_have_text(_TITLES[language])
    expect(page.get_by_test_id("stMetric")).to_have_count(4)
    expect(page.get_by_test_id("stMetric").nth(1)).to_contain_text("550")
    maps = page.get_by_test_id("stVegaLiteChart").last
    assert maps.locator("svg path, canvas").count() > 0
    hosts = {urlsplit(url).hostname for url in asked if not url.startswith(("data:", "blob:"))}
    assert hosts == {"127.0.0.1"}, asked
    inner = page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth")
    assert inner <= width
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("shape", _SHAPES)
def test_nothing_serious_stands_in_anybodys_way(page: Page, address: str, shape: str) -> None:
    width, height = _SHAPES[shape]
    page.set_viewport_size({"width": width, "height": height})
    _open(page, f"{address}/?lang=de")
    for part in page.get_by_test_id("stExpander").all():
        part.locator("summary").click()
    page.get_by_text("Pseudonym", exact=True).first.wait_for()
    found = Axe().run(page, options={"runOnly": {"type": "tag", "values": _TAGS}}).response
    grave = [
        (one["id"], one["impact"], [node["html"][:200] for node in one["nodes"]])
        for one in found["violations"]
        if one["impact"] in {"serious", "critical"}
    ]
    assert found["passes"], "axe looked at nothing"
    assert grave == []


def test_the_language_can_be_switched_by_keyboard_and_stays(page: Page, address: str) -> None:
    """German at first; the choice stands in the address, so that it holds when it is shared."""
    _open(page, address)
    expect(page.get_by_role("heading", level=1)).to_have_text(_TITLES["de"])
    german = page.get_by_role("radio", name="Deutsch")
    for _ in range(12):
        page.keyboard.press("Tab")
        if german.evaluate("radio => radio === document.activeElement"):
            break
    else:
        pytest.fail("the language switch can't be reached by keyboard")
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("heading", level=1)).to_have_text(_TITLES["en"])
    expect(page).to_have_url(re.compile("lang=en"))
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text(_TITLES["en"])


def test_the_scarce_district_says_what_is_missing(page: Page, address: str) -> None:
    _open(page, f"{address}/?lang=en")
    page.get_by_role("combobox").first.click()
    page.get_by_role("option", name="invented, fewer openings than people").click()
    page.get_by_text("Probably, but not surely enough.").wait_for()
    expect(page.get_by_text("expected placements are missing")).to_be_visible()
