"""Who looks for a training place, say the schools? The strict way: faultless, or not at all.

The lists are read as `pupils` reads every list. Here each person needs a number and a postcode, and
any fault refuses the lists. Names and dates of birth go no further: a `Seeker` has a pseudonym and
an age.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from data.intake.checks import attempt, in_order
from data.intake.pupil_rows import PUPIL_WORDS, age_on
from data.intake.pupils import read_school_file
from data.intake.reading import Source
from data.intake.records import Basis, FileRead, PupilRecord
from data.intake.row_check import shown_value
from data.reference.postcodes import site
from matching.errors import Fault, FaultyInput, Rule
from matching.problem import Seeker

PERSON, POSTCODE = PUPIL_WORDS.headings["number"], PUPIL_WORDS.headings["postcode"]

#: What a seeker is made of; columns that say anything else are named as dropped.
_ASKED = frozenset(
    {
        "number", "school", "postcode", "born", "certificate", "compulsory_school_done", "leaves",
        "wish_1", "wish_2", "wish_3", "longest_way", "applied_before", "standing", "note",
        "consent", "consent_on", "consent_version", "consent_giver", "no_disclosure",
    }
)  # fmt: skip

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

    Only a number and a postcode are obligatory. Without a column `Schul-Nummer`, the name of the
    file stands in for the school. `training_start` is the day on which ages are taken; with `None`
    nobody's age is known. People without a legal basis are left out.
    With a secret `key` nobody else can find a person's pseudonym from school and number.
    `occupations` is the folder of an imported official table. Raises `FaultyInput` with the faults
    of all lists together, `ID_TWICE` for a person that comes a second time.
    """
    faults: list[Fault] = []
    lists: list[FileRead[PupilRecord]] = []
    for source in sources:
        read = attempt(
            faults, read_school_file, [source], training_start=training_start,
            occupations=occupations, guess=False,
        )  # fmt: skip
        if read is not None:
            lists.append(read)
    faults += (fault for read in lists for fault in _faults_of(read))
    faults += _people_twice(lists)
    if faults:
        raise FaultyInput(in_order(faults, [str(source) for source in sources]))
    seekers = [
        seeker_of(record, training_start, key)
        for read in lists
        for record in read.records
        if record.basis.kind is not Basis.NONE
    ]
    return SchoolLists(
        tuple(sorted(seekers, key=lambda seeker: seeker.id)),
        any(record.invented for read in lists for record in read.records),
        tuple(sorted({name for read in lists for name in _dropped(read)})),
    )


def seeker_of(record: PupilRecord, training_start: date | None, key: bytes = b"") -> Seeker:
    """The person as the engine may know them: without name, birth date and address."""
    return Seeker(
        id=pseudonym(record.school, record.number or "", key),
        home=None if record.postcode is None else site(record.postcode),
        wishes=record.wishes,
        certificate=record.certificate,
        age=_age(record.born, training_start),
        compulsory_school_done=record.compulsory_school_done,
        free_from=record.leaves,
        longest_way=record.longest_way,
        applied_before=record.applied_before,
        standing=record.standing,
        school=record.school,
    )


def _age(birth: date | None, day: date | None) -> int | None:
    return None if birth is None or day is None else age_on(birth, day)


def _dropped(read: FileRead[PupilRecord]) -> Iterator[str]:
    yield from read.dropped_columns
    yield from (heading for heading, name in read.mapping.items() if name not in _ASKED)


def _faults_of(read: FileRead[PupilRecord]) -> Iterator[Fault]:
    """What is wrong with a list by itself; who comes twice is told for all lists together."""
    yield from (fault for fault in read.faults if fault.rule is not Rule.ID_TWICE)
    yield from _still_missing(read)


def _still_missing(read: FileRead[PupilRecord]) -> Iterator[Fault]:
    """What a record may lack and a seeker may not: a number and a postcode."""
    headings = {name: heading for heading, name in read.mapping.items()}
    for name, expected in (("number", PERSON), ("postcode", POSTCODE)):
        if name not in headings:
            yield Fault(Rule.COLUMN_MISSING, read.file, 1, expected)
            continue
        blank = [record.row for record in read.records if getattr(record, name) is None]
        blank += [
            row.row
            for row in read.waiting
            if row.cells
            and name not in row.cells
            and all(fault.column != headings[name] for fault in row.faults)
        ]
        for row in blank:
            yield Fault(Rule.VALUE_MISSING, read.file, row, headings[name])


def _people_twice(lists: Sequence[FileRead[PupilRecord]]) -> Iterator[Fault]:
    """Every row whose person stands in a row before it, in this file or another."""
    seen: set[tuple[str, str]] = set()
    for read in lists:
        headings = {name: heading for heading, name in read.mapping.items()}
        people = [(r.row, r.school, r.number) for r in read.records]
        for row in read.waiting:
            fallback = "" if "school" in headings else Path(read.file).stem
            school = row.cells.get("school", fallback)
            if school:
                people.append((row.row, school, row.cells.get("number")))
        for number_of_row, school, number in sorted(people, key=lambda person: person[0]):
            if number is not None and (school, number) in seen:
                column = headings["number"]
                shown = shown_value(number)
                yield Fault(Rule.ID_TWICE, read.file, number_of_row, column, shown)
            elif number is not None:
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
