"""What changed from one plan to the next? New and gone people and places, and who moves.

Counts only: who it is that moves, nobody needs to know who reads this.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from data.store.progress import OUT, Course
from data.store.runs import KeptRun
from office.suppression import is_small, moved


@dataclass(frozen=True, slots=True)
class Figures:
    """What a plan came to on its day; `chance` is that of the target, with the model's error."""

    proposals: int
    expected: float
    chance: float
    base: int
    placed: int
    openings: int


@dataclass(frozen=True, slots=True)
class Changes:
    """From the plan `before` to the plan `after`, in people unless it says places.

    `came` and `left` are people who look, `placed_new` those who had no proposal and have one,
    `placed_lost` the other way round, `moved` those proposed elsewhere. `out_dropped` counts
    proposals that are out and that the later plan does not have. A number of people is `None` where
    it is of fewer than five, or would tell of such a number.
    """

    before: Figures
    after: Figures
    came: int | None
    left: int | None
    kept: int | None
    moved: int | None
    placed_new: int | None
    placed_lost: int | None
    places_came: int
    places_left: int
    out_dropped: int | None


def figures_of(run: KeptRun) -> Figures:
    """What a run came to, as it was kept."""
    told = run.run.result
    return Figures(
        proposals=int(told["proposals"]),
        expected=float(told["expected"]),
        chance=float(told["chance_with_model_error"]),
        base=int(told["base"]),
        placed=int(told["placed_already"]),
        openings=int(run.run.problem.openings.sum()),
    )


def pairs_of(run: KeptRun) -> Mapping[str, str]:
    """Who is proposed where, by ids."""
    problem, rows = run.run.problem, run.run.rows
    seekers = problem.candidates.seeker[rows].tolist()
    places = problem.candidates.place[rows].tolist()
    return {
        problem.seekers[seeker].id: problem.places[place].id
        for seeker, place in zip(seekers, places, strict=True)
    }


def changes(before: KeptRun, after: KeptRun, courses: tuple[Course, ...]) -> Changes:
    """What changed between two kept runs."""
    old, new = pairs_of(before), pairs_of(after)
    people = [{one.id for one in run.run.problem.seekers} for run in (before, after)]
    places = [{one.id for one in run.run.problem.places if one.openings} for run in (before, after)]
    both = old.keys() & new.keys()
    same = sum(old[who] == new[who] for who in both)
    held = moved(same, len(both) - same, len(old.keys() - new.keys()), len(new.keys() - old.keys()))
    came, left = len(people[1] - people[0]), len(people[0] - people[1])
    # Both plans' bases are told: of one of the two the other could be counted.
    is_told = not is_small(came) and not is_small(left)
    out = sum(new.get(one.pseudonym) != one.place for one in courses if one.stage in OUT)
    return Changes(
        before=figures_of(before),
        after=figures_of(after),
        came=came if is_told else None,
        left=left if is_told else None,
        kept=held.kept,
        moved=held.moved,
        placed_new=held.new,
        placed_lost=held.lost,
        places_came=len(places[1] - places[0]),
        places_left=len(places[0] - places[1]),
        out_dropped=None if is_small(out) else out,
    )
