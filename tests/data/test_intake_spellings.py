"""Is a list read as it was meant, however it is spelled? What can't be told waits or is refused."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from data.intake.columns import is_protected
from data.intake.contacts import read_contacts
from data.intake.hr_ba_xml import MOST_ENTRIES
from data.intake.offers import read_offers
from data.intake.outcomes import read_outcomes
from data.intake.pupil_rows import Context, recheck
from data.intake.pupils import read_school_file
from data.intake.reading import Upload
from data.intake.records import FileRead, PupilRecord
from matching.errors import FaultyInput, Rule
from tests.data.pupil_files import as_csv

SHARED = Path(__file__).parents[2] / "../shared/data"

ROW = "Erfunden;Elif;31.12.2010\n"
NAMED = ("Erfunden", "Elif", date(2010, 12, 31))

#: Every heading of the export that is read, by the part of the program it is for.
READ = {
    "Schueler": {
        "Schul-Nummer": "school",
        "Interne ID-Nummer": "number",
        "Nachname": "surname",
        "Vorname": "first_name",
        "Alle Vornamen": "first_name",
        "Geburtsdatum": "born",
        "Straße": "street",
        "Hausnummer": "house_number",
        "Postleitzahl": "postcode",
        "Ortsname": "town",
        "E-Mail (privat)": "email",
        "E-Mail (schulisch)": "email",
        "Telefon-Nr.": "phone",
        "Klasse": "school_class",
        "Jahrgang": "grade",
        "Jahrgang (interne Bezeichnung)": "grade",
        "Höchster allg. Abschluss": "certificate",
        "Letzter allg. Abschluss (Kürzel)": "certificate",
        "Schulpflicht erfüllt": "compulsory_school_done",
        "Entlassdatum": "leaves",
        "vorauss. Abschlussdatum": "leaves",
    },
    "ErzAdr": {
        "Schüler-ID": "number",
        "Schüler-Nachname": "surname",
        "Schüler-Vorname": "first_name",
        "Schüler-Klasse": "school_class",
        "Schüler-Jahrgang": "grade",
    },
    "AllgAdr": {"Schüler-Nachname": "surname", "Schüler-Vorname": "first_name"},
    "Tel": {"Schüler-Nachname": "surname", "Schüler-Vorname": "first_name"},
}


def read(content: str | bytes, school: str = "999001") -> FileRead[PupilRecord]:
    raw = content.encode() if isinstance(content, str) else content
    return read_school_file([Upload("list.csv", raw)], school)


def rule_of(content: str | bytes) -> Rule:
    with pytest.raises(FaultyInput) as refused:
        read(content)
    return refused.value.faults[0].rule


# The headings of SchILD-NRW's export


def export_headings() -> dict[str, list[str]]:
    """The headings of each part of the program, as the export can have them."""
    parts: dict[str, list[str]] = {}
    with (SHARED / "formats/schild3_textexport_spalten.csv").open(encoding="utf-8-sig") as rows:
        for row in csv.DictReader(rows, delimiter=";"):
            parts.setdefault(row["DatenartKrz"], []).append(row["AnzeigeText"])
    return parts


@pytest.mark.skipif(not SHARED.is_dir(), reason="the real formats are not at hand")
@settings(max_examples=60)
@given(data=st.data())
def test_each_of_the_231_headings_is_read_as_what_it_is_or_dropped_by_name(
    data: st.DataObject,
) -> None:
    parts = export_headings()
    assert sum(map(len, parts.values())) == 231
    part = data.draw(st.sampled_from(sorted(READ)))
    known = READ[part]
    # One known heading among others would be taken for a row of people.
    names = ("surname", "first_name")
    named = [next(h for h, field in known.items() if field == name) for name in names]
    chosen = data.draw(st.lists(st.sampled_from(parts[part]), unique=True))
    order = data.draw(st.permutations([*{*named, *chosen}]))
    cells = {heading: f"qx{place}" for place, heading in enumerate(order)}
    good = {"school": "999001", "born": "31.12.2010", "postcode": "33330", "certificate": "MSA",
            "compulsory_school_done": "ja", "leaves": "09.07.2027"}  # fmt: skip
    cells |= {h: good[known[h]] for h in order if known.get(h) in good}
    encoding = data.draw(st.sampled_from(["utf-8", "utf-8-sig", "cp1252"]))
    found = read(as_csv([order, [cells[heading] for heading in order]], encoding=encoding))
    assert found.guessed == ()
    assert found.mapping.items() <= known.items()
    assert {known[heading] for heading in order if heading in known} == {*found.mapping.values()}
    assert {*found.mapping, *found.dropped_columns} == {*order}
    assert not any(is_protected(heading) for heading in found.mapping)
    (record,) = found.records
    dropped = {cells[heading] for heading in found.dropped_columns if cells[heading][:2] == "qx"}
    said = {str(getattr(record, name)) for name in PupilRecord.__slots__}
    assert not dropped & {word for text in said for word in text.split()}


@pytest.mark.skipif(not SHARED.is_dir(), reason="the real formats are not at hand")
def test_a_list_of_teachers_is_no_list_of_pupils() -> None:
    headings = export_headings()["Lehrer"]
    assert rule_of(as_csv([headings, ["1"] * len(headings)])) is Rule.PUPILS_MISSING


def test_the_address_beside_a_pupil_is_somebody_elses_unless_said_otherwise() -> None:
    """Lists of parents and of firms have `Straße`, and it is not where the pupil lives."""
    headings = ["Schüler-Nachname", "Schüler-Vorname", "Straße", "E-Mail"]
    content = as_csv([headings, ["Erfunden", "Elif", "Elternweg 1", "eltern@example.org"]])
    found = read(content)
    assert found.dropped_columns == ("Straße", "E-Mail")
    assert "eltern" not in repr(found).casefold()
    told = read_school_file([Upload("a", content)], "1", {"Straße": "street"})
    assert told.records[0].street == "Elternweg 1"


# Lines and headings


@pytest.mark.parametrize(
    "text",
    [
        "NACHNAME;vorname;GEBURTSDATUM\n" + ROW,
        "\ufeffNachname;Vorname;Geburtsdatum\n" + ROW,
        '\ufeff"Nachname";"Vorname";"Geburtsdatum"\n"Erfunden";"Elif";"31.12.2010"\n',
        "\n\n;;\nNachname;Vorname;Geburtsdatum\n\n" + ROW + "\n;;\n",
        "# erfundene Liste der 10A\nNachname;Vorname;Geburtsdatum\n" + ROW,
        "Stand: 1.1.2027; a; b; c\nNachname;Vorname;Geburtsdatum\n" + ROW,
        "sep=;\nNachname;Vorname;Geburtsdatum\n" + ROW,
        '\ufeff"sep=;"\r\nNachname;Vorname;Geburtsdatum\r\n' + ROW,
        "Nachname;Vorname;Geburtsdatum;\nErfunden;Elif;31.12.2010;\n",
        "Nachname;Vorname;Geburtsdatum\nErfunden;Elif;31.12.2010;;;\n",
        " Nachname ; Vorname ;\tGeburtsdatum\n Erfunden ; Elif ; 31.12.2010 \n",
    ],
)
def test_the_same_list_in_many_hands(text: str) -> None:
    found = read(text)
    assert found.waiting == ()
    (record,) = found.records
    assert (record.surname, record.first_name, record.born) == NAMED


def test_a_separator_line_is_no_heading() -> None:
    assert read("sep=;\nNachname;Farbe\nErfunden;rot\n").dropped_columns == ("Farbe",)


@pytest.mark.parametrize("heading", ["Nachname", "nachname", '"NACHNAME"', " Nachname"])
def test_two_columns_of_one_heading_are_refused_where_both_could_be_meant(heading: str) -> None:
    assert rule_of(f"Nachname;Vorname;{heading}\na;b;c\n") is Rule.COLUMN_TWICE


def test_a_row_of_another_length_waits_without_what_may_be_a_dropped_cell() -> None:
    found = read("Nachname;Vorname;Religion\nErfunden;Elif\nErfunden;Elif;x;y\n")
    assert [waiting.faults[0].rule for waiting in found.waiting] == [Rule.COLUMN_COUNT] * 2
    assert [waiting.cells for waiting in found.waiting] == [{"surname": "Erfunden"}, {}]


# Dates


@pytest.mark.parametrize("text", ["31.08.2009", "31.8.2009", "2009-08-31", "2009-08-31T00:00:00"])
def test_a_day_in_full(text: str) -> None:
    (record,) = read(f"Nachname;Geburtsdatum\nErfunden;{text}\n").records
    assert record.born == date(2009, 8, 31)


@pytest.mark.parametrize(
    "text", ["31.8.09", "31.08.09", "40056", "31/08/2009", "08/31/2009", "20090831", "30.02.2009"]
)
def test_a_day_that_could_be_another_waits(text: str) -> None:
    """31.8.09 has no century, a bare number no unit; a slash does not say which is the month."""
    (waiting,) = read(f"Nachname;Geburtsdatum\nErfunden;{text}\n").waiting
    assert [fault.rule for fault in waiting.faults] == [Rule.DATE_UNREADABLE]


def test_a_day_in_a_workbook_is_the_day_that_the_sheet_shows() -> None:
    """Excel keeps days as numbers; a cell formatted as a day is one, a bare number is none."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["Nachname", "Geburtsdatum"])
        sheet.write_string(1, 0, "Erfunden")
        sheet.write_datetime(1, 1, date(2009, 8, 31), book.add_format({"num_format": "dd.mm.yyyy"}))
        sheet.write_string(2, 0, "Erdacht")
        sheet.write_number(2, 1, 40056)
    found = read(file.getvalue())
    assert [record.born for record in found.records] == [date(2009, 8, 31)]
    assert [f.rule for waiting in found.waiting for f in waiting.faults] == [Rule.DATE_UNREADABLE]


# Control characters

CONTROLS = ("\x07", "\x1b[2J", "\x9b", "\x7f", "\x01")


def sheet(headings: Sequence[str], cells: Sequence[str]) -> Upload:
    return Upload("list.csv", as_csv([headings, cells]))


@pytest.mark.parametrize("control", CONTROLS)
def test_an_id_with_a_control_character_waits_and_is_never_shown_raw(control: str) -> None:
    bad = f"1{control}7"
    pupil = read(as_csv([["Interne ID-Nummer", "Nachname"], [bad, "Erfunden"]]))
    place = read_offers([sheet(["Nummer", "Beruf", "PLZ"], [bad, "Koch/Köchin", "33330"])])
    outcome = read_outcomes(sheet(["seeker", "outcome"], [bad, "EQ"]))
    contact = read_contacts(sheet(["seeker", "place", "status"], ["1", bad, "gesendet"]))
    for found in (pupil, place, outcome, contact):
        assert found.records == ()
        (waiting,) = found.waiting
        assert [fault.rule for fault in waiting.faults] == [Rule.CONTROL_CHARACTER]
        shown = [*waiting.cells.values(), *(fault.value or "" for fault in waiting.faults)]
        assert all(text.isprintable() for text in shown)
    assert not isinstance(recheck(pupil.waiting[0].cells, Context(school="1")), PupilRecord)


@pytest.mark.parametrize("control", CONTROLS)
def test_a_heading_with_a_control_character_is_named_without_it(control: str) -> None:
    found = read(as_csv([["Nachname", f"Hob{control}by"], ["Erfunden", "x"]]))
    assert all(heading.isprintable() for heading in found.dropped_columns)
    assert len(found.dropped_columns) == 1


# Floods of XML

_OPEN, _CLOSE = b"<HRBAXMLJobPositionPosting><Data>", b"</Data></HRBAXMLJobPositionPosting>"


@pytest.mark.parametrize(
    "flood",
    [
        b"<DeleteEntry/>" * (4 * MOST_ENTRIES + 1),
        b"<JobPositionPosting/>" * (MOST_ENTRIES + 1),
        b"<a/>" * 20_000,
        b"<DeleteEntry/>" * 500 + b"<a/>" * 2_000,
        b"<!-- x -->" * 20_000,
        b"<?a b?>" * 20_000,
        b"&#65;" * 20_000,
        b">\n" * 20_000,
        b"<a " + b" ".join(b'a%d=""' % number for number in range(20_000)) + b"/>",
        b"<JobPositionPosting>" + b"<a/>" * 3_000 + b"</JobPositionPosting>" * 1,
        b" " * 2_000_000,
    ],
)
def test_more_xml_than_its_entries_explain_is_refused(flood: bytes) -> None:
    with pytest.raises(FaultyInput) as refused:
        read_offers([Upload("flood.xml", _OPEN + flood + _CLOSE)])
    assert refused.value.faults[0].rule in (Rule.CELLS_TOO_MANY, Rule.CELL_TOO_LONG)


def test_many_deletions_are_no_flood() -> None:
    entry = b"<DeleteEntry><EntryId>%d</EntryId></DeleteEntry>"
    content = _OPEN + b"".join(entry % number for number in range(3_000)) + _CLOSE
    for coded in (content, content.decode().encode("utf-16")):
        found = read_offers([Upload("delta.xml", coded)])
        assert len(found.records) == 3_000
        assert all(record.deleted for record in found.records)
