"""Does the gate hold? Against whoever has no session, another's, an old one, or a foreign page."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamlit import App
from streamlit.runtime import Runtime
from streamlit.web.server.starlette.starlette_routes import BASE_ROUTE_MEDIA

from data.store.accounts import Grant, account, accounts, set_active, set_grants, set_language
from data.store.audit import verify
from data.store.opening import Store, open_store
from data.store.sign_ins import end_sessions, key_of
from data.store.tables import audit, failed_sign_ins
from office import gate, words
from office.access import Role, User
from office.gate import GateSettings, current_user
from office.gate.headers import PAGES
from office.gate.house import inside
from office.gate.provider import granted
from office.gate.settings import ProviderSettings, RoleOf
from tests.office.gated import (
    FAREWELL,
    FILE,
    HOME,
    PASSWORD,
    UPLOAD,
    Browser,
    Clock,
    Socket,
    gated,
    hidden,
    on_socket,
    settle_in,
)

OFFICE = "https://uebergang.example.org"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(tmp_path: Path, clock: Clock) -> Iterator[Store]:
    """A store with a planner and somebody of a school."""
    store = open_store(str(tmp_path / "store.db"))
    settle_in(store, "anna", clock.now)
    settle_in(store, "otto", clock.now, Grant("school", "999001"))
    yield store
    store.close()


@pytest.fixture
def browser(store: Store, clock: Clock) -> Browser:
    return Browser(gated(store, clock))


@pytest.fixture
def inside_browser(browser: Browser) -> Browser:
    assert browser.sign_in().status_code == 303
    return browser


def user(store: Store, browser: Browser, clock: Clock) -> User | None:
    """Who the pages take the browser's user for."""
    return current_user(store, key_of(browser.session or ""), clock.now)


# Nobody without a session -------------------------------------------------------------------------


@cache
def _paths() -> tuple[str, ...]:
    """Every path that the real server of the pages answers at, its parameters filled in."""
    app = App(Path(__file__).parents[2] / "app.py")
    try:
        routes = app._build_starlette_app().routes
    finally:
        Runtime._instance = None
    paths = (route.path for route in routes if hasattr(route, "path"))
    return tuple(sorted({re.sub(r"\{(\w+)(:\w+)?\}", "x", path) or "/" for path in paths}))


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"])
def test_no_path_of_the_pages_answers_a_stranger(browser: Browser, method: str) -> None:
    """Walks every route of the real server; only the word for the machine's watch is open."""
    paths = _paths()
    assert f"/{BASE_ROUTE_MEDIA}/x" in paths and "/_stcore/upload_file/x/x" in paths
    for path in [*paths, "/", "/seite", "/static/js/index.js", "/%2e%2e/app.py", "//anmelden"]:
        if path == "/_stcore/health":
            continue
        answer = browser.ask(path, method, opens=False)
        assert answer.status_code == 401, path
        assert answer.text in {"sign in", ""}


def test_a_stranger_is_shown_the_door_and_led_on_afterwards(browser: Browser) -> None:
    answer = browser.ask("/seite?x=1&y=%C3%A4")
    assert answer.status_code == 303
    door = answer.headers["location"]
    assert door == "/anmelden?next=%2Fseite%3Fx%3D1%26y%3D%25C3%25A4"
    told = {**browser.form(door), "name": "anna", "password": PASSWORD}
    answer = browser.ask("/anmelden", "POST", form=told)
    assert (answer.status_code, answer.headers["location"]) == (303, "/seite?x=1&y=%C3%A4")
    assert browser.is_in


@pytest.mark.parametrize(
    "forged",
    [
        {"x-uebergang-session": "{key}"},
        {"X-Uebergang-Session": "{key}"},
        {"x_uebergang_session": "{key}"},
        {"Cookie": "uebergang_session={key}"},
        {"Cookie": "uebergang_session="},
        {"Authorization": "Bearer {key}"},
    ],
)
def test_a_forged_identity_opens_nothing(
    store: Store, clock: Clock, inside_browser: Browser, forged: dict[str, str]
) -> None:
    """Not even with what the store knows the session by: that is only a hash of the secret."""
    key = key_of(inside_browser.session or "")
    told = {name: value.format(key=key) for name, value in forged.items()}
    stranger = Browser(inside_browser.app)
    assert stranger.ask("/seite", headers=told, opens=False).status_code == 401


def test_what_a_client_says_of_itself_never_reaches_the_pages(inside_browser: Browser) -> None:
    forged = {"X-Uebergang-Session": "0" * 64, "x_uebergang_user": "root", "If-None-Match": "1"}
    answer = inside_browser.ask("/seite", headers=forged, opens=False)
    told = answer.json()["headers"]
    key = key_of(inside_browser.session or "")
    assert [pair for pair in told if "uebergang" in pair[0]] == [["x-uebergang-session", key]]
    assert str(inside_browser.session) not in str(told) and "if-none-match" not in str(told)


def test_other_cookies_reach_the_pages(inside_browser: Browser) -> None:
    """The pages' own protection against foreign forms needs its cookie."""
    inside_browser.cookies["_streamlit_xsrf"] = "2|a|b"
    told = dict(inside_browser.ask("/seite", opens=False).json()["headers"])
    assert told["cookie"] == "_streamlit_xsrf=2|a|b"


def test_only_the_watch_is_answered_whoever_asks(browser: Browser) -> None:
    assert browser.ask("/_stcore/health", opens=False).status_code == 200
    assert browser.ask("/_stcore/health", "POST", opens=False, headers={"Origin": "x"}).status_code
    assert browser.ask("/_stcore/health/", opens=False).status_code == 401
    assert browser.ask("/_stcore/healthy", opens=False).status_code == 401


# The form at the door -----------------------------------------------------------------------------


def test_the_right_password_lets_in(store: Store, clock: Clock, browser: Browser) -> None:
    answer = browser.sign_in(" Anna ")
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert browser.is_in
    found = user(store, browser, clock)
    assert found == User("anna", frozenset({Role.PLANNER}))


@pytest.mark.parametrize("password", ["", "vier birnen am kanal", PASSWORD + " ", "x" * 5000])
@pytest.mark.parametrize("name", ["anna", "nobody", "", "ä" * 80, "a\nb"])
def test_anything_else_does_not(browser: Browser, name: str, password: str) -> None:
    answer = browser.sign_in(name, password)
    assert answer.status_code == 401
    assert "Benutzername oder Passwort ist falsch." in answer.text
    assert browser.session is None


def test_nothing_tells_whether_there_is_such_a_user(browser: Browser) -> None:
    """Word for word the same answers, up to the lock."""
    for _ in range(7):
        answers = [browser.sign_in(name, "falsch, ganz falsch") for name in ("anna", "niemand")]
        pages = [re.sub(r'value="[^"]*"', "", answer.text) for answer in answers]
        assert pages[0] == pages[1]
        assert answers[0].status_code == answers[1].status_code
        shown = [{**answer.headers, "content-length": "", "set-cookie": ""} for answer in answers]
        assert shown[0] == shown[1]


def test_five_failures_lock_for_a_quarter_of_an_hour(
    store: Store, clock: Clock, browser: Browser
) -> None:
    """Whatever the browser: the account is shut, also for the right password; then it opens."""
    for number in range(5):
        clock.forward(seconds=10)
        answer = Browser(browser.app).sign_in(password="falsch, ganz falsch")
        assert answer.status_code == (429 if number == 4 else 401)
    assert browser.sign_in().status_code == 429
    assert "Viertelstunde" in browser.sign_in().text
    assert Browser(browser.app).sign_in("otto").status_code == 303
    clock.forward(minutes=14)
    assert browser.sign_in().status_code == 429
    clock.forward(minutes=1)
    assert browser.sign_in().status_code == 303
    with store.reading() as connection:
        told = connection.execute(audit.select().where(audit.c.action == "user.lock")).all()
    assert [(row.actor, row.subject) for row in told] == [("gate", "user anna")]
    assert verify(store) is None


def test_success_forgets_the_failures(store: Store, browser: Browser) -> None:
    for _ in range(3):
        for _ in range(4):
            assert browser.sign_in(password="falsch, ganz falsch").status_code == 401
        assert browser.sign_in().status_code == 303
        browser.cookies.clear()
    with store.reading() as connection:
        assert connection.execute(failed_sign_ins.select()).all() == []


def test_what_was_typed_as_a_name_is_kept_nowhere(store: Store, browser: Browser) -> None:
    """Some type their password there."""
    browser.sign_in("geheimes-passwort", "x")
    name = store.engine.url.database or ""
    raw = b"".join(file.read_bytes() for file in Path(name).parent.iterdir())
    assert b"anna" in raw and b"geheimes-passwort" not in raw


def test_a_session_gets_a_new_secret(browser: Browser) -> None:
    """Fixation: what somebody planted in the browser before is worth nothing after."""
    browser.cookies["uebergang_session"] = "planted" * 6
    browser.sign_in()
    assert browser.session not in {None, "planted" * 6}
    planted = Browser(browser.app, cookies={"uebergang_session": "planted" * 6})
    assert not planted.is_in


def test_signing_in_again_ends_the_session_before(inside_browser: Browser) -> None:
    old = Browser(inside_browser.app, cookies=dict(inside_browser.cookies))
    page = Browser(inside_browser.app)
    told = {**page.form("/anmelden"), "name": "otto", "password": PASSWORD}
    inside_browser.cookies |= page.cookies
    assert inside_browser.ask("/anmelden", "POST", form=told).status_code == 303
    assert inside_browser.session != old.session
    assert inside_browser.is_in and not old.is_in


@pytest.mark.parametrize("sent", [None, "", "0" * 64, "another's"])
def test_a_form_without_its_token_is_refused(browser: Browser, sent: str | None) -> None:
    told = {**browser.form("/anmelden"), "name": "anna", "password": PASSWORD}
    if sent == "another's":
        told["token"] = Browser(browser.app).form("/anmelden")["token"]
    elif sent is None:
        del told["token"]
    else:
        told["token"] = sent
    answer = browser.ask("/anmelden", "POST", form=told)
    assert answer.status_code == 403 and browser.session is None
    assert "Dieses Formular war abgelaufen." in answer.text
    told |= hidden(answer.text)
    assert browser.ask("/anmelden", "POST", form=told).status_code == 303


def test_a_form_of_another_browser_is_refused(browser: Browser) -> None:
    told = {**browser.form("/anmelden"), "name": "anna", "password": PASSWORD}
    browser.cookies.clear()
    assert browser.ask("/anmelden", "POST", form=told).status_code == 403


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "", "http://127.0.0.1:9999"])
@pytest.mark.parametrize("path", ["/anmelden", "/abmelden", "/passwort", "/seite"])
def test_a_foreign_page_changes_nothing(inside_browser: Browser, path: str, origin: str) -> None:
    """Even with a right token: the browser says which page it comes from."""
    form = inside_browser.form("/abmelden")
    answer = inside_browser.ask(path, "POST", form=form, headers={"Origin": origin})
    assert (answer.status_code, answer.text) == (403, "origin")
    assert inside_browser.is_in


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8501", "127.0.0.1.evil.example", "x@127.0.0.1", "", "["]
)
def test_a_foreign_host_is_refused(inside_browser: Browser, host: str) -> None:
    """A name of somebody else's that leads to this machine (DNS rebinding)."""
    told = {"Host": host or " "}
    assert inside_browser.ask("/", headers=told).status_code == 400
    assert inside_browser.ask("/anmelden", headers=told).status_code == 400


@pytest.mark.parametrize(
    "onward",
    [
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
        "/\tx",
        "",
        "evil",
        "/abmelden",
    ],
)
def test_nobody_is_led_out_of_the_house(browser: Browser, onward: str) -> None:
    assert browser.sign_in(next=onward).headers["location"] == "/"


@given(st.text())
def test_an_address_inside_stays_inside(address: str) -> None:
    """The law: what comes out begins with one slash, whatever goes in."""
    found = inside(address)
    assert re.match(r"/(?![/\\])", found) or found == "/"


def test_a_form_is_not_read_without_end(browser: Browser) -> None:
    form = {**browser.form("/anmelden"), "name": "anna", "password": PASSWORD, "x": "y" * 20_000}
    assert browser.ask("/anmelden", "POST", form=form).status_code == 403


def test_what_was_typed_comes_back_as_text(browser: Browser) -> None:
    page = browser.sign_in('"><script>alert(1)</script>', "x").text
    assert "<script" not in page and "&lt;script&gt;" in page


def test_without_passwords_the_form_is_gone_and_refused(store: Store, clock: Clock) -> None:
    open_door = Browser(gated(store, clock))
    form = {**open_door.form("/anmelden"), "name": "anna", "password": PASSWORD}
    shut = Browser(gated(store, clock, GateSettings(passwords=False)), cookies=open_door.cookies)
    assert "password" not in shut.ask("/anmelden").text
    assert shut.ask("/anmelden", "POST", form=form).status_code == 403


# The first password -------------------------------------------------------------------------------


@pytest.fixture
def newcomer(store: Store, clock: Clock, browser: Browser) -> Browser:
    settle_in(store, "nora", clock.now, one_time=True)
    assert browser.sign_in("nora").headers["location"] == "/passwort"
    return browser


def _choose(browser: Browser, new: str, again: str | None = None, **more: str) -> httpx2.Response:
    told = {**browser.form("/passwort"), "new": new, "again": new if again is None else again}
    return browser.ask("/passwort", "POST", form=told | more)


def test_a_first_password_opens_nothing_but_its_change(
    store: Store, clock: Clock, newcomer: Browser
) -> None:
    assert newcomer.ask("/").headers["location"] == "/passwort"
    assert newcomer.ask(f"/media/{FILE}.csv", opens=False).status_code == 403
    assert user(store, newcomer, clock) is None

    async def shut(socket: Socket) -> None:
        assert (await socket.hear())["type"] == "websocket.close"

    on_socket(newcomer, shut)
    before = newcomer.session
    assert _choose(newcomer, "drei Enten im Regen").headers["location"] == "/"
    assert newcomer.session != before and newcomer.is_in
    assert Browser(newcomer.app).sign_in("nora").status_code == 401
    assert Browser(newcomer.app).sign_in("nora", "drei Enten im Regen").status_code == 303


@pytest.mark.parametrize(
    ("new", "again", "words"),
    [
        ("kurz", None, "zu kurz: mindestens 12 Zeichen"),
        ("x" * 201, None, "zu lang"),
        ("Nora-NORA-12", None, "kaum mehr als der Benutzername"),
        ("aaaaaaaaaaaaab", None, "zu wenigen verschiedenen"),
        ("drei Enten im Regen", "drei Enten im Rege", "nicht gleich"),
        (PASSWORD, None, "Ihr bisheriges Passwort"),
    ],
)
def test_a_weak_password_is_refused_with_its_reason(
    newcomer: Browser, new: str, again: str | None, words: str
) -> None:
    answer = _choose(newcomer, new, again)
    assert answer.status_code == 422 and words in answer.text
    assert newcomer.ask("/").headers["location"] == "/passwort"


def test_a_first_password_waits_for_a_week(store: Store, clock: Clock, browser: Browser) -> None:
    settle_in(store, "nora", clock.now, one_time=True)
    clock.forward(days=7, minutes=1)
    assert browser.sign_in("nora").status_code == 401
    assert browser.sign_in("anna").status_code == 303


def test_another_password_needs_the_one_so_far(inside_browser: Browser) -> None:
    """Whoever finds a screen unlocked must not be able to stay; five guesses are all they have."""
    for _ in range(5):
        answer = _choose(inside_browser, "drei Enten im Regen", old="geraten, mehr nicht")
        assert answer.status_code == 422 and "bisherige Passwort ist falsch" in answer.text
    answer = _choose(inside_browser, "drei Enten im Regen", old=PASSWORD)
    assert "Zu viele Versuche" in answer.text


def test_another_password_ends_all_other_sessions(inside_browser: Browser) -> None:
    other = Browser(inside_browser.app)
    other.sign_in()
    assert _choose(inside_browser, "drei Enten im Regen", old=PASSWORD).status_code == 303
    assert inside_browser.is_in and not other.is_in


# The end of a session -----------------------------------------------------------------------------


def test_signing_out_ends_it_everywhere(store: Store, clock: Clock, browser: Browser) -> None:
    browser.sign_in()
    kept = Browser(browser.app, cookies=dict(browser.cookies))
    assert browser.ask("/abmelden").status_code == 200 and browser.is_in
    answer = browser.ask("/abmelden", "POST", form=browser.form("/abmelden"))
    assert answer.headers["location"] == "/anmelden?ended"
    assert browser.session is None
    assert not kept.is_in, "an old cookie is replayed"
    assert user(store, kept, clock) is None
    assert "Sie sind abgemeldet." in browser.ask("/anmelden?ended").text


@pytest.mark.parametrize("token", [None, "0" * 64])
def test_signing_out_needs_the_form(inside_browser: Browser, token: str | None) -> None:
    told = {} if token is None else {"token": token}
    assert inside_browser.ask("/abmelden", "POST", form=told).status_code == 403
    assert inside_browser.is_in


def test_an_idle_session_ends(store: Store, clock: Clock, browser: Browser) -> None:
    browser.sign_in()
    for _ in range(3):
        clock.forward(minutes=29)
        assert browser.is_in
    clock.forward(minutes=30)
    assert user(store, browser, clock) is None
    assert not browser.is_in


def test_a_page_that_asks_by_itself_keeps_nobody_in(clock: Clock, browser: Browser) -> None:
    """Only what a person does counts as use."""
    browser.sign_in()
    clock.forward(minutes=20)
    assert browser.ask("/_stcore/host-config", opens=False).status_code == 200
    clock.forward(minutes=11)
    assert not browser.is_in


def test_the_longest_session_ends(clock: Clock, browser: Browser) -> None:
    browser.sign_in()
    for _ in range(19):
        clock.forward(minutes=25)
        assert browser.is_in
    clock.forward(minutes=5)
    assert not browser.is_in


def test_who_is_shut_out_is_out(store: Store, clock: Clock, browser: Browser) -> None:
    browser.sign_in()
    set_active(store, "anna", False, "test")
    assert not browser.is_in
    assert browser.sign_in().status_code == 401
    set_active(store, "anna", True, "test")
    assert not browser.is_in, "the old session must not come back"
    assert browser.sign_in().status_code == 303


def test_roles_hold_from_the_next_step_on(
    store: Store, clock: Clock, inside_browser: Browser
) -> None:
    set_grants(store, "anna", [Grant("school", "999002"), Grant("nonsense")], "test")
    found = user(store, inside_browser, clock)
    assert found == User("anna", frozenset({Role.SCHOOL}), frozenset({"999002"}))


# Websockets ---------------------------------------------------------------------------------------


async def _opened(socket: Socket) -> bytes:
    assert (await socket.hear())["type"] == "websocket.accept"
    told = await socket.hear()
    for _ in range(3):
        await socket.hear()
    return bytes(told["bytes"])


def test_a_websocket_knows_whose_it_is(inside_browser: Browser) -> None:
    async def talk(socket: Socket) -> None:
        assert await _opened(socket) == key_of(inside_browser.session or "").encode()
        await socket.say(b"ping")
        assert (await socket.hear())["bytes"] == b"ping"

    on_socket(inside_browser, talk, {"x-uebergang-session": "forged"})


@pytest.mark.parametrize(
    "changed",
    [
        {"cookie": ""},
        {"cookie": "uebergang_session=guessed"},
        {"origin": ""},
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"host": "evil.example"},
        {"host": "evil.example", "origin": "http://evil.example"},
    ],
)
def test_a_raw_websocket_is_refused(inside_browser: Browser, changed: dict[str, str]) -> None:
    async def shut(socket: Socket) -> None:
        assert await socket.hear() == {"type": "websocket.close", "code": 4401}

    on_socket(inside_browser, shut, changed)


@pytest.mark.parametrize("how", ["sign out", "shut out", "idle"])
def test_an_open_websocket_ends_with_its_session(
    store: Store, clock: Clock, inside_browser: Browser, how: str
) -> None:
    """It says farewell, hangs up, and hears nothing more."""

    async def talk(socket: Socket) -> None:
        await _opened(socket)
        if how == "sign out":
            end_sessions(store, "anna", "anna")
        elif how == "shut out":
            set_active(store, "anna", False, "test")
        else:
            clock.forward(minutes=31)
        last = await socket.hear_to_the_end()
        assert [one.get("bytes") or one.get("code") for one in last] == [FAREWELL, 4401]

    on_socket(inside_browser, talk)


def test_nothing_is_heard_after_the_end(store: Store, clock: Clock) -> None:
    """Also before the gate has looked again: each message is asked whose it is."""
    browser = Browser(gated(store, clock, every=60))
    browser.sign_in()

    async def talk(socket: Socket) -> None:
        await _opened(socket)
        end_sessions(store, "anna", "anna")
        await socket.say(b"one more thing")
        last = await socket.hear_to_the_end()
        assert [one.get("bytes") or one.get("code") for one in last] == [FAREWELL, 4401]

    on_socket(browser, talk)


def test_what_is_said_keeps_the_session(
    store: Store, clock: Clock, inside_browser: Browser
) -> None:
    async def talk(socket: Socket) -> None:
        await _opened(socket)
        for _ in range(3):
            clock.forward(minutes=20)
            await socket.say(b"ping")
            assert (await socket.hear())["bytes"] == b"ping"

    on_socket(inside_browser, talk)
    assert inside_browser.is_in


# Downloads and uploads ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "method"),
    [
        (f"/media/{FILE}.xlsx", "GET"),
        (f"/media/{FILE}", "GET"),
        (f"/_stcore/upload_file/{UPLOAD}", "PUT"),
        (f"/_stcore/upload_file/{UPLOAD}", "DELETE"),
    ],
)
def test_files_are_for_the_session_that_was_told_of_them(
    inside_browser: Browser, path: str, method: str
) -> None:
    """Another user who knows the address, or the same one before it was told, gets nothing."""
    other = Browser(inside_browser.app)
    other.sign_in("otto")
    assert inside_browser.ask(path, method, opens=False).status_code == 404

    async def talk(socket: Socket) -> None:
        await _opened(socket)

    on_socket(inside_browser, talk)
    assert inside_browser.ask(path, method, opens=False).status_code == 200
    assert other.ask(path, method, opens=False).status_code == 404
    assert Browser(inside_browser.app).ask(path, method, opens=False).status_code == 401


# Headers ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/", "/anmelden", "/seite", "/anmelden.css", "/media/x"])
def test_every_answer_keeps_the_browser_in_the_house(inside_browser: Browser, path: str) -> None:
    for browser in (inside_browser, Browser(inside_browser.app)):
        headers = browser.ask(path).headers
        policy = headers["content-security-policy"]
        assert "frame-ancestors 'none'" in policy and "default-src" in policy
        assert "http" not in policy and "*" not in policy
        assert headers["cache-control"] == "no-store"
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert headers["referrer-policy"] == "same-origin"
        assert "geolocation=()" in headers["permissions-policy"]
        assert "strict-transport-security" not in headers


def test_pages_and_forms_have_their_own_policies(inside_browser: Browser) -> None:
    assert inside_browser.ask("/").headers["content-security-policy"] == PAGES
    form = Browser(inside_browser.app).ask("/anmelden")
    assert "script-src" not in form.headers["content-security-policy"]
    assert "<script" not in form.text and "style=" not in form.text


def test_only_the_programs_own_files_may_be_kept(inside_browser: Browser) -> None:
    """They are named by their content; without a session even they are not to be had."""
    kept = inside_browser.ask("/static/js/index.js", opens=False)
    assert kept.headers["cache-control"] == "public, immutable"
    refused = Browser(inside_browser.app).ask("/static/js/index.js", opens=False)
    assert refused.headers["cache-control"] == "no-store"


def test_cookies_are_the_browsers_alone(browser: Browser) -> None:
    browser.sign_in()
    (cookie,) = [one for one in browser.set_cookies if one.startswith("uebergang_session=")]
    assert "HttpOnly" in cookie and "SameSite=strict" in cookie and "Path=/" in cookie
    assert "Max-Age" not in cookie and "expires" not in cookie and "Domain" not in cookie
    assert len(browser.session or "") >= 43, "256 bits in base64"


def test_behind_tls_cookies_go_no_other_way(store: Store, clock: Clock) -> None:
    browser = Browser(gated(store, clock, GateSettings(OFFICE)), OFFICE)
    browser.sign_in()
    (cookie,) = [one for one in browser.set_cookies if "session=" in one]
    assert cookie.startswith("__Host-uebergang_session=") and "Secure" in cookie
    answer = browser.ask("/seite", opens=False)
    assert all("; Secure" in one for one in browser.set_cookies) and browser.set_cookies
    assert answer.headers["strict-transport-security"].startswith("max-age=")
    tossed = Browser(browser.app, OFFICE, {"uebergang_session": browser.session or ""})
    assert not tossed.is_in, "another host may have set it"
    assert browser.ask("/", headers={"Host": "127.0.0.1:8501"}).status_code == 400
    other = {"Origin": "http://uebergang.example.org"}
    assert browser.ask("/seite", "POST", headers=other).status_code == 403


@pytest.mark.parametrize(
    ("query", "own", "browsers", "shown"),
    [
        ("", None, "de-DE,de;q=0.9", "de"),
        ("", None, "en-GB,en;q=0.9,de;q=0.8", "en"),
        ("", None, "fr-FR,fr;q=0.9", "de"),
        ("", None, "fr, en;q=0.5", "en"),
        ("", "en", "de-DE", "en"),
        ("?lang=de", "en", "en", "de"),
        ("?lang=tlh", None, "en", "en"),
    ],
)
def test_the_page_names_its_language(
    store: Store, inside_browser: Browser, query: str, own: str | None, browsers: str, shown: str
) -> None:
    if own is not None:
        set_language(store, "anna", own)
    answer = inside_browser.ask(f"/{query}", headers={"Accept-Language": browsers})
    assert f'<html lang="{shown}">' in answer.text
    assert int(answer.headers["content-length"]) == len(answer.content)
    assert "etag" not in answer.headers and "last-modified" not in answer.headers
    head = inside_browser.ask("/", "HEAD")
    assert head.status_code == 200 and head.content == b""


def test_the_language_chosen_at_the_door_stays(
    store: Store, clock: Clock, browser: Browser
) -> None:
    """Who has a German browser and chose English there reads English inside, and next time too."""
    page = browser.ask("/anmelden?lang=en&next=/seite")
    assert '<html lang="en">' in page.text and "User name" in page.text
    told = {**hidden(page.text), "name": "anna", "password": PASSWORD}
    assert browser.ask("/anmelden", "POST", form=told).headers["location"] == "/seite"
    assert '<html lang="en">' in browser.ask("/").text
    browser.cookies.clear()
    browser.sign_in()
    assert '<html lang="en">' in browser.ask("/").text


def test_a_link_from_elsewhere_finds_its_way(inside_browser: Browser) -> None:
    """A browser brings a strict cookie to a page of ours only: so there it is sent first."""
    elsewhere = {"Sec-Fetch-Site": "cross-site", "Cookie": "x=1"}
    page = inside_browser.ask("/seite?a=1&b=2", headers=elsewhere)
    assert page.status_code == 200 and 'content="0; url=/seite?a=1&amp;b=2"' in page.text
    hostile = inside_browser.ask("//evil.example/%22%3E", headers=elsewhere)
    assert 'url=/evil.example/%22%3E"' in hostile.text


def test_the_gate_speaks_german(browser: Browser) -> None:
    words.unsaid.clear()
    for path in ("/anmelden", "/anmelden?ended"):
        browser.ask(path)
    browser.sign_in(password="x")
    browser.sign_in()
    for path in ("/abmelden", "/passwort"):
        assert '<html lang="de">' in browser.ask(path).text
    assert words.unsaid == set()


def test_signing_in_at_once_is_bounded(store: Store, clock: Clock) -> None:
    """A hundred at once: two are proved at a time, most of the others are asked to come again."""
    app = gated(store, clock)
    browser = Browser(app)
    told = {**browser.form("/anmelden"), "name": "anna", "password": "x" * 300}
    cookie = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())

    async def crowd() -> list[int]:
        transport = httpx2.ASGITransport(app=app)
        async with httpx2.AsyncClient(transport=transport, base_url=HOME) as client:
            headers = {"Origin": HOME, "Cookie": cookie}
            asked = [client.post("/anmelden", data=told, headers=headers) for _ in range(100)]
            return [answer.status_code for answer in await asyncio.gather(*asked)]

    found = asyncio.run(crowd())
    assert set(found) == {401, 429, 503}
    assert found.count(401) == 4 and found.count(503) >= 50


def test_every_user_is_kept_without_a_password_in_clear(store: Store) -> None:
    for one in accounts(store):
        assert one.password is not None and one.password.startswith("$argon2id$")
        assert one.password not in repr(one)
    assert account(store, "anna") is not None
    assert gate.ENDED_AT == "/anmelden?ended"


# An identity provider's roles ---------------------------------------------------------------------

_PROVIDER = ProviderSettings(
    "Dienstkonto",
    "https://login.example.org",
    "uebergang",
    (RoleOf("planung", Role.PLANNER), RoleOf("schule-1", Role.SCHOOL, "999001")),
    roles_claim="realm_access.roles",
)


@pytest.mark.parametrize(
    ("claims", "found"),
    [
        ({"realm_access": {"roles": ["planung", "kantine"]}}, {Grant("planner")}),
        (
            {"realm_access": {"roles": ["schule-1", "planung"]}},
            {Grant("planner"), Grant("school", "999001")},
        ),
        ({"realm_access": {"roles": "planung"}}, {Grant("planner")}),
        ({"realm_access": {"roles": "planung schule-1"}}, set()),
        ({"realm_access": {"roles": ["PLANUNG", "planner", "admin", 1, None]}}, set()),
        ({"realm_access": {"roles": {"planung": True}}}, set()),
        ({"realm_access": ["planung"]}, set()),
        ({"roles": ["planung"], "groups": ["planung"]}, set()),
        ({}, set()),
    ],
)
def test_only_the_whitelist_gives_a_role(claims: dict[str, object], found: set[Grant]) -> None:
    assert set(granted(_PROVIDER, claims)) == found


def test_a_provider_that_is_away_is_said_to_be_so(store: Store, clock: Clock) -> None:
    away = replace(_PROVIDER, issuer="http://127.0.0.1:1")
    browser = Browser(gated(store, clock, GateSettings(provider=away)))
    assert "Anmelden mit Dienstkonto" in browser.ask("/anmelden").text
    answer = browser.ask("/anmelden/dienst")
    assert answer.status_code == 502 and "nicht erreichbar" in answer.text
    answer = browser.ask("/anmelden/dienst/zurueck?code=x&state=y")
    assert answer.status_code == 400 and browser.session is None
    without = Browser(gated(store, clock))
    assert "Dienstkonto" not in without.ask("/anmelden").text
