"""What does a date with a two-digit year mean? One day between two bounds, or nothing at all."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.intake.cells import date_of, guessed_date

FIRST, LAST = date(1995, 12, 31), date(2015, 12, 31)
days = st.dates(date(1900, 1, 1), date(2099, 12, 31))


@given(day=days, first=days, length=st.integers(0, 99 * 365))
def test_what_is_guessed_reads_as_it_was_written(day: date, first: date, length: int) -> None:
    """Within less than a century no two days are written alike: the guess is the day or none."""
    last = first + timedelta(days=length)
    written = f"{day.day}.{day.month}.{day.year % 100:02d}"
    guessed = guessed_date(written, first, last)
    assert date_of(written) is None, "it is never read without being asked about"
    if first <= day <= last:
        assert guessed == day
    elif guessed is not None:
        assert first <= guessed <= last
        assert (guessed.day, guessed.month, guessed.year % 100) == (
            day.day,
            day.month,
            day.year % 100,
        )


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("1.1.11", date(2011, 1, 1)),
        ("01. 02. 11", date(2011, 2, 1)),
        ("1.1.'11", date(2011, 1, 1)),
        ("1.1.98", date(1998, 1, 1)),
        ("1.1.50", None),
        ("31.2.11", None),
        ("1.1.1", None),
        ("1/2/11", None),
        ("11", None),
    ],
)
def test_a_guess_has_one_reading(written: str, meant: date | None) -> None:
    assert guessed_date(written, FIRST, LAST) == meant


def test_two_readings_are_no_guess() -> None:
    assert guessed_date("1.1.11", date(1900, 1, 1), LAST) is None
