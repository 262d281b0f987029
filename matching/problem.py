"""What is given? Seekers, places, the possible pairs between them, pins: a `Problem`.

People and places are objects by the thousand, pairs are columns by the million. Everything is
frozen; a variant is made with `dataclasses.replace`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, fields
from datetime import date
from enum import IntEnum, StrEnum
from functools import cached_property
from math import ceil
from typing import NamedTuple, Self

import numpy as np
import numpy.typing as npt

from matching.errors import Fault, FaultyInput, NoPlanPossible, Rule
from matching.target import Standing, Target

Indexes = npt.NDArray[np.int32]
Numbers = npt.NDArray[np.float64]

#: More shared error than this would make a chance of one half anything from 0.02 to 0.98.
MOST_SPREAD = 2.0


class Certificate(IntEnum):
    """School certificates of North Rhine-Westphalia in their order, lowest first.

    Source: APO-S I and the state's key table of general certificates. The steps within one level
    (the right to go on to the gymnasiale Oberstufe) do not matter to an employer's requirement.
    """

    NONE = 0
    ESA = 1
    EESA = 2
    MSA = 3
    FHR = 4
    ABITUR = 5


class Bond(StrEnum):
    """What a counselor ruled about one pair: to be kept, or never taken."""

    PIN = "pin"
    BAN = "ban"


class Site(NamedTuple):
    """A point on the map, in degrees (WGS 84), with the names that it goes by."""

    latitude: float
    longitude: float
    postcode: str | None = None
    municipality: str | None = None


@dataclass(frozen=True, slots=True)
class Seeker:
    """A person who looks for a training place, as far as the rules need to know them.

    `id` is a pseudonym. Names, dates of birth and protected traits stay in the store. `age` is in
    whole years on the day training would start; `longest_way` in minutes one way; `wishes` are
    KldB 2010 codes, the dearest first. `None` means that a thing is not known.
    """

    id: str
    home: Site | None = None
    wishes: tuple[str, ...] = ()
    certificate: Certificate | None = None
    age: int | None = None
    compulsory_school_done: bool | None = None
    free_from: date | None = None
    longest_way: int | None = None
    applied_before: bool | None = None
    standing: Standing = Standing.LOOKING
    school: str | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """One offer of training places: an occupation at one site of one employer.

    `occupation` is a KldB 2010 code, `openings` the number of people it can take, `requires` the
    lowest certificate the employer accepts.
    """

    id: str
    openings: int = 1
    employer: str | None = None
    occupation: str | None = None
    title: str | None = None
    site: Site | None = None
    requires: Certificate | None = None
    minimum_age: int | None = None
    starts: date | None = None


@dataclass(frozen=True, slots=True)
class Pin:
    """A counselor's ruling about one pair."""

    seeker: str
    place: str
    bond: Bond = Bond.PIN


@dataclass(frozen=True, slots=True, eq=False)
class Candidates:
    """The possible pairs, as columns; one row a pair, sorted by seeker, then place.

    `seeker` and `place` are int32 row numbers into the problem's people and places. `chance`
    (float64, in (0, 1]) is the probability that a proposal of this pair ends in a training
    contract that starts. `wish` (float64, in [0, 1]) says how dear the place is to the person;
    `minutes` one way; `fit` (in [0, 1]) how near the occupation is to the wishes. The last three
    are `None` where nobody gave them. All columns have the same length. They are kept as read-only
    views: whoever gave the arrays must not change them any more.
    """

    seeker: Indexes
    place: Indexes
    chance: Numbers
    wish: Numbers | None = None
    minutes: Numbers | None = None
    fit: Numbers | None = None

    def __post_init__(self) -> None:
        for column in fields(self):
            values = getattr(self, column.name)
            if values is None:
                continue
            if len(values) != len(self.seeker):
                raise ValueError(f"column {column.name} has {len(values)} rows")
            frozen = values.view()
            frozen.flags.writeable = False
            object.__setattr__(self, column.name, frozen)
        later = self.seeker[1:] > self.seeker[:-1]
        same = self.seeker[1:] == self.seeker[:-1]
        if not bool(np.all(later | (same & (self.place[1:] > self.place[:-1])))):
            raise ValueError("pairs must be unique and sorted by seeker, then place")
        with np.errstate(invalid="ignore"):
            if not bool(np.all((self.chance > 0) & (self.chance <= 1))):
                raise ValueError("a chance lies outside (0, 1]")
            if self.wish is not None and not bool(np.all((self.wish >= 0) & (self.wish <= 1))):
                raise ValueError("a wish lies outside [0, 1]")

    def __len__(self) -> int:
        return len(self.seeker)

    @classmethod
    def of(
        cls,
        seeker: npt.ArrayLike,
        place: npt.ArrayLike,
        chance: npt.ArrayLike,
        wish: npt.ArrayLike | None = None,
        minutes: npt.ArrayLike | None = None,
        fit: npt.ArrayLike | None = None,
    ) -> Self:
        """Take pairs in any order and put them in theirs."""
        seekers = np.asarray(seeker, dtype=np.int32)
        places = np.asarray(place, dtype=np.int32)
        order = np.lexsort((places, seekers))

        def column(values: npt.ArrayLike | None) -> Numbers | None:
            return None if values is None else np.asarray(values, dtype=np.float64)[order]

        return cls(
            seekers[order],
            places[order],
            np.asarray(chance, dtype=np.float64)[order],
            column(wish),
            column(minutes),
            column(fit),
        )

    def row_of(self, seeker: int, place: int) -> int | None:
        """The row of one pair, or `None` where it is not a candidate."""
        pairs = self.rows_of(seeker)
        row = pairs.start + int(np.searchsorted(self.place[pairs], np.int32(place)))
        return row if row < pairs.stop and self.place[row] == place else None

    def rows_of(self, seeker: int) -> slice:
        """Where a person's pairs stand."""
        # Of the column's own type, or the whole column would be copied to another one.
        wanted = np.array([seeker, seeker + 1], dtype=np.int32)
        first, last = np.searchsorted(self.seeker, wanted)
        return slice(int(first), int(last))


@dataclass(frozen=True, eq=False)
class Problem:
    """Everything a plan is drawn from. Frozen: a variant is `replace(problem, pins=...)`.

    `spread` is the standard deviation, on the log-odds scale, of the error that all chances share
    because one model made them, at most `MOST_SPREAD`. `invented` marks made-up people and places,
    so that every screen and file can say so.
    """

    seekers: tuple[Seeker, ...]
    places: tuple[Place, ...]
    candidates: Candidates
    target: Target = field(default_factory=Target)
    pins: tuple[Pin, ...] = ()
    spread: float = 0.0
    invented: bool = False

    def __post_init__(self) -> None:
        faults = [*_repeated_ids("seeker", self.seekers), *_repeated_ids("place", self.places)]
        faults += [
            Fault(Rule.NEGATIVE, column="openings", value=f"{place.id}: {place.openings}")
            for place in self.places
            if place.openings < 0
        ]
        faults += [
            Fault(Rule.NOT_WHOLE, column="openings", value=f"{place.id}: {place.openings}")
            for place in self.places
            if not isinstance(place.openings, int | np.integer)
        ]
        if not 0 <= self.spread <= MOST_SPREAD:
            rule = Rule.NEGATIVE if self.spread < 0 else Rule.NUMBER_TOO_LARGE
            faults.append(Fault(rule, column="spread", value=str(self.spread)))
        for name, index, size in (
            ("seeker", self.candidates.seeker, len(self.seekers)),
            ("place", self.candidates.place, len(self.places)),
        ):
            if len(index) and (int(index.min()) < 0 or int(index.max()) >= size):
                unknown = Rule.SEEKER_UNKNOWN if name == "seeker" else Rule.PLACE_UNKNOWN
                strange = int(index.min()) if int(index.min()) < 0 else int(index.max())
                faults.append(Fault(unknown, column=name, value=str(strange)))
        if faults:
            raise FaultyInput(tuple(faults))

    @cached_property
    def openings(self) -> npt.NDArray[np.int64]:
        """Openings of each place, in the order of `places`."""
        return np.fromiter((p.openings for p in self.places), np.int64, len(self.places))

    @cached_property
    def seeker_number(self) -> dict[str, int]:
        """The row number of each person's id."""
        return {seeker.id: number for number, seeker in enumerate(self.seekers)}

    @cached_property
    def place_number(self) -> dict[str, int]:
        """The row number of each place's id."""
        return {place.id: number for number, place in enumerate(self.places)}

    @cached_property
    def base(self) -> int:
        """How many people the target's share is taken of."""
        return self.target.base_of(self.seekers)

    @cached_property
    def placed_already(self) -> int:
        """How many of them count as placed before this plan."""
        return self.target.placed_of(self.seekers)

    @property
    def need(self) -> int:
        """Placements still missing for the target; never below 0."""
        return max(0, ceil(self.target.share * self.base) - self.placed_already)

    def rate(self, placements: float) -> float:
        """The share of the base placed with so many placements more; 0 of nobody is 0."""
        return (self.placed_already + placements) / self.base if self.base else 0.0

    def rows_bound(self, bond: Bond) -> npt.NDArray[np.int64]:
        """The candidate rows that counselors pinned or banned, sorted.

        A ban of a pair that is no candidate is kept anyway. Raises `FaultyInput` if a pin names a
        pair that is no candidate, or any ruling a person or place that is not there.
        """
        rows, faults = [], []
        for pin in self.pins:
            seeker = self.seeker_number.get(pin.seeker)
            place = self.place_number.get(pin.place)
            if seeker is None or place is None:
                if seeker is None:
                    faults.append(Fault(Rule.SEEKER_UNKNOWN, column="seeker", value=pin.seeker))
                if place is None:
                    faults.append(Fault(Rule.PLACE_UNKNOWN, column="place", value=pin.place))
                continue
            row = self.candidates.row_of(seeker, place)
            if row is not None and pin.bond is bond:
                rows.append(row)
            elif row is None and pin.bond is Bond.PIN:
                value = f"{pin.seeker} - {pin.place}"
                faults.append(Fault(Rule.PAIR_UNKNOWN, column="place", value=value))
        if faults:
            raise FaultyInput(tuple(faults))
        return np.unique(np.array(rows, dtype=np.int64))

    def check_pins(self) -> None:
        """Raise `NoPlanPossible`, naming every contradiction between the pins."""
        pinned, banned = self.rows_bound(Bond.PIN), self.rows_bound(Bond.BAN)
        seeker, place = self.candidates.seeker[pinned], self.candidates.place[pinned]
        faults = []
        for row in np.intersect1d(pinned, banned):
            pair = f"{self._seeker_of(row)} - {self._place_of(row)}"
            faults.append(Fault(Rule.PINNED_AND_BANNED, value=pair))
        for number in np.flatnonzero(np.bincount(seeker, minlength=len(self.seekers)) > 1):
            to = ", ".join(self.places[p].id for p in place[seeker == number])
            faults.append(Fault(Rule.PINNED_TWICE, value=f"{self.seekers[number].id}: {to}"))
        taken = np.bincount(place, minlength=len(self.places))
        for number in np.flatnonzero(taken > self.openings):
            count = f"{self.places[number].id}: {taken[number]} > {self.openings[number]}"
            faults.append(Fault(Rule.PINNED_OVER_OPENINGS, value=count))
        if faults:
            raise NoPlanPossible(tuple(faults))

    def fingerprint(self) -> str:
        """A SHA-256 of all that the plan depends on, the same in every process and machine.

        That is: the pairs with their chances and wishes, the openings, the pins, and the target
        as numbers. Two problems with the same fingerprint have the same plan; people without a
        single pair count only through the target's base.
        """
        digest = hashlib.sha256(b"uebergang problem 1")
        present, seeker = np.unique(self.candidates.seeker, return_inverse=True)
        _feed(digest, [self.seekers[number].id for number in present.tolist()])
        _feed(digest, [place.id for place in self.places])
        pair = (seeker.astype(np.int32), self.candidates.place)
        for column in (self.openings, *pair, self.candidates.chance, self.candidates.wish):
            if column is None:
                digest.update(b"|none")
            else:
                digest.update(f"|{column.dtype.str}{column.shape}".encode())
                digest.update(np.ascontiguousarray(column).data)
        pins = sorted((pin.seeker, pin.place, pin.bond.value) for pin in self.pins)
        _feed(digest, [word for pin in pins for word in pin])
        sure, spread = float(self.target.confidence), float(self.spread)
        numbers = (self.target.share, int(self.base), int(self.placed_already), sure, spread)
        digest.update(repr(numbers).encode())
        return digest.hexdigest()

    def _seeker_of(self, row: int) -> str:
        return self.seekers[int(self.candidates.seeker[row])].id

    def _place_of(self, row: int) -> str:
        return self.places[int(self.candidates.place[row])].id


def _repeated_ids(column: str, things: Sequence[Seeker] | Sequence[Place]) -> Iterable[Fault]:
    seen: set[str] = set()
    for thing in things:
        if thing.id in seen:
            yield Fault(Rule.ID_TWICE, column=column, value=thing.id)
        seen.add(thing.id)


def _feed(digest: hashlib._Hash, words: list[str]) -> None:
    """Feed words, each framed by its length, so that no two lists look alike."""
    digest.update(f"|{len(words)}|".encode())
    digest.update(np.fromiter(map(len, words), np.int64, len(words)).tobytes())
    digest.update("".join(words).encode())
