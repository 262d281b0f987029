"""What may a list look like that a school types itself? A template with one invented row."""

from __future__ import annotations

import csv
from io import BytesIO, StringIO

import xlsxwriter

#: One invented person: the headings that we show, with what may stand under each.
EXAMPLE = {
    "Interne ID-Nummer": "1001",
    "Nachname": "Erfunden",
    "Vorname": "Elif",
    "Geburtsdatum": "31.12.2010",
    "Klasse": "10A",
    "Straße": "Beispielweg",
    "Hausnummer": "1",
    "Postleitzahl": "33330",
    "Ortsname": "Gütersloh",
    "Höchster allg. Abschluss": "MSA",
    "Schulpflicht erfüllt": "Ja",
    "Entlassdatum": "09.07.2027",
    "Wunsch 1": "Tischler/in",
    "Wunsch 2": "71302",
    "Wunsch 3": "",
    "Längster Weg (Minuten)": "45",
    "Stand": "sucht",
    "Bewerbung im Vorjahr": "Nein",
    "Noten": "D=2; E=3; M=2",
    "Einwilligung": "Ja",
    "Einwilligung am": "01.10.2026",
    "Einwilligung Fassung": "2026-1",
    "Einwilligung durch": "Erziehungsberechtigte",
    "Hinweis": "erfunden",
}


def csv_template() -> bytes:
    """The template as CSV, the way German spreadsheets open it: UTF-8 with mark, semicolons."""
    text = StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerows([EXAMPLE.keys(), EXAMPLE.values()])
    return text.getvalue().encode("utf-8-sig")


def xlsx_template() -> bytes:
    """The template as a workbook; every cell is text, so that no date or number is reshaped."""
    file = BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with xlsxwriter.Workbook(file, options) as book:
        sheet = book.add_worksheet("Liste")
        text, bold = book.add_format({"num_format": "@"}), book.add_format({"bold": True})
        for number, (heading, example) in enumerate(EXAMPLE.items()):
            sheet.set_column(number, number, max(len(heading), len(example)) + 2, text)
            sheet.write_string(0, number, heading, bold)
            sheet.write_string(1, number, example, text)
        sheet.freeze_panes(1, 0)
    return file.getvalue()
