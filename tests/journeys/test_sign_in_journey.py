"""Does the gate hold before people's eyes? In, out in every tab, locked, expired, by keyboard."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

import httpx2
import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import Column, update

from data.store.accounts import Grant, account
from data.store.sign_ins import IDLE, LONGEST
from data.store.tables import failed_sign_ins, sessions
from tests.journeys.conftest import Come
from tests.journeys.house import PASSWORD, House
from tests.journeys.screen import drawn, fill_in, grave, sign_in, too_wide
from tests.office.gated import hidden

OWN = "drei Enten im Regen"
ENDED = "Sie sind abgemeldet."

#: A page that a planner has, and what it is called.
INSIDE, NAME = "/plaene", "Pläne"


def expect_inside(page: Page) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text(NAME)


def expect_outside(page: Page) -> None:
    """Nothing of the house stands on the screen any more."""
    expect(page.get_by_role("status")).to_have_text(ENDED)
    expect(page.get_by_text(NAME)).to_have_count(0)


def newcomer(house: House, name: str, role: str) -> str:
    """The one-time password of a user whom the administrator takes in at the terminal."""
    command = [str(Path(sys.executable).with_name("uebergang")), "--lang", "de", "users", "add"]
    more = ["--role", role, "--db", house.database, "--json"]
    done = subprocess.run([*command, name, *more], capture_output=True, text=True, check=True)
    return str(json.loads(done.stdout)["one_time_password"])


def test_wrong_words_lock_after_five_and_open_again(house: House, come: Come) -> None:
    """Whoever guesses learns nothing: neither whether there is such a user, nor who it is."""
    name = house.take_in("lena", Grant("planner"))
    page = come(house).new_page()
    page.goto(house.address + INSIDE)
    expect(page.get_by_role("heading", level=1)).to_have_text("Anmelden")
    for who in ("niemand", *[name] * 4):
        fill_in(page, who, "falsch, ganz falsch")
        expect(page.get_by_role("alert")).to_have_text("Benutzername oder Passwort ist falsch.")
        expect(page.get_by_label("Benutzername")).to_have_value(who)
    fill_in(page, name, "falsch, ganz falsch")
    expect(page.get_by_role("alert")).to_contain_text("Zu viele Versuche.")
    fill_in(page, name)
    expect(page.get_by_role("alert")).to_contain_text("Zu viele Versuche.")
    with house.store() as store, store.transaction() as connection:
        earlier = datetime.now(UTC) - timedelta(minutes=16)
        connection.execute(update(failed_sign_ins).values(at=earlier))
    fill_in(page, name)
    expect_inside(page)
    expect(page).to_have_url(house.address + INSIDE)


def test_signing_out_empties_every_tab(house: House, come: Come) -> None:
    """The other tab is emptied untouched, and what it still holds is worth nothing."""
    context = come(house)
    page = sign_in(context, house, "planung", INSIDE)
    other = context.new_page()
    closed: list[str] = []
    other.on("websocket", lambda one: one.on("close", lambda gone: closed.append(gone.url)))
    other.goto(house.address + INSIDE)
    expect_inside(other)
    held = context.cookies()
    page.get_by_role("button", name="Abmelden").click()
    expect_outside(page)
    expect_outside(other)
    assert len(closed) == 1
    context.add_cookies(
        [{"name": one["name"], "value": one["value"], "url": house.address} for one in held]
    )
    other.goto(house.address + INSIDE)
    expect(other.get_by_role("heading", level=1)).to_have_text("Anmelden")


@pytest.mark.parametrize(
    ("column", "ago"), [(sessions.c.seen_at, IDLE), (sessions.c.began_at, LONGEST)]
)
def test_a_session_expires_before_ones_eyes(
    house: House, come: Come, column: Column[datetime], ago: timedelta
) -> None:
    """Idle for too long, or too long in all: either ends it, whatever the page still shows."""
    name = house.take_in(f"otto-{column.name.replace('_', '-')}", Grant("planner"))
    page = sign_in(come(house), house, name, INSIDE)

    def back(by: timedelta) -> None:
        mine = update(sessions).where(sessions.c.name == name)
        with house.store() as store, store.transaction() as connection:
            connection.execute(mine.values({column: datetime.now(UTC) - by}))

    back(ago - timedelta(minutes=1))
    page.wait_for_timeout(2_500)
    page.get_by_text("English", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Plans")
    back(ago)
    expect(page.get_by_text("Plans")).to_have_count(0)
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("Anmelden|Sign in"))


def test_a_first_password_lets_in_once(house: House, come: Come) -> None:
    """Taken in at the terminal; until a password is chosen, no other page opens."""
    first = newcomer(house, "nora", "planner")
    page = come(house).new_page()
    page.goto(house.address)
    fill_in(page, "nora", first)
    expect(page.get_by_role("heading", level=1)).to_have_text("Passwort wählen")
    page.goto(house.address + INSIDE)
    expect(page).to_have_url(f"{house.address}/passwort")
    assert grave(page) == []
    for label in ("Neues Passwort", "Neues Passwort noch einmal"):
        page.get_by_label(label, exact=True).fill("kurz")
    page.get_by_role("button", name="Passwort speichern").click()
    expect(page.get_by_role("alert")).to_contain_text("mindestens 12 Zeichen")
    for label in ("Neues Passwort", "Neues Passwort noch einmal"):
        page.get_by_label(label, exact=True).fill(OWN)
    page.get_by_role("button", name="Passwort speichern").click()
    drawn(page)
    expect(page.get_by_text("Angemeldet: nora")).to_be_visible()
    again = come(house).new_page()
    again.goto(house.address)
    fill_in(again, "nora", first)
    expect(again.get_by_role("alert")).to_have_text("Benutzername oder Passwort ist falsch.")
    fill_in(again, "nora", OWN)
    expect(again.get_by_text("Angemeldet: nora")).to_be_visible()


def test_who_is_shut_out_leaves(home: House, come: Come) -> None:
    from data.store.accounts import set_active  # noqa: PLC0415

    name = home.take_in("udo", Grant("planner"))
    page = sign_in(come(home), home, name, INSIDE)
    with home.store() as store:
        set_active(store, name, False, "test")
    expect_outside(page)


def test_files_go_to_whom_they_were_announced(home: House, come: Come) -> None:
    """An address of a download or an upload is worth nothing to others, signed in or not."""
    page = sign_in(come(home), home, "schule", "/schueler")
    with page.expect_download() as fetched:
        page.get_by_role("button", name="Als CSV speichern").click()
    taken = fetched.value.url
    assert "/media/" in taken
    upload = f"{home.address}/_stcore/upload_file/{'0' * 36}/{'0' * 36}"
    for name in (None, "planung"):
        with httpx2.Client(headers={"Origin": home.address}) as stranger:
            if name is not None:
                told = {**hidden(stranger.get(f"{home.address}/anmelden").text), "name": name}
                stranger.post(f"{home.address}/anmelden", data={**told, "password": PASSWORD})
                assert stranger.get(home.address).status_code == 200, "a user, but another one"
            refused = 401 if name is None else 404
            assert stranger.get(taken).status_code == refused
            assert stranger.put(upload, files={"file": ("x.csv", b"x")}).status_code == refused


def test_english_is_chosen_at_the_door_by_keyboard_alone(home: House, come: Come) -> None:
    name = home.take_in("edda", Grant("planner"))
    page = come(home).new_page()
    page.goto(home.address + INSIDE)
    page.get_by_role("link", name="English").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
    expect(page.get_by_label("User name")).to_be_focused()
    page.keyboard.type(name)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Plans")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    with home.store() as store:
        found = account(store, name)
    assert found is not None and found.language == "en"


@pytest.mark.parametrize("width", [1280, 390, 320])
@pytest.mark.parametrize("language", ["de", "en"])
def test_the_door_is_open_to_everybody(
    home: House, come: Come, language: Literal["de", "en"], width: int
) -> None:
    page = come(home, language, (width, 844)).new_page()
    page.goto(f"{home.address}/anmelden")
    expect(page.locator("html")).to_have_attribute("lang", language)
    assert grave(page) == [] and too_wide(page) == []
    page.get_by_role("textbox").first.fill(f"niemand{width}{language}")
    page.locator("#password").fill("falsch, ganz falsch")
    page.locator("main button").click()
    expect(page.get_by_role("alert")).to_be_visible()
    assert grave(page) == [] and too_wide(page) == []


@pytest.mark.parametrize("language", ["de", "en"])
def test_what_hinders_is_told_to_everybody_from_every_page(
    home: House, come: Come, language: Literal["de", "en"]
) -> None:
    """From the door without a session, and from a page; in the reader's language."""
    words = {"de": "Barrierefreiheit", "en": "Accessibility"}[language]
    page = come(home, language).new_page()
    page.goto(home.address)
    page.get_by_role("link", name=words).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(words)
    assert page.locator("html").get_attribute("lang") == language
    page.set_viewport_size({"width": 320, "height": 900})
    assert not too_wide(page) and not grave(page)
    page = sign_in(come(home, language), home, home.take_in(f"ben-{language}", Grant("planner")))
    page.get_by_role("link", name=words).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(words)
