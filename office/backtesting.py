"""How are past seasons planned again? Files in, the engine's plan for each, figures out."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from matching.assignment import assignment_of
from matching.errors import Fault, FaultyInput, Rule
from matching.plan import Reach
from matching.problem import Candidates, Place, Problem, Seeker
from matching.solvers.flow import flow
from models.backtest import BackTest, Comparison, Gain, Keys, Policy, back_test
from models.doubly_robust import Estimate, Overlap
from models.features import Indexes, Numbers
from models.honest import Choose
from models.rivals import Possible
from office.learning_tables import INVENTED, about, read_declaration, read_history

#: So many faulty rows are named; a reader mends the first ones and asks again.
_MOST_FAULTS = 100


def gone_through(
    history: Path, pairs: Path, declaration: Path | None = None
) -> tuple[BackTest, bool]:
    """The back-test of two files, and whether anything in them says that it is invented.

    Raises `FaultyInput` or `UnusableFile` with everything that is wrong with a file.
    """
    declared = read_declaration(declaration)
    past, possible = read_history(history, declared), read_history(pairs, declared)
    columns = declared.columns
    keys = [name for name in (columns.season, columns.person) if name is not None]
    _check(pairs, possible, [*keys, Keys().place], Keys().openings)
    with about(history):
        found = back_test(past, possible, declared, engine_plan)
    return found, any(
        INVENTED in table and bool(table[INVENTED].any()) for table in (past, possible)
    )


def _check(path: Path, pairs: pd.DataFrame, keys: list[str], openings: str) -> None:
    """Every fault of the keys and openings, by row."""
    missing = [name for name in (*keys, openings) if name not in pairs]
    faults = [Fault(Rule.COLUMN_MISSING, str(path), column=name) for name in missing]
    if faults:
        raise FaultyInput(tuple(faults))
    room = pd.to_numeric(pairs[openings], errors="coerce")
    wrong = (
        (Rule.PAIR_TWICE, keys[-1], pairs.duplicated(keys)),
        (Rule.NOT_WHOLE, openings, room.isna() | (room % 1 != 0)),
        (Rule.NEGATIVE, openings, room < 0),
    )
    for rule, column, rows in wrong:
        for row in np.flatnonzero(rows.to_numpy())[:_MOST_FAULTS].tolist():
            value = str(pairs[column].iloc[row])[:40]
            faults.append(Fault(rule, str(path), row + 2, column, value))
    if faults:
        raise FaultyInput(tuple(faults))


def engine_plan(possible: Possible) -> Choose:
    """The engine's plan of a season: from chances to the rows of the pairs that it takes."""
    order = np.lexsort((possible.place, possible.seeker))
    seeker = possible.seeker[order].astype(np.int32)
    place = possible.place[order].astype(np.int32)
    seekers = tuple(Seeker(f"s{number}") for number in range(int(seeker.max()) + 1))
    places = tuple(Place(f"p{number}", int(room)) for number, room in enumerate(possible.openings))

    def choose(chances: Numbers) -> Indexes:
        problem = Problem(seekers, places, Candidates(seeker, place, chances[order]))
        assignment = assignment_of(problem, Reach())
        return np.sort(order[assignment.chosen_rows(flow(assignment))])

    return choose


def facts(found: BackTest, invented: bool) -> dict[str, object]:
    """All figures for another program; expected starts of first proposals unless said otherwise."""
    together = found.together
    return {
        "invented": invented,
        "left_out": {name: gap.value for name, gap in found.left_out.items()},
        "seasons": [_compared(one) for one in found.by_season],
        "together": None if together is None else _compared(together),
    }


def _compared(one: Comparison) -> dict[str, object]:
    happened = one.happened
    return {
        "season": one.name,
        "people": one.people,
        "happened": {name: getattr(happened, name) for name in happened.__slots__},
        "policies": {
            policy.value: {
                **_estimate(one.values[policy]),
                **(_overlap(one.overlaps[policy]) if policy in one.overlaps else {}),
            }
            for policy in Policy
        },
        "plan_against": {rival.value: _gain(gain) for rival, gain in one.gains.items()},
    }


def _estimate(one: Estimate) -> dict[str, object]:
    return {"starts": one.value, "low": one.low, "high": one.high}


def _overlap(one: Overlap) -> dict[str, object]:
    return {
        "pairs": one.pairs,
        "proposed": one.proposed,
        "effective_sample_size": one.cases,
        "share_shown": one.share_shown,
        "rarely_proposed": one.rare,
        "weight": one.weight,
        "weight_due": one.due,
    }


def _gain(one: Gain) -> dict[str, object]:
    return {
        **_estimate(one.estimate),
        "verdict": one.verdict.value,
        "doubts": [doubt.value for doubt in one.doubts],
        "only_in_plan": _overlap(one.more),
        "only_in_rival": _overlap(one.less),
    }
