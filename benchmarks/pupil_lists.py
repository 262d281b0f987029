"""What does a big school list look like? Invented pupils as schools export them, with faults.

    python -m benchmarks.pupil_lists PEOPLE SEED FOLDER

writes lists in the columns of a SchILD-NRW text export, `;` between them and in UTF-8: so many
rows in files of up to 100,000, a school to every thousand rows. All of it is invented and marked
as such in a column of its own. Of 100 rows

- 5 have a fault that must keep them waiting: a day that does not exist, a birth date of tomorrow's
  children, no school, a certificate, a postcode or an occupation that nobody knows;
- 3 are somebody who stands in another school's list too, through what lists do to people
  (`benchmarks.duplicates`): slips, swapped names, umlauts, missing cells, a move.

Two columns must be dropped: religion and nationality. The same seed makes the same lists.
"""

from __future__ import annotations

import csv
import json
import random
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.duplicates import Town, population, recorded
from data.intake.duplicates import Identity
from data.reference.postcodes import DISTRICT, municipalities, site

#: Rows of one file; a file above 50 MiB is refused.
ROWS_A_FILE = 100_000

#: Pupils of one school.
SCHOOL_SIZE = 1_000

HEADINGS = (
    "Schul-Nummer",
    "Interne ID-Nummer",
    "Nachname",
    "Vorname",
    "Geburtsdatum",
    "Straße",
    "Postleitzahl",
    "Ortsname",
    "E-Mail (privat)",
    "Klasse",
    "Jahrgang",
    "Höchster allg. Abschluss",
    "Wunschberuf 1",
    "Staatsangehörigkeit",
    "Konfession",
    "Hinweis",
)

DROPPED = ("Staatsangehörigkeit", "Konfession")

_CERTIFICATES = ("Hauptschulabschluss", "Mittlerer Schulabschluss", "Abitur")
_WISHES = ("Tischler/in", "Industriekaufmann/-frau", "Mechatroniker/in", "")

#: Whoever is born in them passes for a pupil.
_YEARS = range(1940, 2020)

Row = list[str]
Fault = Callable[[Row], None]


@dataclass(frozen=True, slots=True)
class Made:
    """The lists that were made: files, rows in all, rows with a fault, people listed twice."""

    files: tuple[Path, ...]
    rows: int
    faulty: int
    twice: int


def _spoil(column: str, text: str) -> Fault:
    place = HEADINGS.index(column)

    def spoil(row: Row) -> None:
        row[place] = text

    return spoil


#: What makes a row wait. A postcode of 00000 is nobody's.
FAULTS = (
    _spoil("Geburtsdatum", "31.02.2009"),
    _spoil("Geburtsdatum", "01.04.2199"),
    _spoil("Schul-Nummer", ""),
    _spoil("Höchster allg. Abschluss", "Seepferdchen"),
    _spoil("Postleitzahl", "00000"),
    _spoil("Wunschberuf 1", "Drachenzähmung"),
)


def write_lists(size: int, seed: int, folder: Path) -> Made:
    """Write lists of `size` rows into a folder."""
    dice = random.Random(seed)
    town = Town(dice, size)
    town.postcodes = _postcodes(dice, size)
    twice, faulty = size * 3 // 100, size * 5 // 100
    people = population(town, size - twice)
    again = [recorded(person, town)[0] for person in dice.sample(people, twice)]
    rows = [*_rows(people, dice, 0), *_rows(again, dice, len(people))]
    for number in dice.sample(range(len(rows)), faulty):
        dice.choice(FAULTS)(rows[number])
    files = []
    for start in range(0, len(rows), ROWS_A_FILE):
        file = folder / f"pupils-{start // ROWS_A_FILE + 1}.csv"
        with file.open("w", encoding="utf-8", newline="") as out:
            writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
            writer.writerow(HEADINGS)
            writer.writerows(rows[start : start + ROWS_A_FILE])
        files.append(file)
    return Made(tuple(files), len(rows), faulty, twice)


def _rows(people: Sequence[Identity], dice: random.Random, first: int) -> Iterator[Row]:
    """The rows of people; from `first` on, numbers and schools go up."""
    for number, person in enumerate(people, start=first):
        yield [
            f"{100_000 + number // SCHOOL_SIZE}",
            f"{number + 1}",
            person.surname,
            person.first_name,
            f"{person.born:%d.%m.%Y}" if person.born and person.born.year in _YEARS else "",
            person.street or "",
            # Slips may make days and postcodes that are nobody's; only faults on purpose count.
            person.postcode if person.postcode and site(person.postcode) else "",
            "",
            f"p{number}@example.invalid",
            f"10{'ABCDEF'[number % 6]}",
            "10",
            dice.choice(_CERTIFICATES),
            dice.choice(_WISHES),
            "erfunden",
            "erfunden",
            "erfunden",
        ]


def _postcodes(dice: random.Random, size: int) -> list[str]:
    """The district's postcodes, and others as needed: one for 1,500 people, as in the district."""
    codes = sorted({place.postcode for place in municipalities() if place.district == DISTRICT})
    while len(codes) * 1_500 < size:
        code = f"{dice.randrange(1_000, 100_000):05}"
        if code not in codes and site(code):
            codes.append(code)
    return codes


def main() -> None:
    """Write the lists, say what is in them."""
    size, seed, folder = int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3])
    folder.mkdir(parents=True, exist_ok=True)
    made = write_lists(size, seed, folder)
    facts = {"rows": made.rows, "faulty": made.faulty, "twice": made.twice}
    print(json.dumps(facts | {"files": [str(file) for file in made.files]}))


if __name__ == "__main__":
    main()
