"""How fast, and with how much memory, is each hostile file turned away?

    python -m benchmarks.hostile_files write FOLDER
    python -m benchmarks.hostile_files read FILE

The first writes the files and names them with their sizes; nothing in them is of anybody. The
second reads one in a process of its own and says what refused it, how long that took, and the
peak of memory before the file was opened and after.
"""

from __future__ import annotations

import io
import json
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from time import perf_counter

import xlsxwriter

from benchmarks.measure import peak_memory
from data.intake.offers import read_offers
from data.intake.pupils import read_school_file, school_files
from matching.errors import FaultyInput

_MEBIBYTE = 2**20
#: Just below the largest text that is read at all.
_LARGEST = 49 * _MEBIBYTE
_HEADING = b"Interne ID-Nummer;Nachname;Vorname;Geburtsdatum\n"
_LINE = b"1000001;Erfunden;Elif;01.02.2009\n"
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY l0 "ha">'
    + "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    + "]>"
)


def _lines(tail: bytes = b"", size: int = _LARGEST) -> bytes:
    """A list of many rows; what is wrong with it stands in the last one."""
    return _HEADING + _LINE * ((size - len(_HEADING) - len(tail)) // len(_LINE)) + tail


def _workbook(*parts: tuple[str, str | bytes]) -> bytes:
    """A small list as XLSX, with parts put in or put in place of others."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for row, cells in enumerate((_HEADING, _LINE)):
            sheet.write_row(row, 0, cells.decode().strip().split(";"))
    with zipfile.ZipFile(file) as packed:
        told: dict[str, str | bytes] = {name: packed.read(name) for name in packed.namelist()}
    return _archive({**told, **dict(parts)})


def _archive(parts: dict[str, str | bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as packed:
        for name, part in parts.items():
            packed.writestr(name, part)
    return file.getvalue()


def _sheet(rows: str) -> tuple[str, str]:
    sheet = f'<worksheet xmlns="{_MAIN}"><sheetData>{rows}</sheetData></worksheet>'
    return "xl/worksheets/sheet1.xml", sheet


def _bomb() -> bytes:
    """A gigabyte of blanks in a mebibyte of archive."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as packed:
        for name, part in _parts().items():
            if name != "xl/sharedStrings.xml":
                packed.writestr(name, part)
        with packed.open("xl/sharedStrings.xml", "w", force_zip64=True) as strings:
            for _ in range(1024):
                strings.write(b" " * _MEBIBYTE)
    return file.getvalue()


def _parts() -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(_workbook())) as packed:
        return {name: packed.read(name) for name in packed.namelist()}


def _formulas() -> bytes:
    cell = '<c r="{}{}"><f>HYPERLINK("http://example.invalid","a")</f></c>'
    rows = (
        f'<row r="{row}">{"".join(cell.format(letter, row) for letter in "ABCD")}</row>'
        for row in range(2, 1_000)
    )
    heads = "".join(
        f'<c r="{letter}1" t="inlineStr"><is><t>{name}</t></is></c>'
        for letter, name in zip("ABCD", _HEADING.decode().strip().split(";"), strict=True)
    )
    return _workbook(_sheet(f'<row r="1">{heads}</row>{"".join(rows)}'))


def _many_cells() -> bytes:
    rows = (f'<row r="{row}"><c r="A{row}"/><c r="Z{row}"/></row>' for row in range(1, 400_000))
    return _workbook(_sheet("".join(rows)))


#: Each file's name and what makes it; the rule's name is what must turn it away.
FILES: dict[str, tuple[str, Callable[[], bytes]]] = {
    "XLSX bomb, 1 GB in 1 MB.xlsx": ("archive_inflates", _bomb),
    "XLSX with XML entities.xlsx": (
        "xml_entities",
        lambda: _workbook(("xl/sharedStrings.xml", f"{_LAUGHS}<sst><si><t>&l9;</t></si></sst>")),
    ),
    "HR-BA-XML with XML entities.xml": (
        "xml_entities",
        f"{_LAUGHS}<HRBAXMLJobPositionPosting>&l9;</HRBAXMLJobPositionPosting>".encode,
    ),
    "XLSX with macros.xlsm": ("archive_macros", lambda: _workbook(("xl/vbaProject.bin", b"x"))),
    "XLSX with a cell in the last row and column.xlsx": (
        "columns_too_many",
        lambda: _workbook(_sheet('<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>')),
    ),
    "XLSX with ten million cells.xlsx": (
        "cells_too_many",
        _many_cells,
    ),
    "XLSX with formulas.xlsx": ("cell_formula", _formulas),
    "archive in an archive.xlsx": (
        "file_kind_unknown",
        lambda: _archive({"inner.zip": _archive({"zeros": bytes(_MEBIBYTE)})}),
    ),
    "CSV of 100 MB.csv": ("file_too_large", lambda: _lines(size=100 * 10**6)),
    "CSV with a NUL byte at the end.csv": ("nul_bytes", lambda: _lines(b"1;Erf\0unden;a;\n")),
    "CSV of mixed encodings.csv": (
        "encoding_mixed",
        lambda: _lines("1;Müller;a;\n".encode() + "2;Jörg;a;\n".encode("cp1252")),
    ),
    "CSV with 10,000 columns.csv": (
        "columns_too_many",
        lambda: b"Nachname" + b";Vorname" * 9_999 + b"\n" + b";" * 9_999 + b"\n",
    ),
    "CSV with 10,000 cells in its last row.csv": (
        "columns_too_many",
        lambda: _lines(b";" * 9_999 + b"\n"),
    ),
    "CSV with a quote that never closes.csv": (
        "quote_unclosed",
        lambda: _HEADING + b'1;"Erfunden;a;\n' + _lines()[len(_HEADING) : -20],
    ),
    "CSV of one endless line.csv": ("line_too_long", lambda: b"Nachname;" + b"x" * 40_000_000),
    "JSON of 100,000 brackets.json": ("file_unreadable", lambda: b"[" * 100_000),
    "JSON of 20 million values.json": (
        "cells_too_many",
        lambda: b"[" + b"0," * 20_000_000 + b"0]",
    ),
}


def write(folder: Path) -> dict[str, tuple[str, int]]:
    """Write every file; by its name the rule that must turn it away, and its size."""
    written = {}
    for name, (rule, make) in FILES.items():
        content = make()
        (folder / name).write_bytes(content)
        written[name] = rule, len(content)
    return written


def read(file: Path) -> dict[str, object]:
    """Read one file as an import does, and say what came of it."""
    before, began = peak_memory(), perf_counter()
    try:
        if file.suffix == ".xml":
            found = read_offers([file]).faults
        else:
            (group,) = school_files([file])
            result = read_school_file(group, "999001")
            assert not result.records
            found = result.faults
    except FaultyInput as refusal:
        found = refusal.faults
    took = perf_counter() - began
    rules = sorted({fault.rule.value for fault in found})
    return {"rules": rules, "seconds": took, "before": before, "after": peak_memory()}


def main() -> None:
    """Write the files, or read one."""
    what, where = sys.argv[1], Path(sys.argv[2])
    print(json.dumps(write(where) if what == "write" else read(where)))


if __name__ == "__main__":
    main()
