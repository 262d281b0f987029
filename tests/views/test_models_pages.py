"""Do planner and administrator read where chances come from, and can they do without them?"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from data.sample.history import past
from matching.errors import Refused
from models.fairness import audit
from office import words
from office.access import RIGHTS, Right, Role, User
from office.desk import Desk
from office.model_sheet import read_drift
from office.settings import Settings
from office.words import LANGUAGES
from office.words.chances import drift_words, feature_words
from tests.office.learned import TINY, learned
from tests.store.districts import offer, pupil, take_in
from tests.views.test_admin_pages import press, text
from views import models_shown, parts
from views.tables import begun

VIEWS = Path(__file__).parents[2] / "views"
ADA = User("ada", frozenset({Role.ADMIN}))
PLANNER = User("planung", frozenset({Role.PLANNER}))
PAGES = {"planner/chances.py": PLANNER, "admin/models.py": ADA}


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """A season with people and places; no plan and no model."""
    monkeypatch.setenv("UEBERGANG_DB", str(tmp_path / "store.db"))
    monkeypatch.setenv("UEBERGANG_DATA", str(tmp_path))
    words.unsaid.clear()
    made = Desk(Settings())
    season = made.season()
    people = [pupil(n, compulsory_school_done=True) for n in range(1, 10)]
    take_in(made.store, people, season=season)
    offer(made.store, 8, season)
    yield made
    models_shown.asking(PLANNER, "de").desk.close()
    made.close()


@pytest.fixture
def group_audit() -> bytes:
    """An audit of the tests' model by the invented past's group."""
    history = past(3, TINY).history
    found = audit(learned().model, history, history[["group"]].astype(str))
    return json.dumps(found.facts()).encode()


@pytest.fixture
def modelled(desk: Desk, group_audit: bytes) -> Desk:
    """With a model in force, and a plan by it."""
    made = learned()
    desk.take_model(made.content, made.card, ADA, group_audit)
    desk.activate_model(1, ADA, "geprüft *am* Montag")
    plan = desk.draw_season(by=PLANNER).plan
    desk.publish_plan(plan, by=PLANNER, reason="mit Modell")
    return desk


def opened(
    file: str, monkeypatch: pytest.MonkeyPatch, language: str = "de", **asked: str
) -> AppTest:
    monkeypatch.setattr(parts, "reader", lambda: PAGES[file])
    page = AppTest.from_file(VIEWS / file, default_timeout=60)
    page.query_params["lang"] = language
    for name, value in asked.items():
        page.query_params[name] = value
    page.run()
    assert not page.exception
    return page


@pytest.mark.parametrize("file", PAGES)
def test_without_a_model_it_says_what_to_do(
    desk: Desk, file: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = text(opened(file, monkeypatch))
    assert "Die Punktetabelle gibt die Chancen" in said and "Es sind Annahmen" in said
    assert "uebergang train" in said
    assert "Noch war kein Plan in Kraft" in said
    assert words.unsaid == set()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("file", PAGES)
def test_the_model_in_force_and_all_that_is_known_of_it(
    modelled: Desk, file: str, language: words.Language, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first line says who and why; nothing is left in the other language."""
    page = opened(file, monkeypatch, language)
    said = text(page)
    first = str(page.info[0].value)
    assert ("Modell 1" in first or "Model 1" in first) and "ada" in first
    assert r"geprüft \*am\* Montag" in first
    card = json.loads(learned().card)
    for season, scores in card["ahead"].items():
        assert season in said and words.percent(scores["mean_chance"], language) in said
    for group in modelled.models(ADA)[0].card["audit"]["groups"]:
        assert words.number(group["people"], language) in said
    assert ("erfunden" in said) if language == "de" else ("invented" in said)
    assert words.unsaid == set()


def test_a_fresh_plan_is_not_judged_and_held_against_the_past(
    modelled: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody has answered yet; every feature is named, and how far it is from the past."""
    said = text(opened("planner/chances.py", monkeypatch))
    (promise,) = modelled.model_state(PLANNER).promises
    assert promise.held_to is not None and promise.still_open == promise.proposals
    assert words.number(promise.held_to.honest, "de") in said and "Zu früh für ein Urteil" in said
    found = read_drift(modelled.model_state(PLANNER).drift)
    assert found is not None and f"({found.rows} Vorschläge)" in said
    for one in found.features:
        assert begun(feature_words(one.name, "de")) in said
        assert begun(drift_words(one.verdict, "de")) in said


@pytest.mark.parametrize("file", PAGES)
def test_one_switch_does_without_chances_and_back(
    modelled: Desk, file: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It says before what it does, wants a reason, works at once, and forgets no model."""
    page = opened(file, monkeypatch)
    assert "Sofort sieht niemand mehr eine Chance" in text(page)
    press(page, "Chancen für alle abschalten")
    assert not modelled.is_manual(PLANNER) and "Bitte geben Sie" in text(page)
    page.text_input(key="manual_reason").set_value("Zweifel an der Kalibrierung")
    press(page, "Chancen für alle abschalten")
    assert modelled.is_manual(PLANNER)
    said = text(page)
    assert "Es wird ohne Chancen gearbeitet" in said and "Zweifel an der Kalibrierung" in said
    page.text_input(key="manual_reason").set_value("geklärt")
    press(page, "Chancen wieder anschalten")
    state = modelled.model_state(PLANNER)
    assert not state.is_manual and state.active is not None and state.active.id == 1
    assert [one.reason for one in state.switches][:2] == ["geklärt", "Zweifel an der Kalibrierung"]
    assert words.unsaid == set()


@pytest.mark.parametrize("file", PAGES)
def test_a_card_that_cannot_be_read_breaks_no_page(
    desk: Desk, file: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only what binds it to the model is checked when it is taken in."""
    told: dict[str, Any] = json.loads(learned().card)
    del told["ahead"]
    desk.take_model(learned().content, json.dumps(told).encode(), ADA, b'{"groups": 7}')
    desk.activate_model(1, ADA, "Probe")
    said = text(opened(file, monkeypatch))
    assert "nicht lesbar" in said and "Modell 1" in said
    assert words.unsaid == set()


# The administrator's own part --------------------------------------------------------------------


def test_models_are_put_in_force_and_gone_back_from(
    modelled: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It asks before, wants a reason, and the scorecard is one of the choices."""
    other = learned(4)
    modelled.take_model(other.content, other.card, ADA)
    page = opened("admin/models.py", monkeypatch, part="all")
    assert page.selectbox(key="to_force").options == ["Modell 2", "Punktetabelle"]
    press(page, "In Kraft setzen")
    press(page, "Ja, in Kraft setzen")
    assert "Bitte geben Sie" in text(page)
    for reason, choice, active in (("neuer", 2, 2), ("doch der alte", 1, 1), ("ohne", 0, None)):
        page.selectbox(key="to_force").set_value(choice).run()
        page.text_input(key="force_reason").set_value(reason).run()
        press(page, "In Kraft setzen")
        press(page, "Ja, in Kraft setzen")
        state = modelled.model_state(ADA)
        assert (state.active and state.active.id) == active
        assert state.switches[0].reason == reason
    assert words.unsaid == set()


def test_a_model_is_taken_in_with_its_card_and_audit(
    desk: Desk, group_audit: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = learned()
    page = opened("admin/models.py", monkeypatch, part="take")
    given = [("m.model", made.content, ""), ("m.model.card.json", made.card, "")]
    page.file_uploader(key="model_files").set_value(given[:1]).run()
    assert "Gebraucht werden" in text(page) and not desk.models(ADA)
    page.file_uploader(key="model_files").set_value([*given, ("audit.json", group_audit, "")]).run()
    press(page, "Aufnehmen")
    (line,) = desk.models(ADA)
    assert line.card["audit"]["groups"] and "Modell 1 ist aufgenommen" in text(page)
    assert desk.active_model(ADA) is None
    assert words.unsaid == set()


@pytest.mark.parametrize("what", ["model", "card", "again"])
def test_a_file_that_is_none_is_refused_in_words(
    desk: Desk, what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = learned()
    if what == "again":
        desk.take_model(made.content, made.card, ADA)
    content = made.content[:-1] + b"x" if what == "model" else made.content
    card = learned(4).card if what == "card" else made.card
    page = opened("admin/models.py", monkeypatch, part="take")
    given = [("m.model", content, ""), ("m.model.card.json", card, "")]
    page.file_uploader(key="model_files").set_value(given).run()
    press(page, "Aufnehmen")
    assert len(page.error) == 1 and len(desk.models(ADA)) == (what == "again")
    assert words.unsaid == set()


# Who may not --------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", [Role.COUNSELOR, Role.SCHOOL])
def test_other_roles_are_refused(desk: Desk, role: Role, monkeypatch: pytest.MonkeyPatch) -> None:
    """Even where the page itself runs for them, which the front end does not let happen."""
    assert Right.SEE_MODELS not in RIGHTS[role]
    user = User("fremd", frozenset({role}))
    with pytest.raises(Refused):
        desk.model_state(user)
    monkeypatch.setitem(PAGES, "planner/chances.py", user)
    said = text(opened("planner/chances.py", monkeypatch))
    assert "Das dürfen Sie hier nicht" in said and "Punktetabelle" not in said


def test_a_planner_switches_but_keeps_no_models(modelled: Desk) -> None:
    made = learned(4)
    with pytest.raises(Refused):
        modelled.take_model(made.content, made.card, PLANNER)
    with pytest.raises(Refused):
        modelled.activate_model(1, PLANNER, "x")
    with pytest.raises(Refused):
        modelled.use_scorecard(PLANNER, "x")
    assert modelled.set_manual(True, PLANNER, "x")
