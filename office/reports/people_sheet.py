"""How do people's rows leave the house? As CSV or XLSX in which no cell can do anything.

A text that a spreadsheet would take for a formula is led in by an apostrophe in CSV; in XLSX every
cell is written as what it is.
"""

from __future__ import annotations

import csv
import os
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from io import BytesIO, StringIO
from pathlib import Path

import xlsxwriter

#: Signs, plain and full-width, at which spreadsheets begin to calculate or leave the cell.
_LIVE = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")

#: Nothing that is written becomes a formula, a link or a number by itself.
OPTIONS = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}

Row = Mapping[str, object]


def inert(text: str) -> str:
    """The text, led in by an apostrophe where a spreadsheet would calculate it.

    Spaces before the sign make no difference to a spreadsheet, nor here.
    """
    return f"'{text}" if text.startswith(_LIVE) or text.lstrip().startswith(_LIVE) else text


def people_csv(headings: Sequence[str], rows: Iterable[Row]) -> bytes:
    """As CSV the way German spreadsheets open it: UTF-8 with mark, semicolons."""
    text = StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow(headings)
    writer.writerows([inert(_text(row[name])) for name in headings] for row in rows)
    return text.getvalue().encode("utf-8-sig")


def people_xlsx(headings: Sequence[str], rows: Iterable[Row]) -> bytes:
    """As a workbook of texts; nothing in it is a formula or a link."""
    file = BytesIO()
    with xlsxwriter.Workbook(file, OPTIONS) as book:
        sheet = book.add_worksheet("people")
        bold = book.add_format({"bold": True})
        for column, name in enumerate(headings):
            sheet.write_string(0, column, name, bold)
        for number, row in enumerate(rows, start=1):
            for column, name in enumerate(headings):
                sheet.write_string(number, column, _text(row[name]))
        sheet.freeze_panes(1, 1)
    return file.getvalue()


def write_private(file: Path, content: bytes) -> None:
    """Write a file that its owner alone may read, whole or not at all."""
    part = file.with_name(file.name + ".part")
    try:
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "wb") as opened:
            opened.write(content)
        os.replace(part, file)
    finally:
        part.unlink(missing_ok=True)


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value.isoformat() if isinstance(value, date) else str(value)
