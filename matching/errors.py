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
    TITLE_KNOWN = "title_known"
    CERTIFICATE_UNKNOWN = "certificate_unknown"
    PINNED_TWICE = "pinned_twice"
    PINNED_AND_BANNED = "pinned_and_banned"
    PINNED_OVER_OPENINGS = "pinned_over_openings"
    EXPECTED_OUT_OF_REACH = "expected_out_of_reach"
    FILE_TOO_LARGE = "file_too_large"
    FILE_KIND_UNKNOWN = "file_kind_unknown"
    FILES_APART = "files_apart"
    NUL_BYTES = "nul_bytes"
    ENCODING_MIXED = "encoding_mixed"
    QUOTE_UNCLOSED = "quote_unclosed"
    LINE_TOO_LONG = "line_too_long"
    COLUMNS_TOO_MANY = "columns_too_many"
    CELLS_TOO_MANY = "cells_too_many"
    CELL_TOO_LONG = "cell_too_long"
    CELL_CONTROL = "cell_control"
    CELL_FORMULA = "cell_formula"
    ARCHIVE_INFLATES = "archive_inflates"
    ARCHIVE_MACROS = "archive_macros"
    ARCHIVE_LINKS = "archive_links"
    XML_ENTITIES = "xml_entities"
    SHEET_UNREAD = "sheet_unread"
    LOAD_PARTIAL = "load_partial"
    HEADINGS_UNKNOWN = "headings_unknown"
    FIELD_UNKNOWN = "field_unknown"
    FIELD_TWICE = "field_twice"
    FIELD_PROTECTED = "field_protected"
    SCHOOL_OTHER = "school_other"
    JOIN_AMBIGUOUS = "join_ambiguous"
    JOIN_MISSING = "join_missing"
    MARK_UNKNOWN = "mark_unknown"
    OUTCOME_PLANNED = "outcome_planned"
    OUTCOMES_APART = "outcomes_apart"
    PUPILS_MISSING = "pupils_missing"
    PERSON_TWICE = "person_twice"
    PERSON_CONFLICT = "person_conflict"
    PAIRS_LEFT_OUT = "pairs_left_out"
    CHANGED_SINCE = "changed_since"
    IMPORT_UNKNOWN = "import_unknown"
    UNDONE_ALREADY = "undone_already"
    UNDO_EXPIRED = "undo_expired"
    SETTLED_ALREADY = "settled_already"
    HEAD_TOO_OLD = "head_too_old"
    STORE_UNREACHABLE = "store_unreachable"
    STORE_NEWER = "store_newer"
    STORE_REFUSED = "store_refused"
    STORE_NOT_EMPTY = "store_not_empty"
    SEASON_EMPTY = "season_empty"
    BACKUP_DAMAGED = "backup_damaged"
    RUN_UNKNOWN = "run_unknown"
    RUN_DAMAGED = "run_damaged"
    PLAN_UNKNOWN = "plan_unknown"
    PROPOSAL_UNKNOWN = "proposal_unknown"
    RULING_UNKNOWN = "ruling_unknown"
    TURNED_DOWN = "turned_down"
    RULED_OTHERWISE = "ruled_otherwise"
    BASIS_MISSING = "basis_missing"
    LAST_ADMINISTRATOR = "last_administrator"
    MODEL_UNKNOWN = "model_unknown"
    MODEL_DAMAGED = "model_damaged"
    CARD_OF_ANOTHER = "card_of_another"
    MANUAL_ON = "manual_on"


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
        # A fault's value may be what somebody's cell says: it stands in no text that a log keeps.
        first = f", the first: {faults[0].rule} in row {faults[0].row}" if faults else ""
        super().__init__(f"{len(faults)} faults{first}")
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


class Refused(UebergangError):
    """Somebody asked for what they have no right to; nothing was looked at or changed.

    `right` is what they would need, `school` whose pupils it was about, if a school's.
    """

    def __init__(self, right: str, school: str | None = None) -> None:
        super().__init__(f"refused: {right}")
        self.right = right
        self.school = school
