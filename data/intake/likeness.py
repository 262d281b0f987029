"""How alike do two people read? Levels of agreement, and the weight of the evidence in bits."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum

import numpy as np
import numpy.typing as npt
from rapidfuzz.distance import OSA, JaroWinkler
from rapidfuzz.process import cpdist

from data.intake.people_columns import Columns, Readings

Rows = npt.NDArray[np.int32]
Levels = npt.NDArray[np.int8]
Flags = npt.NDArray[np.bool_]


class Level(IntEnum):
    """How far two people agree in one thing that lists say of them."""

    OTHER = 0
    UNKNOWN = 1
    PART = 2
    NEAR = 3
    SAME = 4


class Likeness(StrEnum):
    """In what two people differ who may be one; of several differences the last of this list."""

    SAME = "same"
    ADDRESS_SPELLING = "address_spelling"
    ADDRESS_INCOMPLETE = "address_incomplete"
    SURNAME_SPELLING = "surname_spelling"
    DOUBLE_SURNAME = "double_surname"
    BIRTH_DATE_SLIP = "birth_date_slip"
    NAMES_SWAPPED = "names_swapped"
    ADDRESS_MISSING = "address_missing"
    BIRTH_DATE_MISSING = "birth_date_missing"
    NAME_MISSING = "name_missing"
    OTHER_ADDRESS = "other_address"
    FIRST_NAME_SPELLING = "first_name_spelling"
    SEVERAL_FIRST_NAMES = "several_first_names"
    OTHER_SURNAME = "other_surname"
    OTHER_BIRTH_DATE = "other_birth_date"
    AMBIGUOUS = "ambiguous"


LIKENESSES = tuple(Likeness)

#: Bits of evidence, by `Level`: other, unknown, part, near, same. Rounded from how rarely two
#: strangers agree: one pair in 500 on a surname, in 100 on a first name, in 1,000 on a day of birth
#: within a few years or on an address. The last figure of the first names makes twins strangers.
BITS = {
    "surname": (-5, 0, 6, 6, 9),
    "first_name": (-14, 0, 3, 3, 7),
    "born": (-8, 0, 5, 5, 10),
    "address": (-2, 0, 4, 7, 10),
}
SWAPPED_BITS = -1

#: No pair has as few bits.
LEAST = SWAPPED_BITS + sum(min(bits) for bits in BITS.values())

#: All that two names can say.
_NAMES = BITS["surname"][Level.SAME] + BITS["first_name"][Level.SAME]

#: Jaro-Winkler similarity from which two names are spellings of one: Meier and Meyer have 0.89.
NEAR_NAME = 0.88


@dataclass(frozen=True, slots=True, eq=False)
class Likenesses:
    """Pairs of readings and what speaks for them, as columns, a row a pair.

    `score` is the sum of `BITS`; `first_same` says whether the first names are the same, in the
    right place or in each other's; `contrary` whether the two differ outright in anything; `rule`
    is the number of the `Likeness`.
    """

    left: Rows
    right: Rows
    score: Levels
    first_same: Flags
    contrary: Flags
    rule: Levels

    def __len__(self) -> int:
        return len(self.left)

    def where(self, wanted: Flags | Rows | npt.NDArray[np.intp]) -> Likenesses:
        """Some of the pairs, marked or in the order of their row numbers."""
        return Likenesses(
            self.left[wanted],
            self.right[wanted],
            self.score[wanted],
            self.first_same[wanted],
            self.contrary[wanted],
            self.rule[wanted],
        )


def compared(readings: Readings, left: Rows, right: Rows, at_least: int) -> Likenesses:
    """Hold pairs of readings against each other; none with fewer bits than `at_least`."""
    born = _birth_levels(readings.born[left], readings.born[right])
    address = _address_levels(readings, left, right)
    rest = _bits("born", born) + _bits("address", address)
    kept = rest >= at_least - _NAMES
    left, right = left[kept], right[kept]
    born, address, rest = born[kept], address[kept], rest[kept]
    surname, first, swapped = _names(readings, left, right)
    bits = rest + _bits("surname", surname) + _bits("first_name", first) + SWAPPED_BITS * swapped
    score = bits.astype(np.int8)
    levels = np.stack([surname, first, born, address])
    found = Likenesses(
        left,
        right,
        score,
        first == Level.SAME,
        np.any(levels == Level.OTHER, axis=0),
        _rules(levels, swapped),
    )
    return found.where(score >= at_least)


def _bits(field: str, levels: Levels) -> Levels:
    bits: Levels = np.array(BITS[field], dtype=np.int8)[levels]
    return bits


def _levels(size: int, *cases: tuple[Flags, Level]) -> Levels:
    """The level of each pair: that of the first case that holds, else other."""
    levels = np.full(size, Level.OTHER, dtype=np.int8)
    for holds, level in reversed(cases):
        levels[holds] = level
    return levels


def _one_digit_off(one: Columns, other: Columns) -> Flags:
    """Whether two numbers, whose digits are written as hexadecimal ones, differ in one digit."""
    differs = one ^ other
    marks = (differs | differs >> 1 | differs >> 2 | differs >> 3) & 0x1111_1111
    one_mark: Flags = (marks != 0) & (marks & (marks - 1) == 0)
    return one_mark


def _birth_levels(one: Columns, other: Columns) -> Levels:
    month_first = (one & ~0xFFFF) | (one & 0xFF) << 8 | (one >> 8 & 0xFF)
    return _levels(
        len(one),
        ((one == 0) | (other == 0), Level.UNKNOWN),
        (one == other, Level.SAME),
        (_one_digit_off(one, other) | (month_first == other), Level.NEAR),
    )


def _address_levels(readings: Readings, left: Rows, right: Rows) -> Levels:
    """Same house: the same street and number, in one postcode.

    One digit of the postcode may be off, or the street be mistyped, or postcode or number missing:
    that is near. The same postcode without two streets is a part of an address. Towns matter only
    where a postcode is missing.
    """
    postcodes = readings.postcode[left], readings.postcode[right]
    streets = readings.street[left], readings.street[right]
    houses = readings.house[left], readings.house[right]
    no_postcode = (postcodes[0] == 0) | (postcodes[1] == 0)
    no_street = (streets[0] == 0) | (streets[1] == 0)
    no_house = (houses[0] == 0) | (houses[1] == 0)
    postcode, street = postcodes[0] == postcodes[1], streets[0] == streets[1]
    house = houses[0] == houses[1]
    towns = readings.town[left], readings.town[right]
    other_town = no_postcode & (towns[0] != towns[1]) & (towns[0] != 0) & (towns[1] != 0)
    near_postcode = no_postcode | _one_digit_off(*postcodes)
    mistyped = ~no_postcode & postcode & ~no_street & ~street & house
    mistyped[mistyped] = _one_slip(readings, *(side[mistyped] for side in streets))
    there = ~no_street & street
    return _levels(
        len(left),
        (other_town, Level.OTHER),
        (no_postcode & no_street, Level.UNKNOWN),
        (no_street & postcode, Level.PART),
        (no_street & no_postcode, Level.UNKNOWN),
        (there & ~no_postcode & postcode & house & ~no_house, Level.SAME),
        (there & near_postcode & house & ~no_house, Level.NEAR),
        (there & ~no_postcode & postcode & no_house, Level.NEAR),
        (mistyped, Level.NEAR),
        (no_postcode & there & no_house, Level.UNKNOWN),
    )


def _one_slip(readings: Readings, one: Columns, other: Columns) -> Flags:
    """Whether two words are one slip of the keyboard apart: a letter, or two neighbours swapped."""
    pairs, back = _unlike_pairs(readings, one, other)
    slips: Flags = _slips(*pairs) if len(back) else np.zeros(0, dtype=np.bool_)
    return slips[back]


def _slips(ones: list[str], others: list[str]) -> Flags:
    slips: Flags = cpdist(ones, others, scorer=OSA.distance, score_cutoff=1).ravel() <= 1
    return slips


def _unlike_pairs(
    readings: Readings, one: Columns, other: Columns
) -> tuple[tuple[list[str], list[str]], npt.NDArray[np.intp]]:
    """The pairs of words, each once, the smaller number first; and which row asks for which."""
    size = len(readings.words)
    codes = np.minimum(one, other) * size + np.maximum(one, other)
    pairs, back = np.unique(codes, return_inverse=True)
    words = readings.words
    ones = [words[number] for number in (pairs // size).tolist()]
    others = [words[number] for number in (pairs % size).tolist()]
    return (ones, others), back


def _names(readings: Readings, left: Rows, right: Rows) -> tuple[Levels, Levels, Flags]:
    """Levels of surname and first name, and whether they were found in each other's place."""
    first = _name_levels(readings, readings.first_name[left], readings.first_name[right])
    surname = _name_levels(readings, readings.surname[left], readings.surname[right])
    swapped = (first == Level.OTHER) & (surname != Level.SAME)
    ways = [
        _name_levels(readings, *sides)
        for sides in (
            (readings.surname[left[swapped]], readings.turned[right[swapped]]),
            (readings.turned[left[swapped]], readings.surname[right[swapped]]),
        )
    ]
    better, worse = np.maximum(*ways), np.minimum(*ways)
    fits = worse >= Level.PART
    swapped[swapped] = fits
    surname[swapped], first[swapped] = better[fits], worse[fits]
    return surname, first, swapped


def _name_levels(readings: Readings, one: Columns, other: Columns) -> Levels:
    missing, same = (one == 0) | (other == 0), one == other
    unlike = ~(missing | same)
    near, part = (np.zeros(len(one), dtype=np.bool_) for _ in range(2))
    near[unlike] = _near_names(readings, one[unlike], other[unlike])
    several = np.zeros(len(readings.words), dtype=np.bool_)
    several[list(readings.parts)] = True
    unlike &= several[one] | several[other]
    part[unlike] = [
        _is_part(readings, *pair)
        for pair in zip(one[unlike].tolist(), other[unlike].tolist(), strict=True)
    ]
    return _levels(
        len(one),
        (missing, Level.UNKNOWN),
        (same, Level.SAME),
        (part, Level.PART),
        (near, Level.NEAR),
    )


def _near_names(readings: Readings, one: Columns, other: Columns) -> Flags:
    """Whether two names are near by Jaro-Winkler, or one slip apart from two letters on."""
    (ones, others), back = _unlike_pairs(readings, one, other)
    if not ones:
        return np.zeros(0, dtype=np.bool_)
    likeness = cpdist(ones, others, scorer=JaroWinkler.similarity, score_cutoff=NEAR_NAME).ravel()
    long = np.array([min(map(len, pair)) >= 2 for pair in zip(ones, others, strict=True)])
    near: Flags = (likeness >= NEAR_NAME) | (long & _slips(ones, others))
    return near[back]


def _is_part(readings: Readings, one: int, other: int) -> bool:
    """Whether one name is among the words of the other: Müller, and Müller-Schmidt."""
    words = readings.words
    some = readings.parts.get(one, frozenset((words[one],)))
    more = readings.parts.get(other, frozenset((words[other],)))
    return some <= more or more <= some


def _rules(levels: Levels, swapped: Flags) -> Levels:
    """The number of the `Likeness` that says of each pair in what it differs most."""
    surname, first, born, address = levels
    differs = {
        Likeness.ADDRESS_SPELLING: address == Level.NEAR,
        Likeness.ADDRESS_INCOMPLETE: address == Level.PART,
        Likeness.SURNAME_SPELLING: surname == Level.NEAR,
        Likeness.DOUBLE_SURNAME: surname == Level.PART,
        Likeness.BIRTH_DATE_SLIP: born == Level.NEAR,
        Likeness.NAMES_SWAPPED: swapped,
        Likeness.ADDRESS_MISSING: address == Level.UNKNOWN,
        Likeness.BIRTH_DATE_MISSING: born == Level.UNKNOWN,
        Likeness.NAME_MISSING: (surname == Level.UNKNOWN) | (first == Level.UNKNOWN),
        Likeness.OTHER_ADDRESS: address == Level.OTHER,
        Likeness.FIRST_NAME_SPELLING: first == Level.NEAR,
        Likeness.SEVERAL_FIRST_NAMES: first == Level.PART,
        Likeness.OTHER_SURNAME: surname == Level.OTHER,
        Likeness.OTHER_BIRTH_DATE: born == Level.OTHER,
    }
    rules = np.zeros(levels.shape[1], dtype=np.int8)
    for likeness, holds in differs.items():
        rules[holds] = LIKENESSES.index(likeness)
    return rules
