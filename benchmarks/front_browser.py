"""And in a real browser? The time from a click on a page's name to its heading, on the sample."""

from __future__ import annotations

import os
from statistics import median
from time import perf_counter

from playwright.sync_api import Page, sync_playwright

from benchmarks.front_served import served
from benchmarks.front_store import PASSWORD
from benchmarks.page import Section, seconds, table

#: Debian's own; another one is named by the environment.
CHROMIUM = os.environ.get("UEBERGANG_CHROMIUM", "/usr/bin/chromium")

_FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
_LINK = '[data-testid="stSidebarNavLink"]'

#: How often each page is gone to.
_ROUNDS = 3


def in_a_browser(store: str, port: int, rounds: int = _ROUNDS) -> Section:
    """A planner's, a counselor's and a school's first page, loaded anew and gone to by a click."""
    rows = []
    with served(store, port) as at, sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=_FLAGS)
        for name in ("planung1", "beratung1", "schule1"):
            context = browser.new_context(locale="de-DE", viewport={"width": 1280, "height": 900})
            window = context.new_page()
            window.goto(f"{at.home}/anmelden")
            window.locator("input[name=name]").fill(name)
            window.locator("input[name=password]").fill(PASSWORD)
            window.locator("form button").first.click()
            first = _heading(window, "", perf_counter())
            loads, clicks = [], []
            for _ in range(rounds):
                began = perf_counter()
                window.goto(at.home)
                loads.append(_heading(window, "", began))
                clicks += _clicks(window)
            title = window.locator("h1").first.inner_text()
            cells = (first, median(loads), median(clicks), max(clicks))
            rows.append([f"“{title}”", *(seconds(one) for one in cells)])
            context.close()
        browser.close()
    return Section(
        "In a real browser",
        "Chromium without a window, on the sample and on the same cores as the server: until the "
        "heading of the page stands there. “First” is after the sign-in, with nothing loaded yet; "
        "“loaded anew” brings the program of the page along, too; “click” goes to another page of "
        "the same reader in the open window.",
        table=table(["page", "first", "loaded anew", "click", "slowest click"], rows),
    )


def _clicks(window: Page) -> list[float]:
    """To the other page and back, each by a click on its name."""
    times = []
    for number in (1, 0):
        before = window.locator("h1").first.inner_text()
        began = perf_counter()
        window.locator(_LINK).nth(number).click()
        times.append(_heading(window, before, began))
    return times


def _heading(window: Page, before: str, began: float) -> float:
    """Seconds until there is a heading, another one than before."""
    window.wait_for_function(
        "before => { const h = document.querySelector('h1');"
        " return h && h.innerText && h.innerText !== before; }",
        arg=before,
        timeout=60_000,
    )
    return perf_counter() - began
