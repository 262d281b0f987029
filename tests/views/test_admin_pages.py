"""Does an administrator keep the house: accounts, imports, runs, log, terms, copies, deletion?"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from data.intake.records import ContactStatus
from data.store.audit_pages import Wanted
from data.store.case_steps import Answer, record
from data.store.sign_ins import begin_session, try_password
from data.store.tables import identities
from office import words
from office.access import Role, User
from office.desk import Desk
from office.settings import Settings
from office.words import LANGUAGES, Language
from tests.store.districts import (
    ONE,
    OTHER,
    name_of,
    offer,
    pseudonyms_of,
    pupil,
    take_in,
    waiting_row,
)
from views import parts

PAGES = Path(__file__).parents[2] / "views/admin"
ADA = User("ada", frozenset({Role.ADMIN}))
PLANNER = User("planung", frozenset({Role.PLANNER}))


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """A store with two schools' lists, a row that waits, places, and one administrator."""
    monkeypatch.setenv("UEBERGANG_DB", str(tmp_path / "store.db"))
    monkeypatch.setenv("UEBERGANG_DATA", str(tmp_path))
    monkeypatch.delenv("UEBERGANG_COPIES", raising=False)
    monkeypatch.setattr(parts, "reader", lambda: ADA)
    words.unsaid.clear()
    made = Desk(Settings())
    made.add_user("ada", [Role.ADMIN], User.operator("root"))
    season = made.season()
    people = [pupil(n, compulsory_school_done=True) for n in range(1, 6)]
    waits = [waiting_row(9, surname="Geheimnis", first_name="Ada", postcode="00000")]
    take_in(made.store, people, waiting=waits, season=season)
    take_in(made.store, [pupil(1, OTHER)], OTHER, season=season)
    offer(made.store, 4, season)
    yield made
    made.close()


def opened(name: str, language: str = "de", **asked: str) -> AppTest:
    page = AppTest.from_file(PAGES / f"{name}.py", default_timeout=60)
    page.query_params["lang"] = language
    for key, value in asked.items():
        page.query_params[key] = value
    page.run()
    assert not page.exception
    return page


def text(page: AppTest) -> str:
    """Everything that the page says, tables without their tags."""
    kinds = ("title", "header", "markdown", "info", "success", "warning", "error", "code")
    said = [str(getattr(element, "value", "")) for kind in kinds for element in page.get(kind)]
    said += [f"{metric.label} {metric.value}" for metric in page.metric]
    tables = [str(getattr(element.proto, "body", "")) for element in page.get("html")]
    said += [re.sub(r"<style>.*?</style>|<[^>]+>", " ", html, flags=re.S) for html in tables]
    return "\n".join(said)


def press(page: AppTest, label: str) -> AppTest:
    found = [one for one in page.button if one.label == label]
    assert len(found) == 1, [one.label for one in page.button]
    found[0].click().run()
    assert not page.exception
    return page


def log_of(desk: Desk) -> list[str]:
    """What was done, newest first."""
    rows, _ = desk.log_page(ADA, Wanted(), limit=1_000)
    return [row.action for row in rows]


# What holds for all of them -----------------------------------------------------------------------

ALL = [
    ("users", {}),
    ("imports", {}),
    ("imports", {"import": "1"}),
    ("imports", {"part": "waiting"}),
    ("runs", {}),
    ("audit", {}),
    *(("upkeep", {"part": part}) for part in ("terms", "switches", "backup", "person")),
    ("upkeep", {"part": "reference"}),
]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("name", "asked"), ALL)
def test_no_page_names_a_person_unasked(
    desk: Desk, name: str, asked: dict[str, str], language: Language
) -> None:
    """The law of this role: it keeps the house and sees nobody's name without a purpose."""
    page = opened(name, language, **asked)
    said = text(page)
    assert page.title and page.expander
    for told in (name_of(ONE, 1), name_of(OTHER, 1), "Geheimnis", "00000"):
        assert told not in said
    assert words.unsaid == set()


@pytest.mark.parametrize(("name", "asked"), ALL)
def test_no_page_opens_to_another_role(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, name: str, asked: dict[str, str]
) -> None:
    """The address alone opens nothing: the desk refuses whatever is asked for."""
    for role in set(Role) - {Role.ADMIN}:
        if role is Role.PLANNER and name in {"runs", "imports"}:
            continue  # they may see those; their navigation has no such page
        other = User("otto", frozenset({role}), frozenset({ONE}))
        monkeypatch.setattr(parts, "reader", lambda who=other: who)
        page = AppTest.from_file(PAGES / f"{name}.py", default_timeout=60)
        for key, value in asked.items():
            page.query_params[key] = value
        page.run()
        if name == "imports" and asked.get("import") and role is Role.SCHOOL:
            continue  # a school's own import; another school's is refused by the desk's own tests
        if (name, asked.get("part")) == ("upkeep", "person"):
            assert not [one for one in page.button if one.key == "forget"]
            continue
        assert page.exception, role


@pytest.mark.parametrize("told", ["999", "0", "9" * 30, "1;2", "", "x"])
@pytest.mark.parametrize("name", ["import", "run", "page"])
def test_no_address_breaks_a_page(desk: Desk, name: str, told: str) -> None:
    opened("imports", **{name: told})
    opened("runs", **{name: told})
    opened("audit", page=told, since=told, action=told, who=told)


# Accounts -----------------------------------------------------------------------------------------


def test_a_new_account_gets_a_password_that_is_shown_once(desk: Desk) -> None:
    page = opened("users")
    page.text_input(key="add0_name").set_value("Sekretariat")
    page.checkbox(key="add0_school").check()
    page.text_input(key="add0_schools").set_value("170001, 170002")
    press(page, "Konto anlegen und Passwort anzeigen")
    (password,) = [one.value for one in page.code]
    assert re.fullmatch(r"(\w{4}-){3}\w{4}", password)
    (made,) = [one for one in desk.users(by=ADA) if one.name == "sekretariat"]
    assert {grant.school for grant in made.grants} == {"170001", "170002"} and made.one_time
    page.run()
    assert not page.code and password not in text(page)
    assert words.unsaid == set()


@pytest.mark.parametrize(
    ("name", "roles", "schools", "why"),
    [
        ("", ["planner"], "", "So kann ein Name"),
        ("zwei worte", ["planner"], "", "So kann ein Name"),
        ("ada", ["planner"], "", "gibt es schon"),
        ("otto", [], "", "Wählen Sie eine Rolle"),
        ("otto", ["school"], "", "mindestens eine Schulnummer"),
        ("otto", ["planner"], "170001", "Wählen Sie eine Rolle"),
        ("otto", ["school"], "<script>", "kann keine sein"),
    ],
)
def test_what_can_be_no_account_is_said(
    desk: Desk, name: str, roles: list[str], schools: str, why: str
) -> None:
    page = opened("users")
    page.text_input(key="add0_name").set_value(name)
    for role in roles:
        page.checkbox(key=f"add0_{role}").check()
    page.text_input(key="add0_schools").set_value(schools)
    press(page, "Konto anlegen und Passwort anzeigen")
    assert why in page.error[0].value and not page.code
    assert [one.name for one in desk.users(by=ADA)] == ["ada"]


def test_the_last_administrator_stays(desk: Desk) -> None:
    """Nobody can lock the office out of its own house, by roles or by switching off."""
    page = opened("users")
    page.selectbox(key="choice_account").set_value("ada").run()
    page.checkbox(key="change_ada_admin").uncheck()
    page.checkbox(key="change_ada_planner").check()
    press(page, "Rollen speichern")
    assert "Niemand sonst gehört zur Verwaltung" in page.error[0].value
    press(page, "Ausschalten")
    press(page, "Ja, ausschalten")
    assert "Niemand sonst gehört zur Verwaltung" in text(page)
    (ada,) = desk.users(by=ADA)
    assert ada.active and [grant.role for grant in ada.grants] == ["admin"]
    assert words.unsaid == set()


def test_an_account_is_switched_off_asked_first_and_on_again(desk: Desk) -> None:
    desk.add_user("otto", [Role.PLANNER], ADA)
    begin_session(desk.store, "otto", "secret", datetime.now(UTC))
    page = opened("users")
    page.selectbox(key="choice_account").set_value("otto").run()
    assert "otto" not in str(page.query_params), "no name stands in the address"
    press(page, "Ausschalten")
    assert desk.users(by=ADA)[1].active, "it asks first"
    press(page, "Nein, so lassen")
    press(page, "Überall abmelden")
    press(page, "Ja, abmelden")
    assert desk.users_seen(by=ADA)["otto"].browsers == 0
    press(page, "Ausschalten")
    press(page, "Ja, ausschalten")
    assert not desk.users(by=ADA)[1].active
    press(page, "Wieder einschalten")
    assert desk.users(by=ADA)[1].active
    press(page, "Neues Einmal-Passwort geben")
    press(page, "Ja, neues geben")
    assert len(page.code) == 1
    assert words.unsaid == set()


def test_an_account_that_is_shut_is_opened(desk: Desk) -> None:
    desk.add_user("otto", [Role.PLANNER], ADA)
    for _ in range(5):
        try_password(desk.store, "otto", datetime.now(UTC))
    page = opened("users")
    assert "gesperrt nach zu vielen Versuchen" in text(page)
    page.selectbox(key="choice_account").set_value("otto").run()
    press(page, "Sofort entsperren")
    assert not desk.users_seen(by=ADA)["otto"].shut and "user.unlock" in log_of(desk)


# Imports ------------------------------------------------------------------------------------------


def test_an_import_is_taken_back_after_it_said_what_goes(desk: Desk) -> None:
    page = opened("imports", **{"import": "1"})
    said = text(page)
    assert "Neu 5" in said and "Diese Postleitzahl ist in Deutschland nicht bekannt." in said
    press(page, "Diese Übernahme zurücknehmen")
    assert "Entfernt wird, was sie gebracht hat: Personen: 5, wartende Zeilen: 1" in text(page)
    assert desk.show_import(1, by=ADA).taken.undone_at is None, "it asks first"
    press(page, "Ja, zurücknehmen")
    assert "Zurückgenommen am" in text(page)
    assert desk.show_import(1, by=ADA).taken.undone_by == "ada"
    assert words.unsaid == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_import_that_was_built_on_says_what_refuses(desk: Desk, language: Language) -> None:
    take_in(desk.store, [pupil(1, surname="Neu")], season=desk.season())
    page = opened("imports", language, **{"import": "1"})
    page.button(key="take_back").click().run()
    assert not page.exception and page.error
    assert "liste.csv" in page.error[0].value
    assert desk.show_import(1, by=ADA).taken.undone_at is None
    assert words.unsaid == set()


def test_imports_are_narrowed_and_paged_from_the_address(desk: Desk) -> None:
    for n in range(2, 30):
        take_in(desk.store, [pupil(n, OTHER)], OTHER, season=desk.season())
    page = opened("imports")
    assert "Seite 1 von 2" in text(page)
    press(page, "Weiter")
    assert "Seite 2 von 2" in text(page)
    page.selectbox(key="choice_school").set_value(ONE).run()
    assert "Seite" not in text(page), "a narrower list begins at its first page"
    again = opened("imports", school=ONE)
    assert again.selectbox(key="choice_school").value == ONE, "F5 loses nothing"
    nothing = opened("imports", kind="contacts")
    assert nothing.info


def test_typed_answers_leave_the_lists_in_sight(desk: Desk) -> None:
    """Each answer is an import, so that it can be taken back; lists must not drown in them."""
    season = desk.season()
    person = pseudonyms_of(desk.store)[name_of(ONE, 1)]
    for n in range(25):
        on = date(2026, 10, 1) + timedelta(days=n)
        answer = Answer(f"{season}:csv:p1", ContactStatus.APPLIED, on)
        record(desk.store, season, person, answer, "lena")
    page = opened("imports")
    assert "Schülerliste" in text(page) and "Seite" not in text(page)
    assert "Eingegebene Antwort" not in text(page)
    assert opened("imports", kind="contacts").info, "an answer is no list of contacts"
    for kind in ("all", "answer"):
        page = opened("imports", kind=kind)
        assert "Eingegebene Antwort" in text(page) and "Seite 1 von 2" in text(page)
    assert words.unsaid == set()


def test_what_a_row_says_is_shown_for_a_purpose_and_logged(desk: Desk) -> None:
    page = opened("imports", part="waiting")
    press(page, "Inhalt zeigen")
    assert page.error and "Geheimnis" not in text(page)
    page.selectbox(key="look_row").select_index(0)
    page.selectbox(key="look_purpose").select_index(0)
    press(page, "Inhalt zeigen")
    assert "Geheimnis" in text(page)
    assert log_of(desk)[0] == "quarantine.read.correction"
    page.run()
    assert "Geheimnis" not in text(page)
    assert words.unsaid == set()


# Runs ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_run_comes_out_the_same(desk: Desk, language: Language) -> None:
    run = desk.draw_season(by=PLANNER).run
    page = opened("runs", language)
    solver = {"de": "Netzwerkfluss", "en": "network flow"}[language]
    assert solver in text(page) and not re.search(r"\bflow\b", text(page).replace(solver, ""))
    page.selectbox(key="chosen_run").set_value(run).run()
    assert page.query_params["run"] in (str(run), [str(run)])
    said = text(page)
    assert {"de": "Das Protokoll bürgt", "en": "The log vouches"}[language] in said
    page.button(key="replay").click().run()
    assert not page.exception
    until = time.monotonic() + 30
    while (work := desk.replaying(run, by=ADA)) is None or work.state == "running":
        assert time.monotonic() < until
        time.sleep(0.05)
    again = opened("runs", language, run=str(run))
    same = {"de": "Derselbe Plan kam heraus", "en": "The same plan came out"}[language]
    assert same in text(again), "F5 loses nothing"
    again.button(key="hide").click().run()
    assert same not in text(again)
    assert words.unsaid == set()


# The log ------------------------------------------------------------------------------------------


def test_the_log_is_checked_and_compared_with_a_head(desk: Desk) -> None:
    page = opened("audit")
    head = str(desk.log_head(by=ADA))
    press(page, "Ganzes Protokoll prüfen")
    assert "Das Protokoll ist heil" in page.success[0].value
    page.text_input(key="noted").set_value("kein Kopf")
    press(page, "Ganzes Protokoll prüfen")
    assert "Das ist kein Kopf" in page.error[0].value
    page.text_input(key="noted").set_value(head)
    press(page, "Ganzes Protokoll prüfen")
    assert "passt zum notierten Kopf" in page.success[0].value
    seq, _, digest = head.partition(":")
    page.text_input(key="noted").set_value(f"{int(seq) + 7}:{digest}")
    press(page, "Ganzes Protokoll prüfen")
    assert "nicht mehr heil" in page.error[0].value
    assert words.unsaid == set()


def test_the_log_is_narrowed_by_action_user_and_day(desk: Desk) -> None:
    page = opened("audit", action="user")
    said = text(page)
    assert "Konto angelegt" in said and "Übernahme: Schülerliste" not in said
    page = opened("audit")
    page.selectbox(key="choice_who").set_value("sekretariat").run()
    said = text(page)
    assert "Übernahme: Schülerliste" in said and "Konto angelegt" not in said
    assert "sekretariat" not in str(page.query_params)
    page = opened("audit", until="2020-01-01")
    assert page.info


# Upkeep -------------------------------------------------------------------------------------------


def test_terms_are_run_after_a_typed_word(desk: Desk) -> None:
    page = opened("upkeep")
    assert page.info, "nothing is beyond its term"
    with desk.store.transaction() as connection:
        connection.exec_driver_sql("UPDATE imports SET at = '2020-01-01 00:00:00'")
    page = opened("upkeep")
    page.text_input(key="typed_terms").set_value("ja")
    press(page, "Löschen, was über der Frist ist")
    assert "ein anderes Wort" in page.error[0].value and "retention.run" not in log_of(desk)
    page.text_input(key="typed_terms").set_value("LÖSCHEN")
    press(page, "Löschen, was über der Frist ist")
    assert "retention.run" in log_of(desk) and "Gelöscht." in text(page)
    assert words.unsaid == set()


def test_switches_hold_and_are_logged(desk: Desk) -> None:
    page = opened("upkeep", part="switches")
    page.radio(key="scores").set_value(page.radio(key="scores").options and "off")
    press(page, "Setzen")
    assert desk.switches(by=ADA).scores == "off" and log_of(desk)[0] == "office.switch"
    page.text_input(key="season_of_house").set_value("irgendwann")
    press(page, "Ausbildungsjahr setzen")
    assert "kein Ausbildungsjahr" in page.error[0].value
    page.text_input(key="season_of_house").set_value("2031/32")
    press(page, "Ausbildungsjahr setzen")
    assert desk.season() == "2031/32" and "**2031/32**" in text(page)
    page.text_input(key="season_of_house").set_value("")
    press(page, "Ausbildungsjahr setzen")
    assert desk.switches(by=ADA).season is None
    assert words.unsaid == set()


def test_a_copy_is_made_into_the_houses_folder(desk: Desk, tmp_path: Path) -> None:
    page = opened("upkeep", part="backup")
    assert page.info
    press(page, "Jetzt sichern")
    (copy,) = desk.copies(by=ADA)
    assert (tmp_path / "copies" / copy.name).stat().st_mode & 0o077 == 0
    assert copy.name in text(page).replace("\\", "") and "store.copy" in log_of(desk)
    assert words.unsaid == set()


def test_a_copy_that_cannot_be_written_says_so(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "copies").write_text("a file where the folder should be")
    page = opened("upkeep", part="backup")
    press(page, "Jetzt sichern")
    assert page.error and desk.copies(by=ADA) == ()


def test_one_person_is_deleted_after_a_look_and_a_question(desk: Desk) -> None:
    page = opened("upkeep", part="person")
    press(page, "Person suchen")
    assert "einen Grund" in page.error[0].value
    page.text_input(key="find_number").set_value("1")
    page.text_input(key="find_school").set_value(ONE)
    page.selectbox(key="find_reason").select_index(0)
    press(page, "Person suchen")
    assert name_of(ONE, 1) in text(page) and log_of(desk)[0] == "person.find.request"
    assert name_of(ONE, 1) not in str(page.query_params)
    press(page, "Diese Person löschen")
    assert "person.forget" not in log_of(desk), "it asks first"
    press(page, "Ja, endgültig löschen")
    assert "person.forget" in log_of(desk) and name_of(ONE, 1) not in text(page)
    with desk.store.reading() as connection:
        left = connection.execute(identities.select()).all()
    assert len(left) == 5 and name_of(ONE, 1) not in {row.surname for row in left}
    press(page, "Person suchen")
    assert "niemand diese Nummer" in page.info[0].value
    assert words.unsaid == set()


def test_another_part_of_the_page_forgets_who_was_looked_up(desk: Desk) -> None:
    page = opened("upkeep", part="person")
    page.text_input(key="find_number").set_value("1")
    page.text_input(key="find_school").set_value(ONE)
    page.selectbox(key="find_reason").select_index(0)
    press(page, "Person suchen")
    for part in ("terms", "person"):
        page.radio(key="section_part").set_value(part).run()
    assert name_of(ONE, 1) not in text(page)
