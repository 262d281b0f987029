"""What do a history and a list of pairs say? CSV or Parquet as the columns that a model reads.

A history is read whole. Its cells are text until every cell of a column has been found to be a
number or a yes and no; categories stay text, so that `007` is never taken for 7. Numbers have a
point or a comma before their decimals, and no sign for thousands.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from data.intake.reading import TextTable, content_of
from data.intake.reading import read_table as read_text
from matching.errors import Fault, FaultyInput, Rule, UebergangError
from models.declaration import (
    Declaration,
    Direction,
    Feature,
    Finding,
    Kind,
    Known,
    NotUsable,
    declaration_of,
    district_declaration,
)
from models.features import Encoded, Indexes, Numbers
from models.placement import PlacementModel
from models.saving import model_of

#: So many faults of a file are named at most, and so many letters of a cell.
MOST_FAULTS, _LONGEST = 100, 40

#: Whether a row is made up, as the product's own samples say it.
INVENTED = "invented"

_NUMBER = re.compile(r"[+-]?(?:\d+(?:[.,]\d*)?|[.,]\d+)(?:[eE][+-]?\d+)?")
_WHOLE = r"[+-]?(?:0|[1-9]\d{0,15})"
_NO_CODE = r"(?![+-]?0\d).+"
_NOT_KNOWN = frozenset({"", "nan", "na", "n/a", "null", "none", "-"})
_TRUTH = {"true": True, "false": False}


class UnusableFile(UebergangError):
    """A file that models can't use: `file` is its name, `findings` says what is wrong."""

    def __init__(self, file: str | None, findings: tuple[Finding, ...]) -> None:
        super().__init__(f"{file}: {findings[:5]}")
        self.file = file
        self.findings = findings


@contextmanager
def about(path: Path) -> Iterator[None]:
    """Say of which file it is that a model refuses something."""
    try:
        yield
    except NotUsable as refusal:
        raise UnusableFile(str(path), refusal.findings) from None


def read_declaration(path: Path | None) -> Declaration:
    """The declaration of a file, or the district's own where none is given.

    Raises `UnusableFile` with every fault of it, `FaultyInput` where it can't be opened.
    """
    if path is None:
        return district_declaration()
    try:
        text = content_of(path).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise FaultyInput((Fault(Rule.FILE_UNREADABLE, str(path)),)) from None
    with about(path):
        return declaration_of(text)


def read_model(path: Path) -> PlacementModel:
    """The model of a file. Raises `UnusableFile` for one that was changed or is none of ours."""
    content = content_of(path)
    with about(path):
        return model_of(content)


def words_of(declaration: Declaration) -> frozenset[str]:
    """The columns whose cells are words, whatever they look like: categories, persons and firms."""
    categories = {one.name for one in declaration.features if one.kind is Kind.CATEGORY}
    names = (declaration.columns.person, declaration.columns.firm)
    return frozenset(categories | {name for name in names if name is not None})


def read_table(path: Path, words: Collection[str] = ()) -> pd.DataFrame:
    """A whole CSV or Parquet file as a table, each column of the kind that its cells show.

    Columns in `words` stay text as it stands (see `words_of`). Of the others, those with nothing
    but numbers become int64, Int64 (with gaps) or float64, `true` and `false` become flags, the
    rest stays text. Rows are numbered from 0. Raises `FaultyInput` with every fault of the file.
    """
    return _guessed(_text(path), words)


def read_history(path: Path, declaration: Declaration) -> pd.DataFrame:
    """A history as `read_table` gives it, declared numbers and flags as float64, gaps as NaN.

    Columns that are declared and missing are left to the models to name. Raises `FaultyInput` with
    the row of each cell (the first hundred) that is no number, or neither yes nor no.
    """
    text = _text(path)
    frame = _guessed(text, words_of(declaration))
    faults: list[Fault] = []
    for feature in declaration.features:
        if feature.kind is not Kind.CATEGORY and feature.name in frame:
            cells = pa.array(text.frame[feature.name], pa.large_string(), from_pandas=True)
            values, bad = feature_values(feature, cells)
            frame[feature.name] = values
            rows = text.frame.index.to_numpy()[bad]
            faults += faults_at(path, feature, rows, cells.take(pa.array(bad)))
    if faults:
        raise FaultyInput(tuple(faults[:MOST_FAULTS]))
    for name in (declaration.columns.outcome, INVENTED):
        if name in frame:
            cells = pa.array(text.frame[name], pa.large_string(), from_pandas=True)
            flags, bad = feature_values(_flag(name), cells)
            # An outcome that is neither is the models' to refuse; who says "invented" means it.
            if not len(bad):
                frame[name] = flags if name != INVENTED else flags == 1
    return frame


def feature_values(feature: Feature, cells: pa.Array | pa.ChunkedArray) -> tuple[Numbers, Indexes]:
    """The cells of a declared number or flag as float64, and the positions that are neither.

    What is not known is NaN, and so is what is not finite.
    """
    numbers = cells
    if pa.types.is_string(cells.type) or pa.types.is_large_string(cells.type):
        cells = pc.utf8_trim_whitespace(cells)
        numbers = pc.if_else(pc.equal(cells, ""), pa.scalar(None, cells.type), cells)
    try:
        plain = pc.cast(numbers, pa.float64()).to_numpy(zero_copy_only=False)
        values = np.array(plain, dtype=np.float64)
        if feature.kind is Kind.NUMBER or bool(np.isin(values[np.isfinite(values)], (0, 1)).all()):
            return values, np.empty(0, dtype=np.int64)
    except pa.ArrowException:
        pass  # word by word, below
    return _word_by_word(feature, pc.cast(cells, pa.large_string()))


def _word_by_word(feature: Feature, cells: pa.Array) -> tuple[Numbers, Indexes]:
    """As `feature_values`, for text that is not numbers alone."""
    coded = cells.dictionary_encode()
    read = _as_number if feature.kind is Kind.NUMBER else _as_flag
    found = [read(word) for word in coded.dictionary.to_pylist()]
    codes = np.asarray(coded.indices.fill_null(len(found)).to_numpy(zero_copy_only=False))
    values = np.array([*(np.nan if one is None else one for one in found), np.nan])
    strange = np.array([*(one is None for one in found), False], dtype=np.bool_)
    return values[codes], np.flatnonzero(strange[codes])


def _as_number(word: str) -> float | None:
    if word.lower() in _NOT_KNOWN:
        return float("nan")
    return float(word.replace(",", ".")) if _NUMBER.fullmatch(word) else None


def _as_flag(word: str) -> float | None:
    if word.lower() in _NOT_KNOWN:
        return float("nan")
    try:
        return float(Encoded(_flag("flag")).values(pd.Series([word]))[0])
    except NotUsable:
        return None


def _flag(name: str) -> Feature:
    return Feature(name, Kind.FLAG, Direction.NONE, Known.PROPOSAL, "")


def faults_at(path: Path, feature: Feature, rows: Indexes, cells: pa.Array) -> list[Fault]:
    """The faults of a feature's cells that could not be read, each with its row."""
    rule = Rule.NUMBER_UNREADABLE if feature.kind is Kind.NUMBER else Rule.VALUE_UNKNOWN
    found = zip(rows[:MOST_FAULTS].tolist(), cells[:MOST_FAULTS].to_pylist(), strict=True)
    return [Fault(rule, str(path), row, feature.name, str(cell)[:_LONGEST]) for row, cell in found]


def _text(path: Path) -> TextTable:
    """The cells of a file; raises `FaultyInput` where rows are odd, or none are there."""
    text = read_text(path)
    faults = text.faults
    if not faults and not len(text.frame):
        faults = (Fault(Rule.NO_ROWS, str(path)),)
    if faults:
        raise FaultyInput(faults[:MOST_FAULTS])
    return text


def _guessed(text: TextTable, words: Collection[str]) -> pd.DataFrame:
    frame, kept = text.frame.reset_index(drop=True), frozenset(words)
    columns = {name: frame[name] if name in kept else _typed(frame[name]) for name in frame}
    return pd.DataFrame(columns)


def _typed(column: pd.Series[str]) -> pd.Series[Any]:
    """A column of text as what all its cells are."""
    lower = column.str.lower()
    blank = column.isna() | lower.isin(_NOT_KNOWN)
    known = column[~blank]
    if known.empty:
        return pd.Series(float("nan"), index=column.index)
    if bool(lower[~blank].isin(_TRUTH).all()):
        flags = lower.where(~blank).map(_TRUTH)
        return flags.astype("boolean" if blank.any() else "bool")
    if bool(known.str.fullmatch(_WHOLE).all()):
        numbers = pd.to_numeric(known)
        return numbers.reindex(column.index).astype("Int64") if blank.any() else numbers
    if bool((known.str.fullmatch(_NUMBER) & known.str.fullmatch(_NO_CODE)).all()):
        return pd.to_numeric(known.str.replace(",", ".")).reindex(column.index)
    return column
