"""Which target does the district set, says a TOML file?"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any, TypeGuard

from data.intake.cells import date_of
from data.intake.reading import Source
from data.intake.toml_file import LARGEST, shown, tables_of, text_of
from matching.errors import Fault, FaultyInput, Rule
from matching.target import Target

_RATIO = re.compile(r"([+-]?[0-9]{1,18})\s*/\s*([0-9]{1,18})")
_DECIMAL = re.compile(r"[+-]?[0-9]{0,18}[.,]?[0-9]{1,18}")
_PERCENT = re.compile(r"([+-]?[0-9]{0,18}[.,]?[0-9]{1,18})\s*%")
_PLACES = 18


def parse_share(text: str) -> Fraction:
    """A share as people write it: `1/3`, `0.33`, `0,33`, `33 %`, `1`; taken exactly as written.

    Raises `FaultyInput` if it can't be read or lies outside (0, 1].
    """
    share = _share(text)
    if isinstance(share, Rule):
        raise FaultyInput((Fault(share, column="share", value=text),))
    if not 0 < share <= 1:
        raise FaultyInput((Fault(Rule.SHARE_OUT_OF_RANGE, column="share", value=text),))
    return share


def placed_above_base(placed: int | None, base: int | None) -> list[Fault]:
    """The fault of more people placed than there are in the base; none where one is not known."""
    if placed is None or base is None or placed <= base:
        return []
    return [Fault(Rule.PLACED_ABOVE_BASE, column="placed", value=f"{placed} > {base}")]


def read_target(source: Source) -> Target:
    """Read a target: `share`, `definition`, `base`, `placed`, `cut_off`, `confidence`.

    Every key may be missing; the default of `Target` holds then. Raises `FaultyInput` with every
    fault: `KEY_UNKNOWN` for any other key, and `FILE_UNREADABLE` for what is not TOML, both with
    the line where that is known.
    """
    text = text_of(source)
    given = tables_of(source, text, parse_float=Decimal)
    faults, values = [], {}
    for key, value in given.items():
        read = _KEYS[key](value) if key in _KEYS else Rule.KEY_UNKNOWN
        if isinstance(read, Rule):
            faults.append(Fault(read, column=key, value=shown(value)))
        else:
            values[key] = read
    target = Target()
    try:
        target = Target(**values)
    except FaultyInput as refusal:
        # A share is shown as it was written: 1.5, not 3/2.
        written = (
            replace(fault, value=shown(given["share"])) if fault.column == "share" else fault
            for fault in refusal.faults
        )
        faults += written
    if not faults:
        faults += placed_above_base(target.placed, target.base)
    if faults:
        raise FaultyInput(tuple(_placed(fault, str(source), text) for fault in faults))
    return target


def _placed(fault: Fault, file: str, text: str) -> Fault:
    """The fault with its file, and with the line on which its key stands."""
    key = re.compile(rf"""\s*\[*\s*["']?{re.escape(fault.column or "")}["']?\s*[\]=.]""")
    rows = (row for row, line in enumerate(text.splitlines(), start=1) if key.match(line))
    return replace(fault, file=file, row=next(rows, None))


def _share(value: object) -> Fraction | Rule:
    if isinstance(value, str):
        text = value.strip()
        if match := _RATIO.fullmatch(text):
            whole, part = int(match.group(1)), int(match.group(2))
            return Fraction(whole, part) if part else Rule.NUMBER_UNREADABLE
        if match := _PERCENT.fullmatch(text):
            return Fraction(match.group(1).replace(",", ".")) / 100
        return (
            Fraction(text.replace(",", ".")) if _DECIMAL.fullmatch(text) else Rule.NUMBER_UNREADABLE
        )
    if isinstance(value, Decimal):
        # An exponent of a billion is quickly written, and slowly worked out.
        near = value.is_finite() and -_PLACES < value.adjusted() < _PLACES
        return Fraction(value) if near else Rule.SHARE_OUT_OF_RANGE
    if _is_whole(value):
        return Fraction(value) if abs(value) < LARGEST else Rule.SHARE_OUT_OF_RANGE
    return Rule.NUMBER_UNREADABLE


def _is_whole(value: object) -> TypeGuard[int]:
    # To Python true and false are numbers; to a reader of the file they are not.
    return isinstance(value, int) and not isinstance(value, bool)


def _count(value: object) -> int | Rule:
    if isinstance(value, Decimal):
        return Rule.NOT_WHOLE
    if _is_whole(value):
        return value if abs(value) < LARGEST else Rule.NUMBER_TOO_LARGE
    return Rule.NUMBER_UNREADABLE


def _confidence(value: object) -> float | Rule:
    if _is_whole(value):
        return float(value) if abs(value) < LARGEST else Rule.CONFIDENCE_OUT_OF_RANGE
    return float(value) if isinstance(value, Decimal) else Rule.NUMBER_UNREADABLE


def _definition(value: object) -> str | Rule:
    return value if isinstance(value, str) else Rule.VALUE_UNKNOWN


def _day(value: object) -> date | Rule:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    day = date_of(value.strip()) if isinstance(value, str) else None
    return day or Rule.DATE_UNREADABLE


_KEYS: dict[str, Callable[[object], Any]] = {
    "share": _share,
    "definition": _definition,
    "base": _count,
    "placed": _count,
    "cut_off": _day,
    "confidence": _confidence,
}
