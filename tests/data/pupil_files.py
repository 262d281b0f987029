"""How does one list look in each format? The same rows as CSV, XLSX and ODS."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Sequence
from xml.sax.saxutils import escape, quoteattr

import xlsxwriter

ODS_KIND = "application/vnd.oasis.opendocument.spreadsheet"
_ODS_SPACES = " ".join(
    f'xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{short}:1.0"'
    for short in ("office", "table", "text")
)

Table = Sequence[Sequence[str]]


def as_csv(table: Table, separator: str = ";", encoding: str = "utf-8") -> bytes:
    text = io.StringIO()
    csv.writer(text, delimiter=separator, lineterminator="\r\n").writerows(table)
    return text.getvalue().encode(encoding)


def as_xlsx(
    *tables: Table, formulas: dict[str, str] | None = None, hidden: Sequence[int] = ()
) -> bytes:
    """A workbook of text cells; `formulas` puts live formulas without a value into the first."""
    file = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(file, options) as book:
        for table in tables:
            sheet = book.add_worksheet()
            for row, cells in enumerate(table):
                for column, cell in enumerate(cells):
                    sheet.write_string(row, column, cell)
        for number in hidden:
            book.worksheets()[number].hide()
        for place, formula in (formulas or {}).items():
            book.worksheets()[0].write_formula(place, formula, None, "")
    return file.getvalue()


def as_ods(table: Table) -> bytes:
    rows = "".join(f"<table:table-row>{''.join(map(_cell, cells))}</table:table-row>"
                   for cells in table)  # fmt: skip
    return ods_of(f'<table:table table:name="Liste">{rows}</table:table>')


def ods_of(tables: str) -> bytes:
    """An ODS around the XML of its tables."""
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {_ODS_SPACES}>'
        f"<office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body>"
        "</office:document-content>"
    )
    manifest = (
        '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
        f'<manifest:file-entry manifest:full-path="/" manifest:media-type={quoteattr(ODS_KIND)}/>'
        "</manifest:manifest>"
    )
    return archive(
        {"mimetype": ODS_KIND, "content.xml": content, "META-INF/manifest.xml": manifest}
    )


def archive(parts: dict[str, str | bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, part in parts.items():
            packed.writestr(name, part)
    return file.getvalue()


def parts_of(content: bytes) -> dict[str, str | bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        return {name: packed.read(name) for name in packed.namelist()}


def _cell(text: str) -> str:
    if not text:
        return "<table:table-cell/>"
    lines = "".join(f"<text:p>{escape(line)}</text:p>" for line in text.split("\n"))
    return f'<table:table-cell office:value-type="string">{lines}</table:table-cell>'
