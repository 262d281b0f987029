"""What can go wrong? One small tree of errors: facts inside, words at the door.

No message here is meant for a reader. Whoever shows an error (a page, a command) words its facts
in the reader's language with `office.words`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Rule(StrEnum):
    """The rule that a value broke. One member a rule; the words for it live in `office.words`."""

    FILE_MISSING = "file_missing"
    FILE_EMPTY = "file_empty"
    FILE_UNREADABLE = "file_unreadable"
    FILE_REFUSED = "file_refused"
    FILE_WOULD_BE_LOST = "file_would_be_lost"
    NO_PLAN_TO_CHECK = "no_plan_to_check"
    NO_ROWS = "no_rows"
    COLUMN_MISSING = "column_missing"
    COLUMN_TWICE = "column_twice"
    COLUMN_COUNT = "column_count"
    KEY_UNKNOWN = "key_unknown"
    VALUE_MISSING = "value_missing"
    VALUE_UNKNOWN = "value_unknown"
    NUMBER_UNREADABLE = "number_unreadable"
    DATE_UNREADABLE = "date_unreadable"
    NOT_WHOLE = "not_whole"
    NEGATIVE = "negative"
    NOT_POSITIVE = "not_positive"
    NUMBER_TOO_LARGE = "number_too_large"
    CONTROL_CHARACTER = "control_character"
    DATE_OUT_OF_RANGE = "date_out_of_range"
    CHANCE_OUT_OF_RANGE = "chance_out_of_range"
    WISH_OUT_OF_RANGE = "wish_out_of_range"
    SHARE_OUT_OF_RANGE = "share_out_of_range"
    CONFIDENCE_OUT_OF_RANGE = "confidence_out_of_range"
    PLACED_ABOVE_BASE = "placed_above_base"
    ID_TWICE = "id_twice"
    PAIR_TWICE = "pair_twice"
    SEEKER_UNKNOWN = "seeker_unknown"
    PLACE_UNKNOWN = "place_unknown"
    PAIR_UNKNOWN = "pair_unknown"
    POSTCODE_UNKNOWN = "postcode_unknown"
    OCCUPATION_UNKNOWN = "occupation_unknown"
    CERTIFICATE_UNKNOWN = "certificate_unknown"
    PINNED_TWICE = "pinned_twice"
    PINNED_AND_BANNED = "pinned_and_banned"
    PINNED_OVER_OPENINGS = "pinned_over_openings"
    EXPECTED_OUT_OF_REACH = "expected_out_of_reach"


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with what was given, as facts.

    `row` counts data rows as a reader of the file does: the heading is row 1, the first data row
    row 2. `None` where a fault concerns no single row, column or file.
    """

    rule: Rule
    file: str | None = None
    row: int | None = None
    column: str | None = None
    value: str | None = None


class UebergangError(Exception):
    """Whatever the product itself refuses to do. Everything else is a defect."""


class FaultyInput(UebergangError):
    """What was given can't be read or checked; every fault at once, nothing was kept."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__(f"{len(faults)} faults, the first: {faults[0]}" if faults else "faults")
        self.faults = faults


class NoPlanPossible(UebergangError):
    """Nothing satisfies what was asked; `faults` names what contradicts what."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__(f"no plan possible: {faults}")
        self.faults = faults


class BrokenPromise(UebergangError):
    """A solver, a price or a proof turned out wrong when recounted: a defect, found in time."""

    def __init__(self, solver: str, facts: tuple[object, ...]) -> None:
        super().__init__(f"{solver}: {facts[:5]}")
        self.solver = solver
        self.facts = facts
