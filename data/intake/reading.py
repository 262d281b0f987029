"""What do these bytes say? A file becomes a table of text with its row numbers.

The table's shape is all that is judged here; what its cells mean is the business of `checks`.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from io import BytesIO, TextIOWrapper
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from matching.errors import Fault, FaultyInput, Rule

SEPARATORS = (";", "\t", ",")

#: Rows that are held as Python text at a time, before they move into columns.
_BLOCK = 100_000

_PARQUET = b"PAR1"

#: What may stand in a line that says nothing; spreadsheets leave such lines behind.
_BLANK = ' \t\r\n\ufeff";,'


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that somebody hands over as bytes, with the name it goes by."""

    name: str
    content: bytes

    def __str__(self) -> str:
        return self.name


Source = Path | Upload

RowNumbers = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class TextTable:
    """What a file says, cell by cell, before anybody asks what it means.

    `frame` holds one column of text a heading, missing where a cell is blank; blanks around a cell
    are gone. Its index is the row number of the file: the line on which the row begins, the first
    line being 1 (in a Parquet file the number of the data row plus 1). Blank rows are left out.
    `faults` names the rows that have too many or too few cells; they are not in `frame`.
    `heading` is the line of the headings, `None` in a Parquet file, which has none.
    """

    file: str
    frame: pd.DataFrame
    faults: tuple[Fault, ...] = ()
    heading: int | None = None


@dataclass(frozen=True, slots=True)
class Layout:
    """How the text of a file is laid out: encoding, separator, headings, and where they stand."""

    encoding: str
    separator: str
    headings: tuple[str, ...]
    row: int


def read_table(source: Source) -> TextTable:
    """Read a CSV or Parquet file as text.

    UTF-8 (with or without a byte order mark) and Windows-1252 are understood, cells separated by
    semicolon, tab or comma. Raises `FaultyInput` for a file that can't be opened or understood, and
    for headings that come twice. A table without rows is a table.
    """
    content = content_of(source)
    read = _parquet_table if is_parquet(content) else _csv_table
    return read(source, content)


def content_of(source: Source) -> bytes:
    """The bytes of a file; raises `FaultyInput` where there are none to be had."""
    # A pipe would make us wait for ever, a device never end.
    if not isinstance(source, Upload) and source.exists() and not source.is_file():
        raise _unreadable(source)
    try:
        content = source.content if isinstance(source, Upload) else source.read_bytes()
    except FileNotFoundError:
        raise FaultyInput((Fault(Rule.FILE_MISSING, file=str(source)),)) from None
    except (OSError, ValueError):
        raise _unreadable(source) from None
    if not content.strip():
        raise FaultyInput((Fault(Rule.FILE_EMPTY, file=str(source)),))
    return content


def is_parquet(content: bytes) -> bool:
    """Whether the bytes announce themselves as Parquet."""
    return content.startswith(_PARQUET)


def layout_of(source: Source, content: bytes) -> Layout:
    """How the text of a CSV file is laid out, judged by its bytes and its heading."""
    encoding = _encoding_of(source, content)
    written = (
        (row, line)
        for row, line in enumerate(_lines(content, encoding), start=1)
        if line.strip(_BLANK)
    )
    row, line = next(written, (0, ""))
    if not row:
        raise FaultyInput((Fault(Rule.FILE_EMPTY, file=str(source)),))
    counts = {separator: len(_cells(line, separator)) for separator in SEPARATORS}
    separator = max(SEPARATORS, key=lambda mark: counts[mark])
    headings = tuple(cell.strip() for cell in _cells(line, separator))
    check_headings(source, headings, row)
    return Layout(encoding, separator, headings, row)


def counted_columns(schema: pa.Schema) -> dict[str, range]:
    """Columns that pandas wrote down as "from, to, step" only: an index that counts, by its name.

    Source: pandas' developer documentation, "Storing pandas DataFrame objects in Apache Parquet".
    """
    try:
        indexes = (schema.pandas_metadata or {}).get("index_columns", [])
        return {
            str(index["name"]): range(index["start"], index["stop"], index["step"])
            for index in indexes
            if isinstance(index, dict)
            and index.get("kind") == "range"
            and index.get("name") is not None
            and index["name"] not in schema.names
        }
    except (ValueError, TypeError, KeyError, AttributeError):
        return {}


def with_counted(table: pa.Table, counted: Mapping[str, range]) -> pa.Table:
    """The table with its counted columns, where they are as long as the others."""
    for name, numbers in counted.items():
        if len(numbers) == table.num_rows:
            values = np.arange(numbers.start, numbers.stop, numbers.step, dtype=np.int64)
            table = table.append_column(name, pa.array(values))
    return table


def check_headings(source: Source, headings: tuple[str, ...], row: int | None) -> None:
    """Raise `FaultyInput` for every heading that comes twice, capitals or not."""
    seen: set[str] = set()
    faults = []
    for heading in headings:
        if heading and heading.casefold() in seen:
            faults.append(Fault(Rule.COLUMN_TWICE, str(source), row, heading))
        seen.add(heading.casefold())
    if faults:
        raise FaultyInput(tuple(faults))


def _unreadable(source: Source, row: int | None = None, value: str | None = None) -> FaultyInput:
    return FaultyInput((Fault(Rule.FILE_UNREADABLE, str(source), row, value=value),))


def _encoding_of(source: Source, content: bytes) -> str:
    if b"\0" in content:
        raise _unreadable(source)
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            content.decode(encoding)
        except UnicodeDecodeError:
            continue
        return encoding
    raise _unreadable(source)


def _lines(content: bytes, encoding: str) -> TextIOWrapper:
    return TextIOWrapper(BytesIO(content), encoding=encoding, newline="")


def _cells(line: str, separator: str) -> list[str]:
    return next(csv.reader([line], delimiter=separator), [])


def _csv_table(source: Source, content: bytes) -> TextTable:
    layout = layout_of(source, content)
    plain = _plain_cells(content, layout)
    if plain is not None:
        rows = np.arange(2, plain.num_rows + 2, dtype=np.int64)
        return TextTable(str(source), _frame(plain, layout.headings, rows), heading=layout.row)
    cells, rows, faults = _odd_cells(source, content, layout)
    return TextTable(str(source), _frame(cells, layout.headings, rows), faults, layout.row)


def _plain_cells(content: bytes, layout: Layout) -> pa.Table | None:
    """The cells below the heading, if every line is one row; many times faster than `_odd_cells`.

    `None` where blank lines, line breaks inside cells or rows of odd length need a closer look.
    """
    if layout.encoding != "utf-8-sig" or layout.row != 1 or b"\r" in content.replace(b"\r\n", b""):
        return None
    names = [str(number) for number in range(len(layout.headings))]
    try:
        cells = pacsv.read_csv(
            pa.BufferReader(content),
            read_options=pacsv.ReadOptions(column_names=names, skip_rows=1),
            parse_options=pacsv.ParseOptions(delimiter=layout.separator, newlines_in_values=True),
            convert_options=pacsv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.large_string()), null_values=[]
            ),
        )
    except pa.ArrowException:
        return None
    lines = content.count(b"\n") + (not content.endswith(b"\n"))
    return cells if lines == cells.num_rows + 1 else None


def _odd_cells(
    source: Source, content: bytes, layout: Layout
) -> tuple[pa.Table, RowNumbers, tuple[Fault, ...]]:
    """The cells below the heading with their rows; rows of odd length are faults, not cells."""
    width = len(layout.headings)
    blocks: list[pa.Table] = []
    rows: list[int] = []
    cells: list[list[str]] = []
    faults: list[Fault] = []
    for row, record in _records(source, content, layout):
        if len(record) == width:
            rows.append(row)
            cells.append(record)
        elif any(cell.strip() for cell in record):
            count = f"{len(record)}/{width}"
            faults.append(Fault(Rule.COLUMN_COUNT, str(source), row, value=count))
        if len(cells) == _BLOCK:
            blocks.append(_block(cells, width))
            cells = []
    blocks.append(_block(cells, width))
    return pa.concat_tables(blocks), np.array(rows, dtype=np.int64), tuple(faults)


def _records(source: Source, content: bytes, layout: Layout) -> Iterator[tuple[int, list[str]]]:
    """Each record below the heading, with the line on which it begins."""
    lines = _lines(content, layout.encoding)
    for _ in range(layout.row):
        next(lines)
    # Strict, since a quote that is never closed would otherwise swallow the rest of the file.
    reader = csv.reader(lines, delimiter=layout.separator, strict=True)
    row = layout.row + 1
    try:
        for record in reader:
            yield row, record
            row = layout.row + reader.line_num + 1
    except csv.Error:
        raise _unreadable(source, row) from None


def _block(cells: list[list[str]], width: int) -> pa.Table:
    columns = list(zip(*cells, strict=True)) if cells else [()] * width
    arrays = [pa.array(column, pa.large_string()) for column in columns]
    return pa.table(arrays, names=[str(number) for number in range(width)])


def _parquet_table(source: Source, content: bytes) -> TextTable:
    try:
        table = pq.read_table(pa.BufferReader(content))
        table = with_counted(table, counted_columns(table.schema))
        headings = tuple(name.strip() for name in table.column_names)
    except (pa.ArrowException, OSError, UnicodeError):
        raise _unreadable(source) from None
    check_headings(source, headings, None)
    texts = {
        heading: text
        for heading, column in zip(headings, table.columns, strict=True)
        if (text := _as_text(column)) is not None
    }
    rows = np.arange(2, table.num_rows + 2, dtype=np.int64)
    named = pa.table([*texts.values()], names=[*texts])
    return TextTable(str(source), _frame(named, tuple(texts), rows))


def _as_text(column: pa.ChunkedArray) -> pa.ChunkedArray | None:
    """A column as text; `None` for lists, pictures and the like, which no table of ours has."""
    try:
        return pc.cast(column, pa.large_string())
    except pa.ArrowException:
        return None


def _frame(table: pa.Table, headings: tuple[str, ...], rows: RowNumbers) -> pd.DataFrame:
    """Trim the cells, take blank ones for missing, and leave out blank rows and headings."""
    columns = {}
    for heading, column in zip(headings, table.columns, strict=True):
        if heading:
            trimmed = pc.utf8_trim_whitespace(column)
            blank = pc.equal(trimmed, "")
            columns[heading] = pc.if_else(blank, pa.scalar(None, pa.large_string()), trimmed)
    if not columns:
        return pd.DataFrame()
    frame: pd.DataFrame = pa.table(columns).to_pandas().astype("str")
    frame.index = pd.Index(rows, name="row")
    return frame.dropna(how="all")
