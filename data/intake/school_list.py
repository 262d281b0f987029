"""Who looks for a training place, say the schools?

The headings are those of a SchILD-NRW text export, with columns for wishes besides. Names and
dates of birth are read only to be dropped: a `Seeker` has a pseudonym and an age.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path

from pandera.pandas import DataFrameSchema

from data.intake.cells import date_of, flag_of, standing_of, whole_of
from data.intake.checks import (
    CheckedTable,
    attempt,
    column,
    dates,
    examined,
    in_order,
    reads,
    whole_numbers,
)
from data.intake.place_list import is_invented
from data.intake.reading import Source
from data.reference.certificates import certificate_of
from data.reference.occupations import code_of
from data.reference.postcodes import site
from matching.errors import Fault, FaultyInput, Rule
from matching.problem import Seeker
from matching.target import Standing

PERSON, SCHOOL = "Interne ID-Nummer", "Schul-Nummer"
WISHES = ("Wunsch 1", "Wunsch 2", "Wunsch 3")

#: Hex digits of a pseudonym: 64 bits, so two of a million people share one by a chance of 1e-7.
_DIGITS = 16


@dataclass(frozen=True, slots=True)
class SchoolLists:
    """The people of all lists, sorted by pseudonym.

    `invented` is true as soon as one row is marked as invented; `dropped` names the columns that
    were not read, in order of the alphabet.
    """

    seekers: tuple[Seeker, ...]
    invented: bool = False
    dropped: tuple[str, ...] = ()


def read_school_lists(
    sources: Sequence[Source],
    training_start: date | None,
    *,
    key: bytes = b"",
    occupations: Path | None = None,
) -> SchoolLists:
    """Read the lists of all schools.

    Only `Interne ID-Nummer` and `Postleitzahl` are obligatory. Without a column `Schul-Nummer`, the
    name of the file stands in for the school. `training_start` is the day on which ages are taken;
    with `None` nobody's age is known.
    With a secret `key` nobody else can find a person's pseudonym from school and number.
    `occupations` is the folder of an imported official table. Raises `FaultyInput` with the faults
    of all lists together, `ID_TWICE` for a person that comes a second time.
    """
    faults: list[Fault] = []
    schema = _schema(training_start, occupations)
    tables: list[tuple[str, CheckedTable]] = []
    for source in sources:
        table = attempt(faults, examined, source, schema)
        if table is not None:
            tables.append((Path(str(source)).stem, table))
    faults += [fault for _, table in tables for fault in table.faults]
    faults += _people_twice(tables)
    if faults:
        raise FaultyInput(in_order(faults, [str(source) for source in sources]))
    seekers = [
        seeker
        for school, table in tables
        for seeker in _seekers(school, table, training_start, key, occupations)
    ]
    return SchoolLists(
        tuple(sorted(seekers, key=lambda seeker: seeker.id)),
        any(is_invented(table) for _, table in tables),
        tuple(sorted({name for _, table in tables for name in table.dropped})),
    )


def _people_twice(tables: Sequence[tuple[str, CheckedTable]]) -> Iterator[Fault]:
    """Every row whose person stands in a row before it, in this file or another."""
    seen: set[tuple[str, str]] = set()
    for stem, table in tables:
        schools = table.texts(SCHOOL) if SCHOOL in table.frame else [stem] * len(table.frame)
        for row, *person in zip(table.rows, schools, table.texts(PERSON), strict=True):
            match person:
                case [str(school), str(number)] if (school, number) in seen:
                    yield Fault(Rule.ID_TWICE, table.file, row, PERSON, number)
                case [str(school), str(number)]:
                    seen.add((school, number))


def training_start_of(day: date) -> date:
    """The 1 August of a day's season, which runs from 1 October to 30 September."""
    return date(day.year + (day.month >= 10), 8, 1)


def pseudonym(school: str, number: str, key: bytes = b"") -> str:
    """A stable name for a person, from their school and their number there (HMAC-SHA-256).

    Without a secret key it hides a person only from those who don't know the two numbers: there
    are so few of them that all can be tried.
    """
    person = f"{len(school)}:{school}:{number}".encode()
    return hmac.new(key, person, hashlib.sha256).hexdigest()[:_DIGITS]


def age_on(birth: date, day: date) -> int:
    """Age in whole years."""
    return day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))


def _age(birth: date | None, day: date | None) -> int | None:
    return None if birth is None or day is None else age_on(birth, day)


def _schema(training_start: date | None, occupations: Path | None) -> DataFrameSchema:
    def plausible(text: str) -> bool | None:
        birth = date_of(text)
        age = None if birth is None else _age(birth, training_start)
        return True if training_start is None or (age is not None and 0 <= age <= 99) else None

    optional = partial(column, required=False, blank=True)
    wish = reads(partial(code_of, extra=occupations), Rule.OCCUPATION_UNKNOWN)
    flag = reads(flag_of, Rule.VALUE_UNKNOWN)
    return DataFrameSchema(
        {
            PERSON: column(),
            SCHOOL: column(required=False),
            "Postleitzahl": column(reads(site, Rule.POSTCODE_UNKNOWN)),
            "Geburtsdatum": optional(dates(), reads(plausible, Rule.DATE_OUT_OF_RANGE)),
            "Höchster allg. Abschluss": optional(reads(certificate_of, Rule.CERTIFICATE_UNKNOWN)),
            "Schulpflicht erfüllt": optional(flag),
            "Entlassdatum": optional(dates()),
            **{name: optional(wish) for name in WISHES},
            "Längster Weg (Minuten)": optional(*whole_numbers(1, 24 * 60)),
            "Stand": optional(reads(standing_of, Rule.VALUE_UNKNOWN)),
            "Bewerbung im Vorjahr": optional(flag),
            "Hinweis": optional(),
        }
    )


def _seekers(
    stem: str, table: CheckedTable, day: date | None, key: bytes, occupations: Path | None
) -> list[Seeker]:
    schools = [school or stem for school in table.texts(SCHOOL)]
    births = table.read("Geburtsdatum", date_of)
    wishes = zip(
        *(table.read(name, partial(code_of, extra=occupations)) for name in WISHES), strict=True
    )
    columns = (
        [pseudonym(*person, key) for person in zip(schools, table.words(PERSON), strict=True)],
        table.read("Postleitzahl", site),
        [tuple(dict.fromkeys(code for code in codes if code is not None)) for codes in wishes],
        table.read("Höchster allg. Abschluss", certificate_of),
        [_age(birth, day) for birth in births],
        table.read("Schulpflicht erfüllt", flag_of),
        table.read("Entlassdatum", date_of),
        table.read("Längster Weg (Minuten)", whole_of),
        table.read("Bewerbung im Vorjahr", flag_of),
        [standing or Standing.LOOKING for standing in table.read("Stand", standing_of)],
        schools,
    )
    return [Seeker(*cells) for cells in zip(*columns, strict=True)]
