"""Is every pupil of every format read, nothing else let through, and nothing lost?"""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.intake.columns import columns_of, is_protected, plain_heading, read_mapping
from data.intake.pupil_rows import (
    IDENTITY,
    PUPIL_WORDS,
    Context,
    clean,
    mark_of,
    marks_of,
    recheck,
)
from data.intake.pupils import read_pupils, read_school_file, school_files
from data.intake.reading import Upload
from data.intake.records import Basis, FileRead, LegalBasis, PupilRecord
from data.intake.template import csv_template, xlsx_template
from matching.errors import Fault, FaultyInput, Rule
from matching.problem import Certificate
from matching.target import Standing
from tests.data.pupil_files import as_csv, as_ods, as_xlsx

SHARED = Path(__file__).parents[2] / "../shared/data"
START = date(2027, 8, 1)

GOOD = {
    "Interne ID-Nummer": "17",
    "Nachname": "Erfunden-Nachname",
    "Vorname": "Erfunden-Vorname",
    "Geburtsdatum": "02.08.2009",
    "Straße": "Erdachter Weg",
    "Hausnummer": "3",
    "Postleitzahl": "33330",
    "Ortsname": "Gütersloh",
    "E-Mail (privat)": "erfunden@beispiel.de",
    "Telefon (Mobil)": "+49 (0) 151 1",
    "Klasse": "10A",
    "Jahrgang": "10",
    "Höchster allg. Abschluss": "MSA",
    "Schulpflicht erfüllt": "Ja",
    "Entlassdatum": "09.07.2027",
    "Wunsch 1": "71302",
    "Wunsch 2": "Tischler",
    "Längster Weg (Minuten)": "45",
    "Stand": "sucht",
    "Bewerbung im Vorjahr": "nein",
    "Noten": "D=2; M=3-",
    "Einwilligung": "Ja",
    "Einwilligung am": "01.10.2026",
    "Einwilligung Fassung": "2026-1",
    "Einwilligung durch": "Erziehungsberechtigte",
    "Hinweis": "erfunden",
}

RECORD = PupilRecord(
    row=2,
    school="999001",
    surname="Erfunden-Nachname",
    first_name="Erfunden-Vorname",
    number="17",
    born=date(2009, 8, 2),
    street="Erdachter Weg 3",
    postcode="33330",
    town="Gütersloh",
    email="erfunden@beispiel.de",
    phone="+49 (0) 151 1",
    school_class="10A",
    grade="10",
    certificate=Certificate.MSA,
    compulsory_school_done=True,
    leaves=date(2027, 7, 9),
    wishes=("71302", "22342"),
    longest_way=45,
    applied_before=False,
    standing=Standing.LOOKING,
    marks={"D": 2, "M": 3},
    basis=LegalBasis(Basis.CONSENT, date(2026, 10, 1), "2026-1", "Erziehungsberechtigte"),
    invented=True,
)

#: What can be planted under each heading, and the rule that it breaks.
BAD = {
    "Geburtsdatum": ("30.02.2009", Rule.DATE_UNREADABLE),
    "Postleitzahl": ("00000", Rule.POSTCODE_UNKNOWN),
    "Höchster allg. Abschluss": ("Meisterbrief", Rule.CERTIFICATE_UNKNOWN),
    "Schulpflicht erfüllt": ("vielleicht", Rule.VALUE_UNKNOWN),
    "Entlassdatum": ("bald", Rule.DATE_UNREADABLE),
    "Wunsch 1": ("Drachenzähmer", Rule.OCCUPATION_UNKNOWN),
    "Längster Weg (Minuten)": ("0", Rule.NOT_POSITIVE),
    "Stand": ("irgendwie", Rule.VALUE_UNKNOWN),
    "Bewerbung im Vorjahr": ("2", Rule.VALUE_UNKNOWN),
    "Noten": ("D=7", Rule.MARK_UNKNOWN),
    "Einwilligung": ("vielleicht", Rule.VALUE_UNKNOWN),
    "Einwilligung am": ("", Rule.VALUE_MISSING),
    "Nachname": ('=HYPERLINK("http://a")', Rule.CELL_FORMULA),
    "Vorname": ("x" * 1_001, Rule.CELL_TOO_LONG),
    "Straße": ("a\x1bb", Rule.CELL_CONTROL),
    "Ortsname": ("@SUM(1)", Rule.CELL_FORMULA),
    "Klasse": ("+cmd|'a'!A0", Rule.CELL_FORMULA),
}


def table(rows: list[dict[str, str]]) -> list[list[str]]:
    return [[*rows[0]], *([*row.values()] for row in rows)]


def people(count: int) -> list[dict[str, str]]:
    return [{**GOOD, "Interne ID-Nummer": str(number)} for number in range(count)]


def read(
    content: bytes, school: str | None = "999001", mapping: dict[str, str] | None = None
) -> FileRead[PupilRecord]:
    result = read_school_file([Upload("liste.csv", content)], school, mapping, training_start=START)
    assert result.rows == len(result.records) + len(result.waiting)
    assert all(fault in result.faults for row in result.waiting for fault in row.faults)
    return result


def refusal(content: bytes, mapping: dict[str, str] | None = None) -> tuple[Fault, ...]:
    with pytest.raises(FaultyInput) as refused:
        read(content, mapping=mapping)
    return refused.value.faults


def test_one_person() -> None:
    result = read(as_csv(table([GOOD])))
    assert result.records == (RECORD,)
    assert (result.waiting, result.dropped_columns, result.guessed, result.faults) == ((),) * 4
    assert set(result.mapping) == set(GOOD)


@settings(max_examples=25)
@given(data=st.data(), count=st.integers(1, 4))
def test_the_format_and_the_order_change_nothing(data: st.DataObject, count: int) -> None:
    rows = people(count)
    headings = data.draw(st.permutations(list(GOOD)))
    chosen = table([{name: row[name] for name in headings} for row in rows])
    way = data.draw(st.sampled_from(["csv", "tsv", "comma", "cp1252", "utf-16", "xlsx", "ods"]))
    content = {
        "csv": lambda: as_csv(chosen, encoding="utf-8-sig"),
        "tsv": lambda: as_csv(chosen, "\t"),
        "comma": lambda: as_csv(chosen, ","),
        "cp1252": lambda: as_csv(chosen, encoding="cp1252"),
        "utf-16": lambda: as_csv(chosen, "\t", "utf-16"),
        "xlsx": lambda: as_xlsx(chosen),
        "ods": lambda: as_ods(chosen),
    }[way]()
    assert read(content).records == read(as_csv(table(rows))).records


@settings(max_examples=60)
@given(data=st.data(), count=st.integers(1, 5))
def test_bad_rows_wait_with_every_fault_and_good_rows_go_on(
    data: st.DataObject, count: int
) -> None:
    rows = people(count)
    spots = st.tuples(st.integers(0, count - 1), st.sampled_from(sorted(BAD)))
    planted = data.draw(st.sets(spots, max_size=6))
    expected: dict[int, set[tuple[Rule, str]]] = {}
    for row, heading in planted:
        rows[row][heading], rule = BAD[heading]
        expected.setdefault(row + 2, set()).add((rule, heading))
    for row in {row for row, heading in planted if heading == "Einwilligung"}:
        # Where nobody can say whether somebody consents, the day is not asked for.
        expected[row + 2].discard((Rule.VALUE_MISSING, "Einwilligung am"))
    result = read(as_csv(table(rows)))
    found = {w.row: {(f.rule, f.column or "") for f in w.faults} for w in result.waiting}
    assert found == expected
    assert [record.row for record in result.records] == [
        row for row in range(2, count + 2) if row not in expected
    ]


@settings(max_examples=60)
@given(data=st.data())
def test_no_fault_tells_who_somebody_is(data: st.DataObject) -> None:
    """Whatever stands in a name, a birth date or an address, and however wrong it is."""
    headings = [h for h in GOOD if PUPIL_WORDS.ranks[plain_heading(h)][0] in IDENTITY]
    secret = data.draw(st.text("qxyzw", min_size=8, max_size=12))
    prefix = data.draw(st.sampled_from(["", "=", "@", "\x1b", "30.02.2009", "x" * 1_000]))
    row = {**GOOD, **dict.fromkeys(headings, prefix + secret)}
    result = read(as_csv(table([row])))
    assert result.waiting
    assert secret not in repr(result.faults)
    with pytest.raises(FaultyInput) as refused:
        read_school_file([Upload("a", as_csv([[secret, secret]] * 3))])
    assert secret not in repr(refused.value) + str(refused.value.faults)


PROTECTED = [
    "Konfession (Klartext)", "Religion", "Staatsangehörigkeit (Schlüssel)", "Nationality",
    "Migrationshintergrund vorhanden", "Geburtsland", "Geschlecht", "Gender",
    "Schwerstbehinderung", "Förderschwerpunkt 1", "Verkehrssprache in der Familie", "Aussiedler",
]  # fmt: skip


@settings(max_examples=40)
@given(data=st.data())
def test_what_may_not_be_read_reaches_nothing(data: st.DataObject) -> None:
    secret = data.draw(st.text("qxyzw", min_size=8, max_size=12))
    protected = data.draw(st.lists(st.sampled_from(PROTECTED), min_size=1, unique=True))
    row = {**GOOD, **dict.fromkeys(protected, secret)}
    if data.draw(st.booleans()):
        row["Stand"] = "irgendwie"
    headings = data.draw(st.permutations(list(row)))
    result = read(as_csv(table([{name: row[name] for name in headings}])))
    assert secret not in repr(result)
    assert set(result.dropped_columns) == set(protected)
    assert {is_protected(heading) for heading in protected} == {True}
    for heading in protected:
        faults = refusal(as_csv(table([row])), {heading: "school_class"})
        assert {fault.rule for fault in faults} >= {Rule.FIELD_PROTECTED}


@settings(max_examples=30)
@given(data=st.data(), count=st.integers(1, 9), at_once=st.integers(1, 4))
def test_parts_make_the_whole(data: st.DataObject, count: int, at_once: int) -> None:
    rows = people(count)
    for number in data.draw(st.sets(st.integers(0, count - 1))):
        rows[number]["Postleitzahl"] = "00000"
    content = as_csv(table(rows))
    whole = read(content)
    parts = [*read_pupils([Upload("liste.csv", content)], "999001", training_start=START,
                          rows_at_once=at_once)]  # fmt: skip
    assert all(part.rows <= at_once for part in parts)
    assert tuple(record for part in parts for record in part.records) == whole.records
    assert tuple(row for part in parts for row in part.waiting) == whole.waiting
    assert sum(part.rows for part in parts) == whole.rows
    assert {(part.file, part.kind) for part in parts} == {(whole.file, whole.kind)}


@settings(max_examples=40)
@given(planted=st.sets(st.sampled_from(sorted(BAD)), min_size=1, max_size=4))
def test_a_waiting_row_can_be_put_right(planted: set[str]) -> None:
    """What waits is checked again by the same rules, and taken once its cells are right."""
    row = {**GOOD, **{heading: BAD[heading][0] for heading in planted}}
    (waiting,) = read(as_csv(table([row]))).waiting
    context = Context("999001", training_start=START, file="liste.csv")
    again = recheck(waiting.cells, context, waiting.row)
    assert isinstance(again, tuple)
    assert [fault.rule for fault in again] == [fault.rule for fault in waiting.faults]
    right = {PUPIL_WORDS.ranks[plain_heading(name)][0]: cell for name, cell in GOOD.items()}
    assert recheck({**waiting.cells, **right}, context, 2) == RECORD
    assert recheck({**right, "Religion": "x"}, context, 2) == (
        Fault(Rule.FIELD_UNKNOWN, "liste.csv", 2),
    )


def test_a_row_of_odd_length_waits_without_what_may_be_a_dropped_cell() -> None:
    """A missing separator moves every cell: a faith could stand under the name of a street."""
    content = "Interne ID-Nummer;Nachname;Konfession;Straße\n1;Erfunden;geheim\n2;Erdacht;x;y;;\n"
    result = read((content + "3;Erdacht;x;y;geheim\n").encode())
    assert [record.number for record in result.records] == ["2"]
    assert [(w.row, w.cells) for w in result.waiting] == [(2, {"number": "1"}), (4, {})]
    assert [(f.rule, f.value) for f in result.faults] == [
        (Rule.COLUMN_COUNT, "3/4"), (Rule.COLUMN_COUNT, "5/4")
    ]  # fmt: skip
    assert "geheim" not in repr(result)


def test_a_name_or_a_number_is_enough() -> None:
    for heading in ("Interne ID-Nummer", "Nachname", "Name, Vorname"):
        (record,) = read(f"{heading};Klasse\n7;10A\n".encode()).records
        assert record.number == ("7" if heading == "Interne ID-Nummer" else None)
    result = read(b"Interne ID-Nummer;Nachname;Klasse\n;;10A\n")
    assert result.faults == (Fault(Rule.VALUE_MISSING, "liste.csv", 2, "Interne ID-Nummer"),)
    (record,) = read(b"Name;Klasse\n" + b'"Erfunden, Elif";10A\n').records
    assert (record.surname, record.first_name) == ("Erfunden", "Elif")


def test_the_same_number_twice() -> None:
    """A row that repeats another is no fault; one that contradicts it waits."""
    first, second = people(2)
    result = read(as_csv(table([first, second, first, {**second, "Klasse": "9B"}])))
    assert [record.row for record in result.records] == [2, 3, 4]
    assert result.faults == (Fault(Rule.ID_TWICE, "liste.csv", 5, "Interne ID-Nummer", "1"),)


def test_whose_school_it_is() -> None:
    content = as_csv([["Schul-Nummer", "Nachname"], ["999001", "A"], ["999002", "B"], ["", "C"]])
    given_one = read(content)
    assert [(r.surname, r.school) for r in given_one.records] == [("A", "999001"), ("C", "999001")]
    assert given_one.faults == (Fault(Rule.SCHOOL_OTHER, "liste.csv", 3, "Schul-Nummer", "999002"),)
    own = read(content, school=None)
    assert [(r.surname, r.school) for r in own.records] == [("A", "999001"), ("B", "999002")]
    assert own.faults == (Fault(Rule.VALUE_MISSING, "liste.csv", 4, "Schul-Nummer"),)
    assert read(b"Nachname\nA\n", school=None).records[0].school == "liste"


def test_the_legal_basis_of_a_row() -> None:
    def basis_of(consent: str, day: str = "01.10.2026") -> LegalBasis:
        rows = [["Nachname", "Einwilligung", "Einwilligung am"], ["Erfunden", consent, day]]
        (record,) = read(as_csv(rows)).records
        return record.basis

    day = date(2026, 10, 1)
    assert basis_of("Ja") == LegalBasis(Basis.CONSENT, day)
    for refused in ("Nein", "widerrufen"):
        assert basis_of(refused) == LegalBasis(Basis.NONE, day)
    assert basis_of("", "") == LegalBasis(Basis.NONE)
    assert read(b"Nachname\nErfunden\n").records[0].basis == LegalBasis(Basis.LAW)
    none = read_school_file([Upload("a", b"Nachname\nA\n")], "1", basis=LegalBasis())
    assert none.records[0].basis == LegalBasis(Basis.NONE)
    for said, kind in (("ja", Basis.NONE), ("nein", Basis.LAW)):
        content = f"Nachname;keine Auskunft an Dritte\nErfunden;{said}\n".encode()
        assert read(content).records[0].basis.kind is kind


def test_remarks_are_not_kept() -> None:
    """A remark may say anything; only the word that marks a row as invented is read."""
    content = as_csv([["Nachname", "Hinweis", "Stand"], ["A", "hat Asthma", "?"], ["B", "x", ""]])
    assert "Asthma" not in repr(read(content))


def test_headings_below_a_title() -> None:
    titled = 'Schülerliste "10A";;\n;;\nNachname;Vorname;PLZ\nErfunden;Elif;33330\n'
    result = read(titled.encode())
    assert [(record.row, record.postcode) for record in result.records] == [(4, "33330")]
    sheet = [["Schülerliste 10A", "", ""], ["", "", ""], ["Nachname", "Vorname", "PLZ"],
             ["Erfunden", "Elif", "33330"]]  # fmt: skip
    assert read(as_xlsx(sheet)).records == result.records


def test_the_sheet_with_the_headings_is_read_and_others_are_named() -> None:
    list_one = [["Nachname", "Klasse"], ["Erfunden", "10A"]]
    list_two = [["Nachname", "Klasse"], ["Erdacht", "10B"]]
    result = read(as_xlsx([["Deckblatt"]], list_one, list_two))
    assert [record.surname for record in result.records] == ["Erfunden"]
    assert result.faults == tuple(
        Fault(Rule.SHEET_UNREAD, "liste.csv", column=name) for name in ("Sheet1", "Sheet3")
    )


def test_a_hidden_sheet_is_never_read_and_always_named() -> None:
    rows = [["Nachname", "Klasse"], ["Erfunden", "10A"]]
    result = read(as_xlsx(rows, [*rows, ["Geheim", "10B"]], [[""]], hidden=(1, 2)))
    assert [record.surname for record in result.records] == ["Erfunden"]
    assert result.faults == (Fault(Rule.SHEET_UNREAD, "liste.csv", column="Sheet2"),)


def test_headings_that_come_again_drop_nobody() -> None:
    """Whatever more the second ones know, the rows above them were read under the first."""
    rows = [["Nachname", "Vorname", ""], ["A", "B", ""], ["Nachname", "Vorname", "Klasse"],
            ["C", "D", "10A"]]  # fmt: skip
    for content in (as_csv(rows), as_xlsx(rows)):
        result = read(content)
        assert result.rows == 3
        assert [record.surname for record in result.records][:1] == ["A"]
    two_lines = [["Name", "", "Anschrift"], ["Nachname", "Vorname", "PLZ"], ["A", "B", "33330"]]
    assert [record.postcode for record in read(as_csv(two_lines)).records] == ["33330"]


@pytest.mark.parametrize(
    "content",
    [
        b"Nachname;Meier;Schulz\nVorname;Anna;Ben\nKonfession;katholisch;ev\n",
        b"Nachname;Meier;Anna;katholisch;Depression\nKurz;Schulz;Ben;ev;x\n",
    ],
)
def test_a_line_of_people_is_no_line_of_headings(content: bytes) -> None:
    """A list on its side, or without headings, would name its people as columns not read."""
    assert refusal(content) == (Fault(Rule.HEADINGS_UNKNOWN, "liste.csv", 1),)
    assert read(b"Nachname;Foo;Bar\nErfunden;x;y\n", mapping={"Foo": ""}).rows == 1


@pytest.mark.parametrize("heading", ["Höchster allg. Abschluss", "Noten", "Wunsch 1", "Stand",
                                     "Entlassdatum", "Interne ID-Nummer", "Klasse"])  # fmt: skip
@given(secret=st.text("abcdefghij äöü,", min_size=3, max_size=30))
def test_no_word_of_a_row_stands_in_a_fault(heading: str, secret: str) -> None:
    """What slips into a column may be a name or a diagnosis; only figures are repeated."""
    rows = [{**GOOD, heading: f"{secret}("}, {**GOOD, heading: f"{secret}(", "Jahrgang": "9"}]
    result = read(as_csv(table(rows)))
    assert result.waiting
    assert all(fault.value in (None, GOOD["Interne ID-Nummer"]) for fault in result.faults)


def test_figures_are_shown() -> None:
    shown = {"Noten": "D=7", "Entlassdatum": "31.8.09", "Längster Weg (Minuten)": "0"}
    result = read(as_csv(table([{**GOOD, **shown}])))
    assert {fault.value for fault in result.faults} == set(shown.values())


@pytest.mark.parametrize("text", ["10a I-Kind (Autismus), kath.", "x" * 21, "10a, krank"])
def test_a_class_is_no_place_for_words_about_somebody(text: str) -> None:
    result = read(as_csv(table([{**GOOD, "Klasse": text}])))
    assert result.faults == (Fault(Rule.VALUE_UNKNOWN, "liste.csv", 2, "Klasse"),)
    assert text not in repr(result)


def test_formulas_are_never_evaluated_and_never_pass() -> None:
    rows = [["Nachname", "Vorname", "Klasse"], ["A", "", ""], ["B", "C", "10A"]]
    result = read(as_xlsx(rows, formulas={"B2": '=HYPERLINK("http://a","b")', "C2": "=1+1"}))
    assert [record.surname for record in result.records] == ["B"]
    assert [(f.rule, f.column) for f in result.faults] == [
        (Rule.CELL_FORMULA, "Vorname"), (Rule.CELL_FORMULA, "Klasse")
    ]  # fmt: skip


def test_guesses_are_marked_and_a_given_mapping_wins() -> None:
    content = as_csv([["Nachnamme", "Vornahme", "Klasse", "Farbe"], ["A", "B", "10A", "rot"]])
    result = read(content)
    assert result.mapping == {
        "Nachnamme": "surname", "Vornahme": "first_name", "Klasse": "school_class"
    }  # fmt: skip
    assert result.guessed == ("Nachnamme", "Vornahme")
    assert result.dropped_columns == ("Farbe",)
    other = {"nachnamme": "first_name", "vornahme": "surname", "Klasse": "", "Farbe": "town"}
    turned = read(content, mapping=other)
    (record,) = turned.records
    assert (record.surname, record.first_name, record.town) == ("B", "A", "rot")
    assert turned.dropped_columns == ("Klasse",)
    strictly = read_school_file([Upload("a", b"Nachname;Vornahme\nA;B\n")], "1", guess=False)
    assert strictly.dropped_columns == ("Vornahme",)


def test_mappings_that_make_no_sense() -> None:
    content = as_csv([["Nachname", "a", "b"], ["A", "", ""]])
    assert refusal(content, {"a": "religion"}) == (
        Fault(Rule.FIELD_UNKNOWN, "liste.csv", 1, "a", "religion"),
    )
    assert refusal(content, {"a": "town", "b": "town"}) == (
        Fault(Rule.FIELD_TWICE, "liste.csv", 1, "b", "town"),
    )
    assert refusal(b"PLZ;Nachname;plz\n1;A;2\n") == (
        Fault(Rule.COLUMN_TWICE, "liste.csv", 1, "PLZ"),
    )


def test_a_mapping_file() -> None:
    text = '[mapping]\n"Familienname" = "surname"\n"Bemerkung" = ""\n'
    assert read_mapping(Upload("m.toml", text.encode()), PUPIL_WORDS.fields) == {
        "Familienname": "surname", "Bemerkung": ""
    }  # fmt: skip
    for content, rule in ((b'a = "religion"', Rule.FIELD_UNKNOWN), (b"a = 1", Rule.FIELD_UNKNOWN),
                          (b"a =", Rule.FILE_UNREADABLE),
                          (b"mapping = 1", Rule.FILE_UNREADABLE)):  # fmt: skip
        with pytest.raises(FaultyInput) as refused:
            read_mapping(Upload("m.toml", content), PUPIL_WORDS.fields)
        assert refused.value.faults[0].rule is rule


def test_the_templates_read_without_a_question() -> None:
    for content in (csv_template(), xlsx_template()):
        result = read(content)
        assert (result.rows, result.faults, result.dropped_columns, result.guessed) == (
            1,
            (),
            (),
            (),
        )
        assert result.records[0].invented


def test_marks() -> None:
    assert [mark_of(text) for text in ("1", "2-", "6+", "0", "7", "gut", "12")] == [
        1, 2, 6, None, None, None, None
    ]  # fmt: skip
    assert marks_of("D=2, E5: 3+; M 4") == {"D": 2, "E": 3, "M": 4}
    assert marks_of("KR=1; SP=2; D=NB; ") == {}
    assert marks_of("D=0") is marks_of("D") is None


@given(st.text(max_size=30))
def test_a_clean_cell_is_one_line_and_stays_clean(text: str) -> None:
    cleaned = clean(text)
    assert cleaned == clean(cleaned)
    assert "\ufffd" in cleaned or cleaned.isprintable()
    assert cleaned.encode().decode() == cleaned


@pytest.mark.skipif(not SHARED.is_dir(), reason="the real formats are not at hand")
def test_real_lists_read_as_they_are() -> None:
    counts = {}
    for file in sorted((SHARED / "school_lists").glob("*.csv")):
        result = read_school_file([file], "999001")
        assert result.rows == len(result.records)
        assert result.dropped_columns == result.guessed == ()
        counts[file.name] = result.rows
    assert counts == {
        "lehrkraefte.csv": 5,
        "schild-export-2025.csv": 149,
        "schild-export-2026-nachzuegler.csv": 150,
        "schild-export-2026.csv": 149,
        "schild-export-legacy-cp1252.csv": 5,
    }


def schild_headings() -> list[str]:
    file = SHARED / "formats/schild3_textexport_spalten.csv"
    with file.open(encoding="utf-8", newline="") as rows:
        return list(
            dict.fromkeys(row["AnzeigeText"] for row in csv.DictReader(rows, delimiter=";"))
        )


@pytest.mark.skipif(not SHARED.is_dir(), reason="the real formats are not at hand")
@settings(max_examples=60)
@given(data=st.data())
def test_any_choice_of_the_export_headings_in_any_order(data: st.DataObject) -> None:
    """Whatever is chosen: only fields of a record are read, each from its best column."""
    headings = data.draw(st.lists(st.sampled_from(schild_headings()), min_size=1, unique=True))
    named = {"Interne ID-Nummer": "17", "Nachname": "Erfunden"}
    row = {**dict.fromkeys(headings, "qxyzw-geheim"), **named}
    order = data.draw(st.permutations(list(row)))
    columns = columns_of("list", order, PUPIL_WORDS)
    assert columns.guessed == ()
    assert set(columns.mapping) | set(columns.dropped) == set(row)
    assert not any(is_protected(heading) for heading in columns.mapping)
    bare = {**row, **dict.fromkeys(columns.mapping, ""), **named}
    result = read(as_csv([order, [bare[name] for name in order]]))
    assert result.rows == 1
    assert "qxyzw" not in repr(result)


def test_files_that_belong_together() -> None:
    sources = [
        Upload("liste.csv", b"Nachname;Klasse\nA;10A\n"),
        Upload("SchuelerBasisdaten.dat", b"Nachname|Vorname|Geburtsdatum|Klasse\n"),
        Upload("andere.csv", b'"Nachname";"Klasse"\n"B";"10B"\n'),
        Upload("noch eine.csv", b'"Nachname";"Klasse"\n"C";"10C"\n'),
        Upload("schulbesuch.csv", b'"nachname";"vorname";"geburtsdatum";"vorherigeSchule"\n'),
        Upload("SchuelerZusatzdaten.dat", b"Nachname|Vorname|Geburtsdatum|Entlassdatum\n"),
        Upload("stammdaten.json", b"[]"),
        Upload("leer.csv", b"\n\n\nNachname"),
        Upload("schuelerdaten.csv", b'"nachname";"klasse";"keine auskunft an dritte"\n'),
    ]
    assert [[str(source) for source in group] for group in school_files(sources)] == [
        ["liste.csv"], ["SchuelerBasisdaten.dat", "SchuelerZusatzdaten.dat"], ["andere.csv"],
        ["noch eine.csv"], ["schulbesuch.csv", "schuelerdaten.csv"],
        ["stammdaten.json"], ["leer.csv"],
    ]  # fmt: skip
    for apart in (sources[:3:2], [sources[0], sources[6]], [sources[0], sources[0]]):
        with pytest.raises(FaultyInput) as refused:
            read_school_file(apart)
        assert refused.value.faults[0].rule is Rule.FILES_APART
    with pytest.raises(FaultyInput):
        read_school_file([])


def test_half_a_name_waits_where_no_number_tells_who_it_is() -> None:
    """A surname whose heading nobody knows must not leave a pupil without one, unnoticed."""
    read = read_school_file(
        [Upload("l.csv", b"Gentilname;Vorname;Geburtsdatum\nErfunden;Elif;31.12.2010\n")]
    )
    (waiting,) = read.waiting
    assert not read.records
    assert [(fault.rule, fault.column) for fault in waiting.faults] == [
        (Rule.VALUE_MISSING, "Nachname")
    ]
    numbered = read_school_file([Upload("l.csv", b"ID;Vorname;Geburtsdatum\n7;Elif;31.12.2010\n")])
    assert len(numbered.records) == 1 and not numbered.waiting


@pytest.mark.parametrize(
    ("headings", "row", "missing"),
    [
        ("Nummer;Nachname;Vorname", "1;;Elif", "Nachname"),
        ("Nummer;Nachname;Vorname", "1;;", "Nachname"),
        ("Nummer;Name, Vorname", "1;", "Name, Vorname"),
        ("Nummer;Vorname", ";Elif", "Nummer"),
        ("Nummer;Nachname;Vorname", "1;Erdacht;", None),
        ("Nummer;Vorname", "1;Elif", None),
        ("Nummer;Klasse", "1;10A", None),
    ],
)
def test_who_has_no_surname_where_the_list_has_some_waits(
    headings: str, row: str, missing: str | None
) -> None:
    """A number alone would let the slip in: a person without a name on every screen."""
    read = read_school_file([Upload("liste.csv", f"{headings}\n{row}\n".encode())], "999001")
    assert len(read.records) == (missing is None)
    assert [(one.rule, one.column) for one in read.faults] == (
        [] if missing is None else [(Rule.VALUE_MISSING, missing)]
    )
