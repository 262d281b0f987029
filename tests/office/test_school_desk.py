"""Does a school get its list in as it was shown, and see its own pupils and nobody else's?"""

from __future__ import annotations

import time
import weakref
from collections import UserDict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from sqlalchemy import insert, select

from data.intake.reading import Upload
from data.intake.records import ContactStatus, OutcomeKind
from data.store.house_settings import set_sender
from data.store.imports import apply
from data.store.pupil_roll import may_be_matched
from data.store.retention import TERMS, Term
from data.store.tables import audit, contacts, outcomes
from matching.errors import FaultyInput, Refused, Rule
from matching.target import Standing
from office.access import Role, User
from office.desk import Desk
from office.drafts import DRAFTS, LONGEST_REST, MOST_OF_ONE, Draft, Drafts
from office.list_looks import Look
from office.reports.information import Information, information_paper
from office.reports.letter import Sender
from office.school_desk import SchoolDesk
from office.settings import Settings
from office.words import Language
from office.words.school import short_title, stands_words
from tests.store.conftest import empty_database

MINE, OTHER = "999001", "999002"
ULLA = User("ulla", frozenset({Role.SCHOOL}), frozenset({MINE}))
OMAR = User("omar", frozenset({Role.SCHOOL}), frozenset({OTHER}))
ANNA = User("anna", frozenset({Role.PLANNER}))
HEADINGS = "Interne ID-Nummer;Nachname;Vornahme;Geburtsdatum;Klasse;Postleitzahl;Wunsch 1;Religion"
ROWS = (
    "1;Erfunden;Elif;31.12.2010;10A;33330;Tischler/in;geheim",
    "2;Erdacht;Ömer;31.02.2010;10B;33330;Koch/Köchin;geheim",
    "3;Ausgedacht;Ida;01.05.2010;10A;00001;Drachenbändiger/in;geheim",
)


@pytest.fixture(params=["sqlite", "postgresql"])
def both(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SchoolDesk]:
    """A desk on each kind of database; PostgreSQL walls the schools off by itself too."""
    desk = SchoolDesk(Settings(tmp_path, b"", empty_database(request, tmp_path)))
    yield desk
    desk.close()
    for user in (ULLA, OMAR):
        for school in (MINE, OTHER):
            DRAFTS.drop(user.name, school)


def file(*rows: str, headings: str = HEADINGS, name: str = "liste.csv") -> tuple[str, bytes]:
    return name, "\n".join([headings, *rows]).encode()


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[SchoolDesk]:
    desk = SchoolDesk(Settings(tmp_path, b"", str(tmp_path / "store.db")))
    yield desk
    desk.close()
    for user in (ULLA, OMAR):
        for school in (MINE, OTHER):
            DRAFTS.drop(user.name, school)


def handed_in(desk: SchoolDesk, *rows: str, by: User = ULLA, school: str = MINE) -> int:
    """A list that is looked at and confirmed; the number of its import."""
    desk.begin_draft([file(*rows)], school, by)
    return desk.confirm_draft(school, by, desk.look(school, by)).import_id


def test_a_look_tells_all_and_writes_nothing(desk: SchoolDesk) -> None:
    desk.begin_draft([file(*ROWS)], MINE, ULLA)
    look = desk.look(MINE, ULLA)
    assert [one.name for one in look.new] == ["Erfunden, Elif"]
    assert look.dropped == ("Religion",)
    religion = look.columns[-1]
    assert religion.protected and not religion.example
    assert [one.heading for one in look.columns if one.guessed] == ["Vornahme"]
    by_row = {one.row: one.faults for one in look.waiting}
    assert {row: sorted(faults) for row, faults in by_row.items()} == {
        3: ["born"],
        4: ["postcode", "wish_1"],
    }
    assert desk.totals(MINE, ULLA).people == 0
    assert desk.own_imports(MINE, ULLA) == ()


def test_rows_are_corrected_before_anything_is_saved(desk: SchoolDesk) -> None:
    """One import, that takes everybody back when it is undone; the columns are remembered."""
    desk.begin_draft([file(*ROWS)], MINE, ULLA)
    desk.alter_draft(MINE, ULLA, correction=("liste.csv", 3, {"born": "28.02.2010"}))
    desk.alter_draft(MINE, ULLA, correction=("liste.csv", 4, {"postcode": "33332"}))
    look = desk.look(MINE, ULLA)
    assert [(one.row, sorted(one.faults)) for one in look.waiting] == [(4, ["wish_1"])]
    desk.alter_draft(MINE, ULLA, correction=("liste.csv", 4, {"wish_1": ""}))
    look = desk.look(MINE, ULLA)
    assert not look.waiting and not look.unread
    report = desk.confirm_draft(MINE, ULLA, look)
    assert (report.rows, report.stored, report.quarantined) == (3, 3, 0)
    assert desk.draft(MINE, ULLA) is None
    names = [one.name for one in desk.pupils(MINE, ULLA).pupils]
    assert names == ["Ausgedacht, Ida", "Erdacht, Ömer", "Erfunden, Elif"]
    desk.begin_draft([file(*ROWS)], MINE, ULLA)
    assert not [one for one in desk.look(MINE, ULLA).columns if one.guessed]
    desk.take_back(report.import_id, MINE, ULLA)
    assert desk.totals(MINE, ULLA).people == 0


def test_changes_are_told_field_by_field(desk: SchoolDesk) -> None:
    handed_in(desk, ROWS[0], "5;Erfunden;Kim;01.01.2011;10C;33330;;")
    desk.begin_draft([file("1;Erfunden;Elif;31.12.2010;10B;33330;Koch/Köchin;")], MINE, ULLA)
    look = desk.look(MINE, ULLA)
    told = {one.field: (one.before, one.after) for one in look.changed[0].changes}
    assert told == {"school_class": ("10A", "10B"), "wish_1": ("22342", "29302")}
    assert [one.name for one in look.gone] == ["Erfunden, Kim"]
    desk.alter_draft(MINE, ULLA, complete=False)
    assert desk.look(MINE, ULLA).gone == ()


def test_what_was_shown_is_what_comes_in(desk: SchoolDesk) -> None:
    """Somebody else hands in the same list between look and confirmation."""
    desk.begin_draft([file(ROWS[0])], MINE, ULLA)
    shown = desk.look(MINE, ULLA)
    other = User("uwe", frozenset({Role.SCHOOL}), frozenset({MINE}))
    handed_in(desk, ROWS[0], by=other)
    with pytest.raises(FaultyInput) as refusal:
        desk.confirm_draft(MINE, ULLA, shown)
    assert refusal.value.faults[0].rule is Rule.CHANGED_SINCE
    assert len(desk.own_imports(MINE, ULLA)) == 1
    again = desk.look(MINE, ULLA)
    assert again.new == () and desk.confirm_draft(MINE, ULLA, again).unchanged == 1


def test_a_draft_that_was_altered_elsewhere_is_shown_again(desk: SchoolDesk) -> None:
    """Two windows: what the other one corrected was not shown in this one."""
    desk.begin_draft([file(*ROWS[:2])], MINE, ULLA)
    desk.alter_draft(MINE, ULLA, correction=("liste.csv", 3, {"born": "28.02.2010"}))
    shown = desk.look(MINE, ULLA)
    desk.alter_draft(MINE, ULLA, correction=("liste.csv", 3, {"surname": "Umbenannt"}))
    assert desk.look(MINE, ULLA).preview == shown.preview
    with pytest.raises(FaultyInput) as refusal:
        desk.confirm_draft(MINE, ULLA, shown)
    assert refusal.value.faults[0].rule is Rule.CHANGED_SINCE


def test_a_file_refused_as_a_whole_still_shows_its_columns(desk: SchoolDesk) -> None:
    headings = "Spalte A;Spalte B;Religion"
    desk.begin_draft([file("Erfunden;Elif;x", headings=headings)], MINE, ULLA)
    look = desk.look(MINE, ULLA)
    assert look.preview is None and look.refused[0].rule is Rule.HEADINGS_UNKNOWN
    assert [one.heading for one in look.columns] == ["Spalte A", "Spalte B", "Religion"]
    desk.alter_draft(MINE, ULLA, mapping={"Spalte A": "surname", "Spalte B": "first_name"})
    assert [one.name for one in desk.look(MINE, ULLA).new] == ["Erfunden, Elif"]
    desk.alter_draft(MINE, ULLA, mapping={"Religion": "town"})
    assert desk.look(MINE, ULLA).refused[0].rule is Rule.FIELD_PROTECTED


def test_the_files_of_an_export_are_one_list_and_corrected_as_one(desk: SchoolDesk) -> None:
    basic = (
        "Nachname|Vorname|Geburtsdatum|PLZ|Konfession|Klasse\nErfunden|Elif|31.02.2010|33330|x|10A"
    )
    more = (
        "Nachname|Vorname|Geburtsdatum|Geburtsort|Telefon-Nr.\nErfunden|Elif|31.02.2010|y|05241 1"
    )
    files = [("SchuelerBasisdaten.dat", basic.encode()), ("SchuelerZusatzdaten.dat", more.encode())]
    desk.begin_draft(files, MINE, ULLA)
    look = desk.look(MINE, ULLA)
    assert set(look.dropped) == {"Konfession", "Geburtsort"}
    for row in look.waiting:
        desk.alter_draft(MINE, ULLA, correction=(row.file, row.row, {"born": "28.02.2010"}))
    look = desk.look(MINE, ULLA)
    assert [one.name for one in look.new] == ["Erfunden, Elif"] and not look.waiting
    assert desk.confirm_draft(MINE, ULLA, look).stored == 1


def test_several_lists_are_one_delivery(desk: SchoolDesk) -> None:
    """Nobody is gone because they stand in the other file; rows of one number are told apart."""
    first = file("1;Erfunden;Elif;31.12.2010;10A;33330;;", name="10a.csv")
    second = file("2;Erdacht;Ömer;30.12.2010;10B;33330;;", name="10b.csv")
    desk.begin_draft([first, second], MINE, ULLA)
    assert desk.confirm_draft(MINE, ULLA, desk.look(MINE, ULLA)).stored == 2
    moved = file("2;Erdacht;Ömer;30.12.2010;10C;33330;;", name="10b.csv")
    other = file("1;Erfunden;Elif;31.12.2010;10A;33332;;", name="10a.csv")
    desk.begin_draft([other, moved], MINE, ULLA)
    look = desk.look(MINE, ULLA)
    assert look.gone == ()
    told = {one.name: [(c.field, c.before, c.after) for c in one.changes] for one in look.changed}
    assert told == {
        "Erfunden, Elif": [("postcode", "33330", "33332")],
        "Erdacht, Ömer": [("school_class", "10B", "10C")],
    }


def test_the_ground_of_a_list_can_be_a_consent(desk: SchoolDesk) -> None:
    desk.begin_draft([file(ROWS[0])], MINE, ULLA)
    desk.alter_draft(MINE, ULLA, consent=(date(2026, 10, 1), "2026-1", "self"))
    desk.confirm_draft(MINE, ULLA, desk.look(MINE, ULLA))
    (pupil,) = desk.pupils(MINE, ULLA).pupils
    assert pupil.ground is not None and pupil.ground.basis.version == "2026-1"
    assert may_be_matched(pupil)
    assert desk.withdraw_pupil(pupil.pseudonym, MINE, ULLA) == 1
    (pupil,) = desk.pupils(MINE, ULLA).pupils
    assert not may_be_matched(pupil) and desk.totals(MINE, ULLA).matched == 0


def test_pupils_are_found_by_name_number_and_class(desk: SchoolDesk) -> None:
    handed_in(
        desk,
        "1;Özdemir;Elif;31.12.2010;10A;;;",
        "12;von Berg;Jonas;31.12.2010;10B;;;",
        "13;Öztürk;Can;31.12.2010;10B;;;",
    )

    def found(**asked: str) -> list[str]:
        return [one.surname for one in desk.pupils(MINE, ULLA, **asked).pupils]  # type: ignore[arg-type]

    assert found() == ["Özdemir", "Öztürk", "von Berg"]
    assert found(search="oz") == ["Özdemir", "Öztürk"]
    assert found(search="berg jon") == ["von Berg"]
    assert found(search="1") == ["Özdemir", "Öztürk", "von Berg"]
    assert found(search="12") == ["von Berg"]
    assert found(search="oz 1") == ["Özdemir", "Öztürk"]
    assert found(search="oz 12") == found(search="12 oz") == []
    assert found(search="oz", school_class="10B") == ["Öztürk"]
    assert found(search="nobody") == []
    page = desk.pupils(MINE, ULLA, offset=1, limit=1)
    assert (page.total, [one.surname for one in page.pupils]) == (3, ["Öztürk"])
    assert desk.classes(MINE, ULLA) == ("10A", "10B")


def test_a_pupil_is_corrected_through_the_same_check(both: SchoolDesk) -> None:
    desk = both
    handed_in(desk, ROWS[0], "5;Erfunden;Kim;01.01.2011;10C;33330;;")
    elif_, kim = desk.pupils(MINE, ULLA).pupils
    faults = desk.correct_pupil(elif_.pseudonym, {"postcode": "00001"}, MINE, ULLA)
    assert isinstance(faults, tuple) and faults[0].rule is Rule.POSTCODE_UNKNOWN
    faults = desk.correct_pupil(elif_.pseudonym, {"number": "5"}, MINE, ULLA)
    assert isinstance(faults, tuple) and faults[0].rule is Rule.PERSON_CONFLICT
    faults = desk.correct_pupil(elif_.pseudonym, {"school": OTHER}, MINE, ULLA)
    assert isinstance(faults, tuple) and faults[0].rule is Rule.SCHOOL_OTHER
    report = desk.correct_pupil(
        elif_.pseudonym, {"surname": "Erfinder", "wish_1": "Koch/Köchin"}, MINE, ULLA
    )
    assert not isinstance(report, tuple) and report.changed == 1
    sheet = desk.pupil(elif_.pseudonym, MINE, ULLA)
    assert (sheet.pupil.surname, sheet.pupil.wishes) == ("Erfinder", ("29302",))
    desk.take_back(report.import_id, MINE, ULLA)
    sheet = desk.pupil(elif_.pseudonym, MINE, ULLA)
    assert (sheet.pupil.surname, sheet.pupil.wishes) == ("Erfunden", ("22342",))
    assert desk.pupil(kim.pseudonym, MINE, ULLA).pupil.first_name == "Kim"


def test_rows_left_waiting_are_settled_later(desk: SchoolDesk) -> None:
    handed_in(desk, *ROWS)
    born, place = desk.waiting_rows(MINE, ULLA)
    assert list(born.faults) == ["born"] and born.id is not None and place.id is not None
    assert isinstance(desk.settle_row(born.id, {"born": "x"}, MINE, ULLA), tuple)
    report = desk.settle_row(born.id, {"born": "28.02.2010"}, MINE, ULLA)
    assert not isinstance(report, tuple) and report.stored == 1
    desk.leave_out_row(place.id, "weggezogen", MINE, ULLA)
    assert desk.waiting_rows(MINE, ULLA) == ()


def test_nothing_of_another_school_by_any_request(both: SchoolDesk) -> None:
    """Neither by naming the other school, nor by calling its pupils, rows and imports one's own."""
    desk = both
    taken = handed_in(desk, *ROWS, by=OMAR, school=OTHER)
    (theirs,) = desk.pupils(OTHER, OMAR).pupils
    row = desk.waiting_rows(OTHER, OMAR)[0].id or 0
    looked = Look(())
    for user in (ULLA, ANNA):
        for asked in (
            lambda u: desk.begin_draft([file(ROWS[0])], OTHER, u),
            lambda u: desk.draft(OTHER, u),
            lambda u: desk.alter_draft(OTHER, u, complete=False),
            lambda u: desk.drop_draft(OTHER, u),
            lambda u: desk.look(OTHER, u),
            lambda u: desk.confirm_draft(OTHER, u, looked),
            lambda u: desk.take_back(taken, OTHER, u),
            lambda u: desk.waiting_rows(OTHER, u),
            lambda u: desk.settle_row(row, {}, OTHER, u),
            lambda u: desk.leave_out_row(row, "x", OTHER, u),
            lambda u: desk.pupils(OTHER, u),
            lambda u: desk.classes(OTHER, u),
            lambda u: desk.totals(OTHER, u),
            lambda u: desk.pupil(theirs.pseudonym, OTHER, u),
            lambda u: desk.correct_pupil(theirs.pseudonym, {}, OTHER, u),
            lambda u: desk.withdraw_pupil(theirs.pseudonym, OTHER, u),
            lambda u: desk.own_list(OTHER, u, "csv"),
        ):
            with pytest.raises(Refused):
                asked(user)
    for own in (
        lambda: desk.own_import(taken, MINE, ULLA),
        lambda: desk.take_back(taken, MINE, ULLA),
        lambda: desk.settle_row(row, {"born": "28.02.2010"}, MINE, ULLA),
        lambda: desk.leave_out_row(row, "x", MINE, ULLA),
        lambda: desk.pupil(theirs.pseudonym, MINE, ULLA),
        lambda: desk.correct_pupil(theirs.pseudonym, {"town": "x"}, MINE, ULLA),
        lambda: desk.withdraw_pupil(theirs.pseudonym, MINE, ULLA),
    ):
        with pytest.raises(FaultyInput):
            own()
    assert desk.pupils(MINE, ULLA).total == 0
    desk.begin_draft([file(ROWS[0])], MINE, ULLA)
    desk.alter_draft(MINE, ULLA, correction=("liste.csv", 2, {"school": OTHER}))
    (waits,) = desk.look(MINE, ULLA).waiting
    assert waits.faults["school"][0].rule is Rule.SCHOOL_OTHER
    assert len(desk.waiting_rows(OTHER, OMAR)) == 2
    (same,) = desk.pupils(OTHER, OMAR).pupils
    assert may_be_matched(same)


def test_names_are_logged_once_a_session_and_never_by_value(desk: SchoolDesk) -> None:
    handed_in(desk, ROWS[0])
    for _ in range(3):
        desk.pupils(MINE, ULLA)
    with desk.store.reading() as connection:
        log = connection.execute(select(audit)).all()
    actions = [line.action for line in log]
    assert actions.count("roll.read") == 1 and actions.count("preview.names") == 1
    assert "Erfunden" not in repr(log)


def test_what_a_file_says_besides_never_reaches_the_disk(desk: SchoolDesk, tmp_path: Path) -> None:
    """Drafts live in memory alone: neither their bytes nor a dropped column are in any file."""
    desk.begin_draft([file(*ROWS)], MINE, ULLA)
    look = desk.look(MINE, ULLA)
    kept = b"".join(one.read_bytes() for one in tmp_path.iterdir())
    assert b"geheim" not in kept and "Ömer".encode() not in kept
    desk.confirm_draft(MINE, ULLA, look)
    assert b"geheim" not in b"".join(one.read_bytes() for one in tmp_path.iterdir())


def test_the_list_goes_out_with_names_and_inert(desk: SchoolDesk) -> None:
    handed_in(desk, ROWS[0])
    text = desk.own_list(MINE, ULLA, "csv").decode("utf-8-sig")
    assert "Erfunden;Elif" in text
    assert desk.own_list(MINE, ULLA, "xlsx").startswith(b"PK")
    assert desk.template("xlsx", ULLA).startswith(b"PK")
    assert "Nachname" in desk.template("csv", ULLA).decode("utf-8-sig")
    assert desk.information_sheet("de", ULLA).startswith(b"%PDF")
    told = {
        "office": "Amt",
        "street": "Weg 1",
        "town": "33330 Gütersloh",
        "phone": "1",
        "email": "a",
    }
    set_sender(desk.store, told, "nora")
    assert desk.information_sheet("de", ULLA).startswith(b"%PDF")
    with pytest.raises(FaultyInput):
        desk.own_list(MINE, ULLA, "exe")
    with pytest.raises(FaultyInput):
        desk.template("exe", ULLA)


def test_totals_count_what_became_of_people(desk: SchoolDesk) -> None:
    handed_in(desk, *ROWS[:1], "5;Erfunden;Kim;01.01.2011;10C;33330;;")
    totals = desk.totals(MINE, ULLA)
    assert (totals.people, totals.matched, totals.gone) == (2, 2, 0)
    assert totals.standings == {Standing.LOOKING: 2}


def test_a_draft_goes_after_half_an_hour_without_a_touch() -> None:
    now = [datetime(2026, 11, 22, 12, tzinfo=UTC)]
    drafts = Drafts(lambda: now[0])
    draft = Draft((Upload("a.csv", b"x"),), "2026/27")
    drafts.keep("ulla", MINE, draft)
    now[0] += LONGEST_REST
    assert drafts.of("ulla", MINE) is draft
    assert drafts.of("ulla", OTHER) is None and drafts.of("omar", MINE) is None
    now[0] += LONGEST_REST + timedelta(seconds=1)
    assert drafts.of("ulla", MINE) is None


def test_a_draft_goes_though_nobody_asks_for_one_again() -> None:
    """The raw file may hold religion or health: it must not wait for the next visitor."""
    drafts = Drafts(rest=timedelta(milliseconds=10))
    file = Upload("a.csv", b"geheim")
    left = weakref.ref(draft := _Weak((file,), "2026/27"))
    drafts.keep("ulla", MINE, draft)
    del draft
    for _ in range(200):
        if left() is None:
            break
        time.sleep(0.02)
    assert left() is None


def test_no_correction_is_lost_between_two_windows(desk: SchoolDesk) -> None:
    """The other window corrects another row just while this one is being taken over."""
    desk.begin_draft([file(*ROWS)], MINE, ULLA)

    def other() -> None:
        desk.alter_draft(MINE, ULLA, correction=("liste.csv", 4, {"postcode": "33332"}))

    window = Thread(target=other)

    class Cells(UserDict[str, str]):
        def keys(self) -> Any:
            if not window.ident:
                window.start()
                window.join(0.3)
            return super().keys()

    desk.alter_draft(MINE, ULLA, correction=("liste.csv", 3, Cells(born="28.02.2010")))
    window.join(5)
    draft = desk.draft(MINE, ULLA)
    assert draft is not None and draft.corrections == {
        ("liste.csv", 3): {"born": "28.02.2010"},
        ("liste.csv", 4): {"postcode": "33332"},
    }


def test_a_draft_begun_while_another_is_taken_in_stays(
    desk: SchoolDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Taking in may last; the list that came meanwhile was not confirmed by anybody."""

    def slow(*given: Any, **named: Any) -> Any:
        desk.begin_draft([file(ROWS[1], name="zweite.csv")], MINE, ULLA)
        return apply(*given, **named)

    desk.begin_draft([file(ROWS[0])], MINE, ULLA)
    shown = desk.look(MINE, ULLA)
    monkeypatch.setattr("office.school_desk.apply", slow)
    desk.confirm_draft(MINE, ULLA, shown)
    draft = desk.draft(MINE, ULLA)
    assert draft is not None and draft.files[0].name == "zweite.csv"


def test_the_sheet_tells_the_terms_and_the_officer_of_this_house(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It must tell what the deleting job goes by (GDPR Art. 13(2)a)."""

    def words(given: Information, language: Language, terms: Mapping[str, Term] = TERMS) -> bytes:
        return repr(information_paper(given, language, terms)).encode()

    monkeypatch.setattr("office.school_desk.information_pdf", words)
    terms = tmp_path / "terms.toml"
    terms.write_text("[people]\nmonths = 99\n")
    desk = Desk(Settings(tmp_path, b"", str(tmp_path / "s.db"), terms_file=terms))
    assert "99 Monate" in desk.information_sheet("de", ULLA).decode()
    lena = User("lena", frozenset({Role.COUNSELOR, Role.ADMIN}))
    sender = Sender("Amt", "Weg 1", "33330 Gütersloh", "1", "amt@example.org")
    desk.set_sender(sender, lena)
    assert "Datenschutz" in (told := desk.information_sheet("de", ULLA).decode())
    assert "99 Monate" in told and told.count("amt@example.org") > 1
    desk.set_sender(replace(sender, officer="dsb@example.org"), lena)
    assert desk.sender(lena) == replace(sender, officer="dsb@example.org")
    assert "dsb@example.org" in desk.information_sheet("de", ULLA).decode()
    desk.close()


class _Weak(Draft):
    """A draft that tells when it is gone."""


def test_memory_is_bounded() -> None:
    drafts = Drafts()
    large = Draft((Upload("a.csv", b"x" * (MOST_OF_ONE + 1)),), "2026/27")
    with pytest.raises(FaultyInput):
        drafts.keep("ulla", MINE, large)
    assert drafts.of("ulla", MINE) is None
    assert "xxx" not in repr(large)


def test_a_draft_that_is_gone_is_said_so(desk: SchoolDesk) -> None:
    requests: list[Callable[[], object]] = [
        lambda: desk.look(MINE, ULLA),
        lambda: desk.alter_draft(MINE, ULLA, complete=True),
        lambda: desk.confirm_draft(MINE, ULLA, Look(())),
    ]
    for asked in requests:
        with pytest.raises(FaultyInput) as refusal:
            asked()
        assert refusal.value.faults[0].rule is Rule.FILE_MISSING


def test_another_schools_list_is_refused_as_a_whole_and_a_slip_is_not(desk: SchoolDesk) -> None:
    """Taken in, it would leave everybody gone and keep strangers' rows waiting here."""
    heads = "Interne ID-Nummer;Nachname;Vorname;Schul-Nummer\n"
    own = [f"{n};Erfunden;Elif{n};{MINE}\n" for n in range(6)]
    others = [f"{n};Fremd;Ada{n};{OTHER}\n" for n in range(10, 17)]
    desk.begin_draft([("liste.csv", (heads + "".join(own)).encode())], MINE, ULLA)
    desk.confirm_draft(MINE, ULLA, desk.look(MINE, ULLA))
    desk.begin_draft([("fremd.csv", (heads + "".join(others + own[:2])).encode())], MINE, ULLA)
    look = desk.look(MINE, ULLA)
    assert look.preview is None and [one.value for one in look.refused] == [OTHER]
    assert not look.waiting and "Fremd" not in str(look.refused)
    with pytest.raises(FaultyInput):
        desk.confirm_draft(MINE, ULLA, look)
    assert desk.totals(MINE, ULLA).people == 6 and desk.waiting_rows(MINE, ULLA) == ()
    desk.begin_draft([("slip.csv", (heads + "".join(own + others[:1])).encode())], MINE, ULLA)
    slip = desk.look(MINE, ULLA)
    assert slip.preview is not None and len(slip.waiting) == 1


def test_the_same_file_again_is_told_with_its_import_until_that_is_taken_back(
    desk: SchoolDesk,
) -> None:
    files = [("liste.csv", b"Interne ID-Nummer;Nachname\n1;Erfunden\n")]
    desk.begin_draft(files, MINE, ULLA)
    first = desk.look(MINE, ULLA)
    assert first.again is None and not first.changes_nothing
    taken = desk.confirm_draft(MINE, ULLA, first)
    desk.begin_draft(files, MINE, ULLA)
    look = desk.look(MINE, ULLA)
    assert look.again == taken.import_id and look.changes_nothing
    desk.take_back(taken.import_id, MINE, ULLA)
    assert desk.look(MINE, ULLA).again is None


def test_a_title_is_said_once_for_both_and_never_guessed() -> None:
    for title, short in (
        ("Tischler / Tischlerin", "Tischler/in"),
        ("Kaufmann im Einzelhandel / Kauffrau im Einzelhandel", "Kaufmann/-frau im Einzelhandel"),
        (
            "Medizinischer Fachangestellter / Medizinische Fachangestellte",
            "Medizinische/r Fachangestellte/r",
        ),
        (
            "Umwelttechnologe für Abfall / Umwelttechnologin für Abfall",
            "Umwelttechnologe/-in für Abfall",
        ),
        ("Pflegefachmann / Pflegefachfrau", "Pflegefachmann/-frau"),
        ("Koch / Köchin", "Koch / Köchin"),
        ("Florist", "Florist"),
        ("82312", "82312"),
    ):
        assert short_title(title) == short


def test_a_row_without_a_surname_comes_in_only_with_one(both: SchoolDesk) -> None:
    """Also once it waits in the store, where only the list's own headings say what it lacks."""
    desk = both
    handed_in(desk, ROWS[0], "5;;Kim;01.01.2011;10C;33330;;")
    (row,) = desk.waiting_rows(MINE, ULLA)
    assert row.id is not None and row.faults.keys() == {"surname"}
    left = desk.settle_row(row.id, {"first_name": "Kim"}, MINE, ULLA)
    assert isinstance(left, tuple) and [one.rule for one in left] == [Rule.VALUE_MISSING]
    assert not isinstance(desk.settle_row(row.id, {"surname": "Erfunden"}, MINE, ULLA), tuple)


@pytest.mark.parametrize(
    ("written", "guessed"), [("1.1.11", "2011-01-01"), ("1.1.50", None), ("31.2.11", None)]
)
def test_a_short_date_waits_with_a_guess_that_counts_for_nothing(
    desk: SchoolDesk, written: str, guessed: str | None
) -> None:
    handed_in(desk, f"5;Erfunden;Kim;{written};10C;33330;;")
    (row,) = desk.waiting_rows(MINE, ULLA)
    assert row.guesses == ({} if guessed is None else {"born": guessed})
    assert row.cells["born"] == written and desk.totals(MINE, ULLA).people == 0


def test_of_two_who_correct_the_same_the_second_is_told(both: SchoolDesk) -> None:
    """What somebody saw is compared in the transaction that writes; what they did not, is not."""
    desk = both
    handed_in(desk, ROWS[0])
    (one,) = desk.pupils(MINE, ULLA).pupils
    seen = desk.pupil(one.pseudonym, MINE, ULLA).cells

    def corrected(name: str, text: str) -> tuple[tuple[Rule, str | None], ...]:
        told = {name: seen.get(name, "")}
        result = desk.correct_pupil(one.pseudonym, {name: text}, MINE, ULLA, seen=told)
        if isinstance(result, tuple):
            return tuple((fault.rule, fault.column) for fault in result)
        return ()

    assert corrected("postcode", "33332") == ()
    assert corrected("postcode", "33334") == ((Rule.CHANGED_SINCE, "postcode"),)
    assert corrected("surname", "Erfinder") == ()
    kept = desk.pupil(one.pseudonym, MINE, ULLA).cells
    assert (kept["postcode"], kept["surname"]) == ("33332", "Erfinder")


def test_names_are_not_seen_before_the_log_says_so(
    desk: SchoolDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the row of the log can't be written, no names come, and the next look is logged."""

    def broken(*_: object) -> None:
        raise OSError("no room")

    handed_in(desk, ROWS[0])
    with monkeypatch.context() as patch:
        patch.setattr("office.school_desk.append", broken)
        with pytest.raises(OSError, match="no room"):
            desk.pupils(MINE, ULLA)
    desk.pupils(MINE, ULLA)
    with desk.store.reading() as connection:
        actions = list(connection.scalars(select(audit.c.action)))
    assert actions.count("roll.read") == 1


def test_everybody_stands_under_one_heading(desk: SchoolDesk) -> None:
    """A signed contract and a preparation for training are no search that goes on."""
    handed_in(desk, *(f"{n};Erfunden;Kind {n};01.01.2011;10A;33330;;" for n in range(1, 7)))
    people = [one.pseudonym for one in desk.pupils(MINE, ULLA).pupils]
    told = {"season": desk.season(), "on": date(2026, 11, 2)}
    stages = (ContactStatus.CONTRACT, ContactStatus.STARTED, ContactStatus.APPLIED)
    with desk.store.transaction() as connection:
        for who, status in zip(people[:3], stages, strict=True):
            row = {"id": who, "pseudonym": who, "status": status.value, **told}
            connection.execute(insert(contacts).values(row))
        kinds = (OutcomeKind.PREPARATION, OutcomeKind.DUAL, OutcomeKind.UNKNOWN)
        for who, kind in zip(people[3:], kinds, strict=True):
            row = {"id": who, "pseudonym": who, "kind": kind.value, "own_find": False, **told}
            connection.execute(insert(outcomes).values(row))
    totals = desk.totals(MINE, ULLA)
    assert totals.standings == {Standing.LOOKING: 2, Standing.STARTED: 2}
    assert (totals.outcomes, totals.contracts) == ({OutcomeKind.PREPARATION: 1}, 1)
    stands = stands_words(totals, "de")
    assert stands["Vertrag unterschrieben"] == stands["Ausbildungsvorbereitung"] == 1
    assert sum(stands.values()) == totals.people == 6
