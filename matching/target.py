"""What must be reached? The district's target, and who counts under which definition.

A rate means nothing without its base, so the definition is data and travels with every figure.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction
from typing import Protocol

from matching.errors import Fault, FaultyInput, Rule


class Standing(StrEnum):
    """How a person stands in the season: it decides who is matched and who counts.

    `STARTED` is a dual training contract that came about through a proposal, `OWN_FIND` one that
    the person found alone, `SCHOOL_BASED` training at a vocational school (SCHUAUS). `INTERESTED`
    people are on record but have not registered. `UNKNOWN` is kept apart from not yet placed.
    """

    LOOKING = "looking"
    STARTED = "started"
    OWN_FIND = "own_find"
    SCHOOL_BASED = "school_based"
    INTERESTED = "interested"
    WITHDRAWN = "withdrawn"
    UNKNOWN = "unknown"


class Counted(Protocol):
    """Whoever can be counted: a standing and wishes are all it takes."""

    @property
    def standing(self) -> Standing: ...
    @property
    def wishes(self) -> tuple[str, ...]: ...


@dataclass(frozen=True, slots=True)
class Definition:
    """Who stands in the base of the rate, and who of them counts as placed.

    With `first_wish_only`, people who still look count only if they named a wish.
    """

    name: str
    base: frozenset[Standing]
    placed: frozenset[Standing]
    first_wish_only: bool = False

    def counts(self, person: Counted) -> bool:
        """Whether the person stands in the base."""
        if self.first_wish_only and person.standing is Standing.LOOKING and not person.wishes:
            return False
        return person.standing in self.base


#: A base or a count above this is taken for a slip.
MOST_PEOPLE = 1_000_000_000

_DUAL = frozenset({Standing.STARTED, Standing.OWN_FIND})
_ANY_TRAINING = _DUAL | {Standing.SCHOOL_BASED}
_REGISTERED = frozenset(Standing) - {Standing.INTERESTED}

#: The four presets. Sources: `district`, the labour-market programme; `entered`, the
#: Einmündungsquote of the labour agency's applicant statistics; `interested`, the EQI of the
#: Bundesinstitut für Berufsbildung; `strict`, the Norwegian register of apprenticeships.
DEFINITIONS: dict[str, Definition] = {
    definition.name: definition
    for definition in (
        Definition("district", _REGISTERED, _DUAL),
        Definition("entered", _REGISTERED, _ANY_TRAINING),
        Definition("interested", frozenset(Standing), _ANY_TRAINING),
        Definition(
            "strict",
            _REGISTERED - {Standing.WITHDRAWN, Standing.UNKNOWN},
            _DUAL,
            first_wish_only=True,
        ),
    )
}


@dataclass(frozen=True, slots=True)
class Target:
    """The share of the seekers that must be placed, by when, and how surely.

    Where `base` or `placed` is `None`, it is counted from the people of the problem by the
    definition; a number given here takes precedence. `confidence` is the wanted chance of the
    target. Raises `FaultyInput` for a share or confidence outside (0, 1], or a count that is
    negative or above `MOST_PEOPLE`.
    """

    share: Fraction = Fraction(1, 3)
    definition: str = "district"
    base: int | None = None
    placed: int | None = None
    cut_off: date | None = None
    confidence: float = 0.9

    def __post_init__(self) -> None:
        faults = []
        if not 0 < self.share <= 1:
            faults.append(Fault(Rule.SHARE_OUT_OF_RANGE, column="share", value=str(self.share)))
        if not 0 < self.confidence <= 1:
            value = str(self.confidence)
            faults.append(Fault(Rule.CONFIDENCE_OUT_OF_RANGE, column="confidence", value=value))
        if self.definition not in DEFINITIONS:
            faults.append(
                Fault(Rule.VALUE_UNKNOWN, column="definition", value=str(self.definition))
            )
        for name, count in (("base", self.base), ("placed", self.placed)):
            if count is not None and count < 0:
                faults.append(Fault(Rule.NEGATIVE, column=name, value=str(count)))
            if count is not None and count > MOST_PEOPLE:
                # Such a number may have more digits than can be written down.
                value = f"> {MOST_PEOPLE}"
                faults.append(Fault(Rule.NUMBER_TOO_LARGE, column=name, value=value))
        if faults:
            raise FaultyInput(tuple(faults))

    def base_of(self, people: Iterable[Counted]) -> int:
        """How many of these people the share is taken of."""
        if self.base is not None:
            return self.base
        definition = DEFINITIONS[self.definition]
        return sum(definition.counts(person) for person in people)

    def placed_of(self, people: Iterable[Counted]) -> int:
        """How many of these people count as placed already."""
        if self.placed is not None:
            return self.placed
        definition = DEFINITIONS[self.definition]
        return sum(
            person.standing in definition.placed and definition.counts(person) for person in people
        )
