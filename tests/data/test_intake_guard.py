"""Is every hostile file refused before it does harm, with the rule that says why?"""

from __future__ import annotations

import csv
import io
import re
import struct
import zipfile
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.intake.guard import Limits, check_cells
from data.intake.pupils import read_school_file
from data.intake.reading import Upload
from matching.errors import FaultyInput, Rule
from tests.data.pupil_files import (
    archive,
    as_csv,
    as_ods,
    as_xlsx,
    ods_of,
    parts_of,
)

TABLE = [["Nachname", "Vorname", "Klasse"], ["Erfunden", "Elif", "10A"]]
#: Two letters of Windows-1252 that together look like one of UTF-8: nobody can tell them apart.
MIXED = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xf4][\x80-\xbf]{2}")
WORKBOOKS = (as_xlsx(TABLE), as_ods(TABLE))
SMALL = Limits(text=2_000, workbook=20_000, inflated=200_000, cells=10_000, columns=50, values=900)


def rule_of(content: bytes, limits: Limits = SMALL, name: str = "list") -> Rule:
    with pytest.raises(FaultyInput) as refused:
        read_school_file([Upload(name, content)], "1", limits=limits)
    (fault,) = refused.value.faults
    assert "Erfunden" not in repr(fault)
    return fault.rule


def with_parts(changed: dict[str, str | bytes]) -> bytes:
    """A workbook with some of its parts replaced."""
    return archive({**parts_of(as_xlsx(TABLE)), **changed})


def sheet(rows: str) -> bytes:
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    text = f'<worksheet xmlns="{space}"><sheetData>{rows}</sheetData></worksheet>'
    return with_parts({"xl/worksheets/sheet1.xml": text})


def test_the_harmless_files_are_read() -> None:
    """Otherwise every refusal below would say nothing."""
    for content in (as_csv(TABLE), as_xlsx(TABLE), as_ods(TABLE)):
        read = read_school_file([Upload("list", content)], "1", limits=SMALL)
        assert [record.surname for record in read.records] == ["Erfunden"]


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        (b"Nachname\n" + b"x" * 2_000, Rule.FILE_TOO_LARGE),
        (b"PK\x03\x04" + b"x" * 20_000, Rule.FILE_TOO_LARGE),
        (b"", Rule.FILE_EMPTY),
        (b" \r\n", Rule.FILE_EMPTY),
        (b";;\n", Rule.FILE_EMPTY),
        (b"Nachname\nErf\0unden\n", Rule.NUL_BYTES),
        (b"%PDF-1.7", Rule.FILE_KIND_UNKNOWN),
        (b"\xd0\xcf\x11\xe0 an old workbook, or one with a password", Rule.FILE_KIND_UNKNOWN),
        ("Nachname\nMüller\n".encode() + "Jörg".encode("cp1252"), Rule.ENCODING_MIXED),
        (b"\xef\xbb\xbfNachname\nJ\xf6rg\n", Rule.ENCODING_MIXED),
        (b"Nachname\n\x81\n", Rule.FILE_UNREADABLE),
        (b"\xff\xfeN\0a\0\n", Rule.FILE_UNREADABLE),
        (b'Nachname;Vorname\n"Erfunden;Elif\na;b\n', Rule.QUOTE_UNCLOSED),
        (b'Nachname;Vorname\n"a"b;c\n', Rule.FILE_UNREADABLE),
        (b"Nachname" + b";a" * 60 + b"\n1\n", Rule.COLUMNS_TOO_MANY),
        (b"Nachname;Vorname\n" + b";" * 60 + b"1\n", Rule.COLUMNS_TOO_MANY),
        (b"Erfunden;Elif\nErdacht;Emil\n", Rule.HEADINGS_UNKNOWN),
        (b"Klasse;Ort\n10A;Verl\n", Rule.COLUMN_MISSING),
        (b"Nachname;Vorname\n", Rule.NO_ROWS),
        (b"[" * 200, Rule.FILE_UNREADABLE),
        (b"[" * 100_000, Rule.FILE_TOO_LARGE),
        (b"[" + b"[]," * 500 + b"0]", Rule.CELLS_TOO_MANY),
        (b'{"nachname": "Erfunden"', Rule.FILE_UNREADABLE),
        (b'[{"a": 1}]', Rule.HEADINGS_UNKNOWN),
        (b"PK\x03\x04 but no more", Rule.FILE_UNREADABLE),
    ],
)
def test_hostile_text(content: bytes, rule: Rule) -> None:
    assert rule_of(content) is rule


def test_deep_json_is_refused_not_followed() -> None:
    assert rule_of(b"[" * 100_000, Limits()) is Rule.FILE_UNREADABLE


def test_long_lines_and_fields_are_refused() -> None:
    assert rule_of(b"Nachname\n" + b"x" * 1_500, Limits(line=1_000)) is Rule.LINE_TOO_LONG
    endless = b'Nachname;Vorname\n"' + b"Erdacht;\n" * 20_000
    assert rule_of(endless, Limits()) is Rule.QUOTE_UNCLOSED


def test_a_large_file_is_not_even_opened(tmp_path: Path) -> None:
    """A hundred megabytes that take no room on the disk."""
    file = tmp_path / "large.csv"
    with file.open("wb") as hole:
        hole.truncate(100 * 2**20)
    with pytest.raises(FaultyInput) as refused:
        read_school_file([file])
    assert refused.value.faults[0].rule is Rule.FILE_TOO_LARGE


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        (archive({"a.txt": "x"}), Rule.FILE_KIND_UNKNOWN),
        (archive({"mimetype": "text/plain", "content.xml": "<a/>"}), Rule.FILE_KIND_UNKNOWN),
        (with_parts({"xl/vbaProject.bin": b"x"}), Rule.ARCHIVE_MACROS),
        (with_parts({"xl/macrosheets/a.xml": "x"}), Rule.ARCHIVE_MACROS),
        (with_parts({"xl/externalLinks/a.xml": "x"}), Rule.ARCHIVE_LINKS),
        (with_parts({"xl/connections.xml": "x"}), Rule.ARCHIVE_LINKS),
        (with_parts({"xl/sharedStrings.xml": "<!DOCTYPE a [<!ENTITY b 'c'>]><sst/>"}),
         Rule.XML_ENTITIES),
        (with_parts({"xl/sharedStrings.xml": "<sst/>".encode("utf-16")}), Rule.NUL_BYTES),
        (with_parts({"xl/media/zeros": bytes(300_000)}), Rule.ARCHIVE_INFLATES),
        (sheet('<row r="1"><c r="A1"/></row><row r="1048576"><c r="XFD1048576"/></row>'),
         Rule.COLUMNS_TOO_MANY),
        (sheet('<row r="1"><c r="A1"/></row><row r="1048576"><c r="B1048576"/></row>'),
         Rule.CELLS_TOO_MANY),
        (sheet('<row r="1"><c r="AAAAAAA1"/></row>'), Rule.COLUMNS_TOO_MANY),
        (sheet('<row r="1"><c r="A99999999999"/></row>'), Rule.CELLS_TOO_MANY),
        (sheet(f"<row>{'<c/>' * 40}</row>" + "<row/>" * 400 + "<row><c/></row>"),
         Rule.CELLS_TOO_MANY),
        (ods_of('<table:table table:name="a"><table:table-row table:number-rows-repeated="1048576">'
                '<table:table-cell table:number-columns-repeated="16384"'
                ' office:value-type="string"><text:p>x</text:p></table:table-cell>'
                "</table:table-row></table:table>"), Rule.COLUMNS_TOO_MANY),
        (ods_of('<table:table table:name="a"><table:table-row/>'
                '<table:table-row table:number-rows-repeated="1048575"/><table:table-row>'
                '<table:table-cell office:value-type="string"><text:p>x</text:p></table:table-cell>'
                "</table:table-row></table:table>"), Rule.CELLS_TOO_MANY),
        (ods_of('<table:table table:name="a"><table:table-row><table:table-cell><text:p>'
                '<text:s text:c="99999999"/></text:p></table:table-cell></table:table-row>'
                "</table:table>"), Rule.CELL_TOO_LONG),
        (ods_of('<table:table table:name="a"><table:table-row><table:table-cell '
                'table:formula="of:=HYPERLINK(&quot;http://a&quot;)"/></table:table-row>'
                "</table:table>"), Rule.CELL_FORMULA),
    ],
)  # fmt: skip
def test_hostile_workbooks(content: bytes, rule: Rule) -> None:
    assert rule_of(content) is rule


def test_blank_repetitions_at_the_end_are_harmless() -> None:
    """Spreadsheets end every table with a million blank rows that take no room."""
    table = as_ods(TABLE)
    parts = {name: part if isinstance(part, str) else part.decode()
             for name, part in parts_of(table).items()}  # fmt: skip
    parts["content.xml"] = parts["content.xml"].replace(
        "</table:table>",
        '<table:table-row table:number-rows-repeated="1048570"><table:table-cell'
        ' table:number-columns-repeated="16384"/></table:table-row></table:table>',
    )
    read = read_school_file([Upload("a.ods", archive({**parts}))], "1")
    assert read.rows == 1


def test_shared_texts_are_counted_in_every_cell() -> None:
    """A long text that stands once and is pointed to by each of many cells."""
    strings = f"<sst><si><t>{'x' * 30_000}</t></si></sst>"
    rows = "".join(f'<row r="{n}"><c r="A{n}" t="s"><v>0</v></c></row>' for n in range(1, 200))
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    content = with_parts(
        {
            "xl/sharedStrings.xml": strings,
            "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{space}"><sheetData>{rows}</sheetData>'
            "</worksheet>",
        }
    )
    assert rule_of(content) is Rule.ARCHIVE_INFLATES


def test_a_part_that_lies_about_its_size_is_counted() -> None:
    """The directory says ten bytes; what comes out is what counts."""
    honest = with_parts({"xl/sharedStrings.xml": b"<sst>" + b" " * 150_000 + b"</sst>"})
    with zipfile.ZipFile(io.BytesIO(honest)) as packed:
        size = packed.getinfo("xl/sharedStrings.xml").file_size
    lying = honest.replace(struct.pack("<I", size), struct.pack("<I", 10))
    assert lying != honest
    limits = Limits(inflated=100_000)
    assert rule_of(lying, limits) is Rule.ARCHIVE_INFLATES


def test_ratio_of_a_large_part() -> None:
    bomb = with_parts({"xl/sharedStrings.xml": b" " * 5_000_000})
    assert rule_of(bomb, Limits()) is Rule.ARCHIVE_INFLATES


@given(st.data())
def test_damaged_workbooks_are_read_or_refused(data: st.DataObject) -> None:
    content = bytearray(data.draw(st.sampled_from(WORKBOOKS)))
    for _ in range(data.draw(st.integers(1, 8))):
        content[data.draw(st.integers(4, len(content) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(10, len(content)))
    with suppress(FaultyInput):
        read_school_file([Upload("list", bytes(content[:cut]))], "1")


@given(
    st.text(st.characters(max_codepoint=0x17F, exclude_categories=["Cc", "Cs"]), max_size=20)
    .map(str.strip)
    .filter(lambda name: name[:1] not in "=@+-;\"'," and not set(name) & set(';",|\t'))
    .filter(lambda name: name and name.isprintable())
)
def test_encodings_say_the_same(name: str) -> None:
    """Whatever the encoding a name is written in, it is read as it was written, or refused."""
    text = f"Interne ID-Nummer;Vorname\n1;{name}\n"
    utf8 = read_school_file([Upload("a", text.encode("utf-8-sig"))], "1")
    wide = read_school_file([Upload("a", text.encode("utf-16"))], "1")
    assert utf8.records == wide.records
    with suppress(UnicodeEncodeError):
        narrow = text.encode("cp1252")
        if not MIXED.search(narrow):
            assert read_school_file([Upload("a", narrow)], "1").records == utf8.records


@given(st.text('ab";\n\r', max_size=12), st.sampled_from([b"", b"\xef\xbb\xbf"]))
def test_quotes_are_judged_as_the_reader_judges_them(text: str, mark: bytes) -> None:
    """The guard looks at bytes only; what it lets pass must be read without an error."""
    content = mark + text.encode()
    lines = io.TextIOWrapper(io.BytesIO(content), encoding="utf-8-sig", newline="")
    try:
        list(csv.reader(lines, delimiter=";", strict=True))
    except csv.Error:
        with pytest.raises(FaultyInput):
            check_cells(Upload("list", content), content, ";", 1)
    else:
        check_cells(Upload("list", content), content, ";", 1)


@given(st.lists(st.integers(0, 12), max_size=12), st.integers(3, 6))
def test_columns_are_counted_in_every_row(widths: list[int], most: int) -> None:
    content = "\n".join(";" * width for width in widths).encode()
    limits = Limits(columns=most)
    wide = [row for row, width in enumerate(widths, start=1) if width >= most]
    if wide:
        with pytest.raises(FaultyInput) as refused:
            check_cells(Upload("list", content), content, ";", 1, limits)
        assert refused.value.faults[0].row in wide
    else:
        check_cells(Upload("list", content), content, ";", 1, limits)


def test_rows_of_formulas_without_values_are_not_lost() -> None:
    """A parser ends its table at the last value; what stands below must wait, not vanish."""
    content = as_xlsx(TABLE, formulas={"A4": 'HYPERLINK("http://a.invalid")', "B4": "1+1"})
    with_none = parts_of(content)
    page = with_none["xl/worksheets/sheet1.xml"]
    assert isinstance(page, bytes)
    with_none["xl/worksheets/sheet1.xml"] = re.sub(rb"(</f>)(<v></v>|<v/>|<v>0</v>)", rb"\1", page)
    read = read_school_file([Upload("list", archive(with_none))], "1")
    assert len(read.records) == 1
    (row,) = read.waiting
    assert row.row == 4
    assert {fault.rule for fault in row.faults} == {Rule.CELL_FORMULA}
