"""Does the measuring of the store itself work? At three hundred rows; nothing looks at a clock."""

from __future__ import annotations

import csv
from pathlib import Path

from benchmarks import store
from benchmarks.duplicates import figures
from benchmarks.hostile_files import FILES, read
from benchmarks.pupil_lists import DROPPED, HEADINGS, write_lists
from benchmarks.store_databases import SqliteFiles
from data.intake.pupils import read_school_file
from data.store.seasons import training_start

SIZE = 300


def test_a_seed_makes_one_list_and_all_of_it_is_marked_as_invented(tmp_path: Path) -> None:
    for name in ("one", "same"):
        (tmp_path / name).mkdir()
    (one,) = write_lists(SIZE, 1, tmp_path / "one").files
    (same,) = write_lists(SIZE, 1, tmp_path / "same").files
    assert one.read_bytes() == same.read_bytes()
    with one.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter=";"))
    assert len(rows) == SIZE and tuple(rows[0]) == HEADINGS
    assert {row["Hinweis"] for row in rows} == {"erfunden"}


def test_faults_on_purpose_are_the_only_ones(tmp_path: Path) -> None:
    """Else rows that wait could not be held against their true number."""
    made = write_lists(SIZE, 2, tmp_path)
    found = read_school_file(made.files, training_start=training_start(store.SEASON))
    assert (found.rows, len(found.waiting)) == (SIZE, made.faulty) and made.faulty == 15
    assert set(found.dropped_columns) == set(DROPPED)


def test_imports_are_measured_and_their_counts_checked(tmp_path: Path) -> None:
    """Whole commands: first the list, then what comes after it."""
    asked = store.Asked((SIZE,), 1, SIZE, lambda _: None)
    came, after = store.imports(asked, [SqliteFiles(tmp_path)])
    assert came.reached is None and "25,000: not measured" in came.found
    (line,) = [line for line in came.table.splitlines() if line.startswith(f"| {SIZE} ")]
    assert line.endswith("| 15 |")
    assert "SQLite" in after.table


def test_every_hostile_file_is_written_and_a_small_one_turned_away(tmp_path: Path) -> None:
    name = "XLSX with macros.xlsm"
    rule, make = FILES[name]
    (tmp_path / name).write_bytes(make())
    assert read(tmp_path / name)["rules"] == [rule]


def test_the_figures_of_doubles_are_those_of_the_page() -> None:
    asked = store.Asked((), 1, SIZE, lambda _: None)
    section = store.duplicates(asked)
    assert f"{figures(SIZE, 1)['recall']:.4f}" in section.table
