"""Which numbers does a model see? The declared columns of a table, and nothing beside them.

An `Encoder` learns from the history what each declared feature looks like: its range, its middle,
its words. It then turns any table into the same matrix. A column outside the declaration is never
looked at.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
import numpy.typing as npt
import pandas as pd

from models.declaration import (
    Declaration,
    Direction,
    Feature,
    Finding,
    Flaw,
    Kind,
    NotUsable,
)

Numbers = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Indexes = npt.NDArray[np.int64]
Table = Mapping[str, npt.ArrayLike] | pd.DataFrame
#: What stands in a cell: a number, a word, or `None` where it is not known.
Value = float | str | None

#: The most words of a category; the rarer ones count as not known.
MOST_WORDS = 100

#: The shares of the history at which a line may bend.
EIGHTHS = tuple(number / 8 for number in range(9))

#: How far outside the history's range, in parts of it, a number may lie and still be judged.
MARGIN = 0.1

_YES, _NO = (
    frozenset({"1", "1.0", "true", "yes", "ja"}),
    frozenset({"0", "0.0", "false", "no", "nein"}),
)


@dataclass(frozen=True, slots=True)
class Encoded:
    """One feature as the history showed it.

    `lowest` and `highest` bound its numbers, `middle` is their median. In a linear model each
    stretch between two `knots` (eighths of the history) has a weight of its own, so that the line
    may bend; `steps` are the stretches' standard deviations (1 where constant). `words` are a
    category's, the most frequent first. `gaps` says whether it was ever not known. `shares` are the
    shares of the history's rows in each of the `parts`.
    """

    feature: Feature
    lowest: float = 0.0
    highest: float = 1.0
    middle: float = 0.0
    knots: tuple[float, ...] = (0.0, 1.0)
    steps: tuple[float, ...] = (1.0,)
    words: tuple[str, ...] = ()
    gaps: bool = False
    shares: tuple[float, ...] = ()

    @classmethod
    def of(cls, feature: Feature, column: object) -> Self:
        """Learn what a column of the history looks like."""
        found = cls._of(feature, column)
        return replace(found, shares=tuple(found.shares_of(column).tolist()))

    @classmethod
    def _of(cls, feature: Feature, column: object) -> Self:
        if feature.kind is Kind.CATEGORY:
            words = _words(column)
            known = words[words != ""]
            found, counts = np.unique(known, return_counts=True)
            order = np.lexsort((found, -counts))[:MOST_WORDS]
            kept = tuple(str(word) for word in found[order])
            last = max(1.0, len(kept) - 1.0)
            return cls(feature, 0.0, last, words=kept, gaps=len(known) < len(words))
        values = _numbers(feature, column)
        known = values[~np.isnan(values)]
        if len(known) == 0:
            return cls(feature, gaps=True)
        knots = np.unique(np.quantile(known, EIGHTHS, method="nearest"))
        if len(knots) == 1:
            knots = np.append(knots, knots)
        spreads = _stretched(known, knots).std(axis=0)
        return cls(
            feature,
            float(known.min()),
            float(known.max()),
            float(np.median(known)),
            tuple(knots.tolist()),
            tuple(np.where(spreads > 0, spreads, 1.0).tolist()),
            gaps=len(known) < len(values),
        )

    def values(self, column: object) -> Numbers:
        """The column as numbers; a category's words by their number, NaN where not known."""
        if self.feature.kind is not Kind.CATEGORY:
            return _numbers(self.feature, column)
        words = _words(column)
        codes = pd.Index(self.words).get_indexer(pd.Index(words)).astype(np.float64)
        return np.where(codes < 0, np.nan, codes)

    def strange(self, column: object) -> Flags:
        """Where a value lies outside all that the history showed; what is not known is not."""
        if self.feature.kind is Kind.CATEGORY:
            return np.asarray((_words(column) != "") & np.isnan(self.values(column)))
        values = _numbers(self.feature, column)
        room = MARGIN * (self.highest - self.lowest)
        with np.errstate(invalid="ignore"):
            return np.asarray((values < self.lowest - room) | (values > self.highest + room))

    @property
    def usual(self) -> Value:
        """The history's middle, of words and of yes and no the most frequent; as a table has it.

        `None` where nothing was ever known.
        """
        if self.feature.kind is Kind.CATEGORY:
            return self.words[0] if self.words else None
        if self.shares and self.shares[-1] == 1:
            return None
        # As many yes as no have a middle that is neither.
        return self.middle if self.feature.kind is not Kind.FLAG else float(self.middle > 0.5)

    def shown(self, values: Numbers) -> list[Value]:
        """What numbers of `values` stand for: a number or a word, `None` where not known."""
        category = self.feature.kind is Kind.CATEGORY
        return [
            None if np.isnan(one) else self.words[int(one)] if category else one
            for one in values.tolist()
        ]

    def parts(self, column: object) -> Indexes:
        """Which part of the history each value falls in, a number a row.

        First the words, or for numbers the stretches up to each knot (the first holds the lower
        end alone); then, one part each, what lies outside all that the history showed, and what is
        not known.
        """
        values = self.values(column)
        inside = len(self.words if self.feature.kind is Kind.CATEGORY else self.knots)
        own = values
        if self.feature.kind is not Kind.CATEGORY:
            own = np.minimum(np.searchsorted(self.knots, values), inside - 1).astype(np.float64)
        found = np.where(np.isnan(values), inside + 1, own)
        return np.where(self.strange(column), inside, found).astype(np.int64)

    def shares_of(self, column: object) -> Numbers:
        """The shares of a column's rows in each of the `parts`; they add up to 1."""
        inside = len(self.words if self.feature.kind is Kind.CATEGORY else self.knots)
        found = self.parts(column)
        return np.bincount(found, minlength=inside + 2) / max(1, len(found))

    @property
    def linear_names(self) -> tuple[str, ...]:
        """The columns that stand for the feature in the linear matrix."""
        name = self.feature.name
        if self.feature.kind is Kind.CATEGORY:
            own = tuple(f"{name}={word}" for word in self.words)
        else:
            stretches = zip(self.knots[:-1], self.knots[1:], strict=True)
            own = tuple(f"{name} {first:g} to {last:g}" for first, last in stretches)
        return (*own, f"{name} not known") if self.gaps else own

    def linear(self, values: Numbers) -> Numbers:
        """The feature's columns of the linear matrix (rows, names)."""
        unknown = np.isnan(values)
        if self.feature.kind is Kind.CATEGORY:
            own = (values[:, None] == np.arange(len(self.words))).astype(np.float64)
        else:
            knots = np.array(self.knots)
            centre = _stretched(np.array([self.middle]), knots)
            own = _stretched(np.where(unknown, self.middle, values), knots) - centre
            own /= np.array(self.steps)
        parts = [own, unknown[:, None].astype(np.float64)]
        return np.hstack(parts if self.gaps else parts[:1])


@dataclass(frozen=True, slots=True)
class Encoder:
    """The declared features as the history showed them."""

    features: tuple[Encoded, ...]

    @classmethod
    def of(cls, declaration: Declaration, table: Table) -> Self:
        """Learn from a history. Raises `NotUsable` naming every column missing or unreadable."""
        findings = _missing(table, declaration.names)
        encoded = []
        for feature in declaration.features:
            if feature.name not in table:
                continue
            try:
                encoded.append(Encoded.of(feature, table[feature.name]))
            except NotUsable as refusal:
                findings += refusal.findings
        if findings:
            raise NotUsable(tuple(findings))
        return cls(tuple(encoded))

    @property
    def names(self) -> tuple[str, ...]:
        """The features' names, in the order of the columns of `values`."""
        return tuple(one.feature.name for one in self.features)

    def values(self, table: Table) -> Numbers:
        """The declared columns as numbers (rows, features), NaN where not known.

        Raises `NotUsable` as `of` does, and for columns of unequal length.
        """
        findings = _missing(table, self.names)
        if findings:
            raise NotUsable(tuple(findings))
        columns = [one.values(table[one.feature.name]) for one in self.features]
        if len({len(column) for column in columns}) > 1:
            raise NotUsable((Finding(Flaw.COLUMN_MISSING, value="columns differ in length"),))
        return np.column_stack(columns)

    @property
    def usual(self) -> Numbers:
        """Each feature's usual value: one row of `values`, NaN where nothing was ever known."""
        rows = [one.values([one.usual]) for one in self.features]
        return np.concatenate(rows)

    def strange(self, table: Table) -> Flags:
        """The rows of which some value lies outside all that the history showed."""
        found = [one.strange(table[one.feature.name]) for one in self.features]
        return np.asarray(np.logical_or.reduce(found))

    @property
    def linear_names(self) -> tuple[str, ...]:
        """The names of the linear matrix's columns."""
        return tuple(name for one in self.features for name in one.linear_names)

    def linear(self, values: Numbers) -> Numbers:
        """The matrix of a linear model: centred, one column a word, gaps as columns."""
        return np.hstack([one.linear(values[:, n]) for n, one in enumerate(self.features)])

    @property
    def directions(self) -> Indexes:
        """1, -1 or 0 for each column of `values`."""
        return np.array([_SIGNS[one.feature.direction] for one in self.features], dtype=np.int64)

    @property
    def linear_directions(self) -> Indexes:
        """1, -1 or 0 for each column of `linear`; gaps have none."""
        return np.array(
            [
                0 if name.endswith(" not known") else _SIGNS[one.feature.direction]
                for one in self.features
                for name in one.linear_names
            ],
            dtype=np.int64,
        )

    @property
    def categories(self) -> Flags:
        """Which columns of `values` hold categories."""
        return np.array([one.feature.kind is Kind.CATEGORY for one in self.features])


_SIGNS = {Direction.UP: 1, Direction.DOWN: -1, Direction.NONE: 0}


def _stretched(values: Numbers, knots: Numbers) -> Numbers:
    """How far each value has come through each stretch between knots (values, stretches)."""
    return np.asarray(np.clip(values[:, None], knots[:-1], knots[1:]) - knots[:-1])


def _missing(table: Table, names: tuple[str, ...]) -> list[Finding]:
    return [Finding(Flaw.COLUMN_MISSING, name) for name in names if name not in table]


def _words(column: object) -> npt.NDArray[np.object_]:
    """A column as words; blank where not known."""
    codes, found = pd.factorize(pd.Series(column))
    words = np.array([*(str(word).strip() for word in found), ""], dtype=object)
    return words[codes]


def _numbers(feature: Feature, column: object) -> Numbers:
    """A column as numbers; NaN where not known or not finite.

    Raises `NotUsable` for words where numbers should stand, naming one of them.
    """
    series = pd.Series(column)
    if not pd.api.types.is_numeric_dtype(series.dtype):
        series = series.map(_flag if feature.kind is Kind.FLAG else _as_it_is)
    numbers = pd.to_numeric(series, errors="coerce")
    unread = series[numbers.isna() & series.notna()].astype(str).str.strip()
    if bool((unread != "").any()):
        shown = str(unread[unread != ""].iloc[0])[:40]
        raise NotUsable((Finding(Flaw.NOT_A_NUMBER, feature.name, value=shown),))
    values = numbers.to_numpy(dtype=np.float64, na_value=np.nan)
    if feature.kind is Kind.FLAG and not bool(np.isin(values[~np.isnan(values)], (0, 1)).all()):
        raise NotUsable((Finding(Flaw.NOT_A_NUMBER, feature.name, value="not yes or no"),))
    return np.where(np.isfinite(values), values, np.nan)


def _flag(value: object) -> object:
    word = str(value).strip().lower()
    return 1.0 if word in _YES else 0.0 if word in _NO else value


def _as_it_is(value: object) -> object:
    return value
