"""What does somebody do at a screen? Signs in, goes to a page, waits until it is drawn, and looks.

Things are found by what they are and what they are called, as people find them.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from re import Pattern
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Locator, Page, expect
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from tests.journeys.house import PASSWORD, House

#: WCAG 2.2 AA: what a public office must meet (BITV 2.0, EN 301 549).
_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]

#: What axe-core finds and we can't mend: a rule, a piece of the markup, and why.
TOLERATED: Mapping[tuple[str, str], str] = {
    ("target-size", 'role="spinbutton"'): "Streamlit's own date field: day, month and year are "
    "parts of one field, which is large enough; arrows lead from one to the next.",
}

#: A page whose script has come to its end, and how long the longest may take when all work at once.
_STANDS, _LONG = '[data-test-script-state="notRunning"]', 90_000


def fill_in(page: Page, name: str, password: str = PASSWORD) -> None:
    """Fill in the form at the door, which is German here, and send it."""
    page.get_by_label("Benutzername").fill(name)
    page.get_by_label("Passwort").fill(password)
    page.get_by_role("button", name="Anmelden").click()


def sign_in(context: BrowserContext, house: House, name: str, path: str = "/") -> Page:
    """Come to a page of the house and sign in for it, in whatever language the door speaks."""
    page = context.new_page()
    page.goto(house.address + path)
    page.locator("input[autocomplete=username]").fill(name)
    page.locator("input[autocomplete=current-password]").fill(PASSWORD)
    page.locator("main button").click()
    drawn(page)
    return page


def go(page: Page, name: str) -> None:
    """Go to another of one's pages by its name in the sidebar."""
    page.get_by_test_id("stSidebarNav").get_by_role("link", name=name, exact=True).click()
    drawn(page)


def drawn(page: Page) -> None:
    """Wait until the page stands: meanwhile parts of the last one may stand there still."""
    page.get_by_test_id("stSidebar").or_(
        page.get_by_test_id("stSidebarCollapsedControl")
    ).first.wait_for(state="attached")
    page.wait_for_timeout(250)
    page.locator(_STANDS).wait_for(state="attached", timeout=_LONG)
    page.locator("[data-stale=true]").first.wait_for(state="detached")


def heading(page: Page, name: str) -> Locator:
    """A heading of the page."""
    return page.get_by_role("heading", name=name)


def choose(
    page: Page, label: str | Pattern[str], option: str | None = None, which: int = 0
) -> None:
    """Choose from a list by its label; whatever stands first in it where no `option` is named."""
    box = page.get_by_role("combobox", name=label).nth(which)
    offered = page.get_by_role("option").filter(has_text=option).first
    box.click()
    with suppress(PlaywrightTimeout):
        offered.wait_for(timeout=2_000)
    if not offered.is_visible():  # a list that was drawn anew meanwhile is shut again
        box.press("ArrowDown")
    offered.click()
    drawn(page)


def open_all(page: Page) -> None:
    """Unfold whatever is folded on the page."""
    page.evaluate(
        "document.querySelectorAll('[data-testid=stMain] details:not([open]) > summary')"
        ".forEach(one => one.click())"
    )
    drawn(page)


def grave(page: Page) -> list[tuple[str, list[str]]]:
    """What axe-core finds that would shut somebody out, once nothing is faded any more."""
    found: dict[str, Any] = (
        Axe()
        .run(
            page,
            options={"runOnly": {"type": "tag", "values": _TAGS}, "resultTypes": ["violations"]},
        )
        .response
    )
    assert found["passes"], "axe looked at nothing"
    return [
        (one["id"], marked)
        for one in found["violations"]
        if one["impact"] in {"serious", "critical"}
        if (marked := [node["html"][:200] for node in one["nodes"] if not _known(one["id"], node)])
    ]


def _known(rule: str, node: Mapping[str, Any]) -> bool:
    return any(rule == of and piece in node["html"] for of, piece in TOLERATED)


def too_wide(page: Page) -> list[str]:
    """What stands out of the screen to the side, once the charts have taken its width."""
    found: list[str] = []
    for _ in range(12):
        found = page.evaluate(_WIDE)
        if not found:
            break
        page.wait_for_timeout(250)
    return found


_WIDE = """() => {
  const main = document.querySelector('[data-testid=stMain]') || document.documentElement;
  const root = document.documentElement;
  if (main.scrollWidth <= main.clientWidth && root.scrollWidth <= root.clientWidth) return [];
  const edge = main.getBoundingClientRect().right + 1;
  return [...main.querySelectorAll('*')]
    .filter(one => one.getBoundingClientRect().right > edge)
    .map(one => one.tagName + ' ' + (one.dataset.testid || one.className) + ' ' +
      one.textContent.slice(0, 60)).slice(0, 12);
}"""


def tab_to(page: Page, wanted: Locator, most: int = 150) -> None:
    """Reach something by the tabulator alone."""
    wanted.wait_for()
    for _ in range(most):
        if wanted.evaluate("one => one === document.activeElement"):
            return
        page.keyboard.press("Tab")
    expect(wanted).to_be_focused(timeout=1)
