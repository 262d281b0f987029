"""Does a school get from a messy file to stored pupils and back, page by page?"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import TextInput

from office import words
from office.access import Role, User
from office.drafts import DRAFTS
from office.school_desk import SchoolDesk
from office.settings import Settings
from office.words import LANGUAGES
from views import parts

APP = Path(__file__).with_name("school_app.py")
SCHOOL = "999001"
ULLA = User("ulla", frozenset({Role.SCHOOL}), frozenset({SCHOOL}))
LIST = (
    "Interne ID-Nummer;Nachname;Vornahme;Geburtsdatum;Klasse;Postleitzahl;Wunsch 1;Religion\n"
    "1;Erfunden;Elif;31.12.2010;10A;33330;Tischler/in;geheim\n"
    "2;<b>Erdacht</b>;Ömer;31.02.2010;10B;33330;Koch/Köchin;geheim\n"
)
#: Opens a page by its name, in a language.
Opened = Callable[..., AppTest]

FILES = [("liste.csv", LIST.encode(), "text/csv")]


@pytest.fixture(autouse=True)
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SchoolDesk]:
    """A store of its own, and a user of one school."""
    monkeypatch.setenv("UEBERGANG_DB", str(tmp_path / "store.db"))
    monkeypatch.setenv("UEBERGANG_DATA", str(tmp_path))
    monkeypatch.delenv("UEBERGANG_TEST_SCHOOLS", raising=False)
    monkeypatch.setattr(parts, "reader", lambda: ULLA, raising=False)
    words.unsaid.clear()
    desk = SchoolDesk(Settings())
    yield desk
    DRAFTS.drop(ULLA.name, SCHOOL)
    desk.close()


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> Opened:
    def opened(name: str = "upload", language: str = "de") -> AppTest:
        monkeypatch.setenv("UEBERGANG_TEST_PAGE", name)
        page = AppTest.from_file(APP, default_timeout=30)
        page.query_params["lang"] = language
        page.run()
        assert not page.exception
        return page

    return opened


def text(page: AppTest) -> str:
    """Everything that a page says, tables without their tags."""
    said = [
        str(getattr(element, "value", ""))
        for kind in ("title", "header", "markdown", "info", "success", "warning", "error")
        for element in page.get(kind)
    ]
    html = [str(getattr(element.proto, "body", "")) for element in page.get("html")]
    return "\n".join(said + [re.sub(r"<style>.*?</style>|<[^>]+>", " ", one) for one in html])


def handed_in(desk: SchoolDesk) -> int:
    desk.begin_draft([(name, content) for name, content, _ in FILES], SCHOOL, ULLA)
    return desk.confirm_draft(SCHOOL, ULLA, desk.look(SCHOOL, ULLA)).import_id


def button(page: AppTest, label: str) -> AppTest:
    found = [one for one in page.button if one.label == label]
    assert len(found) == 1, [one.label for one in page.button]
    found[0].click().run()
    assert not page.exception
    return page


def test_from_a_messy_file_to_stored_pupils_and_back(desk: SchoolDesk, opened: Opened) -> None:
    page = opened()
    assert "Noch nichts." in text(page)
    page.file_uploader[0].set_value(FILES).run()
    assert not page.exception
    said = text(page)
    assert "**Religion**" in said and "Geratene Spalten, bitte prüfen: 1." in said
    assert "\\<b\\>Erdacht" in said, "what stands in a file is never markup"
    assert desk.totals(SCHOOL, ULLA).people == 0
    assert [one.value for one in page.metric] == ["1", "0", "0", "0", "1"]
    labels = [one.label for one in page.selectbox]
    assert "Geburtsdatum (zum Beispiel: 31.12.2010)" in labels, "no backslash is read out"
    born = next(one for one in page.text_input if one.label.startswith("Geburtsdatum"))
    assert born.label == "Geburtsdatum – Das ist kein Datum." and born.value == "31.02.2010"
    born.set_value("28.02.2010")
    button(page, "Zeile noch einmal prüfen")
    assert [one.value for one in page.metric] == ["2", "0", "0", "0", "0"]
    again = opened()
    assert [one.value for one in again.metric] == ["2", "0", "0", "0", "0"], "F5 loses nothing"
    button(page, "Liste übernehmen")
    assert "Die Liste ist übernommen." in text(page)
    assert desk.totals(SCHOOL, ULLA).people == 2
    assert page.query_params["import"] in ("1", ["1"])
    button(page, "Diese Übernahme zurücknehmen")
    assert desk.totals(SCHOOL, ULLA).people == 2, "it asks first"
    button(page, "Ja, zurücknehmen")
    assert "Zurückgenommen. Entfernte Einträge: 2" in text(page)
    assert desk.totals(SCHOOL, ULLA).people == 0
    button(page, "Noch eine Liste abgeben")
    assert page.get("file_uploader")
    assert words.unsaid == set()


def test_what_changed_meanwhile_is_shown_again_and_nothing_is_saved(
    desk: SchoolDesk, opened: Opened
) -> None:
    page = opened()
    page.file_uploader[0].set_value(FILES).run()
    other = User("uwe", frozenset({Role.SCHOOL}), frozenset({SCHOOL}))
    desk.begin_draft([("liste.csv", LIST.encode())], SCHOOL, other)
    desk.confirm_draft(SCHOOL, other, desk.look(SCHOOL, other))
    button(page, "Liste übernehmen")
    assert "Inzwischen hat jemand die Daten Ihrer Schule geändert" in text(page)
    assert len(desk.own_imports(SCHOOL, ULLA)) == 1
    button(page, "Liste verwerfen")
    assert "nichts davon wurde gespeichert" in text(page)
    assert words.unsaid == set()


def test_the_whole_list_has_a_ground_and_may_be_only_a_part(
    desk: SchoolDesk, opened: Opened
) -> None:
    handed_in(desk)
    page = opened()
    late = LIST.splitlines()[0] + "\n7;Spät;Ada;01.03.2010;10A;33330;;\n"
    page.file_uploader[0].set_value([("spaet.csv", late.encode(), "text/csv")]).run()
    assert "1 neu, 0 geändert, 1 nicht mehr genannt" in text(page)
    page.checkbox(key="complete").uncheck().run()
    assert "1 neu, 0 geändert, 0 nicht mehr genannt, 0 noch zu berichtigen." in text(page)
    page.radio(key="ground").set_value("consent").run()
    next(one for one in page.text_input if one.label.startswith("Fassung")).set_value("2026-1")
    button(page, "Diese Einwilligung festhalten")
    button(page, "Liste übernehmen")
    (ada,) = desk.pupils(SCHOOL, ULLA, search="ada").pupils
    assert ada.ground is not None and ada.ground.basis.version == "2026-1"
    assert words.unsaid == set()


def test_nobody_found_is_said_so(desk: SchoolDesk, opened: Opened) -> None:
    handed_in(desk)
    page = opened("pupils")
    page.text_input(key="search").set_value("xyz").run()
    assert "Dazu ist niemand zu finden." in text(page)
    page.text_input(key="search").set_value("").run()
    page.selectbox(key="class").set_value("10A").run()
    assert "Erfunden, Elif" in text(page)


def test_whoever_speaks_for_two_schools_chooses(
    desk: SchoolDesk, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    handed_in(desk)
    both = User("ulla", frozenset({Role.SCHOOL}), frozenset({SCHOOL, "999002"}))
    monkeypatch.setattr(parts, "reader", lambda: both)
    page = opened("pupils")
    assert "Erfunden, Elif" in text(page)
    page.selectbox(key="school").set_value("999002").run()
    assert not page.exception and page.info and "Erfunden" not in text(page)


def test_a_file_that_cannot_be_read_says_why_and_goes_on(opened: Opened) -> None:
    page = opened()
    content = b"Spalte A;Spalte B\nErfunden;Elif\n"
    page.file_uploader[0].set_value([("x.csv", content, "text/csv")]).run()
    assert "Diese Datei lässt sich noch nicht lesen" in text(page)
    label = "Spalte A (zum Beispiel: Erfunden)"
    next(one for one in page.selectbox if one.label == label).set_value("surname")
    button(page, "Diese Spalten stimmen")
    assert page.metric[0].value == "1"
    assert words.unsaid == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_roll_and_one_pupil(desk: SchoolDesk, opened: Opened, language: str) -> None:
    page = opened("pupils", language)
    assert page.info
    handed_in(desk)
    page = opened("pupils", language)
    assert "Tischler/in" in text(page) and "Erfunden, Elif" in text(page)
    (pupil,) = desk.pupils(SCHOOL, ULLA).pupils
    next(one for one in page.selectbox if (one.key or "").startswith("open_")).set_value(
        pupil.pseudonym
    )
    page.run()
    assert not page.exception
    assert page.header[0].value == "Erfunden, Elif"
    names = {(one.key or "").rsplit("_", 1)[-1]: one for one in page.text_input}
    names["postcode"].set_value("00001")
    save = {"de": "Prüfen und speichern", "en": "Check and save"}[language]
    button(page, save)
    assert page.error
    names = {(one.key or "").rsplit("_", 1)[-1]: one for one in page.text_input}
    names["postcode"].set_value("33332")
    button(page, save)
    assert page.success and "33332" in text(page)
    page.button(key="withdraw").click().run()
    page.button(key="withdraw_yes").click().run()
    assert not page.exception
    assert desk.totals(SCHOOL, ULLA).matched == 0
    assert words.unsaid == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_waiting_rows_can_be_corrected_or_left_out(
    desk: SchoolDesk, opened: Opened, language: str
) -> None:
    handed_in(desk)
    page = opened("upload", language)
    label = {"de": "Diese Zeile weglassen", "en": "Leave this row out"}[language]
    button(page, label)
    assert page.error, "a reason is wanted"
    check = {"de": "Zeile noch einmal prüfen", "en": "Check this row again"}[language]
    button(page, check)
    assert page.error
    page.text_input[0].set_value("28.02.2010")
    button(page, check)
    assert desk.waiting_rows(SCHOOL, ULLA) == ()
    assert words.unsaid == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_help_says_everything_in_both_languages(opened: Opened, language: str) -> None:
    page = opened("help", language)
    assert "Schulpflicht erfüllt" in text(page)
    assert words.unsaid == set()


def test_an_import_of_another_school_is_not_there(
    desk: SchoolDesk, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken = handed_in(desk)
    stranger = User("omar", frozenset({Role.SCHOOL}), frozenset({"999002"}))
    monkeypatch.setattr(parts, "reader", lambda: stranger)
    page = opened()
    page.query_params["import"] = str(taken)
    page.run()
    assert page.error[0].value == "Diese Übernahme gehört nicht zu Ihrer Schule."
    assert "liste.csv" not in text(page)


def test_a_user_of_no_school_is_told_so(opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "reader", lambda: User("x", frozenset({Role.SCHOOL})))
    for name in ("upload", "pupils", "help"):
        assert opened(name).info


HEADS = "Interne ID-Nummer;Nachname;Vorname;Geburtsdatum;Schul-Nummer\n"


def listed(*numbers: int, school: str = SCHOOL, born: str = "01.03.2010") -> str:
    return HEADS + "".join(f"{n};Erfunden;Elif{n};{born};{school}\n" for n in numbers)


def dropped_in(page: AppTest, name: str, content: bytes) -> str:
    page.file_uploader[0].set_value([(name, content, "text/csv")]).run()
    assert not page.exception
    return text(page)


def test_several_rows_are_mended_in_one_go(desk: SchoolDesk, opened: Opened) -> None:
    """Thirty faults must not be thirty round trips."""
    page = opened()
    dropped_in(page, "liste.csv", listed(1, 2, 3, born="gestern").encode())
    fields = [one for one in page.text_input if one.label.startswith("Geburtsdatum")]
    assert [one.value for one in fields] == ["gestern"] * 3
    for one in fields[:2]:
        one.set_value("01.03.2010")
    button(page, "Diese Zeilen noch einmal prüfen")
    assert [one.value for one in page.metric] == ["2", "0", "0", "0", "1"]
    button(page, "Liste übernehmen")
    assert desk.totals(SCHOOL, ULLA).people == 2
    (left,) = [one for one in page.text_input if one.label.startswith("Geburtsdatum")]
    left.set_value("vorgestern")
    button(page, "Zeile noch einmal prüfen")
    assert "Stimmt noch nicht: Das ist kein Datum." in text(page)
    (left,) = [one for one in page.text_input if one.label.startswith("Geburtsdatum")]
    assert left.value == "vorgestern", "what was typed is not lost"
    left.set_value("02.03.2010")
    button(page, "Zeile noch einmal prüfen")
    assert desk.totals(SCHOOL, ULLA).people == 3 and desk.waiting_rows(SCHOOL, ULLA) == ()
    assert words.unsaid == set()


def test_another_schools_list_can_only_be_dropped(desk: SchoolDesk, opened: Opened) -> None:
    handed_in(desk)
    page = opened()
    said = dropped_in(page, "fremd.csv", listed(*range(10, 18), school="999002").encode())
    assert "Liste einer anderen Schule" in said and "999002" in said and "Elif" not in said
    assert [one.label for one in page.button] == ["Liste verwerfen"]
    assert words.unsaid == set()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("bild.xlsx", b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 9),
        ("leer.csv", b""),
        ("kopf.csv", b"Nachname;Vorname\n"),
    ],
)
def test_a_file_that_is_no_list_says_what_to_hand_in_instead(
    opened: Opened, name: str, content: bytes
) -> None:
    page = opened()
    said = dropped_in(page, name, content)
    assert name in said and "XLSX, ODS oder CSV" in said
    assert not page.selectbox, "naming columns can't mend it"
    button(page, "Liste verwerfen")
    assert page.get("file_uploader") and words.unsaid == set()


def test_a_part_of_a_list_leaves_nobody_gone_unasked(desk: SchoolDesk, opened: Opened) -> None:
    desk.begin_draft([("ganz.csv", listed(*range(1, 21)).encode())], SCHOOL, ULLA)
    desk.confirm_draft(SCHOOL, ULLA, desk.look(SCHOOL, ULLA))
    page = opened()
    said = dropped_in(page, "teil.csv", listed(*range(1, 8)).encode())
    assert "13 von 20 Schülerinnen und Schülern fehlen" in said
    assert page.button(key="confirm").disabled
    page.checkbox(key="gone_is_right").check().run()
    assert not page.button(key="confirm").disabled
    page.checkbox(key="complete").uncheck().run()
    said = text(page)
    assert "fehlen in dieser Liste" not in said and "Diese Liste ändert nichts" in said
    assert words.unsaid == set()


def test_the_same_file_again_changes_nothing_and_says_so(desk: SchoolDesk, opened: Opened) -> None:
    desk.begin_draft([("ganz.csv", listed(1, 2).encode())], SCHOOL, ULLA)
    taken = desk.confirm_draft(SCHOOL, ULLA, desk.look(SCHOOL, ULLA))
    page = opened()
    said = dropped_in(page, "ganz.csv", listed(1, 2).encode())
    assert f"Genau diese Datei ist schon da: Übernahme {taken.import_id}" in said
    assert "Diese Liste ändert nichts" in said
    assert "Liste übernehmen" not in [one.label for one in page.button]
    assert words.unsaid == set()


def test_a_change_that_many_share_is_told_once(desk: SchoolDesk, opened: Opened) -> None:
    desk.begin_draft([("ganz.csv", listed(*range(1, 31)).encode())], SCHOOL, ULLA)
    desk.confirm_draft(SCHOOL, ULLA, desk.look(SCHOOL, ULLA))
    page = opened()
    said = dropped_in(page, "neu.csv", listed(*range(1, 31), born="02.03.2010").encode())
    assert "30 Personen gleich" in said and said.count("2. März 2010") == 1
    assert words.unsaid == set()


def test_f5_finds_the_open_pupil_again_and_a_stranger_by_address_is_none(
    desk: SchoolDesk, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    handed_in(desk)
    (pupil,) = desk.pupils(SCHOOL, ULLA).pupils
    monkeypatch.setenv("UEBERGANG_TEST_PAGE", "pupils")
    for asked, there in ((pupil.pseudonym, True), ("0" * 32, False), ("<b>", False)):
        page = AppTest.from_file(APP, default_timeout=30)
        page.query_params["lang"], page.query_params["pupil"] = "de", asked
        page.run()
        assert not page.exception
        assert bool([one for one in page.header if one.value == "Erfunden, Elif"]) is there
        assert bool(page.error) is not there
    assert words.unsaid == set()


def test_a_correction_leaves_what_a_colleague_corrected_meanwhile(
    desk: SchoolDesk, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    handed_in(desk)
    (pupil,) = desk.pupils(SCHOOL, ULLA).pupils
    monkeypatch.setenv("UEBERGANG_TEST_PAGE", "pupils")
    page = AppTest.from_file(APP, default_timeout=30)
    page.query_params["lang"], page.query_params["pupil"] = "de", pupil.pseudonym
    page.run()

    def box(name: str) -> TextInput:
        return next(one for one in page.text_input if str(one.key).endswith(f"_{name}"))

    def stored() -> tuple[str | None, ...]:
        cells = desk.pupil(pupil.pseudonym, SCHOOL, ULLA).cells
        return cells.get("surname"), cells.get("postcode")

    desk.correct_pupil(pupil.pseudonym, {"postcode": "33332"}, SCHOOL, ULLA)
    box("surname").set_value("Erfinder")
    button(page, "Prüfen und speichern")
    assert stored() == ("Erfunden", "33332")
    assert "was jetzt gilt: Postleitzahl (33332)." in text(page)
    assert (box("surname").value, box("postcode").value) == ("Erfinder", "33332")
    button(page, "Prüfen und speichern")
    assert stored() == ("Erfinder", "33332")
    desk.correct_pupil(pupil.pseudonym, {"postcode": "33330"}, SCHOOL, ULLA)
    box("postcode").set_value("33334")
    button(page, "Prüfen und speichern")
    assert stored() == ("Erfinder", "33330") and "Postleitzahl (33330)" in text(page)
    assert box("postcode").value == "33334", "whoever is told so keeps their own words"
    button(page, "Prüfen und speichern")
    assert stored() == ("Erfinder", "33334") and box("postcode").value == "33334"
    assert words.unsaid == set()


def test_a_short_date_is_offered_in_full_and_confirmed(desk: SchoolDesk, opened: Opened) -> None:
    page = opened()
    shorter = LIST.replace("31.02.2010", "1.1.11").encode()
    page.file_uploader[0].set_value([("liste.csv", shorter, "text/csv")]).run()
    assert not page.exception
    (born,) = (one for one in page.text_input if one.label.startswith("Geburtsdatum"))
    assert born.value == "01.01.2011" and born.label.endswith("Das ist kein Datum.")
    said = text(page).replace("\\", "")
    assert "In Ihrer Liste steht 1.1.11. Meinten Sie 01.01.2011?" in said
    assert [one.value for one in page.metric] == ["1", "0", "0", "0", "1"], "nobody confirmed it"
    button(page, "Zeile noch einmal prüfen")
    assert [one.value for one in page.metric] == ["2", "0", "0", "0", "0"]
    button(page, "Liste übernehmen")
    pupils = desk.pupils(SCHOOL, ULLA).pupils
    born_on = {desk.pupil(one.pseudonym, SCHOOL, ULLA).cells["born"] for one in pupils}
    assert born_on == {"2010-12-31", "2011-01-01"}
    assert words.unsaid == set()
