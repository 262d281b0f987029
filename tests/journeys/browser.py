"""How does a journey get a browser? Debian's chromium, one a worker, that calls nobody.

Every journey has a context of its own, and whatever its pages ask for is written down: at its end
nothing may have left the house, nor been kept from leaving it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Request, sync_playwright

CHROMIUM = Path("/usr/bin/chromium")

#: How long the slowest step may take here, in milliseconds: the machines are shared.
PATIENCE = 30_000

#: Without these the browser itself calls home, and a sandbox is not to be had as root.
_FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

#: The screens that every page must fit: an office's, and a telephone's.
WIDE, PHONE = (1280, 900), (390, 844)


def lacking(file: Path, surroundings: Mapping[str, str]) -> str | None:
    """Why the journeys can't be made; raises `FileNotFoundError` where they must be made."""
    if file.exists():
        return None
    if surroundings.get("CI"):
        raise FileNotFoundError(f"no browser at {file}, and the journeys must be made here")
    return f"no browser at {file}"


@contextmanager
def chromium() -> Iterator[Browser]:
    """The browser, until the end of the block."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, headless=True, args=_FLAGS)
        try:
            yield browser
        finally:
            browser.close()


@dataclass
class Watch:
    """What the pages of a context asked for, and what the browser would not let them.

    What a page of `other` asks for is that house's own business.
    """

    other: str
    hosts: set[str] = field(default_factory=set)
    refused: list[str] = field(default_factory=list)

    def follow(self, context: BrowserContext) -> None:
        """Write down every request and every connection from now on."""
        context.on("request", self._asked)
        context.on("page", lambda page: page.on("websocket", lambda one: self._note(one.url)))
        context.on("console", self._complained)

    def _asked(self, request: Request) -> None:
        by = "" if request.is_navigation_request() else urlsplit(request.frame.url).netloc
        if not self.other or by != self.other:
            self._note(request.url)

    def _note(self, url: str) -> None:
        if not url.startswith(("data:", "blob:", "about:")):
            self.hosts.add(urlsplit(url).netloc)

    def _complained(self, told: ConsoleMessage) -> None:
        # The shell's own one-line script is for robots that render pages; it is not let run.
        if "Content Security Policy" in told.text and "inline script" not in told.text:
            self.refused.append(told.text)


@contextmanager
def visit(
    browser: Browser,
    house: str,
    language: Literal["de", "en"] = "de",
    screen: tuple[int, int] = WIDE,
    also: str = "",
) -> Iterator[BrowserContext]:
    """A browser of somebody who was never here: no cookies, a language, a screen.

    At the end nothing may have been asked of anybody but the `house`, and `also` where that is the
    address of an identity provider.
    """
    locale = {"de": "de-DE", "en": "en-GB"}[language]
    width, height = screen
    context = browser.new_context(locale=locale, viewport={"width": width, "height": height})
    context.set_default_timeout(PATIENCE)
    watch = Watch(urlsplit(also).netloc)
    watch.follow(context)
    try:
        yield context
    finally:
        context.close()
    assert watch.hosts <= {urlsplit(house).netloc, watch.other}, watch.hosts
    assert not watch.refused, watch.refused
