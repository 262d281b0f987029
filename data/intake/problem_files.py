"""Which problem do these files state? Pairs, openings and pins, read and checked together."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence

import numpy as np

from data.intake.checks import attempt
from data.intake.openings import Openings, read_openings
from data.intake.pairs import Pairs, read_pairs, rows_where
from data.intake.pins import PinList, read_pins
from data.intake.reading import Source
from matching.errors import Fault, FaultyInput, Rule
from matching.problem import Bond, Candidates, Pin, Place, Problem, Seeker
from matching.target import Target


def read_problem(
    pairs: Source, openings: Source, pins: Source | None = None, target: Target | None = None
) -> Problem:
    """Read every file of a problem and state it.

    Raises `FaultyInput` with the faults of all files together: first what is wrong with each, then
    what one of them says about things that another does not know.
    """
    faults: list[Fault] = []
    pair_columns = attempt(faults, read_pairs, pairs)
    opening_columns = attempt(faults, read_openings, openings)
    pin_list = None if pins is None else attempt(faults, read_pins, pins)
    if pair_columns is not None and opening_columns is not None:
        faults += places_unknown(pair_columns, opening_columns)
    if pin_list is not None:
        faults += pins_unknown(pin_list, pair_columns, opening_columns)
    if faults or pair_columns is None or opening_columns is None:
        raise FaultyInput(tuple(faults))
    rulings = () if pin_list is None else pin_list.pins
    return problem_of(pair_columns, opening_columns, rulings, target)


def problem_of(
    pairs: Pairs,
    openings: Openings,
    pins: tuple[Pin, ...] = (),
    target: Target | None = None,
) -> Problem:
    """State the problem that columns describe; all places of the pairs must be known.

    The people are those of the pairs, the places those of the openings, both sorted by id.
    """
    number = {place: row for row, place in enumerate(openings.places)}
    rows = np.array([number[place] for place in pairs.places], dtype=np.int32)
    counts = openings.openings.tolist()
    return Problem(
        tuple(map(Seeker, pairs.seekers)),
        tuple(map(Place, openings.places, counts)),
        # Both lists of places are sorted, so the pairs keep their order.
        Candidates(pairs.seeker, rows[pairs.place], pairs.chance, pairs.wish),
        target or Target(),
        pins,
    )


def places_unknown(pairs: Pairs, openings: Openings) -> list[Fault]:
    """Every row of the pairs whose place has no openings stated."""
    unknown = frozenset(pairs.places) - frozenset(openings.places)
    if not unknown:
        return []
    return [
        Fault(Rule.PLACE_UNKNOWN, str(pairs.file), row, "place", place)
        for row, place in rows_where(pairs, "place", unknown)
    ]


def pins_unknown(pins: PinList, pairs: Pairs | None, openings: Openings | None) -> Iterator[Fault]:
    """Every ruling about people or places not given, every pin of a pair that is none.

    What can't be known, since the file that says so could not be read, is not judged.
    """
    seekers = None if pairs is None else frozenset(pairs.seekers)
    places = None if openings is None else frozenset(openings.places)
    for pin, row in zip(pins.pins, pins.rows, strict=True):
        strange = False
        if seekers is not None and pin.seeker not in seekers:
            yield Fault(Rule.SEEKER_UNKNOWN, pins.file, row, "seeker", pin.seeker)
            strange = True
        if places is not None and pin.place not in places:
            yield Fault(Rule.PLACE_UNKNOWN, pins.file, row, "place", pin.place)
            strange = True
        if pairs is None or strange or pin.bond is not Bond.PIN:
            continue
        if not _has_pair(pairs, pin):
            value = f"{pin.seeker} - {pin.place}"
            yield Fault(Rule.PAIR_UNKNOWN, pins.file, row, "place", value)


def _has_pair(pairs: Pairs, pin: Pin) -> bool:
    seeker, place = _number(pairs.seekers, pin.seeker), _number(pairs.places, pin.place)
    if seeker is None or place is None:
        return False
    first, last = np.searchsorted(pairs.seeker, [seeker, seeker + 1])
    return bool(np.any(pairs.place[first:last] == place))


def _number(ids: Sequence[str], name: str) -> int | None:
    number = bisect_left(ids, name)
    return number if number < len(ids) and ids[number] == name else None
