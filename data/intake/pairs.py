"""Who could go where, says a file? Pairs of seekers and places with a chance each, as columns.

A good file of any size goes straight from Arrow's columns into ours. Whatever does not fit is
read again as text, slowly, so that every fault is found with its row.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
from pandera.pandas import DataFrameSchema

from data.intake.cells import numbers_of
from data.intake.checks import (
    CONTROL,
    CheckedTable,
    besides,
    checked,
    column,
    examined,
    identifiers,
    numbers,
    together_once,
    within,
)
from data.intake.reading import (
    Source,
    check_headings,
    content_of,
    counted_columns,
    is_parquet,
    layout_of,
    with_counted,
)
from matching.errors import BrokenPromise, FaultyInput, Rule
from matching.problem import Indexes, Numbers

IDS = ("seeker", "place")
NUMBERS = ("chance", "wish")

SCHEMA = DataFrameSchema(
    {
        "seeker": identifiers(),
        "place": identifiers(),
        "chance": column(numbers(), within(lambda q: (q > 0) & (q <= 1), Rule.CHANCE_OUT_OF_RANGE)),
        "wish": column(
            numbers(), within(lambda w: (w >= 0) & (w <= 1), Rule.WISH_OUT_OF_RANGE), required=False
        ),
    },
    checks=[together_once(*IDS)],
)
_WITH_WISHES = SCHEMA.update_column("wish", required=True)


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """The pairs of a file as columns, one row a pair, sorted by seeker, then place.

    `seekers` and `places` are the ids that occur, sorted as text; `seeker` and `place` (int32)
    are row numbers into them. `chance` (float64) lies in (0, 1], `wish` (float64) in [0, 1], or is
    `None` where the file has none. `dropped` names the columns that the file has besides.
    """

    file: Source
    seekers: tuple[str, ...]
    places: tuple[str, ...]
    seeker: Indexes
    place: Indexes
    chance: Numbers
    wish: Numbers | None = None
    dropped: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for values in (self.seeker, self.place, self.chance, self.wish):
            if values is not None:
                values.flags.writeable = False

    def __len__(self) -> int:
        return len(self.seeker)


class _Unfit(Exception):
    """The columns can't be taken as they are; the file has to be looked at cell by cell."""


def read_pairs(source: Source) -> Pairs:
    """Read the possible pairs from CSV or Parquet: `seeker`, `place`, `chance`, maybe `wish`.

    Ids may be text or whole numbers, and become text. The order of the rows never matters.
    Raises `FaultyInput` with every fault of the file.
    """
    pairs = examine_pairs(source)
    if isinstance(pairs, CheckedTable):
        raise FaultyInput(pairs.faults)
    return pairs


def examine_pairs(source: Source, wishes: bool = False) -> Pairs | CheckedTable:
    """The pairs of a file; of a file with faults its table, faults and all.

    With `wishes` a missing column of them is a fault too. Raises `FaultyInput` only where there is
    no table to speak of.
    """
    try:
        table, dropped = _columns(source)
        if not wishes or "wish" in table.column_names:
            return _pairs_of(source, table, dropped)
    except (_Unfit, pa.ArrowException, UnicodeError):
        pass  # the careful reading below says what is wrong, if anything is
    text = examined(source, _WITH_WISHES if wishes else SCHEMA)
    if text.faults:
        return text
    try:
        return _pairs_of(source, _columns_of(text), text.dropped)
    except _Unfit as unfit:
        raise BrokenPromise("intake of pairs", (str(source), str(unfit))) from unfit


def rows_where(pairs: Pairs, name: str, ids: frozenset[str]) -> list[tuple[int, str]]:
    """Go back to the file for the rows whose `name` (seeker or place) is one of the ids."""
    table = checked(pairs.file, SCHEMA)
    named = zip(table.rows, table.words(name), strict=True)
    return [(row, word) for row, word in named if word in ids]


def _columns(source: Source) -> tuple[pa.Table, tuple[str, ...]]:
    """The columns of a file, typed by Arrow, and the names of those not asked for."""
    try:
        if isinstance(source, Path) and source.is_file():
            with source.open("rb") as file:
                if is_parquet(file.read(4)):
                    return _parquet_columns(source, pa.memory_map(str(source)))
        content = content_of(source)
        if is_parquet(content):
            return _parquet_columns(source, pa.BufferReader(content))
        return _csv_columns(source, content)
    except (pa.ArrowException, OSError, UnicodeError) as unfit:
        raise _Unfit(str(unfit)) from unfit


def _asked_for(headings: list[str]) -> tuple[dict[str, str], tuple[str, ...]]:
    """Which heading of the file is which of our columns; the others are named."""
    renamed = {name: name.strip().casefold() for name in headings}
    asked = {old: new for old, new in renamed.items() if new in IDS + NUMBERS}
    if not {*IDS, "chance"} <= set(asked.values()):
        raise _Unfit("a column is missing")
    return asked, besides(name for name in headings if name not in asked)


def _parquet_columns(source: Source, file: pa.NativeFile) -> tuple[pa.Table, tuple[str, ...]]:
    schema = pq.ParquetFile(file).schema_arrow
    counted = counted_columns(schema)
    headings = [*schema.names, *counted]
    check_headings(source, tuple(name.strip() for name in headings), None)
    asked, dropped = _asked_for(headings)
    # Reading ids as dictionaries takes four times as long as encoding them afterwards.
    table = pq.ParquetFile(file).read(columns=[name for name in asked if name in schema.names])
    table = with_counted(
        table.select([name for name in table.column_names if name in asked]),
        {name: numbers for name, numbers in counted.items() if name in asked},
    )
    if table.num_columns != len(asked):
        raise _Unfit("a counted column is not as long as the others")
    return table.rename_columns([asked[name] for name in table.column_names]), dropped


def _csv_columns(source: Source, content: bytes) -> tuple[pa.Table, tuple[str, ...]]:
    layout = layout_of(source, content)
    if layout.encoding != "utf-8-sig" or layout.row != 1:
        raise _Unfit("not plain UTF-8 with its heading on the first line")
    asked, dropped = _asked_for(list(layout.headings))
    words, number = pa.dictionary(pa.int32(), pa.string()), pa.float64()
    table = pacsv.read_csv(
        pa.BufferReader(content),
        read_options=pacsv.ReadOptions(column_names=list(layout.headings), skip_rows=1),
        parse_options=pacsv.ParseOptions(delimiter=layout.separator),
        convert_options=pacsv.ConvertOptions(
            column_types={old: words if new in IDS else number for old, new in asked.items()},
            include_columns=list(asked),
            null_values=[],
        ),
    )
    return table.rename_columns([asked[name] for name in table.column_names]), dropped


def _columns_of(text: CheckedTable) -> pa.Table:
    columns = {name: pa.array(text.frame[name], pa.string(), from_pandas=True) for name in IDS}
    for name in NUMBERS:
        if name in text.frame:
            columns[name] = pa.array(numbers_of(text.frame[name])[0])
    return pa.table(columns)


def _pairs_of(source: Source, table: pa.Table, dropped: tuple[str, ...]) -> Pairs:
    """Turn typed columns into pairs; `_Unfit` if anything at all is wrong with them."""
    if not table.num_rows:
        raise _Unfit("no rows")
    with ThreadPoolExecutor(len(IDS)) as columns:
        (seekers, seeker), (places, place) = columns.map(_coded, (table[name] for name in IDS))
    chance = _floats(table["chance"])
    wish = _floats(table["wish"]) if "wish" in table.column_names else None
    with np.errstate(invalid="ignore"):
        if not bool(np.all((chance > 0) & (chance <= 1))):
            raise _Unfit("a chance lies outside (0, 1]")
        if wish is not None and not bool(np.all((wish >= 0) & (wish <= 1))):
            raise _Unfit("a wish lies outside [0, 1]")
    key = seeker.astype(np.int64)
    key *= len(places)
    key += place
    if not bool(np.all(key[1:] > key[:-1])):
        order = np.argsort(key, kind="stable")
        key = key[order]
        if bool(np.any(key[1:] == key[:-1])):
            raise _Unfit("a pair comes twice")
        seeker, place, chance = seeker[order], place[order], chance[order]
        wish = None if wish is None else wish[order]
    return Pairs(source, seekers, places, seeker, place, chance, wish, dropped)


def _coded(column: pa.ChunkedArray) -> tuple[tuple[str, ...], Indexes]:
    """The distinct ids of a column, sorted as text, and each row's number among them."""
    if column.null_count or pa.types.is_floating(column.type):
        raise _Unfit("an id is missing or no whole number")
    if not pa.types.is_dictionary(column.type):
        column = pc.dictionary_encode(column)
    column = column.unify_dictionaries()
    codes = np.concatenate([chunk.indices.to_numpy() for chunk in column.chunks])
    # Blanks around an id are no part of it, so two spellings may be one id.
    words = pc.utf8_trim_whitespace(column.chunk(0).dictionary.cast(pa.string()))
    words = words.dictionary_encode()
    merged = words.indices.to_numpy()
    occurs = np.zeros(len(merged), dtype=np.bool_)
    occurs[codes] = True
    used = np.zeros(len(words.dictionary), dtype=np.bool_)
    used[merged[occurs]] = True
    order = pc.array_sort_indices(words.dictionary).to_numpy()
    order = order[used[order]]
    rank = np.zeros(len(words.dictionary), dtype=np.int32)
    rank[order] = np.arange(len(order), dtype=np.int32)
    ids = tuple(words.dictionary.take(pa.array(order)).to_pylist())
    if ids[0] == "":
        raise _Unfit("an id is blank")
    if pc.any(pc.match_substring_regex(pa.array(ids, pa.string()), CONTROL.pattern)).as_py():
        raise _Unfit("an id has a control character")
    return ids, rank[merged][codes]


def _floats(column: pa.ChunkedArray) -> npt.NDArray[np.float64]:
    if column.null_count or pa.types.is_string(column.type) or pa.types.is_boolean(column.type):
        raise _Unfit("a number is missing or no number")
    return np.array(column.cast(pa.float64()).to_numpy())
