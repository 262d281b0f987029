"""Does a school's messy list come in, by eye and hand, and out again as if it had never been?"""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import FilePayload, Page, expect

from data.intake.reading import Upload
from data.store.accounts import Grant
from office.access import User
from office.intake_desk import IntakeDesk
from office.settings import Settings
from tests.journeys.conftest import Come
from tests.journeys.house import House
from tests.journeys.screen import choose, drawn, go, heading, sign_in, tab_to

#: A school of which the demo knows nothing, so that every figure can be counted by hand.
SCHOOL = "999077"

#: What the school handed in last month: three pupils.
BEFORE = (
    "Schulnummer;Interne ID-Nummer;Nachname;Vorname;Geburtsdatum;Klasse\n"
    f"{SCHOOL};1;Erfunden;Elif;31.12.2010;10A\n"
    f"{SCHOOL};2;Ausgedacht;Otto;03.02.2010;10A\n"
    f"{SCHOOL};3;Weggezogen;Wim;04.05.2010;10B\n"
)

#: Today's: Elif is in another class, Wim is gone, Ömer has markup for a name and a day that no year
#: has, Lea stands there twice, one heading is misspelt, and two columns are nobody's business.
MESSY = (
    "Interne ID-Nummer;Nachname;Vornahme;Geburtsdatum;Klasse;Postleitzahl;Wunsch 1;Religion;Hobby\n"
    "1;Erfunden;Elif;31.12.2010;10C;33330;Tischler/in;geheim;Angeln\n"
    "2;Ausgedacht;Otto;03.02.2010;10A;33330;;geheim;\n"
    "4;<b>Erdacht</b>;Ömer;31.02.2010;10B;33332;Koch/Köchin;geheim;Schach\n"
    "5;Doppelt;Lea;01.09.2010;10B;33330;Koch/Köchin;geheim;\n"
    "5;Doppelt;Lea;01.09.2010;10A;33330;Koch/Köchin;geheim;\n"
)
FILE: FilePayload = {
    "name": "klassenliste.csv",
    "mimeType": "text/csv",
    "buffer": MESSY.encode("cp1252"),
}

OPERATOR = User.operator("test")


def school_of_three(house: House) -> str:
    """A school with three pupils, and its user; returns their name."""
    desk = IntakeDesk(Settings(house.folder, b"", house.database))
    try:
        told = Upload("oktober.csv", BEFORE.encode())
        desk.import_school_lists([told], OPERATOR, SCHOOL, desk.season())
    finally:
        desk.close()
    return house.take_in("sekretariat", Grant("school", SCHOOL))


def drop(page: Page) -> None:
    """Drop the file; the browser has no dialogue that a journey could open."""
    page.locator("input[type=file]").set_input_files(FILE)
    heading(page, "So wurden die Spalten gelesen").wait_for()
    drawn(page)


def test_a_messy_list_becomes_pupils_and_goes_back_out(house: House, come: Come) -> None:
    page = sign_in(come(house), house, school_of_three(house))
    drop(page)
    seen_before_it_counts(page)
    corrected_in_place(page)
    taken_in(page)
    taken_back(page)


def seen_before_it_counts(page: Page) -> None:
    """What was guessed, what the law drops, what is wrong in which row, and what would change."""
    guess = page.get_by_role("combobox", name="Vornahme (zum Beispiel: Elif)")
    expect(guess).to_have_value("Vorname")
    page.get_by_role("button", name="Diese Spalten stimmen").first.click()
    drawn(page)
    expect(page.get_by_text("Geratene Spalten, bitte prüfen")).to_have_count(0)
    dropped = page.get_by_text("Fällt weg und darf von Rechts wegen nie gespeichert werden")
    expect(dropped).to_contain_text("Religion")
    expect(page.get_by_text("Diese Spalten fallen weg")).to_contain_text("Hobby")
    expect(page.get_by_text("geheim")).to_have_count(0)
    expect(page.get_by_text("Zeile 4: <b>Erdacht</b>, Ömer")).to_be_visible()
    expect(page.get_by_text("Zeile 6: Doppelt, Lea")).to_be_visible()
    twice = "Nummer an der Schule – Diese Kennung kommt mehrfach vor."
    expect(page.get_by_role("textbox", name=twice)).to_have_value("5")
    changes = page.get_by_role("region", name="Was sich ändert, Angabe für Angabe")
    expect(changes.get_by_role("row", name="Erfunden, Elif Klasse 10A 10C")).to_be_visible()
    gone = page.get_by_role("region", name="Wer nicht mehr genannt wird")
    expect(gone.get_by_role("row", name="Weggezogen, Wim")).to_be_visible()
    summary = "1 neu, 2 geändert, 1 nicht mehr genannt, 2 noch zu berichtigen."
    expect(page.get_by_text(summary)).to_be_visible()


def corrected_in_place(page: Page) -> None:
    """A day that no year has, twice: the first correction is none. The doubled row is left."""
    for day, wrong in (("30.02.2010", True), ("28.02.2010", False)):
        born = page.get_by_role("textbox", name="Geburtsdatum – Das ist kein Datum.")
        born.fill(day)
        page.get_by_role("button", name="noch einmal prüfen").click()
        drawn(page)
        expect(born).to_have_count(int(wrong))
    page.reload()
    drawn(page)
    summary = "2 neu, 2 geändert, 1 nicht mehr genannt, 1 noch zu berichtigen."
    expect(page.get_by_text(summary)).to_be_visible()


def taken_in(page: Page) -> None:
    """Confirmed, the pupils stand among the school's own, with the markup as the name it is."""
    page.get_by_role("button", name="Liste übernehmen").click()
    expect(page.get_by_text("Die Liste ist übernommen.").first).to_be_visible()
    drawn(page)
    expect(page.get_by_text("Zeile 6: Doppelt, Lea")).to_be_visible()
    go(page, "Unsere Schülerinnen und Schüler")
    roll = page.get_by_role("region", name="Unsere Schülerinnen und Schüler")
    for name in ("Doppelt, Lea", "<b>Erdacht</b>, Ömer", "Erfunden, Elif", "Ausgedacht, Otto"):
        expect(roll.get_by_role("row", name=name)).to_be_visible()
    expect(roll.get_by_role("row", name="Weggezogen, Wim")).to_contain_text("nicht mehr genannt")
    expect(roll.get_by_role("row", name="Erfunden, Elif")).to_contain_text("10C")


def taken_back(page: Page) -> None:
    """Undone, everything is as it was: two are gone again, one is back, Elif's class is the old."""
    go(page, "Liste abgeben")
    choose(page, "Eine Übernahme ansehen oder zurücknehmen", "Übernahme")
    page.get_by_role("button", name="Diese Übernahme zurücknehmen").click()
    page.get_by_role("button", name="Ja, zurücknehmen").click()
    expect(page.get_by_text("Zurückgenommen. Entfernte Einträge: 2").first).to_be_visible()
    drawn(page)
    expect(page.get_by_text("Zeile 6")).to_have_count(0)
    go(page, "Unsere Schülerinnen und Schüler")
    roll = page.get_by_role("region", name="Unsere Schülerinnen und Schüler")
    expect(roll.get_by_role("row", name="Erfunden, Elif")).to_contain_text("10A")
    expect(roll.get_by_role("row", name="Weggezogen, Wim")).to_be_visible()
    expect(roll.get_by_text("nicht mehr genannt")).to_have_count(0)
    for name in ("Doppelt", "Erdacht"):
        expect(roll.get_by_text(name)).to_have_count(0)


_ = (Path, tab_to)
