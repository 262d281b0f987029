"""Does the served house hold against whoever sends what no browser would?

A real process with real users, on SQLite; no browser stands between an attack and the house. What
needs a clock that a test sets stands in `test_gate`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from streamlit.proto.BackMsg_pb2 import BackMsg
from websockets.exceptions import ConnectionClosed, InvalidStatus

from data.store.opening import Store, open_store
from data.store.sign_ins import key_of
from office import gate
from office.access import Role, User
from office.desk import Desk
from office.gate import House
from office.settings import Settings
from tests.office.gated import PASSWORD, Browser, Clock, gated, settle_in
from tests.office.served import OWN, Served, Visitor, raw, served, text_of
from views.hearing import is_meant

FORGED = (
    "x-uebergang-session",
    "X-Uebergang-Session",
    "X_Uebergang_Session",
    "x-uebergang-user",
    "X-Forwarded-User",
    "X-Remote-User",
    "Remote-User",
    "X-Forwarded-For",
    "X-Streamlit-User",
    "Authorization",
)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("served")) as house:
        yield house


@pytest.fixture(scope="module")
def otto(house: Served) -> Visitor:
    """Somebody of a school."""
    return Visitor(house).come_in("otto")


@pytest.fixture(scope="module")
def anna(house: Served) -> Visitor:
    """A planner."""
    return Visitor(house).come_in("anna")


def secret_of(visitor: Visitor) -> str:
    return str(visitor.client.cookies["uebergang_session"])


# Who has no session -------------------------------------------------------------------------------


@pytest.mark.parametrize("header", FORGED)
def test_an_identity_that_is_claimed_from_outside_counts_for_nothing(
    house: Served, otto: Visitor, header: str
) -> None:
    """Not even with the key by which the store knows a session that holds."""
    for claimed in (key_of(secret_of(otto)), secret_of(otto), "anna"):
        status, _, body = raw(house, "GET", "/", {header: claimed})
        assert (status, body) == (401, b"sign in")
        with pytest.raises(InvalidStatus), Visitor(house).socket(**{header: claimed}):
            pass


def test_a_claim_beside_a_session_changes_nobody(otto: Visitor, anna: Visitor) -> None:
    """Whoever is in as a school stays a school, whatever else the handshake says."""
    key = key_of(secret_of(anna))
    told = dict.fromkeys(("x-uebergang-session", "X_Uebergang_Session"), key)
    with otto.socket(**told) as pages:
        text = text_of(pages.open("liste"))
    assert "otto" in text and "anna" not in text


@pytest.mark.parametrize(
    "changed",
    [
        {"Cookie": None},
        {"Cookie": "uebergang_session="},
        {"Cookie": "uebergang_session=guessed"},
        {"Cookie": "__Host-uebergang_session={secret}"},
        {"Cookie": "uebergang_session={key}"},
        {"Origin": None},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "{home}.evil.example"},
        {"Host": "evil.example"},
    ],
)
def test_a_raw_websocket_is_not_opened(
    house: Served, otto: Visitor, changed: Mapping[str, str | None]
) -> None:
    facts = {"secret": secret_of(otto), "key": key_of(secret_of(otto)), "home": house.home}
    told = {name: value and value.format(**facts) for name, value in changed.items()}
    with pytest.raises((InvalidStatus, ConnectionClosed)), otto.socket(**told) as pages:
        pages.open("liste")


def test_a_websocket_of_an_ended_session_is_not_opened_and_an_open_one_says_no_more(
    house: Served,
) -> None:
    """Signed out in one window: the other's line is cut, and its old cookie opens nothing."""
    cleo = Visitor(house).come_in("cleo")
    cookie = cleo.cookie
    with cleo.socket() as pages:
        assert "cleo" in text_of(pages.open("faelle"))
        form = cleo.form("/abmelden")
        assert cleo.client.post("/abmelden", data=form).status_code == 303
        assert "cleo" not in text_of(pages.open("faelle"))
        with pytest.raises(ConnectionClosed) as cut:
            pages.line.recv(10)
        assert cut.value.rcvd is not None and cut.value.rcvd.code == 4401
    with pytest.raises(InvalidStatus), Visitor(house).socket(Cookie=cookie):
        pass
    assert raw(house, "GET", "/", {"Cookie": cookie})[0] == 401


def test_a_password_for_one_time_opens_nothing_but_its_change(house: Served) -> None:
    nora = Visitor(house)
    assert nora.sign_in("nora", house.first["nora"]).headers["location"] == "/passwort"
    assert not nora.is_in
    with pytest.raises(InvalidStatus), nora.socket():
        pass
    for path in ("/media/" + "ab" * 28 + ".csv", "/_stcore/host-config", "/static/js/x.js"):
        assert nora.client.get(path).status_code in {303, 403}


# Paths and verbs ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    [
        "/", "//", "///", "/.", "/..", "/../app.py", "/%2e%2e/app.py", "/%2E%2E%2Fapp.py",
        "/static/../app.py", "/static/%2e%2e/index.html", "/static/..%2findex.html",
        "/STATIC/js/index.js", "/Media/x", "/MEDIA/x", "/media", "/media/", "/media/../media/x",
        "/%6dedia/x", "/media%2fx", "//media/x", "/media//x", "/media/x;y", "/media/x?y#z",
        "/_stcore/metrics", "/_STCORE/metrics", "/%5fstcore/metrics", "/_stcore/host-config",
        "/_stcore/script-health-check", "/_stcore/message", "/_stcore/stream",
        "/_stcore/upload_file/a/b", "/_stcore/bidi-components/x/y", "/_stcore//health",
        "/_stcore/health/../metrics", "/_stcore/health;x", "/component/x/index.html",
        "/component/../app.py", "/app/static/x", "/auth/login", "/auth/logout", "/oauth2callback",
        "/anmelden/", "/anmelden/..", "/anmelden/../ziel", "/anmelden%00", "/anmelden%2f..%2fziel",
        "/ANMELDEN", "/anmelden.css/../ziel", "/anmelden;/ziel", "/passwort", "/ziel", "/konten",
        "http://127.0.0.1/ziel", "*",
    ],
)  # fmt: skip
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
def test_no_path_leads_past_the_door(house: Served, method: str, path: str) -> None:
    """However it is written: without a session nothing is answered but the refusal."""
    status, headers, body = raw(house, method, path, {"Origin": house.home, "Content-Length": "0"})
    assert status in {400, 401, 403, 404, 405}, (status, body[:200])
    assert len(body) < 60 and b"streamlit" not in body.lower()
    if status != 400:
        assert headers["cache-control"] == "no-store" and "content-security-policy" in headers


@pytest.mark.parametrize(
    "method", ["PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "get", "X"]
)
@pytest.mark.parametrize("path", ["/", "/anmelden", "/media/x", "/_stcore/upload_file/a/b"])
def test_no_other_verb_does_anything(house: Served, otto: Visitor, method: str, path: str) -> None:
    """With a session, too: a foreign page's request is refused, and none of ours uses them."""
    foreign = {"Origin": "https://evil.example", "Cookie": otto.cookie}
    for headers in (foreign, {"Origin": "https://evil.example"}, {}):
        status, answer, _ = raw(house, method, path, {**headers, "Content-Length": "0"})
        assert status in {400, 401, 403, 404, 405}
        assert "access-control-allow-origin" not in answer


@pytest.mark.parametrize(
    "path", ["/_stcore/metrics", "/_stcore/script-health-check", "/auth/login", "/oauth2callback"]
)
def test_what_no_page_needs_is_shut_for_everybody(otto: Visitor, path: str) -> None:
    """What the pages' server tells of itself, and its own sign-in, which is not ours."""
    answer = otto.client.get(path, headers={"Accept": "text/html"})
    assert (answer.status_code, answer.text) == (404, "not here")


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "", "127.0.0.1@evil"])
def test_a_foreign_host_is_refused_before_anything_else(
    house: Served, otto: Visitor, host: str
) -> None:
    for path in ("/", "/anmelden", "/anmelden.css"):
        status, headers, body = raw(house, "GET", path, {"Host": host, "Cookie": otto.cookie})
        assert (status, body) in {(400, b"host"), (400, b"Invalid HTTP request received.")}
        assert "set-cookie" not in headers


# Files --------------------------------------------------------------------------------------------


def test_a_download_is_for_whom_it_was_made(house: Served, otto: Visitor, anna: Visitor) -> None:
    """The address alone is worth nothing: not to a stranger, not to another user."""
    with otto.socket() as pages:
        address = pages.download("hilfe")
    assert address.startswith("/media/")
    own = otto.client.get(address)
    assert own.status_code == 200 and len(own.content) > 100
    assert own.headers["cache-control"] == "no-store"
    assert raw(house, "GET", address)[0] == 401
    assert raw(house, "HEAD", address)[0] == 401
    other = anna.client.get(address)
    assert (other.status_code, other.text) == (404, "not yours")
    for changed in (address.upper(), address.replace("/media/", "/media//"), "/" + address):
        status, _, body = raw(house, "GET", changed, {"Cookie": anna.cookie})
        assert status in {400, 404} or body != own.content


def test_an_upload_goes_to_the_own_session_alone(
    house: Served, otto: Visitor, anna: Visitor
) -> None:
    """Without a session, in another's name, and with a token that is missing or another's."""
    with otto.socket() as pages:
        pages.open("liste")
        address = pages.upload_address()
        files = {"file": ("liste.csv", b"Nachname;Vorname\nErfunden;Kim\n", "text/csv")}
        assert raw(house, "PUT", address, {"Origin": house.home}, b"x")[0] == 401
        assert anna.client.put(address, files=files).status_code == 404
        foreign = {"Origin": "https://evil.example"}
        assert otto.client.put(address, files=files, headers=foreign).status_code == 403
        otto.client.get("/_stcore/host-config")
        assert otto.client.put(address, files=files).status_code == 403, "no token of the form"
        token = {"X-Xsrftoken": "2|aaaaaaaa|" + "0" * 32 + "|1"}
        assert otto.client.put(address, files=files, headers=token).status_code == 403
        assert anna.client.delete(address).status_code == 404
    with anna.socket() as pages:
        pages.open("ziel")
        hers = pages.upload_address(pages.session)
        assert otto.client.put(hers, files=files).status_code == 404


def test_another_users_pages_are_not_taken_over(otto: Visitor, anna: Visitor) -> None:
    """A websocket may name an earlier one to go on with; only its own user's is gone on with."""
    with anna.socket() as hers:
        hers.open("ziel")
        with otto.socket("x", hers.session) as his:
            assert "anna" not in text_of(his.open("liste"))
            assert his.session != hers.session
        assert "anna" in text_of(hers.open("ziel")), "and hers goes on"
    with otto.socket("x", hers.session) as his:
        assert "anna" not in text_of(his.open("liste"))
        assert his.session != hers.session


def test_a_browser_can_not_order_the_server_about(otto: Visitor) -> None:
    """To empty everybody's caches, to tell of its folder, to write files there, or nonsense."""
    about = BackMsg()
    about.load_git_info = True
    empty = BackMsg()
    empty.clear_cache = True
    shut = BackMsg()
    shut.debug_shutdown_runtime = True
    write = BackMsg()
    write.backend_operation_request.request_id = "1"
    write.backend_operation_request.install_skills.SetInParent()
    for message in (about, empty, shut, write):
        assert not is_meant(message.SerializeToString())
    with otto.socket() as pages:
        pages.open("liste")
        for said in (about, empty, shut, write):
            pages.line.send(said.SerializeToString())
        pages.line.send(b"\xff" * 50)
        pages.line.send("text")
        heard = pages.open("hilfe")
        kinds = {message.WhichOneof("type") for message in heard}
        assert not kinds & {"git_info_changed", "backend_operation_response", "session_event"}
        assert "Hilfe für Schulen" in text_of(heard)


def test_a_page_of_another_role_is_not_drawn(otto: Visitor) -> None:
    """Asked for by its address on an open line, and by an address with a query."""
    with otto.socket() as pages:
        for address in ("ziel", "konten", "faelle", "person"):
            heard = pages.open(address, "lang=de&school=999002")
            kinds = {message.WhichOneof("type") for message in heard}
            assert "page_not_found" in kinds
            assert "Liste abgeben" in text_of(heard)


# Forms --------------------------------------------------------------------------------------------


def test_a_planted_session_is_worth_nothing(house: Served) -> None:
    visitor = Visitor(house)
    visitor.client.cookies.set("uebergang_session", "planted" * 6, domain="127.0.0.1", path="/")
    visitor.come_in("olga")
    assert "planted" not in visitor.cookie
    assert raw(house, "GET", "/", {"Cookie": "uebergang_session=" + "planted" * 6})[0] == 401


def test_a_form_needs_its_own_token(house: Served, otto: Visitor) -> None:
    """None, another's, and one of before the sign-in."""
    stranger = Visitor(house)
    form = stranger.form("/anmelden")
    for token in (None, "", "0" * 64, Visitor(house).form("/anmelden")["token"]):
        told = {**form, "token": token or "", "name": "otto", "password": OWN}
        if token is None:
            del told["token"]
        assert stranger.client.post("/anmelden", data=told).status_code == 403
    for path in ("/abmelden", "/passwort"):
        told = {"token": form["token"], "new": OWN * 2, "again": OWN * 2, "old": OWN}
        assert otto.client.post(path, data=told).status_code == 403
    assert otto.is_in


def test_a_huge_body_is_not_read(house: Served, otto: Visitor) -> None:
    """A sign-in of 30 MB, a length that lies, an upload beyond what may be uploaded."""
    form = Visitor(house).form("/anmelden")
    huge = {**form, "name": "otto", "password": "x" * 30_000_000}
    assert Visitor(house).client.post("/anmelden", data=huge).status_code == 403
    status, _, _ = raw(
        house, "POST", "/ziel", {"Origin": house.home, "Content-Length": "9" * 12}, b"x"
    )
    assert status == 401
    with otto.socket() as pages:
        pages.open("liste")
        address = pages.upload_address()
        otto.client.get("/_stcore/health")
        token = otto.client.cookies.get("_streamlit_xsrf")
        answer = otto.client.put(
            address,
            files={"file": ("liste.csv", b"x" * 6_000_000, "text/csv")},
            headers={"X-Xsrftoken": token or ""},
        )
        assert answer.status_code == 413
    assert otto.is_in


def test_every_answer_of_the_process_is_hardened(house: Served, otto: Visitor) -> None:
    """Pages, parts, forms, refusals, what is not there: all carry the headers."""
    session = {"Cookie": otto.cookie}
    for path, headers in (
        ("/", session), ("/", {}), ("/anmelden", {}), ("/anmelden.css", {}), ("/liste", session),
        ("/static/none.js", session), ("/media/none", session), ("/_stcore/host-config", session),
        ("/_stcore/health", {}), ("/%2e%2e/x", session), ("/_stcore/metrics", session),
        ("/component/none/x", session),
    ):  # fmt: skip
        _, told, _ = raw(house, "GET", path, headers)
        assert "frame-ancestors 'none'" in told["content-security-policy"], path
        assert told["x-content-type-options"] == "nosniff" and told["cache-control"] == "no-store"
        assert told["x-frame-options"] == "DENY" and told["referrer-policy"] == "same-origin"


def test_the_log_of_the_process_holds_no_secret(house: Served, otto: Visitor) -> None:
    text = (house.database.parent / "log.txt").read_text(encoding="utf-8")
    assert secret_of(otto) not in text and OWN not in text and "Traceback" not in text
    raw_store = b"".join(file.read_bytes() for file in house.database.parent.glob("house.db*"))
    assert secret_of(otto).encode() not in raw_store and OWN.encode() not in raw_store


# Without a process: what needs a clock or a defect ------------------------------------------------


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(tmp_path: Path, clock: Clock) -> Iterator[Store]:
    store = open_store(str(tmp_path / "store.db"))
    for name in ("anna", "otto"):
        settle_in(store, name, clock.now)
    yield store
    store.close()


def fail(browser: Browser, name: str = "anna", times: int = 5) -> list[int]:
    return [browser.sign_in(name, "geraten, mehr nicht").status_code for _ in range(times)]


def test_nobody_can_shut_out_the_office(store: Store, clock: Clock) -> None:
    """Whoever fails on purpose shuts strangers' browsers out; who was in before comes in again."""
    app = gated(store, clock)
    own = Browser(app)
    own.sign_in()
    own.ask("/abmelden", "POST", form=own.form("/abmelden"))
    assert not own.is_in
    for name in ("anna", "otto"):
        assert fail(Browser(app), name) == [401, 401, 401, 401, 429]
    assert Browser(app).sign_in().status_code == 429
    assert own.sign_in().status_code == 303


def test_a_browser_that_is_known_has_five_tries_as_well(store: Store, clock: Clock) -> None:
    """A stolen computer is no way to guess without end; it shuts nobody else out."""
    app = gated(store, clock)
    own = Browser(app)
    own.sign_in()
    for name in ("uebergang_session", "uebergang_form"):
        own.cookies.pop(name, None)
    assert fail(own) == [401, 401, 401, 401, 429]
    assert own.sign_in().status_code == 429
    assert Browser(app).sign_in().status_code == 303
    clock.forward(minutes=15)
    assert own.sign_in().status_code == 303


@pytest.mark.parametrize("how", ["opened", "renewed"])
def test_who_keeps_the_house_opens_a_known_browser_as_well(
    store: Store, clock: Clock, how: str, tmp_path: Path
) -> None:
    """Most people shut themselves out at their own computer."""
    clock.now, ada = datetime.now(UTC), User("ada", frozenset({Role.ADMIN}))
    own = Browser(gated(store, clock))
    own.sign_in()
    for name in ("uebergang_session", "uebergang_form"):
        own.cookies.pop(name, None)
    assert fail(own)[-1] == 429
    database = store.engine.url.database or ""
    desk = Desk(Settings(data_folder=tmp_path / "data", database=database, copies_folder=None))
    assert desk.users_seen(by=ada)["anna"].shut
    password = PASSWORD
    if how == "opened":
        desk.let_try_again("anna", ada)
    else:
        password = desk.renew_password("anna", ada)
    assert not desk.users_seen(by=ada)["anna"].shut
    desk.close()
    clock.now = datetime.now(UTC)
    assert own.sign_in(password=password).status_code == 303


@pytest.mark.parametrize(
    "forged", ["{mark}", "{mark}.", ".", "x.y", "{mark}.{other}", "", "{theirs}"]
)
def test_a_browser_can_not_claim_to_be_known(store: Store, clock: Clock, forged: str) -> None:
    """Neither with a mark of its own making nor with that of another user's browser."""
    app = gated(store, clock)
    own, others = Browser(app), Browser(app)
    own.sign_in()
    others.sign_in("otto")
    mark = own.cookies["uebergang_known"].partition(".")[0]
    theirs = others.cookies["uebergang_known"]
    fail(Browser(app))
    told = forged.format(mark=mark, other=theirs.partition(".")[2], theirs=theirs)
    liar = Browser(app)
    liar.form("/anmelden")
    liar.cookies["uebergang_known"] = told
    assert liar.sign_in().status_code == 429


def test_what_a_browser_is_known_by_says_no_name(store: Store, clock: Clock) -> None:
    """And it is a cookie like the others: no script reads it, no other house gets it."""
    browser = Browser(gated(store, clock))
    browser.sign_in()
    (cookie,) = [one for one in browser.set_cookies if one.startswith("uebergang_known=")]
    assert "anna" not in cookie and "HttpOnly" in cookie and "SameSite=strict" in cookie
    assert f"Max-Age={180 * 24 * 3600}" in cookie
    assert "uebergang_known" not in str(browser.ask("/seite", opens=False).json())


def test_failures_outside_keep_nobody_from_another_password(store: Store, clock: Clock) -> None:
    app = gated(store, clock)
    own = Browser(app)
    own.sign_in()
    fail(Browser(app))
    told = {**own.form("/passwort"), "old": PASSWORD, "new": OWN, "again": OWN}
    assert own.ask("/passwort", "POST", form=told).headers["location"] == "/"


def test_a_defect_behind_the_gate_answers_with_its_headers(store: Store, clock: Clock) -> None:
    """An error says nothing, is kept by nobody, and is framed by nobody."""

    async def broken(_: Request) -> Response:
        raise RuntimeError("geheim")

    async def absent(_: Request) -> Response:
        raise HTTPException(404)

    house = House(store, clock=clock)
    routes = [*gate.routes(house), Route("/kaputt", broken), Route("/fehlt", absent)]
    app = Starlette(routes=routes, middleware=gate.middleware(house))
    browser = Browser(app, raises=False)
    browser.sign_in()
    for path, status in (("/kaputt", 500), ("/fehlt", 404), ("/nirgends", 404)):
        answer = browser.ask(path)
        assert answer.status_code == status and "geheim" not in answer.text
        assert answer.headers["cache-control"] == "no-store"
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
