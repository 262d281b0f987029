"""Do the journeys' own means hold? A missing browser is told, and a call to elsewhere noticed."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.journeys.browser import PHONE, WIDE, lacking, visit
from tests.journeys.house import House
from views.tables import STYLE, Column, table_html


def test_a_missing_browser_fails_in_ci_and_is_told_elsewhere(tmp_path: Path) -> None:
    there, nowhere = tmp_path / "chromium", tmp_path / "nowhere"
    there.touch()
    assert lacking(there, {}) is None and lacking(there, {"CI": "true"}) is None
    assert lacking(nowhere, {}) == f"no browser at {nowhere}"
    with pytest.raises(FileNotFoundError):
        lacking(nowhere, {"CI": "true"})


def test_a_call_to_elsewhere_is_noticed(home: House, browser: Browser) -> None:
    """Both ways: what left the house, and what the browser would not let leave it."""
    elsewhere = home.address.replace("127.0.0.1", "localhost")

    def go(address: str, script: str) -> None:
        with visit(browser, home.address) as context:
            page = context.new_page()
            page.goto(f"{address}/anmelden")
            page.evaluate(script)

    go(home.address, "null")
    with pytest.raises(AssertionError, match="localhost"):
        go(elsewhere, "null")
    with pytest.raises(AssertionError, match="Content Security Policy"):
        go(home.address, f"fetch('{elsewhere}/').catch(() => null)")


def test_a_table_that_goes_on_says_so_on_a_telephone(browser: Browser) -> None:
    """A shadow at the right edge, until its end is reached; on a wide screen there is none."""
    columns = [Column(f"Überschrift {n}") for n in range(9)]
    page = browser.new_page(viewport={"width": PHONE[0], "height": PHONE[1]})
    page.set_content(STYLE + table_html(columns, [["Wort"] * 9], "Probe", "de"))
    table = page.locator(".table")

    def edge() -> bytes:
        """The last pixels of the table, below its words."""
        box = table.bounding_box()
        assert box is not None
        right = box["x"] + box["width"]
        return page.screenshot(clip={"x": right - 4, "y": box["y"] + 4, "width": 4, "height": 4})

    going_on = edge()
    table.evaluate("one => one.scrollLeft = one.scrollWidth")
    assert edge() != going_on
    page.set_viewport_size({"width": WIDE[0], "height": WIDE[1]})
    assert table.evaluate("one => getComputedStyle(one).backgroundImage") == "none"
    page.close()
