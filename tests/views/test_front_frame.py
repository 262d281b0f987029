"""What stands around every page? Who is here, the way out, and words when there is no page."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from office import words
from office.access import Role, User
from office.words import LANGUAGES
from views import invented, parts
from views.addresses import ELSEWHERE

FRONT = Path(__file__).parents[2] / "views/front.py"


def front(monkeypatch: pytest.MonkeyPatch, user: User, language: str = "de") -> AppTest:
    monkeypatch.setattr(parts, "reader", lambda: user)
    words.unsaid.clear()
    page = AppTest.from_file(FRONT, default_timeout=60)
    page.query_params["lang"] = language
    page.run()
    assert not page.exception
    assert words.unsaid == set()
    return page


@pytest.fixture(autouse=True)
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UEBERGANG_DB", str(tmp_path / "store.db"))
    monkeypatch.setenv("UEBERGANG_DATA", str(tmp_path))


@pytest.mark.parametrize("language", LANGUAGES)
def test_whoever_has_no_role_yet_is_told_whom_to_ask_and_can_leave(
    monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    page = front(monkeypatch, User("*neu*", frozenset()), language)
    assert len(page.title) == 1 and len(page.info) == 1
    assert [one.label for one in page.sidebar.button] in (["Abmelden"], ["Sign out"])
    assert "\\*neu\\*" in page.sidebar.markdown[0].value, "a name is never markup"
    assert any('href="/passwort?lang=' in one.proto.body for one in page.sidebar.get("html"))


def test_an_office_without_passwords_offers_no_way_to_change_one(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    gate = tmp_path / "gate.toml"
    gate.write_text(
        'passwords = false\naddress = "https://uebergang.example.org"\n[provider]\n'
        'issuer = "https://login.example.org"\nclient = "u"\nroles_claim = "roles"\n'
        '[[provider.roles]]\nvalue = "p"\nrole = "planner"\n'
    )
    monkeypatch.setenv("UEBERGANG_GATE", str(gate))
    monkeypatch.setenv("UEBERGANG_PROVIDER_SECRET", "s3cret")
    page = front(monkeypatch, User("neu", frozenset()))
    assert not any("/passwort" in one.proto.body for one in page.sidebar.get("html"))


def test_what_is_invented_is_said_once_above_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(invented, "_shows", lambda store: True)
    page = front(monkeypatch, User("ulla", frozenset({Role.SCHOOL}), frozenset({"999001"})))
    said = [one.proto.body for one in page.main.get("html") if "invented" in one.proto.body]
    assert len(said) == 1 and "Alle Personen und Betriebe hier sind erfunden." in said[0]
    monkeypatch.setattr(invented, "_shows", lambda store: False)
    page = front(monkeypatch, User("ulla", frozenset({Role.SCHOOL}), frozenset({"999001"})))
    assert not [one for one in page.main.get("html") if "invented" in one.proto.body]


def test_a_store_that_breaks_off_is_told_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever stands around the pages may fail too, and not in Streamlit's English."""

    def broken(store: str) -> bool:
        raise OSError("disk of Erika Geheim")

    monkeypatch.setattr(invented, "_shows", broken)
    page = front(monkeypatch, User("neu", frozenset()))
    assert page.title[0].value == "Diese Seite ist abgebrochen"
    assert "Geheim" not in page.error[0].value


def test_whoever_comes_from_an_address_without_a_page_is_told_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """In their own language: what Streamlit says of such an address is English."""
    monkeypatch.setattr(parts, "reader", lambda: User("ulla", frozenset({Role.SCHOOL})))
    page = AppTest.from_file(FRONT, default_timeout=60)
    page.query_params["lang"], page.query_params[ELSEWHERE] = "de", "1"
    page.run()
    assert not page.exception
    assert page.info[0].value.startswith("Diese Seite gibt es nicht, oder sie gehört zu")
    assert ELSEWHERE not in page.query_params
    page.run()
    assert not any(one.value.startswith("Diese Seite gibt es nicht") for one in page.info)
