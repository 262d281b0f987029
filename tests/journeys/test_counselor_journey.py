"""Does a counselor's override come through? From the list by its price to a letter in the hand."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Page, expect

from office.demo_season import SENDER
from tests.journeys.conftest import Come
from tests.journeys.house import House
from tests.journeys.papers import read_aloud, taken
from tests.journeys.screen import choose, drawn, heading, sign_in

#: A person's name in the list: surname, first name.
NAMED = re.compile(r"^[^,:]+, [^,:]+$")

PROPOSED = "Im nächsten Plan vorgeschlagen"

WHY = "Hat dort zur Probe gearbeitet"


def test_an_override_has_its_price_and_ends_in_a_letter(
    house: House, come: Come, tmp_path: Path
) -> None:
    page = sign_in(come(house), house, "beratung", "/faelle")
    name = somebody_with_a_proposal(page)
    place = judged_and_priced(page)
    decided(page)
    sent(page, place)
    page.get_by_role("button", name="Brief schreiben").click()
    words = read_aloud(taken(page, "Brief herunterladen (PDF)", tmp_path))
    surname, first = name.split(", ")
    assert first in words and surname in words
    assert place.rpartition(", ")[2] in words, "the firm that was decided on"
    assert "KI-System" in words, "the use of AI"
    assert "Der Weg dauert etwa" in words, "the reasons"
    assert "widersprechen" in words and "Ansprechperson" in words, "whom to ask"
    assert SENDER.phone in words and SENDER.email in words


def somebody_with_a_proposal(page: Page) -> str:
    """Open whoever stands first among those to be handled; returns their name."""
    page.get_by_test_id("stMain").get_by_text(re.compile(r"^Zu bearbeiten \(")).click()
    drawn(page)
    person = page.get_by_test_id("stMain").get_by_role("button", name=NAMED).first
    name = person.inner_text()
    person.click()
    heading(page, "Wo es steht").wait_for()
    drawn(page)
    expect(page.get_by_text("im Plan, noch nicht verschickt").first).to_be_visible()
    return name


def judged_and_priced(page: Page) -> str:
    """Another place than the plan's: one's own judgement first, then the price; returns the place.

    Nothing can be decided before its price has been seen.
    """
    places = page.get_by_role("region", name="Angebote, die möglich sind")
    other = places.get_by_role("row").filter(has_not_text=PROPOSED).nth(1)
    place = other.get_by_role("rowheader").inner_text()
    choose(page, "Angebot", place, which=-1)
    expect(page.get_by_role("button", name="Entscheiden")).to_have_count(0)
    expect(page.get_by_text("Chance auf einen Vertrag")).to_have_count(0)
    page.get_by_text("Passt gut", exact=True).click()
    expect(page.get_by_text("Chance auf einen Vertrag").first).to_be_visible()
    drawn(page)
    page.get_by_role("button", name="Was würde das kosten?").click()
    price = r"Erwartete Vermittlungen: [\d.,]+ → [\d.,]+ \("
    expect(page.get_by_text(re.compile(price))).to_be_visible()
    expect(page.get_by_text(re.compile(r"Chance des Ziels: .+ → "))).to_be_visible()
    others = re.compile("Andere, deren Vorschlag sich ändert: [0-9]|Für niemand anderen ändert")
    expect(page.get_by_text(others)).to_be_visible()
    return place


def decided(page: Page) -> None:
    page.get_by_label("Begründung", exact=True).last.fill(WHY)
    page.get_by_role("button", name="Entscheiden").click()
    expect(page.get_by_text("Entschieden. Der nächste Plan hält sich daran").first).to_be_visible()
    drawn(page)
    ruled = page.get_by_role("region", name="Was für diese Person entschieden wurde")
    expect(ruled.get_by_role("row").filter(has_text=WHY)).to_contain_text("beratung")


def sent(page: Page, place: str) -> None:
    choose(page, "Angebot", place)
    page.get_by_label("Begründung", exact=True).first.fill(WHY)
    page.get_by_role("button", name="Verschicken").click()
    expect(page.get_by_text("Verschickt.")).to_be_visible()
    drawn(page)
