"""Does a file made to harm get past the commands? Refused at once, in words, and nothing kept.

Each file goes through the real command, in German and in English. A refusal is exit code 2, names
the file and one rule, and repeats nothing that the file says.
"""

from __future__ import annotations

import json
import logging
import os
import sqlite3
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from data.store.pupil_writing import write_people
from matching.errors import Fault, FaultyInput, Rule
from tests.data.pupil_files import archive, as_csv, as_ods, as_xlsx, parts_of
from tests.office.terminal import Run, run

#: What every hostile file says somewhere, and nobody may repeat.
NAME = "Geheimling"
HEADINGS = ["Interne ID-Nummer", "Nachname", "Vorname", "Geburtsdatum"]
PERSON = ["1", NAME, "Elif", "31.12.2010"]
OUTCOMES = ["Nachname", "Vorname", "Geburtsdatum", "Verbleib"]

COMMANDS = [
    ("import", "--school", "999001"),
    ("places", "import"),
    ("outcomes", "import"),
    ("contacts", "import"),
]

_BOMB = "<!DOCTYPE x [" + "".join(
    f'<!ENTITY e{n + 1} "{f"&e{n};" * 10}">' for n in range(9)
) + f'<!ENTITY e0 "{NAME}">]>'  # fmt: skip


def with_part(content: bytes, name: str, change: Callable[[str], str]) -> bytes:
    parts = parts_of(content)
    told = parts[name]
    parts[name] = change(told if isinstance(told, str) else told.decode())
    return archive(parts)


def bomb(content: bytes) -> bytes:
    """A workbook whose sheet unpacks to a hundred mebibytes."""
    wide = (
        "<row r='9'><c r='A9' t='inlineStr'><is><t>" + "A" * (100 * 2**20) + "</t></is></c></row>"
    )
    return with_part(
        content,
        "xl/worksheets/sheet1.xml",
        lambda sheet: sheet.replace("</sheetData>", wide + "</sheetData>"),
    )


def entities(content: bytes) -> bytes:
    return with_part(
        content, "xl/worksheets/sheet1.xml", lambda sheet: sheet.replace("?>", "?>" + _BOMB, 1)
    )


def macros(content: bytes) -> bytes:
    parts = parts_of(content)
    return archive({**parts, "xl/vbaProject.bin": b"\xd0\xcf\x11\xe0" + NAME.encode()})


BOOK = as_xlsx([HEADINGS, PERSON])

FILES: dict[str, tuple[bytes, str]] = {
    "bomb.xlsx": (b"", "archive_inflates"),
    "entities.xlsx": (entities(BOOK), "xml_entities"),
    "macros.xlsm": (macros(BOOK), "archive_macros"),
    "nul.csv": (f"Nachname;Vorname\n{NAME};\0Elif\n".encode(), "nul_bytes"),
    "mixed.csv": (f"Nachname;Vorname\nÖmer;{NAME}".encode() + b"\xe4\xfc\n", "encoding_mixed"),
    "wide.csv": (b";".join(b"c%d" % n for n in range(10_000)) + b"\n", "columns_too_many"),
    "quote.csv": (f'Nachname;Vorname\n"{NAME};Elif\n'.encode(), "quote_unclosed"),
    "zip_in_zip.xlsx": (archive({"inner.zip": archive({"list.csv": NAME})}), "file_kind_unknown"),
    "empty.csv": (b"", "file_empty"),
    "blank.csv": (b"\xef\xbb\xbf\n \n", "file_empty"),
    "old.xls": (b"\xd0\xcf\x11\xe0" + bytes(2_000), "file_kind_unknown"),
    "book.pdf": (b"%PDF-1.7\n" + NAME.encode(), "file_kind_unknown"),
    "unknown.csv": (f"Spalte;Andere\n1;{NAME}\n".encode(), "headings_unknown"),
    "torn.xlsx": (BOOK[: len(BOOK) // 2], "file_unreadable"),
}

#: Files that announce an offer in XML or JSON, and that only the command for places reads so.
OFFERS: dict[str, tuple[bytes, str]] = {
    "entities.xml": (
        f"{_BOMB}<HRBAXMLJobPositionPosting>&e9;</HRBAXMLJobPositionPosting>".encode(),
        "xml_entities",
    ),
    "outside.xml": (
        b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
        b"<HRBAXMLJobPositionPosting>&e;</HRBAXMLJobPositionPosting>",
        "xml_entities",
    ),
    "other.xml": (f"<html>{NAME}</html>".encode(), "file_unreadable"),
    "torn.json": (f'{{"ergebnisliste": [{{"firma": "{NAME}"'.encode(), "file_unreadable"),
    "deep.json": (b"[" * 100_000, "file_unreadable"),
}


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every hostile file in one folder, made once."""
    folder = tmp_path_factory.mktemp("hostile")
    for name, (content, _) in {**FILES, **OFFERS}.items():
        (folder / name).write_bytes(content)
    (folder / "bomb.xlsx").write_bytes(bomb(BOOK))
    with (folder / "huge.csv").open("wb") as file:
        file.write(f"Nachname;Vorname\n{NAME};Elif\n".encode())
        file.truncate(100 * 2**20)
    (folder / "folder.csv").mkdir()
    os.mkfifo(folder / "pipe.csv")
    (folder / "nowhere.csv").symlink_to(folder / "gone.csv")
    return folder


SPECIAL = {
    "huge.csv": "file_too_large",
    "folder.csv": "file_unreadable",
    "pipe.csv": "file_unreadable",
    "nowhere.csv": "file_missing",
}


def refusal(db: Path, command: tuple[str, ...], file: Path) -> tuple[str, Run]:
    """The one rule of a refusal that says it in one sentence of each language, and no value."""
    given = (*command, file, "--db", db)
    english, german = run(*given), run(*given, language="de")
    for answer in (english, german):
        assert answer.code == 2 and answer.out == "", answer.all
        assert NAME not in answer.all and str(file) in answer.err
        assert answer.err.count("\n") == 2, answer.err
    assert english.err != german.err
    told = run(*given, "--json")
    assert told.code == 2 and told.err == "" and NAME not in told.out
    (fault,) = json.loads(told.out)["faults"]
    assert (fault["file"], fault["value"]) == (str(file), None)
    assert fault["words"] in english.err
    return fault["rule"], german


def is_empty(db: Path) -> bool:
    """Whether nothing was written: a store with its tables, or none at all."""
    if not db.exists():
        return True
    connection = sqlite3.connect(db)
    tables = ("imports", "quarantine", "identities", "places", "outcomes", "contacts", "audit")
    counts = [connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in tables]
    connection.close()
    return not any(counts)


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_hostile_files_are_refused_in_one_sentence(
    hostile: Path, tmp_path: Path, command: tuple[str, ...]
) -> None:
    db = tmp_path / "kept.db"
    wanted = {name: rule for name, (_, rule) in FILES.items()} | SPECIAL
    found = {name: refusal(db, command, hostile / name)[0] for name in wanted}
    assert found == wanted
    assert is_empty(db)


def test_hostile_offers_are_refused_in_one_sentence(hostile: Path, tmp_path: Path) -> None:
    db = tmp_path / "kept.db"
    wanted = {name: rule for name, (_, rule) in OFFERS.items()}
    found = {name: refusal(db, ("places", "import"), hostile / name)[0] for name in wanted}
    assert found == wanted
    assert is_empty(db)


def test_one_hostile_file_among_good_ones_refuses_them_all(hostile: Path, tmp_path: Path) -> None:
    """All or nothing: a delivery is one transaction."""
    good = tmp_path / "good.csv"
    good.write_bytes(as_csv([HEADINGS, PERSON]))
    db = tmp_path / "kept.db"
    for name in ("quote.csv", "bomb.xlsx", "pipe.csv"):
        answer = run("import", good, hostile / name, "--school", "999001", "--db", db)
        assert answer.code == 2 and name in answer.err and NAME not in answer.all
    assert is_empty(db)


@pytest.mark.parametrize("option", ["--mapping", "--target"])
def test_hostile_files_beside_the_list_are_refused(
    hostile: Path, tmp_path: Path, option: str
) -> None:
    """A mapping or a target is a file from outside like any other."""
    good = tmp_path / "good.csv"
    good.write_bytes(as_csv([HEADINGS, PERSON]))
    command = ("import", good, "--school", "999001") if option == "--mapping" else ("plan",)
    for name in ("pipe.csv", "folder.csv", "huge.csv", "nul.csv", "bomb.xlsx", "nowhere.csv"):
        answer = run(*command, option, hostile / name, "--db", tmp_path / "kept.db")
        assert answer.code == 2 and NAME not in answer.all
    assert is_empty(tmp_path / "kept.db")


@pytest.mark.parametrize("live", ["=1+1", "@SUM(1)", '=HYPERLINK("http://x")', "+cmd|' /C x'!A1"])
def test_formulas_wait_and_are_never_repeated(tmp_path: Path, live: str) -> None:
    """In a workbook, an ODS and a CSV alike; the other rows go on."""
    rows = [HEADINGS, [*PERSON[:2], live, PERSON[3]], ["2", "Erdacht", "Ömer", "01.05.2011"]]
    for name, content in (
        ("a.csv", as_csv(rows)),
        ("a.xlsx", as_xlsx(rows)),
        ("a.ods", as_ods(rows)),
    ):
        (tmp_path / name).write_bytes(content)
        db = tmp_path / f"{name}.db"
        answer = run("import", tmp_path / name, "--school", "999001", "--db", db, "--json")
        told = json.loads(answer.out)
        assert (told["stored"], told["quarantined"]) == (1, 1), name
        assert [fault["rule"] for fault in told["faults"]] == ["cell_formula"]
        assert live not in answer.all and NAME not in answer.all


def test_the_example_of_a_zip_is_no_workbook(tmp_path: Path) -> None:
    """A list that somebody packed is told apart from a workbook, and refused."""
    file = tmp_path / "list.zip"
    with zipfile.ZipFile(file, "w") as packed:
        packed.writestr("list.csv", as_csv([HEADINGS, PERSON]))
    assert refusal(tmp_path / "kept.db", COMMANDS[0], file)[0] == "file_kind_unknown"


# --- when our own code breaks --------------------------------------------------------------------


def broken_lists(folder: Path) -> list[tuple[str | Path, ...]]:
    """One list for each command, each with a row that waits; all of them name somebody."""
    lists: dict[str, list[list[str]]] = {
        "import": [HEADINGS, PERSON, ["2", NAME, "Kim", "31.02.2010"], ["3", NAME]],
        "outcomes": [OUTCOMES, [*PERSON[1:], "DUAL"], [NAME, "Kim", "1.1.2010", NAME]],
        "contacts": [[*OUTCOMES[:3], "Platz", "Status"], [*PERSON[1:], "P1", NAME]],
    }
    commands: list[tuple[str | Path, ...]] = []
    for name, rows in lists.items():
        file = folder / f"{name}.csv"
        file.write_bytes(as_csv(rows))
        command = ("import",) if name == "import" else (name, "import")
        commands.append((*command, file, "--school", "999001"))
    return commands


def test_no_name_is_in_an_answer_a_log_or_the_audit(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Not even of rows that are turned away, by any command, at any level of logging."""
    caplog.set_level(logging.DEBUG)
    db = tmp_path / "kept.db"
    for command in broken_lists(tmp_path):
        for more in (("--dry-run",), (), ("--json",)):
            answer = run(*command, *more, "--db", db)
            assert answer.code == 0, answer.all
            assert NAME not in answer.all
    for listing in (("quarantine", "list"), ("imports", "list"), ("imports", "show", 1)):
        assert NAME not in run(*listing, "--db", db, "--json").all
        assert NAME not in run(*listing, "--db", db).all
    assert NAME not in caplog.text
    connection = sqlite3.connect(db)
    assert NAME not in json.dumps(connection.execute("SELECT * FROM audit").fetchall())
    assert NAME not in json.dumps(connection.execute("SELECT * FROM imports").fetchall())
    assert NAME not in json.dumps(connection.execute("SELECT faults FROM quarantine").fetchall())
    connection.close()


def test_a_database_that_breaks_off_repeats_no_row(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A defect of ours that a constraint of the database finds: worded, rolled back, no value."""
    caplog.set_level(logging.DEBUG)
    db = tmp_path / "kept.db"

    def twice(*given: Any) -> None:
        write_people(*given)
        write_people(*given)

    monkeypatch.setattr("data.store.imports.write_people", twice)
    command = broken_lists(tmp_path)[0]
    for more in ((), ("--json",)):
        answer = run(*command, *more, "--db", db)
        assert answer.code == 2 and "store_refused" in answer.all
        assert NAME not in answer.all
    assert NAME not in caplog.text
    assert is_empty(db)


def test_the_text_of_an_exception_repeats_no_value() -> None:
    """Whoever logs an exception logs no cell."""
    fault = Fault(Rule.VALUE_UNKNOWN, "list.csv", 3, "Nachname", NAME)
    assert NAME not in str(FaultyInput((fault,)))
    assert NAME not in repr(FaultyInput((fault,)))
