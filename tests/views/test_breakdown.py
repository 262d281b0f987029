"""Does a page that breaks off say so in plain words, and tell nobody what was in it?"""

from __future__ import annotations

import logging
import re
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from office import words
from office.words import LANGUAGES
from tests.views.broken_app import SECRET

APP = Path(__file__).with_name("broken_app.py")


def broken(monkeypatch: pytest.MonkeyPatch, kind: str, language: str = "de") -> AppTest:
    monkeypatch.setenv("UEBERGANG_TEST_BREAKS", kind)
    words.unsaid.clear()
    page = AppTest.from_file(APP, default_timeout=30)
    page.query_params["lang"] = language
    page.run()
    assert not page.exception, "Streamlit's own words are English"
    assert words.unsaid == set()
    return page


def said(page: AppTest) -> str:
    told = [
        str(getattr(one, "value", ""))
        for kind in ("title", "warning", "error")
        for one in page.get(kind)
    ]
    html = [str(one.proto.body) for one in page.get("html")]
    return re.sub(r"<style>.*?</style>|<[^>]+>", " ", "\n".join(told + html), flags=re.DOTALL)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", ["defect", "refused", "faults", "no plan"])
def test_whatever_breaks_is_said_in_the_readers_language_and_can_be_left(
    monkeypatch: pytest.MonkeyPatch, kind: str, language: str
) -> None:
    page = broken(monkeypatch, kind, language)
    assert SECRET not in said(page) and "Geheim" not in said(page)
    assert not [one for one in page.markdown if one.value == "Ende"]
    page.session_state["stuck"] = "what breaks it"
    page.button(key="load_again").click().run()
    assert "stuck" not in page.session_state
    assert page.query_params["lang"] in (language, [language])


def test_the_number_on_the_page_finds_the_place_in_the_log_and_no_value(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR, "uebergang.views"):
        page = broken(monkeypatch, "defect")
    (record,) = [one for one in caplog.records if one.name == "uebergang.views"]
    (number,) = re.findall(r"\*\*([0-9a-f]{8})\*\*", said(page))
    told = record.getMessage()
    assert number in told
    assert "KeyError" in told and "ValueError" in told and "broken_app.py" in told
    assert "Geheim" not in told and record.exc_info is None


def test_what_is_refused_has_its_own_words_and_no_number(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    page = broken(monkeypatch, "refused")
    assert "999002" in said(page) and "das Recht" in said(page)
    own = [one for one in caplog.records if one.name.startswith("uebergang")]
    assert not own, "a refusal is no defect"
    assert "Der Datenbestand ist nicht erreichbar" in said(broken(monkeypatch, "faults"))


def test_a_page_that_stops_of_itself_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stop and rerun are Streamlit's own signals, and no errors."""
    page = broken(monkeypatch, "stop")
    assert [one.value for one in page.title] == ["Anfang"] and not page.button
