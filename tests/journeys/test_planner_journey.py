"""Does a planner come from last week's figures to a published plan and a report in the hand?"""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Page, expect
from python_calamine import CalamineWorkbook

from tests.journeys.conftest import Come
from tests.journeys.house import House
from tests.journeys.papers import read_aloud, taken
from tests.journeys.screen import drawn, go, heading, sign_in

WHY = "Drei neue Rückmeldungen"


def test_from_last_weeks_figures_to_a_published_plan_and_a_report(
    house: House, come: Come, tmp_path: Path
) -> None:
    page = sign_in(come(house), house, "planung", "/ziel")
    counted, target = last_week(page)
    plan, before = plan_drawn(page)
    published(page, plan, before)
    go(page, "Ziel")
    heading(page, "Bericht für den Ausschuss").wait_for()
    drawn(page)
    words = read_aloud(taken(page, "Bericht als PDF", tmp_path))
    assert counted in words and target in words
    book = CalamineWorkbook.from_path(taken(page, "Zahlen als XLSX", tmp_path))
    sheets = (book.get_sheet_by_name(name).to_python() for name in book.sheet_names)
    cells = {cell for rows in sheets for row in rows for cell in row if cell != ""}
    assert int(counted.replace(".", "")) in cells
    assert not any(str(cell).startswith("=") for cell in cells)


def last_week(page: Page) -> tuple[str, str]:
    """The answer at the top of the page; returns how many are counted, and the target."""
    expect(page.get_by_role("heading", name="Schaffen wir es?", level=1)).to_be_visible()
    answer = page.get_by_text(re.compile(r"beginnen [\d.]+ von [\d.]+ Personen eine Ausbildung"))
    told = re.search(r"von ([\d.]+) Personen.*sind ([\d.]+)[;.]", answer.first.inner_text())
    assert told is not None, answer.first.inner_text()
    return told[1], told[2]


def plan_drawn(page: Page) -> tuple[str, str]:
    """A new plan: it is drawn before one's eyes, and compared with the one in force.

    Returns the number of the new plan and of the one in force.
    """
    go(page, "Pläne")
    force = page.get_by_text(re.compile(r"^Plan \d+, erstellt am")).inner_text()
    page.get_by_role("button", name="Plan erstellen").click()
    done = page.get_by_text("Er ist ein Entwurf; veröffentlichen Sie ihn")
    expect(page.get_by_role("progressbar").or_(done).first).to_be_visible()
    expect(done).to_be_visible()
    drawn(page)
    new, old = (re.search(r"\d+", words) for words in (done.inner_text(), force))
    assert new is not None and old is not None
    for label, plan in (("Von", old[0]), ("Zu", new[0])):
        expect(page.get_by_role("combobox", name=label, exact=True)).to_have_value(
            re.compile(f"^Plan {plan},")
        )
    changes = page.get_by_role("region", name="Wer und was sich zwischen den Plänen ändert")
    expect(changes.get_by_role("row", name=re.compile(r"Gleicher Vorschlag"))).to_be_visible()
    return new[0], old[0]


def published(page: Page, plan: str, before: str) -> None:
    """Put in force by a named person with a reason, and by nobody without one."""
    go(page, "Einen Plan veröffentlichen")
    put = page.get_by_role("button", name=f"Plan {plan} in Kraft setzen")
    put.click()
    expect(page.get_by_text("Bitte geben Sie eine Begründung an.")).to_be_visible()
    page.get_by_label("Begründung").fill(WHY)
    page.get_by_text("Ich, planung, habe mir angesehen").click()
    put.click()
    expect(page.get_by_text(f"Plan {plan} gilt jetzt")).to_be_visible()
    drawn(page)
    expect(page.get_by_text(f"wählen Sie unten Plan {before}")).to_be_visible()
    go(page, "Pläne")
    rows = page.get_by_role("region", name="Alle Pläne des Ausbildungsjahrs").get_by_role("row")
    expect(rows.filter(has_text=WHY)).to_contain_text(re.compile(f"{plan}.*In Kraft"))
