"""Where is somebody led who has no page at an address, and what is forgotten when they leave?"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from data.intake.reading import Upload
from data.store.accounts import Grant, set_active
from data.store.opening import Store, open_store
from data.store.sign_ins import key_of
from office.access import Role, User
from office.drafts import DRAFTS, Draft
from office.gate.house import sign_out
from office.settings import Settings
from office.users_desk import UsersDesk
from tests.office.gated import Browser, Clock, Socket, gated, on_socket, settle_in
from views.addresses import ELSEWHERE, FIRST, PAGES, instead

SCHOOL = "999001"
ADA = User("ada", frozenset({Role.ADMIN}))


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(tmp_path: Path, clock: Clock) -> Iterator[Store]:
    """A store with somebody of a school, who has a list that waits for its confirmation."""
    store = open_store(str(tmp_path / "store.db"))
    settle_in(store, "otto", clock.now, Grant("school", SCHOOL))
    DRAFTS.keep("otto", SCHOOL, Draft((Upload("a.csv", b"x"),), "2026/27"))
    yield store
    DRAFTS.forget("otto")
    store.close()


@pytest.fixture
def browser(store: Store, clock: Clock) -> Browser:
    browser = Browser(gated(store, clock))
    assert browser.sign_in("otto").status_code == 303
    return browser


def waits() -> bool:
    return DRAFTS.of("otto", SCHOOL) is not None


def test_who_signs_out_leaves_no_list_behind(browser: Browser) -> None:
    assert waits()
    browser.ask("/abmelden", "POST", form=browser.form("/abmelden"))
    assert not waits()


def test_who_signs_out_on_a_page_leaves_no_list_behind(
    store: Store, clock: Clock, browser: Browser
) -> None:
    sign_out(store, key_of(browser.session or ""), clock.now)
    assert not browser.is_in and not waits()


def test_a_list_stays_while_its_user_is_in_elsewhere(
    store: Store, clock: Clock, browser: Browser
) -> None:
    other = Browser(gated(store, clock))
    other.sign_in("otto")
    other.ask("/abmelden", "POST", form=other.form("/abmelden"))
    assert browser.is_in and waits()


@pytest.mark.parametrize("how", ["shut out", "everywhere out", "another password"])
def test_who_is_shut_out_leaves_no_list_behind(store: Store, tmp_path: Path, how: str) -> None:
    desk = UsersDesk(Settings(tmp_path, b"", str(tmp_path / "store.db")))
    {
        "shut out": desk.shut_out,
        "everywhere out": desk.sign_everywhere_out,
        "another password": desk.renew_password,
    }[how]("otto", by=ADA)
    desk.close()
    assert not waits()


def test_who_is_shut_out_at_a_terminal_leaves_no_list_behind(
    store: Store, browser: Browser
) -> None:
    """Another process did it: the open page is where this one hears of it."""

    async def talk(socket: Socket) -> None:
        for _ in range(5):
            await socket.hear()
        set_active(store, "otto", False, "test")
        await socket.hear_to_the_end()
        await asyncio.sleep(0)

    assert waits()
    on_socket(browser, talk)
    assert not waits()


# --- addresses -----------------------------------------------------------------------------------


@pytest.mark.parametrize("role", list(Role))
def test_everybody_stays_at_their_own_pages_and_is_led_away_from_others(role: Role) -> None:
    user = User("u", frozenset({role}))
    own = [address for _, address, _ in PAGES.get(role, ())]
    others = {address for pages in PAGES.values() for _, address, _ in pages} - set(own)
    for address in own[1:]:
        assert instead(user, f"/{address}", "person=1") is None
    for address in (*own[:1], FIRST):
        assert instead(user, f"/{address}", "lang=en") == "/?lang=en"
        assert instead(user, f"/{address}/") == "/"
    for address in (*others, "nirgends"):
        assert instead(user, f"/{address}") == f"/?{ELSEWHERE}=1"
    for path in ("/", "/_stcore/stream", "/media/0.csv", "/static/js/x.js", "/index.html"):
        assert instead(user, path) is None


def test_the_gate_leads_whoever_opens_a_page_and_no_part_of_one(store: Store, clock: Clock) -> None:
    browser = Browser(gated(store, clock, instead=instead))
    browser.sign_in("otto")
    answer = browser.ask("/ziel")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/?{ELSEWHERE}=1")
    answer = browser.ask("/liste?lang=en")
    assert (answer.status_code, answer.headers["location"]) == (303, "/?lang=en")
    assert browser.ask("/schueler").status_code == 200
    assert browser.ask("/ziel", opens=False).status_code == 200
    assert browser.ask("/abmelden").status_code == 200, "the gate's own pages stay where they are"
