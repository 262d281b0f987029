"""Which problem do these files state? Pairs, openings and pins, read and checked together."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from data.intake.checks import CheckedTable, attempt
from data.intake.openings import Openings, examine_openings
from data.intake.pairs import Pairs, examine_pairs, rows_where
from data.intake.pins import PinList, examine_pins
from data.intake.reading import Source
from matching.errors import Fault, FaultyInput, Rule
from matching.problem import Bond, Candidates, Pin, Place, Problem, Seeker
from matching.target import Target


@dataclass(frozen=True, slots=True, eq=False)
class Stated:
    """A problem, and which columns of its files were not read: by option, in the file's order."""

    problem: Problem
    dropped: Mapping[str, tuple[str, ...]]


def read_problem(
    pairs: Source, openings: Source, pins: Source | None = None, target: Target | None = None
) -> Problem:
    """Read every file of a problem and state it.

    Raises `FaultyInput` with the faults of all files together: first what is wrong with each, then
    what one of them says about things that another does not know.
    """
    return read_stated(pairs, openings, pins, target).problem


def read_stated(
    pairs: Source,
    openings: Source,
    pins: Source | None = None,
    target: Target | None = None,
    wishes: bool = False,
) -> Stated:
    """Read a problem as `read_problem` does, and tell what was not read.

    With `wishes` a missing column of them is a fault too.
    """
    faults: list[Fault] = []
    given = attempt(faults, examine_pairs, pairs, wishes)
    faults += given.faults if isinstance(given, CheckedTable) else ()
    stated = attempt(faults, examine_openings, openings)
    faults += stated.faults if isinstance(stated, CheckedTable) else ()
    rulings = None if pins is None else attempt(faults, examine_pins, pins)
    faults += () if rulings is None else rulings.faults
    places = _ids(stated, "place")
    if given is not None and places is not None:
        faults += places_unknown(given, places)
    if rulings is not None:
        faults += pins_unknown(rulings, given, places)
    if faults or not isinstance(given, Pairs) or not isinstance(stated, Openings):
        raise FaultyInput(tuple(faults))
    dropped = {"pairs": given.dropped, "places": stated.dropped}
    if rulings is not None:
        dropped["pins"] = rulings.dropped
    problem = problem_of(given, stated, () if rulings is None else rulings.pins, target)
    return Stated(problem, dropped)


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


def places_unknown(pairs: Pairs | CheckedTable, known: frozenset[str]) -> list[Fault]:
    """Every row of the pairs whose place has no openings stated."""
    if isinstance(pairs, CheckedTable):
        named = zip(pairs.rows, pairs.texts("place"), strict=True)
        bad = pairs.faulty("place")
        file = pairs.file
        rows = [
            (row, place)
            for row, place in named
            if place is not None and place not in known and row not in bad
        ]
    else:
        unknown = frozenset(pairs.places) - known
        rows = rows_where(pairs, "place", unknown) if unknown else []
        file = str(pairs.file)
    return [Fault(Rule.PLACE_UNKNOWN, file, row, "place", place) for row, place in rows]


def pins_unknown(
    pins: PinList, pairs: Pairs | CheckedTable | None, places: frozenset[str] | None
) -> Iterator[Fault]:
    """Every ruling about people or places not given, every pin of a pair that is none.

    What can't be known, since the file that says so could not be read, is not judged.
    """
    seekers = _ids(pairs, "seeker")
    has_pair = _pair_finder(pairs)
    for pin, row in zip(pins.pins, pins.rows, strict=True):
        strange = False
        if seekers is not None and pin.seeker not in seekers:
            yield Fault(Rule.SEEKER_UNKNOWN, pins.file, row, "seeker", pin.seeker)
            strange = True
        if places is not None and pin.place not in places:
            yield Fault(Rule.PLACE_UNKNOWN, pins.file, row, "place", pin.place)
            strange = True
        if has_pair is None or strange or pin.bond is not Bond.PIN:
            continue
        if not has_pair(pin):
            value = f"{pin.seeker} - {pin.place}"
            yield Fault(Rule.PAIR_UNKNOWN, pins.file, row, "place", value)


def _ids(file: Pairs | Openings | CheckedTable | None, name: str) -> frozenset[str] | None:
    """The ids in a column of a file; `None` where one of them could not be read."""
    if isinstance(file, CheckedTable):
        return frozenset(file.words(name)) if file.complete(name) else None
    if file is None:
        return None
    return frozenset(file.seekers if isinstance(file, Pairs) and name == "seeker" else file.places)


def _pair_finder(pairs: Pairs | CheckedTable | None) -> Callable[[Pin], bool] | None:
    """What tells whether a pin's pair is a possible one; `None` where that can't be known."""
    if isinstance(pairs, Pairs):
        return partial(_has_pair, pairs)
    if pairs is None or not (pairs.complete("seeker") and pairs.complete("place")):
        return None
    named = set(zip(pairs.words("seeker"), pairs.words("place"), strict=True))
    return lambda pin: (pin.seeker, pin.place) in named


def _has_pair(pairs: Pairs, pin: Pin) -> bool:
    seeker, place = _number(pairs.seekers, pin.seeker), _number(pairs.places, pin.place)
    if seeker is None or place is None:
        return False
    first, last = np.searchsorted(pairs.seeker, [seeker, seeker + 1])
    return bool(np.any(pairs.place[first:last] == place))


def _number(ids: Sequence[str], name: str) -> int | None:
    number = bisect_left(ids, name)
    return number if number < len(ids) and ids[number] == name else None
