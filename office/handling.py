"""Do people decide, or do they nod? How many proposals go out as made, and how long a case takes.

Who decides much faster than one can read, or never otherwise than the plan, decides nothing (AI
Act, article 14). This looks at groups of at least five people by school and never at one
colleague: it is about the procedure, not about who works how.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from statistics import median

from data.store.progress import Handled
from office.suppression import LEAST, is_small, pooled, withheld

#: Decisions further apart than this had a break in between and tell of no case.
PAUSE = timedelta(minutes=30)

#: A larger share sent unchanged, of so many people, is a warning: assumptions of ours, no norm.
MOST_UNCHANGED, ENOUGH = 0.95, 20

#: A shorter time on a case, half of the cases below it, is a warning.
SHORTEST = 60.0


@dataclass(frozen=True, slots=True)
class Handling:
    """One group: people decided about, those sent as proposed, and the middle time on a case.

    `school` is `None` for all together, and blank for those that are told together. `unchanged` is
    `None` where it would tell of fewer than five people, `seconds` where fewer than five times are
    known.
    """

    school: str | None
    people: int
    unchanged: int | None
    seconds: float | None
    nods: bool
    hurries: bool


def handling(
    decided: Sequence[Handled], names: Mapping[str, str] | None = None
) -> tuple[Handling, ...]:
    """All together first, then each school of which at least five people were decided about."""
    changed = {one.pseudonym for one in decided if one.changed}
    school = {one.pseudonym: one.school for one in decided}
    seconds = _seconds(decided)
    if is_small(len(school)) or not school:
        return ()
    schools = sorted(set(school.values()))
    sizes = [sum(of == one for of in school.values()) for one in schools]
    together = pooled(sizes)
    known = names or {}
    groups: list[tuple[str | None, set[str]]] = [(None, set(school))]
    rest: set[str] = set()
    for one, is_in in zip(schools, together, strict=True):
        mine = {who for who, of in school.items() if of == one}
        if is_in:
            rest |= mine
        else:
            groups.append((known.get(one, one), mine))
    if rest and len(groups) > 1:
        groups.append(("", rest))
    splits = [(len(people & changed), len(people - changed)) for _, people in groups]
    hidden = withheld(splits[1:]) if not any(map(is_small, splits[0])) else None
    untold = (hidden is None, *(hidden or [True] * len(splits[1:])))
    return tuple(
        _group(name, people, changed, seconds, is_untold)
        for (name, people), is_untold in zip(groups, untold, strict=True)
    )


def _group(
    name: str | None,
    people: set[str],
    changed: set[str],
    seconds: Mapping[str, float],
    is_untold: bool,
) -> Handling:
    same = len(people - changed)
    times = [seconds[who] for who in people if who in seconds]
    middle = median(times) if len(times) >= LEAST else None
    return Handling(
        school=name,
        people=len(people),
        unchanged=None if is_untold else same,
        seconds=middle,
        nods=len(people) >= ENOUGH and same / len(people) > MOST_UNCHANGED,
        hurries=middle is not None and middle < SHORTEST,
    )


def _seconds(decided: Sequence[Handled]) -> dict[str, float]:
    """The time since the same colleague's decision about somebody else, the longest of a person."""
    last: dict[str, Handled] = {}
    found: dict[str, float] = {}
    for one in sorted(decided, key=lambda one: one.at):
        before = last.get(one.by)
        last[one.by] = one
        if before is not None and before.pseudonym != one.pseudonym:
            took = one.at - before.at
            if took <= PAUSE:
                found[one.pseudonym] = max(found.get(one.pseudonym, 0.0), took.total_seconds())
    return found
