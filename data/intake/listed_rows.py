"""Which cells does a list hold, row by row and field by field? For sheets of any kind.

Text files, workbooks and Parquet files come out alike: rows of cells by field, without the columns
that nobody asked for. Of a row with too few cells those are kept that no dropped column can have
slipped into; one with too many keeps none, only its fault. Cells behind the last heading are
nobody's if they are blank.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from data.intake.cells import texts_of
from data.intake.columns import Columns, Words, columns_of
from data.intake.guard import LIMITS, Limits, measured_content, refused
from data.intake.json_values import start_of
from data.intake.reading import Source, is_parquet, read_table
from data.intake.records import FileRead, Record, Waiting
from data.intake.row_check import Cells, clean_cells
from data.intake.rows import MOST_GUESSED, Row, check_headings_known, rows_of
from matching.errors import Fault, Rule


@dataclass(frozen=True, slots=True, eq=False)
class ListedRows:
    """The rows of a list: number, cells by field, and what is wrong with the row as a whole.

    `columns` says how its columns were read, `heading_row` where the headings stand; `faults`
    concern the file.
    """

    file: str
    columns: Columns
    heading_row: int
    rows: Iterator[tuple[int, dict[str, str], tuple[Fault, ...]]]
    faults: tuple[Fault, ...] = ()


def listed_rows(
    source: Source, words: Words, given: Mapping[str, str] | None = None, *, guess: bool = True
) -> ListedRows:
    """The rows of a file whose columns are known, given or guessed; see `columns_of`.

    Raises `FaultyInput` for a file that can't be read or has no heading that is known.
    """
    file = str(source)
    faults: tuple[Fault, ...] = ()
    if _is_parquet(source):
        heading_row, headings, records = _parquet_rows(source)
    else:
        rows = rows_of(source, words.known)
        heading_row, headings, records = rows.heading_row, rows.headings, rows.records()
        faults = rows.faults
    guess = guess and len(headings) <= MOST_GUESSED
    columns = columns_of(file, headings, words, given, row=heading_row, guess=guess)
    check_headings_known(file, heading_row, headings, words, columns, given)
    told = _told(file, columns, len(headings), records)
    return ListedRows(file, columns, heading_row, told, faults)


def missing_columns(
    table: ListedRows, needed: Sequence[str], names: Mapping[str, str]
) -> tuple[Fault, ...]:
    """A fault for each needed field that no column is read as, in the order of `needed`.

    `names` says how a missing column would be called.
    """
    return tuple(
        Fault(Rule.COLUMN_MISSING, table.file, table.heading_row, names[field])
        for field in needed
        if field not in table.columns.numbers
    )


def read_list(
    table: ListedRows,
    kind: str,
    check: Callable[[int, Cells, tuple[Fault, ...]], Record | Waiting],
    missing: Sequence[Fault] = (),
) -> FileRead[Record]:
    """Every row of a list, held against `check`: good ones as records, the others waiting.

    `missing` are faults of the file besides; a list without rows is one more.
    """
    records: list[Record] = []
    waiting: list[Waiting] = []
    for row, cells, faults in table.rows:
        found = check(row, cells, faults)
        if isinstance(found, Waiting):
            waiting.append(found)
        else:
            records.append(found)
    count: int = len(records) + len(waiting)
    return FileRead(
        table.file,
        kind,
        count,
        tuple(records),
        tuple(waiting),
        table.columns.dropped,
        table.columns.mapping,
        table.columns.guessed,
        (*table.faults, *(() if count else (Fault(Rule.NO_ROWS, table.file),)), *missing),
    )


def _is_parquet(source: Source) -> bool:
    return str(source).casefold().endswith(".parquet") and is_parquet(start_of(source))


def check_parquet(source: Source, limits: Limits = LIMITS) -> None:
    """Raise `FaultyInput` for a Parquet file of which more comes out than a list has.

    It is packed twice: pages are compressed, and a text that comes again is kept once. Sizes of
    pages are read before anything is unpacked, lengths of texts before they are written out.
    """
    try:
        content = measured_content(source, limits.workbook)
        meta = pq.ParquetFile(pa.BufferReader(content)).metadata
        groups = [meta.row_group(number) for number in range(meta.num_row_groups)]
        if meta.num_rows * meta.num_columns > limits.cells:
            raise refused(Rule.CELLS_TOO_MANY, source)
        if sum(group.total_byte_size for group in groups) > limits.inflated:
            raise refused(Rule.ARCHIVE_INFLATES, source)
        flat = [column.name for column in meta.schema if column.path == column.name]
        kept = pq.read_table(pa.BufferReader(content), columns=flat, read_dictionary=flat)
        if sum(_letters(chunk) for column in kept.columns for chunk in column.chunks) > (
            limits.inflated
        ):
            raise refused(Rule.ARCHIVE_INFLATES, source)
    except (pa.ArrowException, OSError, ValueError, MemoryError):
        raise refused(Rule.FILE_UNREADABLE, source) from None


def _letters(chunk: pa.Array) -> int:
    """How many bytes of text a part of a column says, each text as often as it comes."""
    if not pa.types.is_dictionary(chunk.type):
        return int(chunk.nbytes)
    try:
        lengths = pc.binary_length(chunk.dictionary)
    except pa.ArrowException:
        return int(chunk.nbytes)
    return int(pc.sum(pc.cast(lengths, pa.int64()).take(chunk.indices)).as_py() or 0)


def _parquet_rows(source: Source) -> tuple[int, tuple[str, ...], Iterator[Row]]:
    check_parquet(source)
    frame = read_table(source).frame
    headings = tuple(str(heading) for heading in frame.columns)
    columns = [texts_of(frame[heading]) for heading in headings]
    numbers = [int(row) for row in frame.index]
    cells = zip(*columns, strict=True)
    return 1, headings, ((row, [c or "" for c in r]) for row, r in zip(numbers, cells, strict=True))


def _told(
    file: str, columns: Columns, width: int, records: Iterator[Row]
) -> Iterator[tuple[int, dict[str, str], tuple[Fault, ...]]]:
    for row, cells in records:
        if len(cells) == width or (len(cells) > width and not any(map(str.strip, cells[width:]))):
            said = ((field, cells[number]) for field, number in columns.numbers.items())
            yield row, clean_cells(said), ()
        else:
            count = f"{len(cells)}/{width}"
            kept = clean_cells(columns.kept_of(cells, width).items())
            yield row, kept, (Fault(Rule.COLUMN_COUNT, file, row, value=count),)
