"""Which season is it? From 1 October to 30 September, named like 2026/27.

Training starts on the 1 August of its second year.
"""

from __future__ import annotations

import re
from datetime import date

from sqlalchemy import Connection, insert, select

from data.store.opening import Store
from data.store.tables import schools, seasons
from matching.errors import Fault, FaultyInput, Rule

_NAME = re.compile(r"(2[0-9]{3})/([0-9]{2})")


def season_of(day: date) -> str:
    """The name of a day's season."""
    first = day.year - (day.month < 10)
    return f"{first}/{(first + 1) % 100:02d}"


def training_start(season: str) -> date:
    """When training starts in a season. Raises `FaultyInput` for what is no season's name."""
    return date(_first_year(season) + 1, 8, 1)


def register_season(connection: Connection, season: str) -> None:
    """Have the season in the store. Raises `FaultyInput` for what is no season's name."""
    first = _first_year(season)
    if connection.scalar(select(seasons.c.season).where(seasons.c.season == season)) is None:
        days = {"first_day": date(first, 10, 1), "last_day": date(first + 1, 9, 30)}
        start = training_start(season)
        connection.execute(insert(seasons).values(season=season, training_start=start, **days))


def register_schools(connection: Connection, numbers: set[str]) -> None:
    """Have these schools in the store, by their official numbers."""
    known = set(connection.scalars(select(schools.c.school)))
    new = [{"school": number} for number in sorted(numbers - known)]
    if new:
        connection.execute(insert(schools), new)


def is_known(store: Store, school: str) -> bool:
    """Whether anything came in of a school before."""
    with store.reading() as connection:
        chosen = select(schools.c.school).where(schools.c.school == school)
        return connection.scalar(chosen) is not None


def _first_year(season: str) -> int:
    found = _NAME.fullmatch(season)
    if found is None or (int(found[1]) + 1) % 100 != int(found[2]):
        raise FaultyInput((Fault(Rule.VALUE_UNKNOWN, column="season", value=season[:20]),))
    return int(found[1])
