"""What does a short TOML file say? Targets, terms and mappings, each a page at most.

Python's own reader takes time with the square of a key's dots and goes as deep as the file says.
So a file is measured first, and keys of many parts, which none of ours has, are refused unread.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from data.intake.guard import guarded_text, measured_content
from data.intake.reading import Source
from matching.errors import Fault, FaultyInput, Rule

#: The most bytes of such a file.
LONGEST = 64 * 1024

#: The most dots of a key outside quotes; times and fractions have one.
MOST_DOTS = 2

# Texts and remarks. What is not closed reaches as far as it can, so that no letter is looked at
# twice; up to two quotes before the closing three belong to the text.
_TEXT = re.compile(
    r'"""(?:\\.|(?!""")[^\\])*+(?:"{3,5})?'
    r"|'''(?:(?!''').)*+(?:'{3,5})?"
    r'|"(?:\\[^\n]|[^"\\\n])*+"?'
    r"|'[^'\n]*+'?"
    r"|#[^\n]*+",
    re.DOTALL,
)
_PARTS = re.compile(r"[\w \t.-]++")
_ROW = re.compile(r"at line ([0-9]+)")

#: A number above it is no figure of ours, and may be too long to be written out.
LARGEST = 10**40


def text_of(source: Source, *, old_encodings: bool = False) -> str:
    """The text of such a file: UTF-8, as TOML must be, or with `old_encodings` as lists may be.

    Raises `FaultyInput` for a file that is missing, empty, longer than `LONGEST` or no text.
    """
    text, encoding = guarded_text(source, measured_content(source, LONGEST))
    if encoding == "cp1252" and not old_encodings:
        raise _unreadable(source, None)
    return text.decode(encoding).replace("\r\n", "\n")


def tables_of(
    source: Source, text: str, parse_float: Callable[[str], Any] = float
) -> dict[str, Any]:
    """What the text says.

    Raises `FaultyInput` (`FILE_UNREADABLE`), with the line where that is known, for what is not
    TOML or no file of ours.
    """
    bare = _TEXT.sub(lambda found: "\n" * found[0].count("\n"), text)
    for run in _PARTS.finditer(bare):
        if run[0].count(".") > MOST_DOTS:
            raise _unreadable(source, bare.count("\n", 0, run.start()) + 1)
    try:
        return tomllib.loads(text, parse_float=parse_float)
    except RecursionError:
        raise _unreadable(source, None) from None
    except ValueError as error:
        row = _ROW.search(str(error))
        raise _unreadable(source, int(row[1]) if row else None) from None


def shown(value: object) -> str | None:
    """A value as a fault may repeat it; none of tables, lists and endless numbers."""
    if isinstance(value, int) and abs(value) > LARGEST:
        return None
    simple = isinstance(value, (str, int, float, Decimal, date, datetime, time))
    return str(value)[:80] if simple else None


def _unreadable(source: Source, row: int | None) -> FaultyInput:
    return FaultyInput((Fault(Rule.FILE_UNREADABLE, str(source), row),))
