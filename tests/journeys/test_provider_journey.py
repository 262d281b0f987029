"""Does an office's own account let in? By a real identity provider, and only with a role here."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack
from urllib.parse import parse_qs, urlencode, urlsplit, urlunsplit

import httpx2
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.journeys.conftest import Come, Databases
from tests.journeys.house import House, free_port, provider, served

_GATE = """
address = "{address}"
[provider]
name = "Dienstkonto"
issuer = "{issuer}"
client = "uebergang"
[[provider.roles]]
value = "planung"
role = "planner"
[[provider.roles]]
value = "schule-999001"
role = "school"
school = "999001"
"""

#: Whom the provider knows; the last has the name of somebody with a password here.
PEOPLE = (
    {"sub": "s-1", "preferred_username": "Petra", "groups": ["planung", "kantine"]},
    {"sub": "s-2", "preferred_username": "Sven", "groups": ["schule-999001"]},
    {"sub": "s-3", "preferred_username": "Gast", "groups": ["kantine"]},
    {"sub": "s-4", "preferred_username": "beratung", "groups": ["planung"]},
)

FAILED = "nicht gelungen"


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def office(
    browser: Browser, databases: Databases, request: pytest.FixtureRequest
) -> Iterator[tuple[House, str]]:
    """A house of an office that has an identity provider; the house and the provider's address."""
    database, folder = databases(request.param, "office")
    port = free_port()
    with ExitStack() as stack:
        issuer = stack.enter_context(provider(*PEOPLE))
        gate = folder / "gate.toml"
        gate.write_text(_GATE.format(address=f"http://127.0.0.1:{port}", issuer=issuer))
        yield stack.enter_context(served(database, folder, gate, port)), issuer


@pytest.fixture
def context(office: tuple[House, str], come: Come) -> BrowserContext:
    """A browser that may go to the house and to the provider, and nowhere else."""
    house, issuer = office
    context = come(house, "de", also=issuer)
    # The provider of the tests has its style sheet elsewhere; nobody waits for that.
    context.route(re.compile("^https://"), lambda route: route.abort())
    return context


def by_provider(page: Page, subject: str) -> None:
    page.get_by_role("link", name="Anmelden mit Dienstkonto").click()
    page.wait_for_url("**/oauth2/authorize**")
    page.get_by_role("button", name=subject).click()


def test_the_office_account_lets_in_with_its_role(
    office: tuple[House, str], context: BrowserContext
) -> None:
    """Code flow with PKCE, state and nonce; the role comes from the whitelist, and leads home."""
    house, _ = office
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{house.address}/plaene")
    by_provider(page, "s-1")
    expect(page.get_by_text("Angemeldet: petra")).to_be_visible()
    expect(page).to_have_url(f"{house.address}/plaene")
    expect(page.get_by_role("link", name="Unsere Schülerinnen und Schüler")).to_have_count(0)
    sent = next(parse_qs(urlsplit(url).query) for url in asked if "/oauth2/authorize" in url)
    assert sent["response_type"] == ["code"] and sent["code_challenge_method"] == ["S256"]
    assert {"state", "nonce", "code_challenge"} <= set(sent) and sent["prompt"] == ["login"]
    page.get_by_role("button", name="Abmelden").click()
    by_provider(page, "s-2")
    expect(page.get_by_text("Angemeldet: sven")).to_be_visible()
    expect(page.get_by_role("link", name="Unsere Schülerinnen und Schüler")).to_be_visible()
    expect(page.get_by_role("link", name="Pläne")).to_have_count(0)


@pytest.mark.parametrize(
    ("subject", "words"),
    [("s-3", "keine Aufgabe zugewiesen"), ("s-4", "kann hier nicht verwendet werden")],
)
def test_nobody_gets_in_without_a_role_or_under_anothers_name(
    office: tuple[House, str], context: BrowserContext, subject: str, words: str
) -> None:
    house, _ = office
    page = context.new_page()
    page.goto(house.address)
    by_provider(page, subject)
    expect(page.get_by_role("alert")).to_contain_text(words)
    page.goto(house.address)
    expect(page.get_by_role("heading", level=1)).to_have_text("Anmelden")


def test_the_way_back_counts_once_with_its_state_and_for_its_browser(
    office: tuple[House, str], context: BrowserContext
) -> None:
    """An address with a code is worth nothing again, nor to another, nor with another state."""
    house, _ = office
    page = context.new_page()
    backs: list[str] = []
    page.on("request", lambda one: backs.append(one.url) if "/zurueck?" in one.url else None)
    page.goto(house.address)
    page.get_by_role("link", name="Anmelden mit Dienstkonto").click()
    page.wait_for_url("**/oauth2/authorize**")
    # As somebody would who slips a code of their own to others.
    parts = urlsplit(page.url)
    told = {name: values[0] for name, values in parse_qs(parts.query).items()}
    other = urlencode({**told, "state": "x" + told["state"][1:]})
    page.goto(urlunsplit(parts._replace(query=other)))
    page.get_by_role("button", name="s-1").click()
    expect(page.get_by_role("alert")).to_contain_text(FAILED)
    assert len(backs) == 1
    page.goto(house.address)
    by_provider(page, "s-1")
    expect(page.get_by_text("Angemeldet: petra")).to_be_visible()
    with httpx2.Client() as stranger:
        assert FAILED in stranger.get(backs[-1]).text
        stranger.get(f"{house.address}/anmelden/dienst")
        assert "uebergang_away" in stranger.cookies
        assert FAILED in stranger.get(backs[-1]).text
        assert "uebergang_away" not in stranger.cookies
        assert stranger.get(house.address).status_code == 401
    page.goto(backs[-1])
    expect(page.get_by_role("alert")).to_contain_text(FAILED)
