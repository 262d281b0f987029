"""Does an administrator keep the house? A newcomer, an import taken back, the log, a backup."""

from __future__ import annotations

import re

from playwright.sync_api import BrowserContext, Page, expect

from data.intake.reading import Upload
from office.access import User
from office.intake_desk import IntakeDesk
from office.settings import Settings
from tests.journeys.conftest import Come
from tests.journeys.house import House
from tests.journeys.screen import choose, drawn, fill_in, go, sign_in

OWN = "drei Enten im Regen"
NEWCOMER = "ida"
SCHOOL = "999088"


def test_a_newcomer_an_undo_the_log_and_a_backup(house: House, come: Come) -> None:
    page = sign_in(come(house), house, "verwaltung")
    password = taken_in(page)
    signed_in(come(house), house, password)
    take_back(page, handed_in(house))
    log_is_whole(page)
    backed_up(page)


def taken_in(page: Page) -> str:
    """A new account; its password is shown now and never again."""
    page.get_by_role("textbox", name=re.compile("Name für die Anmeldung")).fill(NEWCOMER)
    page.get_by_test_id("stMain").get_by_text("Planung", exact=True).last.click()
    page.get_by_role("button", name="Konto anlegen und Passwort anzeigen").click()
    expect(page.get_by_text(f"Einmal-Passwort von {NEWCOMER}")).to_be_visible()
    password = page.get_by_text(re.compile(r"^(\w{4}-){3}\w{4}$")).inner_text()
    everybody = page.get_by_role("region", name="Alle, die ein Konto haben")
    expect(everybody.get_by_role("row").filter(has_text=NEWCOMER)).to_contain_text("Planung")
    page.reload()
    drawn(page)
    expect(page.get_by_text(password)).to_have_count(0)
    return password


def signed_in(context: BrowserContext, house: House, password: str) -> None:
    page = context.new_page()
    page.goto(house.address)
    fill_in(page, NEWCOMER, password)
    for label in ("Neues Passwort", "Neues Passwort noch einmal"):
        page.get_by_label(label, exact=True).fill(OWN)
    page.get_by_role("button", name="Passwort speichern").click()
    expect(page.get_by_text(f"Angemeldet: {NEWCOMER}")).to_be_visible()
    expect(page.get_by_role("link", name="Pläne")).to_be_visible()
    expect(page.get_by_role("link", name="Konten")).to_have_count(0)


def handed_in(house: House) -> int:
    """What a school handed in by mistake; the number of the import."""
    desk = IntakeDesk(Settings(house.folder, b"", house.database))
    rows = f"Schulnummer;Nachname;Vorname\n{SCHOOL};Falsch;Fritz\n{SCHOOL};Irrtum;Ilse\n"
    try:
        told = Upload("falsch.csv", rows.encode())
        by = User.operator("test")
        delivery = desk.import_school_lists([told], by, SCHOOL, desk.season())
    finally:
        desk.close()
    assert delivery.import_id is not None
    return delivery.import_id


def take_back(page: Page, number: int) -> None:
    """What it would do is said first; then it is done, and the import is marked."""
    go(page, "Übernahmen")
    choose(page, "Eine Übernahme ansehen oder zurücknehmen", f"Übernahme {number}")
    page.get_by_role("button", name="Diese Übernahme zurücknehmen").click()
    expect(page.get_by_text("Die Übernahme selbst bleibt")).to_be_visible()
    drawn(page)
    page.get_by_role("button", name="Ja, zurücknehmen").click()
    expect(page.get_by_text("Zurückgenommen. Entfernte Einträge: 2").first).to_be_visible()
    drawn(page)


def log_is_whole(page: Page) -> None:
    """The chain holds, and tells who took in whom and what was taken back."""
    go(page, "Protokoll")
    page.get_by_role("button", name="Ganzes Protokoll prüfen").click()
    expect(page.get_by_text("Das Protokoll ist heil")).to_be_visible()
    drawn(page)
    entries = page.get_by_role("region", name=re.compile("Einträge des Protokolls"))
    expect(entries.get_by_role("row").filter(has_text=NEWCOMER).first).to_be_visible()


def backed_up(page: Page) -> None:
    go(page, "Pflege")
    page.get_by_test_id("stMain").get_by_text("Sicherung", exact=True).first.click()
    drawn(page)
    page.get_by_role("button", name="Jetzt sichern").click()
    expect(page.get_by_text(re.compile("ist gemacht: .*geprüft"))).to_be_visible()
