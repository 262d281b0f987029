"""What does one cell say? A number, a date, a flag, a word; `None` where it can't be read.

Cells are never blank here: blank ones are missing, and missing ones are nobody's to read.
"""

from __future__ import annotations

import re
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from matching.problem import Bond
from matching.target import Standing

_NUMBER = re.compile(r"[+-]?([0-9]+([.,][0-9]*)?|[.,][0-9]+)(e[+-]?[0-9]+)?", re.IGNORECASE)
_NOT_FINITE = re.compile(r"[+-]?(nan|inf|infinity)", re.IGNORECASE)
_THOUSANDS = re.compile(r"[.,][0-9]{3}$")
_GERMAN_DATE = re.compile(r"([0-9]{1,2})\.([0-9]{1,2})\.([0-9]{4})")
_SHORT_DATE = re.compile(r"([0-9]{1,2})\. ?([0-9]{1,2})\. ?'?([0-9]{2})")
_ISO_DATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})([ T]00:00(:00(\.0+)?)?)?")

_FLAGS = {
    **dict.fromkeys(("ja", "j", "yes", "y", "wahr", "true", "1", "+"), True),
    **dict.fromkeys(("nein", "n", "no", "falsch", "false", "0", "-"), False),
}

_STANDINGS = {
    "sucht": Standing.LOOKING,
    "suchend": Standing.LOOKING,
    "vertrag": Standing.STARTED,
    "eigener vertrag": Standing.OWN_FIND,
    "berufsfachschule": Standing.SCHOOL_BASED,
    "schulische ausbildung": Standing.SCHOOL_BASED,
    "interessiert": Standing.INTERESTED,
    "zurückgezogen": Standing.WITHDRAWN,
    "unbekannt": Standing.UNKNOWN,
    **{standing.value.replace("_", " "): standing for standing in Standing},
}


def number_of(text: str) -> float | None:
    """A number with a decimal point or comma; `nan` and infinity are read, not judged."""
    if _NUMBER.fullmatch(text):
        return float(text.replace(",", "."))
    return float(text) if _NOT_FINITE.fullmatch(text) else None


def whole_of(text: str) -> int | None:
    """A whole number, `2` or `2.0`.

    `1.000` is not read: it is a thousand to one person and one to another.
    """
    number = number_of(text)
    if number is None or not number.is_integer() or _THOUSANDS.search(text):
        return None
    return int(number)


def date_of(text: str) -> date | None:
    """A day, written 31.12.2026 or 2026-12-31, at midnight if a time is given."""
    if match := _GERMAN_DATE.fullmatch(text):
        day, month, year = match.group(1, 2, 3)
    elif match := _ISO_DATE.fullmatch(text):
        year, month, day = match.group(1, 2, 3)
    else:
        return None
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None


def guessed_date(text: str, first: date, last: date) -> date | None:
    """The day from `first` to `last` that a date with a two-digit year, such as 1.1.11, means.

    It is a guess, to be confirmed by whoever wrote it; `None` where no such day, or more than one,
    lies between the two.
    """
    match = _SHORT_DATE.fullmatch(text.strip())
    if match is None:
        return None
    day, month, year = match.group(1, 2, 3)
    days = (date_of(f"{day}.{month}.{century}{year}") for century in (19, 20))
    found = [one for one in days if one is not None and first <= one <= last]
    return found[0] if len(found) == 1 else None


def flag_of(text: str) -> bool | None:
    """Yes or no, in German or English, as a digit or a sign."""
    return _FLAGS.get(text.casefold())


def standing_of(text: str) -> Standing | None:
    """How a person stands, by a German word or by the name of the `Standing`."""
    return _STANDINGS.get(" ".join(text.casefold().replace("_", " ").split()))


def bond_of(text: str) -> Bond | None:
    """A counselor's ruling: `pin` or `ban`."""
    word = text.casefold()
    return Bond(word) if word in set(Bond) else None


def texts_of(column: pd.Series) -> list[str | None]:
    """The cells of a column in their order, `None` where they are missing."""
    texts: list[str | None] = pa.array(column, pa.large_string(), from_pandas=True).to_pylist()
    return texts


def numbers_of(column: pd.Series) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.bool_]]:
    """A column of numbers (float64) without blank cells, and which of them could be read."""
    texts = pa.array(column, pa.large_string(), from_pandas=True)
    try:
        numbers = pc.cast(texts, pa.float64()).to_numpy(zero_copy_only=False)
    except pa.ArrowInvalid:
        read = [number_of(text) for text in texts.to_pylist()]
        readable = np.fromiter((number is not None for number in read), np.bool_, len(read))
        return np.array([np.nan if n is None else n for n in read], dtype=np.float64), readable
    return numbers, np.ones(len(numbers), dtype=np.bool_)
