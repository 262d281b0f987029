"""Which column says what? Headings become fields, by known words or, marked, by a guess.

The words come from a table with one row a word, the more telling ones first: where several
columns could fill a field, the one whose word stands higher is read and the others are dropped. A
mapping that somebody gave wins over every word. What nobody asked for is dropped by its number,
before a row is built, and named.
"""

from __future__ import annotations

import csv
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from rapidfuzz import fuzz, process

from data.intake.guard import refused
from data.intake.reading import Source
from data.intake.toml_file import shown, tables_of, text_of
from matching.errors import Fault, FaultyInput, Rule

#: The least likeness (0 to 100, `rapidfuzz.fuzz.ratio`) of a heading and a word that it is
#: guessed to mean: one letter off in a word of eight passes, two do not.
LIKENESS = 88
#: Shorter headings are too easily alike.
_SHORTEST_GUESS = 5
_LONGEST_NAME = 80

#: Parts of headings that speak of what may never be read, in the spelling of `plain_heading`.
PROTECTED = (
    "religio", "konfession", "bekenntnis", "glaube", "church", "staatsang", "nationalit", "citizen",
    "migration", "aussiedler", "zuzug", "geburtsland", "geburtsort", "birthplace",
    "countryof", "placeofbirth", "muttersprache", "mothertongue", "verkehrssprache", "herkunft",
    "ethni", "origin", "geschlecht", "gender", "behinder", "disab", "foerder", "autis", "aosf",
    "specialneed", "masern", "impf", "health", "krank", "diagnos", "anrede", "salutation", "bafoeg",
    "ausweis", "asyl", "refugee", "fluecht", "aufenthalt", "schwanger",
)  # fmt: skip

#: Fields in which people may write anything; each reader keeps the words of its own of them only.
_FREE = frozenset({"note", "school_class", "kind", "status", "declined_by", "reason"})

_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})


@dataclass(frozen=True, slots=True)
class Words:
    """The words of one kind of list: `ranks` gives each plain heading its field and its rank."""

    ranks: Mapping[str, tuple[str, int]]
    headings: Mapping[str, str]

    @property
    def fields(self) -> frozenset[str]:
        """Every field that a column can be read as."""
        return frozenset(self.headings)

    def known(self, cells: Sequence[str]) -> int:
        """How many of some cells are known headings."""
        return sum(plain_heading(cell) in self.ranks for cell in cells)


@dataclass(frozen=True, slots=True)
class Columns:
    """What is read of a table, and what is not.

    `numbers` gives each field the number of its column from 0, `mapping` each heading that is read
    its field. `guessed` are the headings read by likeness alone, `dropped` those not read.
    """

    numbers: Mapping[str, int]
    mapping: Mapping[str, str]
    guessed: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()

    @property
    def headings(self) -> dict[str, str]:
        """The heading under which each field stands."""
        return {field: heading for heading, field in self.mapping.items()}

    def kept_of(self, cells: Sequence[str], width: int) -> dict[str, str]:
        """What may be kept of a row with fewer cells than its `width` headings; of others nothing.

        Nobody knows which cells are missing: what stands at a place may belong to any of the next
        columns too, as many as are missing. It is kept where all of these are read, and none of
        them holds free words, so that nothing dropped comes in under another name.
        """
        told = {number for field, number in self.numbers.items() if field not in _FREE}
        missing = width - len(cells)
        return {
            field: cells[number]
            for field, number in self.numbers.items()
            if number < len(cells) < width
            and told.issuperset(range(number + 1, number + missing + 1))
        }


@cache
def words_of(path: Path) -> Words:
    """The words in a table `field;heading`; the first heading of a field is the one we show.

    A heading without a field is known and never read.
    """
    ranks: dict[str, tuple[str, int]] = {}
    headings: dict[str, str] = {}
    with path.open(encoding="utf-8", newline="") as table:
        for rank, row in enumerate(csv.DictReader(table, delimiter=";")):
            ranks.setdefault(plain_heading(row["heading"]), (row["field"], rank))
            if row["field"]:
                headings.setdefault(row["field"], row["heading"])
    return Words(ranks, headings)


def plain_heading(heading: str) -> str:
    """A heading without case, umlauts, signs and spaces: `E-Mail (privat)` is `emailprivat`."""
    text = unicodedata.normalize("NFC", heading).casefold().translate(_UMLAUTS)
    return "".join(letter for letter in text if letter.isalnum())


def is_protected(heading: str) -> bool:
    """Whether a heading speaks of a trait that may never be read."""
    plain = plain_heading(heading)
    return any(part in plain for part in PROTECTED) or plain in {"sex", "nation", "language"}


def shown_heading(heading: str) -> str:
    """A heading that may stand in a report: one line, no control characters, not endless."""
    text = "".join(letter if letter.isprintable() else " " for letter in heading)
    return " ".join(text.split())[:_LONGEST_NAME]


def columns_of(
    file: str,
    headings: Sequence[str],
    words: Words,
    given: Mapping[str, str] | None = None,
    *,
    row: int = 1,
    guess: bool = True,
) -> Columns:
    """Which column fills which field.

    `given` maps headings to fields, and to blank text those not to be read; headings that the file
    does not have are no fault. Raises `FaultyInput` with `FIELD_UNKNOWN`, `FIELD_TWICE` and
    `FIELD_PROTECTED` for what `given` can't mean, `COLUMN_TWICE` where two columns of the same
    heading could fill one field, and `HEADINGS_UNKNOWN` where nothing is known.
    """
    names = [shown_heading(heading) for heading in headings]
    plain = [plain_heading(heading) for heading in headings]
    wanted = {plain_heading(heading): field for heading, field in (given or {}).items()}
    faults = [*_faults_of_given(file, row, names, plain, wanted, words)]
    numbers: dict[str, int] = {}
    for number, key in enumerate(plain):
        if wanted.get(key):
            numbers.setdefault(wanted[key], number)
    sure, twice = _sure(plain, words, wanted, numbers)
    faults += [Fault(Rule.COLUMN_TWICE, file, row, names[number]) for number in twice]
    if faults:
        raise FaultyInput(tuple(faults))
    numbers |= sure
    guesses = _guesses(plain, words, wanted, numbers) if guess else {}
    numbers |= guesses
    if not numbers:
        raise FaultyInput((Fault(Rule.HEADINGS_UNKNOWN, file, row),))
    read = {number: field for field, number in numbers.items()}
    return Columns(
        numbers,
        {names[number]: read[number] for number in sorted(read)},
        tuple(names[number] for number in sorted(guesses.values())),
        tuple(dict.fromkeys(n for i, n in enumerate(names) if i not in read and n)),
    )


def _faults_of_given(
    file: str,
    row: int,
    names: Sequence[str],
    plain: Sequence[str],
    wanted: Mapping[str, str],
    words: Words,
) -> Iterable[Fault]:
    taken: set[str] = set()
    for name, key in zip(names, plain, strict=True):
        field = wanted.get(key)
        if not field:
            continue
        if field not in words.fields:
            yield Fault(Rule.FIELD_UNKNOWN, file, row, name, field)
        elif is_protected(name):
            yield Fault(Rule.FIELD_PROTECTED, file, row, name)
        elif field in taken:
            yield Fault(Rule.FIELD_TWICE, file, row, name, field)
        taken.add(field)


def _sure(
    plain: Sequence[str], words: Words, wanted: Mapping[str, str], numbers: Mapping[str, int]
) -> tuple[dict[str, int], list[int]]:
    """For each field that is still open, the column of its best word; and columns as good."""
    open_fields = words.fields - numbers.keys()
    found: dict[str, list[tuple[int, int]]] = {}
    for number, key in enumerate(plain):
        field, rank = words.ranks.get(key, ("", 0))
        if field in open_fields and key not in wanted:
            found.setdefault(field, []).append((rank, number))
    twice = []
    for places in found.values():
        places.sort()
        if len(places) > 1 and places[0][0] == places[1][0]:
            twice.append(places[0][1])
    return {field: places[0][1] for field, places in found.items()}, twice


def _guesses(
    plain: Sequence[str], words: Words, wanted: Mapping[str, str], numbers: Mapping[str, int]
) -> dict[str, int]:
    """For each field that is still open, the column whose heading is most like one of its words."""
    choices = [w for w, (field, _) in words.ranks.items() if field and field not in numbers]
    best: dict[str, tuple[float, int]] = {}
    for number, key in enumerate(plain):
        if len(key) < _SHORTEST_GUESS or key in wanted or key in words.ranks or is_protected(key):
            continue
        like = process.extractOne(
            key[:_LONGEST_NAME], choices, scorer=fuzz.ratio, score_cutoff=LIKENESS
        )
        if like is not None:
            field = words.ranks[like[0]][0]
            best[field] = max(best.get(field, (0.0, 0)), (like[1], -number))
    return {field: -number for field, (_, number) in best.items()}


def read_mapping(source: Source, fields: Iterable[str]) -> dict[str, str]:
    """Read which heading means which field, from TOML: `"Familienname" = "surname"`.

    A blank field says that a column is not to be read. The lines may stand under `[mapping]`.
    Raises `FaultyInput` for a file that is no such list and for every unknown field.
    """
    document = tables_of(source, text_of(source, old_encodings=True))
    table = document.get("mapping", document)
    known = {"", *fields}
    if not isinstance(table, dict):
        raise refused(Rule.FILE_UNREADABLE, source)
    faults = [
        Fault(Rule.FIELD_UNKNOWN, str(source), None, shown_heading(heading), shown(field))
        for heading, field in table.items()
        if not isinstance(field, str) or field not in known
    ]
    if faults:
        raise FaultyInput(tuple(faults))
    return {str(heading): str(field) for heading, field in table.items()}
