"""Can everybody use every page? By axe-core, in both languages, wide and on a telephone."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Literal

import pytest
from playwright.sync_api import Page, expect

from data.store.accounts import Grant
from tests.journeys.browser import PHONE, WIDE
from tests.journeys.conftest import Come
from tests.journeys.house import House
from tests.journeys.screen import choose, drawn, go, grave, open_all, sign_in, too_wide

ROLES = ("schule", "beratung", "planung", "verwaltung")
LANGUAGES: tuple[Literal["de", "en"], ...] = ("de", "en")


def pages_of(page: Page) -> list[str]:
    """The addresses of all pages that somebody has, as the sidebar names them."""
    links = page.get_by_test_id("stSidebarNavLink")
    links.first.wait_for(state="attached")
    return [re.sub("^https?://[^/]+", "", str(one.get_attribute("href"))) for one in links.all()]


def open_a_person(page: Page) -> None:
    """From the counselor's list to the file of the first person in it."""
    page.get_by_test_id("stMain").get_by_role("button", name=", ").first.click()
    page.get_by_role("heading", level=2).first.wait_for()


def open_a_pupil(page: Page) -> None:
    """From the school's roll to one pupil of it."""
    choose(page, re.compile("Eine Person öffnen|Open one pupil"))
    page.get_by_role("heading", level=2).first.wait_for()


#: What opens only when somebody does something on a page, by the page's address.
OPENED: Mapping[str, Callable[[Page], None]] = {"/faelle": open_a_person, "/schueler": open_a_pupil}


def faults_of(page: Page, language: str) -> list[tuple[str, object]]:
    """What stands in somebody's way on the page that is open, everything on it unfolded."""
    page.set_viewport_size({"width": WIDE[0], "height": WIDE[1]})
    drawn(page)
    open_all(page)
    found: list[tuple[str, object]] = []
    if page.locator("html").get_attribute("lang") != language:
        found.append(("lang", page.locator("html").get_attribute("lang")))
    found += [("wide", one) for one in too_wide(page)]
    found += [("axe", one) for one in grave(page)]
    page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    found += [("phone", one) for one in too_wide(page)]
    page.set_viewport_size({"width": WIDE[0], "height": WIDE[1]})
    return found


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", ROLES)
def test_every_page_is_open_to_everybody(
    home: House, come: Come, name: str, language: Literal["de", "en"]
) -> None:
    page = sign_in(come(home, language), home, name)
    wrong: dict[str, object] = {}
    for path in pages_of(page):
        page.goto(home.address + path)
        wrong[path] = faults_of(page, language)
        for of, opened in OPENED.items():
            if path == of or (path == "/" and of == "/faelle" and name == "beratung"):
                page.goto(home.address + path)
                drawn(page)
                opened(page)
                wrong[f"{path} opened"] = faults_of(page, language)
    assert {path: faults for path, faults in wrong.items() if faults} == {}


def test_the_language_is_changed_for_good(home: House, come: Come) -> None:
    """On the page, in its shell, on the next page, after F5, and at the next sign-in."""
    name = home.take_in("lia", Grant("planner"))
    page = sign_in(come(home), home, name, "/plaene")

    def speaks(words: str) -> None:
        expect(page.get_by_role("heading", level=1)).to_have_text(words)
        expect(page.locator("html")).to_have_attribute("lang", "en")

    page.get_by_text("English", exact=True).click()
    speaks("Plans")
    expect(page).to_have_url(re.compile("/plaene.*lang=en"))
    drawn(page)
    go(page, "Hand over cases")
    speaks("Hand over cases")
    page.reload()
    speaks("Hand over cases")
    page = sign_in(come(home), home, name, "/plaene")
    speaks("Plans")
