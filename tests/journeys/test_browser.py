"""Do the journeys' own means hold? A missing browser is told, and a call to elsewhere noticed."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.journeys.browser import lacking, visit
from tests.journeys.house import House


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
