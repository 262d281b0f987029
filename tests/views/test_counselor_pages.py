"""Does a counselor get from the list to a decision with its price, an answer and a letter?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from io import BytesIO
from pathlib import Path

import pytest
import streamlit as st
from pypdf import PdfReader
from sqlalchemy import insert, select
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import DateInput, Selectbox, TextInput

from data.intake.records import ContactStatus, Decliner
from data.store.export import Purpose
from data.store.tables import audit, duplicates
from data.store.typed import typed
from matching.errors import FaultyInput
from matching.problem import Bond
from office import words
from office.access import Role, User
from office.counseling_desk import Asked, Scores, Sender, Stage, Whose
from office.desk import Desk
from office.settings import Settings
from office.words import LANGUAGES
from tests.store.districts import name_of, offer, pseudonyms_of, pupil, take_in
from views import parts

_TAGS = re.compile(r"<style>.*?</style>|<[^>]+>", re.DOTALL)

PAGES = Path(__file__).parents[2] / "views/counselor"
ONE = "170001"
LENA = User("lena", frozenset({Role.COUNSELOR}))
PLAN = User("paul", frozenset({Role.PLANNER}))


@pytest.fixture(autouse=True)
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """Three people, two places, a plan in force; the counselor sees chances at once."""
    monkeypatch.setenv("UEBERGANG_DB", str(tmp_path / "store.db"))
    monkeypatch.setenv("UEBERGANG_DATA", str(tmp_path))
    monkeypatch.setattr(parts, "reader", lambda: LENA, raising=False)
    words.unsaid.clear()
    made = Desk(Settings())
    season = made.season()
    take_in(
        made.store,
        [pupil(n, compulsory_school_done=True) for n in (1, 2, 3)],
        season=season,
    )
    offer(made.store, 2, season)
    made.publish_plan(made.draw_season(PLAN).plan, PLAN, "geprüft")
    made.set_scores(Scores.SHOWN, LENA)
    yield made
    st.cache_resource.clear()
    made.close()


def opened(name: str, language: str = "de", **told: str) -> AppTest:
    page = AppTest.from_file(PAGES / f"{name}.py", default_timeout=60)
    page.query_params["lang"] = language
    for key, value in told.items():
        page.query_params[key] = value
    page.run()
    assert not page.exception
    return page


def text(page: AppTest) -> str:
    """Everything that a page says, tables without their tags."""
    kinds = ("title", "header", "subheader", "markdown", "caption", "info", "success", "warning")
    said = [str(getattr(one, "value", "")) for kind in kinds for one in page.get(kind)]
    said += [one.value for one in page.error]
    html = [str(getattr(element.proto, "body", "")) for element in page.get("html")]
    return "\n".join(said + [_TAGS.sub(" ", one) for one in html])


def press(page: AppTest, label: str) -> AppTest:
    next(one for one in page.button if one.label == label).click().run()
    assert not page.exception, page.exception
    return page


def field(page: AppTest, name: str) -> TextInput:
    """A line of text of a person's page, by its form and its own name."""
    return next(one for one in page.text_input if str(one.key).startswith(f"{name}_"))


def proposed(desk: Desk) -> tuple[str, str]:
    """Somebody to whom the plan proposes a place, taken over by the counselor."""
    for pseudonym in sorted(pseudonyms_of(desk.store).values()):
        offered = desk.person(pseudonym, LENA).offered
        if offered is not None:
            desk.take_case(pseudonym, LENA)
            return pseudonym, offered.place
    raise AssertionError("nobody has a proposal")


def test_the_list_offers_nobodys_cases_and_takes_one(desk: Desk) -> None:
    assert "Sie beraten noch niemanden" in text(opened("caseload"))
    page = opened("caseload", whose="nobodys")
    assert f"{name_of(ONE, 1)}, " in " ".join(one.label for one in page.button)
    assert "Alle (3)" in page.radio[0].options and "Zu bearbeiten (3)" in page.radio[0].options
    assert "Kein Vorschlag: Bei jedem möglichen Angebot gewinnen andere mehr" in text(page)
    press(page, "Übernehmen")
    assert "ist jetzt bei Ihnen in Beratung" in text(page)
    assert desk.caseload(LENA, Asked(Whose.MINE)).total == 1


def test_the_page_of_a_person_says_all_and_in_both_languages(desk: Desk) -> None:
    one, _ = proposed(desk)
    for language in LANGUAGES:
        page = opened("person", language, person=one)
        said = text(page)
        assert desk.person(one, LENA).name in said and "Erfunden GmbH" in said
        assert len(page.get("vega_lite_chart")) == 1
    assert words.unsaid == set()


def test_without_scores_no_chance_is_on_the_page(desk: Desk) -> None:
    one, _ = proposed(desk)
    desk.set_scores(Scores.AFTER, LENA)
    page = opened("person", person=one)
    assert "zwischen" not in text(page) and "Chancen erscheinen" in text(page)
    next(one for one in page.radio if str(one.key).startswith("fit_")).set_value(2)
    page.run()
    assert not page.exception and "zwischen" in text(page)


def test_a_decision_shows_its_price_first_and_needs_a_reason(desk: Desk) -> None:
    one, place = proposed(desk)
    page = opened("person", person=one, place=place)
    next(r for r in page.radio if str(r.key).startswith("bond_")).set_value("ban").run()
    assert not [one for one in page.text_input if str(one.key).startswith("decision_")]
    press(page, "Was würde das kosten?")
    assert "Erwartete" in text(page)
    press(page, "Entscheiden")
    assert desk.rulings_about(one, LENA) == ()
    field(page, "decision_reason").set_value("will nicht dorthin")
    press(page, "Entscheiden")
    (ruling,) = desk.rulings_about(one, LENA)
    assert (ruling.bond, ruling.reason) == (Bond.BAN, "will nicht dorthin")
    assert "Der nächste Plan hält sich daran" in text(page)


def test_a_proposal_is_sent_answered_and_taken_back(desk: Desk) -> None:
    one, _ = proposed(desk)
    page = opened("person", person=one)
    press(page, "Verschicken")
    assert "geben Sie eine Begründung an" in text(page) and not desk.person(one, LENA).contacts
    field(page, "send_reason").set_value("passt")
    press(page, "Verschicken")
    assert desk.caseload(LENA, Asked(Whose.MINE)).lines[0].stage is Stage.WAITING
    press(page, "Eintragen")
    assert len(desk.person(one, LENA).contacts) == 2
    press(page, "Letzten Eintrag zurücknehmen")
    assert len(desk.person(one, LENA).contacts) == 1


def test_the_letter_is_there_once_the_office_signs(desk: Desk) -> None:
    one, place = proposed(desk)
    desk.propose(one, place, LENA, "passt")
    assert "Absender" in text(opened("person", person=one))
    assert "Absender" in text(opened("firms"))
    desk.set_sender(Sender("Amt", "Weg 1", "33330 Gütersloh", "1", "a@example.org"), LENA)
    page = press(opened("person", person=one), "Brief schreiben")
    assert page.get("download_button")
    firms = press(opened("firms"), "Liste erstellen")
    assert firms.get("download_button") and desk.person(one, LENA).name.split()[-1] in text(firms)


def test_without_anything_to_answer_the_letter_has_no_form(desk: Desk) -> None:
    one, place = proposed(desk)
    desk.set_sender(Sender("Amt", "Weg 1", "33330 Gütersloh", "1", "a@example.org"), LENA)
    desk.propose(one, place, LENA, "passt")
    nothing = "Es gibt nichts zu schreiben"
    page = opened("person", person=one)
    assert field(page, "letter_words") and nothing not in text(page)
    press(page, "Eintragen")
    assert nothing in text(page)
    assert all(button.label != "Brief schreiben" for button in page.button)


def test_what_was_settled_on_is_sent_first_and_another_place_warns(desk: Desk) -> None:
    """Also on the page that was open before: there the other place was chosen already."""
    one, place = proposed(desk)
    found = desk.sheet(one, LENA)
    assert found is not None
    other = next(option.place for option in found.options if option.place != place)

    def chosen(at: AppTest) -> Selectbox[str]:
        return next(one for one in at.selectbox if str(one.key).startswith("send_place_"))

    page = opened("person", person=one)
    assert chosen(page).value == place
    desk.decide(one, other, Bond.PIN, LENA, "will dorthin")
    warned = "Festgelegt ist ein anderes Angebot: "
    for again in (page.run(), opened("person", person=one)):
        assert chosen(again).value == other and warned not in text(again)
        chosen(again).set_value(place).run()
        assert warned in text(again)


def test_the_plan_in_force_and_the_next_one_are_told_apart(desk: Desk) -> None:
    one, place = proposed(desk)
    found = desk.sheet(one, LENA)
    assert found is not None
    other = next(option.place for option in found.options if option.place != place)
    desk.decide(one, other, Bond.PIN, LENA, "will dorthin")
    said = text(opened("person", person=one, place=other))
    assert "Der gültige Plan schlägt" in said
    assert "Im nächsten Plan vorgeschlagen (festgelegt)" in said and "Heute vor" not in said


def test_after_any_place_was_judged_nothing_says_that_chances_wait(desk: Desk) -> None:
    """They are shown from then on, also beside the places that were not judged."""
    one, place = proposed(desk)
    found = desk.sheet(one, LENA)
    assert found is not None
    other = next(option.place for option in found.options if option.place != place)
    desk.set_scores(Scores.AFTER, LENA)
    assert "Chancen erscheinen" in text(opened("person", person=one, place=other))
    desk.judge(one, place, 2, LENA)
    said = text(opened("person", person=one, place=other))
    assert "Chance auf einen Vertrag" in said and "Chancen erscheinen" not in said


def test_somebody_elses_case_and_nobody_are_told_plainly(desk: Desk) -> None:
    one, _ = proposed(desk)
    parts.reader = lambda: User("karl", frozenset({Role.COUNSELOR}))
    page = opened("person", person=one)
    assert "bei jemand anderem" in text(page) and desk.person(one, LENA).name not in text(page)
    page = opened("person")
    page.text_input(key="person_words").set_value(desk.person(one, LENA).name.split()[-1]).run()
    assert "niemand gefunden" in text(page)
    assert "niemand" in text(opened("person", person="f" * 32)).casefold()


@pytest.mark.parametrize("name", ["agreed", "again"])
def test_a_day_of_the_case_is_written_by_whoever_changes_it_alone(desk: Desk, name: str) -> None:
    """A consent taken back elsewhere must not come back by a page that is still open."""
    one, _ = proposed(desk)
    change = {"agreed": desk.agree_to_name, "again": desk.contact_again}[name]

    def stored() -> date | None:
        case = desk.person(one, LENA).case
        return case.agreed_on if name == "agreed" else case.again

    def box(at: AppTest) -> DateInput:
        return next(one for one in at.date_input if str(one.key).startswith(f"{name}_"))

    first, later = date(2026, 1, 1), date(2026, 2, 2)
    page = opened("person", person=one)
    assert box(page).value is None
    box(page).set_value(first).run()
    assert stored() == first and box(page).value == first and "Gespeichert" in text(page)
    change(one, None, LENA, before=first)
    page.run()
    assert stored() is None and box(page).value is None
    change(one, later, LENA)
    box(page).set_value(first).run()
    assert stored() == later and box(page).value == later and "seither" in text(page)
    box(page).set_value(None).run()
    assert stored() is None and box(page).value is None
    assert not page.exception and words.unsaid == set()


def test_a_search_finds_whom_one_may_look_after(desk: Desk) -> None:
    """And the address that opens their page holds a number, never a name."""
    one, _ = proposed(desk)
    page = opened("person")
    assert "Teil des Namens" in text(page)
    surname = desk.person(one, LENA).name.split()[-1]
    page.text_input(key="person_words").set_value(surname[:6]).run()
    assert not page.exception
    assert any(surname in button.label for button in page.button)


@pytest.mark.parametrize(
    ("form", "label"), [("decision_reason", "Entscheiden"), ("send_reason", "Verschicken")]
)
def test_what_was_typed_is_there_when_the_page_is_opened_again(
    desk: Desk, form: str, label: str
) -> None:
    """For whoever typed it alone; gone once it is saved."""
    one, place = proposed(desk)
    page = opened("person", person=one, place=place)
    if form == "decision_reason":
        press(page, "Was würde das kosten?")
    field(page, form).set_value("nach dem Gespräch am").run()
    again = opened("person", person=one, place=place)
    assert field(again, form).value == "nach dem Gespräch am"
    name = form.partition("_")[0]
    assert dict(typed(desk.store, "karl", desk.season(), one, name)) == {}
    press(again, label)
    assert dict(desk.typed(one, name, LENA)) == {}
    fresh = opened("person", person=one, place=place)
    assert all(box.value != "nach dem Gespräch am" for box in fresh.text_input)


def test_a_half_told_answer_is_there_when_the_page_is_opened_again(desk: Desk) -> None:
    one, _ = proposed(desk)
    page = opened("person", person=one)

    def box(at: AppTest, name: str) -> Selectbox[ContactStatus | Decliner]:
        return next(one for one in at.selectbox if str(one.key).startswith(f"answer_{name}_"))

    box(page, "status").set_value(ContactStatus.DECLINED).run()
    box(page, "decliner").set_value(Decliner.EMPLOYER).run()
    again = opened("person", person=one)
    assert box(again, "status").value is ContactStatus.DECLINED
    assert box(again, "decliner").value is Decliner.EMPLOYER
    press(again, "Eintragen")
    (line,) = desk.person(one, LENA).contacts
    assert (line.status, line.declined_by) == (ContactStatus.DECLINED, Decliner.EMPLOYER)
    page = opened("person", person=one)
    assert box(page, "status").value is ContactStatus.APPLIED
    assert "abgesagt oder aufgegeben" in text(page)


def test_with_scoring_off_no_chance_is_anywhere_and_all_works(desk: Desk) -> None:
    """On no page, in no price, in no letter."""
    one, place = proposed(desk)
    desk.set_scores(Scores.OFF, LENA)
    desk.set_sender(Sender("Amt", "Weg 1", "33330 Gütersloh", "1", "a@example.org"), LENA)
    page = opened("person", person=one, place=place)
    press(page, "Was würde das kosten?")
    said = text(page)
    assert "Wunschpunkte" in said and "Erwartete Vermittlungen" not in said
    assert "%" not in said and "Prozentpunkte" not in said
    desk.propose(one, place, LENA, "passt")
    letter = PdfReader(BytesIO(desk.letter(one, LENA, "de")))
    words_of = " ".join(" ".join(sheet.extract_text() for sheet in letter.pages).split())
    assert "KI-System" in words_of and "wahrscheinlich" not in words_of
    for name in ("caseload", "firms"):
        assert "%" not in text(opened(name))


def test_an_objection_is_one_click_and_leaves_the_person_to_people(desk: Desk) -> None:
    one, _ = proposed(desk)
    page = press(opened("person", person=one), "Widerspruch eintragen")
    said = text(page)
    assert "Nur Menschen suchen ein Angebot" in said and "zwischen" not in said
    assert desk.caseload(LENA, Asked(Whose.MINE)).total == 1
    press(page, "Widerspruch zurücknehmen")
    assert desk.person(one, LENA).objected_on is None


def test_a_withdrawal_asks_first_and_ends_every_proposal(desk: Desk) -> None:
    one, _ = proposed(desk)
    page = press(opened("person", person=one), "Rechtsgrundlage widerrufen")
    assert desk.person(one, LENA).may_be_matched
    press(page, "Ja, widerrufen")
    assert not desk.person(one, LENA).may_be_matched
    assert desk.caseload(LENA, Asked(Whose.MINE)).total == 0


def test_a_pair_is_looked_at_for_a_purpose_ruled_on_and_turned_round(desk: Desk) -> None:
    one, other, *_ = sorted(pseudonyms_of(desk.store).values())
    with desk.store.transaction() as connection:
        told = {"one": one, "other": other, "score": 0.9, "rule": "r"}
        connection.execute(insert(duplicates).values(**told))
    page = opened("doubles")
    name = desk.person(one, LENA).name.split()[-1]
    assert "Paar 1" in text(page) and name not in text(page)
    press(page, "Nebeneinander zeigen")
    assert name in text(page)
    with desk.store.reading() as connection:
        shown = select(audit.c.subject).where(audit.c.action == "show.names.correction")
        assert list(connection.scalars(shown)) == [f"{one} {other}"]
    press(page, "Eine Person")
    assert desk.person(other, LENA).pseudonym == one
    press(page, "Es sind doch zwei Personen")
    assert desk.person(other, LENA).pseudonym == other
    with pytest.raises(FaultyInput):
        desk.compare(one, "f" * 32, Purpose.SCHOOL, LENA)
