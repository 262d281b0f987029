"""Which district do these files state? Seekers, places, target and ways, read together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from data.intake.checks import attempt
from data.intake.place_list import PlaceList, read_place_list
from data.intake.reading import Source
from data.intake.school_list import read_school_lists, training_start_of
from data.intake.season_facts import SeasonFacts
from data.intake.target_file import placed_above_base, read_target
from data.intake.travel_times import TravelTimeList, read_travel_times
from matching.errors import Fault, FaultyInput, Rule
from matching.problem import Place, Seeker
from matching.target import Target


@dataclass(frozen=True, slots=True)
class District:
    """Everything that the files of a district say.

    `training_start` is the day on which ages were taken; `invented` is true as soon as one row of
    any file is marked as invented; `dropped` names the columns of the school lists that were not
    read, `places_dropped` those of the list of places. `facts` are of the day on which a plan is
    drawn; no file says them.
    """

    seekers: tuple[Seeker, ...]
    places: tuple[Place, ...]
    target: Target
    training_start: date
    travel_times: TravelTimeList | None = None
    invented: bool = False
    dropped: tuple[str, ...] = ()
    places_dropped: tuple[str, ...] = ()
    facts: SeasonFacts | None = None


def read_district(
    seekers: Sequence[Source],
    places: Source,
    target: Source | None = None,
    travel_times: Source | None = None,
    *,
    training_start: date | None = None,
    key: bytes = b"",
    occupations: Path | None = None,
) -> District:
    """Read every file of a district.

    Where `training_start` is not given, it is the 1 August of the season in which the target's
    cut-off falls; without a cut-off, that of the season in which the last place starts. `key` and
    `occupations` are as for `read_school_lists`. Raises `FaultyInput` with the faults of all files
    together; `VALUE_MISSING` for `cut_off` if nothing says which season is meant.
    """
    faults: list[Fault] = []
    aim = Target() if target is None else attempt(faults, read_target, target)
    offered = attempt(faults, read_place_list, places, occupations)
    ways = None if travel_times is None else attempt(faults, read_travel_times, travel_times)
    start = training_start or _start(aim, offered)
    lists = attempt(faults, read_school_lists, seekers, start, key=key, occupations=occupations)
    if start is None and not faults:
        faults.append(
            Fault(Rule.VALUE_MISSING, None if target is None else str(target), column="cut_off")
        )
    if aim is not None and lists is not None and not faults:
        people = lists.seekers
        above = placed_above_base(aim.placed_of(people), aim.base_of(people))
        faults += (replace(fault, file=None if target is None else str(target)) for fault in above)
    if faults or aim is None or offered is None or lists is None or start is None:
        raise FaultyInput(tuple(faults))
    invented = lists.invented or offered.invented
    dropped = lists.dropped, offered.dropped
    return District(lists.seekers, offered.places, aim, start, ways, invented, *dropped)


def _start(target: Target | None, offered: PlaceList | None) -> date | None:
    if target is not None and target.cut_off is not None:
        return training_start_of(target.cut_off)
    starts = [] if offered is None else [place.starts for place in offered.places if place.starts]
    return training_start_of(max(starts)) if starts else None
