"""What chance has each pair of a file? Told chunk by chunk, so that a country fits into memory.

The file is read in chunks, each is judged by a model, and written with four columns and a flag
more. Nothing stands under the name asked for before the last row is written.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from data.intake.reading import Layout, check_headings, is_parquet, layout_of
from matching.errors import Fault, FaultyInput, Rule
from models.declaration import Finding, Flaw, Kind
from models.placement import PlacementModel
from models.protected import is_protected
from office.learning_tables import MOST_FAULTS, UnusableFile, faults_at, feature_values

#: What is added to each row.
ADDED = ("chance", "low", "high", "evidence", "enough")

#: Rows that are judged at a time.
ROWS = 100_000

#: So many chunks are in hand at a time; each holds its rows as text and as numbers.
_IN_HAND = 3

_HEAD, _BLOCK = 1 << 20, 1 << 24
_DECIMALS = 6
_LINE_BREAK = "[\n\r\x00]"


@dataclass(frozen=True, slots=True)
class Told:
    """What came of telling chances: rows, how many had too little to go by, columns left out.

    `protected` were left out since no file of ours hands on a protected trait, `replaced` since
    what they hold is told anew, `unwritten` since CSV has no way to write them. `firm_missing` is
    the column of firms where the model knows firms and the file does not.
    """

    rows: int
    too_little: int
    protected: tuple[str, ...]
    replaced: tuple[str, ...]
    unwritten: tuple[str, ...]
    firm_missing: str | None


@dataclass(frozen=True, slots=True, eq=False)
class _Chunk:
    """Some rows as they stand in the file; `first` is the row number of the first of them."""

    table: pa.Table
    first: int


@dataclass(frozen=True, slots=True, eq=False)
class _Pairs:
    """A file of pairs: its columns, and its chunks of at most so many rows."""

    schema: pa.Schema
    chunks: Callable[[int], Iterator[_Chunk]]
    separator: str = ","


class _Writer(Protocol):
    def write_table(self, table: pa.Table, /) -> object: ...


def tell_chances(
    model: PlacementModel,
    pairs: Path,
    out: Path,
    rows: int = ROWS,
) -> Told:
    """Write the pairs of a file with their chances, as CSV or Parquet by the suffix of `out`.

    Raises `UnusableFile` naming every column missing, and
    `FaultyInput` with the rows of what can't be read; then nothing is written.
    """
    with ExitStack() as stack:
        given = stack.enter_context(_opened(pairs))
        missing = [name for name in model.columns if name not in given.schema.names]
        if missing:
            found = tuple(Finding(Flaw.COLUMN_MISSING, name) for name in missing)
            raise UnusableFile(str(pairs), found)
        told = _before(model, given.schema, as_csv=out.suffix.lower() == ".csv")
        gone = {*told.protected, *told.replaced, *told.unwritten}
        judge = _Judge(model, pairs, tuple(name for name in given.schema.names if name not in gone))
        writer = stack.enter_context(_written(out, judge.schema(given.schema), given.separator))
        for table, too_little in _in_order(judge, given.chunks(rows)):
            writer.write_table(table)
            told = replace(
                told, rows=told.rows + len(table), too_little=told.too_little + too_little
            )
        if not told.rows:
            raise FaultyInput((Fault(Rule.NO_ROWS, str(pairs)),))
    return told


def _in_order(
    judge: Callable[[_Chunk], tuple[pa.Table, int]], chunks: Iterator[_Chunk]
) -> Iterator[tuple[pa.Table, int]]:
    """Judge several chunks at once; give them in their order, with few of them in hand."""
    with ThreadPoolExecutor(max(1, min(_IN_HAND - 1, os.cpu_count() or 1))) as pool:
        waiting: deque[Any] = deque()
        try:
            for chunk in chunks:
                waiting.append(pool.submit(judge, chunk))
                if len(waiting) >= _IN_HAND:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for one in waiting:
                one.cancel()


def _before(model: PlacementModel, schema: pa.Schema, as_csv: bool) -> Told:
    """What is to be said of a file's columns before a row of it is read."""
    names: list[str] = list(schema.names)
    firm = model.declaration.columns.firm
    return Told(
        rows=0,
        too_little=0,
        protected=tuple(name for name in names if is_protected(name)),
        replaced=tuple(name for name in names if name in ADDED),
        unwritten=tuple(
            one.name
            for one in schema
            if as_csv and (pa.types.is_nested(one.type) or _bytes(one.type))
        ),
        firm_missing=None if firm is None or firm in names else firm,
    )


def _bytes(kind: pa.DataType) -> bool:
    return any(
        of(kind)
        for of in (pa.types.is_binary, pa.types.is_large_binary, pa.types.is_fixed_size_binary)
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Judge:
    """Puts a model's judgement beside the columns that are handed on."""

    model: PlacementModel
    file: Path
    kept: tuple[str, ...]

    def schema(self, given: pa.Schema) -> pa.Schema:
        """The columns of what is written."""
        numbers, words = pa.float64(), pa.string()
        kinds = dict(zip(ADDED, (numbers, numbers, numbers, words, words), strict=True))
        handed_on = [given.field(name) for name in self.kept]
        return pa.schema([*handed_on, *(pa.field(name, kind) for name, kind in kinds.items())])

    def __call__(self, chunk: _Chunk) -> tuple[pa.Table, int]:
        """The rows with what is added, and how many of them have too little to go by.

        There the chance only stands in, and there is no interval.
        """
        found = self.model.judge(self._columns(chunk))
        chance, low, high = (
            np.round(values, _DECIMALS) for values in (found.chance, found.low, found.high)
        )
        unsure = ~found.enough
        counts = (pa.array(column).cast(pa.string()) for column in (found.started, found.cases))
        columns = {
            "chance": pa.array(chance),
            "low": pa.array(low, mask=unsure),
            "high": pa.array(high, mask=unsure),
            "evidence": pc.binary_join_element_wise(*counts, " of "),
            "enough": pc.if_else(pa.array(found.enough), "yes", "no"),
        }
        table = chunk.table.select(self.kept)
        for name, column in columns.items():
            table = table.append_column(name, column)
        return table, int(unsure.sum())

    def _columns(self, chunk: _Chunk) -> dict[str, Any]:
        """The columns that the model reads. Raises `FaultyInput` with the rows of what it can't."""
        columns: dict[str, Any] = {}
        faults: list[Fault] = []
        for feature in self.model.declaration.features:
            cells = chunk.table[feature.name].combine_chunks()
            if feature.kind is Kind.CATEGORY:
                columns[feature.name] = _words(cells)
                continue
            columns[feature.name], bad = feature_values(feature, cells)
            rows = chunk.first + bad
            faults += faults_at(self.file, feature, rows, cells.take(pa.array(bad)))
        if faults:
            raise FaultyInput(tuple(faults[:MOST_FAULTS]))
        firm = self.model.declaration.columns.firm
        if firm is not None and firm in chunk.table.column_names:
            columns[firm] = _words(chunk.table[firm].combine_chunks())
        return columns


def _words(cells: pa.Array) -> pd.Series[str]:
    """Cells as words, blank ones missing, as a history has them."""
    words = pc.utf8_trim_whitespace(pc.cast(cells, pa.large_string()))
    known = pc.if_else(pc.equal(words, ""), pa.scalar(None, words.type), words)
    return pd.Series(known.to_pandas(), dtype="str")


@contextmanager
def _opened(path: Path) -> Iterator[_Pairs]:
    """Open a file of pairs. Raises `FaultyInput` for one that is none."""
    if not path.exists():
        raise FaultyInput((Fault(Rule.FILE_MISSING, str(path)),))
    try:
        if not path.is_file():
            raise _unreadable(path)
        with path.open("rb") as file:
            head = file.read(_HEAD)
        if is_parquet(head):
            with closing(pq.ParquetFile(path, memory_map=True)) as parquet:
                names = tuple(parquet.schema_arrow.names)
                check_headings(path, names, None)
                yield _Pairs(_plain(parquet.schema_arrow), lambda rows: _parquet(parquet, rows))
        else:
            whole = head if len(head) < _HEAD else head[: head.rfind(b"\n") + 1] or head
            layout = layout_of(path, whole)
            fields = [(name, pa.string()) for name in layout.headings if name]
            schema = pa.schema(fields)
            yield _Pairs(schema, lambda rows: _csv(path, layout, rows), layout.separator)
    except (pa.ArrowException, UnicodeError) as error:
        raise _unreadable(path) from error


def _unreadable(path: Path) -> FaultyInput:
    return FaultyInput((Fault(Rule.FILE_UNREADABLE, str(path)),))


def _plain(schema: pa.Schema) -> pa.Schema:
    """A Parquet file's columns, words that are written as numbers of a list as plain words."""
    return pa.schema(
        [
            pa.field(one.name, one.type.value_type if _coded(one.type) else one.type)
            for one in schema
        ]
    )


def _coded(kind: pa.DataType) -> bool:
    return bool(pa.types.is_dictionary(kind))


def _parquet(parquet: pq.ParquetFile, rows: int) -> Iterator[_Chunk]:
    first, schema = 2, _plain(parquet.schema_arrow)
    for batch in parquet.iter_batches(batch_size=rows):
        yield _Chunk(pa.table(batch).cast(schema), first)
        first += batch.num_rows


def _csv(path: Path, layout: Layout, rows: int) -> Iterator[_Chunk]:
    """The chunks of a CSV file, all cells as text."""
    names = [name or f"\0{number}" for number, name in enumerate(layout.headings)]
    named = [name for name in names if not name.startswith("\0")]
    odd: list[pacsv.InvalidRow] = []

    def note(row: pacsv.InvalidRow) -> str:
        odd.append(row)
        return "skip"

    with pacsv.open_csv(
        path,
        read_options=pacsv.ReadOptions(
            column_names=names,
            skip_rows=layout.row,
            block_size=_BLOCK,
            encoding="utf-8" if layout.encoding == "utf-8-sig" else layout.encoding,
        ),
        parse_options=pacsv.ParseOptions(
            delimiter=layout.separator, newlines_in_values=True, invalid_row_handler=note
        ),
        convert_options=pacsv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()), include_columns=named, null_values=[]
        ),
    ) as reader:
        first = layout.row + 1
        for batch in reader:
            _check_lines(path, odd, batch, first)
            for start in range(0, batch.num_rows, rows):
                some = batch.slice(start, rows)
                yield _Chunk(pa.table(some), first + start)
            first += batch.num_rows
        _check_lines(path, odd, None, first)


def _check_lines(
    path: Path, odd: list[pacsv.InvalidRow], batch: pa.RecordBatch | None, first: int
) -> None:
    """Raise `FaultyInput` for rows of odd length, and for cells that run over lines.

    A quotation mark that is never closed would swallow the rest of the file that way.
    """
    if odd:
        rows = _lines_of(path, {one.text for one in odd})
        raise FaultyInput(
            tuple(
                Fault(
                    Rule.COLUMN_COUNT,
                    str(path),
                    rows.get(one.text),
                    value=f"{one.actual_columns}/{one.expected_columns}",
                )
                for one in odd[:MOST_FAULTS]
            )
        )
    if batch is None:
        return
    for name, cells in zip(batch.schema.names, batch.columns, strict=True):
        broken = pc.match_substring_regex(cells, _LINE_BREAK)
        if pc.any(broken).as_py():
            row = first + int(pc.index(broken, True).as_py())
            raise FaultyInput((Fault(Rule.CELL_CONTROL, str(path), row, name),))


def _lines_of(path: Path, texts: set[str]) -> dict[str, int]:
    """The first line on which each of these texts stands."""
    found: dict[str, int] = {}
    with path.open("r", encoding="utf-8-sig", errors="replace", newline="\n") as lines:
        for number, line in enumerate(lines, start=1):
            text = line.rstrip("\r\n")
            if text in texts and text not in found:
                found[text] = number
                if len(found) == len(texts):
                    break
    return found


@contextmanager
def _written(out: Path, schema: pa.Schema, separator: str) -> Iterator[_Writer]:
    """A writer to a file beside `out`, which takes its name at the end or goes."""
    part = out.with_name(out.name + ".part")
    try:
        with ExitStack() as stack:
            writer: _Writer
            if out.suffix.lower() == ".csv":
                file = stack.enter_context(part.open("wb"))
                writer = _CsvWriter(file, schema, separator)
            else:
                writer = stack.enter_context(pq.ParquetWriter(part, schema))
            yield writer
        os.replace(part, out)
    finally:
        part.unlink(missing_ok=True)


class _CsvWriter:
    """Writes tables as CSV, with quotation marks only where some cell of a chunk needs them."""

    def __init__(self, file: Any, schema: pa.Schema, separator: str) -> None:
        self.file, self.separator = file, separator
        self._put(schema.empty_table().cast(schema), include_header=True)

    def write_table(self, table: pa.Table) -> None:
        """Append the rows of a table."""
        self._put(table, include_header=False)

    def _put(self, table: pa.Table, include_header: bool) -> None:
        for style in ("none", "needed"):
            options = pacsv.WriteOptions(
                include_header=include_header,
                delimiter=self.separator,
                quoting_style=style,
                quoting_header=style,
            )
            written = pa.BufferOutputStream()
            try:
                pacsv.write_csv(table, written, options)
            except pa.ArrowInvalid:
                continue
            self.file.write(written.getvalue())
            return
        raise AssertionError("a table that no style of quoting can write")
