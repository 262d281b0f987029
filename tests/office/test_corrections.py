"""Is a correction read as it was meant? Fields, headings, rows with too few or too many cells."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.intake.columns import columns_of
from data.intake.pupil_rows import PUPIL_WORDS
from tests.data.pupil_files import as_csv
from tests.office.test_store_commands import PEOPLE, Office, listed, log, office

__all__ = ["office"]

LISTS = {
    "pupils": (["Nachname", "Vorname", "Geburtsdatum"], ["Erfunden", "Elif", "31.02.2010"]),
    "places": (["Nummer", "Beruf", "PLZ", "Beginn"], ["A", "Tischler/in", "33330", "bald"]),
    "outcomes": (["Interne ID-Nummer", "Verbleib", "Datum"], ["1", "DUAL", "bald"]),
    "contacts": (["Interne ID-Nummer", "Platz", "Status"], ["1", "2026/27:place_list:B", "?"]),
}
RIGHT = {
    "pupils": "Geburtsdatum=31.12.2010",
    "places": "Ausbildungsbeginn=01.08.2027",
    "outcomes": "Datum=01.08.2027",
    "contacts": "Rückmeldung=beworben",
}


def hand_in(office: Office, folder: Path, kind: str, *rows: list[str]) -> None:
    file = folder / f"{kind}.csv"
    file.write_bytes(as_csv([LISTS[kind][0], *rows]))
    if kind == "pupils":
        office.hand_in(file)
    else:
        office(kind, "import", file, "--season", "2026/27", *([] if kind == "places" else [
            "--school", "999001"]))  # fmt: skip


@pytest.mark.parametrize("kind", LISTS)
def test_a_correction_may_name_the_heading(office: Office, tmp_path: Path, kind: str) -> None:
    if kind in ("outcomes", "contacts"):
        office.hand_in(listed(tmp_path, *PEOPLE))
        hand_in(office, tmp_path, "places", ["B", "Tischler/in", "33330", ""])
    hand_in(office, tmp_path, kind, LISTS[kind][1])
    assert office.told("quarantine", "fix", 1, RIGHT[kind])["fixed"]


@pytest.mark.parametrize("kind", LISTS)
@pytest.mark.parametrize("key", ["Quatsch", "openIngss", "quatsch", "meine notiz"])
def test_a_field_that_there_is_not_is_named_and_written_nowhere(
    office: Office, tmp_path: Path, kind: str, key: str
) -> None:
    """Neither lost without a word nor kept under its name, in the row or in the log."""
    hand_in(office, tmp_path, kind, LISTS[kind][1])
    before = log(office.db)
    told = office.told("quarantine", "fix", 1, f"{key}=Geheim", RIGHT[kind], code=2)
    (fault,) = told["faults"]
    assert (fault["rule"], fault["column"]) == ("field_unknown", key)
    assert RIGHT_FIELDS[kind] in fault["value"].split(", ")
    assert log(office.db) == before


RIGHT_FIELDS = {"pupils": "born", "places": "starts", "outcomes": "on", "contacts": "status"}


def test_a_field_is_corrected_once(office: Office, tmp_path: Path) -> None:
    hand_in(office, tmp_path, "pupils", LISTS["pupils"][1])
    twice = ("born=31.12.2010", "Geburtsdatum=30.12.2010")
    (fault,) = office.told("quarantine", "fix", 1, *twice, code=2)["faults"]
    assert fault["rule"] == "field_twice"


# Rows with too few or too many cells

HEADINGS = ["Interne ID-Nummer", "Nachname", "Vorname", "Religion", "Klasse", "Geburtsdatum",
            "Postleitzahl", "Ort"]  # fmt: skip


@given(st.sets(st.integers(0, len(HEADINGS) - 1), min_size=1))
def test_nothing_dropped_is_kept_under_another_name(left_out: set[int]) -> None:
    """Whichever cells are missing, each kept one stands where it stood, or was a read one too."""
    columns = columns_of("list.csv", HEADINGS, PUPIL_WORDS)
    cells = [name for number, name in enumerate(HEADINGS) if number not in left_out]
    kept = columns.kept_of(cells, len(HEADINGS))
    assert not {"Religion", "Klasse"} & {kept[name] for name in kept if name != "school_class"}
    assert "Religion" not in kept.values()


def test_what_is_kept_of_a_short_row() -> None:
    """One cell short, what stands before a dropped column may be that column's."""
    columns = columns_of("list.csv", HEADINGS, PUPIL_WORDS)
    short = columns.kept_of([*"1234567"], len(HEADINGS))
    assert short == {"number": "1", "surname": "2", "school_class": "5", "born": "6",
                     "postcode": "7"}  # fmt: skip
    assert columns.kept_of([*"12345678"], len(HEADINGS)) == {}
    assert columns.kept_of([*"123456789"], len(HEADINGS)) == {}


@pytest.mark.parametrize("kind", LISTS)
def test_a_short_row_keeps_its_cells_and_waits_until_it_is_corrected(
    office: Office, tmp_path: Path, kind: str
) -> None:
    if kind in ("outcomes", "contacts"):
        office.hand_in(listed(tmp_path, *PEOPLE))
        hand_in(office, tmp_path, "places", ["B", "Tischler/in", "33330", ""])
    hand_in(office, tmp_path, kind, LISTS[kind][1][:-1])
    (row,) = office.told("quarantine", "list")["rows"]
    assert row["fields"] == KEPT[kind]
    still = office.told("quarantine", "fix", 1, code=2)
    assert [fault["rule"] for fault in still["faults"]] == ["column_count"]
    assert office.told("quarantine", "fix", 1, RIGHT[kind], MORE.get(kind, RIGHT[kind]))["fixed"]


KEPT = {
    "pupils": ["first_name", "surname"],
    "places": ["postcode", "reference", "title"],
    "outcomes": ["kind", "school"],
    "contacts": ["number", "school"],
}
MORE = {"outcomes": "number=1", "contacts": "Platz=2026/27:place_list:B"}


def test_of_a_row_with_too_many_cells_nothing_is_kept_and_that_is_said(
    office: Office, tmp_path: Path
) -> None:
    hand_in(office, tmp_path, "pupils", [*LISTS["pupils"][1], "zu viel"])
    hand_in(office, tmp_path, "places", ["A", "Tischler/in", "33330"])
    shown = office("quarantine", "list").out
    assert "None of its cells was kept" in shown
    assert "Of its cells only these were kept: reference, title, postcode." in shown
    connection = sqlite3.connect(office.db)
    cells = connection.execute("SELECT cells FROM quarantine WHERE kind = 'pupils'").fetchall()
    connection.close()
    assert cells == [("{}",)]


def test_nobody_is_gone_by_a_short_row(office: Office, tmp_path: Path) -> None:
    """What it names may be somebody else."""
    office.hand_in(listed(tmp_path, *PEOPLE))
    told = office.hand_in(listed(tmp_path, PEOPLE[0][:-1]))
    assert (told["quarantined"], told["gone"]) == (1, 0)
