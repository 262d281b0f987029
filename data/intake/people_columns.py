"""Who is read, in columns? Identities become whole numbers that can be compared by the million.

People who read the same, letter by letter once spelled in one way, share one row: a `Reading`.
Rows are in the order of what they say, so nothing depends on the order in which people come.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice, pairwise

import numpy as np
import numpy.typing as npt

from data.intake.spelling import house_of, sound_of, street_word, surname_words, words_of

Columns = npt.NDArray[np.int64]

#: Known people who are looked at together.
_AT_ONCE = 10_000

#: The eight numbers of a person, from the order in which they are read into that of `Readings`.
_BY_NAME = (2, 3, 4, 5, 7, 0, 1, 6)

#: Spreads two numbers over one: the golden ratio in 64 bits.
_ODD = np.int64(0x9E3779B97F4A7C15 - 2**64)

_NOT_A_DIGIT = re.compile(r"[^0-9]")


@dataclass(frozen=True, slots=True)
class Identity:
    """What tells one person from another; `key` is the caller's own name for the record."""

    key: str
    surname: str
    first_name: str
    born: date | None = None
    street: str | None = None
    postcode: str | None = None
    town: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Readings:
    """What people read as, a row each; columns of whole numbers, 0 where nothing is said.

    `surname`, `first_name`, `turned` (the first name, read as a surname), `street` and `town` are
    numbers of `words`; `parts` holds the words of a name that has several. `born` (20080517) and
    `postcode` are digits written as hexadecimal ones; `house` is the number of the house.
    `members` are the keys that read so, the known person's first; `known` says whether it has one.
    `sounds` is the number of the sound of each word, 0 for the empty word alone.
    """

    surname: Columns
    first_name: Columns
    turned: Columns
    street: Columns
    town: Columns
    born: Columns
    postcode: Columns
    house: Columns
    known: npt.NDArray[np.bool_]
    members: tuple[tuple[str, ...], ...]
    words: tuple[str, ...]
    parts: dict[int, frozenset[str]]
    sounds: Columns

    def __len__(self) -> int:
        return len(self.members)


class _Words:
    """Every word that comes along, with a number and a sound, and what each cell was read as.

    It lives as long as one comparison: names of people are kept in no cache beyond it.
    """

    def __init__(self) -> None:
        self.numbers = {"": 0}
        self.sounds = array("q", [0])
        self.parts: dict[str, set[str]] = {}
        self._heard = {"": 0}
        self._names: dict[Callable[[str], tuple[str, ...]], dict[str, int]] = {
            words_of: {},
            surname_words: {},
        }
        self._streets: dict[str, int] = {}
        self._days: dict[date | None, int] = {None: 0}
        self._postcodes: dict[str | None, int] = {None: 0}

    def four(self, person: Identity) -> tuple[int, int, int, int]:
        """Birth date, postcode, surname and first name: the things by which people meet."""
        born, postcode = person.born, person.postcode
        if born is not None and born not in self._days:
            self._days[born] = int(f"{born.year}{born.month:02}{born.day:02}", 16)
        if postcode not in self._postcodes:
            digits = _NOT_A_DIGIT.sub("", postcode or "")[:8]
            self._postcodes[postcode] = int(digits, 16) if digits else 0
        return (
            self._days[born],
            self._postcodes[postcode],
            self._name(person.surname, surname_words),
            self._name(person.first_name, words_of),
        )

    def rest(self, person: Identity) -> tuple[int, int, int, int]:
        """The first name read as a surname, street, house and town."""
        name, house = house_of(person.street or "")
        street = self._streets.get(name)
        if street is None:
            street = self._streets[name] = self._number(street_word(name))
        return (
            self._name(person.first_name, surname_words),
            street,
            house,
            self._name(person.town, words_of),
        )

    def _name(self, text: str | None, read: Callable[[str], tuple[str, ...]]) -> int:
        names = self._names[read]
        number = names.get(text := text or "")
        if number is None:
            parts = read(text)
            word = "".join(parts)
            number = names[text] = self._number(word)
            if len(parts) > 1:
                self.parts.setdefault(word, set()).update(parts)
        return number

    def _number(self, word: str) -> int:
        number = self.numbers.setdefault(word, len(self.numbers))
        if number == len(self.sounds):
            sound = sound_of(word)
            self.sounds.append(self._heard.setdefault(sound, len(self._heard)))
        return number


class _Rows:
    """People as they are read, a row of eight numbers each."""

    def __init__(self, words: _Words) -> None:
        self.words = words
        self.keys: list[str] = []
        self._cells = array("q")

    def add(self, person: Identity, four: Iterable[int]) -> None:
        self.keys.append(person.key)
        self._cells.extend((*four, *self.words.rest(person)))

    def cells(self) -> Columns:
        return np.array(self._cells, dtype=np.int64).reshape(-1, 8)


def readings_of(people: Iterable[Identity], known: Iterable[Identity]) -> Readings:
    """Read everybody. Known people are several people, even where two of them read the same.

    Known people who meet nobody of the others (`meetings`) are left out as they come by: they are
    compared with nobody, and need not be held.
    """
    words = _Words()
    rows = _Rows(words)
    for person in people:
        rows.add(person, words.four(person))
    count = len(rows.keys)
    _add_known(rows, known)
    ordered = sorted(rows.keys)
    if any(one == other for one, other in pairwise(ordered)):
        raise ValueError("a key names one person")
    del ordered
    cells = rows.cells()[:, _BY_NAME]
    spelled = sorted(words.numbers)
    place = np.empty(len(spelled), dtype=np.int64)
    place[[words.numbers[word] for word in spelled]] = np.arange(len(spelled))
    sounds = np.empty(len(spelled), dtype=np.int64)
    sounds[place] = words.sounds
    cells[:, :5] = place[cells[:, :5]]
    first_rows, members, is_known = _alike(cells, rows.keys, count)
    surname, first, turned, street, town, born, postcode, house = cells[first_rows].T.copy()
    return Readings(
        surname,
        first,
        turned,
        street,
        town,
        born,
        postcode,
        house,
        is_known,
        members,
        tuple(spelled),
        {int(place[words.numbers[w]]): frozenset(p) for w, p in words.parts.items()},
        sounds,
    )


def meetings(
    born: Columns, postcode: Columns, surname: Columns, first: Columns
) -> tuple[tuple[Columns, Columns], ...]:
    """The six ways in which people meet: any two of four things, of which 0 says nothing.

    `surname` and `first` are sounds; together they are one thing in which it does not matter which
    is which.
    """
    low, high = np.minimum(surname, first), np.maximum(surname, first)
    return (
        (born, postcode),
        (born, first),
        (born, surname),
        (low, high),
        (postcode, surname),
        (postcode, first),
    )


def sound_of_surname(name: str) -> str:
    """How a surname sounds, as people meet by it; blank where there is none."""
    return sound_of("".join(surname_words(name)))


def sound_of_first_name(name: str) -> str:
    """How a first name sounds, as people meet by it; blank where there is none."""
    return sound_of("".join(words_of(name)))


def _add_known(rows: _Rows, known: Iterable[Identity]) -> None:
    words = rows.words
    wanted = [np.unique(marks[marks != 0]) for marks in _marks(rows.cells(), words)]
    passing = iter(known)
    while some := list(islice(passing, _AT_ONCE)):
        fours = [words.four(person) for person in some]
        met = np.zeros(len(some), dtype=np.bool_)
        for marks, those in zip(_marks(np.array(fours), words), wanted, strict=True):
            met |= np.isin(marks, those)
        for place in np.flatnonzero(met).tolist():
            rows.add(some[place], fours[place])


def _marks(cells: Columns, words: _Words) -> Iterator[Columns]:
    """A number for each meeting of each person, 0 where there is none.

    Now and then two meetings share a number; then somebody is kept who meets nobody after all.
    """
    sounds = np.array(words.sounds, dtype=np.int64)
    for one, other in meetings(cells[:, 0], cells[:, 1], sounds[cells[:, 2]], sounds[cells[:, 3]]):
        both = (one != 0) & (other != 0)
        yield np.where(both, one * _ODD + other, 0)


def _alike(
    cells: Columns, keys: Sequence[str], people: int
) -> tuple[list[int], tuple[tuple[str, ...], ...], npt.NDArray[np.bool_]]:
    """Gather who reads the same: a row of `cells` each, the keys, and whether one is known.

    People join the one known person who reads as they do. Where there are two of these, nobody can
    say whom to join, and each stays a reading of its own.
    """
    order = np.lexsort(cells.T[::-1])
    changes = np.any(cells[order[1:]] != cells[order[:-1]], axis=1)
    starts = [0, *(np.flatnonzero(changes) + 1).tolist(), len(order)]
    rows: list[int] = []
    members: list[tuple[str, ...]] = []
    is_known: list[bool] = []
    for start, end in pairwise(starts):
        group = order[start:end].tolist()
        new = tuple(sorted(keys[row] for row in group if row < people))
        old = sorted(keys[row] for row in group if row >= people)
        if len(old) == 1:
            gathered = [(*old, *new)]
        else:
            gathered = [*((key,) for key in old), *([new] if new else [])]
        rows += group[:1] * len(gathered)
        members += gathered
        is_known += [place < len(old) for place in range(len(gathered))]
    return rows, tuple(members), np.array(is_known, dtype=np.bool_)
