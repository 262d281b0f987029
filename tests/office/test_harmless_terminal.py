"""Can a file steer the terminal of whoever reads it in? Escapes are shown, never obeyed."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from rich.table import Table

from office.commands import door
from office.commands.door import show
from tests.office.terminal import run

STEERING = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u202e\u2066]")
EVIL = "\x1b]2owned\x07\x1b[2J\x9b31m\u202e"


def shown(part: object) -> str:
    window = door._Window(file=io.StringIO(), width=200)
    show(window, part)  # type: ignore[arg-type]
    file = window.file
    assert isinstance(file, io.StringIO)
    return file.getvalue()


@given(st.text())
def test_nothing_that_is_shown_steers(text: str) -> None:
    table = Table(text)
    table.add_row(text)
    for part in (text, table):
        assert not STEERING.search(shown(part))


@given(st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp", "Cf"]), max_size=30))
def test_plain_words_are_shown_as_they_are(text: str) -> None:
    assert shown(text) == text + "\n"


def test_a_word_between_colons_stays_a_word() -> None:
    """An id of a place has them: `2026/27:key:100` must come out so that it can be used again."""
    table = Table("id")
    table.add_row("2026/27:key:100")
    assert "2026/27:key:100" in shown(table)
    assert shown("2026/27:key:100") == "2026/27:key:100\n"


def test_json_that_is_shown_says_the_same() -> None:
    told = json.dumps({"value": EVIL}, ensure_ascii=False)
    assert json.loads(shown(told)) == {"value": EVIL}


def test_headings_cells_and_names_of_files_do_not_steer(tmp_path: Path) -> None:
    db = str(tmp_path / "store.sqlite")
    file = tmp_path / f"list{EVIL}.csv"
    headings = f"Interne ID-Nummer;Nachname;Geburtsdatum;Hob{EVIL}by;Stand"
    rows = f"1;Erfunden;31.12.2010;a;sucht\n2{EVIL};Er{EVIL}dacht;morgen;b;{EVIL}\n"
    file.write_text(f"{headings}\n{rows}", encoding="utf-8")
    answers = [
        run("import", file, "--school", "999001", "--db", db),
        run("import", file, "--school", "999001", "--db", db, "--json", "--dry-run"),
        run("imports", "list", "--db", db),
        run("imports", "show", "1", "--db", db),
        run("quarantine", "list", "--with-cells", "--db", db),
        run("import", tmp_path / f"none{EVIL}.csv", "--school", "999001", "--db", db),
        run("verify", file, "--openings", file, "--plan", file),
    ]
    for answer in answers:
        assert not STEERING.search(answer.all), answer.all
    assert "control_character" in answers[0].all
