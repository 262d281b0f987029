"""What could be otherwise? Named edits of a problem, each of which can be undone."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields, replace
from typing import assert_never

import numpy as np

from matching.plan import Rows
from matching.problem import Bond, Candidates, Pin, Problem


@dataclass(frozen=True, slots=True)
class Figures:
    """What is known of a pair that is allowed but not among the candidates; as in `Candidates`."""

    chance: float
    wish: float
    minutes: float
    fit: float


@dataclass(frozen=True, slots=True)
class Pinned:
    """The person takes this place. `figures` are needed where the pair is no candidate yet."""

    seeker: str
    place: str
    figures: Figures | None = None


@dataclass(frozen=True, slots=True)
class Banned:
    """The person does not take this place."""

    seeker: str
    place: str


@dataclass(frozen=True, slots=True)
class Lifted:
    """No ruling about this pair any more; with `dropped`, it is no candidate any more either."""

    seeker: str
    place: str
    dropped: bool = False


Edit = Pinned | Banned | Lifted


def apply(problem: Problem, edit: Edit) -> Problem:
    """The problem after the edit. An earlier ruling about the same pair gives way to it.

    Raises `FaultyInput` for a person or a place that is not there and for a pin of a pair that is
    no candidate and comes without figures, `NoPlanPossible` where the pin contradicts another.
    """
    pair = (edit.seeker, edit.place)
    others = tuple(pin for pin in problem.pins if (pin.seeker, pin.place) != pair)
    match edit:
        case Pinned():
            edited = replace(_with_pair(problem, edit), pins=(*others, Pin(*pair)))
        case Banned():
            edited = replace(problem, pins=(*others, Pin(*pair, Bond.BAN)))
        case Lifted():
            edited = replace(_without_pair(problem, edit), pins=others)
        case _:
            assert_never(edit)
    edited.check_pins()
    return edited


def inverse(problem: Problem, edit: Edit) -> Edit:
    """The edit that undoes this one: applied after it, the problem is as it was."""
    pair = (edit.seeker, edit.place)
    row = _row(problem, edit)
    figures = None if row is None else _figures(problem, row)
    for pin in problem.pins:
        if (pin.seeker, pin.place) == pair:
            return Pinned(*pair, figures) if pin.bond is Bond.PIN else Banned(*pair)
    return Lifted(*pair, dropped=row is None)


def _row(problem: Problem, edit: Edit) -> int | None:
    """The row of the edit's pair, `None` where it is no candidate, or there is no such pair."""
    seeker = problem.seeker_number.get(edit.seeker)
    place = problem.place_number.get(edit.place)
    if seeker is None or place is None:
        return None
    return problem.candidates.row_of(seeker, place)


def _figures(problem: Problem, row: int) -> Figures:
    """What is known of a candidate pair; 0 for a column that nobody gave."""
    columns = problem.candidates
    given = (columns.wish, columns.minutes, columns.fit)
    known = (0.0 if column is None else float(column[row]) for column in given)
    return Figures(float(columns.chance[row]), *known)


def _with_pair(problem: Problem, edit: Pinned) -> Problem:
    """The problem with the pair among its candidates, where the edit brings figures for it."""
    seeker = problem.seeker_number.get(edit.seeker)
    place = problem.place_number.get(edit.place)
    if edit.figures is None or seeker is None or place is None or _row(problem, edit) is not None:
        return problem
    columns = problem.candidates
    pairs = columns.rows_of(seeker)
    at = pairs.start + int(np.searchsorted(columns.place[pairs], place))
    new = {"seeker": seeker, "place": place} | asdict(edit.figures)
    grown = {
        name: np.insert(values, at, new[name])
        for name in new
        if (values := getattr(columns, name)) is not None
    }
    return replace(problem, candidates=Candidates(**grown))


def _without_pair(problem: Problem, edit: Lifted) -> Problem:
    row = _row(problem, edit)
    if row is None or not edit.dropped:
        return problem
    columns = problem.candidates
    shrunk = {
        part.name: np.delete(values, row)
        for part in fields(columns)
        if (values := getattr(columns, part.name)) is not None
    }
    return replace(problem, candidates=Candidates(**shrunk))


def translated(problem: Problem, edited: Problem, rows: Rows) -> Rows:
    """The same pairs as rows of the edited problem; a pair that is gone is left out."""
    old, new = problem.candidates, edited.candidates
    if len(old) == len(new):
        return rows
    places = len(problem.places)
    wanted = old.seeker[rows].astype(np.int64) * places + old.place[rows]
    keys = new.seeker.astype(np.int64) * places + new.place
    return np.flatnonzero(np.isin(keys, wanted, assume_unique=True))
