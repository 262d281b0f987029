"""Can all of it be done without a mouse? In, to a person, an answer written down, and out."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.journeys.conftest import Come
from tests.journeys.house import PASSWORD, House
from tests.journeys.screen import drawn, heading, tab_to


def test_an_answer_is_written_down_by_keyboard_alone(home: House, come: Come) -> None:
    """Tab, Enter, space and arrows, and what is typed; nothing is clicked."""
    page = come(home).new_page()
    page.goto(home.address)
    expect(page.get_by_label("Benutzername")).to_be_focused()
    page.keyboard.type("kollegium")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    drawn(page)
    main = page.get_by_test_id("stMain")

    tab_to(page, main.get_by_role("radio", name=re.compile(r"^Alle \(")))
    page.keyboard.press("ArrowRight")
    drawn(page)
    expect(main.get_by_role("radio", name=re.compile(r"^Zu bearbeiten \("))).to_be_checked()
    tab_to(page, main.get_by_role("button", name=re.compile(r"^[^,:]+, [^,:]+$")).first)
    page.keyboard.press("Enter")
    heading(page, "Wo es steht").wait_for()
    drawn(page)

    what = main.get_by_role("combobox", name="Was geschehen ist")
    tab_to(page, what)
    page.keyboard.press("ArrowDown")
    page.get_by_role("option", name="Vorstellungsgespräch").wait_for()
    page.keyboard.type("Vorst")
    page.keyboard.press("Enter")
    drawn(page)
    expect(what).to_have_value(re.compile("Vorstellungsgespräch"))
    tab_to(page, main.get_by_role("button", name="Eintragen", exact=True))
    page.keyboard.press("Enter")
    expect(page.get_by_text("Eingetragen.")).to_be_visible()
    drawn(page)
    happened = main.get_by_role("region", name="Was mit dieser Person geschehen ist")
    expect(happened.get_by_role("row").nth(1)).to_contain_text("kollegium")

    tab_to(page, page.get_by_role("button", name="Abmelden"))
    page.keyboard.press("Space")
    expect(page.get_by_role("status")).to_have_text("Sie sind abgemeldet.")
